"""What a chart draws: series, marks and names, frozen. It knows no terminal and no run.

Arrays are float64 of one length, ``x`` not decreasing. A y that is not finite is a place
where the number was lost: the chart shows it as a cross, it never drops it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MarkKind = Literal[
    "checkpoint", "best", "sample", "divergence", "rollback", "learning rate", "pause", "resume", "stop", "score"
]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One curve. ``low`` and ``high`` are the band around it: raw extremes, or an interval."""

    name: str
    x: Floats
    y: Floats
    low: Floats | None = None
    high: Floats | None = None
    colour: str = "$chart-1"
    """A theme variable such as ``$primary``, or a colour such as ``#rrggbb``."""
    smooth: bool = False
    """Whether the view's smoothing applies to the line (never to the band)."""
    points: bool = False
    """Draw a dot at every point where there is room for it."""
    reference: float | None = None
    """A value to compare with, drawn as a dashed line."""
    reference_name: str = ""
    reference_low: float | None = None
    reference_high: float | None = None
    """How sure the reference is: both or neither."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at ``x``: a sign in the lane under the plot."""

    x: float
    kind: MarkKind
    label: str = ""


@dataclass(frozen=True, slots=True)
class MarkStyle:
    """How a kind of mark looks. Higher ``rank`` wins a cell; ``line``: also a line through the plot."""

    sign: str
    colour: str
    rank: int
    line: bool = False


MARKS: dict[MarkKind, MarkStyle] = {
    "sample": MarkStyle("·", "$text-muted", 0),
    "checkpoint": MarkStyle("◇", "$secondary", 1),
    "score": MarkStyle("▵", "$secondary", 1),
    "best": MarkStyle("★", "$success", 2),
    "resume": MarkStyle("▸", "$success", 3),
    "pause": MarkStyle("‖", "$warning", 4),
    "stop": MarkStyle("■", "$warning", 5),
    "learning rate": MarkStyle("η", "$accent", 6, line=True),
    "rollback": MarkStyle("↶", "$warning", 7),
    "divergence": MarkStyle("✗", "$error", 8, line=True),
}


def plain_number(value: float) -> str:
    """A number in few characters, for axes and readings."""
    return f"{value:.4g}"


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """All that one chart shows, in data units."""

    series: tuple[Series, ...] = ()
    marks: tuple[Mark, ...] = ()
    x_name: str = "step"
    y_name: str = "loss"
    x_format: Callable[[float], str] = plain_number
    y_format: Callable[[float], str] = plain_number
    span: tuple[float, float] | None = None
    """From where to where the x axis goes at least, so that charts of one run stand under each other."""
    empty: str = "Nothing to draw yet."
    """What stands in the plot while there are no points."""

    @property
    def points(self) -> int:
        """How many points there are in all."""
        return sum(len(series.x) for series in self.series)
