"""How far long work is, on stderr: one line that is rewritten, or one line now and then in a log."""

from __future__ import annotations

import sys
import time

from rnnlab.cli import console

QUIET_SECONDS = 1.0  # short work says nothing
REDRAW_SECONDS = 0.2
LOG_SECONDS = 10.0  # between two lines where nobody sits at the terminal


class Progress:
    """Called with (done, all); draws at most a few times a second, and cleans up after itself.

    Args:
        verb: what is done with each, such as "judged".
        limit: seconds that one of them may take, where there is such a limit.
    """

    def __init__(self, verb: str, limit: float | None = None) -> None:
        self.verb, self.limit = verb, limit
        self.terminal = console.is_terminal()
        self.started = self.drawn = self.moved = time.monotonic()
        self.first: int | None = None  # what was done when this was called first: came before, and is no measure
        self.done = 0
        self.visible = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.visible and self.terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __call__(self, done: int, everything: int) -> None:
        """Show it, if it is time."""
        now = time.monotonic()
        if self.first is None:
            self.first = self.done = done
            self.started = self.drawn = self.moved = now
        if done != self.done:
            self.done, self.moved = done, now
        pause = REDRAW_SECONDS if self.terminal else LOG_SECONDS
        if now - self.started < QUIET_SECONDS or now - self.drawn < pause or done >= everything:
            return
        self.drawn, self.visible = now, True
        text = f"{self.verb} {done:,} of {everything:,}{self._outlook(now, everything)}"
        if self.terminal:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
        else:
            console.say(text)

    def _outlook(self, now: float, everything: int) -> str:
        """How long it will take, by those that are done; how long nothing came, where they say nothing about it."""
        waited = now - self.moved
        counted = self.done - (self.first or 0)
        each = (self.moved - self.started) / counted if counted > 0 else 0.0
        if counted > 0 and waited < 2.0 * each + 2.0:
            return f", about {_duration(each * (everything - self.done) - min(waited, each))} left"
        limit = f" (limit: {_duration(self.limit)})" if self.limit is not None else ""
        return f", the next takes {_duration(waited)} so far{limit}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 1 or seconds == 0 else f"{seconds:.2g} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
