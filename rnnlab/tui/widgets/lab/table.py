"""The table of runs: a cursor that stays on its run, marks, a head that sorts. Draws only what is in sight.

It is given summaries and keeps cursor, marks and order; it does not know where runs come from.
"""

from __future__ import annotations

import math
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rnnlab.runs.summary import RunSummary
from rnnlab.tui.widgets.colours import Colours
from rnnlab.tui.widgets.extent import set_extent
from rnnlab.tui.widgets.lab.columns import COLUMNS, GAP, Column, all_columns, curve, fitting, in_order, words

STATES = {
    "training": ("●", "$success"),
    "paused": ("‖", "$warning"),
    "finished": ("✓", "$success"),
    "stopped": ("■", "$warning"),
    "failed": ("✗", "$error"),
    "stale": ("?", "$error"),
}
_LEFT = 4  # mark, sign, blanks before the first column


class RunTable(ScrollView, can_focus=True):
    """Shows ``summaries`` in the order of ``sorting``; posts :class:`Opened` and :class:`Moved`."""

    DEFAULT_CSS = """
    RunTable { height: 1fr; width: 1fr; background: $background; scrollbar-size: 0 1; overflow-x: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", id="lab.open"),
        Binding("space", "mark", "mark", id="lab.mark"),
        Binding("up,k", "move(-1)", "up", show=False, id="lab.up"),
        Binding("down,j", "move(1)", "down", show=False, id="lab.down"),
        Binding("pageup", "page(-1)", "page up", show=False, id="lab.page-up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="lab.page-down"),
        Binding("home", "move(-1000000)", "first run", show=False, id="lab.first"),
        Binding("end", "move(1000000)", "last run", show=False, id="lab.last"),
        Binding("s", "sort(1)", "sort by the next column", show=False, id="lab.sort"),
        Binding("S", "sort(-1)", "sort by the column before", show=False, id="lab.sort-before"),
        Binding("i", "turn", "turn the order round", show=False, id="lab.turn"),
    ]

    summaries: reactive[tuple[RunSummary, ...]] = reactive(tuple, repaint=False)
    sorting: reactive[tuple[str, bool]] = reactive(("", False), repaint=False)
    """A column's title and whether the largest stands first; no title: newest first."""

    class Opened(Message):
        """Enter, or a click on the run under the cursor."""

        def __init__(self, summary: RunSummary) -> None:
            super().__init__()
            self.summary = summary

    class Moved(Message):
        """The cursor is on another run, or the run changed, or the marks did."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self.marked: set[str] = set()
        self._shown: list[RunSummary] = []
        self._columns: list[tuple[Column, int]] = []
        self._name = ""
        self._colours = Colours()

    @property
    def current(self) -> RunSummary | None:
        """The run under the cursor."""
        return self._shown[self._row] if self._shown else None

    @property
    def chosen(self) -> list[RunSummary]:
        """The marked runs in the order of the table; without marks the one under the cursor."""
        marked = [one for one in self._shown if one.name in self.marked]
        return marked or [one for one in (self.current,) if one is not None]

    @property
    def _row(self) -> int:
        return next((row for row, one in enumerate(self._shown) if one.name == self._name), 0)

    def on_mount(self) -> None:
        """Colours follow the theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._recolour())

    def _recolour(self) -> None:
        self._colours.clear()
        self.refresh()

    def watch_summaries(self) -> None:
        """Other runs, or other facts about them."""
        self._arrange()

    def watch_sorting(self) -> None:
        """Another order."""
        self._arrange()

    def on_resize(self) -> None:
        """Another width has room for other columns."""
        self._arrange()

    def _arrange(self) -> None:
        row = self._row
        self._shown = in_order(self.summaries, self.sorting[0], falling=self.sorting[1])
        if self._shown and self._name not in {one.name for one in self._shown}:  # gone: stay in place
            self._name = self._shown[min(row, len(self._shown) - 1)].name
        self._columns = fitting(self._shown, self.size.width - _LEFT - 1, self.sorting[0])
        set_extent(self, Size(self.size.width, len(self._shown) + 1))
        self.refresh()
        self.post_message(self.Moved())

    # Drawing.

    def render_line(self, y: int) -> Strip:
        """The head, or a run."""
        width, row = self.size.width, self.scroll_offset.y + y - 1
        if y == 0:
            return self._head().adjust_cell_length(width, self._style("$text-muted", "$panel"))
        if row >= len(self._shown):
            return Strip.blank(width, self._style("$foreground"))
        at_cursor = self._shown[row].name == self._name
        ground = ("$primary-muted" if self.has_focus else "$panel") if at_cursor else ""
        return self._line(self._shown[row], ground).adjust_cell_length(width, self._style("$foreground", ground))

    def _head(self) -> Strip:
        style = self._style("$text-muted", "$panel")
        segments = [Segment(" " * _LEFT, style)]
        for column, width in self._columns:
            title, sorts = column.title, column.title == (self.sorting[0] or "age")
            if sorts:
                title += "▾" if self.sorting[1] else "▴"
            bold = style + Style(bold=True) if sorts else style
            segments.append(Segment(_placed(title, width, right=column.right) + " " * GAP, bold))
        return Strip(segments)

    def _line(self, summary: RunSummary, ground: str) -> Strip:
        sign, colour = STATES[summary.state]
        mark = "▌" if summary.name in self.marked else " "
        segments = [
            Segment(f"{mark} ", self._style("$accent", ground)),
            Segment(f"{sign} ", self._style(colour, ground)),
        ]
        for column, width in self._columns:
            if column.title == "curve":
                text, front = curve(summary, width), "$chart-1"
            else:
                text, front = words(column, summary), _front(column, summary)
            style = self._style(front, ground)
            if column.title == "run":
                style += Style(bold=True)
            segments.append(Segment(_placed(text, width, right=column.right), style))
            segments.append(Segment(" " * GAP, self._style("$foreground", ground)))
        return Strip(segments)

    def _style(self, front: str, back: str = "") -> Style:
        if self.app.native_ansi_color:
            # Sixteen colours have no muted ground: the row is turned over, as one, or its colours would become patches.
            return Style(reverse=True) if back == "$primary-muted" else self._colours.style(self, front)
        return self._colours.style(self, front, back)

    # Keys.

    def action_move(self, rows: int) -> None:
        """Up and down."""
        if self._shown:
            row = min(max(self._row + rows, 0), len(self._shown) - 1)
            self._name = self._shown[row].name
            self.scroll_to_region(Region(0, row, 1, 2), animate=False, force=True)
            self.refresh()
            self.post_message(self.Moved())

    def action_page(self, direction: int) -> None:
        """A screen up or down."""
        self.action_move(direction * max(1, self.size.height - 2))

    def action_mark(self) -> None:
        """Mark or unmark, and go on to the next."""
        if self.current is not None:
            self.marked ^= {self.current.name}
            self.action_move(1)

    def action_open(self) -> None:
        """Open the run under the cursor."""
        if self.current is not None:
            self.post_message(self.Opened(self.current))

    def action_sort(self, direction: int) -> None:
        """By the next column that is shown, then newest first again."""
        titles = ["", *(column.title for column, _ in self._columns)]
        at = titles.index(self.sorting[0]) if self.sorting[0] in titles else 0
        self.sort_by(titles[(at + direction) % len(titles)])

    def sort_by(self, title: str) -> None:
        """By a column; the same once more turns the order round."""
        if title and title == self.sorting[0]:
            self.action_turn()
        else:
            column = next((column for column in all_columns(self.summaries) if column.title == title), COLUMNS[0])
            self.sorting = (title, column.falling)

    def action_turn(self) -> None:
        """The other way round."""
        self.sorting = (self.sorting[0], not self.sorting[1])

    # Mouse.

    def on_click(self, event: events.Click) -> None:
        """The head sorts; a run takes the cursor, and opens when it has it already."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            x = _LEFT
            for column, width in self._columns:
                if x <= offset.x < x + width + GAP:
                    self.sort_by(column.title)
                x += width + GAP
            return
        row = self.scroll_offset.y + offset.y - 1
        if row < len(self._shown):
            again, self._name = self._shown[row].name == self._name, self._shown[row].name
            self.action_open() if again else self.action_move(0)


def _placed(text: str, width: int, *, right: bool) -> str:
    """The text in exactly ``width`` cells, shortened with an ellipsis."""
    cells = cell_len(text)
    if cells > width:
        return set_cell_size(text, width - 1) + "…"
    return " " * (width - cells) + text if right else text + " " * (width - cells)


def _front(column: Column, summary: RunSummary) -> str:
    if column.title == "state":
        return STATES[summary.state][1]
    if column.title in ("train", "valid", "best"):
        value = {"train": summary.train_bits, "valid": summary.validation_bits, "best": summary.best_bits}[column.title]
        return "$error" if value is not None and not math.isfinite(value) else "$foreground"
    return "$foreground" if column.title in ("run", "done", "left") else "$text-muted"
