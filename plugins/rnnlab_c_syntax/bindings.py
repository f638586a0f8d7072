"""What a name stands for in a scope, and how often it was read and set there."""

from __future__ import annotations


class Binding:
    """What a name stands for in a scope."""

    __slots__ = ("dimensions", "is_elsewhere", "kind", "level", "outer", "reads", "start", "writes")

    def __init__(self, kind: int, start: int, level: int, outer: Binding | None) -> None:
        self.level = level  # how many scopes are around the one that it belongs to
        self.outer = outer  # what the name stands for outside of that scope
        self.kind = kind
        self.start = start
        self.reads = 0
        self.writes = 0
        self.is_elsewhere = False  # ``extern``: others may read what it is set to
        self.dimensions = 0  # of an array: more indices lead to something that is no part of it

    def begin(self, kind: int, start: int) -> None:
        """Let the name stand for something else from ``start`` on: it is declared anew."""
        self.kind = kind
        self.start = start
        self.reads = self.writes = self.dimensions = 0
        self.is_elsewhere = False
