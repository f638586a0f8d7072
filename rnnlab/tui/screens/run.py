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
from rnnlab.events import ControlEvent
from rnnlab.runs import RunFolder, SampleNow
from rnnlab.tui.base import hand_over
from rnnlab.tui.metrics import metrics
from rnnlab.tui.reading.judging import Judge, Judged, usual_plugins
from rnnlab.tui.reading.machine import Machine, MachineFollower
from rnnlab.tui.reading.run_follower import RunFollower
from rnnlab.tui.reading.snapshot import RunSnapshot
from rnnlab.tui.screens.run_charts import ChartsScreen
from rnnlab.tui.widgets.chart import Chart
from rnnlab.tui.widgets.keybar import KeyBar
from rnnlab.tui.widgets.run.arrangement import PANELS, WIDEST
from rnnlab.tui.widgets.run.body import RunBody
from rnnlab.tui.widgets.run.header import RunHeader
from rnnlab.tui.widgets.run.log import LogPanel
from rnnlab.tui.widgets.run.machine import MachinePanel
from rnnlab.tui.widgets.run.sample import SamplePanel, key_of
from rnnlab.tui.widgets.run.scores import ScoresPanel
from rnnlab.tui.widgets.run.setup import SetupPanel
from rnnlab.tui.widgets.run.tabs import PanelBar
from rnnlab.tui.widgets.source import SourceView


class RunScreen(ChartsScreen):
    """Follows one run folder; everything on it is drawn from the newest snapshot."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "compare_previews", "diff", id="run.difference", tooltip="difference to the preview before"),
        Binding("n", "finding(1)", "finding", id="run.next-finding", tooltip="the next finding in the preview"),
        Binding("N", "finding(-1)", "finding before", show=False, id="run.finding-before"),
        Binding("c", "copy", "copy", id="run.copy", tooltip="the preview to the clipboard"),
        Binding("v", "other_run(1)", "settings beside another run's", show=False, id="run.other"),
        Binding("V", "other_run(0)", "settings alone", show=False, id="run.alone"),
        Binding("z", "zoom", "zoom panel", id="run.zoom", tooltip="the focused panel alone, or all"),
        Binding("greater_than_sign", "wider(1)", "wider chart", key_display=">", show=False, id="run.wider"),
        Binding("less_than_sign", "wider(-1)", "narrower chart", key_display="<", show=False, id="run.narrower"),
        Binding("0", "panel('chart')", "chart", show=False, id="run.chart"),
        Binding("1", "panel('sample')", "preview", show=False, id="run.sample"),
        Binding("2", "panel('scores')", "scores", show=False, id="run.scores"),
        Binding("3", "panel('machine')", "machine", show=False, id="run.machine"),
        Binding("4", "panel('log')", "log", show=False, id="run.log"),
        Binding("5", "panel('setup')", "setup", show=False, id="run.setup"),
        Binding("escape", "back", "back", id="run.back"),
    ]

    machine: reactive[Machine | None] = reactive(None, repaint=False)

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
        hand_over(self.Seen(news), self)

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
        self.recall()
        body = self.query_one(RunBody)
        body.active, body.wider = self.layout_kept.panel, self.layout_kept.wider
        self.chart.focus()
        self._follower.start()
        self._machine_follower.start()
        self.set_interval(1.0, self.show_waiting)

    def on_unmount(self) -> None:
        """Nothing waits for the threads."""
        self._follower.stop()
        self._machine_follower.stop()
        if self._judge is not None:
            self._judge.stop()

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
        header = self.query_one(RunHeader)
        header.damaged, header.summary = snapshot.damaged, snapshot.summary
        holder = snapshot.summary.holder
        self._machine_follower.trainer = holder.pid if holder is not None and holder.here and holder.alive else None
        self.draw_charts()
        self.query_one(SamplePanel).show(snapshot, self._language, judging=self._judge is not None)
        self.draw_scores()
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

    def draw_scores(self) -> None:
        """The scores of the step that is looked at."""
        if self.snapshot is not None:
            sample = self.query_one(SamplePanel)
            step = sample.shown.step if sample.shown is not None and sample.pinned else None
            self.query_one(ScoresPanel).show(self.snapshot, step)

    def told(self, answer: ControlEvent) -> str:
        """An answer in words; that to a wish for a preview says where it is, unless it is on the screen."""
        words = super().told(answer)
        if answer.command != SampleNow.kind or not answer.accepted:
            return words
        sample = self.query_one(SamplePanel)
        keys = [] if sample.region else self._keys_of("panel('sample')")
        if sample.pinned:  # while the chart has the keys and a cursor, it is the chart that takes both back
            keys += self._keys_of("back", "cursor_off")
        return words + f"\nPress {', then '.join(keys)} to see it." * bool(keys)

    def _keys_of(self, *actions: str) -> list[str]:
        """The key that does one of these now, if any does."""
        bindings = (active.binding for active in self.active_bindings.values())
        return [self.app.get_key_display(one) for one in bindings if one.action in actions][:1]

    def show_waiting(self) -> None:
        """Unanswered commands stand in the header."""
        self.query_one(RunHeader).waiting = self.waiting.words()

    def on_sample_panel_shown(self, message: SamplePanel.Shown) -> None:
        """Judge what is shown; put the cursor where it was drawn."""
        event, sample = message.event, self.query_one(SamplePanel)
        if self._judge is not None and not sample.known(event):
            text = event.prompt + event.text
            source = Source(text=text, name=event.file, step=event.step, prompt=event.prompt)
            self._judge.ask(key_of(event), source)
        if message.scrubbed:
            self.point(event.step if sample.pinned else None)
        self.draw_scores()

    # Keys.

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
            self.keep(panel=panel)
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

    def action_wider(self, step: int) -> None:
        """More of the screen for the chart, or less."""
        body = self.query_one(RunBody)
        body.wider = min(max(body.wider + step, -WIDEST), WIDEST)
        self.keep(wider=body.wider)

    def action_back(self) -> None:
        """Step by step: all panels, the newest values, then the lab."""
        body = self.query_one(RunBody)
        if body.zoomed:
            body.zoomed = ""
        elif self.chart.cursor is not None or self.query_one(SamplePanel).pinned:
            self.point(None)
            self.query_one(SamplePanel).show_at(None)
            self.draw_scores()
        else:
            self.app.pop_screen()

    def on_panel_bar_chosen(self, message: PanelBar.Chosen) -> None:
        """A click on a name."""
        self.action_panel(message.panel)

    def commands(self) -> Iterable[SystemCommand]:
        """What the command palette offers here."""
        if self.snapshot is not None:
            for name in metrics(self.snapshot):
                yield SystemCommand(f"Chart: {name}", "", partial(setattr, self, "metric", name))
