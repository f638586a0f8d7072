"""Muon: momentum whose matrices are made orthogonal before they are applied.

Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks". All
directions of a matrix then learn at one speed, instead of the few that dominate the gradient.
Meant for the matrices inside recurrent layers; embeddings, output and biases are AdamW's.

A layer's gates, one above the other, are one matrix here: most products are then of the size of
its short side, and text is learnt as well as gate by gate.

Shapes: B matrices of one shape (R, K); S the shorter of R and K.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import torch

from rnnlab.training.eager_optimizer import EagerOptimizer

Polynomials = tuple[tuple[float, float, float], ...]

ROUNDS: tuple[Polynomials, Polynomials] = (
    ((8.09336851, -23.62043033, 17.44615175), (3.63658555, -2.72192675, 0.53654629)),
    ((2.66129999, -1.97715452, 0.45261641), (1.95617164, -1.33750775, 0.38385270)),
)
"""Polynomials a·x + b·x³ + c·x⁵, one after another: of their degrees the composition nearest to 1 on [0.01, 1].

Amsel et al. 2025, "The Polar Express", algorithm 1.
"""
_FLOOR = 5e-4  # added to squared singular values, about what bfloat16 rounds them by: keeps them above zero


def orthogonalized(matrices: torch.Tensor) -> torch.Tensor:
    """The nearest semi-orthogonal matrices to (B, R, K), nearly: singular values of 1 to 0.02 of the greatest become 1.

    A polynomial in X that keeps its singular vectors is X times a polynomial in the Gram matrix
    XᵀX, so a round multiplies S x S matrices and X but twice. The Gram matrix squares what
    bfloat16 loses, hence two rounds, each from a fresh one. Its Frobenius norm bounds the
    greatest singular value closely, which saves an iteration (as in Boissin et al. 2025,
    "Turbo-Muon").

    Returns:
        bfloat16, which is precise enough for a direction.
    """
    wide = matrices.shape[-2] < matrices.shape[-1]
    x = (matrices.mT if wide else matrices).bfloat16()
    gram = x.mT @ x  # (B, S, S)
    size = torch.linalg.vector_norm(gram, dim=(-2, -1), keepdim=True, dtype=torch.float32) + 1e-30
    gram *= 1 / size
    gram.diagonal(dim1=-2, dim2=-1).add_(_FLOOR)
    x = x @ _applied(gram, ROUNDS[0]).mul_(size.rsqrt())
    x = x @ _applied(x.mT @ x, ROUNDS[1])
    return x.mT if wide else x


def _applied(gram: torch.Tensor, polynomials: Polynomials) -> torch.Tensor:
    """What to multiply X by, (B, S, S), so that the polynomials are applied to its singular values."""
    total = _factor(gram, *polynomials[0])
    last = total
    for polynomial in polynomials[1:]:
        gram = last @ gram @ last
        last = _factor(gram, *polynomial)
        total = total @ last
    return total


def _factor(gram: torch.Tensor, a: float, b: float, c: float) -> torch.Tensor:
    """a + b·G + c·G²."""
    factor = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
    factor.diagonal(dim1=-2, dim2=-1).add_(a)
    return factor


class Muon(EagerOptimizer):
    """Nesterov momentum, orthogonalised.

    Args:
        parameters: matrices (R, K).
        lr: the length of a step, in units of an orthogonal matrix; taller matrices than wide ones make
            longer steps, so that a step's components are about as large in all of them. A tensor () is
            read where it lies.
        momentum: how much of the past each step keeps.
    """

    def __init__(
        self, parameters: Iterable[torch.nn.Parameter], *, lr: float | torch.Tensor, momentum: float = 0.95
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]  # no closure is called
        """Apply one update."""
        assert closure is None
        for group in self.param_groups:
            alike: defaultdict[torch.Size, list[torch.nn.Parameter]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    alike[parameter.shape].append(parameter)
            for (rows, columns), parameters in alike.items():
                rate = group["lr"] * max(1.0, rows / columns) ** 0.5
                ahead = [self._ahead(parameter, group["momentum"]).bfloat16() for parameter in parameters]
                for parameter, change in zip(parameters, orthogonalized(torch.stack(ahead)), strict=True):
                    parameter.sub_(change * rate)

    def _ahead(self, parameter: torch.nn.Parameter, momentum: float) -> torch.Tensor:
        """The gradient as it will be when the momentum has moved on."""
        assert parameter.grad is not None
        state = self.state[parameter]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(parameter)
        state["momentum"].lerp_(parameter.grad, 1 - momentum)
        return parameter.grad.lerp(state["momentum"], momentum)
