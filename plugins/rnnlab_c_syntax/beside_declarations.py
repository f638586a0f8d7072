"""Statements beside declarations by their looks: where a macro stands among them, it may declare, too."""

from __future__ import annotations

import re

_DECLARATION = re.compile(
    rb"\s*+(?!(?:return|goto|else|case)\b)[A-Za-z_]\w*+(?:(?:[ \t]++[A-Za-z_]\w*+)++"
    rb"|(?:[ \t]++[A-Za-z_]\w*+)*+[ \t]*+\*[ \t*]*+[A-Za-z_]\w*+)\s*+(?:=(?!=)|[;,\[])"
)
_MACRO_STATEMENT = re.compile(rb"\s*+[A-Z_][A-Z0-9_]++[ \t]*+\([^(){};]*+\)[ \t]*+;")
_LONGEST_STATEMENT = 600
#: So many stand between a macro that declares and the next declaration.
_MOST_MACROS = 20


def begins_declaration(code: bytes, position: int) -> bool:
    """Tell whether a declaration by its looks begins at ``position``."""
    return _DECLARATION.match(code, position, position + _LONGEST_STATEMENT) is not None


def precedes_declaration(code: bytes, position: int) -> bool:
    """Tell whether a declaration by its looks comes behind the statement that ends after ``position``."""
    end = code.find(b";", position, position + _LONGEST_STATEMENT)
    for _ in range(_MOST_MACROS if end >= 0 else 0):
        macro = _MACRO_STATEMENT.match(code, end + 1, end + _LONGEST_STATEMENT)
        if macro is None:
            break
        end = macro.end() - 1  # ``TABLE(rows); SUMS(cells); int n;``
    return end >= 0 and begins_declaration(code, end + 1)


def follows_declaration(code: bytes, position: int) -> bool:
    """Tell whether the statement that ends before ``position`` is a declaration by its looks."""
    before = max(0, position - _LONGEST_STATEMENT)
    end = len(code[before:position].rstrip()) + before
    if code[max(end - 1, 0) : end] != b";":
        return False
    begin = max(code.rfind(mark, before, end - 1) for mark in (b";", b"{", b"}"))
    return begin >= 0 and _DECLARATION.match(code, begin + 1, end) is not None
