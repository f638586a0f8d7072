"""Learning rates and the end of a run: what depends on how far the training has come.

Knows neither model nor optimizer. A run ends by updates, passes or seconds, whichever comes
first; the share that is done drives the warm-up and the cosine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rnnlab.config import TrainingConfig

_PAPER_DECAY = 0.95
_PAPER_EPOCHS = 10


@dataclass(frozen=True, slots=True)
class Horizon:
    """Where a run ends. ``steps`` joins the limits by updates and by passes; ``seconds`` that by time."""

    steps: int | None
    seconds: float | None
    per_epoch: int

    @classmethod
    def of(cls, config: TrainingConfig, per_epoch: int) -> Horizon:
        """The limits of a configuration, for an epoch of ``per_epoch`` updates."""
        limits = [config.steps] if config.steps is not None else []
        if config.epochs is not None:
            limits.append(max(1, round(config.epochs * per_epoch)))
        return cls(min(limits) if limits else None, config.time, per_epoch)

    def done(self, step: int, seconds: float) -> float:
        """The share of the run that lies behind, 0 to 1; without any limit it stays 0."""
        shares = [0.0]
        if self.steps is not None:
            shares.append(step / self.steps)
        if self.seconds is not None:
            shares.append(seconds / self.seconds)
        return min(1.0, max(shares))

    def over(self, step: int, seconds: float) -> str:
        """Why the run is over, or an empty string."""
        if self.steps is not None and step >= self.steps:
            return f"{step:,} steps done"
        if self.seconds is not None and seconds >= self.seconds:
            return f"{self.seconds:g} seconds are over"
        return ""


def learning_rate(config: TrainingConfig, done: float, epoch: float) -> float:
    """The scheduled rate when the share ``done`` of the run and ``epoch`` passes lie behind.

    ``cosine``: linear warm-up over ``warmup`` of the run, then half a cosine to
    ``final_learning_rate`` × peak (Loshchilov and Hutter 2017). ``paper``: × 0.95 for each
    epoch after the tenth, as in Karpathy, Johnson and Fei-Fei 2015. ``constant``: the peak.
    """
    peak = config.learning_rate
    if config.schedule == "paper":
        return peak * _PAPER_DECAY ** max(0, math.floor(epoch) - _PAPER_EPOCHS + 1)
    rise = min(1.0, done / config.warmup) if config.warmup > 0 else 1.0
    if config.schedule == "constant" or rise < 1.0:
        # Never exactly zero: a first step that changes nothing wastes its batch.
        return peak * max(rise, 1e-3)
    fall = (done - config.warmup) / (1.0 - config.warmup)
    floor = config.final_learning_rate
    return peak * (floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * fall)))


class Milestones:
    """Says when something is due that happens about twenty times in a run.

    With ``every`` set it is due at each multiple of that many steps. With 0 it is due whenever
    another twentieth of the run is done, and a few times early, when the curve falls fastest; but
    never before ten times the updates have passed that it costs.

    Args:
        every: steps, or 0.
        horizon: where the run ends.
        cost: how many updates take as long as doing it once.
    """

    SHARES = (0.005, 0.01, 0.02, *(part / 20 for part in range(1, 20)))
    _SPACING = 10

    def __init__(self, every: int, horizon: Horizon, cost: float = 0.0) -> None:
        self.every = every
        self.horizon = horizon
        self.spacing = self._SPACING * cost
        self.unlimited = horizon.steps is None and horizon.seconds is None

    def due(self, step: int, before: float, after: float, last: int = 0) -> bool:
        """Whether it is due after ``step``, which took the done share from ``before`` to ``after``.

        Args:
            last: the step at which it was done last.
        """
        if self.every:
            return step % self.every == 0
        if step - last < self.spacing:
            return False
        if self.unlimited:
            return step % max(1, self.horizon.per_epoch // 2) == 0
        return any(before < share <= after for share in self.SHARES)
