"""The threads that look at run folders: look, freeze, hand over. They never touch a widget.

What they hand over goes through a callback that must be safe to call from another thread, such
as one that posts a Textual message.
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

from rnnlab.errors import RnnlabError
from rnnlab.runs import list_runs
from rnnlab.runs.summary import RunSummary, summarize

BUSY, RESTING = 0.25, 1.0
"""Seconds between two looks at a run that goes on, and at one that rests."""


class Follower(threading.Thread):
    """Root of the threads: calls :meth:`once` until it is told to stop."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._stopping = threading.Event()
        self._wanted = threading.Event()

    def run(self) -> None:
        """Look, wait, look again; a file system that fails for a while is asked again."""
        while not self._stopping.is_set():
            try:
                pause = self.once()
            except (OSError, RnnlabError):
                pause = RESTING
            self._wanted.wait(pause)
            self._wanted.clear()

    @abstractmethod
    def once(self) -> float:
        """One look; gives the seconds until the next one."""

    def look_now(self) -> None:
        """Do not wait for the next look's time."""
        self._wanted.set()

    def stop(self) -> None:
        """Leave after the present look; does not wait for it."""
        self._stopping.set()
        self._wanted.set()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopping.is_set()


class LabFollower(Follower):
    """Follows all runs of a folder; hands over their summaries, newest first, whenever one changed."""

    def __init__(self, folder: Path, deliver: Callable[[tuple[RunSummary, ...]], None]) -> None:
        super().__init__("follow the lab")
        self._folder = folder
        self._deliver = deliver
        self._last: tuple[RunSummary, ...] | None = None

    def once(self) -> float:
        """One look at every run; the first pictures come before long files are read through."""
        try:
            runs = list_runs(self._folder)
        except RnnlabError:
            runs = []
        summaries = tuple(summarize(run) for run in runs if not self.stopping)
        if self._last is None or len(summaries) != len(self._last) or any(map(differs, summaries, self._last)):
            self._last = summaries
            self._deliver(summaries)
        if any(not summary.complete for summary in summaries):
            return 0.05
        return 0.5 if any(summary.state == "training" for summary in summaries) else RESTING


def differs(now: RunSummary, before: RunSummary | None) -> bool:
    """Whether two summaries would be drawn differently; a heartbeat's age alone is no difference."""
    if before is None:
        return True
    return _facts(now) != _facts(before)


def _facts(summary: RunSummary) -> tuple[object, ...]:
    return tuple(getattr(summary, name) for name in RunSummary.__dataclass_fields__ if name != "holder")
