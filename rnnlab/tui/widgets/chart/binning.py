"""Many points to few columns without losing an extreme: how a one-step spike stays visible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.tui.widgets.chart.figure import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """For each of C columns: extremes, and the values at its two ends; NaN where it holds no point."""

    low: Floats
    high: Floats
    first: Floats
    last: Floats
    lost: NDArray[np.bool_]
    """Whether the column holds a value that is not finite."""


def columns(x: Floats, low: Floats, high: Floats, edges: Floats) -> Columns:
    """Sort points into the columns between ``edges`` (C + 1, rising); x must not decrease."""
    borders = np.searchsorted(x, edges)
    borders[-1] = np.searchsorted(x, edges[-1], side="right")
    borders = np.maximum.accumulate(borders)  # of a damaged file x may decrease all the same
    starts, stops = borders[:-1], borders[1:]
    begin, end = int(starts[0]), int(stops[-1])
    filled = stops > starts
    shape = len(starts)
    result = [np.full(shape, np.nan) for _ in range(4)]
    lost = np.zeros(shape, dtype=np.bool_)
    if end > begin and filled.any():
        at = starts[filled] - begin
        clean_low, clean_high = _finite(low[begin:end]), _finite(high[begin:end])
        result[0][filled] = np.fmin.reduceat(clean_low, at)
        result[1][filled] = np.fmax.reduceat(clean_high, at)
        result[2][filled] = clean_high[at]
        result[3][filled] = clean_high[stops[filled] - begin - 1]
        broken = np.isnan(clean_low) | np.isnan(clean_high)
        lost[filled] = np.logical_or.reduceat(broken, at)
    return Columns(result[0], result[1], result[2], result[3], lost)


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def bridge(x: Floats, y: Floats, centres: Floats, empty: NDArray[np.bool_]) -> Floats:
    """Values at the centres of empty columns, on straight lines between the points around them.

    All in places (0 to 1 along each axis), so that a line is straight on the screen. Columns
    before the first and after the last point stay NaN.
    """
    result = np.full(len(centres), np.nan)
    good = np.isfinite(x) & np.isfinite(y)
    if not good.any() or not empty.any():
        return result
    result[empty] = np.interp(centres[empty], x[good], y[good], left=np.nan, right=np.nan)
    return result


def spread(cells: Columns) -> Columns:
    """Empty columns between two points take the extremes of the later one: a report speaks of the steps up to it."""
    filled = np.isfinite(cells.low)
    if not filled.any() or filled.all():
        return cells
    count = len(filled)
    later = np.minimum.accumulate(np.where(filled, np.arange(count), count)[::-1])[::-1]
    later[: int(np.argmax(filled))] = count
    source = np.where(later < count, later, 0)
    low, high = (np.where(later < count, part[source], np.nan) for part in (cells.low, cells.high))
    return Columns(low, high, cells.first, cells.last, cells.lost)
