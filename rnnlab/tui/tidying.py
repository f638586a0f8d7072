"""When Python looks for rubbish: while nobody waits for an answer, and never through all that is there for good.

A full collection of a dashboard takes some fifty milliseconds, in the middle of a key press as likely as not. Knows
the collector and a clock, and no widget.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

QUIET = 3.0
"""Seconds without a key after which nobody waits."""
_SELDOM = 600.0  # seconds after which it is time again although no screen came or went


class Tidier:
    """Collects what screens left behind, then sets the rest aside from later collections."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._pressed, self._tidied = now(), float("-inf")
        self._screens: object = None

    def pressed(self) -> None:
        """A key, or the mouse."""
        self._pressed = self._now()

    def look(self, screens: object) -> bool:
        """Tidy up if nobody waits and there is reason to, as when ``screens`` differs from the last time."""
        now = self._now()
        if now - self._pressed < QUIET or (screens == self._screens and now - self._tidied < _SELDOM):
            return False
        gc.unfreeze()  # or what was set aside would stay for ever
        gc.collect()
        gc.freeze()
        self._screens, self._tidied = screens, now
        return True

    def leave(self) -> None:
        """As if nothing had been set aside."""
        gc.unfreeze()
