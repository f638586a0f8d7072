"""The collecting of a corpus, drawn on stderr: a bar with the time left, or a line now and then in a log.

Shared by every command that opens a corpus. Knows progress, not corpora.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING

from rnnlab.cli import console

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from rnnlab.corpus.progress import Progress

_QUIET_SECONDS = 1.0  # short work says nothing
_LOG_SECONDS = 10.0  # between two lines where nobody sits at the terminal


class Collecting:
    """A progress callback for :func:`rnnlab.corpus.open_corpus`; a context manager that cleans up after itself."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._started = time.monotonic()
        self._shown = self._started + _QUIET_SECONDS - _LOG_SECONDS
        self._stage = ""
        self._stage_started = self._started
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Collecting:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Show it, if it is time."""
        now = time.monotonic()
        if progress.stage != self._stage:
            self._stage, self._stage_started = progress.stage, now
        if self._quiet or now - self._started < _QUIET_SECONDS:
            return
        if console.is_terminal():
            self._draw(progress)
        elif now - self._shown >= _LOG_SECONDS and progress.done_bytes != progress.total_bytes:
            self._shown = now
            console.say(self._line(progress, now - self._stage_started))

    def _line(self, progress: Progress, seconds: float) -> str:
        done, total = progress.done_bytes, progress.total_bytes
        text = f"{progress.stage}: {done / 1e6:,.0f}"
        text += f" of {total / 1e6:,.0f} MB" if total else " MB"
        text += f", {progress.done_files:,} files" if progress.done_files else ""
        if total and done and seconds:
            text += f", about {seconds / done * (total - done):,.0f} s left"
        return text

    def _draw(self, progress: Progress) -> None:
        if self._bar is None:
            self._bar = _bar()
            self._task = self._bar.add_task("", total=None, files="")
            self._bar.start()
        if self._task is None:
            return
        files = f"{progress.done_files:,} files" if progress.done_files else ""
        if self._bar.tasks[0].description != progress.stage:
            self._bar.reset(self._task, description=progress.stage, total=progress.total_bytes, files=files)
        self._bar.update(self._task, completed=progress.done_bytes, total=progress.total_bytes, files=files)


def _bar() -> Bar:
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    return Bar(
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=None),
        DownloadColumn(),
        TextColumn("{task.fields[files]:>13}"),
        TimeRemainingColumn(compact=True),
        console=console.err(),
        transient=True,
        refresh_per_second=5,
    )
