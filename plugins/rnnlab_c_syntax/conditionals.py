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

from rnnlab_c_syntax.groups import FURTHER, OPENING, Dead, longest_chain, nests, nests_choices, paired, settled_by_error
from rnnlab_c_syntax.leftovers import Line, unread_by_all, ways_to
from rnnlab_c_syntax.macros import DEFINITION, Macros, define
from rnnlab_c_syntax.places import Range, holds, united, without
from rnnlab_c_syntax.worlds import REFUSE, WISH, WISH_OUTSIDE, WISH_WITHIN_ELSE, World

_SPLICE = re.compile(rb"\\\r?\n")
_COMMENT = re.compile(rb'("(?:[^"\\\n]|\\.)*+")|/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z)|//[^\n]*+', re.DOTALL)
_HEAD = re.compile(rb"\s*#\s*([a-z_]*)\s*(.*)", re.DOTALL)
#: The words of lines that choose a branch, or that a choice may depend on.
_TELLING = frozenset((*OPENING, *FURTHER, b"else", b"endif", b"define", b"undef", b"error"))
_INCLUDE = b"#include"
#: How many branches of one group the worlds follow beyond its first.
_MOST_FURTHER = 8


@dataclass
class Conditionals:
    """What the preprocessor lines of a text say."""

    macros: Macros = field(default_factory=Macros)
    #: For each world the ranges that it does not read.
    hidden: list[list[Range]] = field(default_factory=lambda: [[]])

    def hide(self, ranges: list[Range]) -> None:
        """Let no world read ``ranges``."""
        if ranges:
            self.hidden = [united(hidden, ranges) for hidden in self.hidden]

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
    worlds = [World(guards, undecided=True), World(guards, undecided=False)]
    mixed = any(b"!" in rest and b"&&" in rest for _, _, word, rest in lines if word == b"if")
    most = max(longest_chain(words), int(mixed))
    worlds += [World(guards, undecided=False, further=number) for number in range(1, min(most, _MOST_FURTHER) + 1)]
    worlds.append(World(guards, undecided=False, wish=WISH))
    if nests(words):
        worlds.append(World(guards, undecided=False, wish=WISH_WITHIN_ELSE))
    if nests_choices(words):
        worlds.append(World(guards, undecided=False, wish=WISH_OUTSIDE))
    if longest_chain(words) and b"else" in words:
        worlds.append(World(guards, undecided=False, wish=REFUSE))
    result.hidden = [world.hidden(lines, len(raw), settled) for world in worlds]
    if left := unread_by_all(result.hidden):
        further = [World(guards, undecided=True, choice=way) for way in ways_to(raw, lines, left, guards)]
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
