"""Speeds on a GPU: whole updates as `rnnlab train` makes them, and characters drawn.

N streams, T characters in a window.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch

from rnnlab.config import ModelConfig, TrainingConfig
from rnnlab.model.cudnn_engine import set_float32_products
from rnnlab.model.engine_choice import EngineChoice, choose_layer_engine
from rnnlab.model.network import CharModel
from rnnlab.model.sampling.choice import make_engine
from rnnlab.model.sampling.settings import SamplingSettings
from rnnlab.model.sampling.weights import weights_of
from rnnlab.training.batches import Batches
from rnnlab.training.bench.kernels import finish, kernels_of
from rnnlab.training.bench.training import VOCABULARY, PlainTraining, RandomStreams
from rnnlab.training.device_stepper import DeviceStepper
from rnnlab.training.steppers import scales

_ROUNDS = 5
_WARM_UPS = 5
_RATE = 1e-3


def measure_updates(
    model: ModelConfig, config: TrainingConfig, device: torch.device, seconds: float
) -> tuple[float, dict[str, Any]]:
    """Characters per second of updates with the engine that timing prefers, and how they were made."""
    update, stepper, choice = prepared(model, config, device)
    speed = config.streams * config.window / _pace(update, seconds, device)
    weights = sum(parameter.numel() for parameter in stepper.parameters)
    return speed, {
        "engine": choice.engine,
        "engines": choice.chars_per_second,
        "left_out": list(choice.notes),
        "graph": stepper.captured,
        "trouble_with_graph": stepper.troubles(),
        "teraflops": 6 * weights * speed / 1e12,  # two for each weight forward, four backward
        "gigabytes": torch.cuda.max_memory_allocated(device) / 1e9 if device.type == "cuda" else 0.0,
    }


def prepared(
    model: ModelConfig, config: TrainingConfig, device: torch.device
) -> tuple[Callable[[], None], DeviceStepper, EngineChoice]:
    """What makes one update as `rnnlab train` does on a GPU, the stepper behind it, and the engine that it took."""
    network = CharModel(model, VOCABULARY).to(device)
    choice = choose_layer_engine(network, config.streams, config.window, precision=config.precision)
    if device.type == "cuda":
        choice.apply(network)
    batches = Batches(RandomStreams(config.streams, config.window), config.streams, config.window)
    stepper = DeviceStepper(network, config, device, batches, scaled=scales(network))
    numbers = itertools.count()

    def update() -> None:
        stepper.learn(batches, next(numbers), _RATE)
        if stepper.unreported >= config.report_every:
            stepper.fetch()

    return update, stepper, choice


def plain_updates(
    model: ModelConfig, config: TrainingConfig, device: torch.device, seconds: float
) -> tuple[float, dict[str, Any]]:
    """Characters per second of what a person writes first; see `rnnlab.training.bench.training`."""
    set_float32_products(None)  # all the bits of float32
    plain = PlainTraining(model.layers, model.hidden, device)
    batches = Batches(RandomStreams(config.streams, config.window), config.streams, config.window)
    numbers = itertools.count()
    return batches.chars / _pace(lambda: plain.step(batches.at(next(numbers))), seconds, device), {}


def sampled_per_second(
    model: ModelConfig, streams: int, device: torch.device, seconds: float
) -> tuple[float, dict[str, Any]]:
    """Characters per second over all streams, drawn at temperature 1 by the engine that `rnnlab sample` takes."""
    draw, chunk = drawing(model, streams, device)
    return streams * chunk / _pace(draw, seconds, device), {"engine": "graph", "chunk": chunk}


def drawing(model: ModelConfig, streams: int, device: torch.device) -> tuple[Callable[[], None], int]:
    """What draws one chunk for all streams, and how many symbols a chunk has for each."""
    engine = make_engine(weights_of(CharModel(model, VOCABULARY)), "graph", device=device)
    state, settings, chunk = engine.start(streams), SamplingSettings(), engine.chunk(streams)

    def draw() -> None:
        nonlocal state
        state, _ = engine.generate(state, settings, chunk)

    return draw, chunk


def update_kernels(model: ModelConfig, config: TrainingConfig, device: torch.device) -> tuple[float, dict[str, Any]]:
    """Where an update's time goes; see `kernels`."""
    update, _, choice = prepared(model, config, device)
    for _ in range(_WARM_UPS):
        update()
    busy, details = kernels_of(update, device)
    return busy, {"engine": choice.engine, **details}


def drawing_kernels(model: ModelConfig, streams: int, device: torch.device) -> tuple[float, dict[str, Any]]:
    """Where the time of a chunk of draws goes; see `kernels`."""
    draw, chunk = drawing(model, streams, device)
    for _ in range(_WARM_UPS):
        draw()
    busy, details = kernels_of(draw, device)
    return busy, {"chunk": chunk, **details}


def _pace(work: Callable[[], None], seconds: float, device: torch.device) -> float:
    """The median seconds of one call, after a warm-up in which graphs are captured."""
    for _ in range(_WARM_UPS):
        work()
    finish(device)
    begin = time.perf_counter()
    work()
    finish(device)
    count = max(1, round(seconds / _ROUNDS / max(time.perf_counter() - begin, 1e-9)))
    taken = []
    for _ in range(_ROUNDS):
        begin = time.perf_counter()
        for _ in range(count):
            work()
        finish(device)
        taken.append((time.perf_counter() - begin) / count)
    return statistics.median(taken)
