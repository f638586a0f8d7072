"""AdamW, Muon and the RMSProp of 2015, set up for a network of this kind, and averaged weights.

Matrices may decay, biases never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch

from rnnlab.config import TrainingConfig
from rnnlab.model.network import CharModel
from rnnlab.training.muon import Muon

_ADAMW_BETAS = (0.9, 0.99)
_RMSPROP_DECAY = 0.95


class Optimizers:
    """The optimizers of one network, steered by one learning rate.

    ``adamw``: Loshchilov and Hutter 2019; the second moment forgets after a hundred steps, which
    suits short runs. ``muon``: see `rnnlab.training.muon`; AdamW for what is no inner matrix.
    ``rmsprop``: decay 0.95 and no momentum, as in Karpathy, Johnson and Fei-Fei 2015.
    """

    def __init__(self, network: CharModel, config: TrainingConfig, device: torch.device) -> None:
        self._base = config.learning_rate
        self._parts: dict[str, torch.optim.Optimizer] = {}
        rest = [parameter for parameter in network.parameters() if parameter.requires_grad]
        if config.optimizer == "rmsprop":
            self._parts["rmsprop"] = torch.optim.RMSprop(rest, lr=self._base, alpha=_RMSPROP_DECAY, eps=1e-8)
            self._remember_peaks()
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
        fused = device.type in ("cpu", "cuda")
        self._parts["adamw"] = torch.optim.AdamW(groups, lr=self._base, betas=_ADAMW_BETAS, fused=fused)
        self._remember_peaks()

    def _remember_peaks(self) -> None:
        for part in self._parts.values():
            for group in part.param_groups:
                group["peak"] = group["lr"]

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for part in self._parts.values():
            part.zero_grad(set_to_none=True)

    def step(self, rate: float) -> None:
        """Apply one update with the learning rate ``rate``; other peaks are scaled alike."""
        for part in self._parts.values():
            for group in part.param_groups:
                group["lr"] = group["peak"] * (rate / self._base)
            part.step()

    def state_dict(self) -> dict[str, Any]:
        """A tree of tensors and plain values, by the optimizers' names."""
        return {name: part.state_dict() for name, part in self._parts.items()}

    def load_state_dict(self, tree: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state_dict`.

        Raises:
            KeyError, ValueError: where it belongs to other optimizers or another network.
        """
        for name, part in self._parts.items():
            part.load_state_dict(tree[name])


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

    @torch.no_grad()
    def update(self) -> None:
        """Take in the present weights."""
        self.updates += 1
        weight = (1.0 - self.decay) / (1.0 - self.decay**self.updates)
        torch._foreach_lerp_(self.average, list(self.parameters), weight)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange the weights and their average; a second call undoes it, bit for bit."""
        for parameter, average in zip(self.parameters, self.average, strict=True):
            held = parameter.detach().clone()
            parameter.copy_(average)
            average.copy_(held)
