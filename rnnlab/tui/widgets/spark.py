"""A curve in one row of blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int) -> str:
    """The values in at most ``width`` blocks, from the lowest to the highest; lost ones are crosses."""
    if not values or width < 1:
        return ""
    count = min(width, len(values))
    places = [values[round(index * (len(values) - 1) / max(count - 1, 1))] for index in range(count)]
    finite = [value for value in places if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    scale = (len(_BLOCKS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BLOCKS[round((value - low) * scale)] if math.isfinite(value) else "×" for value in places)
