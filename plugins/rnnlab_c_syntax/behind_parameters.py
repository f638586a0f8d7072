"""What decorates a function behind its parameters, taken out at equal length: attributes, locks, capitals of macros.

It sees the code without the insides of functions, a line's end before every line.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS, blank_group
from rnnlab_c_syntax.patterns import sign
from rnnlab_c_syntax.places import line_start

_SAYING = (b"ATTRIBUTE", b"PRINTF", b"FORMAT", b"NONNULL")
_SAYS = sign(b"ATTRIBUTE", 6), sign(b"PRINTF", 5), sign(b"FORMAT", 0), sign(b"NONNULL", 4)
_BEHIND_ARGUMENTS = re.compile(
    rb"\)[ \t\n]+([A-Z_]*(?:" + b"|".join(_SAYING) + rb")[A-Z_0-9]*[ \t\n]*" + ARGUMENTS + rb")"
)
_CAPITALS = rb"[A-Z_][A-Z0-9_]{2,}+(?![a-z])"
_BEHIND_HEADER = re.compile(rb"\)[ \t]*+(?:\n[ \t]++(?=[A-Z_]\w*+[ \t]*+;))?(" + _CAPITALS + rb")[ \t]*(?=[;{\n])")
#: ``int f(void) __alias(g);``, and what says of a function which locks it takes.
_BEHIND_PARAMETERS = re.compile(
    rb"\)(?=[ \t\n]++[A-Z_])((?:[ \t\n]++(?:[A-Z_][A-Z0-9_]{2,}+|__\w++)[ \t]*+"
    + ARGUMENTS
    + rb"){1,9}+)(?=\s*+;|[ \t]*+\n\{)"
)
#: The same in small letters behind a prototype: ``static int f (int n) internal_function;``.
_BEHIND_PROTOTYPE = re.compile(rb"\)[ \t\n]++([a-z]\w*+)(?=\s*+;)")
_PROTOTYPE_BEFORE = re.compile(
    rb"\s*+(?!(?:static|extern)\s++[a-z_]\w*+\s*+\()(?:(?!typeof|(?:return|else|goto|case|typedef)\b)[A-Za-z_]\w*+[\s*]++)+(?!(?:__)?typeof)[a-z_]\w*+\s*+"
    + ARGUMENTS
)
_POINTER = re.compile(rb"\w[ \t]*\([ \t]*\*[ \t]*\w+[ \t]*\)[ \t]*\(")
#: A macro that holds a function's type, all of a line or of what stands before its name: ``API(int)``.
_TYPE_ABOVE = re.compile(rb"[A-Z_][A-Z0-9_]++\([\w \t*]++\)")
#: Parameters, which make a function's name of what stands before them: ``LOCK(struct lock *l)``.
_PARAMETERS = re.compile(
    rb"[ \t\n]++\w++[ \t]*+\(\s*+(?:void\s*+\)|(?:const\s++|struct\s++)*+[A-Za-z_]\w*+[\s*]++[A-Za-z_]\w*+\s*+[,)])"
)
_LONGEST_PROTOTYPE = 1000


def behind_parameters(code: bytes) -> bytes:
    """Make what stands behind the parameters of functions blanks."""
    code = _BEHIND_HEADER.sub(_behind_header, code)
    if any(word.search(code) for word in _SAYS):
        code = _BEHIND_ARGUMENTS.sub(blank_group, code)
    code = _BEHIND_PROTOTYPE.sub(_behind_prototype, code)
    return _BEHIND_PARAMETERS.sub(_behind_parameters, code)


def _behind_header(match: re.Match[bytes]) -> bytes:
    """Blank out capitals behind a function's parameters, where the line begins in the first column."""
    line = line_start(match.string, match.start(), 400)
    text = match.string[line : match.start()]
    is_header = text[:1].isalpha() or text[:1] == b"_" or _POINTER.search(text) is not None
    is_header = is_header and b"=" not in text and b"{" not in text
    if is_header or match.string[match.end() : match.end() + 1] != b";":
        return blank_group(match) if is_header else match[0]
    return _behind_prototype(match)  # the last of several lines


def _behind_prototype(match: re.Match[bytes]) -> bytes:
    """Blank out words behind the parameters of a prototype; behind what only looks so they are a macro's variables."""
    code = match.string
    first = max(0, match.start() - _LONGEST_PROTOTYPE)
    start = max(code.rfind(mark, first, match.start()) for mark in (b";", b"}", b"{"))
    before = _PROTOTYPE_BEFORE.fullmatch(code, max(start + 1, first), match.start() + 1)
    return blank_group(match) if before is not None else match[0]


def _behind_parameters(match: re.Match[bytes]) -> bytes:
    """Blank out macros with arguments behind a function's parameters: in front of a body, or of a prototype."""
    if match.string[match.end() : match.end() + 80].lstrip()[:1] == b";":
        line = line_start(match.string, match.start(), 400)
        text = match.string[line : match.start()]
        if not (text[:1].isalpha() or text[:1] == b"_") or b" " not in text.partition(b"(")[0].strip():
            return match[0]
    if (match[1].startswith(b"\n__") or _PARAMETERS.match(match[1])) and _TYPE_ABOVE.fullmatch(
        match.string, line_start(match.string, match.start(), 400), match.start() + 1
    ):
        return match[0]  # it is the function's name and its parameters
    return blank_group(match)
