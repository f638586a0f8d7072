"""A snapshot's numbers as figures: which metrics a run has, over which x axis they can be drawn.

Knows snapshots and figures, and no widget.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from rnnlab.evaluation.totals import wilson
from rnnlab.tui.reading.columns import Floats
from rnnlab.tui.reading.snapshot import RunSnapshot
from rnnlab.tui.reading.words import trouble
from rnnlab.tui.widgets.chart.figure import Figure, Mark, Series
from rnnlab.tui.widgets.chart.ticks import count_label, time_label

Axis = Literal["step", "epoch", "chars", "time"]
AXES: tuple[Axis, ...] = ("step", "epoch", "chars", "time")
_AXIS_COLUMN = {"step": "step", "epoch": "epoch", "chars": "chars", "time": "seconds"}
_AXIS_NAME = {"step": "step", "epoch": "epochs", "chars": "characters", "time": "training time"}
_AXIS_FORMAT: dict[Axis, Callable[[float], str]] = {
    "step": count_label,
    "epoch": lambda value: f"{value:.4g}",
    "chars": count_label,
    "time": time_label,
}
STEP_METRICS = {
    "learning rate": "learning_rate",
    "gradient norm": "gradient_norm",
    "characters per second": "chars_per_second",
}


@dataclass(frozen=True, slots=True)
class Look:
    """How figures are made: the x axis, and bits per character or nats."""

    axis: Axis = "step"
    nats: bool = False

    def next_axis(self) -> Look:
        """The following x axis."""
        return replace(self, axis=AXES[(AXES.index(self.axis) + 1) % len(AXES)])


def metrics(snapshot: RunSnapshot) -> list[str]:
    """What can be drawn of a run: the loss first, then the step metrics, then every score by PLUGIN.METRIC."""
    scores = dict.fromkeys(f"{event.plugin}.{score.name}" for event in snapshot.scores for score in event.scores)
    return ["loss", *STEP_METRICS, *scores]


def figure(snapshot: RunSnapshot, metric: str, look: Look) -> Figure:
    """The figure of one metric."""
    if metric == "loss":
        series, name = loss_series(snapshot, look), "nats/char" if look.nats else "bits/char"
    elif metric in STEP_METRICS:
        series, name = _step_series(snapshot, metric, look), metric
    else:
        series, name = score_series(snapshot, metric, look), metric
    return Figure(
        series=series,
        marks=marks(snapshot, look),
        x_name=_AXIS_NAME[look.axis],
        y_name=name,
        x_format=_AXIS_FORMAT[look.axis],
        y_format=_per_cent if metric not in STEP_METRICS and metric != "loss" else _number,
        span=_span(snapshot, look),
        empty=_empty(snapshot, metric),
    )


def _span(snapshot: RunSnapshot, look: Look) -> tuple[float, float] | None:
    x = snapshot.steps[_AXIS_COLUMN[look.axis]]
    return (float(x[0]), float(np.nanmax(x))) if len(x) and math.isfinite(x[0]) else None


def _empty(snapshot: RunSnapshot, metric: str) -> str:
    if snapshot.summary.problem:
        return trouble(snapshot.summary)
    if snapshot.read < 1:
        return f"Reading the events: {100 * snapshot.read:.0f}%"
    if metric == "loss":
        return "No steps yet: the first report comes soon." if snapshot.summary.holder else "No steps were recorded."
    return f"No {metric} yet."


def _per_cent(value: float) -> str:
    return f"{value:.1f}%"


def _number(value: float) -> str:
    return f"{value:.5g}" if math.isfinite(value) else "lost"


def loss_series(snapshot: RunSnapshot, look: Look, *, name: str = "", colour: str = "$chart-1") -> tuple[Series, ...]:
    """Train (raw extremes as its band) and validation."""
    steps, unit = snapshot.steps, 1.0 if look.nats else 1 / math.log(2)
    x = _monotone(steps[_AXIS_COLUMN[look.axis]])
    train = Series(
        name or "train",
        x,
        steps["loss"] * unit,
        steps["loss_low"] * unit,
        steps["loss_high"] * unit,
        colour=colour,
        smooth=True,
    )
    at = np.array([event.step for event in snapshot.validations], dtype=np.float64)
    losses = np.array([event.loss for event in snapshot.validations], dtype=np.float64) * unit
    validation = Series("validation", along(snapshot, at, look.axis), losses, colour="$chart-2", points=True)
    return train, validation


def _step_series(snapshot: RunSnapshot, metric: str, look: Look) -> tuple[Series, ...]:
    x = _monotone(snapshot.steps[_AXIS_COLUMN[look.axis]])
    smooth = metric != "learning rate"
    return (Series(metric, x, snapshot.steps[STEP_METRICS[metric]], colour="$chart-3", smooth=smooth),)


def score_series(snapshot: RunSnapshot, metric: str, look: Look, *, colour: str = "$chart-4") -> tuple[Series, ...]:
    """The rate of one score in per cent with its 95 % interval; the real corpus as the reference."""
    rows: list[tuple[float, float, float, float]] = []
    corpus: tuple[float, float, float] | None = None
    for event in snapshot.scores:
        for score in event.scores:
            if f"{event.plugin}.{score.name}" == metric and score.total:
                low, high = wilson(score.count, score.total)
                rows.append((event.step, 100 * score.count / score.total, 100 * low, 100 * high))
        for score in event.corpus_scores:
            if f"{event.plugin}.{score.name}" == metric and score.total:
                low, high = wilson(score.count, score.total)
                corpus = 100 * score.count / score.total, 100 * low, 100 * high
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    x = along(snapshot, table[:, 0], look.axis)
    series = Series(
        metric.partition(".")[2] or metric,
        x,
        table[:, 1],
        table[:, 2],
        table[:, 3],
        colour=colour,
        points=True,
        reference=corpus[0] if corpus else None,
        reference_name="corpus",
        reference_low=corpus[1] if corpus else None,
        reference_high=corpus[2] if corpus else None,
    )
    return (series,)


def marks(snapshot: RunSnapshot, look: Look) -> tuple[Mark, ...]:
    """What happened, at its place on the axis."""
    at = along(snapshot, np.array([item.step for item in snapshot.happenings], dtype=np.float64), look.axis)
    return tuple(Mark(x, item.kind, item.text) for x, item in zip(at.tolist(), snapshot.happenings, strict=True))


def along(snapshot: RunSnapshot, steps: Floats, axis: Axis) -> Floats:
    """Places of steps on another axis, from the reports around them."""
    if axis == "step" or not len(steps):
        return steps
    known = snapshot.steps["step"]
    if not len(known):
        return np.zeros(len(steps))
    target = _monotone(snapshot.steps[_AXIS_COLUMN[axis]])
    per_step = target[-1] / known[-1] if known[-1] else 0.0  # for steps beyond the last report
    inside = np.interp(steps, np.concatenate(([0.0], known)), np.concatenate(([0.0], target)))
    result: Floats = np.where(steps > known[-1], target[-1] + (steps - known[-1]) * per_step, inside)
    return result


def step_at(snapshot: RunSnapshot, x: float, axis: Axis) -> float:
    """The step at a place of another axis: the inverse of :func:`along`."""
    known = snapshot.steps["step"]
    if axis == "step" or not len(known):
        return x
    return float(np.interp(x, _monotone(snapshot.steps[_AXIS_COLUMN[axis]]), known))


def _monotone(values: Floats) -> Floats:
    """The column without backward jumps and lost numbers, so that it can be an x axis."""
    if len(values) < 2:
        return values
    if (values[1:] >= values[:-1]).all():  # nearly always; false for a lost number as well
        return values
    result: Floats = np.fmax.accumulate(values)
    return result
