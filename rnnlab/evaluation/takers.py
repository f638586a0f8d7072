"""Which evaluator gets which text: each of them what the user names, and of folders only the files that it takes.

An evaluator of C says nothing true about Python; so the rates of several evaluators over one folder are of the texts
that each of them is for, and so is the real text beside them. Knows names and patterns, no contents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rnnlab.evaluation import sources
from rnnlab.evaluation.lane import Description

Patterns = tuple[str, ...]


class Takers:
    """Evaluators and the patterns of the files that they take; none: all files.

    Args:
        names: of the evaluators.
        described: what they say of themselves; one that is broken says nothing and takes what the others do.
        include: patterns that the user gave, which count for all of them.
    """

    def __init__(self, names: Sequence[str], described: Mapping[str, Description], include: Sequence[str] = ()) -> None:
        told = {name: tuple(include) or one.files for name, one in described.items()}
        every = {pattern for patterns in told.values() for pattern in patterns}
        self.patterns: Patterns = () if () in told.values() else tuple(sorted(every))
        """Of everything that any of them takes."""
        by_patterns: dict[Patterns, set[str]] = {}
        for name in names:
            by_patterns.setdefault(tuple(sorted(set(told.get(name, self.patterns)))), set()).add(name)
        self.groups = [(patterns, frozenset(judges)) for patterns, judges in by_patterns.items()]
        """Evaluators that take the same files, with the patterns of these."""
        self.everyone = frozenset(names)
        """All evaluators."""

    def of(self, path: Path) -> frozenset[str]:
        """Those that take such a file from a folder."""
        fitting = (names for patterns, names in self.groups if sources.matches(path.name, patterns))
        return frozenset[str]().union(*fitting)
