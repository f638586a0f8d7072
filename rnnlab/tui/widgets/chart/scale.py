"""Numbers to places along an axis, and back; linear and logarithmic."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rnnlab.tui.widgets.chart.figure import Floats

Range = tuple[float, float]
_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Scale:
    """The values from ``low`` to ``high`` spread evenly over 0 to 1 (evenly in the logarithm for ``log``)."""

    low: float
    high: float
    log: bool = False

    def place(self, values: Floats) -> Floats:
        """Places in [0, 1] for values inside the range; non-positive values of a log axis lie at -inf."""
        low, high = self.inner()
        with np.errstate(over="ignore", invalid="ignore"):  # of a damaged file
            return (forward(values, self.log) - low) / (high - low)

    def value(self, place: float) -> float:
        """The value at a place: the inverse of :meth:`place`."""
        low, high = self.inner()
        return backward(low + place * (high - low), self.log)

    def edges(self, count: int) -> Floats:
        """The values at the borders of ``count`` equal columns, (count + 1,)."""
        low, high = self.inner()
        inner = np.linspace(low, high, count + 1)
        return np.power(10.0, inner) if self.log else inner

    def inner(self) -> Range:
        """The range in the space where the axis is even."""
        low, high = (float(v) for v in forward(np.array([self.low, self.high]), self.log))
        around = max(0.5, abs(low) * 1e-9)  # of a large number a half is nothing
        return (low, high) if high > low else (low - around, low + around)


def forward(values: Floats, log: bool) -> Floats:
    """Values to the space where the axis is even: themselves, or their decimal logarithm."""
    if not log:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, np.log10(np.maximum(values, _SMALLEST)), np.where(values <= 0, -np.inf, np.nan))


def backward(inner: float, log: bool) -> float:
    """The inverse of :func:`forward` for one number."""
    if not log:
        return inner
    return math.pow(10.0, min(max(inner, -300.0), 300.0))


def zoomed(limits: Range, log: bool, factor: float, anchor: float) -> Range:
    """The range made ``factor`` times as wide while the value ``anchor`` stays where it is."""
    low, high = Scale(*limits, log).inner()
    middle = float(forward(np.array([anchor]), log)[0])
    return backward(middle - (middle - low) * factor, log), backward(middle + (high - middle) * factor, log)


def shifted(limits: Range, log: bool, share: float) -> Range:
    """The range moved by a share of its width."""
    low, high = Scale(*limits, log).inner()
    move = share * (high - low)
    return backward(low + move, log), backward(high + move, log)
