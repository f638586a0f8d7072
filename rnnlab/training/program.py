"""An update as work for the device alone: on tensors that stay in place, never waiting for the host.

Forward, loss, backward, clipping, optimizer, averaged weights and the carried state, all reading
and writing tensors that were made once; what differs from one update to the next (place in the
text, learning rate) the host writes into small tensors beforehand. So the same work can be run as
it is, on any device, or be captured and replayed by `rnnlab.model.cuda_graph`.

N streams, T characters in a window, H hidden.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.model.layer import State
from rnnlab.model.network import CharModel
from rnnlab.training.optimizers import AveragedWeights, Optimizers
from rnnlab.training.scaling import LossScale
from rnnlab.training.windows import Windows


class UpdateProgram:
    """One update of the weights; `run` may be captured.

    Args:
        network: trained in place.
        optimizers: with rates that lie on the device.
        averaged: updated as well, if there is an average.
        windows: where the symbols come from.
        streams: N.
        clip_norm: largest norm of the gradient; 0 for none.
        slots: of how many updates loss and norm are remembered.
        scale: for engines whose products are float16; else None.
    """

    def __init__(
        self,
        network: CharModel,
        optimizers: Optimizers,
        averaged: AveragedWeights | None,
        windows: Windows,
        *,
        streams: int,
        clip_norm: float,
        slots: int,
        scale: LossScale | None,
    ) -> None:
        self.network, self.optimizers, self.averaged, self.windows, self.scale = (
            network,
            optimizers,
            averaged,
            windows,
            scale,
        )
        self._limit = clip_norm if clip_norm > 0 else float("inf")
        self._parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        device = network.output_bias.device
        self.state: State = tuple(tuple(part.clone() for part in layer) for layer in network.initial_state(streams))
        self._begins = torch.ones((), dtype=torch.bool, device=device)
        self._average_weight = torch.zeros((), device=device)
        self._slot = torch.zeros((), dtype=torch.int64, device=device)
        self._slots = torch.arange(slots, device=device)
        self.told = torch.zeros(slots, 2, device=device)
        """Loss and gradient norm of the updates since the last report, (slots, 2)."""

    def aim(self, index: int, rate: float, *, begins: bool, slot: int) -> None:
        """Say what the next `run` is about; never waits for the device.

        Args:
            index: how many windows came before.
            rate: the learning rate.
            begins: the hidden state starts from zero.
            slot: where loss and norm go.
        """
        self.windows.aim(index)
        self.optimizers.set_rate(rate)
        self._begins.fill_(begins)
        self._slot.fill_(slot)
        if self.averaged is not None:
            self._average_weight.fill_(self.averaged.count())

    def run(self) -> None:
        """One update. Work for the device alone."""
        ids = self.windows.ids()  # (N, T + 1)
        before = tuple(tuple(part.masked_fill(self._begins, 0.0) for part in layer) for layer in self.state)
        loss, after = self.network.loss(ids[:, :-1], ids[:, 1:], before)
        scaled = loss if self.scale is None else loss * self.scale.factor
        # Laid out as the weights are, which the fused optimizers rely on.
        gradients = [gradient.contiguous() for gradient in torch.autograd.grad(scaled, self._parameters)]
        with torch.no_grad():
            norm = self._clipped(gradients)
            for parameter, gradient in zip(self._parameters, gradients, strict=True):
                parameter.grad = gradient
            self.optimizers.apply()
            self.optimizers.zero_grad()
            if self.averaged is not None:
                self.averaged.take_in(self._average_weight)
            for held_layer, layer in zip(self.state, after, strict=True):
                for held, part in zip(held_layer, layer, strict=True):
                    held.copy_(part)
            here = (self._slots == self._slot).unsqueeze(1)
            self.told.copy_(torch.where(here, torch.stack([loss.detach().float(), norm]), self.told))

    def _clipped(self, gradients: list[Tensor]) -> Tensor:
        """Make the gradients the true ones, no longer than the limit; gives their norm before that, ()."""
        usable = None if self.scale is None else self.scale.undo(gradients)
        norm: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        factor = (self._limit / (norm + 1e-6)).clamp(max=1.0)
        torch._foreach_mul_(gradients, factor)
        return norm if usable is None else norm * usable
