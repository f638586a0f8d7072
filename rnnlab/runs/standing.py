"""How a run stands, by what its events say: its state, its best values, its pace.

Knows events and the lock; nothing of files, and nothing of where the events come from.
"""

from __future__ import annotations

import math
import statistics
from typing import Any, Literal

from rnnlab.events import (
    CheckpointEvent,
    ControlEvent,
    DivergenceEvent,
    EndEvent,
    Event,
    ScoreEvent,
    StartEvent,
    StepEvent,
    TestEvent,
    ValidationEvent,
)
from rnnlab.runs.heartbeat import STALE_AFTER, LockState

RunState = Literal["training", "paused", "finished", "failed", "stopped", "stale"]


def _last(events: list[Event], *kinds: type[Event]) -> Any:
    return next((event for event in reversed(events) if isinstance(event, kinds)), None)


def state_of(events: list[Event], steps: list[StepEvent], holder: LockState | None) -> tuple[RunState, str]:
    """The run's state and, where it has ended, why."""
    end: EndEvent | None = None
    paused: ControlEvent | None = None
    for event in events:
        if isinstance(event, StartEvent):
            end = paused = None
        elif isinstance(event, EndEvent):
            end = event
        elif isinstance(event, ControlEvent) and event.accepted and event.command in ("pause", "resume"):
            paused = event if event.command == "pause" else None
    if holder is not None and holder.alive and holder.age_s < STALE_AFTER and (end is None or end.time < holder.since):
        return ("paused", paused.reason) if paused and not _went_on(paused, steps) else ("training", "")
    if end is None:
        return "stale", f"its trainer is gone: {holder}" if holder else "it ended without a word"
    if end.state == "finished" or end.state == "failed":
        return end.state, end.reason
    return "stopped", end.reason


def _went_on(paused: ControlEvent, steps: list[StepEvent]) -> bool:
    return bool(steps) and steps[-1].step > paused.step and steps[-1].time > paused.time


def measures_of(events: list[Event], steps: list[StepEvent]) -> dict[str, Any]:
    """What the events say, as fields of the summary."""
    validations = [event for event in events if isinstance(event, ValidationEvent)]
    best = min(validations, key=lambda event: (math.isnan(event.loss), event.loss), default=None)
    test: TestEvent | None = _last(events, TestEvent)
    facts: dict[str, Any] = {
        "updated": max([event.time for event in (*events[-1:], *steps[-1:])], default=0.0),
        "validation_bits": validations[-1].bits_per_character if validations else None,
        "best_bits": best.bits_per_character if best else None,
        "best_step": best.step if best else None,
        "test_bits": test.bits_per_character if test else None,
        "divergence": _last(events, DivergenceEvent),
        "scores": {},
        "corpus_scores": {},
    }
    for event in events:
        if isinstance(event, ScoreEvent):
            facts["scores"] |= {f"{event.plugin}.{score.name}": score for score in event.scores}
            facts["corpus_scores"] |= {f"{event.plugin}.{score.name}": score for score in event.corpus_scores}
    start: StartEvent | None = _last(events, StartEvent)
    if start is not None:
        facts |= {"step": start.step, "total_steps": start.total_steps, "device": start.device}
    if steps:
        facts |= _pace(start, steps)
    last = events[-1] if events else None
    told = isinstance(last, (ControlEvent, CheckpointEvent, EndEvent, ValidationEvent))
    if last is not None and told and (not steps or last.time >= steps[-1].time):
        # It may lie behind the last report, as an answer that the training is paused at this step.
        facts["step"] = max(facts.get("step", 0), last.step)
    return facts


def time_left(start: StartEvent, last: StepEvent, pace: float | None = None) -> float | None:
    """Seconds until a run ends that goes on as it does; None where it has no limit.

    ``pace``: characters per second, where more than the last report tells.
    """
    etas, pace = [], last.chars_per_second if pace is None else pace
    if start.total_steps and pace > 0 and start.chars_per_step:
        etas.append((start.total_steps - last.step) * start.chars_per_step / pace)
    if start.total_seconds:
        etas.append(start.total_seconds - last.seconds)
    return max(0.0, min(etas)) if etas else None


def _pace(start: StartEvent | None, steps: list[StepEvent]) -> dict[str, Any]:
    """How far the run is, how fast, and how long it will take: the nearest of its limits decides."""
    last = steps[-1]
    # A report during which the run paused, or the machine was busy, is no reason to think that all is slow from now on.
    pace = statistics.median(step.chars_per_second for step in steps)
    weight = sum(step.span for step in steps) or 1
    behind = start is not None and start.time > last.time  # resumed, and nothing reported yet
    shares = []
    if start is not None and start.total_steps:
        shares.append(last.step / start.total_steps)
    if start is not None and start.total_seconds:
        shares.append(last.seconds / start.total_seconds)
    return {
        "step": start.step if start is not None and behind else last.step,
        "epoch": last.epoch,
        "seconds": last.seconds,
        "train_bits": sum(step.loss * step.span for step in steps) / weight / math.log(2),
        "chars_per_second": pace,
        "progress": min(1.0, max(shares)) if shares else None,
        "eta_s": time_left(start, last, pace) if start is not None else None,
    }
