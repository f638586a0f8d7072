"""Where the train, validation and test parts begin and end.

Knows numbers only: no files, no vocabulary. The parts are contiguous and lie one after the
other, train first, so that no part has seen a neighbouring line of another except at two seams.
"""

from __future__ import annotations

import math
from fractions import Fraction

from rnnlab.errors import ConfigError, CorpusError

PARTS = ("train", "validation", "test")
_EXAMPLE = "Write it as 90/5/5 or 0.9/0.05/0.05; 90/10/0 leaves no test part."


def parse_split(text: str) -> tuple[float, float, float]:
    """The three shares that a text such as ``90/5/5``, ``80/20`` or ``0.9/0.1/0`` stands for.

    They are percentages where they add up to 100, shares where they add up to 1.

    Raises:
        ConfigError: where the text is not that.
    """
    try:
        numbers = [float(part) for part in text.split("/")]
    except ValueError:
        raise ConfigError("split", f"{text!r} is not numbers with / between them", _EXAMPLE) from None
    if not 1 <= len(numbers) <= 3 or not all(math.isfinite(number) and number >= 0 for number in numbers):
        raise ConfigError("split", f"{text!r} is not one to three shares", _EXAMPLE)
    total = math.fsum(numbers)
    if not any(math.isclose(total, whole, rel_tol=1e-6) for whole in (1, 100)):
        raise ConfigError("split", f"the shares of {text!r} add up to {total:g}, not 100", _EXAMPLE)
    if numbers[0] == 0:
        raise ConfigError("split", f"{text!r} leaves nothing to train on", _EXAMPLE)
    train, validation, test = (number / total for number in (*numbers, 0.0, 0.0)[:3])
    return train, validation, test


def show_split(split: tuple[float, float, float]) -> str:
    """The shares as a person writes them: ``90/5/5``."""
    return "/".join(f"{share * 100:g}" for share in split)


def boundaries(length: int, split: tuple[float, float, float]) -> tuple[int, int, int, int]:
    """Places, in characters, where the three parts begin, and where the last one ends.

    The first part ends at ``floor(length x share)``, computed exactly: a text of 1,115,394
    characters has its last tenth from 1,003,854 on.

    Raises:
        CorpusError: where a part that was asked for would be empty.
    """
    train, validation, test = (Fraction(share).limit_denominator(1_000_000) for share in split)
    first = math.floor(length * train)
    second = math.floor(length * (train + validation)) if test else length
    if not validation:
        second = first
    places = (0, first, second if validation or test else length, length)
    if not validation and not test:
        places = (0, length, length, length)
    for name, share, start, stop in zip(PARTS, split, places, places[1:], strict=False):
        if share and stop <= start:
            raise CorpusError(
                f"split {show_split(split)}",
                f"the {name} part of {length:,} characters would be empty",
                "Use a larger corpus, or give that part a larger share (0 leaves it out).",
            )
    return places
