"""How long a run has trained, and how much of that went into updates.

Pauses count as neither; validation, previews and checkpoints count as training but not as
updates, so that characters per second mean the speed of the updates.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Clock:
    """Counts seconds from ``trained`` and ``previews`` on (what a checkpoint says that earlier sessions took)."""

    def __init__(
        self, trained: float = 0.0, previews: float = 0.0, now: Callable[[], float] = time.perf_counter
    ) -> None:
        self._now = now
        self._began = now() - trained
        self._paused = 0.0
        self._aside = 0.0
        self.previews = previews
        """Seconds that drawing previews took."""
        self.last_preview = 0.0
        """Seconds that the last of them took; 0 before the first of this sitting."""

    @property
    def seconds(self) -> float:
        """Training so far, pauses left out."""
        return self._now() - self._began - self._paused

    @property
    def updating(self) -> float:
        """Seconds in updates so far."""
        return self.seconds - self._aside

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What happens inside counts as a pause."""
        start = self._now()
        try:
            yield
        finally:
            self._paused += self._now() - start

    @contextmanager
    def aside(self, *, preview: bool = False) -> Iterator[None]:
        """What happens inside counts as training, but not as updates."""
        start = self._now()
        try:
            yield
        finally:
            took = self._now() - start
            self._aside += took
            if preview:
                self.previews += took
                self.last_preview = took
