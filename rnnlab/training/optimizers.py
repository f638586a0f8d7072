"""AdamW, Muon and the RMSProp of 2015, set up for a network of this kind, and averaged weights.

Matrices may decay, biases never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch

from rnnlab.config import TrainingConfig
from rnnlab.model.network import CharModel
from rnnlab.training.eager_optimizer import AdamW
from rnnlab.training.muon import Muon
from rnnlab.training.rmsprop import RMSProp

_ADAMW_BETAS = (0.9, 0.99)
_RMSPROP_DECAY = 0.95


class Optimizers:
    """The optimizers of one network, steered by one learning rate.

    ``adamw``: Loshchilov and Hutter 2019; the second moment forgets after a hundred steps, which
    suits short runs. ``muon``: see `rnnlab.training.muon`; AdamW for what is no inner matrix.
    ``rmsprop``: decay 0.95 and no momentum, as in Karpathy, Johnson and Fei-Fei 2015.

    Args:
        network: what is learnt.
        config: which optimizers, and their peaks.
        device: where the network lies.
        held: the learning rates lie on the device, so that `apply` is work for the device alone and
            may be captured; else they are numbers of the host.
    """

    def __init__(self, network: CharModel, config: TrainingConfig, device: torch.device, *, held: bool = False) -> None:
        self._base = config.learning_rate
        self._device, self._held = device, held
        self._parts: dict[str, torch.optim.Optimizer] = {}
        rest = [parameter for parameter in network.parameters() if parameter.requires_grad]
        if config.optimizer == "rmsprop":
            self._parts["rmsprop"] = RMSProp(rest, lr=self._base, alpha=_RMSPROP_DECAY)
            self._remember()
            return
        if config.optimizer == "muon":
            inner = inner_matrices(network)
            self._parts["muon"] = Muon(inner, lr=config.matrix_learning_rate)
            rest = [parameter for parameter in rest if all(parameter is not matrix for matrix in inner)]
        groups = [
            {"params": [p for p in rest if p.dim() >= 2], "weight_decay": config.weight_decay},
            {"params": [p for p in rest if p.dim() < 2], "weight_decay": 0.0},
        ]
        # The fused kernels update all weights in one pass over memory.
        fused, captured = device.type in ("cpu", "cuda"), held and device.type == "cuda"
        self._parts["adamw"] = AdamW(groups, lr=self._base, betas=_ADAMW_BETAS, fused=fused, capturable=captured)
        self._remember()

    def _remember(self) -> None:
        """Note every peak, and move the rates to the device where they are held there."""
        for part in self._parts.values():
            for group in part.param_groups:
                group["peak"] = group["lr"]
                if self._held:
                    group["lr"] = torch.full((), group["peak"], device=self._device)
        # What belongs to this device, and not to a checkpoint that may come from another one.
        names = ("lr", "fused", "foreach", "capturable")
        self._own = {
            name: [{key: group[key] for key in names if key in group} for group in part.param_groups]
            for name, part in self._parts.items()
        }

    def skip_where(self, found: torch.Tensor) -> None:
        """Let AdamW leave everything as it is where ``found`` () is one, without waiting for it."""
        if "adamw" in self._parts:
            self._parts["adamw"].found_inf = found  # type: ignore[attr-defined]  # torch's own seam for scaled losses

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for part in self._parts.values():
            part.zero_grad(set_to_none=True)

    def step(self, rate: float) -> None:
        """Apply one update with the learning rate ``rate``; other peaks are scaled alike."""
        self.set_rate(rate)
        self.apply()

    def set_rate(self, rate: float) -> None:
        """The learning rate of the next updates; never waits for the device."""
        for part in self._parts.values():
            for group in part.param_groups:
                value = group["peak"] * (rate / self._base)
                if self._held:
                    group["lr"].fill_(value)
                else:
                    group["lr"] = value

    def apply(self) -> None:
        """Apply one update."""
        for part in self._parts.values():
            part.step()

    def state_dict(self) -> dict[str, Any]:
        """A tree of tensors and plain values, by the optimizers' names; the same from every device."""
        tree = {name: part.state_dict() for name, part in self._parts.items()}
        for part in tree.values():
            for group in part["param_groups"]:
                group["lr"] = float(group["lr"])
        return tree

    def load_state_dict(self, tree: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state_dict`; tensors that were captured are no longer in use afterwards.

        Raises:
            KeyError, ValueError: where it belongs to other optimizers or another network.
        """
        for name, part in self._parts.items():
            part.load_state_dict(tree[name])
            for group, own in zip(part.param_groups, self._own[name], strict=True):
                group.update(own)
            for state in part.state.values():
                if isinstance(state.get("step"), torch.Tensor):  # Metal's AdamW counts on the host
                    state["step"] = state["step"].to(self._device if self._device.type == "cuda" else "cpu")


def inner_matrices(network: CharModel) -> list[torch.nn.Parameter]:
    """The matrices that layers multiply hidden states with: recurrent weights, and input weights above the first."""
    inner = []
    for index, layer in enumerate(network.recurrent_layers()):
        inner.append(layer.recurrent_weight)
        if index > 0 and layer.input_weight is not None:
            inner.append(layer.input_weight)
    return inner


class AveragedWeights:
    """An exponential average of the weights, without the bias towards where they started.

    After k updates the average weighs the last j-th weights by decay^j, normalised (the same
    correction as Adam's, Kingma and Ba 2015, section 3): so it is usable from the first step.
    """

    def __init__(self, parameters: Iterable[torch.nn.Parameter], decay: float) -> None:
        self.parameters = list(parameters)
        self.decay = decay
        self.updates = 0
        self.average = [parameter.detach().clone() for parameter in self.parameters]

    def count(self) -> float:
        """Count one more update; gives how much its weights weigh in the average."""
        self.updates += 1
        return (1.0 - self.decay) / (1.0 - self.decay**self.updates)

    @torch.no_grad()
    def take_in(self, weight: float | torch.Tensor) -> None:
        """Mix in the present weights, by a number or by a tensor () on the device."""
        if isinstance(weight, float):
            torch._foreach_lerp_(self.average, list(self.parameters), weight)
            return
        for average, parameter in zip(self.average, self.parameters, strict=True):
            average.lerp_(parameter, weight)

    def update(self) -> None:
        """Take in the present weights."""
        self.take_in(self.count())

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange the weights and their average; a second call undoes it, bit for bit."""
        for parameter, average in zip(self.parameters, self.average, strict=True):
            held = parameter.detach().clone()
            parameter.copy_(average)
            average.copy_(held)
