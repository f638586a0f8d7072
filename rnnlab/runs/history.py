"""A whole run in memory, however long: read in slices, kept up to date while it grows.

Steps become columns of numbers, all other kinds stay events; what a return to an earlier step
superseded is dropped. Knows the kinds of events and nothing of who looks at them.
"""

from __future__ import annotations

from rnnlab.events import Event, StepEvent
from rnnlab.runs.follow import SLICE, EventReader
from rnnlab.runs.layout import RunFolder
from rnnlab.runs.series import STEP_LINES, StepSeries, parse_steps, row_of
from rnnlab.runs.supersede import SUPERSEDED, returns_to


class RunHistory:
    """All that counts in a run, kept up to date slice by slice.

    ``steps`` holds the step events as columns, ``events`` all others in order. ``revision`` rises
    whenever something that was there before is gone (superseded, or the file was replaced), so that a
    viewer knows when to draw anew rather than to add.
    """

    def __init__(self, run: RunFolder) -> None:
        self._reader = EventReader(run.events_path)
        self._restarts = 0
        self._damaged = 0
        self.steps = StepSeries()
        self.events: list[Event] = []
        self.revision = 0

    @property
    def at_end(self) -> bool:
        """Whether the last :meth:`advance` reached the end of what is written."""
        return self._reader.at_end

    @property
    def offset(self) -> int:
        """Bytes of the file that were read."""
        return self._reader.offset

    @property
    def damaged(self) -> int:
        """Lines that are no events."""
        return self._reader.damaged + self._damaged

    def advance(self, max_bytes: int = SLICE) -> list[Event]:
        """Read the next slice; gives the events in it that are no steps (those are in ``steps``)."""
        lines = self._reader.read_lines(max_bytes)
        if self._reader.restarts != self._restarts:
            self._restarts = self._reader.restarts
            self.steps, self.events, self.revision = StepSeries(), [], self.revision + 1
        fresh: list[Event] = []
        done = 0
        for block in STEP_LINES.finditer(lines):
            fresh += self._others(lines[done : block.start()])
            rows, damaged = parse_steps(block.group())
            self.steps.extend(rows)
            self._damaged += damaged
            done = block.end()
        return fresh + self._others(lines[done:])

    def _others(self, lines: bytes) -> list[Event]:
        fresh: list[Event] = []
        for line in lines.split(b"\n") if lines else ():
            event = self._reader.parse(line)
            if isinstance(event, StepEvent):
                self.steps.extend(row_of(event))
            elif event is not None:
                self._go_back(event)
                self.events.append(event)
                fresh.append(event)
        return fresh

    def _go_back(self, event: Event) -> None:
        step = returns_to(event)
        if step is None:
            return
        kept = [old for old in self.events if old.step <= step or not isinstance(old, SUPERSEDED)]
        dropped = self.steps.drop_after(step)
        if dropped or len(kept) < len(self.events):
            self.events = kept
            self.revision += 1
