"""What makes a run's updates: the layer engine, and one of several processes' stepper, a GPU's, or the plain one."""

from __future__ import annotations

import math

import torch

from rnnlab.config import TrainingConfig
from rnnlab.model.cudnn_engine import CudnnEngine
from rnnlab.model.device import usable_cores
from rnnlab.model.engine_choice import EngineChoice, choose_layer_engine
from rnnlab.model.network import CharModel
from rnnlab.training.batches import Batches
from rnnlab.training.device_stepper import DeviceStepper
from rnnlab.training.rank_stepper import RankStepper
from rnnlab.training.ranks import Ranks
from rnnlab.training.step import Stepper


def choose_engine(network: CharModel, config: TrainingConfig, ranks: Ranks) -> EngineChoice:
    """The layer engine that timing prefers."""
    return choose_layer_engine(
        network,
        math.ceil(config.streams / ranks.world),
        config.window,
        precision=config.precision,
        # Several ranks on one machine share its cores.
        threads=None if ranks.world == 1 else max(1, usable_cores() // max(1, ranks.local_world)),
        scaled=ranks.world == 1,
    )


def stepper_for(
    network: CharModel, config: TrainingConfig, device: torch.device, batches: Batches, ranks: Ranks
) -> Stepper:
    """The stepper for this device and this number of processes; the network already has its engine."""
    if ranks.world > 1:
        return RankStepper(network, config, device, ranks)
    if device.type == "cuda":
        return DeviceStepper(network, config, device, batches, scaled=scales(network))
    return Stepper(network, config, device)


def scales(network: CharModel) -> bool:
    """Whether losses must be scaled, since gradients are float16 on their way."""
    return isinstance(network.engine, CudnnEngine) and network.engine.format == "float16"
