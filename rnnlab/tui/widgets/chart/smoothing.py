"""The running mean of a noisy series, without lag: it looks both ways, and it does not start at zero."""

from __future__ import annotations

import math

import numpy as np

from rnnlab.tui.widgets.chart.figure import Floats

_BLOCK = 64
_SMALLEST = math.log(1e-18)


def smooth(values: Floats, weight: float) -> Floats:
    """Exponential mean of the values around each place: value k steps away weighs weight^k.

    One that looks only back lies beside the band where the loss falls steeply. Values that are not
    finite carry no weight. Done in blocks of 64 by cumulative sums, so that a million
    points take some thirty milliseconds; within a block the weights' powers stay far inside the range of
    float64 for every weight of at least 0.01.
    """
    if weight <= 0 or len(values) == 0:
        return values
    finite = np.isfinite(values)
    top = _both_ways(np.where(finite, values, 0.0), weight)
    if finite.all():
        back = np.ones(len(values))
        felt = min(len(values), int(_SMALLEST / math.log(weight)) + 1)  # powers beyond it change nothing, and are slow
        back[:felt] -= np.power(weight, np.arange(1, felt + 1))
        smoothed: Floats = top / (back + back[::-1] - (1 - weight))
        return smoothed
    bottom = _both_ways(finite.astype(np.float64), weight)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(bottom > 0, top / bottom, np.nan)


def _both_ways(values: Floats, weight: float) -> Floats:
    back, ahead = _running(values, weight), _running(values[::-1], weight)[::-1]
    return back + ahead - (1 - weight) * values  # the value itself counts once


def _running(values: Floats, weight: float) -> Floats:
    powers = np.power(max(weight, 0.01), np.arange(_BLOCK + 1))
    carry = powers[1:]
    padded = np.zeros(-(-len(values) // _BLOCK) * _BLOCK)
    padded[: len(values)] = values
    blocks = np.cumsum(padded.reshape(-1, _BLOCK) / carry, axis=1) * carry * (1 - weight)
    before, starts = 0.0, np.empty(len(blocks))
    for index, last in enumerate(blocks[:, -1].tolist()):
        starts[index] = before
        before = last + carry[-1] * before
    return (blocks + starts[:, None] * carry).reshape(-1)[: len(values)]
