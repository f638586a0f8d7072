"""Bits per character of an engine: what its rounding costs on real text.

Shapes: N streams, T time.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from rnnlab.model.sampling.engine import Engine

_CALL = 256  # symbols per stream and call


def bits_per_character(engine: Engine, ids: ArrayLike, *, streams: int = 16) -> float:
    """Mean bits per character of the text ``ids`` (T,), read as ``streams`` equal shares side by side.

    Each share starts from the empty state, and its first symbol is read but not counted, so all
    engines answer for the same symbols. What does not fill the shares evenly is left out.
    """
    text = np.asarray(ids).astype(np.int32).ravel()
    streams = max(1, min(streams, len(text) // 2))
    length = len(text) // streams
    shares = text[: streams * length].reshape(streams, length)
    state = engine.read(engine.start(streams), shares[:, :1])
    total, count = 0.0, 0
    for begin in range(1, length, _CALL):
        state, nats = engine.feed(state, shares[:, begin : begin + _CALL])
        total += float(nats.sum(dtype=np.float64))
        count += nats.size
    return total / count / math.log(2) if count else math.nan
