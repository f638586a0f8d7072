"""draw.py's random numbers and its rule for drawing, as work for a device that never waits for the host.

Shapes: N streams, T time, V vocabulary.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.model.sampling.settings import SamplingSettings

_LOW = 0xFFFFFFFF
_ROUNDS = 10


def uniform(seed: int, stream: Tensor, position: Tensor) -> Tensor:
    """The numbers of `draw.uniform`, bit for bit, float64 over the broadcast of two int64 tensors.

    Philox works with unsigned numbers and torch with signed ones: products and shifts of both have
    the same low 64 bits, and what a right shift drags in from the left is masked away.
    """
    whose, where = torch.broadcast_tensors(stream, position)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    a, b, c, d = where & _LOW, where >> 32 & _LOW, whose & _LOW, whose >> 32 & _LOW
    key, other = seed & _LOW, seed >> 32 & _LOW
    for _ in range(_ROUNDS):
        left, right = a * 0xD2511F53, c * 0xCD9E8D57
        a, b, c, d = (right >> 32 & _LOW) ^ b ^ key, right & _LOW, (left >> 32 & _LOW) ^ d ^ other, left & _LOW
        key, other = key + 0x9E3779B9 & _LOW, other + 0xBB67AE85 & _LOW
    bits: Tensor = (a << 32 | b) >> 11 & (1 << 53) - 1
    return bits.double() * 2.0**-53


def draw(logits: Tensor, settings: SamplingSettings, numbers: Tensor) -> Tensor:
    """One symbol per stream (N,) from logits (N, V) and uniform numbers (N,)."""
    if settings.temperature == 0.0:
        return logits.argmax(dim=1)
    tempered = logits if settings.temperature == 1.0 else logits / settings.temperature
    sums = _cut(logits, torch.softmax(tempered, dim=1, dtype=torch.float64), settings).cumsum(dim=1)
    places = torch.searchsorted(sums, numbers[:, None] * sums[:, -1:], right=True)
    return places.squeeze(1).clamp(max=logits.shape[1] - 1)


def _cut(logits: Tensor, chances: Tensor, settings: SamplingSettings) -> Tensor:
    """Chances (N, V), zero where a symbol may not be drawn."""
    vocabulary = logits.shape[1]
    limit = settings.top_k if 0 < settings.top_k < vocabulary else vocabulary
    kept = chances
    if limit < vocabulary or settings.top_p < 1.0:
        order = logits.sort(dim=1, descending=True, stable=True).indices
        ordered = chances.gather(1, order)
        ordered = ordered.masked_fill(torch.arange(vocabulary, device=logits.device) >= limit, 0.0)
        sums = ordered.cumsum(dim=1)
        # A symbol stays while those before it have not yet the share.
        ordered = ordered.masked_fill(sums - ordered >= settings.top_p * sums[:, -1:], 0.0)
        kept = torch.zeros_like(chances).scatter(1, order, ordered)
    if settings.min_p > 0.0:
        kept = kept.masked_fill(chances < settings.min_p * chances.amax(dim=1, keepdim=True), 0.0)
    return kept
