"""A run's events to a snapshot, in bounded slices: a file of a million lines never stops a key press.

Step lines, which are nearly all of them, go straight into columns without becoming objects; every
other kind is read by the reader of events. What a return to an earlier step takes back goes away.
"""

from __future__ import annotations

import contextlib
import time

from rnnlab.errors import RnnlabError
from rnnlab.events import ControlEvent, Event, SampleEvent, ScoreEvent, StartEvent, StepEvent, ValidationEvent
from rnnlab.runs import EventReader, Manifest, RunFolder, read_manifest
from rnnlab.runs.series import FIELDS, STEP_LINES, StepSeries, parse_steps, row_of
from rnnlab.runs.summary import summarize
from rnnlab.runs.supersede import SUPERSEDED, returns_to
from rnnlab.tui.reading.snapshot import Happening, LogLine, RunSnapshot
from rnnlab.tui.reading.words import damaged_lines, happenings, log_line

SLICE = 1 << 18
"""Bytes at a time: about a thousand lines, a few milliseconds."""
_LOG_LINES = 2000


class Story:
    """What is known of one run so far; :meth:`look` reads on, :meth:`freeze` hands out a snapshot."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self._reader = EventReader(run.events_path)
        self._manifest: Manifest | None = None
        self._begin()

    def _begin(self) -> None:
        self._restarts = self._reader.restarts
        self._steps = StepSeries()
        self._damaged = self._damaged_here = 0
        self._at = (time.time(), 0)
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
        done = 0
        for steps in STEP_LINES.finditer(block):
            self._others(block[done : steps.start()])
            rows, damaged = parse_steps(steps.group())
            self._steps.extend(rows)
            self._at = (float(rows[-1][0]), int(rows[-1][1])) if len(rows) else self._at
            self._pass_over(damaged)
            done = steps.end()
        self._others(block[done:])
        return True

    def _others(self, lines: bytes) -> None:
        for line in lines.split(b"\n") if lines else ():
            event = self._reader.parse(line)
            if event is not None:
                self._at = (event.time, event.step)
                self._take(event)
            elif line.strip():
                self._pass_over(1)

    def _pass_over(self, damaged: int) -> None:
        """Lines that are no events: counted, and one line of the log for those that follow each other."""
        if not damaged:
            return
        if self._damaged_here:
            self._log.pop()
        self._damaged += damaged
        self._damaged_here += damaged
        self._log.append(LogLine(*self._at, "warning", f"{damaged_lines(self._damaged_here)} passed over"))

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
            case StepEvent():  # of another form than our writer's
                self._steps.extend(row_of(event))
                return
        self._happenings += [(happening, isinstance(event, SUPERSEDED)) for happening in happenings(event)]
        line = log_line(event)
        if line is not None:
            self._damaged_here = 0
            self._log.append(line)
            del self._log[:-_LOG_LINES]

    def _return_to(self, step: int) -> None:
        self._steps.drop_after(step)
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
            steps=dict(zip(FIELDS, self._steps.table, strict=True)),
            validations=tuple(self._validations),
            samples=tuple(self._samples),
            scores=tuple(self._scores),
            happenings=tuple(happening for happening, _ in self._happenings),
            log=tuple(self._log),
            answers=dict(self._answers),
            start=self._start,
            read=self._share(),
            damaged=self._damaged,
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
