"""The code that a world of conditions does not read: its words excuse findings in the code around it."""

from __future__ import annotations

import re
from bisect import bisect_left

from rnnlab_c_syntax.macros import declared_words
from rnnlab_c_syntax.places import Range

_WORD = re.compile(rb"[A-Za-z_]\w*")
#: A branch within a function, by its first line.
_INDENTED = re.compile(rb"(?:[ \t\r]*+\n)++[ \t]++\S")
#: Where the body of a function begins.
_BODY = re.compile(rb"\n\{|(?<=\))[ \t]*\{[ \t]*\n")


class Hidden:
    """The words of the code that a world does not read: they may be what a finding in the other code lacks."""

    def __init__(self, code: bytes, ranges: list[Range]) -> None:
        self.code = code
        self.ranges = ranges
        self._words: dict[int, frozenset[bytes]] = {}
        self._declared: dict[int, frozenset[bytes]] = {}
        self._kept_anywhere: frozenset[bytes] | None = None
        self._kept_in_file: frozenset[bytes] | None = None

    def holds(self, name: str, start: int, end: int) -> bool:
        """Tell whether ``name`` stands in a range that begins between ``start`` and ``end``."""
        if not self.ranges or name.encode() not in self._anywhere:
            return False
        first = bisect_left(self.ranges, (start, 0))
        return any(name.encode() in self._words_of(i) for i in range(first, bisect_left(self.ranges, (end, 0))))

    def _words_of(self, index: int) -> frozenset[bytes]:
        known = self._words.get(index)
        if known is None:
            start, end = self.ranges[index]
            known = self._words[index] = frozenset(_WORD.findall(self.code, start, end))
        return known

    @property
    def _anywhere(self) -> frozenset[bytes]:
        """The words of all ranges."""
        if self._kept_anywhere is None:
            self._kept_anywhere = self._find_anywhere()
        return self._kept_anywhere

    def _find_anywhere(self) -> frozenset[bytes]:
        return frozenset[bytes]().union(*map(self._words_of, range(len(self.ranges))))

    @property
    def _in_file(self) -> frozenset[bytes]:
        """The words that look declared in any range, bodies of functions left out."""
        if self._kept_in_file is None:
            self._kept_in_file = self._find_in_file()
        return self._kept_in_file

    def _find_in_file(self) -> frozenset[bytes]:
        found: set[bytes] = set()
        for start, end in self.ranges:
            if not _INDENTED.match(self.code, start, end):
                found |= declared_words(_without_bodies(self.code[start:end]))
        return frozenset(found)

    def declares(self, name: str, start: int, end: int) -> bool:
        """Tell whether ``name`` looks declared in file scope, or between ``start`` and ``end``."""
        if not self.ranges:
            return False
        word = name.encode()
        if word not in self._anywhere:
            return False
        if word in self._in_file:
            return True
        first, last = bisect_left(self.ranges, (start, 0)), bisect_left(self.ranges, (end, 0))
        return first < last and any(word in self._declared_in(i) for i in range(first, last))

    def _declared_in(self, index: int) -> frozenset[bytes]:
        known = self._declared.get(index)
        if known is None:
            known = self._declared[index] = frozenset(declared_words(self.code, *self.ranges[index]))
        return known


def _without_bodies(code: bytes) -> bytes:
    """Take out what stands in the braces of functions."""
    pieces: list[bytes] = []
    done = 0
    for match in _BODY.finditer(code):
        if match.start() < done:
            continue
        end = code.find(b"\n}", match.end() - 1)
        if end < 0:
            break
        pieces.append(code[done : match.start()])
        done = end
    return b"".join([*pieces, code[done:]])
