"""Counts over many texts: a rate is sum over sum, never a mean of means, and has an interval."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from rnnlab.evaluation.contract import Better, Metric
from rnnlab.events import Score

Z = 1.959963984540054  # two-sided 95 %


def wilson(count: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a rate (Wilson 1927), in [0, 1]; all of it where nothing was counted."""
    if total == 0:
        return 0.0, 1.0
    share, z2 = count / total, Z * Z
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    return (0.0 if count == 0 else max(0.0, centre - half)), (1.0 if count == total else min(1.0, centre + half))


@dataclass(frozen=True, slots=True)
class Total:
    """One metric over some texts."""

    plugin: str
    name: str
    count: int
    total: int
    better: Better

    @property
    def rate(self) -> float | None:
        """Count over total; nothing where nothing was counted."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, Wilson."""
        return wilson(self.count, self.total)


def scores(totals: Iterable[Total]) -> tuple[Score, ...]:
    """Totals as they stand in the events of a run."""
    return tuple(Score(name=one.name, count=one.count, total=one.total, better=one.better) for one in totals)


def add_up(metrics: Iterable[tuple[str, Metric]]) -> list[Total]:
    """The totals of ``(plugin, metric)`` pairs, in the order in which they first come."""
    sums: dict[tuple[str, str], Total] = {}
    for plugin, metric in metrics:
        key = (plugin, metric.name)
        before = sums.get(key) or Total(plugin, metric.name, 0, 0, metric.better)
        sums[key] = Total(plugin, metric.name, before.count + metric.count, before.total + metric.total, metric.better)
    return list(sums.values())
