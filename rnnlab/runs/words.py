"""What happened in a run, in words: one line an event, for logs, pipes and the dashboard alike.

The words are not safe to show yet: reasons and names in them were written by others.
"""

from __future__ import annotations

from typing import Literal

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

Level = Literal["info", "good", "warning", "error"]
"""How an event is to be taken."""
_END_LEVELS: dict[str, Level] = {"finished": "good", "failed": "error"}


def said(event: Event) -> tuple[Level, str] | None:
    """The event in words, without its step; None for those that come by the thousand (steps, usual previews)."""
    match event:
        case StartEvent():
            return "info", _began(event)
        case ValidationEvent():
            best = ", a new best" if event.best else ""
            return "good" if event.best else "info", f"validation {event.bits_per_character:.4f} bits/char{best}"
        case CheckpointEvent():
            return "info", f"checkpoint {event.folder}" + (f" ({', '.join(event.names)})" if event.names else "")
        case DivergenceEvent():
            text = f"diverged: {event.reason}; back to step {event.restored_step:,}"
            return "error", f"{text} with learning rate × {event.learning_rate_factor:g} (attempt {event.attempt})"
        case ControlEvent():
            return _answered(event)
        case NoteEvent():
            return "warning" if event.level == "warning" else "info", event.text
        case _:
            return _said_rarely(event)


def _began(event: StartEvent) -> str:
    verb = f"goes on from step {event.step:,}" if event.resumed else "begins"
    where = f"process {event.pid} on {event.host}" if event.host else f"process {event.pid}"
    what = f"{event.parameters:,} parameters, {event.train_chars:,} characters, {event.vocabulary} symbols"
    return f"{verb} on {event.device or 'an unknown device'} ({event.precision}), {where}: {what}"


def _answered(event: ControlEvent) -> tuple[Level, str]:
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
            return ("warning", f"{event.plugin} failed: {event.failures[0]}") if event.failures else None
        case TestEvent():
            words = f"test {event.bits_per_character:.4f} bits/char ({event.loss:.4f} nats)"
            return "good", f"{words} over {event.tested_chars:,} characters with {event.checkpoint}"
        case EndEvent():
            return _END_LEVELS.get(event.state, "warning"), f"{event.state}: {event.reason}"
        case UnknownEvent():
            return "info", f"{event.name} (an event of a newer rnnlab)"
        case _:
            return None
