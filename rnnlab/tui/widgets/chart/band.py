"""From lowest to highest as cell backgrounds, with edges finer than a cell.

A full cell is a coloured background. The upper edge is one of the blocks ▁▂▃▄▅▆▇; the lower
edge is the same block with its two colours changed over, as there are few blocks that hang.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnlab.tui.widgets.chart.figure import Floats

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Per cell (height, width), top row first: how many eighths are filled, and from which end."""

    eighths: NDArray[np.int64]
    hanging: Bools
    """The filled part hangs from the cell's top instead of standing on its bottom."""

    @property
    def mostly(self) -> Bools:
        """Cells that count as inside when something else is drawn over them."""
        return self.eighths >= 4


def band(low: Floats, high: Floats, height: int) -> Band:
    """Cells of a band whose lower and upper places (0 bottom to 1 top) per cell column are given, (width,)."""
    parts = height * 8
    with np.errstate(invalid="ignore"):
        bottom = np.floor(np.clip(low, 0.0, 1.0) * parts)
        top = np.ceil(np.clip(high, 0.0, 1.0) * parts)
        outside = np.isnan(bottom) | np.isnan(top) | (high < 0.0) | (low > 1.0)
    bottom, top = np.where(outside, 0, bottom), np.where(outside, 0, np.maximum(top, bottom + 1))
    base = (np.arange(height - 1, -1, -1) * 8)[:, None]
    under = np.clip(bottom - base, 0, 8).astype(np.int64)
    over = np.clip(top - base, 0, 8).astype(np.int64)
    eighths = over - under
    hanging = (under > 0) & (over == 8) & (eighths > 0)
    return Band(eighths, hanging)
