"""What a person wants to be told of: a run that stalls, diverges, fails, finishes, or has a new best.

Looks at summaries as they follow each other, with a clock that is handed in. Knows no widget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnlab.runs.summary import RunSummary
from rnnlab.tui.figures import duration

Kind = Literal["finished", "failed", "diverged", "stalled", "best"]
SLOW = 8.0
"""A run stalls when no report came for so many times the usual."""
EARLY, APART = 0.1, 60.0
"""New bests are told of after this share of a run, before which most validations are one, and then once in so long."""
_LEAST = 30.0  # seconds below which nothing counts as stalled: validations and checkpoints take their time


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell."""

    kind: Kind
    run: str
    text: str

    @property
    def grave(self) -> bool:
        """Whether something is wrong."""
        return self.kind in ("failed", "diverged", "stalled")


@dataclass(slots=True)
class _Pace:
    """How often reports of one run come, as seen from here."""

    step: int
    since: float
    usual: float = 0.0
    told: bool = False

    def look(self, step: int, now: float) -> float | None:
        """The seconds without a report, once, when they are too many."""
        if step != self.step:
            passed = now - self.since
            self.usual = passed if not self.usual else 0.7 * self.usual + 0.3 * passed
            self.step, self.since, self.told = step, now, False
            return None
        waited = now - self.since
        if self.told or not self.usual or waited < max(_LEAST, SLOW * self.usual):
            return None
        self.told = True
        return waited


class Watch:
    """Remembers how each run stood at the last look. What was so at the first look is no news."""

    def __init__(self) -> None:
        self._before: dict[str, RunSummary] = {}
        self._paces: dict[str, _Pace] = {}
        self._bests: dict[str, float] = {}

    def look(self, summaries: tuple[RunSummary, ...], now: float) -> list[Alert]:
        """What is new; ``now`` in seconds of any clock that does not jump."""
        alerts = []
        for summary in summaries:
            before = self._before.get(summary.name)
            if before is not None:
                alerts += _changes(before, summary) + self._best(before, summary, now)
            alerts += self._stalled(summary, now)
        self._before = {summary.name: summary for summary in summaries}
        return alerts

    def _best(self, before: RunSummary, summary: RunSummary, now: float) -> list[Alert]:
        best, former = summary.best_bits, before.best_bits
        last = self._bests.setdefault(summary.name, now if summary.progress is None else -APART)
        early = summary.progress is not None and summary.progress < EARLY
        if best is None or former is None or best >= former or early or now - last < APART:
            return []
        self._bests[summary.name] = now
        return [Alert("best", summary.name, f"new best, {best:.4f} bits/char")]

    def _stalled(self, summary: RunSummary, now: float) -> list[Alert]:
        if summary.state != "training" or not summary.step:
            self._paces.pop(summary.name, None)
            return []
        pace = self._paces.setdefault(summary.name, _Pace(summary.step, now))
        waited = pace.look(summary.step, now)
        if waited is None:
            return []
        text = f"no step for {duration(waited)}, where one is usual every {duration(pace.usual)}"
        return [Alert("stalled", summary.name, text)]


def _changes(before: RunSummary, now: RunSummary) -> list[Alert]:
    alerts: list[Alert] = []
    going = before.state in ("training", "paused")
    if going and now.state == "finished":
        alerts.append(Alert("finished", now.name, _ended(now)))
    if going and now.state in ("failed", "stale"):
        alerts.append(Alert("failed", now.name, now.reason or "its trainer is gone"))
    lost = now.divergence
    if lost is not None and before.complete and (before.divergence is None or lost.time > before.divergence.time):
        text = f"{lost.reason} at step {lost.step:,}; it goes on from step {lost.restored_step:,}"
        text += f" with {lost.learning_rate_factor:g} × the learning rate"
        alerts.append(Alert("diverged", now.name, text))
    return alerts


def _ended(summary: RunSummary) -> str:
    best = f", best {summary.best_bits:.4f} bits/char" if summary.best_bits is not None else ""
    return f"finished at step {summary.step:,}{best}"
