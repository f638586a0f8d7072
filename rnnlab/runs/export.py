"""A run's events as a table for other programs: one CSV row per event that counts.

Two passes in bounded memory: the first sees where training went back, the second writes what was
not superseded. Knows the fields of the events and nothing of who reads the table.
"""

from __future__ import annotations

import csv
import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

from rnnlab.errors import ConfigError
from rnnlab.events import KINDS, Event, Score, ScoreEvent
from rnnlab.runs.follow import EventReader
from rnnlab.runs.layout import RunFolder
from rnnlab.runs.supersede import SUPERSEDED, returns_to
from rnnlab.runs.tail import all_other_events

Progress = Callable[[int, int], None]
_FIRST = ("event", "time", "step")
_SCORE = ("plugin", "samples", "text", "name", "count", "total", "better")


def columns(kinds: Sequence[str]) -> list[str]:
    """The columns of a table of these kinds: event, time and step, then each kind's own fields.

    Raises:
        ConfigError: for a kind that does not exist.
    """
    names = list(_FIRST)
    for kind in kinds:
        cls = KINDS.get(kind)
        if cls is None:
            raise ConfigError(kind, "is no kind of event", f"Use some of: {', '.join(KINDS)}.")
        fields = _SCORE if cls is ScoreEvent else [item.name for item in dataclasses.fields(cls)]
        names += [name for name in fields if name not in names]
    return names


def write_csv(run: RunFolder, file: TextIO, kinds: Sequence[str], progress: Progress = lambda *_: None) -> int:
    """Write the events of these kinds that count, in their order; gives the number of rows.

    A score event becomes one row per score, ``text`` saying whether of the model or the corpus.
    ``progress`` is called now and then with the bytes read and the bytes there are.
    Numbers keep all their digits.
    """
    table = csv.DictWriter(file, columns(kinds), restval="", lineterminator="\n")
    table.writeheader()
    rows = 0
    for event in effective_events(run, progress):
        if event.kind in kinds:
            for row in _rows(event):
                table.writerow(row)
                rows += 1
    return rows


def effective_events(run: RunFolder, progress: Progress = lambda *_: None) -> Iterator[Event]:
    """Every event of a run that counts, in order, however long the run is."""
    bounds = _bounds(run)
    reader = EventReader(run.events_path)
    seen, size = 0, run.events_path.stat().st_size if run.events_path.exists() else 0
    while True:
        events = reader.read()
        progress(reader.offset, size)
        for event in events:
            seen += returns_to(event) is not None
            # A return that came after the first pass takes back nothing here: this reads the run as it stood.
            bound = bounds[min(seen, len(bounds) - 1)]
            if event.step <= bound or not isinstance(event, SUPERSEDED):
                yield event
        if not events and reader.at_end:
            return


def _bounds(run: RunFolder) -> list[float]:
    """For each count of returns seen so far: the highest step that no later return takes back."""
    steps = [step for event in all_other_events(run.events_path) if (step := returns_to(event)) is not None]
    bounds = [math.inf]
    for step in reversed(steps):
        bounds.append(min(bounds[-1], step))
    return bounds[::-1]


def _rows(event: Event) -> Iterator[dict[str, Any]]:
    first = {"event": event.kind, "time": event.time, "step": event.step}
    if isinstance(event, ScoreEvent):
        common = first | {"plugin": event.plugin, "samples": event.samples}
        for text, scores in (("model", event.scores), ("corpus", event.corpus_scores)):
            yield from (common | {"text": text} | _score(score) for score in scores)
        return
    values = {item.name: getattr(event, item.name) for item in dataclasses.fields(event)}
    yield first | {name: " ".join(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _score(score: Score) -> dict[str, Any]:
    return {"name": score.name, "count": score.count, "total": score.total, "better": score.better}
