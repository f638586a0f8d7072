"""What a function may do with its names where no tree shows it: it is asked where a finding is about to be told.

``parse(BYTES text, size)`` looks like a prototype, though it casts ``text``, and ``Fault`` in ``copy(p, Fault);`` like
a type, though the macro jumps there. And what an ``#include`` within a function holds nobody knows.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter

from rnnlab_c_syntax.blanks import ARGUMENTS
from rnnlab_c_syntax.known import hidden_uses
from rnnlab_c_syntax.lexical import Lexed
from rnnlab_c_syntax.macros import Macros, define

#: Capitals before a word that is an argument or a value.
_BEHIND_CAPITALS = re.compile(rb"[(,=?:](?:(?<=[(,=])\s*+|[ \t]++)[A-Z_][A-Z0-9_]++[a-z]?[ \t]++([A-Za-z_]\w*+)")
#: What a macro behind a declarator is given: ``value_t value FIRST_VALUE(other);``.
_FIRST_VALUE = re.compile(rb"\w[ \t]++[A-Z_][A-Z0-9_]{2,}+[ \t]*+\([ \t]*+([A-Za-z_]\w*+)[ \t]*+\)[ \t]*+;")
#: What is all that a macro is given: it may paste it to something.
_ALONE = re.compile(rb"\b[A-Z_][A-Z0-9_]{2,}+\([ \t]*+([A-Za-z_]\w*+)[ \t]*+\)")
#: Shorter words are the ends of too many names.
_SHORTEST = 3
_LONGEST_NAME = 80
_UNDERSCORE = 0x5F
_DEFINE = re.compile(rb"\s*+#[ \t]*+define[ \t]++")
#: What a macro pastes something to: ``count_##kind``.
_PASTED = re.compile(rb"\b([A-Za-z]\w*_)[ \t]*##")
_INCLUDE = re.compile(rb"\s*+#[ \t]*+include\b")
_WORD = re.compile(rb"[A-Za-z_]\w*+")
_LAST_ARGUMENT = re.compile(rb",\s*+([A-Z]\w*+)\s*+\)\s*+;")
#: What a macro is given, and the bare words of it: ``QUIT_IF(n < 0, failed);``.
_MACRO = re.compile(rb"\b[A-Z_][A-Z0-9_]{2,}+[ \t]*+(" + ARGUMENTS + rb")")
_BARE_ARGUMENT = re.compile(rb"[(,]\s*+([A-Za-z_]\w*+)\s*+(?=[,)])")
#: What only looks like a label: ``case NAME:`` behind a macro without a semicolon, ``n ? (void *)p : q``.
_NO_LABEL = re.compile(rb"(?:\bcase\s++|\*[ \t]*+\)[ \t]*+|\?[ \t\n]*+\([\w \t]++\)[ \t]*+)([A-Za-z_]\w*+)\s*+:")
#: So does what stands between two colons of a choice.
_BETWEEN_COLONS = re.compile(rb":(?=\s*+([A-Z_][A-Z0-9_]*+)\s*+:)")
_LONGEST_CHOICE = 400


class Misread:
    """Looks for such words in one text."""

    def __init__(self, raw: bytes, lexed: Lexed) -> None:
        self.raw = raw
        self.lexed = lexed
        self.code = lexed.code
        self._defined: dict[int, Macros] = {}
        self._pasted: dict[int, frozenset[bytes]] = {}
        self._kept_includes: list[int] | None = None
        self._behind_capitals: dict[int, frozenset[bytes]] = {}
        self._alone: dict[int, frozenset[bytes]] = {}
        self._words: dict[int, frozenset[bytes]] = {}
        self._read_unseen: dict[tuple[str, int], bool] = {}
        self._last: dict[int, frozenset[bytes]] = {}

    def is_read_unseen(self, name: str, start: int, end: int) -> bool:
        """Tell whether the function between ``start`` and ``end`` reads ``name`` where no tree shows it.

        It stands behind capitals there, a macro of a header reads it by itself or makes it of a word, or a file that
        the function includes does.
        """
        if self._holds_include(start, end):
            return True
        if self._is_behind_capitals(name.encode(), start, end) or self._is_made_again(name.encode(), start, end):
            return True
        macros = hidden_uses().get(name)
        if macros is None:
            return False
        known = self._read_unseen.get((name, start))
        if known is None:  # once for a function, however many of its locals have this name
            known = self._read_unseen[name, start] = macros.search(self.code, start, end) is not None
        return known

    def _holds_include(self, start: int, end: int) -> bool:
        """Tell whether an ``#include`` stands in the body of the function between ``start`` and ``end``.

        It may hold anything there; what stands before the brace is not the function's.
        """
        if self._kept_includes is None:
            directives = self.lexed.directives
            self._kept_includes = [at for at, behind in directives if _INCLUDE.match(self.raw, at, behind)]
        first, last = bisect_left(self._kept_includes, start), bisect_left(self._kept_includes, end)
        return first < last and self.code.find(b"{", start, self._kept_includes[last - 1]) >= 0

    def _macros(self, start: int, end: int) -> Macros:
        """Give the macros that the function between ``start`` and ``end`` defines."""
        known = self._defined.get(start)
        if known is None:
            known = self._defined[start] = Macros()
            directives = self.lexed.directives
            brace = max(start, self.code.find(b"{", start, end))
            for at, behind in directives[bisect_left(directives, (brace, 0)) : bisect_left(directives, (end, 0))]:
                match = _DEFINE.match(self.raw, at, behind)
                if match is not None:
                    define(known, self.raw[match.end() : behind], at)
        return known

    def may_hide_any(self, start: int, end: int) -> bool:
        """Tell whether that function may have any name: from a file that it includes, or from a list in a header.

        For such a list it defines a macro that declares its argument.
        """
        if self._holds_include(start, end):
            return True
        macros = self._macros(start, end).values()
        return any(m.parameters and not m.declared.isdisjoint(m.parameters) for m in macros)

    def pastes(self, name: str, start: int, end: int) -> bool:
        """Tell whether that function defines a macro that makes names which begin as ``name``, as for such a list."""
        known = self._pasted.get(start)
        if known is None:  # once for a function, however many macros and names it has
            macros = self._macros(start, end).values()
            known = self._pasted[start] = frozenset(word for macro in macros for word in _PASTED.findall(macro.body))
        if not known:
            return False
        word = name.encode()[:_LONGEST_NAME]
        return any(word[: at + 1] in known for at in range(len(word)) if word[at] == _UNDERSCORE)

    def _is_behind_capitals(self, word: bytes, start: int, end: int) -> bool:
        """Tell whether capitals stand before ``word`` somewhere in that function, or around it behind a declarator."""
        known = self._behind_capitals.get(start)
        if known is None:
            found = {*_BEHIND_CAPITALS.findall(self.code, start, end), *_FIRST_VALUE.findall(self.code, start, end)}
            known = self._behind_capitals[start] = frozenset(found)
        return word in known

    def _is_made_again(self, word: bytes, start: int, end: int) -> bool:
        """Tell whether a macro is given the end of ``word``, which is nothing by itself: ``MAKE_ROW(latin)`` of a list.

        In ``static int list_latin[]`` it then means that.
        """
        known = self._alone.get(start)
        if known is None:
            known = self._alone[start] = self._find_alone(start, end)
        if not known:
            return False
        ends = (word[at + 1 :] for at in range(min(len(word), _LONGEST_NAME)) if word[at] == _UNDERSCORE)
        return any(len(last) >= _SHORTEST and last in known for last in ends)

    def _find_alone(self, start: int, end: int) -> frozenset[bytes]:
        """List the words of that function that are all that macros are given, and stand nowhere else in it."""
        alone = Counter(_ALONE.findall(self.code, start, end))
        counts = Counter(_WORD.findall(self.code, start, end)) if alone else alone
        return frozenset(word for word, count in alone.items() if count == counts[word])

    def holds(self, word: str, start: int, end: int) -> bool:
        """Tell whether ``word`` stands anywhere in that function."""
        known = self._words.get(start)
        if known is None:
            known = self._words[start] = frozenset(_WORD.findall(self.code, start, end))
        return word.encode() in known

    def may_jump_to(self, label: str, start: int, end: int) -> bool:
        """Tell whether a call in the function between ``start`` and ``end`` is given ``label`` behind all else.

        So may one in a file that the function includes; a macro may be given it anywhere. Or it is no label at all.
        """
        if self._holds_include(start, end):
            return True
        known = self._last.get(start)
        if known is None:
            known = self._last[start] = self._find_jumps(start, end)
        return label.encode() in known

    def _find_jumps(self, start: int, end: int) -> frozenset[bytes]:
        """List what calls and macros in that function may jump to, and what only looks like a label there."""
        found = {*_LAST_ARGUMENT.findall(self.code, start, end), *_NO_LABEL.findall(self.code, start, end)}
        for colon in _BETWEEN_COLONS.finditer(self.code, start, end):
            before = self.code[max(start, colon.start() - _LONGEST_CHOICE) : colon.start()]
            if b"?" in before[max(before.rfind(mark) for mark in (b";", b"{", b"}")) + 1 :]:
                found.add(colon[1])
        for arguments in _MACRO.findall(self.code, start, end):
            found.update(_BARE_ARGUMENT.findall(arguments))
        return frozenset(found)
