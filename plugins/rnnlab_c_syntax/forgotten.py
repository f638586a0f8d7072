"""Declarations whose semicolon was forgotten at the end of a line: they get one in place of the line's end.

A grammar takes ``DIR *dir`` with ``struct dirent *entry;`` below it for something else, and what it makes of
that costs the function its names. A declaration of that kind looks like nothing else where a statement begins.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.keywords import KEYWORDS, QUALIFIERS, TAGGED, TYPE_WORDS
from rnnlab_c_syntax.looks import is_macro_name

#: An indented line of nothing but words and stars, and no more of it on a deeper line below.
_LINE = re.compile(rb"\n([ \t]++)([A-Za-z_][\w \t*,]*+(?:\[\w*+\])*+)([ \t]*+)(?=\n(?:[ \t]*\n)*+([ \t]*+)[A-Za-z_}])")
_DECLARATION = re.compile(
    rb"((?:[A-Za-z_]\w*+[ \t]++)*[A-Za-z_]\w*+)([ \t*]++)([A-Za-z_]\w*+)(?:[ \t]*+,[ \t*]*+\w++|\[\w*+\])*+"
)
_NO_TYPE = KEYWORDS - TYPE_WORDS
_LONGEST_GAP = 200


def mend(code: bytes) -> tuple[bytes, list[int]]:
    """Give each such declaration of ``code`` its semicolon, and list where each lacked it."""
    pieces: list[bytes] = []
    lacking: list[int] = []
    done = 0
    for match in _LINE.finditer(code):
        if len(match[4].expandtabs()) > len(match[1].expandtabs()) or not _declares(match[2]):
            continue
        before = code[max(0, match.start() - _LONGEST_GAP) : match.start()].rstrip()
        if before[-1:] in (b";", b"{", b"}"):
            lacking.append(match.end(2))
            pieces += [code[done : match.end(2)], b";"]
            done = match.end(2) + 1
    return (b"".join([*pieces, code[done:]]), lacking) if lacking else (code, lacking)


def _declares(line: bytes) -> bool:
    """Tell whether a line is a type and the names of variables."""
    match = _DECLARATION.fullmatch(line)
    if match is None:
        return False
    words = match[1].split()
    kind = [word for word in words if word not in QUALIFIERS]
    if not kind or match[3] in KEYWORDS or not _NO_TYPE.isdisjoint(words):
        return False
    if kind[0] in TAGGED:
        return len(kind) == 2
    return b"*" in match[2] or not is_macro_name(kind[0].decode())
