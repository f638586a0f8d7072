"""Brackets: which of ``()[]{}`` have no partner.

Plain matching runs over the text first and is believed wherever it works out. What it
leaves over, the cut ends of the text may explain (:mod:`cuts`); where they do not, something
is wrong inside, and :mod:`pieces` looks for the place.

It sees code without comments, literals and directives, and knows no grammar beyond them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import accumulate

_NO_BRACKETS = bytes(c for c in range(256) if c not in b"()[]{}")
_ALL_ALIKE = bytes(0x28 if c in b"()[]{}" else c for c in range(256))
_PAIR = rb"(?:\(\)|\[\])"
_NEST = rb"(?:\(" + _PAIR + rb"*+\)|\[" + _PAIR + rb"*+\])"
#: Among brackets alone: one that is not part of round and square pairs that nest in each other a few deep.
_LONE = re.compile(rb"(?:\(" + _NEST + rb"*+\)|\[" + _NEST + rb"*+\])*+([()\[\]{}]|\Z)")
#: A text with more than these has no mistake in its brackets, it is one.
_MOST_LISTED = 10_000
OPENER = {0x29: 0x28, 0x5D: 0x5B, 0x7D: 0x7B}
CLOSER = {0x28: ")", 0x5B: "]", 0x7B: "}"}
OPEN_BRACE, CLOSE_BRACE, CLOSE_ROUND = 0x7B, 0x7D, 0x29
#: Nesting that is common in C; what is deeper is gone over bracket by bracket.
_MOST_TAKEN_OUT = 60


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A bracket without a partner. ``edge``: a cut at the start or the end of the text explains it."""

    #: Where to look: at the bracket, or, with ``end`` no farther, where its partner is missed.
    start: int
    end: int
    #: Where the bracket itself stands.
    bracket: int
    symbol: str
    message: str
    edge: bool = False

    def moved(self, offset: int) -> Unmatched:
        """Give the same, in a text in which what it was found in begins at ``offset``."""
        start, end, bracket = self.start + offset, self.end + offset, self.bracket + offset
        return Unmatched(start, end, bracket, self.symbol, self.message, self.edge)


@dataclass(slots=True)
class Brackets:
    """How the brackets of a text match."""

    total: int = 0
    #: How deep brackets nest, give or take those without a partner.
    depth: int = 0
    #: How many have no partner that no cut explains; the list stops at some point, the count does not.
    lonely: int = 0
    unmatched: list[Unmatched] = field(default_factory=list)
    #: Up to here the text is the rest of a function whose head was cut off.
    head_end: int = 0
    #: How many were found after the list had become too long.
    unlisted: int = 0

    def report(self, position: int, symbol: str, message: str, *, at: int | None = None, edge: bool = False) -> None:
        """Take the bracket at ``position``; ``at`` is where its partner is missed."""
        self.lonely += not edge
        if len(self.unmatched) >= _MOST_LISTED:
            self.unlisted += 1
            return
        start = position if at is None else at
        self.unmatched.append(Unmatched(start, start + (at is None), position, symbol, message, edge))

    def finish(self) -> None:
        """Bring the list into the order of the text; its last entry tells how many it leaves out."""
        self.unmatched.sort(key=lambda unmatched: unmatched.start)
        if self.unlisted:
            last = self.unmatched[-1]
            more = f"{last.message}, and {self.unlisted:,} more have no partner that are counted, not listed"
            self.unmatched[-1] = replace(last, message=more)


def depth_and_balance(code: bytes) -> tuple[Brackets, bool]:
    """Count the brackets of ``code``, and tell whether all have their partners."""
    kinds = code.translate(None, _NO_BRACKETS)
    rest, depth = _without_pairs(kinds)
    return Brackets(total=len(kinds), depth=depth + _depth(rest)), _balanced(rest)


def list_brackets(code: bytes) -> list[tuple[int, int]]:
    """List where each bracket of ``code`` stands, and which it is.

    Round and square pairs in which no braces nest match wherever they stand, and most are left out.
    """
    kinds = code.translate(None, _NO_BRACKETS)
    lengths = map((1).__add__, map(len, code.translate(_ALL_ALIKE).split(b"(")))
    behind = list(accumulate(lengths))  # where each bracket ends
    lone = [match.start(1) for match in _LONE.finditer(kinds)]
    return [(behind[index] - 1, kinds[index]) for index in lone if index < len(kinds)]


def left_over(found: list[tuple[int, int]]) -> tuple[list[int], list[int]] | None:
    """Give the closers and the openers that plain matching leaves over; None where one closes another kind."""
    strays: list[int] = []
    stack: list[int] = []
    for index, (_, kind) in enumerate(found):
        if kind in CLOSER:
            stack.append(index)
        elif not stack:
            strays.append(index)
        elif found[stack.pop()][1] != OPENER[kind]:
            return None
    return strays, stack


def is_balanced(code: bytes) -> bool:
    """Tell whether every bracket of ``code`` has its partner there."""
    return _balanced(_without_pairs(code.translate(None, _NO_BRACKETS))[0])


def _without_pairs(kinds: bytes) -> tuple[bytes, int]:
    """Take out what has its partner beside it, again and again; give the rest, and how deep that was at most."""
    depth = 0
    while depth < _MOST_TAKEN_OUT:
        fewer = kinds.replace(b"()", b"").replace(b"[]", b"").replace(b"{}", b"")
        if len(fewer) == len(kinds):
            break
        kinds = fewer
        depth += 3
    return kinds, depth


def _depth(kinds: bytes) -> int:
    deepest = depth = 0
    for kind in kinds:
        if kind in CLOSER:
            depth += 1
            deepest = max(deepest, depth)
        elif depth:
            depth -= 1
    return deepest


def _balanced(kinds: bytes) -> bool:
    stack: list[int] = []
    for kind in kinds:
        if kind in CLOSER:
            stack.append(kind)
        elif not stack or stack.pop() != OPENER[kind]:
            return False
    return not stack
