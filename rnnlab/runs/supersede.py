"""Which events still count, once a run has gone back to an earlier step.

``events.jsonl`` only grows. A trainer that resumes at step S, or falls back to step S after a
divergence, computes the steps after S anew: what was measured and made there before is superseded.
What merely happened (starts, commands, divergences, notes, ends) stays true.
"""

from __future__ import annotations

from collections.abc import Iterable

from rnnlab.events import (
    CheckpointEvent,
    DivergenceEvent,
    Event,
    SampleEvent,
    ScoreEvent,
    StartEvent,
    StepEvent,
    TestEvent,
    ValidationEvent,
)

SUPERSEDED = (StepEvent, ValidationEvent, SampleEvent, ScoreEvent, CheckpointEvent, TestEvent)
"""The kinds that a return to an earlier step takes back."""


def returns_to(event: Event) -> int | None:
    """The step that training went back to with this event; None for an event that goes back nowhere."""
    if isinstance(event, StartEvent):
        return event.step
    if isinstance(event, DivergenceEvent):
        return event.restored_step
    return None


def effective(events: Iterable[Event]) -> list[Event]:
    """The events without those that were superseded, in their order."""
    kept: list[Event] = []
    for event in events:
        step = returns_to(event)
        if step is not None:
            kept = [old for old in kept if old.step <= step or not isinstance(old, SUPERSEDED)]
        kept.append(event)
    return kept
