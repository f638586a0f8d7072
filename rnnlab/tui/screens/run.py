"""One run: its curves, its previews, its machine and its log; and the keys that steer it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Footer

from rnnlab.runs import RunFolder
from rnnlab.tui.metrics import Look, figure
from rnnlab.tui.reading.follower import RunFollower
from rnnlab.tui.reading.snapshot import RunSnapshot
from rnnlab.tui.widgets.chart import Chart


class RunScreen(Screen[None]):
    """Follows one run folder; everything on it is drawn from the newest snapshot."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", "back", id="run.back"),
    ]

    snapshot: reactive[RunSnapshot | None] = reactive(None)
    look: reactive[Look] = reactive(Look())

    class Seen(Message):
        """The run's thread saw a change."""

        def __init__(self, snapshot: RunSnapshot) -> None:
            super().__init__()
            self.snapshot = snapshot

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self._folder = run
        self._follower = RunFollower(run, self._hand_over)

    def _hand_over(self, snapshot: RunSnapshot) -> None:
        """From the follower's thread to this one."""
        if self.is_running:
            self.post_message(self.Seen(snapshot))

    def compose(self) -> ComposeResult:
        """The chart."""
        yield Chart(id="chart")
        yield Footer()

    def on_mount(self) -> None:
        """Start to follow."""
        self.query_one(Chart).focus()
        self._follower.start()

    def on_unmount(self) -> None:
        """Stop following."""
        self._follower.stop()

    def on_run_screen_seen(self, message: Seen) -> None:
        """The newest snapshot."""
        self.snapshot = message.snapshot

    def watch_snapshot(self, snapshot: RunSnapshot | None) -> None:
        """Draw it."""
        if snapshot is not None:
            self.query_one(Chart).figure = figure(snapshot, "loss", self.look)
