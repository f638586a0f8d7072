"""The layer engine of a run that goes on: the recorded one, or another where somebody says so.

Another engine rounds otherwise, so a run never changes its engine by itself; where it does
change, the run's events and its manifest say so.
"""

from __future__ import annotations

import dataclasses

import torch

from rnnlab.config import Precision
from rnnlab.errors import ConfigError, RunError
from rnnlab.model.engine_choice import EngineChoice, make_engine
from rnnlab.runs.manifest import Manifest


def recorded_engine(name: str, manifest: Manifest, device: torch.device, precision: str | None) -> EngineChoice | None:
    """What the run has computed with; None where another engine is to be chosen.

    Args:
        name: the run's.
        manifest: as it lies in the folder.
        device: where the run goes on; on another kind of device another engine is needed.
        precision: what was asked for now, if anything.

    Raises:
        RunError: where the engine does not run here and no precision was asked for.
    """
    moved = manifest.device.partition(":")[0] != device.type
    if moved or precision not in (None, manifest.config.training.precision):
        return None
    choice = EngineChoice.from_json(manifest.resolved)
    try:
        make_engine(choice.engine)
    except ConfigError as error:
        if precision is not None:
            return None
        raise RunError(
            name,
            f"it was trained with another layer engine: {error.reason}",
            f"To go on with what is here, rounded otherwise: rnnlab train --resume {name} --precision auto",
        ) from None
    return choice


def rewritten(manifest: Manifest, choice: EngineChoice, precision: Precision) -> Manifest:
    """The manifest of a run that goes on with another engine; all else as it was."""
    training = dataclasses.replace(manifest.config.training, precision=precision)
    config = dataclasses.replace(manifest.config, training=training)
    return dataclasses.replace(manifest, config=config, resolved={**manifest.resolved, **choice.to_json()})


def difference(before: EngineChoice, now: EngineChoice) -> str:
    """What a reader of the events should know, or an empty string."""
    if before.engine == now.engine:
        return ""
    return f"layers are computed by {now.engine} instead of {before.engine}: from here on numbers are rounded otherwise"
