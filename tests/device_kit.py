"""What refuses work that a GPU's graph could not hold, for tests without a GPU."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Recorded(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves it untyped
    """Notes every operation with the shapes it works on, and refuses what waits for the device."""

    WAITS = ("_local_scalar_dense", "nonzero", "masked_select", "unique", "is_nonzero", "equal")

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # likewise
        self.seen: list[tuple[str, tuple[Any, ...]]] = []

    def __torch_dispatch__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = str(function)
        assert not any(f"aten.{word}." in name for word in self.WAITS), f"{name} waits for the device"
        if "aten.index." in name or "aten.index_put" in name:
            assert not any(part is not None and part.dtype == torch.bool for part in args[1]), f"{name} by a mask"
        shapes = tuple(tuple(value.shape) for value in args if isinstance(value, torch.Tensor))
        self.seen.append((name, shapes))
        return function(*args, **(kwargs or {}))


class OnTheCard(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves it untyped
    """Refuses every operation on anything that is not on the card, and every question to it."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # likewise
        self.seen = 0

    def __torch_dispatch__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        assert "_local_scalar_dense" not in str(function), "waits for the device"
        # In place, and without a kernel for pretended tensors.
        unheard = any(word in str(function) for word in ("_fused_adamw_", "_amp_"))
        result = None if unheard else function(*args, **(kwargs or {}))
        for value in tree_leaves((args, kwargs, result)):
            if isinstance(value, torch.Tensor):
                assert value.device.type == "cuda", f"{function}: {value.device}, {tuple(value.shape)}"
        self.seen += 1
        return result


class Tape(TorchDispatchMode):  # type: ignore[no-untyped-call]  # as above
    """What a graph does, without a GPU: notes every operation with its very tensors, and does them again.

    Only tensors are alive at a replay: a number that Python worked out is what it was at the recording.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self._calls: list[tuple[Any, tuple[Any, ...], dict[str, Any], Any]] = []

    def __torch_dispatch__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        self._calls.append((function, args, kwargs or {}, result))
        return result

    def replay(self) -> None:
        """Every operation once more, its results in the places that they had."""
        with torch._C._AutoDispatchBelowAutograd():  # where the recording took place
            for function, args, kwargs, result in self._calls:
                again = function(*args, **kwargs)
                pairs = zip(tree_leaves(result), tree_leaves(again), strict=True)
                for old, new in pairs:
                    if isinstance(old, torch.Tensor) and old.data_ptr() != new.data_ptr():
                        old.copy_(new)
