"""Contenders take turns, so that whatever else the machine does meets all of them alike.

Knows callables and a clock, not what is measured.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from rnnlab.cores import usable_threads


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: so many rounds, in each about so many seconds for every contender."""

    rounds: int
    seconds: float


_LEAST = 3  # rounds of which a median can be told
FULL = Effort(rounds=5, seconds=1.0)
QUICK = Effort(rounds=3, seconds=0.2)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of the table: a speed beside the baseline's, in ``unit`` per second."""

    subject: dict[str, Any]
    """What was measured, and how: plain JSON values."""
    unit: str
    """chars or megabytes (of 10^6 bytes)"""
    speed: float
    baseline: float
    notes: dict[str, Any] = field(default_factory=dict)
    """What else is worth keeping, such as numbers of threads."""

    @property
    def ratio(self) -> float:
        """How many times as fast as the baseline."""
        return self.speed / self.baseline

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        speeds = {f"{self.unit}_per_second": self.speed, f"baseline_{self.unit}_per_second": self.baseline}
        return {**self.subject, **speeds, "ratio": self.ratio, **self.notes}


@dataclass(frozen=True, slots=True)
class Contender:
    """A piece of work that can be done again and again.

    ``finish`` waits until all of it is really done; ``threads`` are torch's meanwhile.
    """

    work: Callable[[], object]
    threads: int = 1
    finish: Callable[[], object] = lambda: None

    def seconds(self, repetitions: int = 1) -> float:
        """How long so many repetitions take, on a clock."""
        torch.set_num_threads(self.threads)
        begin = time.perf_counter()
        for _ in range(repetitions):
            self.work()
        self.finish()
        return time.perf_counter() - begin


def take_turns(contenders: Sequence[Contender], effort: Effort) -> list[float]:
    """The median seconds of one repetition, for each contender; torch's threads are as before afterwards.

    On a machine so busy that it takes twice as long as meant, three rounds are enough.
    """
    before, began = torch.get_num_threads(), time.perf_counter()
    patience = 2 * effort.rounds * effort.seconds * len(contenders)
    try:
        repetitions = [_repetitions(contender, effort.seconds) for contender in contenders]
        taken: list[list[float]] = [[] for _ in contenders]
        for done in range(effort.rounds):
            if done >= _LEAST and time.perf_counter() - began > patience:
                break
            for contender, count, seconds in zip(contenders, repetitions, taken, strict=True):
                seconds.append(contender.seconds(count) / count)
        return [statistics.median(seconds) for seconds in taken]
    finally:
        torch.set_num_threads(before)


def _repetitions(contender: Contender, seconds: float) -> int:
    """So many that they take about ``seconds``; this also warms the contender up."""
    once = contender.seconds()
    if once < seconds:
        once = contender.seconds()
    few = max(1, int(seconds / 8 / max(once, 1e-9)))
    pace = contender.seconds(few) / few if few > 1 else once
    return max(1, round(seconds / max(pace, 1e-9)))


def faster_threads(work: Callable[[], object]) -> int:
    """All cores or one, whichever does the work sooner: more threads lose where a machine is busy."""
    before = torch.get_num_threads()
    try:
        counts = sorted({usable_threads(), 1}, reverse=True)
        work()
        return min(counts, key=lambda count: min(Contender(work, count).seconds() for _ in range(2)))
    finally:
        torch.set_num_threads(before)
