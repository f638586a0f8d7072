"""What becomes of a run's events on the command line: plain lines, JSON lines, or nothing.

Each sink takes the same events; none of them can disturb the training. The live display for
terminals is in `live`.
"""

from __future__ import annotations

import math
import sys
from typing import Protocol

from rnnlab.cli import console
from rnnlab.display import safe
from rnnlab.events import (
    CheckpointEvent,
    ControlEvent,
    DivergenceEvent,
    EndEvent,
    Event,
    NoteEvent,
    SampleEvent,
    ScoreEvent,
    StartEvent,
    StepEvent,
    TestEvent,
    ValidationEvent,
    to_line,
)
from rnnlab.quantities import duration

_LN2 = math.log(2)
_LINE_SECONDS = 5.0


class Sink(Protocol):
    """Somebody who is told every event."""

    def handle(self, event: Event) -> None:
        """Take one event; must be quick."""
        ...

    def close(self) -> None:
        """No more events come."""
        ...


class JsonLines:
    """The events themselves on stdout, one JSON object a line."""

    def handle(self, event: Event) -> None:
        """Write the event's line."""
        console.data(to_line(event))
        sys.stdout.flush()

    def close(self) -> None:
        """Nothing is held back."""


class PlainLines:
    """One line of narration for what matters, a step every few seconds: for logs and pipes."""

    def __init__(self) -> None:
        self._last_step_line = -math.inf
        self._start = StartEvent()

    def handle(self, event: Event) -> None:
        """Say the event, if it is worth a line now."""
        if isinstance(event, StartEvent):
            self._start = event
        if isinstance(event, StepEvent):
            if event.time - self._last_step_line < _LINE_SECONDS:
                return
            self._last_step_line = event.time
        line = describe(event, self._start)
        if line:
            console.say(line)

    def close(self) -> None:
        """Nothing is held back."""


def describe(event: Event, start: StartEvent) -> str:
    """One line for an event, or an empty string for one that is only for the record."""
    match event:
        case StartEvent():
            verb = "going on" if event.resumed else "training"
            return (
                f"{verb}: {event.parameters:,} parameters on {event.device} ({event.precision}), "
                f"{event.train_chars:,} characters, {event.vocabulary} symbols"
            )
        case StepEvent():
            left = time_left(start, event)
            eta = f", {duration(left)} left" if left is not None else ""
            return (
                f"step {event.step:,}: train {event.loss / _LN2:.3f} bits per character, "
                f"{event.chars_per_second:,.0f} characters/s{eta}"
            )
        case ValidationEvent():
            best = ", best so far" if event.best else ""
            return (
                f"step {event.step:,}: validation {event.bits_per_character:.4f} bits per character "
                f"({event.loss:.4f} nats{best})"
            )
        case SampleEvent():
            return f"step {event.step:,}: sample {event.file}\n{indented(event.text)}" if event.index == 0 else ""
        case ScoreEvent():
            return f"step {event.step:,}: {event.plugin}: {score_line(event)}"
        case TestEvent():
            return (
                f"test: {event.bits_per_character:.4f} bits per character ({event.loss:.4f} nats) "
                f"over {event.tested_chars:,} characters, with {event.checkpoint}"
            )
        case _:
            return _describe_rare(event)


def _describe_rare(event: Event) -> str:
    match event:
        case DivergenceEvent():
            return (
                f"diverged at step {event.step:,}: {event.reason}; back to step {event.restored_step:,} with "
                f"{event.learning_rate_factor:g} x the learning rate (return {event.attempt})"
            )
        case ControlEvent():
            verdict = "done" if event.accepted else "refused"
            return f"step {event.step:,}: {event.command} {verdict}{': ' + event.detail if event.detail else ''}"
        case NoteEvent():
            return f"{'warning: ' if event.level == 'warning' else ''}{event.text}"
        case CheckpointEvent():
            return ""
        case EndEvent():
            return f"{event.state} at step {event.step:,}: {event.reason}"
        case _:
            return ""


def indented(text: str) -> str:
    """Generated text, safe and set off from the lines around it."""
    return "\n".join(f"  | {line}" for line in safe(text).expandtabs(8).splitlines())


def score_line(event: ScoreEvent) -> str:
    """The rates of a verdict, the real corpus's beside them."""
    corpus = {score.name: score for score in event.corpus_scores}
    parts = []
    for score in event.scores:
        if not score.total:
            continue
        text = f"{score.name} {score.count / score.total:.1%}"
        real = corpus.get(score.name)
        if real is not None and real.total:
            text += f" (real {real.count / real.total:.1%})"
        parts.append(text)
    return ", ".join([*parts, *event.failures]) or "could not judge"


def time_left(start: StartEvent, step: StepEvent) -> float | None:
    """Seconds until a run ends that goes on as it does, or None where there is no limit."""
    guesses = []
    if start.total_steps and step.chars_per_second > 0:
        guesses.append(max(0, start.total_steps - step.step) * start.chars_per_step / step.chars_per_second)
    if start.total_seconds:
        guesses.append(max(0.0, start.total_seconds - step.seconds))
    return min(guesses) if guesses else None
