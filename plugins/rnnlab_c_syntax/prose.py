"""Branches that hold a line of prose: who wrote them wanted a compiler that comes there to stop.

``#if LEAST != 3`` with ``put it in LEAST-3 more times`` and ``#endif``; nobody means what the words may declare or use.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import blank
from rnnlab_c_syntax.lexical import Lexed
from rnnlab_c_syntax.places import Range

_BEGINS, _ENDS = re.compile(rb"\s*+#[ \t]*+(?:if|el)"), re.compile(rb"\s*+#[ \t]*+(?:el|endif)")
_WORD = (
    rb"(?!(?:static|inline|unsigned|signed|const|volatile|extern|long|short|int|char|struct|union|enum|void|register|float"
    rb"|double|bool|return|else|if|case|goto|do|sizeof|typedef|auto)\b)[a-z]++"
)
#: Three words side by side, or two behind a number, in a line that no statement is.
_PROSE = re.compile(rb"\s*+[^\n;{}=\"]*?(?:\b" + _WORD + rb"|\d)(?:[ \t]" + _WORD + rb"\b){2}[^\n;{}=\"]*+\s*+")
_LONGEST = 200


def without_prose(raw: bytes, lexed: Lexed) -> bytes:
    """Give the code without the branches that are a line of prose each."""
    code = lexed.code
    found: list[Range] = []
    begin, last = 0, -_LONGEST
    for start, end in lexed.directives:
        is_prose = last < start < last + _LONGEST and _is_prose(code[last:start])
        if is_prose and _BEGINS.match(raw, begin) and _ENDS.match(raw, start):
            found.append((last, start))
        begin, last = start, end
    return blank(code, found)


def _is_prose(text: bytes) -> bool:
    last = text.rstrip()[-1:]
    return (last.isalnum() or last in (b".", b"!")) and _PROSE.fullmatch(text) is not None
