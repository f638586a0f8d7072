"""Losses scaled up, so that small gradients survive float16, without ever asking the device.

Source: Micikevicius et al. 2018, "Mixed precision training". The factor doubles after two thousand
good updates and is halved by one whose gradients overflow; that update changes no weight. All of
it stays on the device.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

_FIRST = 2.0**16
_MOST = 2.0**24
_PATIENCE = 2000


class LossScale:
    """The factor, and whether the last gradients had to be thrown away.

    Args:
        device: where the gradients are.
    """

    def __init__(self, device: torch.device) -> None:
        self.factor = torch.full((), _FIRST, device=device)
        self._good = torch.zeros((), dtype=torch.int32, device=device)
        self.found = torch.zeros((), device=device)
        """() 1.0 where the last gradients overflowed, else 0.0."""

    def undo(self, gradients: list[Tensor]) -> Tensor:
        """Divide gradients by the factor in place; where one overflowed make all of them zero.

        Gives 1.0 where they can be used and 0.0 where not, (), and adapts the factor.
        """
        self.found.zero_()
        torch._amp_foreach_non_finite_check_and_unscale_(gradients, self.found, self.factor.reciprocal())
        usable = 1.0 - self.found
        torch._foreach_mul_(gradients, usable)
        for gradient in gradients:
            gradient.nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)  # infinity times zero
        torch._amp_update_scale_(self.factor, self._good, self.found, 2.0, 0.5, _PATIENCE)
        self.factor.clamp_(max=_MOST)
        return usable

    def gather(self) -> dict[str, float]:
        """What a checkpoint keeps; waits for the device."""
        return {"factor": float(self.factor), "good": int(self._good)}

    def set(self, kept: Mapping[str, float]) -> None:
        """The inverse of `gather`; the tensors stay in place."""
        self.factor.fill_(kept["factor"])
        self._good.fill_(int(kept["good"]))
