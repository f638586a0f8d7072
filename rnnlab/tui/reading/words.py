"""Events in words: what the log says of each, and which of them get a mark on the curve."""

from __future__ import annotations

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
    TestEvent,
    UnknownEvent,
    ValidationEvent,
)
from rnnlab.tui.reading.snapshot import Happening, HappeningKind, Level, LogLine

_END_LEVELS: dict[str, Level] = {"finished": "good", "failed": "error"}
_CONTROL_MARKS: dict[str, HappeningKind] = {
    "pause": "pause",
    "resume": "resume",
    "stop": "stop",
    "learning-rate": "learning rate",
}


def log_line(event: Event) -> LogLine | None:
    """The event as a line of the log; None for those that would only fill it (steps)."""
    said = _said(event)
    if said is None:
        return None
    level, text = said
    return LogLine(event.time, event.step, level, safe(text, multiline=False))


def _said(event: Event) -> tuple[Level, str] | None:
    match event:
        case StartEvent():
            verb = f"went on from step {event.step:,}" if event.resumed else "began"
            where = f"process {event.pid} on {event.host}" if event.host else f"process {event.pid}"
            return "info", f"{verb} on {event.device or 'an unknown device'} ({event.precision}), {where}"
        case ValidationEvent():
            best = ", a new best" if event.best else ""
            return "good" if event.best else "info", f"validation {event.bits_per_character:.4f} bits/char{best}"
        case CheckpointEvent():
            return "info", f"checkpoint {event.folder}" + (f" ({', '.join(event.names)})" if event.names else "")
        case DivergenceEvent():
            text = f"diverged: {event.reason}; back to step {event.restored_step:,}"
            return "error", f"{text} with learning rate × {event.learning_rate_factor:g} (attempt {event.attempt})"
        case ControlEvent():
            return _control(event)
        case NoteEvent():
            return "warning" if event.level == "warning" else "info", event.text
        case _:
            return _said_rarely(event)


def _control(event: ControlEvent) -> tuple[Level, str]:
    words = f"{event.command}: " + ("done" if event.accepted else "refused")
    for part in (event.detail, f"reason: {event.reason}" if event.reason else ""):
        words += f", {part}" if part else ""
    return "info" if event.accepted else "warning", words


def _said_rarely(event: Event) -> tuple[Level, str] | None:
    match event:
        case SampleEvent():
            words = f"preview {event.file} as asked for, temperature {event.temperature:g}"
            return ("info", words) if event.requested else None
        case ScoreEvent():
            if event.failures:
                return "warning", f"{event.plugin} failed: {event.failures[0]}"
            return None
        case TestEvent():
            return "good", f"test {event.bits_per_character:.4f} bits/char with {event.checkpoint}"
        case EndEvent():
            return _END_LEVELS.get(event.state, "warning"), f"{event.state}: {event.reason}"
        case UnknownEvent():
            return "info", f"{event.name} (an event of a newer rnnlab)"
        case _:
            return None


def happenings(event: Event) -> list[Happening]:
    """The marks that an event puts on the curve."""
    text = safe((_said(event) or ("info", ""))[1], multiline=False)
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
