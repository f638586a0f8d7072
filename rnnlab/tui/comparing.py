"""Several runs over each other: one figure of one metric, and a table of what differs and what came out.

Knows snapshots, figures and words; no widget.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from rnnlab.display import safe
from rnnlab.runs.summary import RunSummary
from rnnlab.tui.figures import NONE, bits, count, duration, nats_of
from rnnlab.tui.metrics import Look, figure, metrics
from rnnlab.tui.reading.snapshot import RunSnapshot
from rnnlab.tui.widgets.chart.figure import Figure, Series
from rnnlab.tui.widgets.colours import PALETTE
from rnnlab.tui.widgets.run.header import STATE_SIGNS

TRAIN, VALIDATION = "train", "validation"
_WIDEST = 24


def common_metrics(snapshots: Sequence[RunSnapshot]) -> list[str]:
    """Every metric that a run of these has; validation first, as that is what runs are compared by."""
    names = dict.fromkeys(name for snapshot in snapshots for name in metrics(snapshot) if name != "loss")
    return [VALIDATION, TRAIN, *names]


def compare_figure(snapshots: Sequence[RunSnapshot], metric: str, look: Look) -> Figure:
    """One curve per run, in the run's colour; no bands, no marks: they would hide each other."""
    figures = [figure(one, "loss" if metric in (TRAIN, VALIDATION) else metric, look) for one in snapshots]
    series: list[Series] = []
    for number, (one, drawn) in enumerate(zip(snapshots, figures, strict=True)):
        curve = drawn.series[1 if metric == VALIDATION else 0]
        colour = PALETTE[number % len(PALETTE)]
        series.append(replace(curve, name=one.run.name, colour=colour, low=None, high=None))
    spans = [drawn.span for drawn in figures if drawn.span is not None]
    span = (min(low for low, _ in spans), max(high for _, high in spans)) if spans else None
    name = f"{metric}, {figures[0].y_name}" if metric in (TRAIN, VALIDATION) else metric
    return replace(figures[0], series=tuple(series), marks=(), span=span, y_name=name, empty=f"No {metric} yet.")


def table(summaries: Sequence[RunSummary], styles: Sequence[str], *, nats: bool = False) -> list[Text]:
    """Results, then the settings that differ; the best of each row stands out."""
    names = [safe(one.name, multiline=False) for one in summaries]
    rows: list[tuple[str, list[str], int | None]] = [*_results(summaries, nats=nats), *_differences(summaries)]
    left = max([cell_len(name) for name, _, _ in rows] + [8]) + 2
    wide = [
        min(_WIDEST, max([cell_len(name), *(cell_len(row[1][place]) for row in rows)]))
        for place, name in enumerate(names)
    ]
    head = Text(" " * left, no_wrap=True)
    for name, width, style in zip(names, wide, styles, strict=True):
        head.append(_fit(name, width) + "  ", f"bold {style}")
    lines = [head]
    for name, values, best in rows:
        line = Text(no_wrap=True).append(safe(name, multiline=False).ljust(left), "dim")
        for place, (value, width) in enumerate(zip(values, wide, strict=True)):
            line.append(_fit(value, width), "bold green" if place == best else "").append("  ")
        lines.append(line)
    return lines


def _fit(text: str, width: int) -> str:
    return set_cell_size(text, width - 1) + "…" if cell_len(text) > width else text + " " * (width - cell_len(text))


def _results(summaries: Sequence[RunSummary], *, nats: bool) -> list[tuple[str, list[str], int | None]]:
    loss, unit = (nats_of, "nats") if nats else (bits, "bits")
    rows: list[tuple[str, list[str], int | None]] = [
        ("state", [f"{STATE_SIGNS[one.state][0]} {one.state}" for one in summaries], None),
        _row(f"best validation, {unit}", [one.best_bits for one in summaries], loss, "lower"),
        _row(f"validation now, {unit}", [one.validation_bits for one in summaries], loss, "lower"),
        _row(f"train now, {unit}", [one.train_bits for one in summaries], loss, "lower"),
        _row(f"test, {unit}", [one.test_bits for one in summaries], loss, "lower"),
        ("step", [f"{one.step:,}" for one in summaries], None),
        ("trained for", [duration(one.seconds) for one in summaries], None),
        _row("char/s", [one.chars_per_second for one in summaries], count, "higher"),
        ("parameters", [f"{one.parameters:,}" for one in summaries], None),
    ]
    for metric in dict.fromkeys(name for one in summaries for name in one.scores):
        scores = [one.scores.get(metric) for one in summaries]
        rates = [score.count / score.total if score is not None and score.total else None for score in scores]
        better = next(score.better for score in scores if score is not None)
        rows.append(_row(metric.partition(".")[2] or metric, rates, _per_cent, better))
    return [row for row in rows if any(value != NONE for value in row[1])]


def _per_cent(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.1f}%"


def _row(name: str, values: Sequence[float | None], shown: Any, better: str) -> tuple[str, list[str], int | None]:
    """A row with the place of its best value, where at least two are known and they differ."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    best = None
    if len(known) > 1 and min(known) != max(known):
        best = list(values).index(min(known) if better == "lower" else max(known))
    return name, [shown(value) for value in values], best


def _differences(summaries: Sequence[RunSummary]) -> list[tuple[str, list[str], int | None]]:
    names = dict.fromkeys(name for one in summaries for name in one.settings)
    rows: list[tuple[str, list[str], int | None]] = []
    for name in names:
        values = [one.settings.get(name) for one in summaries]
        if any(value != values[0] for value in values):
            rows.append((name, [_word(value) for value in values], None))
    return rows or [("settings", ["the same"] * len(summaries), None)]


def _word(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        value = " ".join(map(str, value))
    return NONE if value in (None, "") else safe(str(value), multiline=False)
