"""The run's two charts and the cursor that ties them to the previews: which metric, over which axis, at which step.

Both charts look at the same part of the same axis. What was chosen is kept for the next time.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import asdict, replace
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive

from rnnlab.runs import RunFolder
from rnnlab.tui.layout import RunLayout
from rnnlab.tui.metrics import Look, along, figure, metrics, step_at
from rnnlab.tui.screens.run_steering import SteeringScreen
from rnnlab.tui.widgets.chart import Chart
from rnnlab.tui.widgets.run.header import RunHeader
from rnnlab.tui.widgets.run.sample import SamplePanel


class ChartsScreen(SteeringScreen):
    """A screen about one run that draws its metrics beside its previews."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "left_square_bracket",
            "scrub(-1)",
            "earlier",
            key_display="[",
            id="run.earlier",
            tooltip="the previews of the step before",
        ),
        Binding(
            "right_square_bracket",
            "scrub(1)",
            "later",
            key_display="]",
            id="run.later",
            tooltip="the previews of the step after",
        ),
        Binding("m", "metric(1)", "metric", id="run.metric", tooltip="the next metric in the chart"),
        Binding("M", "metric(-1)", "metric before", show=False, id="run.metric-before"),
        Binding("x", "axis", "x axis", id="run.axis", tooltip="steps, epochs, characters or time"),
        Binding("u", "unit", "bits/nats", id="run.unit", tooltip="bits or nats per character"),
    ]

    look: reactive[Look] = reactive(Look(), repaint=False, init=False)
    metric: reactive[str] = reactive("loss", repaint=False, init=False)

    def __init__(self, run: RunFolder) -> None:
        super().__init__(run)
        self.layout_kept = RunLayout()

    def recall(self) -> None:
        """Draw as it was drawn the last time."""
        self.layout_kept = kept = RunLayout.of(self.lab.memory.get("run", {}))
        self.set_reactive(ChartsScreen.look, kept.look)
        self.set_reactive(ChartsScreen.metric, kept.metric)
        for chart in self.query(Chart):
            chart.view = kept.view

    def keep(self, **changes: Any) -> None:
        """Remember for the next time."""
        self.layout_kept = replace(self.layout_kept, **changes)
        self.lab.remember("run", asdict(self.layout_kept))

    @property
    def chart(self) -> Chart:
        """The large one."""
        return self.query_one("#chart", Chart)

    def draw_charts(self) -> None:
        """Draw the newest snapshot."""
        if self.snapshot is None:
            return
        self.query_one(RunHeader).nats = self.look.nats
        known = metrics(self.snapshot)
        first = self.metric if self.metric in known else known[0]  # a score that this run has not, or not yet
        others = [name for name in known if name != first]
        self.chart.figure = figure(self.snapshot, first, self.look)
        # The small chart shows a score if there is one, else the learning rate.
        second = others[3] if len(others) > 3 else others[0]
        self.query_one("#second", Chart).figure = figure(self.snapshot, second, self.look)

    @abstractmethod
    def draw_scores(self) -> None:
        """Draw the scores of the step that is looked at."""

    # The chart's cursor and the shown preview go together.

    def point(self, step: float | None) -> None:
        """The cursor of both charts to a step; None: off."""
        snapshot, x = self.snapshot, None
        if step is not None and snapshot is not None and len(snapshot.steps["step"]):
            x = float(along(snapshot, snapshot.steps["step"][:1] * 0 + step, self.look.axis)[0])
        for chart in self.query(Chart):
            chart.cursor = x

    def on_chart_cursor_moved(self, message: Chart.CursorMoved) -> None:
        """Show the preview of that step, and the same place in the other chart."""
        for chart in self.query(Chart):
            chart.cursor = message.x
        if self.snapshot is not None:
            step = None if message.x is None else step_at(self.snapshot, message.x, self.look.axis)
            self.query_one(SamplePanel).show_at(step)
            self.draw_scores()

    def on_chart_view_changed(self, message: Chart.ViewChanged) -> None:
        """Both charts look at the same part."""
        view = message.view
        for chart in self.query(Chart):
            if chart is not message.chart:
                chart.view = view
        self.keep(log_x=view.log_x, log_y=view.log_y, whole_y=view.whole_y, smoothing=view.smoothing)

    # Keys.

    def action_scrub(self, direction: int) -> None:
        """Earlier and later previews."""
        sample = self.query_one(SamplePanel)
        sample.scrub(direction)
        if not sample.pinned:
            self.point(None)
            self.draw_scores()

    def action_metric(self, direction: int) -> None:
        """Draw another metric."""
        if self.snapshot is not None:
            known = metrics(self.snapshot)
            at = known.index(self.metric) if self.metric in known else 0
            self.metric = known[(at + direction) % len(known)]

    def watch_metric(self) -> None:
        """Draw it."""
        self.keep(metric=self.metric)
        self.draw_charts()

    def action_axis(self) -> None:
        """The next x axis; the cursor stays at its step."""
        snapshot, x = self.snapshot, self.chart.cursor
        if snapshot is None or not len(snapshot.steps["step"]):
            return
        step = None if x is None else step_at(snapshot, x, self.look.axis)
        self.look = self.look.next_axis()
        for chart in self.query(Chart):
            chart.view = chart.view.fit()
        self.point(step)

    def action_unit(self) -> None:
        """Bits or nats per character."""
        self.look = Look(self.look.axis, not self.look.nats)

    def watch_look(self) -> None:
        """Draw it."""
        self.keep(axis=self.look.axis, nats=self.look.nats)
        self.draw_charts()
