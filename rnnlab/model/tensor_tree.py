"""Nested Python values with tensors in them, taken apart into named tensors and plain JSON, and put back.

Optimizer states and random states are such trees. JSON alone would turn integer keys into
strings, tuples into lists and lose NaN, so those are tagged; what comes back is equal in type
and in bits. Nothing here knows files; no pickle anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

_TAGS = frozenset({"tensor", "tuple", "pairs", "float", "array"})


def take_apart(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """The tree as JSON values; its tensors go into ``tensors`` under names that begin with ``name``.

    Raises:
        TypeError: for a value that is neither a tensor, a NumPy array, a container nor a scalar.
    """
    if isinstance(value, Tensor):
        tensors[name] = value.detach()
        return {"tensor": name}
    if isinstance(value, np.ndarray):
        tensors[name] = torch.from_numpy(value)
        return {"array": name}
    if isinstance(value, Mapping):
        parts = [(key, take_apart(part, f"{name}/{key}", tensors)) for key, part in value.items()]
        if all(isinstance(key, str) for key in value) and not _TAGS & value.keys():
            return dict(parts)
        return {"pairs": [[key, part] for key, part in parts]}
    if isinstance(value, (list, tuple)):
        items = [take_apart(part, f"{name}/{place}", tensors) for place, part in enumerate(value)]
        return items if isinstance(value, list) else {"tuple": items}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{name}: a checkpoint cannot hold a {type(value).__name__}")


def put_together(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """The inverse of `take_apart`.

    Raises:
        KeyError: where a tensor is missing.
        ValueError: where the values were not made by `take_apart`.
    """
    if isinstance(value, list):
        return [put_together(part, tensors) for part in value]
    if not isinstance(value, dict):
        return value
    tag = next(iter(_TAGS & value.keys()), None)
    if tag is None:
        return {key: put_together(part, tensors) for key, part in value.items()}
    content = value[tag]
    if tag == "tensor":
        return tensors[content]
    if tag == "array":
        return tensors[content].numpy()
    if tag == "float":
        return float(content)
    if tag == "tuple":
        return tuple(put_together(part, tensors) for part in content)
    return {key: put_together(part, tensors) for key, part in content}
