"""Which part of a figure is looked at, as a value: zoom, pan, fit, follow. It knows no terminal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rnnlab.tui.widgets.chart.figure import Figure
from rnnlab.tui.widgets.chart.scale import Range, Scale, shifted, zoomed
from rnnlab.tui.widgets.chart.ticks import nice_step

SMOOTHING = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)
_HEADROOM = 24
"""The right end moves in steps of about one part in so many: between them only new columns are sent."""


@dataclass(frozen=True, slots=True)
class View:
    """``x`` None shows everything; else that range, which slides with the newest point while ``follow``."""

    x: Range | None = None
    follow: bool = False
    log_x: bool = False
    log_y: bool = False
    smoothing: float = 0.9
    whole_y: bool = False
    """Fit the y axis to every value; else rare outliers are cut off and marked at the edge."""

    def limits(self, figure: Figure) -> Range:
        """The x range that is shown."""
        low, high = extent(figure, self.log_x)
        if self.x is None:
            return low, _headroom(low, high, self.log_x)
        if not self.follow:
            return self.x
        width = self.x[1] - self.x[0]
        end = _headroom(high - width, high, False)
        return end - width, end

    def zoom(self, figure: Figure, factor: float, anchor: float) -> View:
        """Closer (factor < 1) or further around the value ``anchor``; fitted again when all is visible."""
        low, high = extent(figure, self.log_x)
        start, stop = zoomed(self.limits(figure), self.log_x, factor, anchor)
        if factor > 1 and start <= low and stop >= high:
            return replace(self, x=None, follow=False)
        if factor < 1 and not stop - start > 1e-9 * max(abs(start), abs(stop)):
            return self
        return replace(self, x=(start, stop))

    def pan(self, figure: Figure, share: float) -> View:
        """Move by a share of the visible width, but never past the data."""
        limits = self.limits(figure)
        moved = shifted(limits, self.log_x, share)
        low, high = extent(figure, self.log_x)
        if (share < 0 and limits[0] <= low) or (share > 0 and limits[1] >= high):
            return self
        return replace(self, x=moved, follow=False)

    def fit(self) -> View:
        """Show everything."""
        return replace(self, x=None, follow=False)

    def followed(self, figure: Figure) -> View:
        """Slide with the newest point, or stop doing so; from the whole picture: the newest fifth of it."""
        if self.follow:
            return replace(self, follow=False)
        low, high = self.limits(figure)
        if self.x is None:
            low = high - (high - low) / 5
        return replace(self, x=(low, high), follow=True)

    def smoother(self, step: int) -> View:
        """The next stronger (1) or weaker (-1) smoothing."""
        nearest = min(range(len(SMOOTHING)), key=lambda index: abs(SMOOTHING[index] - self.smoothing))
        return replace(self, smoothing=SMOOTHING[min(max(nearest + step, 0), len(SMOOTHING) - 1)])


def extent(figure: Figure, log: bool) -> Range:
    """From the first to the last x of all series (of the positive ones for a log axis)."""
    low, high = figure.span if figure.span and not (log and figure.span[0] <= 0) else (np.inf, -np.inf)
    for series in figure.series:
        x = series.x[int(np.searchsorted(series.x, 0.0, side="right")) :] if log else series.x
        if len(x):
            low, high = min(low, float(x[0])), max(high, float(x[-1]))
    if not high >= low:
        return (1.0, 10.0) if log else (0.0, 1.0)
    if high == low:
        return (low / 2, low * 2) if log else (low - 0.5, low + 0.5)
    return low, high


def _headroom(low: float, high: float, log: bool) -> float:
    if log:
        scale = Scale(low, high, log=True)
        inner_low, inner_high = scale.inner()
        step = nice_step(inner_high - inner_low, _HEADROOM * 2)
        return float(10.0 ** (np.ceil(inner_high / step) * step))
    step = nice_step(high - low, _HEADROOM)
    return float(np.ceil(high / step - 1e-9) * step)
