"""A world: one consistent choice of the branches of a text's ``#if`` lines."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab_c_syntax.conditions import Conditions, condition_of
from rnnlab_c_syntax.groups import FURTHER, OPENING
from rnnlab_c_syntax.leftovers import Choice, Line
from rnnlab_c_syntax.macros import DEFINITION
from rnnlab_c_syntax.places import Range

#: What holds in a world of all that may: everything, what stands within an #else, what stands within nothing, nothing.
WISH = 1
WISH_WITHIN_ELSE = 2
WISH_OUTSIDE = 3
REFUSE = 4
#: How many groups around a line are looked at.
_MOST_AROUND = 50


@dataclass(slots=True)
class _Frame:
    line: int  # the number of its first line
    outside: bool  # whether the text around the group is read
    taken: bool  # whether one of its branches has been read already
    reading: bool
    other: bool = False  # whether its #else or an #elif has begun
    passed: int = 0  # how many of its #elif lines went by that nothing decides


class World:
    """One consistent choice of branches."""

    def __init__(
        self,
        guards: frozenset[bytes],
        *,
        undecided: bool,
        further: int = 0,
        wish: int = 0,
        choice: Choice | None = None,
    ) -> None:
        self.conditions = Conditions(guards)
        self.undecided = undecided
        #: What holds of all that may.
        self.wish = wish
        #: Which #elif of a group holds of those that nothing decides, and an #if that no other world takes; 0: none.
        self.further = further
        #: Branches that are read if they may be; what leads there is settled beforehand.
        self.choice = choice
        for condition, truth in choice.conditions if choice is not None else ():
            (self.conditions.wish if truth else self.conditions.refuse)(condition)
        self.stack: list[_Frame] = []
        self.settled: frozenset[int] = frozenset()

    def hidden(self, lines: list[Line], length: int, settled: frozenset[int]) -> list[Range]:
        """List the ranges that this world does not read; ``settled`` are the lines that hold if they are reached."""
        self.settled = settled
        hidden: list[Range] = []
        since = -1
        for number, (start, end, word, rest) in enumerate(lines):
            self._take(number, word, rest)
            now = not self.stack or self.stack[-1].reading
            if since < 0 and not now:
                since = end
            elif since >= 0 and now:
                hidden.append((since, start))
                since = -1
        if since >= 0:
            hidden.append((since, length))
        return hidden

    def _take(self, number: int, word: bytes, rest: bytes) -> None:
        """Take one line."""
        stack = self.stack
        reading = not stack or stack[-1].reading
        if word in OPENING:
            taken = reading and self._holds(number, condition_of(word, rest))
            stack.append(_Frame(number, reading, taken, taken))
        elif (word == b"else" or word in FURTHER) and stack:
            frame = stack[-1]
            frame.other = True
            frame.reading = frame.outside and not frame.taken
            if frame.reading and word != b"else":
                frame.reading = self._holds_further(frame, number, condition_of(word, rest))
            frame.taken = frame.taken or frame.reading
        elif word in (b"elif", b"else"):  # the text begins inside a branch: this is another one
            stack.append(_Frame(number, True, True, False))
        elif word == b"endif" and stack:
            stack.pop()
        elif word == b"define" and reading:
            if match := DEFINITION.match(rest):
                self.conditions.defined[match[1]] = match[4].strip()
        elif word == b"undef" and reading:
            self.conditions.defined.pop(rest, None)

    def _holds(self, number: int, condition: bytes) -> bool:
        """Decide the condition of an ``#if``; the further world takes what holds in neither of the others."""
        if number in self.settled:
            return self.conditions.wish(condition)
        if self.choice is not None:
            return self._choose(self.choice, number, number, condition)
        if self.wish:
            return self._wish(condition, self.stack)
        if self.conditions.hold(condition, undecided=self.undecided):
            return True
        return (
            self.further == 1
            and not self.conditions.hold(condition, undecided=True)
            and self.conditions.may_hold(condition)
        )

    def _choose(self, choice: Choice, group: int, number: int, condition: bytes) -> bool:
        """Decide the condition of the line ``number`` so that the branch which is chosen of its group is read."""
        chosen = choice.branches.get(group)
        if chosen is None:
            return self.conditions.hold(condition, undecided=True)
        return self.conditions.wish(condition) if chosen == number else self.conditions.refuse(condition)

    def _wish(self, condition: bytes, around: list[_Frame]) -> bool:
        wished = self.wish == WISH
        if self.wish == WISH_WITHIN_ELSE:
            wished = any(frame.other for frame in around[-_MOST_AROUND:])
        elif self.wish == WISH_OUTSIDE:
            wished = not around
        if wished:
            return self.conditions.wish(condition)
        return self.conditions.refuse(condition)

    def _holds_further(self, frame: _Frame, number: int, condition: bytes) -> bool:
        """Decide the condition of an ``#elif``."""
        if number in self.settled:
            return self.conditions.wish(condition)
        if self.choice is not None:
            return self._choose(self.choice, frame.line, number, condition)
        if self.wish:
            return self._wish(condition, self.stack[-_MOST_AROUND:-1])
        if self.conditions.hold(condition, undecided=self.undecided):
            return True
        if not self.further or not self.conditions.hold(condition, undecided=True):
            return False
        frame.passed += 1
        return frame.passed == self.further
