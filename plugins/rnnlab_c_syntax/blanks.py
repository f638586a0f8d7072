"""Blanks in the place of bytes, at equal length: line ends stay, so that every place keeps its line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rnnlab_c_syntax.lexical import BLANK
from rnnlab_c_syntax.patterns import arguments

_LAST_WORD = re.compile(rb"[A-Za-z_]\w*\Z")
#: Balanced parentheses, three deep, of one statement.
ARGUMENTS = arguments(b"(){};")


def blank(code: bytes, ranges: Iterable[tuple[int, int]]) -> bytes:
    """Make ``ranges``, which are in order, blanks."""
    pieces: list[bytes] = []
    done = 0
    for start, end in ranges:
        if end <= done:
            continue
        start = max(start, done)
        pieces.append(code[done:start])
        pieces.append(code[start:end].translate(BLANK))
        done = end
    if not pieces:
        return code
    pieces.append(code[done:])
    return b"".join(pieces)


def blank_match(match: re.Match[bytes]) -> bytes:
    """Make all that a pattern found blanks."""
    return match[0].translate(BLANK)


def blank_group(match: re.Match[bytes]) -> bytes:
    """Make the first group of what a pattern found blanks."""
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return match[0][:start] + match[0][start:end].translate(BLANK) + match[0][end:]


def last_word(text: bytes) -> str:
    """Give the word that a cut text ends in: it may be half of one, even if it stands before as a whole."""
    if not text[-1:].isalnum() and text[-1:] != b"_":
        return ""
    word = _LAST_WORD.search(text, max(0, len(text) - 200))
    return "" if word is None else word[0].decode()
