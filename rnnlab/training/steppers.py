"""What makes a run's updates: streams and layer engine, by timing, and the stepper for the device and the processes."""

from __future__ import annotations

import dataclasses
import math

import torch

from rnnlab.config import RunConfig, TrainingConfig
from rnnlab.cores import usable_threads
from rnnlab.errors import ConfigError
from rnnlab.model.cudnn_engine import CudnnEngine
from rnnlab.model.engine_choice import EngineChoice, choose_layer_engine, make_engine
from rnnlab.model.gpu_choice import memory_trouble
from rnnlab.model.network import CharModel
from rnnlab.training.batches import Batches
from rnnlab.training.device_stepper import DeviceStepper
from rnnlab.training.rank_stepper import RankStepper
from rnnlab.training.ranks import Ranks
from rnnlab.training.step import Stepper
from rnnlab.training.stream_choice import Room, StreamChoice, choose_streams


def choose_engine(
    network: CharModel,
    config: TrainingConfig,
    ranks: Ranks,
    *,
    among: frozenset[str] | None = None,
    timed: bool = False,
) -> EngineChoice:
    """The layer engine that timing prefers; see `choose_layer_engine`."""
    return choose_layer_engine(
        network,
        math.ceil(config.streams / ranks.world),
        config.window,
        precision=config.precision,
        # Several ranks on one machine share its cores.
        threads=None if ranks.world == 1 else max(1, usable_threads() // max(1, ranks.local_world)),
        scaled=ranks.world == 1,
        among=among,
        timed=timed,
    )


def choose_streams_and_engine(
    network: CharModel, config: RunConfig, chars: int, ranks: Ranks
) -> tuple[StreamChoice, EngineChoice]:
    """As many streams as pay, from the configuration's on, and the layer engine that goes with them.

    Args:
        chars: of the train part.
    """
    choices: dict[int, EngineChoice] = {}
    formats: frozenset[str] | None = None

    def measure(streams: int) -> tuple[float, str]:
        nonlocal formats
        training = dataclasses.replace(config.training, streams=streams)
        try:
            choice = choose_engine(network, training, ranks, among=formats, timed=True)
        except ConfigError as error:
            return 0.0, error.reason
        engine = make_engine(choice.engine)
        if isinstance(engine, CudnnEngine):
            trouble = memory_trouble(network, engine, math.ceil(streams / ranks.world), training.window)
            if trouble and choices:
                return 0.0, trouble
        choices[streams], formats = choice, choice.promising()
        return choice.speed * ranks.world, ""

    streams = choose_streams(config.training.streams, Room(config, chars), measure)
    return streams, choices.get(streams.streams) or choose_engine(network, config.training, ranks)


def stepper_for(
    network: CharModel, config: TrainingConfig, device: torch.device, batches: Batches, ranks: Ranks
) -> Stepper:
    """The stepper for this device and this number of processes; the network already has its engine."""
    if ranks.world > 1:
        return RankStepper(network, config, device, batches, ranks)
    if device.type == "cuda":
        return DeviceStepper(network, config, device, batches, scaled=scales(network))
    return Stepper(network, config, device)


def scales(network: CharModel) -> bool:
    """Whether losses must be scaled, since gradients are float16 on their way."""
    return isinstance(network.engine, CudnnEngine) and network.engine.format == "float16"
