"""What each column of the lab shows, what it sorts by, and which columns a width has room for.

Pure: summaries in, words out. ``spare`` says how gladly a column is left out where there is no room.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from rich.cells import cell_len

from rnnlab.display import safe
from rnnlab.events import Score
from rnnlab.quantities import short_metric
from rnnlab.runs.summary import RunSummary
from rnnlab.tui.figures import NONE, bits, count, duration, share
from rnnlab.tui.widgets.spark import sparkline

GAP = 2
_LONGEST = {"run": 28, "corpus": 24}
_NARROW = {"run": 18}  # what a long name is cut to before another column goes
_CURVE, _CURVE_LONGEST = 12, 40
_ORDER = ("training", "paused", "stale", "failed", "stopped", "finished")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, its words, what it sorts by (None: unknown, always last)."""

    title: str
    text: Callable[[RunSummary], str]
    key: Callable[[RunSummary], Any]
    right: bool = True
    spare: int = 0
    falling: bool = False
    """Whether the first sort begins with the largest."""


def _age(summary: RunSummary) -> str:
    return duration(max(0.0, time.time() - summary.created)) if summary.created else NONE


COLUMNS = (
    Column("run", lambda one: one.name, lambda one: one.name.lower(), right=False),
    Column("state", lambda one: one.state, lambda one: _ORDER.index(one.state), right=False),
    Column("done", lambda one: share(one.progress), lambda one: one.progress, falling=True),
    Column("left", lambda one: duration(one.eta_s), lambda one: one.eta_s, spare=5),
    Column("train", lambda one: bits(one.train_bits), lambda one: _number(one.train_bits), spare=2),
    Column("valid", lambda one: bits(one.validation_bits), lambda one: _number(one.validation_bits)),
    Column("best", lambda one: bits(one.best_bits), lambda one: _number(one.best_bits), spare=12),
    Column("char/s", lambda one: count(one.chars_per_second), lambda one: one.chars_per_second, spare=4, falling=True),
    Column(
        "curve",
        lambda one: curve(one, _CURVE),
        lambda one: _number(one.curve[-1] if one.curve else None),
        right=False,
        spare=6,
    ),
    Column("model", lambda one: one.model, lambda one: one.model, right=False, spare=3),
    Column("params", lambda one: count(one.parameters or None), lambda one: one.parameters, spare=7, falling=True),
    Column("corpus", lambda one: one.corpus, lambda one: one.corpus.lower(), right=False, spare=8),
    Column("device", lambda one: one.device, lambda one: one.device, right=False, spare=14),
    Column("step", lambda one: f"{one.step:,}", lambda one: one.step, spare=13, falling=True),
    Column("age", _age, lambda one: -one.created, spare=11),
)
_SCORE_SPARE = 9


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


@cache
def score_column(metric: str, rank: int) -> Column:
    """The column of one score; the first scores of an evaluator are kept longest."""

    def rate(summary: RunSummary) -> float | None:
        score: Score | None = summary.scores.get(metric)
        return score.count / score.total if score is not None and score.total else None

    spare = _SCORE_SPARE + (rank > 1) + 6 * (rank > 3)
    return Column(safe(short_metric(metric), multiline=False), lambda one: share(rate(one)), rate, spare=spare)


def all_columns(summaries: Sequence[RunSummary]) -> list[Column]:
    """The fixed columns, then a column per score that any run has."""
    metrics = dict.fromkeys(metric for summary in summaries for metric in summary.scores)
    return [*COLUMNS, *(score_column(metric, rank) for rank, metric in enumerate(metrics))]


def words(column: Column, summary: RunSummary) -> str:
    """The cell's words, safe to show, on one line."""
    return safe(column.text(summary), multiline=False)


def fitting(summaries: Sequence[RunSummary], width: int, keep: str = "") -> list[tuple[Column, int]]:
    """The columns that fit, with their widths. The curve takes what is left over.

    Args:
        summaries: what will be shown.
        width: cells that there are, all gaps included.
        keep: title of the column that is sorted by; it stays as long as two others have to.
    """
    wide: dict[Column, int] = {}
    for column in all_columns(summaries):
        texts = [words(column, one) for one in summaries]
        natural = max([cell_len(column.title) + 1, *map(cell_len, texts)])
        if column.title == "curve":
            natural = _CURVE
        if not any(text not in ("", NONE, "0") for text in texts) and column.spare and column.title != "curve":
            continue  # a column of dashes tells nothing
        wide[column] = min(natural, _LONGEST.get(column.title, natural))
    while _total(wide) > width and len(wide) > 1:
        name = COLUMNS[0]
        worst = max(wide, key=lambda column: column.spare if column.title != keep else min(column.spare, 1))
        over = _total(wide) - width
        if wide[name] - over >= _NARROW["run"]:
            wide[name] -= over
        elif worst.spare:
            del wide[worst]
        elif wide[name] > 8:
            wide[name] = max(8, wide[name] - over)
            if _total(wide) > width:
                wide.popitem()
        else:
            wide.popitem()
    for column in wide:
        if column.title == "curve":
            wide[column] = min(_CURVE_LONGEST, wide[column] + max(0, width - _total(wide)))
    return list(wide.items())


def _total(wide: dict[Column, int]) -> int:
    return sum(wide.values()) + GAP * (len(wide) - 1)


def in_order(summaries: Sequence[RunSummary], title: str, *, falling: bool) -> list[RunSummary]:
    """The runs by one column's key, the unknown ones last; without a title as they came: newest first."""
    column = next((column for column in all_columns(summaries) if column.title == title), None)
    if column is None:
        return list(summaries)
    known = [one for one in summaries if column.key(one) is not None]
    return sorted(known, key=column.key, reverse=falling) + [one for one in summaries if column.key(one) is None]


def curve(summary: RunSummary, width: int) -> str:
    """The training loss as blocks; the first, steepest part does not flatten the rest."""
    values = summary.curve
    finite = sorted(value for value in values if math.isfinite(value))
    if len(finite) > 8:
        top = finite[len(finite) * 4 // 5] + 0.1
        values = tuple(min(value, top) if math.isfinite(value) else value for value in values)
    return sparkline(values, width)
