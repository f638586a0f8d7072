"""The terminal's title: what a person should know who looks at another window. Knows alerts and how titles are set."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rnnlab.display import safe
from rnnlab.runs.summary import RunSummary
from rnnlab.tui.alerts import Alert

_KEEP, _PUT_BACK = "\x1b[22;2t", "\x1b[23;2t"
"""What terminals with a stack of titles understand; others keep our plain one."""


class TerminalTitle:
    """Tells the last alert until somebody has seen it, or until the run that stood still goes on."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._told: Alert | None = None
        self._step: int | None = None

    def tell(self, alert: Alert) -> None:
        """Put it into the title; a new best waits for nobody and does not go there."""
        if alert.kind == "best":
            return
        self._write((_KEEP if self._told is None else "") + _titled(f"{safe(alert.run, multiline=False)} {alert.kind}"))
        self._told, self._step = alert, None

    def follow(self, summaries: Iterable[RunSummary]) -> None:
        """Take back that a run stalled or failed once it takes steps again."""
        if self._told is None or self._told.kind not in ("stalled", "failed"):
            return
        run = next((one for one in summaries if one.name == self._told.run), None)
        if run is None or self._step is None:
            self._step = run.step if run is not None else None
        elif run.state == "training" and run.step != self._step:
            self.seen()

    def seen(self) -> None:
        """Somebody is here: the title is as before."""
        if self._told is not None:
            self._told = None
            self._write(_titled("") + _PUT_BACK)


def _titled(words: str) -> str:
    return f"\x1b]2;rnnlab{': ' * bool(words)}{words}\x07"
