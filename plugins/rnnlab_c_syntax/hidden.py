"""The code that a world of conditions does not read: its words excuse findings in the code around it."""

from __future__ import annotations

import re
from bisect import bisect_left

from rnnlab_c_syntax.macros import declared_words
from rnnlab_c_syntax.places import ONLY_WORDS, ROUND, Range, find_word, holds_word

#: A branch within a function, by its first line.
_INDENTED = re.compile(rb"(?:[ \t\r]*+\n)++[ \t]++\S")
#: The last line of a text that begins in the first column.
_LAST_AT_MARGIN = re.compile(rb"(?:\A|\n)([^\s#][^\n]*+)\n(?:[ \t][^\n]*+\n|\n)*+[^\n]*+\Z")
_LONGEST_GAP = 2000
_LONGEST_HEADER = 2000
_LONGEST_NAME = 80
_CLOSE = 0x29
_MACRO = re.compile(rb"\b[A-Z_][A-Z0-9_]*+\s*+\Z")
#: A function's name, at the end of a header without its parameters.
_NAME = re.compile(rb"(?<!\w)([A-Za-z_]\w*+)\s*+\Z")
#: Where the body of a function begins.
_BODY = re.compile(rb"\{(?:(?<=\n.)|(?<=\).)[ \t]*+\n|(?<=\)[ \t].)[ \t]*+\n)")
#: So many names are looked for one by one in less time than all words are told apart.
_MANY = 32


class Hidden:
    """The words of the code that a world does not read: they may be what a finding in the other code lacks.

    Most texts ask for few names, and those that stand in no hidden code are most of them: they are looked for one by
    one. All words are told apart where many are asked for.
    """

    def __init__(self, code: bytes, ranges: list[Range]) -> None:
        self.code = code
        self.ranges = ranges
        self._stands: dict[bytes, bool] = {}
        self._is_file: dict[bytes, bool] = {}
        self._words: dict[int, frozenset[bytes]] = {}
        self._declared: dict[int, frozenset[bytes]] = {}
        self._declared_in_file: dict[int, frozenset[bytes]] = {}
        self._kept_text: bytes | None = None
        self._kept_anywhere: frozenset[bytes] | None = None
        self._kept_in_file: frozenset[bytes] | None = None

    def holds(self, name: str, start: int, end: int) -> bool:
        """Tell whether ``name`` stands in a range that begins between ``start`` and ``end``."""
        if not self.ranges:
            return False
        first, last = bisect_left(self.ranges, (start, 0)), bisect_left(self.ranges, (end, 0))
        if first >= last:
            return False
        word = name.encode()
        return self._stands_anywhere(word) and any(word in self._words_of(i) for i in range(first, last))

    def _words_of(self, index: int) -> frozenset[bytes]:
        known = self._words.get(index)
        if known is None:
            start, end = self.ranges[index]
            known = self._words[index] = _words(self.code[start:end])
        return known

    def _stands_anywhere(self, word: bytes) -> bool:
        """Tell whether ``word`` stands in any range."""
        known = self._stands.get(word)
        if known is None:
            if len(self._stands) < _MANY:
                known = holds_word(self._text, word)
            else:
                known = word in self._anywhere
            self._stands[word] = known
        return known

    @property
    def _text(self) -> bytes:
        """All ranges behind each other."""
        if self._kept_text is None:
            self._kept_text = self._find_text()
        return self._kept_text

    def _find_text(self) -> bytes:
        return b"\n".join([self.code[start:end] for start, end in self.ranges])

    @property
    def _anywhere(self) -> frozenset[bytes]:
        """The words of all ranges."""
        if self._kept_anywhere is None:
            self._kept_anywhere = _words(self._text)
        return self._kept_anywhere

    def _is_in_file(self, word: bytes) -> bool:
        """Tell whether ``word`` looks declared in any range, bodies of functions left out."""
        known = self._is_file.get(word)
        if known is None:
            if len(self._is_file) < _MANY:
                known = any(word in self._in_file_of(i) for i in self._holding(word))
            else:
                known = word in self._in_file
            self._is_file[word] = known
        return known

    def _holding(self, word: bytes) -> list[int]:
        """List the ranges in which ``word`` stands."""
        return [i for i, (start, end) in enumerate(self.ranges) if find_word(self.code, word, start, end) >= 0]

    def _in_file_of(self, index: int) -> frozenset[bytes]:
        known = self._declared_in_file.get(index)
        if known is None:
            known = self._declared_in_file[index] = self._find_in_file_of(*self.ranges[index])
        return known

    def _find_in_file_of(self, start: int, end: int) -> frozenset[bytes]:
        if _INDENTED.match(self.code, start, end) and not _follows_declaration(self.code, start):
            return frozenset()
        outside, functions = _without_bodies(self.code[start:end])
        return frozenset(declared_words(outside)) | functions

    @property
    def _in_file(self) -> frozenset[bytes]:
        """The words that look declared in any range, bodies of functions left out."""
        if self._kept_in_file is None:
            self._kept_in_file = self._find_in_file()
        return self._kept_in_file

    def _find_in_file(self) -> frozenset[bytes]:
        return frozenset[bytes]().union(*map(self._in_file_of, range(len(self.ranges))))

    def declares(self, name: str, start: int, end: int) -> bool:
        """Tell whether ``name`` looks declared in file scope, or between ``start`` and ``end``."""
        if not self.ranges:
            return False
        word = name.encode()
        if not self._stands_anywhere(word):
            return False
        if self._is_in_file(word):
            return True
        first, last = bisect_left(self.ranges, (start, 0)), bisect_left(self.ranges, (end, 0))
        return first < last and any(word in self._declared_in(i) for i in range(first, last))

    def _declared_in(self, index: int) -> frozenset[bytes]:
        known = self._declared.get(index)
        if known is None:
            known = self._declared[index] = frozenset(declared_words(self.code, *self.ranges[index]))
        return known


