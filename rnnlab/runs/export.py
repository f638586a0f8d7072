"""A run's events as a table for other programs: one CSV row per event that counts, by step.

Knows the fields of the events and nothing of who reads the table.
"""

from __future__ import annotations

import csv
import dataclasses
import heapq
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

from rnnlab.errors import ConfigError
from rnnlab.events import KINDS, Event, Score, ScoreEvent, StepEvent
from rnnlab.runs.history import RunHistory
from rnnlab.runs.layout import RunFolder
from rnnlab.runs.series import FIELDS, StepSeries

Progress = Callable[[int, int], None]
_FIRST = ("event", "time", "step")
_SCORE = ("plugin", "samples", "text", "name", "count", "total", "better")
_WHOLE = {"step", "chars", "span"}
_SLICE = 10_000


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
    """Write the events of these kinds that count, sorted by step; gives the number of rows.

    A score event becomes one row per score, ``text`` saying whether of the model or the corpus.
    Numbers keep all their digits. ``progress`` is called now and then with the bytes read and the
    bytes there are.
    """
    table = csv.DictWriter(file, columns(kinds), restval="", lineterminator="\n")
    table.writeheader()
    history, size = RunHistory(run), run.events_path.stat().st_size if run.events_path.exists() else 0
    while not history.at_end:
        history.advance()
        progress(history.offset, size)
    steps = _step_rows(history.steps) if StepEvent.kind in kinds else iter(())
    others = sorted((event for event in history.events if event.kind in kinds), key=lambda event: event.step)
    rows = 0
    for row in heapq.merge(steps, (row for event in others for row in _rows(event)), key=lambda row: row["step"]):
        table.writerow(row)
        rows += 1
    return rows


def _step_rows(steps: StepSeries) -> Iterator[dict[str, Any]]:
    for start in range(0, len(steps), _SLICE):
        part = steps.table[:, start : start + _SLICE]
        values = [
            column.astype("int64").tolist() if name in _WHOLE else column.tolist()
            for name, column in zip(FIELDS, part, strict=True)
        ]
        for row in zip(*values, strict=True):
            yield {"event": StepEvent.kind, **dict(zip(FIELDS, row, strict=True))}


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
