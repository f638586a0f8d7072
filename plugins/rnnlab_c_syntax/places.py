"""Where things stand: ranges of offsets, offsets to lines and columns, and the indentation of a line."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

#: From where to where.
Range = tuple[int, int]
ROUND = re.compile(rb"[()]")
#: Leaves of a text words with blanks between them.
ONLY_WORDS = bytes(c if c < 0x80 and (chr(c).isalnum() or chr(c) == "_") else 0x20 for c in range(256))
_LAST_WORD = re.compile(rb"[A-Za-z_]\w*\Z")
_BEHIND_ALL = 1 << 60
_INDENT = re.compile(rb"[ \t]*")
_TAB = 8
_BLOCK = 1024
#: Few lines are longer.
_NEAR = 1000


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


def united(ranges: list[Range], others: list[Range]) -> list[Range]:
    """Put the ranges of two lists into one, in order, those that overlap as one."""
    found: list[Range] = []
    for start, end in sorted([*ranges, *others]):
        if found and start <= found[-1][1]:
            start, end = found[-1][0], max(end, found.pop()[1])
        found.append((start, end))
    return found


def joined(ranges: list[Range], others: list[Range]) -> list[Range]:
    """Widen ``ranges`` by those of ``others`` that they overlap, and join those that then do; all are in order."""
    found: list[Range] = []
    for start, end in ranges:
        index = max(bisect_right(others, (start, _BEHIND_ALL)) - 1, 0)
        while index < len(others) and others[index][0] < end:
            if others[index][1] > start:
                start, end = min(start, others[index][0]), max(end, others[index][1])
            index += 1
        if found and start < found[-1][1]:
            start, end = found[-1][0], max(end, found.pop()[1])
        found.append((start, end))
    return found


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


def find_words(text: bytes, word: bytes) -> list[int]:
    """Give all places where ``word`` stands in ``text``, and not as a part of another word."""
    found: list[int] = []
    at = find_word(text, word, 0, len(text))
    while at >= 0:
        found.append(at)
        at = find_word(text, word, at + len(word), len(text))
    return found


def last_word(text: bytes) -> str:
    """Give the word that a cut text ends in: it may be half of one, even if it stands before as a whole."""
    if not text[-1:].isalnum() and text[-1:] != b"_":
        return ""
    word = _LAST_WORD.search(text, max(0, len(text) - 200))
    return "" if word is None else word[0].decode()


def _is_of_word(character: bytes) -> bool:
    return character.isalnum() or character == b"_"


class Lines:
    """The lines of a text, each told by where it starts.

    A line's start is looked for nearby, and a place counted from the block of the text that holds it: both take less
    time than a table of all lines, which is made where a line is very long.
    """

    def __init__(self, code: bytes) -> None:
        self.code = code
        self._indents: dict[int, int] = {}
        self._kept_starts: list[int] | None = None
        self._kept_blocks: list[Range] | None = None

    def start(self, position: int) -> int:
        """Give where the line starts that holds ``position``."""
        before = self.code.rfind(b"\n", max(0, position - _NEAR), position)
        if before >= 0 or position <= _NEAR:
            return before + 1
        return self._starts[bisect_right(self._starts, position) - 1]

    def end(self, position: int) -> int:
        """Give where the line ends that holds ``position``: at its line feed, or where the text ends."""
        end = self.code.find(b"\n", position)
        return len(self.code) if end < 0 else end

    @property
    def _starts(self) -> list[int]:
        """Where each line starts."""
        if self._kept_starts is None:
            self._kept_starts = self._find_starts()
        return self._kept_starts

    def _find_starts(self) -> list[int]:
        lengths = map((1).__add__, map(len, self.code.split(b"\n")))
        return list(accumulate(lengths, initial=0))[:-1]

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
        return self.start(start), min(self.end(max(start, end - 1)) + 1, len(self.code))

    def indent(self, position: int) -> int:
        """Give how many columns the line of ``position`` is indented; tabs go to multiples of 8."""
        start = self.start(position)
        known = self._indents.get(start)
        if known is None:
            match = _INDENT.match(self.code, start)
            blanks = match[0] if match else b""
            known = len(blanks.expandtabs(_TAB)) if b"\t" in blanks else len(blanks)
            self._indents[start] = known
        return known

    def is_first(self, position: int) -> bool:
        """Tell whether only blanks stand before ``position`` in its line."""
        match = _INDENT.match(self.code, self.start(position))
        return match is not None and match.end() >= position
