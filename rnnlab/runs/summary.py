"""One run in a glance, cheap enough for a list of fifty that is drawn every second.

The first look at a run reads its manifest, the end of its events and a few places in between;
what lies between (earlier validations and scores) is read on in bounded pieces, look by look.
What was read is kept, by the file's size and date, so that a look at a resting run costs next to nothing.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnlab.config import flatten
from rnnlab.errors import RunError
from rnnlab.events import DivergenceEvent, Event, Score, StepEvent
from rnnlab.runs.follow import EventReader
from rnnlab.runs.heartbeat import LockState, lock_state
from rnnlab.runs.layout import RunFolder
from rnnlab.runs.manifest import from_values, read_values
from rnnlab.runs.standing import RunState, measures_of, state_of
from rnnlab.runs.supersede import SUPERSEDED, returns_to
from rnnlab.runs.tail import ending, last_steps, spread, standing_events

BUDGET = 1 << 23
"""Bytes of a run's events that one look reads on."""
_PLACES = 40  # points of the curve


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What a list shows of a run. Bits are bits per character; None is not known (yet).

    ``train_bits`` is the mean over the last reports; ``curve`` the training loss in bits from the
    beginning to now; ``divergence`` the last return to a checkpoint after the loss was lost; ``scores``
    and ``corpus_scores`` the newest of each, by PLUGIN.METRIC; ``settings`` the configuration by dotted
    name. ``complete`` is False while earlier events are still to be read by further looks. ``problem``
    says what is wrong with the folder, if anything; what can be read is told all the same.
    """

    run: RunFolder
    state: RunState
    reason: str = ""
    problem: str = ""
    created: float = 0.0
    updated: float = 0.0
    corpus: str = ""
    preset: str = ""
    model: str = ""
    device: str = ""
    parameters: int = 0
    step: int = 0
    total_steps: int | None = None
    epoch: float | None = None
    seconds: float = 0.0
    progress: float | None = None
    eta_s: float | None = None
    train_bits: float | None = None
    validation_bits: float | None = None
    best_bits: float | None = None
    best_step: int | None = None
    test_bits: float | None = None
    chars_per_second: float | None = None
    curve: tuple[float, ...] = ()
    divergence: DivergenceEvent | None = None
    scores: dict[str, Score] = field(default_factory=dict)
    corpus_scores: dict[str, Score] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    holder: LockState | None = None
    complete: bool = True

    @property
    def name(self) -> str:
        """The run's name."""
        return self.run.name


def summarize(run: RunFolder, *, budget: int | None = BUDGET) -> RunSummary:
    """The run as it stands now.

    Args:
        run: which.
        budget: how many bytes of earlier events to read on at this look; None for all there are.
    """
    with _guard:
        look = _looks.setdefault(str(run.path), _Look(run))
    return look.summary(budget)


class _Look:
    """What is known of one run from earlier looks."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._reader = EventReader(run.events_path)
        self._restarts = 0
        self._events: list[Event] = []  # no steps, no samples, no notes; what counts of them
        self._stamp: tuple[int, int, int] | None = None
        self._facts: dict[str, Any] = {}
        self._manifest: tuple[tuple[int, int, int] | None, dict[str, Any]] = (None, {})
        self._curve: tuple[int, tuple[float, ...]] = (0, ())
        self._ending: tuple[list[Event], list[StepEvent]] = ([], [])

    def summary(self, budget: int | None) -> RunSummary:
        with self._lock:
            decided = self._decided()
            stamp = _stamp(self._run.events_path)
            if stamp is not None and (stamp != self._stamp or not self._reader.at_end):
                self._read_on(stamp[0], budget)
                self._stamp = stamp
            events = list(self._events)
            if not self._reader.at_end:
                for event in self._ending[0]:
                    _keep(events, event)
            holder = lock_state(self._run)
            state, reason = state_of(events, self._ending[1], holder)
            measures = measures_of(events, self._ending[1])
            problem = decided.pop("problem", "")
            if state not in ("training", "paused"):
                measures["eta_s"] = None
                if problem and not decided:
                    state, reason = "failed", ""  # whatever came of it, nothing can be done with it
                elif not problem and stamp is not None and stamp[0] and self._reader.at_end and not events:
                    problem = f"{self._run.events_path}: nothing in it can be read as an event"
            return RunSummary(
                run=self._run,
                state=state,
                reason=reason,
                problem=problem,
                holder=holder,
                curve=self._curve[1],
                complete=self._reader.at_end,
                **(decided | measures),
            )

    def _decided(self) -> dict[str, Any]:
        """What run.json says, as fields of the summary; only ``problem`` where nothing of it can be read."""
        stamp = _stamp(self._run.manifest_path)
        if stamp is None or stamp != self._manifest[0]:
            self._manifest = (stamp, _decided(self._run))
        return dict(self._manifest[1])

    def _read_on(self, size: int, budget: int | None) -> None:
        lines = self._reader.read_lines(size + 1 if budget is None else budget)
        if self._reader.restarts != self._restarts:
            self._restarts, self._events, self._curve = self._reader.restarts, [], (0, ())
        for event in standing_events(lines):
            _keep(self._events, event)
        end = ending(self._run.events_path)
        self._ending = ([] if self._reader.at_end else standing_events(end), last_steps(end))
        if not 0.98 * size < self._curve[0] <= size:
            points = spread(self._run.events_path, _PLACES)
            self._curve = (size, tuple(step.loss / math.log(2) for step in points))


_looks: dict[str, _Look] = {}
_guard = threading.Lock()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116  # a third of the time of Path.stat, for every run at every look
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def _keep(events: list[Event], event: Event) -> None:
    """Take an event into the list of those that count."""
    step = returns_to(event)
    if step is not None:
        events[:] = [old for old in events if old.step <= step or not isinstance(old, SUPERSEDED)]
    events.append(event)


def _decided(run: RunFolder) -> dict[str, Any]:
    """What a list shows of a manifest; of one that cannot be used, what can be read and why it cannot."""
    decided: dict[str, Any] = {}
    try:
        values = read_values(run)
        with contextlib.suppress(TypeError, ValueError, AttributeError, OverflowError):  # the next line tells
            decided = _from_manifest(values)
        from_values(run, values)
    except RunError as error:
        decided["problem"] = f"{error.thing}: {error.reason}"
    return decided


def _from_manifest(values: dict[str, Any]) -> dict[str, Any]:
    settings = flatten(values.get("config") or {})
    sources = settings.get("corpus.sources") or ["?"]
    model = f"{settings.get('model.cell', '?')} {settings.get('model.layers', '?')}×{settings.get('model.hidden', '?')}"
    return {
        "created": float(values.get("created", 0.0)),
        "parameters": int(float(values.get("parameters", 0))),
        "device": str(values.get("device", "")),
        "preset": str(settings.get("preset", "")),
        "corpus": " + ".join(Path(str(source)).name or str(source) for source in sources),
        "model": model,
        "settings": settings,
    }
