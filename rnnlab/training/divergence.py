"""Notices when a loss is lost: not a number, infinite, or exploding.

Knows only numbers. What to do about it is the trainer's business.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

ATTEMPTS = 3
"""How often training goes back to a checkpoint before it gives up."""

_ABOVE_UNIFORM = 1.0
_ABOVE_LOWEST = 2.0
_KEPT = 0.98  # of the smoothed loss at each update


class DivergenceWatch:
    """Looks at every report of losses.

    A model that knows nothing loses ln V nats per character, so a report whose mean lies a nat
    above that has unlearnt everything; so has one two nats above the lowest that the smoothed loss
    has been. It is smoothed because a small batch of easy text says little.

    Args:
        vocabulary: V.
    """

    def __init__(self, vocabulary: int, lowest: float | None = None, smoothed: float | None = None) -> None:
        self.uniform = math.log(max(2, vocabulary))
        self.lowest = lowest
        self.smoothed = smoothed

    def look(self, losses: Sequence[float], norms: Sequence[float]) -> str:
        """Why training has diverged, or an empty string; ``losses`` in nats per character."""
        for loss in losses:
            if not math.isfinite(loss):
                return f"the loss is {loss}"
        for norm in norms:
            if not math.isfinite(norm):
                return f"the gradient's norm is {norm}"
        mean = sum(losses) / len(losses)
        lowest = self.uniform if self.lowest is None else self.lowest
        if mean > min(self.uniform + _ABOVE_UNIFORM, lowest + _ABOVE_LOWEST):
            return f"the loss rose to {mean:.2f} nats per character (it had been {min(lowest, self.uniform):.2f})"
        kept = 0.0 if self.smoothed is None else _KEPT ** len(losses)
        self.smoothed = kept * (self.smoothed or 0.0) + (1 - kept) * mean
        self.lowest = self.smoothed if self.lowest is None else min(self.lowest, self.smoothed)
        return ""
