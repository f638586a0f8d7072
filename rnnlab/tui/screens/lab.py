"""The lab: every run, newest first, live; and what can be done with runs.

It draws what the program's lab thread saw.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from rnnlab.display import safe
from rnnlab.runs.summary import RunSummary
from rnnlab.tui.screens.lab_changes import ChangesScreen
from rnnlab.tui.widgets.keybar import KeyBar
from rnnlab.tui.widgets.lab.filter import Filter
from rnnlab.tui.widgets.lab.peek import Peek
from rnnlab.tui.widgets.lab.table import RunTable

EMPTY = """No runs in {folder} yet.

n   set up a new run and start it here
e   judge a file of source text
?   every key       ctrl+p   every command

From a shell:   rnnlab train corpus.c
It appears here by itself."""


class LabScreen(ChangesScreen):
    """The table of runs, a line to filter them, and the run under the cursor in a few lines more."""

    AUTO_FOCUS = ""  # Textual would choose the filter where the table is hidden, though that is hidden as well
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "new run", id="lab.new"),
        Binding("c", "compare", "compare", id="lab.compare"),
        Binding("t", "playground", "try", id="lab.playground", tooltip="let it write"),
        Binding("slash", "filter", "filter", key_display="/", id="lab.filter"),
        Binding("r", "resume", "resume", id="lab.resume"),
        Binding("e", "judge", "judge a file", show=False, id="lab.judge"),
        Binding("R", "rename", "rename", show=False, id="lab.rename"),
        Binding("D,delete", "delete", "delete", show=False, id="lab.delete"),
        Binding("A", "mark_all", "mark all, or none", show=False, id="lab.mark-all"),
        Binding("escape", "clear", "clear filter and marks", show=False, id="lab.clear"),
    ]
    DEFAULT_CSS = """
    LabScreen #top { height: 1; background: $panel; padding: 0 1; }
    LabScreen #filter { height: 1; border: none; padding: 0 1; background: $boost; display: none; }
    LabScreen #filter:focus { border: none; }
    LabScreen #filter.-on { display: block; }
    LabScreen #empty { height: 1fr; content-align: center middle; color: $text-muted; display: none; }
    """

    def compose(self) -> ComposeResult:
        """The tree mirrors the screen."""
        yield Static("", id="top")
        yield Input(placeholder="words, or hidden>=512 valid<2 state=finished -word", id="filter")
        yield RunTable(id="runs")
        yield Static("", id="empty")
        yield Peek(id="peek")
        yield KeyBar()

    def on_mount(self) -> None:
        """Follow the lab."""
        table = self.query_one(RunTable)
        title, falling = self.lab.memory.get("sorting", ["", False])
        table.sorting = (str(title), bool(falling))
        table.focus()
        self.watch(self.app, "summaries", self._show)
        self.watch(self.app, "starting", lambda: self._show(self.lab.summaries))

    # Summaries in, picture out.

    def on_screen_resume(self) -> None:
        """What changed while another screen lay over this one."""
        self._show(self.lab.summaries)

    def _show(self, summaries: tuple[RunSummary, ...]) -> None:
        if self.app.screen is not self:  # drawing under another screen would send that one anew, as a whole
            return
        table, wanted = self.query_one(RunTable), Filter(self.query_one("#filter", Input).value)
        shown = tuple(one for one in summaries if wanted.keeps(one))
        table.summaries = shown
        table.marked &= {one.name for one in summaries}
        table.display, empty = bool(shown) or not self.lab.looked, self.query_one("#empty", Static)
        empty.display = not table.display
        if table.display and self.focused is None:  # after an empty lab, which has nothing to give the keys to
            table.focus()
        self.query_one(Peek).display = table.display and self.size.height >= 20
        if not summaries:
            empty.update(Text(EMPTY.format(folder=safe(str(self.lab.runs_folder), multiline=False))))
        elif not shown:
            unknown = wanted.unknown(summaries)
            reason = (
                f"No run has a setting or value called {', '.join(unknown)}." if unknown else "No run is like that."
            )
            empty.update(Text(f"{safe(reason, multiline=False)}\n\nEsc shows all {len(summaries)} again."))
        self._head(summaries, shown)

    def _head(self, summaries: tuple[RunSummary, ...], shown: tuple[RunSummary, ...]) -> None:
        counts: dict[str, int] = {}
        for one in summaries:
            counts[one.state] = counts.get(one.state, 0) + 1
        line = Text("rnnlab", "bold", no_wrap=True, overflow="ellipsis")
        of = f"{len(shown)} of " if len(shown) != len(summaries) else ""
        line.append(f"   {of}{len(summaries)} run{'s' * (len(summaries) != 1)}" if self.lab.looked else "   reading …")
        if self.lab.starting:
            line.append(f"   starting {safe(', '.join(self.lab.starting), multiline=False)} …", "bold green")
        for state, number in counts.items():
            line.append(f" · {number} {state}", "dim")
        table = self.query_one(RunTable)
        line.append(f"   {'by ' + table.sorting[0] if table.sorting[0] else 'newest first'}", "dim")
        if table.marked:
            line.append(f"   {len(table.marked)} marked", "bold")
        line.append(f"   {safe(str(self.lab.runs_folder), multiline=False)}", "dim")
        self.query_one("#top", Static).update(line, layout=False)

    def on_run_table_moved(self) -> None:
        """Another run under the cursor, other marks or another order."""
        table = self.query_one(RunTable)
        self.query_one(Peek).summary = table.current
        self.lab.remember("sorting", list(table.sorting))
        self._head(self.lab.summaries, table.summaries)

    def on_resize(self) -> None:
        """A low screen has no room for the peek."""
        self._show(self.lab.summaries)

    # Filter.

    def action_filter(self) -> None:
        """Type what to see."""
        line = self.query_one("#filter", Input)
        line.add_class("-on")
        line.focus()

    def on_input_changed(self) -> None:
        """Filter while typing."""
        self._show(self.lab.summaries)

    def on_input_submitted(self) -> None:
        """Back to the table; the filter stays."""
        line = self.query_one("#filter", Input)
        line.set_class(bool(line.value), "-on")
        self.query_one(RunTable).focus()

    def action_clear(self) -> None:
        """First the filter, then the marks."""
        line, table = self.query_one("#filter", Input), self.query_one(RunTable)
        if line.value or line.has_class("-on"):
            line.value = ""
            line.remove_class("-on")
        else:
            table.marked.clear()
            table.refresh()
        table.focus()
        self._show(self.lab.summaries)

    # What can be done with runs.

    @property
    def chosen(self) -> list[RunSummary]:
        """The marked runs, or the one under the cursor."""
        return self.query_one(RunTable).chosen

    @property
    def current(self) -> RunSummary | None:
        """The run under the cursor."""
        return self.query_one(RunTable).current

    def on_run_table_opened(self, event: RunTable.Opened) -> None:
        """Enter or a click."""
        self.lab.open_run(event.summary.run)

    def action_mark_all(self) -> None:
        """All that are shown, or none."""
        table = self.query_one(RunTable)
        names = {one.name for one in table.summaries}
        table.marked = set() if table.marked >= names else names
        table.refresh()
        self._head(self.lab.summaries, table.summaries)

    def action_new(self) -> None:
        """Set up a run."""
        self.lab.open_new()

    def action_compare(self) -> None:
        """The marked runs over each other."""
        chosen = self.query_one(RunTable).chosen
        if len(chosen) < 2:
            self.lab.notice("Mark two or more runs with space, then press c.", "warning")
            return
        table = self.query_one(RunTable)
        table.marked.clear()  # they were for this; what comes next is not meant for them
        table.refresh()
        self.lab.open_compare([one.run for one in chosen])

    def action_playground(self) -> None:
        """Let the run under the cursor write."""
        summary = self.query_one(RunTable).current
        if summary is not None:
            self.lab.open_playground(summary.run)

    def action_judge(self) -> None:
        """Ask for a file."""
        self.lab.ask_for_file()

    def commands(self) -> Iterable[SystemCommand]:
        """What the command palette offers here."""
        table = self.query_one(RunTable)
        for column, _ in table._columns:
            yield SystemCommand(f"Sort by {column.title}", "again: turn round", partial(table.sort_by, column.title))
