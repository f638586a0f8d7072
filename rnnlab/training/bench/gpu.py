"""Everything that is promised of a GPU, measured in one go: updates, samples, exactness, previews.

A row that cannot be measured says why, and the others are measured all the same. On a CPU the same
rows run with tiny networks, which tries the instrument and says nothing about speed.

N streams, T characters in a window.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from rnnlab.config import ModelConfig, TrainingConfig
from rnnlab.presets import PRESETS
from rnnlab.training.bench.exactness import (
    graph_difference,
    greedy_agreement,
    loss_difference,
    preview_seconds,
    resumed_difference,
    surprise_difference,
)
from rnnlab.training.bench.updates import (
    drawing_kernels,
    measure_updates,
    plain_updates,
    sampled_per_second,
    update_kernels,
)

LINUX_CHARS = 474e6
"""The text of the 2015 essay."""
_PREVIEWS = 20  # in a run
_RUN_SECONDS = 90.0  # the shortest one that is hoped for


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

    def verdict(self) -> str:
        """``aim``, ``goal`` or ``missed``; empty where nothing was promised, ``failed`` where nothing was measured."""
        if self.trouble:
            return "failed"
        if self.least is None or self.aim is None:
            return ""
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


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is measured: layers and units, and numbers of streams."""

    small: tuple[int, int]
    large: tuple[int, int]
    essay: int
    batches: tuple[int, ...]
    window: int
    samples: int
    seconds: float
    updates: int

    @classmethod
    def of(cls, device: torch.device, seconds: float) -> Sizes:
        """The issue's sizes on a GPU, tiny ones elsewhere."""
        if device.type == "cuda":
            return cls((3, 512), (3, 1024), 700, (128, 256, 512, 1024), 128, 1024, seconds, 60)
        return cls((2, 16), (2, 24), 20, (4, 8), 8, 8, seconds, 12)


def rows(device: torch.device, seconds: float, budget: float, say: Callable[[str], None]) -> Iterator[Row]:
    """Measure one row after another.

    Args:
        device: the GPU, or a CPU to try the instrument.
        seconds: how long each figure is measured.
        budget: seconds after which no further row is begun.
        say: told what is measured next.
    """
    end = time.monotonic() + budget
    for what, unit, least, aim, measure in _plan(device, Sizes.of(device, seconds)):
        if device.type != "cuda" and not unit.endswith("_apart"):
            least = aim = None  # tiny networks are promised no speed
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
            yield Row(what, unit, value, least, aim, details)
        if device.type == "cuda":
            torch.cuda.empty_cache()


def _failed(row: Row, trouble: str) -> Row:
    return Row(row.what, row.unit, trouble=trouble)


Measure = Callable[[], tuple[float, dict[str, Any]]]
Planned = tuple[str, str, float | None, float | None, Measure]
_SPEED, _SECONDS, _BUSY = "chars_per_second", "seconds", "busy_milliseconds"


