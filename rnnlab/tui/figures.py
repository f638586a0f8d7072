"""Numbers in few characters, the same way on every screen; an unknown one is a dash."""

from __future__ import annotations

import math

NONE = "–"


def bits(value: float | None) -> str:
    """Bits per character, to the fourth digit."""
    return NONE if value is None else f"{value:.4f}" if math.isfinite(value) else "lost"


def nats_of(value: float | None) -> str:
    """Bits per character as nats, to the fourth digit."""
    return bits(None if value is None else value * math.log(2))


def share(value: float | None) -> str:
    """A share as whole per cents."""
    return NONE if value is None else f"{100 * value:.0f}%"


def count(value: float | None) -> str:
    """A count with at most four digits: 950, 12.5k, 3.1M."""
    if value is None or not math.isfinite(value):
        return NONE
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{unit}" if abs(value) < 100 * limit else f"{value / limit:.0f}{unit}"
    return f"{value:.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.3g}"


def size(value: float | None) -> str:
    """Bytes: 512 B, 1.5 GB (powers of 1000)."""
    if value is None:
        return NONE
    for limit, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if value >= limit:
            return f"{value / limit:.3g} {unit}" if value < 100 * limit else f"{value / limit:.0f} {unit}"
    return f"{value:.0f} B"


def duration(seconds: float | None) -> str:
    """A span of time: 45 s, 3 min, 2 h 05, 3 d 4 h."""
    if seconds is None or not math.isfinite(seconds):
        return NONE
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d}" if hours < 48 else f"{hours // 24} d {hours % 24} h"
