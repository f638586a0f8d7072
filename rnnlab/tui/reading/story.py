"""A run's events to a snapshot, in bounded slices: a file of a million lines never stops a key press.

Step lines, which are nearly all of them, go from JSON to columns without becoming objects; every
other kind is read by the reader of events. What a return to an earlier step takes back goes away.
"""

from __future__ import annotations

import contextlib
import json
import time
from operator import itemgetter
from typing import Any

import numpy as np

from rnnlab.errors import RnnlabError
from rnnlab.events import ControlEvent, Event, SampleEvent, ScoreEvent, StartEvent, StepEvent, ValidationEvent
from rnnlab.runs import EventReader, Manifest, RunFolder, read_manifest
from rnnlab.runs.summary import summarize
from rnnlab.runs.supersede import SUPERSEDED, returns_to
from rnnlab.tui.reading.columns import Columns
from rnnlab.tui.reading.snapshot import STEP_FIELDS, Happening, LogLine, RunSnapshot
from rnnlab.tui.reading.words import happenings, log_line

SLICE = 1 << 18
"""Bytes at a time: about a thousand lines, some milliseconds."""
_LOG_LINES = 2000
_row = itemgetter(*STEP_FIELDS)


class Story:
    """What is known of one run so far; :meth:`look` reads on, :meth:`freeze` hands out a snapshot."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self._reader = EventReader(run.events_path)
        self._manifest: Manifest | None = None
        self._begin()

    def _begin(self) -> None:
        self._restarts = self._reader.restarts
        self._steps = Columns(STEP_FIELDS)
        self._validations: list[ValidationEvent] = []
        self._samples: list[SampleEvent] = []
        self._scores: list[ScoreEvent] = []
        self._happenings: list[tuple[Happening, bool]] = []
        self._log: list[LogLine] = []
        self._answers: dict[str, ControlEvent] = {}
        self._start: StartEvent | None = None

    @property
    def caught_up(self) -> bool:
        """Whether everything that was there has been read."""
        return self._reader.at_end

    def look(self) -> bool:
        """Read a slice; whether there was anything new."""
        block = self._reader.read_lines(SLICE)
        if self._reader.restarts != self._restarts:
            self._begin()
        if not block:
            return False
        lines = block.splitlines()
        rows: list[tuple[Any, ...]] = []
        for line, values in zip(lines, _values(lines), strict=True):
            if values is not None and values.get("event") == "step":
                try:
                    rows.append(_row(values))
                    continue
                except KeyError:  # damaged: the reader counts it
                    pass
            event = self._reader.parse(line)
            if event is not None:
                self._add(rows)
                rows = []
                self._take(event)
        self._add(rows)
        return True

    def _add(self, rows: list[tuple[Any, ...]]) -> None:
        if not rows:
            return
        try:
            self._steps.extend(np.array(rows, dtype=np.float64))
        except (ValueError, TypeError):  # a line with a value that is no number: take the others one by one
            for row in rows:
                with contextlib.suppress(ValueError, TypeError):
                    self._steps.extend(np.array([row], dtype=np.float64))

    def _take(self, event: Event) -> None:
        back = returns_to(event)
        if back is not None:
            self._return_to(back)
        match event:
            case ValidationEvent():
                self._validations.append(event)
            case SampleEvent():
                self._samples.append(event)
            case ScoreEvent():
                self._scores.append(event)
            case ControlEvent():
                self._answers[event.id] = event
            case StartEvent():
                self._start = event
            case StepEvent():
                return
        self._happenings += [(happening, isinstance(event, SUPERSEDED)) for happening in happenings(event)]
        line = log_line(event)
        if line is not None:
            self._log.append(line)
            del self._log[:-_LOG_LINES]

    def _return_to(self, step: int) -> None:
        self._steps.keep_until("step", step)
        self._validations = [event for event in self._validations if event.step <= step]
        self._samples = [event for event in self._samples if event.step <= step]
        self._scores = [event for event in self._scores if event.step <= step]
        self._happenings = [pair for pair in self._happenings if not pair[1] or pair[0].step <= step]

    def freeze(self) -> RunSnapshot:
        """The run as far as it was read."""
        if self._manifest is None:
            with contextlib.suppress(RnnlabError):  # not written yet, or damaged: the summary tells
                self._manifest = read_manifest(self.run)
        return RunSnapshot(
            run=self.run,
            summary=summarize(self.run),
            manifest=self._manifest,
            steps=self._steps.view(),
            validations=tuple(self._validations),
            samples=tuple(self._samples),
            scores=tuple(self._scores),
            happenings=tuple(happening for happening, _ in self._happenings),
            log=tuple(self._log),
            answers=dict(self._answers),
            start=self._start,
            read=self._share(),
            damaged=self._reader.damaged,
            taken=time.time(),
        )

    def _share(self) -> float:
        if self._reader.at_end:
            return 1.0
        try:
            size = self.run.events_path.stat().st_size
        except OSError:
            return 1.0
        return min(self._reader.offset / size, 1.0) if size else 1.0


def _values(lines: list[bytes]) -> list[dict[str, Any] | None]:
    """The lines' JSON objects, read in one go where all are whole; None for a line that is no object."""
    try:
        values: list[Any] = json.loads(b"[" + b",".join(lines) + b"]")
        if len(values) == len(lines):
            return [value if isinstance(value, dict) else None for value in values]
    except (ValueError, RecursionError):
        pass
    return [_value(line) for line in lines]


def _value(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