def _words(code: bytes) -> frozenset[bytes]:
    return frozenset(code.translate(ONLY_WORDS).split())


def _without_bodies(code: bytes) -> tuple[bytes, set[bytes]]:
    """Take out what stands in the braces of functions, and their parameters; give the functions' names, too."""
    pieces: list[bytes] = []
    functions: set[bytes] = set()
    done = 0
    for match in _BODY.finditer(code):
        if match.start() < done:
            continue
        end = code.find(b"\n}", match.end() - 1)
        if end < 0:
            break
        header = _without_parameters(code[done : match.start()])
        if (name := _NAME.search(header)) is not None:
            functions.add(name[1])  # a macro may hold its type: ``LOCAL(int)``, ``count(int n)``
        pieces.append(header)
        done = end
    return b"".join([*pieces, code[done:]]), functions


def _without_parameters(header: bytes) -> bytes:
    """Take out the parameters at the end of a header; what a macro in capitals is given may be a name."""
    if header.rstrip()[-1:] != b")":
        return header
    depth = 0
    first = max(0, len(header) - _LONGEST_HEADER)
    for place in reversed([match.start() for match in ROUND.finditer(header, first)]):
        depth += 1 if header[place] == _CLOSE else -1
        if not depth:
            return header if _MACRO.search(header, max(0, place - _LONGEST_NAME), place) else header[:place]
    return header


def _follows_declaration(code: bytes, start: int) -> bool:
    """Tell whether a branch that begins at ``start`` stands in file scope, though it is indented.

    What stands before it at the margin ends a declaration or a function, or nothing does.
    """
    before = code[max(0, start - _LONGEST_GAP) : start]
    found = _LAST_AT_MARGIN.search(before)
    if found is None:
        return start <= _LONGEST_GAP and not before.strip()
    line = found[1].rstrip()
    return line[:1] == b"}" or line[-1:] == b";"
