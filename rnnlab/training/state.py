"""What must be remembered between two updates, so that a resumed run is the run that was never stopped.

The carried hidden state, the raw weights where an average is what is kept, the random state and
the numbers of a run make one tree that a checkpoint holds. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import torch

from rnnlab.errors import CheckpointError
from rnnlab.training.step import Stepper


@dataclass(slots=True)
class Progress:
    """The numbers of a run: where it is, and what it has seen."""

    step: int = 0
    seconds: float = 0.0
    preview_seconds: float = 0.0
    learning_rate_factor: float = 1.0
    divergences: int = 0
    lowest_loss: float | None = None
    smoothed_loss: float | None = None
    best_loss: float | None = None
    best_step: int = 0
    without_best: int = 0
    validated_step: int = 0
    best_score: float | None = None
    vain_count: int = 0
    vain_total: int = 0
    validation_owed: bool = False
    ranks: int = 1
    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; floats survive exactly."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Progress:
        """The inverse of :meth:`to_json`; fields of newer versions are left out."""
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


def capture(stepper: Stepper, progress: Progress) -> dict[str, Any]:
    """A tree of tensors and plain values: all but the network's weights and the optimizer's state."""
    tree: dict[str, Any] = {"progress": progress.to_json(), **stepper.gather()}
    if stepper.averaged is not None:
        # While a checkpoint is written the network holds the average, and this the raw weights.
        tree["raw"] = list(stepper.averaged.average)
        tree["averaged_updates"] = stepper.averaged.updates
    return tree


@torch.no_grad()
def restore(stepper: Stepper, optimizer: Mapping[str, Any], tree: Mapping[str, Any]) -> Progress:
    """Put back what :func:`capture` took; the network already holds the checkpoint's weights.

    Raises:
        CheckpointError: if something is missing or has another shape.
    """
    try:
        stepper.optimizers.load_state_dict(optimizer)
        stepper.set_hidden(tree["hidden"])
        if stepper.averaged is not None:
            for average, raw in zip(stepper.averaged.average, tree["raw"], strict=True):
                average.copy_(raw)
            stepper.averaged.updates = tree["averaged_updates"]
            if stepper.averaged.updates:
                stepper.averaged.swap()
        stepper.set_random(tree["random"])
        stepper.set_scale(tree.get("scale"))
        progress = Progress.from_json(tree["progress"])
    except (KeyError, RuntimeError, ValueError, TypeError) as error:
        raise CheckpointError("checkpoint", f"does not fit this model ({error})", "Use another checkpoint.") from error
    stepper.restore_unreported(progress.losses, progress.norms)
    return progress
