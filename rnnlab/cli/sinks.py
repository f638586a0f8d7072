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
    Event,
    NoteEvent,
    SampleEvent,
    ScoreEvent,
    StartEvent,
    StepEvent,
    to_line,
)
from rnnlab.quantities import duration
from rnnlab.runs.standing import time_left
from rnnlab.runs.words import said

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
    """One line for an event (and the text of a preview), or an empty string for one that is only for the record."""
    step = f"step {event.step:,}: "
    match event:
        case StepEvent():
            left = time_left(start, event)
            eta = f", {duration(left)} left" if left is not None else ""
            return f"{step}train {event.loss / _LN2:.4f} bits/char, {event.chars_per_second:,.0f} characters/s{eta}"
        case SampleEvent(index=0):
            return f"{step}sample {event.file}\n{indented(event.text)}"
        case ScoreEvent():
            return f"{step}{event.plugin}: {score_line(event)}"
        case CheckpointEvent():
            writing = [name for name in event.names if name.startswith("best-")]
            return f"{step}writes best so far: {event.reason}; kept as {writing[0]}" if writing else ""
        case NoteEvent():
            return f"{'warning: ' if event.level == 'warning' else ''}{event.text}"
        case _:
            words = said(event)
            return step + words[1] if words is not None else ""


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
