"""Which y range fits the curves that are in view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from rnnlab.tui.widgets.chart.binning import Columns
from rnnlab.tui.widgets.chart.figure import Floats, Series
from rnnlab.tui.widgets.chart.scale import Range, Scale, backward, forward
from rnnlab.tui.widgets.chart.ticks import nice_step
from rnnlab.tui.widgets.chart.view import View


class Drawable(Protocol):
    """A series sorted into columns."""

    @property
    def series(self) -> Series: ...  # noqa: D102  # a field
    @property
    def line(self) -> Columns: ...  # noqa: D102  # a field
    @property
    def band(self) -> Columns | None: ...  # noqa: D102  # a field


def fitted(curves: Sequence[Drawable], view: View) -> Scale:
    """The y scale: every line in view, without the rare extremes unless ``view.whole_y``.

    The range is rounded outwards, so that it stands still while a run goes on.
    """
    spans: list[Range] = []
    for curve in curves:
        spans += _span(curve.line, view, share=0.03)
        if curve.band is not None:
            spans += _span(curve.band, view, share=0.03)
        if curve.series.reference is not None:
            inner = float(forward(np.array([curve.series.reference]), view.log_y)[0])
            spans += [(inner, inner)] if math.isfinite(inner) else []
    if not spans:
        return Scale(1.0, 10.0, view.log_y) if view.log_y else Scale(0.0, 1.0)
    low, high = min(span[0] for span in spans), max(span[1] for span in spans)
    if high - low < 1e-12 * max(abs(low), abs(high), 1e-12):
        margin = 0.5 if view.log_y or low == 0 else abs(low) * 0.1
        low, high = low - margin, high + margin
    step = nice_step(high - low, 20)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return Scale(backward(low, view.log_y), backward(high, view.log_y), view.log_y)


def _span(cells: Columns, view: View, share: float) -> list[Range]:
    """Lowest and highest value, each without a ``share`` of the columns where that gains much room."""
    lows, highs = _usable(cells.low, view.log_y), _usable(cells.high, view.log_y)
    if not len(lows) or not len(highs):
        return []
    low, high = float(lows.min()), float(highs.max())
    if view.whole_y or len(highs) < 30:
        return [(low, high)]
    inner_low, inner_high = float(np.quantile(lows, share)), float(np.quantile(highs, 1.0 - share))
    room = inner_high - inner_low
    return [
        (
            inner_low if inner_low - low > 0.3 * room else low,
            inner_high if high - inner_high > 0.3 * room else high,
        )
    ]


def _usable(values: Floats, log: bool) -> Floats:
    inner = forward(values, log)
    return inner[np.isfinite(inner)]
