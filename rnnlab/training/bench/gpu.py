"""Everything that is promised of a GPU, measured in one go: updates, samples, exactness, previews.

A row that cannot be measured says why, and the others are measured all the same. On a CPU the same
rows run with tiny networks, which tries the instrument: nothing is captured there, and no goal is reached or missed.

N streams, T characters in a window.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from rnnlab.training.bench.gpu_plan import Sizes, planned


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured: ``value`` in ``unit``, or the trouble that kept it from being measured."""

    what: str
    unit: str
    value: float = 0.0
    least: float | None = None
    aim: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""
    on_gpu: bool = True

    def verdict(self) -> str:
        """``aim``, ``goal`` or ``missed``; empty where nothing was promised, ``failed`` where nothing was measured.

        What a CPU computes instead is ``not measured here``.
        """
        if self.trouble:
            return "failed"
        if self.least is None or self.aim is None:
            return ""
        if not self.on_gpu:
            return "not measured here"
        sign = 1 if self.aim > self.least else -1  # without an aim of its own, less is better
        if self.aim != self.least and sign * self.value >= sign * self.aim:
            return "aim"
        return "goal" if sign * self.value >= sign * self.least else "missed"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        if self.trouble:
            return {"what": self.what, "trouble": self.trouble}
        promised = {"at_least": self.least, "aim": self.aim} if self.least is not None else {}
        return {"what": self.what, self.unit: self.value, **promised, "verdict": self.verdict(), **self.details}


def rows(device: torch.device, seconds: float, budget: float, say: Callable[[str], None]) -> Iterator[Row]:
    """Measure one row after another.

    Args:
        device: the GPU, or a CPU to try the instrument.
        seconds: how long each figure is measured.
        budget: seconds after which no further row is begun.
        say: told what is measured next.
    """
    end = time.monotonic() + budget
    for what, unit, least, aim, measure in planned(device, Sizes.of(device, seconds)):
        row = Row(what, unit, least=least, aim=aim)
        if time.monotonic() > end:
            yield _failed(row, "left out: the time is over")
            continue
        say(f"measuring {what}; at most {max(0, round(end - time.monotonic()))} s left")
        try:
            value, details = measure()
        except Exception as error:  # noqa: BLE001  # a row that fails is told, and costs no other row
            yield _failed(row, f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}")
        else:
            yield Row(what, unit, value, least, aim, details, on_gpu=device.type == "cuda")
        if device.type == "cuda":
            torch.cuda.empty_cache()


def _failed(row: Row, trouble: str) -> Row:
    return Row(row.what, row.unit, trouble=trouble)
