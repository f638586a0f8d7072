"""How far long work is, on stderr: one line that is rewritten, or one line now and then in a log."""

from __future__ import annotations

import sys
import time

from rnnlab.cli import console

QUIET_SECONDS = 1.0  # short work says nothing
REDRAW_SECONDS = 0.2
LOG_SECONDS = 10.0  # between two lines where nobody sits at the terminal


class Progress:
    """Called with (done, all); draws at most a few times a second, and cleans up after itself."""

    def __init__(self, verb: str) -> None:
        self.verb = verb
        self.terminal = console.is_terminal()
        self.started = self.drawn = time.monotonic()
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
        pause = REDRAW_SECONDS if self.terminal else LOG_SECONDS
        if now - self.started < QUIET_SECONDS or now - self.drawn < pause or done >= everything:
            return
        self.drawn, self.visible = now, True
        left = (now - self.started) / done * (everything - done) if done else None
        eta = f", about {_duration(left)} left" if left is not None else ""
        text = f"{self.verb} {done:,} of {everything:,}{eta}"
        if self.terminal:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
        else:
            console.say(text)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
