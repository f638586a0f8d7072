"""Figure + view + size = a canvas, and how to get from its cells back to values.

The order of drawing: grid, bands, dashed references, lines, points, what lies outside, marks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnlab.tui.widgets.chart import ticks
from rnnlab.tui.widgets.chart.band import band
from rnnlab.tui.widgets.chart.binning import Columns, bridge, columns, spread
from rnnlab.tui.widgets.chart.braille import BLANK, dots
from rnnlab.tui.widgets.chart.canvas import Canvas
from rnnlab.tui.widgets.chart.figure import MARKS, Figure, Floats, Series
from rnnlab.tui.widgets.chart.limits import fitted
from rnnlab.tui.widgets.chart.scale import Scale
from rnnlab.tui.widgets.chart.smoothing import smooth
from rnnlab.tui.widgets.chart.view import View

LEFT = 8
"""Cells for the labels of the y axis: nearly always the same, so that the plot does not jump."""
MUTED, GRID, LOST = "$text-muted", "$chart-grid", "$error"
_STANDING = [32, *range(0x2581, 0x2588), 0x2588]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A series sorted into columns: its line in dot columns (2 x width), its band in cell columns (width)."""

    series: Series
    line_y: Floats
    line: Columns
    band: Columns | None


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """A drawn figure: the canvas, and where on it the plot lies."""

    canvas: Canvas
    x: Scale
    y: Scale
    left: int
    width: int
    height: int

    def column(self, value: float) -> int | None:
        """The canvas column of an x value, or None where it is out of sight."""
        place = float(self.x.place(np.array([value]))[0])
        if not 0.0 <= place <= 1.0:
            return None
        return self.left + min(int(place * self.width), self.width - 1)

    def value(self, column: int) -> float:
        """The x value at the middle of a canvas column."""
        return self.x.value((column - self.left + 0.5) / max(self.width, 1))


