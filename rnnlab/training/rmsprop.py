"""RMSProp as in 2015: a running mean square of each gradient, which then divides it.

Source: Tieleman and Hinton 2012, lecture 6.5. The same numbers as ``torch.optim.RMSprop``; this one
also takes a learning rate that lies on the device, on every device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

from rnnlab.training.eager_optimizer import EagerOptimizer


class RMSProp(EagerOptimizer):
    """No momentum, not centred.

    Args:
        parameters: what is learnt.
        lr: a number, or a tensor () that is read at each step and never waited for.
        alpha: how much of the mean square each step keeps.
        eps: added to its root.
    """

    def __init__(
        self,
        parameters: Iterable[torch.nn.Parameter],
        *,
        lr: float | torch.Tensor,
        alpha: float = 0.95,
        eps: float = 1e-8,
    ) -> None:
        super().__init__(parameters, {"lr": lr, "alpha": alpha, "eps": eps})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]  # no closure is called
        """Apply one update."""
        assert closure is None
        for group in self.param_groups:
            parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
            gradients = [parameter.grad for parameter in parameters]
            for parameter in parameters:
                if "square_avg" not in self.state[parameter]:
                    self.state[parameter]["square_avg"] = torch.zeros_like(parameter)
            squares = [self.state[parameter]["square_avg"] for parameter in parameters]
            torch._foreach_mul_(squares, group["alpha"])
            torch._foreach_addcmul_(squares, gradients, gradients, 1 - group["alpha"])
            roots = torch._foreach_sqrt(squares)
            torch._foreach_add_(roots, group["eps"])
            if isinstance(group["lr"], torch.Tensor):
                changes = torch._foreach_div(gradients, roots)
                torch._foreach_mul_(changes, group["lr"])
                torch._foreach_sub_(parameters, changes)
            else:
                torch._foreach_addcdiv_(parameters, gradients, roots, -group["lr"])
