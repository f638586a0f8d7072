"""What stands beside a parameter in the body of a macro, and whether only a value may stand there."""

from __future__ import annotations

import re

#: What gcc has before all further arguments, for it takes the comma away where there are none: ``, ##__VA_ARGS__``.
_REST = re.compile(rb",\s*##\Z")
#: A parameter that is quoted, or of which the type or the size is taken, may be used as a value all the same.
_SAYS_NOTHING = re.compile(rb"(?<!#)#\s*\Z|\b(?:typeof|__typeof__|__typeof|sizeof)\s*\(\s*\Z")
#: What stands before a parameter in parentheses that a macro declares so: ``const char *(name);``.
_DECLARES_BEFORE = re.compile(rb"(?:\A|[;{}])\s*+(?!return\b)[A-Za-z_]\w*+(?:\s++[A-Za-z_]\w*+)*+\s*+\*[\s*]*+\(\Z")
_DECLARES_BEHIND = re.compile(rb"\)\s*+(?:;|\Z)")
#: The first and the last characters of operators that stand between values; a star may be a pointer's.
_OPERATORS = (b"=", b"!", b"<", b">", b"+", b"-", b"/", b"%", b"|", b"?", b":")
#: How far around a parameter in a body is looked at.
_NEAR = 200


def says_nothing(body: bytes, start: int) -> bool:
    """Tell whether a use of a parameter is quoted or measured, which goes for a value as for anything else."""
    return _SAYS_NOTHING.search(body, max(0, start - _NEAR), start) is not None


def is_operand(body: bytes, start: int, end: int) -> bool:
    """Tell whether a use of a parameter is in parentheses of its own, or beside an operator: no declaration is so."""
    before, after = body[max(0, start - _NEAR) : start].rstrip(), body[end : end + _NEAR].lstrip()
    if after.startswith(b")"):
        return before[-1:] in _OPERATORS or (
            before.endswith(b"(") and not before[-2:-1].isalnum() and before[-2:-1] != b"_"
        )
    begins, ends = before[-1:], after[:1]
    return (begins in (b"(", b";") or begins in _OPERATORS) and (ends in (b"=", b".", b";") or ends in _OPERATORS)


def is_value(body: bytes, start: int, end: int) -> bool:
    """Tell whether a use of a parameter stands where an expression may."""
    before, after = body[max(0, start - _NEAR) : start].rstrip(), body[end : end + _NEAR].lstrip()
    if after.startswith(b")") and _REST.search(before):
        return True
    if before.endswith((b"#", b".", b"->", b"struct", b"union", b"enum", b"goto")) or after.startswith(b"##"):
        return False
    if before.endswith(b"}") and after[:1] in (b"", b";", b"=", b"[", b","):
        return False  # ``struct { int mask; } name``
    if after[:1].isalpha() or after[:1] == b"_" or (before[-1:].isalnum() and not before.endswith(b"return")):
        return False  # it stands in a declaration, as the type or as the name
    if re.match(rb"\*+\s*(?:[A-Za-z_)]|$)", after) and before[-1:] in (b"(", b"{", b";", b""):
        return False  # (type *)
    if _DECLARES_BEHIND.match(after) and _DECLARES_BEFORE.search(before):
        return False
    # it may be a type
    return not before.endswith(b"(") or not before[:-1].rstrip().endswith(
        (b"sizeof", b"alignof", b"_Alignof", b"typeof")
    )
