"""Several runs over each other: their curves in one chart, and under it what differs and what came out.

Each run is followed by a thread of its own, so that running ones go on here as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from rnnlab.runs import RunFolder
from rnnlab.tui.base import LabAppScreen, hand_over
from rnnlab.tui.comparing import VALIDATION, common_metrics, compare_figure, table
from rnnlab.tui.metrics import Look
from rnnlab.tui.reading.run_follower import RunFollower
from rnnlab.tui.reading.snapshot import RunSnapshot
from rnnlab.tui.widgets.chart import Chart
from rnnlab.tui.widgets.colours import PALETTE, Colours
from rnnlab.tui.widgets.keybar import KeyBar
from rnnlab.tui.widgets.lines import Lines


class CompareScreen(LabAppScreen):
    """A chart of one metric at a time, and a table."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "metric(1)", "metric", id="compare.metric"),
        Binding("M", "metric(-1)", "metric before", show=False, id="compare.metric-before"),
        Binding("x", "axis", "x axis", id="compare.axis", tooltip="steps, epochs, characters, time"),
        Binding("u", "unit", "bits or nats", show=False, id="compare.unit"),
        Binding("tab", "app.focus_next", "chart or table", show=False, id="compare.next"),
        Binding("escape", "back", "back", id="compare.back"),
    ]
    DEFAULT_CSS = """
    CompareScreen Chart { height: 3fr; }
    CompareScreen Lines { height: 2fr; border-top: solid $panel; }
    """

    snapshots: reactive[tuple[RunSnapshot, ...]] = reactive(tuple, repaint=False)
    look: reactive[Look] = reactive(Look(), repaint=False, init=False)
    metric: reactive[str] = reactive(VALIDATION, repaint=False, init=False)

    class Seen(Message):
        """One of the threads read on."""

        def __init__(self, snapshot: RunSnapshot) -> None:
            super().__init__()
            self.snapshot = snapshot

    def __init__(self, runs: Sequence[RunFolder]) -> None:
        super().__init__()
        self._runs = list(runs)
        self._followers = [RunFollower(run, self._hand_over) for run in self._runs]
        self._colours = Colours()

    def _hand_over(self, snapshot: RunSnapshot) -> None:
        hand_over(self.Seen(snapshot), self)

    def compose(self) -> ComposeResult:
        """The tree mirrors the screen."""
        yield Chart(id="chart")
        yield Lines(id="table")
        yield KeyBar()

    def on_mount(self) -> None:
        """Start to follow."""
        self.query_one(Chart).focus()
        for follower in self._followers:
            follower.start()

    def on_unmount(self) -> None:
        """Nothing waits for the threads."""
        for follower in self._followers:
            follower.stop()

    def on_compare_screen_seen(self, message: Seen) -> None:
        """Take the newest of each run, in the order in which they were chosen."""
        newest = {one.run.path: one for one in self.snapshots} | {message.snapshot.run.path: message.snapshot}
        self.snapshots = tuple(newest[run.path] for run in self._runs if run.path in newest)

    def watch_snapshots(self) -> None:
        """Draw."""
        self._draw()

    def watch_look(self) -> None:
        """Draw."""
        self._draw()

    def watch_metric(self) -> None:
        """Draw."""
        self._draw()

    def _draw(self) -> None:
        if len(self.snapshots) < len(self._runs):
            return
        self.query_one(Chart).figure = compare_figure(self.snapshots, self.metric, self.look)
        lines = self.query_one(Lines)
        fronts = [self._colours.style(lines, PALETTE[place % len(PALETTE)]) for place in range(len(self._runs))]
        names = [style.color.name if style.color is not None else "default" for style in fronts]
        lines.rows = table([one.summary for one in self.snapshots], names, nats=self.look.nats)

    # Keys.

    def action_metric(self, direction: int) -> None:
        """Another metric."""
        if self.snapshots:
            known = common_metrics(self.snapshots)
            at = known.index(self.metric) if self.metric in known else 0
            self.metric = known[(at + direction) % len(known)]

    def action_axis(self) -> None:
        """The next x axis."""
        self.look = self.look.next_axis()
        chart = self.query_one(Chart)
        chart.view, chart.cursor = chart.view.fit(), None

    def action_unit(self) -> None:
        """Bits or nats per character."""
        self.look = Look(self.look.axis, not self.look.nats)

    def action_back(self) -> None:
        """To the lab."""
        self.app.pop_screen()

    def commands(self) -> Iterable[SystemCommand]:
        """What the command palette offers here."""
        for name in common_metrics(self.snapshots):
            yield SystemCommand(f"Chart: {name}", "", partial(setattr, self, "metric", name))
