"""The thread that follows one run: reads on in slices, hands over a snapshot whenever something changed."""

from __future__ import annotations

import time
from collections.abc import Callable

from rnnlab.runs import RunFolder
from rnnlab.runs.summary import RunSummary
from rnnlab.tui.reading.follower import BUSY, RESTING, Follower, differs
from rnnlab.tui.reading.snapshot import RunSnapshot
from rnnlab.tui.reading.story import Story

_PART = 0.2  # seconds of reading after which a long file's first part is shown
_LARGEST_PART = 1.6  # the pictures of a long file grow larger, so they come less often
_BREATH = 0.002  # seconds between two slices in which the drawing thread goes first


class RunFollower(Follower):
    """Follows one run; hands over a snapshot whenever something changed."""

    def __init__(self, run: RunFolder, deliver: Callable[[RunSnapshot], None]) -> None:
        super().__init__(f"follow {run.name}")
        self._story = Story(run)
        self._deliver = deliver
        self._last_summary: RunSummary | None = None
        self._quiet = 0

    def once(self) -> float:
        """Read what is new, in parts; deliver each part of a long file as it comes."""
        changed, shown, part = False, time.monotonic(), _PART
        while not self.stopping and self._story.look():
            changed = True
            if self._story.caught_up:
                break
            if time.monotonic() - shown > part:
                self._deliver(self._story.freeze())
                shown, part = time.monotonic(), min(2 * part, _LARGEST_PART)
            time.sleep(_BREATH)
        self._quiet = 0 if changed else self._quiet + 1
        snapshot = self._story.freeze()
        if changed or differs(snapshot.summary, self._last_summary):
            self._last_summary = snapshot.summary
            self._deliver(snapshot)
        return BUSY if self._quiet < 40 and snapshot.summary.state == "training" else RESTING
