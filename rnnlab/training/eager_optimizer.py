"""torch's optimizers without what surrounds them for torch.compile, whose import takes most of a second.

Several of their methods import ``torch._dynamo`` when they are first called, only to say that they are
not to be compiled. Nothing here is compiled: the methods inside the wrappers are called as they are.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch


class EagerOptimizer(torch.optim.Optimizer):
    """A base that computes what ``torch.optim.Optimizer`` computes."""

    add_param_group = inspect.unwrap(torch.optim.Optimizer.add_param_group)
    zero_grad = inspect.unwrap(torch.optim.Optimizer.zero_grad)
    state_dict = inspect.unwrap(torch.optim.Optimizer.state_dict)
    load_state_dict = inspect.unwrap(torch.optim.Optimizer.load_state_dict)


class AdamW(EagerOptimizer, torch.optim.AdamW):
    """``torch.optim.AdamW``, numbers and options."""

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]  # no closure is called
        """Apply one update."""
        assert closure is None
        inspect.unwrap(torch.optim.AdamW.step)(self)
