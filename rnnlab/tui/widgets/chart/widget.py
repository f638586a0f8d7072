"""The chart as a widget: keys, mouse and cursor. It sends only the cells that changed.

It is given a frozen figure and keeps a view and a cursor; it does not know where the numbers
come from. The first row is a legend that reads the values at the cursor, or the newest ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from rnnlab.tui.widgets.chart.canvas import Canvas
from rnnlab.tui.widgets.chart.figure import Figure
from rnnlab.tui.widgets.chart.legend import legend
from rnnlab.tui.widgets.chart.plot import Lines, Plot, plot
from rnnlab.tui.widgets.chart.view import View, extent
from rnnlab.tui.widgets.colours import Colours


class Chart(Widget, can_focus=True):
    """Draws :class:`Figure`; posts :class:`CursorMoved` when the cursor goes to another value."""

    DEFAULT_CSS = """
    Chart { height: 1fr; width: 1fr; background: $background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "cursor(-1)", "cursor left", show=False, id="chart.left"),
        Binding("right", "cursor(1)", "cursor right", show=False, id="chart.right"),
        Binding("shift+left", "pan(-0.25)", "pan left", show=False, id="chart.pan-left"),
        Binding("shift+right", "pan(0.25)", "pan right", show=False, id="chart.pan-right"),
        Binding("home", "cursor_end(0)", "cursor to the start", show=False, id="chart.first"),
        Binding("end", "cursor_end(1)", "cursor to the newest", show=False, id="chart.last"),
        Binding("escape", "cursor_off", "cursor off", show=False, id="chart.cursor-off"),
        Binding("plus,equals_sign", "zoom(0.5)", "zoom in", key_display="+", show=False, id="chart.zoom-in"),
        Binding("minus", "zoom(2.0)", "zoom out", key_display="-", show=False, id="chart.zoom-out"),
        Binding("f", "fit", "fit", id="chart.fit", tooltip="show the whole curve"),
        Binding("F", "follow", "follow the newest", show=False, id="chart.follow"),
        Binding("y", "turn('log_y')", "log y", show=False, id="chart.log-y"),
        Binding("Y", "turn('whole_y')", "outliers too", show=False, id="chart.whole-y"),
        Binding("l", "turn('log_x')", "log x", show=False, id="chart.log-x"),
        Binding("s", "smooth(1)", "smoother", show=False, id="chart.smoother"),
        Binding("S", "smooth(-1)", "rougher", show=False, id="chart.rougher"),
    ]

    figure: reactive[Figure] = reactive(Figure(), layout=False, repaint=False)
    view: reactive[View] = reactive(View(), layout=False, repaint=False)
    cursor: reactive[float | None] = reactive(None, layout=False, repaint=False)

    class CursorMoved(Message):
        """The cursor went to ``x`` (None: switched off) by a key or the mouse."""

        def __init__(self, chart: Chart, x: float | None) -> None:
            super().__init__()
            self.chart, self.x = chart, x

        @property
        def control(self) -> Chart:
            """The chart it came from."""
            return self.chart

    class ViewChanged(Message):
        """The view changed by a key or the mouse."""

        def __init__(self, chart: Chart, view: View) -> None:
            super().__init__()
            self.chart, self.view = chart, view

        @property
        def control(self) -> Chart:
            """The chart it came from."""
            return self.chart

    def __init__(self, figure: Figure | None = None, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._lines, self._colours = Lines(), Colours()
        self._plot: Plot | None = None
        self._base: Canvas | None = None
        self._shown: Canvas | None = None
        self._legend: Strip | None = None
        self._drag: tuple[int, View] | None = None
        if figure is not None:
            self.set_reactive(Chart.figure, figure)

    # What is shown follows from figure, view, cursor and size.

    def watch_figure(self) -> None:
        """New numbers: draw again."""
        self._redraw()

    def watch_view(self) -> None:
        """Another part: draw again."""
        self._redraw()

    def watch_cursor(self, before: float | None, now: float | None) -> None:
        """Only the cursor's column and the legend change."""
        self._show()
        if (before is None) is not (now is None):
            self.refresh_bindings()

    def on_mount(self) -> None:
        """Colours follow the theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._recolour())

    def on_resize(self) -> None:
        """Another size: draw again."""
        self._redraw()

    def _recolour(self) -> None:
        self._colours.clear()
        self._shown = None
        self._redraw()

    def _redraw(self) -> None:
        if not self.is_mounted or self.size.width < 4 or self.size.height < 4:
            return
        self._plot = plot(self.figure, self.view, self.size.width, self.size.height - 1, self._lines)
        self._base = self._plot.canvas
        if self.app.no_color:
            self._base.shade()
        self._show()

    def _show(self) -> None:
        if self._plot is None or self._base is None:
            return
        canvas = self._base.copy()
        if self.cursor is not None:
            self._draw_cursor(canvas, self._plot, self.cursor)
        top = legend(self.figure, self.view, self._lines, self.cursor, self.size.width, self._style)
        changes = canvas.changes(self._shown)
        moved = [] if changes is None else [region.translate((0, 1)) for region in changes]
        if top != self._legend:
            moved.append(Region(0, 0, self.size.width, 1))
        self._shown, self._legend = canvas, top
        if changes is None:
            self.refresh()
        elif moved:
            self.refresh(*moved)

    def _draw_cursor(self, canvas: Canvas, drawn: Plot, x: float) -> None:
        column = drawn.column(x)
        if column is None:
            return
        free = np.isin(canvas.signs[: drawn.height + 1, column], (32, ord("┈"), ord("─"), ord("╎")))
        canvas.signs[: drawn.height + 1, column][free] = ord("│")
        canvas.front[: drawn.height + 1, column][free] = canvas.colour("$foreground")

    def _style(self, front: str, back: str = "") -> Style:
        return self._colours.style(self, front, back)

    def render_line(self, y: int) -> Strip:
        """A row of the legend (the first) or the canvas."""
        if self._shown is None or self._shown.width != self.size.width or y > self._shown.height:
            return Strip.blank(self.size.width, self.rich_style)
        if y == 0:
            return self._legend or Strip.blank(self.size.width, self.rich_style)
        return self._shown.strip(y - 1, self._style)

    # Keys.

    def _look(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self.post_message(self.ViewChanged(self, view))

    def _move(self, x: float | None) -> None:
        if x != self.cursor:
            self.cursor = x
            self.post_message(self.CursorMoved(self, x))

    def action_cursor(self, columns: int) -> None:
        """To the next point that lies at least a column away."""
        if self._plot is None or not self.figure.points:
            return
        low, high = extent(self.figure, self.view.log_x)
        if self.cursor is None:
            self._move(high)
            return
        at = self._plot.column(self.cursor)
        if at is None:
            self._move(self.figure_x(self._plot.value(self._plot.left + self._plot.width // 2)))
            return
        target = self._plot.value(at + columns)
        self._move(min(max(self.figure_x(target, beyond=self.cursor, direction=columns), low), high))

    def figure_x(self, x: float, *, beyond: float | None = None, direction: int = 0) -> float:
        """The x of the point next to ``x`` in the longest series, at least one point past ``beyond``."""
        points = max((series.x for series in self.figure.series), key=len)
        index = int(np.searchsorted(points, x))
        index = min(max(index, 0), len(points) - 1)
        if index > 0 and abs(points[index - 1] - x) <= abs(points[index] - x):
            index -= 1
        if beyond is not None and (points[index] - beyond) * direction <= 0:
            past = np.searchsorted(points, beyond, side="right" if direction > 0 else "left")
            index = min(max(int(past) - (direction < 0), 0), len(points) - 1)
        return float(points[index])

    def action_cursor_end(self, which: int) -> None:
        """To the first or the newest point."""
        if self.figure.points:
            self._move(extent(self.figure, self.view.log_x)[which])

    def action_cursor_off(self) -> None:
        """Read the newest values again."""
        self._move(None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """Without a cursor the key that takes it away is the screen's."""
        return action != "cursor_off" or self.cursor is not None

    def action_pan(self, share: float) -> None:
        """Move the visible part."""
        self._look(self.view.pan(self.figure, share))

    def action_zoom(self, factor: float) -> None:
        """Closer or further, around the cursor if there is one, else towards the newest."""
        low, high = self.view.limits(self.figure)
        inside = self.cursor is not None and low <= self.cursor <= high
        self._look(self.view.zoom(self.figure, factor, self.cursor if inside and self.cursor is not None else high))

    def action_fit(self) -> None:
        """Show everything."""
        self._look(self.view.fit())

    def action_follow(self) -> None:
        """Slide with the newest point."""
        self._look(self.view.followed(self.figure))

    def action_turn(self, name: Literal["log_x", "log_y", "whole_y"]) -> None:
        """Turn log_x, log_y or whole_y over."""
        view = self.view
        if name == "log_x":
            self._look(replace(view.fit(), log_x=not view.log_x))
        elif name == "log_y":
            self._look(replace(view, log_y=not view.log_y))
        else:
            self._look(replace(view, whole_y=not view.whole_y))

    def action_smooth(self, step: int) -> None:
        """Stronger or weaker smoothing."""
        self._look(self.view.smoother(step))

    # Mouse: click sets the cursor, the wheel zooms, dragging pans.

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold."""
        self._drag = (event.x, self.view)
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Pan while held."""
        if self._drag is None or self._plot is None or event.x == self._drag[0]:
            return
        start, view = self._drag
        self._look(view.pan(self.figure, (start - event.x) / max(self._plot.width, 1)))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go; without a move it was a click."""
        held, self._drag = self._drag, None
        self.release_mouse()
        inside = self._plot is not None and event.x >= self._plot.left and self.figure.points
        if held is not None and held[0] == event.x and inside and self._plot is not None:
            self._move(self.figure_x(self._plot.value(event.x)))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in at the pointer."""
        self._wheel(event, 0.8)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out at the pointer."""
        self._wheel(event, 1.25)

    def _wheel(self, event: events.MouseEvent, factor: float) -> None:
        if self._plot is not None:
            event.stop()
            self._look(self.view.zoom(self.figure, factor, self._plot.value(event.x)))
