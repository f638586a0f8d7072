"""The door to `native/training.c`: its argument as a structure, its scratch, and its threads.

Scratch is kept between windows, since getting fresh memory costs as much as filling it. Nothing
here knows autograd; see `native_layer` and `native_loss`.
"""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Mapping

import torch
from torch import Tensor

from rnnlab.config import Cell
from rnnlab.model.native.build import NativeUnavailable, library

CELLS: dict[Cell, int] = {"lstm": 0, "gru": 1, "rnn": 2}
NUMBERS = ("cell", "T", "N", "H", "D", "V", "threads")
POINTERS = (
    "input_weight",
    "recurrent_weight",
    "bias",
    "table",
    "symbols",
    "scale",
    "dense",
    "packed",
    "x",
    "h",
    "carry",
    "gates",
    "out",
    "d_out",
    "d_h",
    "d_carry",
    "d_gates",
    "d_x",
    "pairs",
    "d_input_weight",
    "d_recurrent_weight",
    "d_bias",
    "d_table",
    "turned",
    "losses",
)
PANEL, BLOCK = 32, 48  # as there


class _Job(ctypes.Structure):
    """``Job`` of training.c, field by field."""

    _fields_ = [(name, ctypes.c_int64) for name in NUMBERS] + [(name, ctypes.c_void_p) for name in POINTERS]


class NativeLibrary:
    """The compiled functions.

    Raises:
        NativeUnavailable: says why there are none here.
    """

    def __init__(self) -> None:
        self._library = library("training")
        if not self._library.layer_supported():
            raise NativeUnavailable("this processor has no AVX-512 BF16")
        self._scratch: defaultdict[tuple[tuple[int, ...], torch.dtype], list[Tensor]] = defaultdict(list)

    def call(self, function: str, numbers: dict[str, int], tensors: Mapping[str, Tensor | None]) -> None:
        """Run one function of training.c, on as many threads as torch uses.

        Raises:
            IndexError: for a symbol outside the vocabulary.
        """
        pointers = {name: None if tensor is None else tensor.data_ptr() for name, tensor in tensors.items()}
        if getattr(self._library, function)(ctypes.byref(_Job(**numbers, threads=torch.get_num_threads(), **pointers))):
            raise IndexError("a symbol is outside the vocabulary")

    def borrow(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """A tensor with any content; give it back when it is no longer needed, or let it go."""
        kept = self._scratch[shape, dtype]
        return kept.pop() if kept else torch.empty(shape, dtype=dtype)

    def give_back(self, *tensors: Tensor | None) -> None:
        """Keep borrowed tensors for the next window."""
        for tensor in tensors:
            if tensor is not None:
                self._scratch[tuple(tensor.shape), tensor.dtype].append(tensor)


def rounded(size: int) -> int:
    """A width as training.c pads it."""
    return -(-size // PANEL) * PANEL
