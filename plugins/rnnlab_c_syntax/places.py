"""Where things stand: ranges of offsets, offsets to lines and columns, and the indentation of a line."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

#: From where to where.
Range = tuple[int, int]
ROUND = re.compile(rb"[()]")
_BEHIND_ALL = 1 << 60
_INDENT = re.compile(rb"[ \t]*")
_TAB = 8
_BLOCK = 1024


def line_start(code: bytes, position: int, most: int) -> int:
    """Give where the line begins in which ``position`` is, but at most ``most`` before it."""
    first = max(0, position - most)
    return max(first, code.rfind(b"\n", first, position) + 1)


def closing(code: bytes, opening: int, most: int) -> int:
    """Give where the parenthesis at ``opening`` is closed; -1 if that is not within ``most`` characters."""
    depth = 0
    for match in ROUND.finditer(code, opening, opening + most):
        depth += 1 if match[0] == b"(" else -1
        if not depth:
            return match.start()
    return -1


def contains(ranges: list[Range], position: int) -> bool:
    """Tell whether one of ``ranges``, which are in order, holds ``position``."""
    index = bisect_right(ranges, (position, _BEHIND_ALL)) - 1
    return index >= 0 and position < ranges[index][1]


def overlaps(ranges: list[Range], start: int, end: int) -> bool:
    """Tell whether one of ``ranges``, which are in order, reaches between ``start`` and ``end``."""
    index = bisect_right(ranges, (start, _BEHIND_ALL))
    return (index > 0 and ranges[index - 1][1] > start) or (index < len(ranges) and ranges[index][0] < end)


def without(ranges: list[Range], others: list[Range]) -> list[Range]:
    """Give what is left of ``ranges`` when ``others`` are taken out; both are in order."""
    left: list[Range] = []
    index = 0
    for start, end in ranges:
        while index < len(others) and others[index][1] <= start:
            index += 1
        here = index
        while here < len(others) and others[here][0] < end:
            if others[here][0] > start:
                left.append((start, others[here][0]))
            start = max(start, others[here][1])
            here += 1
        if start < end:
            left.append((start, end))
        index = max(index, here - 1)
    return left


def holds(text: bytes, part: bytes) -> bool:
    """Tell whether ``part`` stands in ``text``; ``in`` would try it for a number first, and take four times as long."""
    return text.find(part) >= 0


def holds_word(text: bytes, word: bytes, end: int | None = None) -> bool:
    """Tell whether ``word`` stands in ``text`` before ``end``, and not as a part of another word."""
    return find_word(text, word, 0, len(text) if end is None else end) >= 0


def find_word(text: bytes, word: bytes, start: int, end: int) -> int:
    """Give where ``word`` stands in a range of ``text``, and not as a part of another word; -1 if nowhere."""
    at = text.find(word, start, end)
    while at >= 0:
        behind = at + len(word)
        if not _is_of_word(text[max(at - 1, 0) : at]) and not _is_of_word(text[behind : min(behind + 1, end)]):
            return at
        at = text.find(word, at + 1, end)
    return -1


def _is_of_word(character: bytes) -> bool:
    return character.isalnum() or character == b"_"


class Lines:
    """The lines of a text. Lines count from 0 here; columns are offsets in the line.

    A place is found by counting from the block of the text that holds it. The table of all lines, which takes
    longer to make than that, is for those who go from line to line.
    """

    def __init__(self, code: bytes) -> None:
        self.code = code
        self._indents: dict[int, int] = {}
        self._kept_starts: list[int] | None = None
        self._kept_blocks: list[Range] | None = None

    @property
    def starts(self) -> list[int]:
        """Where each line starts."""
        if self._kept_starts is None:
            self._kept_starts = self._find_starts()
        return self._kept_starts

    def _find_starts(self) -> list[int]:
        lengths = map((1).__add__, map(len, self.code.split(b"\n")))
        return list(accumulate(lengths, initial=0))[:-1]

    def line(self, position: int) -> int:
        """Give the line that holds ``position``."""
        return bisect_right(self.starts, position) - 1

    def place(self, position: int) -> tuple[int, int]:
        """Give line and column, both from 1, of ``position``."""
        blocks = self._blocks
        block = min(position // _BLOCK, len(blocks) - 1)
        line, start = blocks[block]
        first = block * _BLOCK
        before = self.code.rfind(b"\n", first, position)
        if before >= 0:
            line += self.code.count(b"\n", first, before + 1)
            start = before + 1
        return line, position - start + 1

    @property
    def _blocks(self) -> list[Range]:
        """For each block of the text the line that it begins in, from 1, and where that line starts."""
        if self._kept_blocks is None:
            self._kept_blocks = self._find_blocks()
        return self._kept_blocks

    def _find_blocks(self) -> list[Range]:
        line, start = 1, 0
        blocks = [(line, start)]
        for end in range(_BLOCK, len(self.code), _BLOCK):
            if found := self.code.count(b"\n", end - _BLOCK, end):
                line += found
                start = self.code.rfind(b"\n", end - _BLOCK, end) + 1
            blocks.append((line, start))
        return blocks

    def whole(self, start: int, end: int) -> Range:
        """Give the range of the lines that hold a range."""
        line = self.line(max(start, end - 1))
        stop = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.code)
        return self.starts[self.line(start)], stop

    def text(self, line: int) -> bytes:
        """Give a line without its end."""
        stop = self.starts[line + 1] - 1 if line + 1 < len(self.starts) else len(self.code)
        return self.code[self.starts[line] : stop]

    def indent(self, line: int) -> int:
        """Give how many columns a line is indented; tabs go to multiples of 8."""
        known = self._indents.get(line)
        if known is None:
            match = _INDENT.match(self.code, self.starts[line])
            blanks = match[0] if match else b""
            known = len(blanks.expandtabs(_TAB)) if b"\t" in blanks else len(blanks)
            self._indents[line] = known
        return known

    def is_first(self, position: int) -> bool:
        """Tell whether only blanks stand before ``position`` in its line."""
        start = self.starts[self.line(position)]
        match = _INDENT.match(self.code, start)
        return match is not None and match.end() >= position

    def is_blank(self, line: int) -> bool:
        """Tell whether a line holds nothing but blanks."""
        return not self.text(line).strip()
