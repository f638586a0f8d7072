"""The chart's first row: each curve's name and its value at the cursor, or the newest one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from rnnlab.display import safe
from rnnlab.tui.widgets.chart.figure import Figure, Series
from rnnlab.tui.widgets.chart.plot import Lines
from rnnlab.tui.widgets.chart.view import View


def legend(
    figure: Figure, view: View, lines: Lines, cursor: float | None, width: int, style: Callable[[str], Style]
) -> Strip:
    """The row, exactly ``width`` cells; curves that do not fit are counted: a value cut short would be a false one."""
    entries: list[list[tuple[str, str]]] = []
    wide = width >= 100
    for series in figure.series:
        if not len(series.x):
            continue
        value = reading(figure, series, lines.of(series, view.smoothing), cursor, wide=wide)
        name = f"━ {safe(series.name, multiline=False)} "
        entries.append([(name, series.colour), (value, "$foreground")])
    right = _settings(figure, view)
    room = width - cell_len(right) if cell_len(right) < width - width // 3 else width
    parts = [(f"│{figure.x_format(cursor)} ", "$foreground")] if cursor is not None else []
    parts += _fitting(entries, room - _cells(parts))
    segments = [Segment(text, style(colour)) for text, colour in parts]
    used = _cells(parts)
    if used + cell_len(right) <= width:
        segments.append(Segment(" " * (width - used - cell_len(right)) + right, style("$text-muted")))
    return Strip(segments).adjust_cell_length(width, style(""))


def _fitting(entries: list[list[tuple[str, str]]], room: int) -> list[tuple[str, str]]:
    """As many whole entries as fit, and how many there are besides; the first one shortened where none fits."""
    parts: list[tuple[str, str]] = []
    for place, entry in enumerate(entries):
        entry = [("  ", "$foreground"), *entry] if place else entry
        after = len(entries) - place - 1
        more = f"  +{after}" if after else ""
        if _cells(parts) + _cells(entry) + len(more) <= room:
            parts += entry
        elif place:
            return [*parts, (f"  +{after + 1}", "$text-muted")]
        else:
            text = set_cell_size("".join(words for words, _ in entry), max(room - len(more) - 1, 0))
            return [(f"{text}…", entry[0][1]), (more, "$text-muted")]
    return parts


def _cells(parts: list[tuple[str, str]]) -> int:
    return sum(cell_len(text) for text, _ in parts)


def reading(figure: Figure, series: Series, line: np.ndarray, cursor: float | None, *, wide: bool = True) -> str:
    """The values of the point next to the cursor: exact, with the band's ends where there is room."""
    index = len(series.x) - 1 if cursor is None else nearest(series, cursor)
    text = figure.y_format(float(series.y[index]))
    if series.low is not None and series.high is not None and wide:
        low, high = float(series.low[index]), float(series.high[index])
        text += f" [{figure.y_format(low)} {figure.y_format(high)}]"
    if line is not series.y and wide:
        text += f" ~{figure.y_format(float(line[index]))}"
    if series.reference is not None:
        text += f" ┄ {series.reference_name or 'reference'} {figure.y_format(series.reference)}"
        if series.reference_low is not None and series.reference_high is not None and wide:
            text += f" [{figure.y_format(series.reference_low)} {figure.y_format(series.reference_high)}]"
    return text


def nearest(series: Series, x: float) -> int:
    """The index of the point that lies nearest to ``x``."""
    index = min(int(np.searchsorted(series.x, x)), len(series.x) - 1)
    if index > 0 and abs(series.x[index - 1] - x) <= abs(series.x[index] - x):
        index -= 1
    return index


def _settings(figure: Figure, view: View) -> str:
    words = [figure.y_name] if all(series.name != figure.y_name for series in figure.series) else []
    if view.smoothing and any(series.smooth for series in figure.series):
        words.append(f"smooth {view.smoothing:g}")
    if view.log_x or view.log_y:
        words.append("log " + "x" * view.log_x + "y" * view.log_y)
    if view.follow:
        words.append("following")
    elif view.x is not None:
        words.append("zoomed")
    return " " + " · ".join(words) if words else ""
