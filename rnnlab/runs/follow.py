"""The reading end of ``events.jsonl``: in bounded slices, while the trainer goes on writing.

A reader never blocks the writer and never writes. It opens the file anew at each read, so that
a file on a network file system shows its newest bytes.
"""

from __future__ import annotations

import os
from pathlib import Path

from rnnlab.events import Event, from_line

SLICE = 1 << 20
_HEAD = 256  # bytes at the start by which a replaced file is told from a grown one


class EventReader:
    """Reads a run's events from an offset on, as far as they are whole lines.

    ``damaged`` counts lines that are no events; ``restarts`` counts how often the file turned out
    to be another one (replaced, or cut below the offset) and was begun again from its start;
    ``at_end`` says whether the last read left nothing behind but a torn line.
    """

    def __init__(self, path: Path, *, offset: int = 0) -> None:
        self.path = path
        self.offset = offset
        self.damaged = 0
        self.restarts = 0
        self.at_end = False
        self._inode: int | None = None
        self._head = b""

    @classmethod
    def from_end(cls, path: Path) -> EventReader:
        """A reader of what is yet to come: at the end of the last whole line."""
        reader = cls(path)
        try:
            size = path.stat().st_size
        except OSError:
            return reader
        reader.offset = size
        with path.open("rb") as file:
            while reader.offset > 0:
                start = max(0, reader.offset - SLICE)
                found = os.pread(file.fileno(), reader.offset - start, start).rfind(b"\n")
                reader.offset = start + found + 1 if found >= 0 else start
                if found >= 0:
                    break
            reader._inode = os.fstat(file.fileno()).st_ino
            reader._remember(file.fileno())
        return reader

    def read(self, max_bytes: int = SLICE) -> list[Event]:
        """The next events, from about ``max_bytes`` of the file; an empty list where there is nothing new yet."""
        events: list[Event] = []
        for line in self.read_lines(max_bytes).split(b"\n"):
            event = self.parse(line)
            if event is not None:
                events.append(event)
        return events

    def parse(self, line: bytes) -> Event | None:
        """The event on a line; None, and counted as damaged, where it is none."""
        try:
            return from_line(line)
        except (ValueError, RecursionError):
            self.damaged += bool(line.strip())
            return None

    def read_lines(self, max_bytes: int = SLICE) -> bytes:
        """The next whole lines as they stand in the file; at least one where there is one, however long."""
        try:
            file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            self.at_end = True
            return b""
        try:
            if not self._is_same(file):
                self.offset = 0
                self.restarts += 1
                self._head = b""
            wanted = max(1, max_bytes)
            while True:
                block = os.pread(file, wanted, self.offset)
                end = block.rfind(b"\n") + 1
                if end or len(block) < wanted:
                    break
                wanted *= 2  # a line longer than the slice
            self.offset += end
            self._remember(file)
            self.at_end = len(block) < wanted
            return block[:end]
        finally:
            os.close(file)

    def _is_same(self, file: int) -> bool:
        """Whether the open file is the one that was read before: what was read stands there still."""
        status = os.fstat(file)
        known, self._inode = self._inode, status.st_ino
        if known is not None and (known != status.st_ino or status.st_size < self.offset):
            return False
        return os.pread(file, len(self._head), 0) == self._head

    def _remember(self, file: int) -> None:
        if len(self._head) < min(self.offset, _HEAD):
            self._head = os.pread(file, min(self.offset, _HEAD), 0)
