"""Branches that no world of conditions reads yet, and which choices lead to them.

Whether a name is defined is chosen for a whole world, so what stands in an ``#else`` within the ``#if``
of another ``#else`` may be read by none of those that choose alike everywhere. Here the way to
each such branch is found, and ways that get along with each other share a world.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnlab_c_syntax.conditions import Conditions, condition_of
from rnnlab_c_syntax.groups import FURTHER, OPENING
from rnnlab_c_syntax.places import Range, contains, without

#: A preprocessor line: from where to where, its first word, what stands behind that.
Line = tuple[int, int, bytes, bytes]
#: So many worlds are made for what the others leave.
_MOST_WORLDS = 4
#: So deep nest the groups to whose branches ways are found, so many branches they have, and to so many places.
_DEEPEST = 10
_MOST_BRANCHES = 20
_MOST_WAYS = 200


@dataclass(slots=True)
class Choice:
    """Branches that a world is to read."""

    #: For the first line of each group the line that begins its branch.
    branches: dict[int, int] = field(default_factory=dict)
    #: The conditions on the way there, and whether they hold.
    conditions: list[tuple[bytes, bool]] = field(default_factory=list)

    def join(self, other: Choice) -> bool:
        """Take what ``other`` chooses too, if that gets along with this; tell whether it does."""
        if any(self.branches.get(group, line) != line for group, line in other.branches.items()):
            return False
        self.branches |= other.branches
        self.conditions += other.conditions
        return True


@dataclass(slots=True)
class _Group:
    """A group of branches while its lines are gone through."""

    first: int
    branch: int
    #: The conditions of its branches so far; that of the last holds where it is read.
    conditions: list[bytes]
    has_else: bool = False


def unread_by_all(hidden: list[list[Range]]) -> list[Range]:
    """List the ranges that no world reads."""
    left = hidden[0]
    for other in hidden[1:]:
        if not left:
            break
        left = without(left, without(left, other))
    return left


def ways_to(raw: bytes, lines: list[Line], left: list[Range], guards: frozenset[bytes]) -> list[Choice]:
    """Say what worlds may choose to read what is ``left``."""
    found: list[Choice] = []
    around: list[_Group] = []
    tried = 0
    for index, (_, end, word, rest) in enumerate(lines):
        if word in OPENING:
            around.append(_Group(index, index, [condition_of(word, rest)]))
        elif (word == b"else" or word in FURTHER) and around:
            around[-1].branch = index
            around[-1].has_else = word == b"else"
            if word != b"else":
                around[-1].conditions.append(condition_of(word, rest))
        elif word == b"endif" and around:
            around.pop()
        if not around or len(around) > _DEEPEST or not contains(left, end):
            continue
        if len(around[-1].conditions) > _MOST_BRANCHES:
            continue
        behind = lines[index + 1][0] if index + 1 < len(lines) else len(raw)
        if not raw[end:behind].strip():
            continue
        tried += 1
        if tried > _MOST_WAYS:
            break
        way = _way(around)
        if any(way.branches.items() <= known.branches.items() for known in found) or not _may_be(way, guards):
            continue
        if not any(known.join(way) for known in found) and len(found) < _MOST_WORLDS:
            found.append(way)
    return found


def _way(around: list[_Group]) -> Choice:
    """Say what leads to the branch that is read last."""
    way = Choice()
    for group in around:
        way.branches[group.first] = group.branch
        conditions = enumerate(group.conditions[:_MOST_BRANCHES])
        last = len(group.conditions) - 1
        way.conditions += [(condition, number == last and not group.has_else) for number, condition in conditions]
    return way


def _may_be(way: Choice, guards: frozenset[bytes]) -> bool:
    """Tell whether its conditions may be as a way wants them: ``#if 0`` leads nowhere."""
    conditions = Conditions(guards)
    return all(
        conditions.wish(condition) if holds else not conditions.refuse(condition) for condition, holds in way.conditions
    )
