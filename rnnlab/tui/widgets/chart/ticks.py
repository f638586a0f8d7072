"""Where an axis is labelled, and with what words."""

from __future__ import annotations

import math

from rnnlab.tui.widgets.chart.scale import Scale


def ticks(scale: Scale, count: int) -> list[float]:
    """About ``count`` round values inside the scale's range, rising."""
    low, high = min(scale.low, scale.high), max(scale.low, scale.high)
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low] if math.isfinite(low) else []
    if scale.log and low > 0 and high / low >= 10:
        return _log_ticks(low, high, count)
    step = nice_step(high - low, count)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step for index in range(first, min(last, first + 200) + 1)]


def nice_step(width: float, count: int) -> float:
    """The smallest of 1, 2, 5 x 10^k that cuts ``width`` into at most ``count`` pieces."""
    rough = width / max(count, 1)
    if rough <= 0 or not math.isfinite(rough):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= rough * 0.999999)


def _log_ticks(low: float, high: float, count: int) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    decades = last - first
    digits: tuple[int, ...] = (1,)
    if decades * 3 <= count + 1:
        digits = (1, 2, 5)
    elif decades * 2 <= count + 1:
        digits = (1, 3)
    stride = max(1, math.ceil(decades / max(count, 1)))
    values = [digit * 10.0**power for power in range(first, last + 1, stride) for digit in digits]
    return [value for value in values if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]


def labels(values: list[float]) -> list[str]:
    """The values with just as many decimals as tell them apart."""
    finite = [value for value in values if value]
    if not finite:
        return [_short(value, 0) for value in values]
    largest = max(abs(value) for value in finite)
    if 1e-3 <= largest < 1e5:
        for decimals in range(7):
            words = [_short(value, decimals) for value in values]
            exact = all(
                math.isclose(float(word), value, rel_tol=1e-6) for word, value in zip(words, values, strict=True)
            )
            if exact and len(set(words)) == len(values):
                return words
    for digits in range(3, 16):
        words = [_scientific(value, digits) for value in values]
        if len(set(words)) == len(values):
            break
    return words


def _scientific(value: float, digits: int) -> str:
    word = f"{value:.{digits}g}"
    return word.replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")


def _short(value: float, decimals: int) -> str:
    word = f"{value:.{decimals}f}"
    return word.lstrip("-") if float(word) == 0 else word


def count_label(value: float) -> str:
    """Steps and characters: 950, 12.5k, 3M."""
    size = abs(value)
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= limit:
            return f"{value / limit:.4g}{unit}"
    return f"{value:.4g}"


def time_label(seconds: float) -> str:
    """Seconds as 45s, 3m, 2h05, 3d4h."""
    if abs(seconds) < 60:
        return f"{seconds:.3g}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02d}" if rest else f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}h{minutes:02d}" if minutes else f"{hours}h"
    return f"{hours // 24}d{hours % 24}h" if hours % 24 else f"{hours // 24}d"