class Lines:
    """The smoothed line of each series by its name, kept while its values and the weight stay the same."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Floats, float, Floats]] = {}

    def of(self, series: Series, weight: float) -> Floats:
        """The y values to draw as a line."""
        if not series.smooth or weight <= 0:
            return series.y
        kept = self._kept.get(series.name)
        if kept is None or kept[0] is not series.y or kept[1] != weight:
            kept = self._kept[series.name] = (series.y, weight, smooth(series.y, weight))
        return kept[2]


def plot(figure: Figure, view: View, width: int, height: int, lines: Lines | None = None) -> Plot:
    """Draw. The last two rows are the lane of marks and the x axis's labels; the y labels stand at the left."""
    lines = lines or Lines()
    canvas = Canvas(width, height)
    rows = max(1, height - 2)
    x_scale = Scale(*view.limits(figure), view.log_x)
    left = min(LEFT, max(2, width // 3))
    curves, y_scale, values, words = _measured(figure, view, lines, x_scale, max(2, width - left), rows)
    if any(len(word) >= left for word in words) and width > 3 * LEFT:
        left = max(len(word) for word in words) + 1
        curves, y_scale, values, words = _measured(figure, view, lines, x_scale, max(2, width - left), rows)
    inner = max(2, width - left)
    drawn = Plot(canvas, x_scale, y_scale, left, inner, rows)
    _axis_y(drawn, values, words)
    if not any(len(series.x) for series in figure.series):
        canvas.write(left + max(0, (inner - len(figure.empty)) // 2), rows // 2, figure.empty, MUTED)
        return drawn
    for curve in curves:
        _draw_band(drawn, curve)
    for curve in curves:
        _draw_reference(drawn, curve.series)
    for curve in curves:
        _draw_line(drawn, curve)
    for curve in curves:
        _draw_points(drawn, curve)
        _draw_outside(drawn, curve)
    _axis_x(drawn, figure)
    _draw_marks(drawn, figure)
    return drawn


def _measured(
    figure: Figure, view: View, lines: Lines, x: Scale, width: int, rows: int
) -> tuple[list[Curve], Scale, list[float], list[str]]:
    """The curves sorted into columns, the y range that fits them, and its labels."""
    curves = [_curve(series, lines.of(series, view.smoothing), x, width) for series in figure.series]
    y_scale = fitted(curves, view)
    values = ticks.ticks(y_scale, max(2, rows // 3))
    return curves, y_scale, values, ticks.labels(values)


def _curve(series: Series, line_y: Floats, x: Scale, width: int) -> Curve:
    edges = x.edges(2 * width)
    line = columns(series.x, line_y, line_y, edges)
    around = None
    if series.low is not None and series.high is not None:
        around = spread(columns(series.x, series.low, series.high, edges[::2]))
    return Curve(series, line_y, line, around)


def _axis_y(drawn: Plot, values: list[float], words: list[str]) -> None:
    canvas = drawn.canvas
    taken = -1
    for value, word in sorted(zip(values, words, strict=True), reverse=True):
        place = float(drawn.y.place(np.array([value]))[0])
        if not 0.0 <= place <= 1.0:
            continue
        row = min(int((1.0 - place) * drawn.height), drawn.height - 1)
        if row == taken:
            continue
        taken = row
        canvas.write(0, row, word.rjust(drawn.left - 1)[: drawn.left - 1], MUTED)
        canvas.write(drawn.left, row, "┈" * drawn.width, GRID)


def _axis_x(drawn: Plot, figure: Figure) -> None:
    canvas, row = drawn.canvas, drawn.height
    canvas.write(drawn.left, row, "─" * drawn.width, GRID)
    if row + 1 >= canvas.height:
        return
    name = f" {figure.x_name}"
    free = drawn.left + drawn.width - len(name)
    canvas.write(free, row + 1, name, MUTED)
    taken = 0
    for value in ticks.ticks(drawn.x, max(2, drawn.width // 9)):
        column, word = drawn.column(value), figure.x_format(value)
        if column is None:
            continue
        start = max(drawn.left - 1, column - len(word) // 2)
        if start < taken or start + len(word) > free:
            continue
        taken = start + len(word) + 2
        canvas.write(column, row, "┴", GRID)
        canvas.write(start, row + 1, word, MUTED)


def _area(drawn: Plot) -> tuple[slice, slice]:
    return slice(0, drawn.height), slice(drawn.left, drawn.left + drawn.width)


def _draw_band(drawn: Plot, curve: Curve) -> None:
    if curve.band is None:
        return
    canvas, area = drawn.canvas, _area(drawn)
    cells = band(drawn.y.place(curve.band.low), drawn.y.place(curve.band.high), drawn.height)
    tint = canvas.colour(f"{curve.series.colour}~")
    filled = cells.eighths > 0
    whole = cells.eighths == 8
    standing, hanging = filled & ~whole & ~cells.hanging, filled & cells.hanging & ~whole
    signs = np.where(cells.hanging, 8 - cells.eighths, cells.eighths)
    canvas.signs[area] = np.where(filled, np.where(whole, 32, np.array(_STANDING)[signs]), canvas.signs[area])
    before = canvas.back[area]
    canvas.front[area] = np.where(standing, tint, np.where(hanging, _under(canvas), canvas.front[area]))
    canvas.back[area] = np.where(whole | hanging, tint, before)


def _under(canvas: Canvas) -> int:
    """The colour of the plot's ground, as a foreground."""
    return canvas.colour("$chart-ground")


def _lay(drawn: Plot, codes: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], colour: str) -> None:
    """Put braille cells on the canvas: dots join those that are there, the background is the band's or none."""
    canvas, area = drawn.canvas, _area(drawn)
    signs, front, back = canvas.signs[area], canvas.front[area], canvas.back[area]
    touched = codes > 0
    old = np.where((signs >= BLANK) & (signs < BLANK + 256), signs - BLANK, 0)
    for index, name in enumerate(canvas.names):  # a partly filled cell becomes a full or an empty one
        if name.endswith("~"):
            mostly = touched & (front == index) & (signs >= 0x2584) & (signs <= 0x2588)
            back[mostly] = index
    ground = canvas.names.index("$chart-ground") if "$chart-ground" in canvas.names else -1
    back[touched & (front == ground) & (signs >= 0x2585) & (signs <= 0x2588)] = 0
    signs[touched] = (BLANK + (old | codes))[touched]
    front[touched] = canvas.colour(colour)


def _draw_reference(drawn: Plot, series: Series) -> None:
    if series.reference is None:
        return
    place = np.full(2 * drawn.width, float(drawn.y.place(np.array([series.reference]))[0]))
    place[(np.arange(2 * drawn.width) % 6) >= 3] = np.nan
    _lay(drawn, dots(place, place, drawn.height), series.colour)


def _draw_line(drawn: Plot, curve: Curve) -> None:
    line, series = curve.line, curve.series
    low, high = drawn.y.place(line.low), drawn.y.place(line.high)
    empty = np.isnan(low)
    start = max(0, int(np.searchsorted(series.x, drawn.x.low)) - 1)
    stop = min(len(series.x), int(np.searchsorted(series.x, drawn.x.high, side="right")) + 1)
    if empty.any() and stop > start:
        centres = (np.arange(2 * drawn.width) + 0.5) / (2 * drawn.width)
        x, y = drawn.x.place(series.x[start:stop]), drawn.y.place(curve.line_y[start:stop])
        filler = bridge(x, y, centres, empty)
        low, high = np.where(empty, filler, low), np.where(empty, filler, high)
    _lay(drawn, dots(low, high, drawn.height), series.colour)


def _draw_points(drawn: Plot, curve: Curve) -> None:
    series = curve.series
    start, stop = np.searchsorted(series.x, [drawn.x.low, drawn.x.high])
    if not series.points or stop + 1 - start > drawn.width // 3:
        return
    for x, y in zip(series.x[start : stop + 1].tolist(), curve.line_y[start : stop + 1].tolist(), strict=True):
        column, place = drawn.column(x), float(drawn.y.place(np.array([y]))[0])
        if column is not None and 0.0 <= place <= 1.0:
            row = min(int((1.0 - place) * drawn.height), drawn.height - 1)
            drawn.canvas.signs[row, column] = ord("●")
            drawn.canvas.front[row, column] = drawn.canvas.colour(series.colour)


def _draw_outside(drawn: Plot, curve: Curve) -> None:
    """Arrows where values lie outside the y range, crosses where the number was lost."""
    canvas = drawn.canvas
    cells = curve.band or curve.line
    high = np.fmax(cells.high, cells.low) if curve.band else np.fmax(cells.high[::2], cells.high[1::2])
    low = cells.low if curve.band else np.fmin(cells.low[::2], cells.low[1::2])
    raw = columns(curve.series.x, curve.series.y, curve.series.y, drawn.x.edges(drawn.width))
    lost = raw.lost | (cells.lost if curve.band else cells.lost[::2] | cells.lost[1::2])
    with np.errstate(invalid="ignore"):
        over, under = drawn.y.place(high) > 1.0 + 1e-9, drawn.y.place(low) < -1e-9
    for where, row, sign, colour in (
        (over, 0, "▲", curve.series.colour),
        (under, drawn.height - 1, "▼", curve.series.colour),
        (lost, 0, "×", LOST),
    ):
        at = drawn.left + np.flatnonzero(where)
        canvas.signs[row, at] = ord(sign)
        canvas.front[row, at] = canvas.colour(colour)


def _draw_marks(drawn: Plot, figure: Figure) -> None:
    canvas, row = drawn.canvas, drawn.height
    best: dict[int, int] = {}
    for mark in figure.marks:
        column, style = drawn.column(mark.x), MARKS[mark.kind]
        if column is None or style.rank < best.get(column, -1):
            continue
        best[column] = style.rank
        canvas.write(column, row, style.sign, style.colour)
        if style.line:
            free = np.isin(canvas.signs[: drawn.height, column], (32, ord("┈")))
            canvas.signs[: drawn.height, column][free] = ord("╎")
            canvas.front[: drawn.height, column][free] = canvas.colour(style.colour)
