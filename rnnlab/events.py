"""What happens in a run: one dataclass per kind, one JSON line each.

The trainer yields these; the recorder, the progress display and the dashboard consume
them. A line is read by ``{"event": kind, "time": seconds since 1970, ...}``. Losses are
nats per character. JSON has no NaN: a number that is not finite is written as the string
"nan", "inf" or "-inf" and read back as the float. A kind that this version does not know
is read as :class:`UnknownEvent`, never dropped, so that newer runs stay readable.
"""

from __future__ import annotations

import dataclasses
import json
import math
import time as clock
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, ClassVar, Literal

_LARGEST = 2**63
EndState = Literal["finished", "stopped", "interrupted", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Root of the kinds: when it happened, and at which step of the training."""

    kind: ClassVar[str] = ""
    time: float = field(default_factory=clock.time)
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StartEvent(Event):
    """A trainer began, or went on from a checkpoint (``resumed``)."""

    kind: ClassVar[str] = "start"
    resumed: bool = False
    host: str = ""
    pid: int = 0
    device: str = ""
    precision: str = ""
    parameters: int = 0
    vocabulary: int = 0
    train_chars: int = 0
    chars_per_step: int = 0
    total_steps: int | None = None
    total_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvent(Event):
    """The ``span`` updates up to and including ``step``: mean, lowest and highest loss of them.

    ``gradient_norm`` is the largest before clipping; ``seconds`` is training time so far, pauses,
    validation and previews left out.
    """

    kind: ClassVar[str] = "step"
    chars: int
    epoch: float
    loss: float
    loss_low: float
    loss_high: float
    span: int
    learning_rate: float
    gradient_norm: float
    chars_per_second: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationEvent(Event):
    """The validation part read once with a hidden state of its own: sum of losses over characters."""

    kind: ClassVar[str] = "validation"
    chars: int
    loss: float
    bits_per_character: float
    validated_chars: int
    best: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleEvent(Event):
    """One preview; its exact bytes lie in ``samples/<file>``, ``text`` is their readable form."""

    kind: ClassVar[str] = "sample"
    file: str
    index: int
    prompt: str
    temperature: float
    seed: int
    text: str
    requested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One metric: ``count`` out of ``total``; ``better`` says which way is good."""

    name: str
    count: int
    total: int
    better: Literal["higher", "lower"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreEvent(Event):
    """One evaluator's verdict on the previews of ``step``, and the real corpus's under the same evaluator."""

    kind: ClassVar[str] = "score"
    plugin: str
    samples: int
    scores: tuple[Score, ...]
    corpus_scores: tuple[Score, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointEvent(Event):
    """A checkpoint was written; ``names`` are those that now point at it (best, last, ...)."""

    kind: ClassVar[str] = "checkpoint"
    folder: str
    names: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DivergenceEvent(Event):
    """The loss was lost at ``step``; training went back to ``restored_step`` with a smaller learning rate."""

    kind: ClassVar[str] = "divergence"
    reason: str
    restored_step: int
    learning_rate_factor: float
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlEvent(Event):
    """A command from the inbox was obeyed or refused: the acknowledgement that its sender waits for."""

    kind: ClassVar[str] = "control"
    id: str
    command: str
    accepted: bool
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEvent(Event):
    """Something worth one line: a fallback, a warning, a new best."""

    kind: ClassVar[str] = "note"
    level: Literal["info", "warning"] = "info"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestEvent(Event):
    """The test part, read once with the best checkpoint."""

    kind: ClassVar[str] = "test"
    __test__: ClassVar[bool] = False
    loss: float
    bits_per_character: float
    tested_chars: int
    checkpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEvent(Event):
    """The trainer left in good order and says why."""

    kind: ClassVar[str] = "end"
    state: EndState
    reason: str
    chars: int = 0
    seconds: float = 0.0
    preview_seconds: float = 0.0
    """How many of the seconds drawing previews took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownEvent(Event):
    """A kind that this version does not know, as it was read."""

    kind: ClassVar[str] = "unknown"
    name: str
    values: dict[str, Any]


KINDS: dict[str, type[Event]] = {
    cls.kind: cls
    for cls in (
        StartEvent,
        StepEvent,
        ValidationEvent,
        SampleEvent,
        ScoreEvent,
        CheckpointEvent,
        DivergenceEvent,
        ControlEvent,
        NoteEvent,
        TestEvent,
        EndEvent,
    )
}


def to_line(event: Event) -> str:
    """The event as one line of strict JSON, with the line break."""
    values = (
        {"event": event.name, "time": event.time, "step": event.step, **event.values}
        if isinstance(event, UnknownEvent)
        else {"event": event.kind, **_plain(event)}
    )
    return json.dumps(values, ensure_ascii=True, allow_nan=False, separators=(",", ":")) + "\n"


def from_line(line: str | bytes) -> Event:
    """The event that a line holds.

    Raises:
        ValueError: for a line that is not a JSON object with the fields of its kind.
    """
    values = json.loads(line if isinstance(line, str) else str(line, "utf-8"))
    if not isinstance(values, dict) or not isinstance(values.get("event"), str):
        raise ValueError("not an event")
    name = values.pop("event")
    cls = KINDS.get(name)
    try:
        if cls is None:
            time, step = _number(values.pop("time", 0.0)), _whole(values.pop("step", 0))
            return UnknownEvent(time=time, step=step, name=name, values=values)
        return typing.cast(Event, _build(cls, values))
    except (TypeError, OverflowError) as error:
        raise ValueError(f"not a {name} event: {error}") from None


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _build(cls: Any, values: Any) -> Any:
    readers = _readers(cls)
    if not isinstance(values, dict):
        raise TypeError(f"{values!r} is no object")
    # A field that has no reader is one of a newer version.
    return cls(**{name: readers[name](value) for name, value in values.items() if name in readers})


@cache  # types are looked at once, not for each of a million lines
def _readers(cls: type) -> dict[str, Callable[[Any], Any]]:
    """What turns each field's JSON value into the field's own, or refuses it."""
    hints = typing.get_type_hints(cls)
    return {item.name: _reader(hints[item.name]) for item in dataclasses.fields(cls)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    """Whoever is handed an event counts on its fields' types: a line of other ones is no event."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        read = _reader(inner[0])
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        read = partial(_build, inner[0]) if dataclasses.is_dataclass(inner[0]) else _reader(inner[0])
        return lambda parts: tuple(map(read, _of(list, parts)))
    if hint is float:
        return _number
    return _whole if hint is int else partial(_of, bool if hint is bool else str)  # a choice of words is words


def _of(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r:.40} is no {kind.__name__}")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as another program than ours may write it
    if type(value) is not int or not -_LARGEST <= value < _LARGEST:
        raise TypeError(f"{value!r:.40} is no whole number of 64 bits")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError(f"{value} is no number")
    return float(value)
