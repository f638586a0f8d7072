"""Numbers as people read them: counts, durations, shares, small curves in a line of text.

Knows nothing of what the numbers mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


def short_metric(metric: str) -> str:
    """PLUGIN.METRIC as a column's title: the metric, or its first word where it is long."""
    name = metric.partition(".")[2] or metric
    name = name.removeprefix("undefined-") if name != "undefined-variables" else name
    return name if len(name) <= 10 else name.split("-")[0][:12]


def short(count: float | None) -> str:
    """A count in at most five characters and a unit: 950, 12.3 k, 10.2 M."""
    if count is None:
        return "–"
    if not math.isfinite(count):
        return str(count)
    if abs(count) < 999.5:
        return f"{count:.0f}"
    for unit in "kMGT":
        count /= 1000
        if abs(count) < 999.5 or unit == "T":
            return f"{count:.0f} {unit}" if abs(count) >= 99.95 else f"{count:.1f} {unit}"
    raise AssertionError("the last unit takes all")


def duration(seconds: float | None) -> str:
    """Two units at most: 42 s, 3 min 05 s, 2 h 10 min, 3 d 4 h."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def decimals(value: float | None, places: int = 3) -> str:
    """A number with so many decimals, or a dash where it is not known."""
    return "–" if value is None else f"{value:.{places}f}"


def percent(share: float | None) -> str:
    """A share as whole percents, rounded down so that 100 % means done."""
    return "–" if share is None or not math.isfinite(share) else f"{math.floor(share * 100 + 1e-9)} %"


def sparkline(values: Sequence[float], width: int, *, low: float | None = None, high: float | None = None) -> str:
    """A curve as one line of bars, at most ``width`` characters; a gap where a value is no number.

    Args:
        values: equally spaced.
        width: at most so many characters; more values than that are averaged.
        low: value of the lowest bar; else the smallest value.
        high: value of the highest bar; else the largest value.
    """
    count = min(width, len(values))
    means = [_mean(values[i * len(values) // count : (i + 1) * len(values) // count]) for i in range(count)]
    known = [mean for mean in means if mean is not None]
    if not known:
        return "".join(" " for _ in means)
    bottom = min(known) if low is None else low
    top = max(known) if high is None else high
    return "".join(" " if mean is None else _bar(mean, bottom, top) for mean in means)


def _mean(values: Sequence[float]) -> float | None:
    known = [value for value in values if math.isfinite(value)]
    return sum(value / len(known) for value in known) if known else None


def _bar(value: float, low: float, high: float) -> str:
    if high <= low:
        return _BARS[0]
    share = (value / 2 - low / 2) / (high / 2 - low / 2)  # halves: a diverged loss may be as large as floats get
    return _BARS[max(0, min(len(_BARS) - 1, int(share * len(_BARS))))]
