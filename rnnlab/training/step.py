"""One update of the weights: forward, loss, backward, clip, optimizer, hidden state carried on.

Losses and gradient norms stay on the device as tensors until somebody fetches them, so an
update never waits for logging. The hidden state is a value that the stepper holds between two
updates; the gradient stops at the window's edge (truncated backpropagation through time).

N streams, T characters in a window, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from rnnlab.config import TrainingConfig
from rnnlab.model.layer import State
from rnnlab.model.network import CharModel, detached
from rnnlab.training.batches import Batch
from rnnlab.training.optimizers import AveragedWeights, Optimizers


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
        self.optimizers = Optimizers(network, config, device)
        self.averaged = AveragedWeights(self.parameters, config.weight_average) if config.weight_average else None
        self.state: State | None = None
        self._losses: list[torch.Tensor] = []
        self._norms: list[torch.Tensor] = []

    def step(self, batch: Batch, learning_rate: float) -> None:
        """Make one update from a batch (N × T)."""
        if batch.first:
            self.state = None
        inputs = batch.inputs.to(self.device, non_blocking=True)
        targets = batch.targets.to(self.device, non_blocking=True)
        loss, state = self.network.loss(inputs, targets, self.state)
        self.state = detached(state)
        self.optimizers.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        limit = self.clip_norm if self.clip_norm > 0 else float("inf")
        norm = nn.utils.clip_grad_norm_(self.parameters, limit, foreach=True)
        self.optimizers.step(learning_rate)
        if self.averaged is not None:
            self.averaged.update()
        self._losses.append(loss.detach())
        self._norms.append(norm)

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
