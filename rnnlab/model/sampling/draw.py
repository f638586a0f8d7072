"""Drawing symbols from logits, with random numbers that depend on nothing but their place.

The uniform number of a draw is a function of (seed, stream, position) alone, through Philox
4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). So a stream gets
the same numbers in any batch, in any order and on any engine.

Shapes: N streams, V vocabulary.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.model.sampling.settings import SamplingSettings
from rnnlab.model.sampling.weights import Floats

TOP = 5
"""How many of the likeliest symbols an inspection names."""


def uniform(seed: int, stream: NDArray[np.int64], position: NDArray[np.int64]) -> NDArray[np.float64]:
    """Numbers in [0, 1) of 53 bits, elementwise over streams and positions."""
    low, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    whose, where = (part.astype(np.uint64) for part in np.broadcast_arrays(stream, position))
    a, b, c, d = where & low, where >> shift, whose & low, whose >> shift
    key, other = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        left, right = np.uint64(0xD2511F53) * a, np.uint64(0xCD9E8D57) * c
        a, b, c, d = (
            (right >> shift) ^ b ^ np.uint64(key),
            right & low,
            (left >> shift) ^ d ^ np.uint64(other),
            left & low,
        )
        key, other = (key + 0x9E3779B9) & 0xFFFFFFFF, (other + 0xBB67AE85) & 0xFFFFFFFF
    return (((a << shift) | b) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def draw(logits: Floats, settings: SamplingSettings, numbers: NDArray[np.float64]) -> NDArray[np.int32]:
    """One symbol per stream, (N,), from logits (N, V) and uniform numbers (N,)."""
    if settings.temperature == 0.0:
        best: NDArray[np.int32] = logits.argmax(axis=1).astype(np.int32)
        return best
    weights = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
    if settings.temperature != 1.0:
        weights /= np.float32(settings.temperature)
    np.exp(weights, weights)
    if settings.cuts:
        weights *= _cut(logits, weights, settings)
    sums = np.add.accumulate(weights, axis=1, dtype=np.float64)
    # The first whose sum lies above the number's share of the whole: so its own weight is not zero.
    above = sums > numbers[:, None] * sums[:, -1:]
    symbols: NDArray[np.int32] = above.argmax(axis=1).astype(np.int32)
    return symbols


def _cut(logits: Floats, weights: Floats, settings: SamplingSettings) -> NDArray[np.bool_]:
    """Which symbols may be drawn, (N, V)."""
    kept = np.ones(logits.shape, dtype=bool)
    vocabulary = logits.shape[1]
    limit = settings.top_k if 0 < settings.top_k < vocabulary else vocabulary
    if limit < vocabulary or settings.top_p < 1.0:
        order = np.argsort(-logits, axis=1, kind="stable")  # ties: the smaller symbol first
        chosen = np.arange(vocabulary)[None, :] < limit
        if settings.top_p < 1.0:
            sums = np.cumsum(np.take_along_axis(weights, order, axis=1)[:, :limit], axis=1, dtype=np.float64)
            reached = sums >= settings.top_p * sums[:, -1:]
            last = np.where(reached.any(axis=1), reached.argmax(axis=1), limit - 1)
            chosen = np.arange(vocabulary)[None, :] <= last[:, None]
        np.put_along_axis(kept, order, np.broadcast_to(chosen, kept.shape), axis=1)
    if settings.min_p > 0.0:
        kept &= weights >= np.float32(settings.min_p)
    return kept


def inspect(logits: Floats, symbols: NDArray[np.int32]) -> tuple[Floats, NDArray[np.int32], Floats]:
    """Of the untouched distribution (temperature 1, nothing cut): the symbols' chances (N,), and the
    five likeliest symbols with theirs, (N, 5) each; -1 and 0 where the vocabulary is smaller."""
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances = (weights / np.cumsum(weights, axis=1, dtype=np.float64)[:, -1:]).astype(np.float32)
    order = np.argsort(-logits, axis=1, kind="stable")[:, :TOP].astype(np.int32)
    top = np.full((len(logits), TOP), -1, np.int32)
    top[:, : order.shape[1]] = order
    likeliest = np.zeros((len(logits), TOP), np.float32)
    likeliest[:, : order.shape[1]] = np.take_along_axis(chances, order, axis=1)
    return chances[np.arange(len(logits)), symbols], top, likeliest


def surprise(logits: Floats, symbols: NDArray[np.int32]) -> Floats:
    """Nats of each symbol (N,) under its logits (N, V)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    total = np.cumsum(np.exp(shifted), axis=1, dtype=np.float64)[:, -1]
    nats: Floats = (np.log(total) - shifted[np.arange(len(logits)), symbols]).astype(np.float32)
    return nats
