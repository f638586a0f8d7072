"""One run: its curves, its previews, its machine and its log; and the keys that steer it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from rnnlab.corpus.language import language_of
from rnnlab.evaluation.contract import Source
from rnnlab.runs import RunFolder
from rnnlab.tui.metrics import Look, along, figure, metrics, step_at
from rnnlab.tui.reading.judging import Judge, Judged, usual_plugins
from rnnlab.tui.reading.machine import Machine, MachineFollower
from rnnlab.tui.reading.run_follower import RunFollower
from rnnlab.tui.reading.snapshot import RunSnapshot
from rnnlab.tui.screens.run_steering import SteeringScreen
from rnnlab.tui.widgets.chart import Chart
from rnnlab.tui.widgets.chart.figure import Floats
from rnnlab.tui.widgets.keybar import KeyBar
from rnnlab.tui.widgets.run.arrangement import LABELS, PANELS
from rnnlab.tui.widgets.run.body import RunBody
from rnnlab.tui.widgets.run.header import RunHeader
from rnnlab.tui.widgets.run.log import LogPanel
from rnnlab.tui.widgets.run.machine import MachinePanel
from rnnlab.tui.widgets.run.sample import SamplePanel, key_of
from rnnlab.tui.widgets.run.scores import ScoresPanel
from rnnlab.tui.widgets.run.setup import SetupPanel
from rnnlab.tui.widgets.run.tabs import PanelBar
from rnnlab.tui.widgets.source import SourceView


class RunScreen(SteeringScreen):
    """Follows one run folder; everything on it is drawn from the newest snapshot."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "scrub(-1)", "earlier", key_display="[", id="run.earlier"),
        Binding("right_square_bracket", "scrub(1)", "later", key_display="]", id="run.later"),
        Binding("m", "metric(1)", "metric", id="run.metric"),
        Binding("M", "metric(-1)", "metric before", show=False, id="run.metric-before"),
        Binding("x", "axis", "x axis", id="run.axis"),
        Binding("u", "unit", "bits/nats", id="run.unit"),
        Binding("d", "compare_previews", "diff", id="run.difference"),
        Binding("n", "finding(1)", "finding", id="run.next-finding"),
        Binding("N", "finding(-1)", "finding before", show=False, id="run.finding-before"),
        Binding("c", "copy", "copy", id="run.copy"),
        Binding("v", "other_run(1)", "settings beside another run's", show=False, id="run.other"),
        Binding("V", "other_run(0)", "settings alone", show=False, id="run.alone"),
        Binding("z", "zoom", "zoom panel", id="run.zoom"),
        Binding("0", "panel('chart')", "chart", show=False, id="run.chart"),
        Binding("1", "panel('sample')", "preview", show=False, id="run.sample"),
        Binding("2", "panel('scores')", "scores", show=False, id="run.scores"),
        Binding("3", "panel('machine')", "machine", show=False, id="run.machine"),
        Binding("4", "panel('log')", "log", show=False, id="run.log"),
        Binding("5", "panel('setup')", "setup", show=False, id="run.setup"),
        Binding("escape", "back", "back", id="run.back"),
    ]

    snapshot: reactive[RunSnapshot | None] = reactive(None, repaint=False)
    machine: reactive[Machine | None] = reactive(None, repaint=False)
    look: reactive[Look] = reactive(Look(), repaint=False, init=False)
    metric: reactive[str] = reactive("loss", repaint=False, init=False)

    class Seen(Message):
        """A thread has something new: a snapshot, the machine, or findings."""

        def __init__(self, news: RunSnapshot | Machine | Judged) -> None:
            super().__init__()
            self.news = news

    def __init__(self, run: RunFolder) -> None:
        super().__init__(run)
        self._follower = RunFollower(run, self._hand_over)
        self._machine_follower = MachineFollower(self._hand_over)
        self._judge: Judge | None = None
        self._language = ""

    def _hand_over(self, news: RunSnapshot | Machine | Judged) -> None:
        """From a thread to this one."""
        if self.is_running:
            self.post_message(self.Seen(news))

    @property
    def newest(self) -> RunSnapshot | None:
        """The newest snapshot."""
        return self.snapshot

    def compose(self) -> ComposeResult:
        """The tree mirrors the screen."""
        yield RunHeader(id="header")
        with RunBody():
            yield Chart(id="chart")
            yield Chart(id="second")
            yield PanelBar(id="tabs")
            yield SamplePanel(id="sample")
            yield ScoresPanel(id="scores")
            yield MachinePanel(id="machine")
            yield LogPanel(id="log")
            yield SetupPanel(id="setup")
        yield KeyBar()

    def on_mount(self) -> None:
        """Start to follow."""
        self.title = self.run_folder.name
        self._chart.focus()
        self._follower.start()
        self._machine_follower.start()
        self.set_interval(1.0, self.show_waiting)

    def on_unmount(self) -> None:
        """Nothing waits for the threads."""
        self._follower.stop()
        self._machine_follower.stop()
        if self._judge is not None:
            self._judge.stop()

    @property
    def _chart(self) -> Chart:
        return self.query_one("#chart", Chart)

    # News: message -> reactive -> draw.

    def on_run_screen_seen(self, message: Seen) -> None:
        """Take what a thread handed over."""
        match message.news:
            case RunSnapshot():
                self.snapshot = message.news
            case Machine():
                self.machine = message.news
            case Judged():
                self.query_one(SamplePanel).judged(message.news)

    def watch_machine(self, machine: Machine | None) -> None:
        """Draw the machine."""
        holder = self.snapshot.summary.holder if self.snapshot else None
        self.query_one(MachinePanel).show(machine, holder)

    def watch_snapshot(self, before: RunSnapshot | None, snapshot: RunSnapshot | None) -> None:
        """Draw everything that a snapshot shows."""
        if snapshot is None:
            return
        if snapshot.manifest is not None and (before is None or before.manifest is None):
            self._meet(snapshot)
        self.query_one(RunHeader).summary = snapshot.summary
        holder = snapshot.summary.holder
        self._machine_follower.trainer = holder.pid if holder is not None and holder.here and holder.alive else None
        self._draw_charts()
        self.query_one(SamplePanel).show(snapshot, self._language, judging=self._judge is not None)
        self._draw_scores()
        self.query_one(LogPanel).show(snapshot)
        self.hear(snapshot)

    def _meet(self, snapshot: RunSnapshot) -> None:
        """What the manifest decides: the language, the evaluators, the settings."""
        assert snapshot.manifest is not None
        config = snapshot.manifest.config
        self._language = language_of(config.corpus.sources, config.corpus.include)
        plugins = usual_plugins(config.evaluation.plugins, self._language)
        if plugins:
            self._judge = Judge(plugins, config.evaluation.settings, self._hand_over)
        self.query_one(SetupPanel).show(snapshot.manifest)

    def _draw_charts(self) -> None:
        if self.snapshot is None:
            return
        self._chart.figure = figure(self.snapshot, self.metric, self.look)
        self.query_one("#second", Chart).figure = figure(self.snapshot, self._second_metric(), self.look)

    def _second_metric(self) -> str:
        """What the small chart shows: a score if there is one, else the learning rate."""
        assert self.snapshot is not None
        known = [name for name in metrics(self.snapshot) if name != self.metric]
        return known[3] if len(known) > 3 else known[0]

    def _draw_scores(self) -> None:
        if self.snapshot is not None:
            sample = self.query_one(SamplePanel)
            step = sample.shown.step if sample.shown is not None and sample.pinned else None
            self.query_one(ScoresPanel).show(self.snapshot, step)

    def show_waiting(self) -> None:
        """Unanswered commands stand in the header."""
        self.query_one(RunHeader).waiting = self.waiting.words()

    # The chart's cursor and the shown preview go together.

    def on_chart_cursor_moved(self, message: Chart.CursorMoved) -> None:
        """Show the preview of that step, and the same place in the other chart."""
        for chart in self.query(Chart):
            chart.cursor = message.x
        if self.snapshot is not None:
            step = None if message.x is None else step_at(self.snapshot, message.x, self.look.axis)
            self.query_one(SamplePanel).show_at(step)
            self._draw_scores()

    def on_chart_view_changed(self, message: Chart.ViewChanged) -> None:
        """Both charts look at the same part."""
        for chart in self.query(Chart):
            if chart is not message.chart:
                chart.view = message.view

    def on_sample_panel_shown(self, message: SamplePanel.Shown) -> None:
        """Judge what is shown; put the cursor where it was drawn."""
        event, sample = message.event, self.query_one(SamplePanel)
        if self._judge is not None and not sample.known(event):
            text = event.prompt + event.text
            source = Source(text=text, name=event.file, step=event.step, prompt=event.prompt)
            self._judge.ask(key_of(event), source)
        if message.scrubbed and self.snapshot is not None:
            steps = self.snapshot.steps["step"]
            place: Floats = steps[:0] + 0.0
            if sample.pinned and len(steps):
                place = along(self.snapshot, steps[:1] * 0 + event.step, self.look.axis)
            for chart in self.query(Chart):
                chart.cursor = float(place[0]) if len(place) else None
        self._draw_scores()

    # Keys.

    def action_scrub(self, direction: int) -> None:
        """Earlier and later previews."""
        self.query_one(SamplePanel).scrub(direction)
        if not self.query_one(SamplePanel).pinned:
            for chart in self.query(Chart):
                chart.cursor = None
            self._draw_scores()

    def action_metric(self, direction: int) -> None:
        """Draw another metric."""
        if self.snapshot is not None:
            known = metrics(self.snapshot)
            at = known.index(self.metric) if self.metric in known else 0
            self.metric = known[(at + direction) % len(known)]

    def watch_metric(self) -> None:
        """Draw it."""
        self._draw_charts()

    def action_axis(self) -> None:
        """The next x axis; the cursor stays at its step."""
        snapshot, chart = self.snapshot, self._chart
        if snapshot is None or not len(snapshot.steps["step"]):
            return
        step = None if chart.cursor is None else step_at(snapshot, chart.cursor, self.look.axis)
        self.look = self.look.next_axis()
        for other in self.query(Chart):
            other.view = other.view.fit()
            if step is not None:
                other.cursor = float(along(snapshot, snapshot.steps["step"][:1] * 0 + step, self.look.axis)[0])

    def action_unit(self) -> None:
        """Bits or nats per character."""
        self.look = Look(self.look.axis, not self.look.nats)

    def watch_look(self) -> None:
        """Draw it."""
        self._draw_charts()

    def action_compare_previews(self) -> None:
        """Text or difference."""
        sample = self.query_one(SamplePanel)
        sample.comparing = not sample.comparing

    def action_finding(self, direction: int) -> None:
        """To the next finding in the preview, or the one before."""
        self.query_one(SourceView).action_jump(direction)

    def action_copy(self) -> None:
        """The preview to the terminal's clipboard (OSC 52)."""
        shown = self.query_one(SamplePanel).shown
        if shown is not None:
            self.app.copy_to_clipboard(shown.text)
            self.notice(f"{len(shown.text):,} characters handed to the terminal's clipboard")

    def action_other_run(self, direction: int) -> None:
        """The settings beside those of the next run of the lab, or alone."""
        self.query_one(RunBody).active = "setup"
        self.query_one(SetupPanel).beside(self.run_folder, bool(direction))

    def action_panel(self, panel: str) -> None:
        """Show a panel and give it the keys."""
        body = self.query_one(RunBody)
        if body.zoomed:
            body.zoomed = panel
        elif panel in PANELS:
            body.active = panel
        target: Widget = self.query_one(f"#{panel}")
        inner = target.query_one(SourceView) if isinstance(target, SamplePanel) else target
        self.call_after_refresh(inner.focus)

    def action_zoom(self) -> None:
        """The panel that has the keys alone, or all again."""
        body = self.query_one(RunBody)
        if body.zoomed:
            body.zoomed = ""
            return
        node = self.focused
        while node is not None and node.parent is not body:
            node = node.parent if isinstance(node.parent, Widget) else None
        body.zoomed = (node.id if node is not None else None) or "chart"

    def action_back(self) -> None:
        """Step by step: all panels, the newest values, then the lab."""
        body = self.query_one(RunBody)
        if body.zoomed:
            body.zoomed = ""
        elif self._chart.cursor is not None or self.query_one(SamplePanel).pinned:
            for chart in self.query(Chart):
                chart.cursor = None
            self.query_one(SamplePanel).show_at(None)
            self._draw_scores()
        else:
            self.app.pop_screen()

    def on_panel_bar_chosen(self, message: PanelBar.Chosen) -> None:
        """A click on a name."""
        self.action_panel(message.panel)

    def commands(self) -> Iterable[SystemCommand]:
        """What the command palette offers here."""
        yield SystemCommand("Pause or go on", "tell the trainer", self.action_pause)
        yield SystemCommand("Checkpoint now", "tell the trainer", self.action_checkpoint)
        yield SystemCommand("Sample now …", "with a prompt and a temperature", self.action_sample)
        yield SystemCommand("Change the learning rate …", "tell the trainer", self.action_rate)
        yield SystemCommand("Stop the training …", "a checkpoint is written", self.action_stop)
        yield SystemCommand("Copy the preview", "to the terminal's clipboard", self.action_copy)
        for panel in PANELS:
            yield SystemCommand(f"Panel: {LABELS[panel][2:]}", "", partial(self.action_panel, panel))
        if self.snapshot is not None:
            for name in metrics(self.snapshot):
                yield SystemCommand(f"Chart: {name}", "", partial(setattr, self, "metric", name))