def _plan(device: torch.device, sizes: Sizes) -> Iterator[Planned]:
    """What is measured, the most important first."""
    small, large = (ModelConfig(layers=layers, hidden=units) for layers, units in (sizes.small, sizes.large))
    yield (
        "losses as on a CPU in float32",
        "nats_apart",
        0.05,
        0.05,
        functools.partial(loss_difference, small, device, sizes.updates),
    )
    yield (
        "graph as without a graph",
        "nats_apart",
        0.0,
        0.0,
        functools.partial(graph_difference, small, device, sizes.updates),
    )
    for model, least, aim in ((small, 5e6, 10e6), (large, 2e6, 3e6)):
        for streams in sizes.batches:
            name = f"train {_name(model)}, {streams} streams"
            yield (
                name,
                _SPEED,
                least,
                aim,
                functools.partial(measure_updates, model, _training(streams, sizes), device, sizes.seconds),
            )
    yield from _essay(device, sizes)
    for streams, least, aim in ((1, 20e3, 100e3), (sizes.samples, 10e6, 20e6)):
        name = f"sample {_name(small)}, {streams} stream{'s' if streams > 1 else ''}"
        yield name, _SPEED, least, aim, functools.partial(sampled_per_second, small, streams, device, sizes.seconds)
    yield (
        "greedy text as on a CPU in float32",
        "symbols_apart",
        0.0,
        0.0,
        functools.partial(greedy_agreement, small, device),
    )
    yield (
        "16-bit sampler against float32",
        "bits_apart",
        0.001,
        0.001,
        functools.partial(surprise_difference, small, device, sizes.updates),
    )
    yield (
        "resumed with --deterministic",
        "nats_apart",
        0.0,
        0.0,
        functools.partial(resumed_difference, device, sizes.updates),
    )
    yield "previews, share of a short run", "percent", 2.0, 2.0, functools.partial(_preview_share, small)
    for streams in (sizes.batches[0], sizes.batches[-1]):
        name = f"kernels of an update, {_name(small)}, {streams} streams"
        yield name, _BUSY, None, None, functools.partial(update_kernels, small, _training(streams, sizes), device)
    for streams in (1, sizes.samples):
        name = f"kernels of a chunk of draws, {_name(small)}, {streams} stream{'s' if streams > 1 else ''}"
        yield name, _BUSY, None, None, functools.partial(drawing_kernels, small, streams, device)
    yield (
        f"train {_name(small)} by Muon, {sizes.batches[-1]} streams",
        _SPEED,
        None,
        None,
        functools.partial(
            measure_updates, small, _training(sizes.batches[-1], sizes, optimizer="muon"), device, sizes.seconds
        ),
    )
    yield (
        f"plain nn.LSTM, {_name(small)}, {sizes.batches[0]} streams",
        _SPEED,
        None,
        None,
        functools.partial(plain_updates, small, _training(sizes.batches[0], sizes), device, sizes.seconds),
    )


def _essay(device: torch.device, sizes: Sizes) -> Iterator[Planned]:
    """The essay's recipe as it is, and what more streams and a rounder size would give: seconds for its text."""
    preset = PRESETS["essay"]
    model = {**preset.model, "hidden": sizes.essay}
    training = {key: value for key, value in preset.training.items() if key != "epochs"}
    rounder = sizes.essay + -sizes.essay % 64
    cases = [(sizes.essay, 0), (rounder, 0), (rounder, sizes.batches[-2]), (rounder, sizes.batches[-1])]
    if device.type != "cuda":
        training.update(streams=sizes.batches[0], window=sizes.window)
    for hidden, streams in cases:
        config = TrainingConfig(**{**training, **({"streams": streams} if streams else {})})
        name = f"essay {model['layers']} × {hidden}, {config.streams} streams, 474 MB once"
        yield (
            name,
            _SECONDS,
            180.0,
            90.0,
            functools.partial(_once_through, ModelConfig(**{**model, "hidden": hidden}), config, device, sizes.seconds),
        )


def _once_through(
    model: ModelConfig, config: TrainingConfig, device: torch.device, seconds: float
) -> tuple[float, dict[str, Any]]:
    """Projected seconds for the essay's text."""
    speed, details = measure_updates(model, config, device, seconds)
    return LINUX_CHARS / speed, {_SPEED: speed, **details}


def _preview_share(model: ModelConfig) -> tuple[float, dict[str, Any]]:
    """Per cent of the shortest run hoped for that drawing its previews would take."""
    seconds = preview_seconds(model)
    return 100 * _PREVIEWS * seconds / _RUN_SECONDS, {"seconds_each": seconds, "previews": _PREVIEWS}


def _training(streams: int, sizes: Sizes, **more: Any) -> TrainingConfig:
    return TrainingConfig(streams=streams, window=sizes.window, **more)


def _name(model: ModelConfig) -> str:
    return f"{model.cell}-{model.layers}x{model.hidden}"
