"""The log of events, in words."""

from __future__ import annotations

import time

from rich.text import Text

from rnnlab.runs.words import Level
from rnnlab.tui.reading.snapshot import LogLine, RunSnapshot
from rnnlab.tui.reading.words import trouble
from rnnlab.tui.widgets.lines import Lines

_STYLES: dict[Level, str] = {"info": "", "good": "green", "warning": "yellow", "error": "bold red"}


class LogPanel(Lines):
    """What happened, newest last; under it what is wrong with the folder."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(tail=True, id=id)
        self._shown: tuple[tuple[LogLine, ...], str] = ((), "")

    def show(self, snapshot: RunSnapshot) -> None:
        """Draw the log, if it grew."""
        shown = (snapshot.log, trouble(snapshot.summary))
        if shown != self._shown or not self.rows:
            self._shown = shown
            rows = [log_row(line) for line in snapshot.log]
            if shown[1]:
                rows.append(Text(shown[1], _STYLES["error"], no_wrap=True))
            self.rows = rows or [Text("Nothing has happened yet.", "dim")]


def log_row(line: LogLine) -> Text:
    """Time of day, step, words."""
    row = Text(no_wrap=True)
    row.append(time.strftime("%H:%M:%S ", time.localtime(line.time)), "dim")
    row.append(f"{line.step:>8,} ", "dim")
    return row.append(line.text, _STYLES[line.level])
