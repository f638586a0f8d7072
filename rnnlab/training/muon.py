"""Muon: momentum whose matrices are made orthogonal before they are applied.

Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks". All
directions of a matrix then learn at one speed, instead of the few that dominate the gradient.
Meant for the matrices inside recurrent layers; embeddings, output and biases are AdamW's.

Shapes: a matrix is (G·H, K): G gates one above the other, each orthogonalised for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

_ITERATION = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5


def orthogonalized(matrices: torch.Tensor) -> torch.Tensor:
    """The nearest semi-orthogonal matrices to (G, R, K), nearly: singular values come out in about 0.7 to 1.2.

    Newton-Schulz iteration of fifth order with the coefficients of the source above, in
    bfloat16, which is precise enough for a direction.
    """
    a, b, c = _ITERATION
    wide = matrices.shape[-2] <= matrices.shape[-1]
    x = (matrices if wide else matrices.mT).bfloat16()
    x = x / (torch.linalg.matrix_norm(x.float(), keepdim=True).to(x.dtype) + 1e-7)
    for _ in range(_ITERATIONS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    result: torch.Tensor = (x if wide else x.mT).to(matrices.dtype)
    return result


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised gate by gate.

    Args:
        parameters: matrices (G·H, K).
        gates: G, into which the rows are divided.
        lr: the length of a step, in units of an orthogonal matrix.
        momentum: how much of the past each step keeps.
    """

    def __init__(
        self, parameters: Iterable[torch.nn.Parameter], *, gates: int, lr: float, momentum: float = 0.95
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "gates": gates})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]  # no closure is called
        """Apply one update."""
        assert closure is None
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(parameter)
                state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                ahead = parameter.grad.lerp(state["momentum"], group["momentum"])
                blocks = ahead.view(group["gates"], -1, ahead.shape[-1])
                parameter.add_(orthogonalized(blocks).view_as(parameter), alpha=-float(group["lr"]))
