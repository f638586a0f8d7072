"""Blanks in the place of bytes, at equal length: line ends stay, so that every place keeps its line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rnnlab_c_syntax.lexical import BLANK
from rnnlab_c_syntax.patterns import arguments

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
