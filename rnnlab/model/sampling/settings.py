"""What may be asked of a sample: how symbols are drawn, and where a text ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rnnlab.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How to draw and when to stop. The docstrings are the options' help.

    The order of the draw: logits are divided by the temperature; then top-k, top-p and min-p
    each cut what they cut; one of the symbols left is drawn in proportion to its chance.

    Raises:
        ConfigError: for a value out of range.
    """

    temperature: float = 1.0
    """Below 1: likelier and duller; above: wilder; 0: always the likeliest symbol."""
    top_k: int = 0
    """Draw among the k likeliest symbols only; 0: all."""
    top_p: float = 1.0
    """Draw among the fewest likeliest symbols that have this share of the probability; 1: all."""
    min_p: float = 0.0
    """Cut symbols less than this share as likely as the likeliest; 0: none."""
    seed: int = 0
    """Same seed, same text: on every run, at every batch size, for any number of samples."""
    length: int = 1000
    """Symbols to write at most; 0: without end."""
    stop: str = ""
    """End right after this text first appears in what was written."""
    whole_functions: bool = False
    """End where the closing brace of a function comes back to depth zero."""

    def __post_init__(self) -> None:
        for name, least in (("temperature", 0.0), ("top_k", 0), ("length", 0)):
            value = getattr(self, name)
            if not (value >= least and math.isfinite(value)):
                raise ConfigError(name, f"{value} is not a number from {least:g} up")
        for name in ("top_p", "min_p"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(name, f"{getattr(self, name)} is not in 0 to 1")
        if self.top_p == 0.0:
            raise ConfigError("top_p", "0 leaves no symbol to draw", "For the likeliest alone use temperature 0.")
        if not 0 <= self.seed < 2**64:
            raise ConfigError("seed", f"{self.seed} is not in 0 to 2^64 - 1")

    @property
    def cuts(self) -> bool:
        """Whether any symbol may be cut."""
        return self.top_k > 0 or self.top_p < 1.0 or self.min_p > 0.0
