"""Preprocessor lines: which branches of its ``#if`` lines to read of a text.

Without headers nobody can tell whether ``CONFIG_SMP`` is defined. Consistent worlds are offered
instead, each for what the ones before it cannot read:

1. every name that nothing decides is defined;
2. none is;
3. where there are ``#elif`` lines, no condition holds but those of the first of each group; then but
   those of the second, and so on;
4. every branch is read that may be, so that what needs one name and lacks another is read;
5. where groups stand within an ``#else``, only these hold;
6. where a group within another has an ``#else``, only the outer hold;
7. where an ``#else`` follows an ``#elif``, nothing holds, and neither does that something is not defined;
8. what these leave is read in a few worlds that choose their way to it.

The same condition goes the same way throughout a world, so that a brace that is opened under
``#ifdef X`` is closed under the next one.
What the text itself defines, what a GNU system's compiler defines, and the guard of a header are decided.
A branch that no world reads (one of very many, or ``#if 0``) is not judged, but its words excuse
findings around it.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from rnnlab_c_syntax.conditions import Conditions, condition_of
from rnnlab_c_syntax.groups import FURTHER, OPENING, Dead, longest_chain, nests, nests_choices, paired, settled_by_error
from rnnlab_c_syntax.leftovers import Choice, Line, unread_by_all, ways_to
from rnnlab_c_syntax.macros import DEFINITION, Macros, define
from rnnlab_c_syntax.places import Range, holds, without

_SPLICE = re.compile(rb"\\\r?\n")
_COMMENT = re.compile(rb'("(?:[^"\\\n]|\\.)*+")|/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z)|//[^\n]*+', re.DOTALL)
_HEAD = re.compile(rb"\s*#\s*([a-z_]*)\s*(.*)", re.DOTALL)
#: The words of lines that choose a branch, or that a choice may depend on.
_TELLING = frozenset((*OPENING, *FURTHER, b"else", b"endif", b"define", b"undef", b"error"))
_INCLUDE = b"#include"
#: How many branches of one group the worlds follow beyond its first.
_MOST_FURTHER = 8
#: What holds in a world of all that may: everything, what stands within an #else, what stands within nothing, nothing.
_WISH = 1
_WISH_WITHIN_ELSE = 2
_WISH_OUTSIDE = 3
_REFUSE = 4
#: How many groups around a line are looked at.
_MOST_AROUND = 50


@dataclass
class Conditionals:
    """What the preprocessor lines of a text say."""

    macros: Macros = field(default_factory=Macros)
    #: For each world the ranges that it does not read.
    hidden: list[list[Range]] = field(default_factory=lambda: [[]])

    def news(self, world: int) -> list[Range]:
        """List the ranges that ``world`` reads and none before it does."""
        found = self.hidden[0]
        for number in range(1, world):
            found = without(found, without(found, self.hidden[number]))
        return without(found, self.hidden[world])


def read_conditionals(raw: bytes, directives: list[Range]) -> Conditionals:
    """Read the preprocessor lines at ``directives``."""
    result = Conditionals()
    if not directives:
        return result
    lines: list[Line] = []
    dead = Dead()
    for start, end in directives:
        word, rest = _split(raw[start:end])
        lines.append((start, end, word, rest))
        if word == b"define":
            define(result.macros, rest, start, is_dead=dead.branches > 0)
        dead.take(word, rest)
    words = [word for _, _, word, _ in lines]
    if OPENING.isdisjoint(words) and FURTHER.isdisjoint(words) and b"else" not in words:
        return result
    guards = _guards(lines)
    lines = [line for line in lines if line[2] in _TELLING]
    settled = settled_by_error([line[2] for line in lines]) if b"error" in words else frozenset()
    worlds = [_World(guards, undecided=True), _World(guards, undecided=False)]
    mixed = any(b"!" in rest and b"&&" in rest for _, _, word, rest in lines if word == b"if")
    most = max(longest_chain(words), int(mixed))
    worlds += [_World(guards, undecided=False, further=number) for number in range(1, min(most, _MOST_FURTHER) + 1)]
    worlds.append(_World(guards, undecided=False, wish=_WISH))
    if nests(words):
        worlds.append(_World(guards, undecided=False, wish=_WISH_WITHIN_ELSE))
    if nests_choices(words):
        worlds.append(_World(guards, undecided=False, wish=_WISH_OUTSIDE))
    if longest_chain(words) and b"else" in words:
        worlds.append(_World(guards, undecided=False, wish=_REFUSE))
    result.hidden = [world.hidden(lines, len(raw), settled) for world in worlds]
    if left := unread_by_all(result.hidden):
        further = [_World(guards, undecided=True, choice=way) for way in ways_to(raw, lines, left, guards)]
        result.hidden += [world.hidden(lines, len(raw), settled) for world in further]
    if not paired(words):
        result.hidden = [_bounded(raw, hidden) for hidden in result.hidden]
    return result


def _bounded(raw: bytes, hidden: list[Range]) -> list[Range]:
    """Let a branch that is not read end with the first function that ends in it.

    Generated text forgets its ``#endif`` lines; without a bound one of them would hide all that follows.
    """
    result = []
    for start, end in hidden:
        brace = raw.find(b"\n}", start, end)
        result.append((start, end if brace < 0 else brace + 2))
    return result


def _split(line: bytes) -> tuple[bytes, bytes]:
    if line.startswith(_INCLUDE):
        return b"include", b""  # most lines are, and nobody asks for more
    if holds(line, b"\\"):
        line = _SPLICE.sub(b" ", line)
    if holds(line, b"/*") or holds(line, b"//"):
        line = _COMMENT.sub(lambda m: m[1] or b" ", line)
    match = _HEAD.match(line)
    return (match[1], match[2].strip()) if match else (b"", b"")


def _guards(lines: list[Line]) -> frozenset[bytes]:
    """Find the names whose absence is asked for right before they are defined."""
    found: set[bytes] = set()
    for (_, _, word, rest), (_, _, following, definition) in itertools.pairwise(lines):
        if word in (b"ifndef", b"if") and following == b"define" and (match := DEFINITION.match(definition)):
            asked = rest.split(None, 1)[0] if word == b"ifndef" and rest else rest
            if asked == match[1] or (word == b"if" and b"!" in rest and match[1] in rest):
                found.add(match[1])
    return frozenset(found)


@dataclass(slots=True)
class _Frame:
    line: int  # the number of its first line
    outside: bool  # whether the text around the group is read
    taken: bool  # whether one of its branches has been read already
    reading: bool
    other: bool = False  # whether its #else or an #elif has begun
    passed: int = 0  # how many of its #elif lines went by that nothing decides


class _World:
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
        wished = self.wish == _WISH
        if self.wish == _WISH_WITHIN_ELSE:
            wished = any(frame.other for frame in around[-_MOST_AROUND:])
        elif self.wish == _WISH_OUTSIDE:
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
