"""How far the collecting of a corpus has come, for whoever draws it.

Knows no terminal: a progress callback gets a :class:`Progress` about ten times a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of the work. Totals are None where they cannot be known."""

    stage: str
    """scanning, unpacking, collecting, counting, encoding or waiting (for another process)."""
    done_bytes: int = 0
    total_bytes: int | None = None
    done_files: int = 0
    total_files: int | None = None


Callback = Callable[[Progress], None]


class Reporter:
    """Passes progress on to a callback, at most so many times a second and once at each stage's start."""

    def __init__(self, callback: Callback | None, interval: float = 0.1) -> None:
        self._callback = callback
        self._interval = interval
        self._next = 0.0
        self._stage = ""

    def __call__(
        self,
        stage: str,
        done_bytes: int = 0,
        total_bytes: int | None = None,
        done_files: int = 0,
        total_files: int | None = None,
    ) -> None:
        """Tell how far the work is."""
        if self._callback is None:
            return
        now = time.monotonic()
        if stage == self._stage and now < self._next and done_bytes != total_bytes:
            return
        self._stage, self._next = stage, now + self._interval
        self._callback(Progress(stage, done_bytes, total_bytes, done_files, total_files))
