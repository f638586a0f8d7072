"""What is promised of a GPU, as a list of things to measure: name, unit, least, aim, and how.

Nothing is measured here; see `gpu`.

N streams, T characters in a window.
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from rnnlab.config import ModelConfig, Optimizer, RunConfig, TrainingConfig
from rnnlab.model.network import CharModel
from rnnlab.presets import PRESETS
from rnnlab.training.bench.exactness import (
    graph_difference,
    greedy_agreement,
    loss_difference,
    preview_seconds,
    resumed_difference,
    surprise_difference,
)
from rnnlab.training.bench.training import VOCABULARY
from rnnlab.training.bench.updates import (
    drawing_kernels,
    measure_updates,
    plain_updates,
    sampled_per_second,
    update_kernels,
)
from rnnlab.training.ranks import ALONE
from rnnlab.training.steppers import choose_streams_and_engine

LINUX_CHARS = 474e6
"""The text of the 2015 essay."""
_PREVIEWS = 20  # in a run
_RUN_SECONDS = 90.0  # the shortest one that is hoped for


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


Measure = Callable[[], tuple[float, dict[str, Any]]]
Planned = tuple[str, str, float | None, float | None, Measure]
_SPEED, _SECONDS, _BUSY = "chars_per_second", "seconds", "busy_milliseconds"


def planned(device: torch.device, sizes: Sizes) -> Iterator[Planned]:
    """What is measured, the most important first."""
    small, large = (ModelConfig(layers=layers, hidden=units) for layers, units in (sizes.small, sizes.large))
    yield from _losses(small, device, sizes)
    for model, least, aim in ((small, 5e6, 10e6), (large, 2e6, 3e6)):
        for streams in sizes.batches:
            yield _updates(model, streams, device, sizes, least, aim)
    yield from _essay(device, sizes)
    yield from _samples(small, device, sizes)
    resumed = functools.partial(resumed_difference, device, sizes.updates)
    yield "resumed with --deterministic", "nats_apart", 0.0, 0.0, resumed
    yield "previews, share of a short run", "percent", 2.0, 2.0, functools.partial(_preview_share, small)
    yield from _kernels(small, device, sizes)
    yield _updates(small, sizes.batches[-1], device, sizes, optimizer="muon")
    first = sizes.batches[0]
    plain = functools.partial(plain_updates, small, _training(first, sizes), device, sizes.seconds)
    yield f"plain nn.LSTM, {_name(small)}, {first} streams", _SPEED, None, None, plain


def _losses(model: ModelConfig, device: torch.device, sizes: Sizes) -> Iterator[Planned]:
    """Whether what is learnt is right at all."""
    for what, most, difference in (
        ("losses as on a CPU in float32", 0.05, loss_difference),
        ("graph as without a graph", 0.0, graph_difference),
    ):
        yield what, "nats_apart", most, most, functools.partial(difference, model, device, sizes.updates)


def _updates(
    model: ModelConfig,
    streams: int,
    device: torch.device,
    sizes: Sizes,
    least: float | None = None,
    aim: float | None = None,
    *,
    optimizer: Optimizer = "adamw",
) -> Planned:
    """Characters a second of training."""
    what = f"train {_name(model)}{' by Muon' if optimizer == 'muon' else ''}, {_streams(streams)}"
    config = _training(streams, sizes, optimizer=optimizer)
    return what, _SPEED, least, aim, functools.partial(measure_updates, model, config, device, sizes.seconds)


def _samples(model: ModelConfig, device: torch.device, sizes: Sizes) -> Iterator[Planned]:
    """How fast texts are drawn, and whether they are the right ones."""
    for streams, least, aim in ((1, 20e3, 100e3), (sizes.samples, 10e6, 20e6)):
        drawn = functools.partial(sampled_per_second, model, streams, device, sizes.seconds)
        yield f"sample {_name(model)}, {_streams(streams)}", _SPEED, least, aim, drawn
    greedy = functools.partial(greedy_agreement, model, device)
    yield "greedy text as on a CPU in float32", "symbols_apart", 0.0, 0.0, greedy
    surprise = functools.partial(surprise_difference, model, device, sizes.updates)
    yield "16-bit sampler against float32", "bits_apart", 0.001, 0.001, surprise


def _kernels(model: ModelConfig, device: torch.device, sizes: Sizes) -> Iterator[Planned]:
    """Where the time goes."""
    for streams in (sizes.batches[0], sizes.batches[-1]):
        update = functools.partial(update_kernels, model, _training(streams, sizes), device)
        yield f"kernels of an update, {_name(model)}, {_streams(streams)}", _BUSY, None, None, update
    for streams in (1, sizes.samples):
        drawn = functools.partial(drawing_kernels, model, streams, device)
        yield f"kernels of a chunk of draws, {_name(model)}, {_streams(streams)}", _BUSY, None, None, drawn


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
    by_timing = functools.partial(
        _once_through_by_timing,
        ModelConfig(**{**model, "hidden": sizes.essay}),
        TrainingConfig(**training),
        device,
        sizes,
    )
    yield f"essay {model['layers']} × {sizes.essay}, streams by timing, 474 MB once", _SECONDS, 180.0, 90.0, by_timing


def _once_through_by_timing(
    model: ModelConfig, config: TrainingConfig, device: torch.device, sizes: Sizes
) -> tuple[float, dict[str, Any]]:
    """The same with as many streams as `rnnlab train` chooses, and why."""
    chars = int(LINUX_CHARS) if device.type == "cuda" else 100 * sizes.window * sizes.batches[-1]
    network = CharModel(model, VOCABULARY).to(device)
    begin = time.monotonic()
    choice, _ = choose_streams_and_engine(network, RunConfig(model=model, training=config), chars, ALONE)
    took = time.monotonic() - begin
    config = dataclasses.replace(config, streams=choice.streams)
    seconds, details = _once_through(model, config, device, sizes.seconds)
    return seconds, {**details, "streams": choice.to_json(), "choosing_seconds": took}


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


def _streams(count: int) -> str:
    return f"{count} stream{'s' if count > 1 else ''}"


def _name(model: ModelConfig) -> str:
    return f"{model.cell}-{model.layers}x{model.hidden}"
