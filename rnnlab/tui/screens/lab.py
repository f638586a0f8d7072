"""The lab: every run, newest first, live."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Static

from rnnlab.display import safe
from rnnlab.runs.summary import RunSummary
from rnnlab.tui.figures import bits, count, duration, share

if TYPE_CHECKING:
    from rnnlab.tui.app import Dashboard

_HEADS = ("run", "state", "model", "progress", "left", "train", "valid", "char/s")


class LabScreen(Screen[None]):
    """A table of runs; Enter opens one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", id="lab.open"),
    ]

    @property
    def dashboard(self) -> Dashboard:
        """The program that this screen is of."""
        return cast("Dashboard", self.app)

    def compose(self) -> ComposeResult:
        """The table, and what to do while it is empty."""
        yield Static("", id="empty")
        yield DataTable(cursor_type="row", zebra_stripes=True)
        yield Footer()

    def on_mount(self) -> None:
        """Follow the lab."""
        table = self.query_one(DataTable)
        for head in _HEADS:
            table.add_column(head, key=head)
        table.focus()
        self.watch(self.app, "summaries", self._show)

    def on_screen_resume(self) -> None:
        """What changed while another screen lay over this one."""
        self._show(self.dashboard.summaries)

    def _show(self, summaries: tuple[RunSummary, ...]) -> None:
        if self.app.screen is not self:  # drawing under another screen would send that one anew, as a whole
            return
        table, empty = self.query_one(DataTable), self.query_one("#empty", Static)
        empty.display, table.display = not summaries, bool(summaries)
        if not summaries:
            empty.update(Text("No runs yet. Start one with: rnnlab train CORPUS", style="dim"))
        known = {str(key.value) for key in table.rows}
        names = [summary.name for summary in summaries]
        if known != set(names):
            table.clear()
            for summary in summaries:
                table.add_row(*_cells(summary), key=summary.name)
            return
        for summary in summaries:
            for head, cell in zip(_HEADS, _cells(summary), strict=True):
                if table.get_cell(summary.name, head) != cell:
                    table.update_cell(summary.name, head, cell)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Enter or a click."""
        self._open(str(event.row_key.value))

    def _open(self, name: str) -> None:
        for summary in self.dashboard.summaries:
            if summary.name == name:
                self.dashboard.open_run(summary.run)


def _cells(summary: RunSummary) -> tuple[Text, ...]:
    words = (
        safe(summary.name, multiline=False),
        summary.state,
        summary.model,
        share(summary.progress),
        duration(summary.eta_s),
        bits(summary.train_bits),
        bits(summary.validation_bits),
        count(summary.chars_per_second),
    )
    return tuple(Text(word) for word in words)
