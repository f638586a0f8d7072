"""One update of the weights: forward, loss, backward, clip, optimizer, hidden state carried on.

Losses and gradient norms stay on the device as tensors until somebody fetches them, so an
update never waits for logging. The hidden state is a value that the stepper holds between two
updates; the gradient stops at the window's edge (truncated backpropagation through time).

N streams, T characters in a window, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from rnnlab.config import TrainingConfig
from rnnlab.model.layer import State
from rnnlab.model.network import CharModel, detached
from rnnlab.training.batches import Batch, Batches
from rnnlab.training.optimizers import AveragedWeights, Optimizers
from rnnlab.training.validation import Measured, Part, measure


class Stepper:
    """Holds what an update changes: weights, optimizer, averaged weights, hidden state.

    Args:
        network: trained in place.
        config: optimizer, clipping, averaging.
        device: where the network lies.
    """

    def __init__(self, network: CharModel, config: TrainingConfig, device: torch.device) -> None:
        self.network = network
        self.device = device
        self.clip_norm = config.clip_norm
        self.parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self.optimizers = self._make_optimizers(config)
        self.averaged = AveragedWeights(self.parameters, config.weight_average) if config.weight_average else None
        self.state: State | None = None
        self._losses: list[torch.Tensor] = []
        self._norms: list[torch.Tensor] = []

    def _make_optimizers(self, config: TrainingConfig) -> Optimizers:
        return Optimizers(self.network, config, self.device)

    def learn(self, batches: Batches, index: int, learning_rate: float) -> None:
        """Make one update from the batch after ``index`` others, counted over all epochs."""
        self.step(batches.at(index), learning_rate)

    def step(self, batch: Batch, learning_rate: float) -> None:
        """Make one update from a batch (N × T)."""
        if batch.first:
            self.state = None
        inputs = batch.inputs.to(self.device, non_blocking=True)
        targets = batch.targets.to(self.device, non_blocking=True)
        loss, state = self._forward(inputs, targets)
        self.state = detached(state)
        self.optimizers.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        limit = self.clip_norm if self.clip_norm > 0 else float("inf")
        norm = nn.utils.clip_grad_norm_(self.parameters, limit, foreach=True)
        self.optimizers.step(learning_rate)
        if self.averaged is not None:
            self.averaged.update()
        self._losses.append(self._told(loss))
        self._norms.append(norm)

    def _forward(self, inputs: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, State]:
        """What is differentiated, and the state after the window."""
        return self.network.loss(inputs, targets, self.state)

    def _told(self, loss: torch.Tensor) -> torch.Tensor:
        """The loss that is reported."""
        return loss.detach()

    def troubles(self) -> list[str]:
        """What somebody should know who expects the fastest updates; each is told once."""
        return []

    def idle(self) -> None:
        """Called now and then while a run pauses."""

    def close(self) -> None:
        """Called when no more updates will be made."""

    def measure(self, part: Part, name: str, most: int, keep_going: Callable[[], bool]) -> Measured | None:  # noqa: ARG002  # several ranks need the part's name
        """The loss of a part with the network as it is, in evaluation mode; see `validation.measure`."""
        return measure(self.network, part, self.device, most=most, keep_going=keep_going)

    def gather(self) -> dict[str, Any]:
        """What a checkpoint needs besides weights: the hidden state of all streams, and the random states."""
        random = {"cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            random["cuda"] = torch.cuda.get_rng_state(self.device)
        return {"hidden": self.state, "random": random}

    def set_hidden(self, hidden: State | None) -> None:
        """Put back the hidden state of all streams."""
        self.state = hidden and tuple(tuple(part.to(self.device) for part in layer) for layer in hidden)

    def set_random(self, random: Mapping[str, Any]) -> None:
        """Put back the random states."""
        torch.set_rng_state(random["cpu"])
        if self.device.type == "cuda" and "cuda" in random:
            torch.cuda.set_rng_state(random["cuda"], self.device)

    def set_scale(self, scale: Mapping[str, float] | None) -> None:
        """Put back the factor of the losses, where there is one; nothing here has one."""

    def share(self, weights: Mapping[str, Any], optimizer: Any, tree: Any) -> None:
        """Called with a checkpoint that is about to be restored; nobody else needs it here."""

    @contextmanager
    def kept_weights(self) -> Iterator[None]:
        """Inside, the network holds the weights that are validated and kept: the averaged ones, if any."""
        if self.averaged is None or not self.averaged.updates:
            yield
            return
        self.averaged.swap()
        try:
            yield
        finally:
            self.averaged.swap()

    @property
    def unreported(self) -> int:
        """Updates since the last :meth:`fetch`."""
        return len(self._losses)

    def peek(self) -> tuple[list[float], list[float]]:
        """Losses and gradient norms since the last :meth:`fetch`; this waits for the device."""
        if not self._losses:
            return [], []
        return torch.stack(self._losses).tolist(), torch.stack(self._norms).tolist()

    def fetch(self) -> tuple[list[float], list[float]]:
        """As :meth:`peek`, and forget them."""
        result = self.peek()
        self.restore_unreported([], [])
        return result

    def restore_unreported(self, losses: list[float], norms: list[float]) -> None:
        """Put back losses and norms that a checkpoint held."""
        self._losses = [torch.tensor(loss, device=self.device) for loss in losses]
        self._norms = [torch.tensor(norm, device=self.device) for norm in norms]
