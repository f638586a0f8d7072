"""What a screen is given: a run as it stood at one moment, frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from rnnlab.events import ControlEvent, SampleEvent, ScoreEvent, StartEvent, ValidationEvent
from rnnlab.runs import Manifest, RunFolder
from rnnlab.runs.series import FIELDS
from rnnlab.runs.summary import RunSummary
from rnnlab.runs.words import Level
from rnnlab.tui.reading.columns import Floats

HappeningKind = Literal[
    "checkpoint", "best", "sample", "divergence", "rollback", "learning rate", "pause", "resume", "stop"
]


def no_steps() -> dict[str, Floats]:
    """The columns of a run that has not begun."""
    return {name: np.empty(0) for name in FIELDS}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event in words (safe to show, one line)."""

    time: float
    step: int
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that gets a mark on the curve; ``kind`` is one of the chart's marks."""

    step: int
    kind: HappeningKind
    text: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RunSnapshot:
    """A run at one moment.

    ``steps``: the columns of :data:`rnnlab.runs.series.FIELDS`, one row per report, (n,) each. ``read``: how much
    of the events was read, 0 to 1. ``answers``: the trainer's answers by the command's id.
    """

    run: RunFolder
    summary: RunSummary
    manifest: Manifest | None = None
    steps: dict[str, Floats] = field(default_factory=no_steps)
    validations: tuple[ValidationEvent, ...] = ()
    samples: tuple[SampleEvent, ...] = ()
    scores: tuple[ScoreEvent, ...] = ()
    happenings: tuple[Happening, ...] = ()
    log: tuple[LogLine, ...] = ()
    answers: dict[str, ControlEvent] = field(default_factory=dict)
    start: StartEvent | None = None
    read: float = 1.0
    damaged: int = 0
    taken: float = 0.0
