"""Qualifiers of a project's own in declarations, taken out at equal length: the parser gives up on them.

``row_t *const no_alias row = rows;``, ``static char ALIGNED(16) sums[] = { 0 };``, ``int first, last not_unused;``.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS, blank, blank_group
from rnnlab_c_syntax.places import Range, holds, line_start

#: A word between the star of a pointer and its name: ``row_t *const no_alias row = rows;``.
_BEHIND_STAR = re.compile(rb"\*[ \t]*+(?:const[ \t]++)?(?=[a-z]++_)([a-z]\w*+)(?=[ \t]++[A-Za-z_]\w*+\s*+[=;,])")
_TYPE_LINE = re.compile(rb"[ \t]*+(?!(?:return|goto|else|case)\b)[A-Za-z_][\w \t]*+")
#: A macro with arguments behind the type: ``static const char ALIGNED(16) sums[] = { 0 };``.
_BEHIND_TYPE = re.compile(
    rb"\n[ \t]*+(?!(?:return|goto|else|case)\b)(?:[A-Za-z_]\w*+[ \t]++)++(?<!struct )([A-Z_][A-Z0-9_]++[ \t]*+"
    + ARGUMENTS
    + rb")(?=[ \t]++\**+[A-Za-z_]\w*+\s*+(?:=(?!=)|[;,\[]))"
)
#: What says that something is done at the end of a scope: ``g_autofree const char **names = NULL;``.
_AT_END = re.compile(
    rb"\n[ \t]++((?:[a-z]++_)?(?:auto|cleanup|unused)[a-z_]++)"
    rb"(?=[ \t]++(?:const[ \t]++)?(?:struct[ \t]++)?[A-Za-z_]\w*+[ \t*]++[A-Za-z_]\w*+\s*+(?:=(?!=)|;))"
)
#: A macro that is given the name and the type of an array: ``DECLARE_ALIGNED(16, short, sums)[8] = { n };``.
_ARRAY = re.compile(
    rb"\n[ \t]++((?:static[ \t]++)?+[A-Z_]*?(?:DECLARE|ALIGN)[A-Z0-9_]*+\([\w \t,*]*?,[ \t]*+)[A-Za-z_]\w*+[ \t]*+(\))"
    rb"(?=(?:\[[^][;{}]*+\])++\s*+[=;])"
)
#: What says so behind the last of several names: ``int first, last not_unused;``.
_UNUSED = re.compile(rb"_unused(?=\s*+[;=,])")
_NAME_BEFORE = re.compile(
    rb"(?:,[ \t]*+|(?<![\w.>])(?!(?:return|goto|else|case|sizeof|const|volatile|static|extern|register)\b)"
    rb"[A-Za-z_]\w*+[ \t*]++)(?!(?:char|short|int|long|float|double|signed|unsigned|bool)\b)"
    rb"[A-Za-z_]\w*+(?:\[\w*+\])?[ \t]++([a-z]++)\Z"
)
_LONGEST_NAME = 80
_LONGEST_LINE = 200
_LONGEST_HEADER = 1000
_LINE_END = 0x0A


def without_qualifiers(code: bytes) -> bytes:
    """Make blanks of such qualifiers behind types, stars and names."""
    code = blank(code, [found.span(1) for found in _BEHIND_STAR.finditer(code) if _is_in_declaration(found)])
    code = _BEHIND_TYPE.sub(blank_group, code)
    code = _ARRAY.sub(_array, code)
    code = _AT_END.sub(_auto, code)
    return blank(code, _unused(code)) if holds(code, b"_unused") else code


def _is_in_declaration(match: re.Match[bytes]) -> bool:
    """Tell whether nothing but words stands before a pointer in its line, or it is a parameter."""
    code, at = match.string, match.start()
    line = line_start(code, at, _LONGEST_LINE)
    return _TYPE_LINE.fullmatch(code, line, at) is not None or _is_in_header(code, at)


def _is_in_header(code: bytes, at: int) -> bool:
    """Tell whether what stands at ``at`` is among the parameters of a function: that begins in the first column."""
    first = max(0, at - _LONGEST_HEADER)
    begin = max(first, *(code.rfind(mark, first, at) + 1 for mark in (b";", b"{", b"}")))
    header = code[begin:at].lstrip()
    return b"(" in header and header[:1].isalpha() and code[at - len(header) - 1] == _LINE_END


def _auto(match: re.Match[bytes]) -> bytes:
    """Put a word of the language in the place of another: without one the line would look deeper."""
    return match[0][: match.start(1) - match.start()] + b"auto".ljust(len(match[1]))


def _array(match: re.Match[bytes]) -> bytes:
    """Leave of a macro the array that it declares."""
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return match[0][:start] + b"int".ljust(end - start) + match[0][end:-1] + b" "


def _unused(code: bytes) -> list[Range]:
    """List the words behind names that say that they may stay unused."""
    found: list[Range] = []
    for match in _UNUSED.finditer(code):
        first = max(0, match.start() - _LONGEST_NAME)
        if name := _NAME_BEFORE.search(code[first : match.start()]):
            found.append((first + name.start(1), match.end()))
    return found
