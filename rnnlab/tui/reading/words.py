"""Events as the dashboard keeps them: lines of the log, and marks on the curve; and what is wrong with a run."""

from __future__ import annotations

from rnnlab.display import safe
from rnnlab.events import (
    CheckpointEvent,
    ControlEvent,
    DivergenceEvent,
    Event,
    SampleEvent,
    StartEvent,
    ValidationEvent,
)
from rnnlab.runs.summary import RunSummary
from rnnlab.runs.words import said
from rnnlab.tui.reading.snapshot import Happening, HappeningKind, LogLine

_CONTROL_MARKS: dict[str, HappeningKind] = {
    "pause": "pause",
    "resume": "resume",
    "stop": "stop",
    "learning-rate": "learning rate",
}


def log_line(event: Event) -> LogLine | None:
    """The event as a line of the log; None for those that would only fill it (steps)."""
    words = said(event)
    if words is None:
        return None
    level, text = words
    return LogLine(event.time, event.step, level, safe(text, multiline=False))


def happenings(event: Event) -> list[Happening]:
    """The marks that an event puts on the curve."""
    text = safe((said(event) or ("info", ""))[1], multiline=False)
    match event:
        case CheckpointEvent():
            return [Happening(event.step, "checkpoint", text)]
        case ValidationEvent(best=True):
            return [Happening(event.step, "best", text)]
        case SampleEvent(index=0):
            return [Happening(event.step, "sample", text)]
        case DivergenceEvent():
            return [
                Happening(event.step, "divergence", text),
                Happening(event.restored_step, "rollback", f"back from step {event.step:,}"),
            ]
        case ControlEvent(accepted=True) if event.command in _CONTROL_MARKS:
            return [Happening(event.step, _CONTROL_MARKS[event.command], text)]
        case StartEvent(resumed=True):
            return [Happening(event.step, "resume", text)]
        case _:
            return []


def damaged_lines(count: int) -> str:
    """So many lines that are no events."""
    return f"{count:,} damaged line{'s' * (count != 1)}"


def trouble(summary: RunSummary, damaged: int = 0) -> str:
    """What is wrong with the folder, safe to show, on one line; its own path is not repeated.

    ``damaged``: how many lines of the events could not be read.
    """
    if not summary.problem and damaged:
        return f"events.jsonl: {damaged_lines(damaged)}"
    words = summary.problem.removeprefix(str(summary.run.path)).lstrip("/: ").replace(": is ", " is ", 1)
    return safe(words, multiline=False)
