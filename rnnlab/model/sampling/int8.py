"""Weights and hidden states as small integers.

A row of weights is stored as int8 with one float32 scale: the row's greatest magnitude is 127.
What a layer reads from below and what it reads from its own state differ in size, so each part
has scales of its own; and the output matrix, small but next to the logits, is stored twice: as
it is, and what that rounding left. (Measured on kernel C with 2 x 128 units: one scale per row
costs 0.0010 bits per character more, an output stored once another 0.0010.)

Hidden states lie in -1..1 and are read as whole multiples of 1/127, always the same scale, so a
stream's numbers never depend on the batch. Only what is multiplied is rounded: the recurrent
state itself is carried in float32.

Shapes: N streams, K inputs, R rows.
"""

from __future__ import annotations

import functools
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.model.sampling.weights import Floats

_UNIT = np.float32(127)
_EXACT = 1024
"""Inputs whose products, each at most 127 x 127, add up below 2^24: float32 holds every such sum exactly."""


@dataclass(frozen=True, slots=True)
class Quantized:
    """One matrix."""

    integers: NDArray[np.int8]
    """(R, K)"""
    scale: Floats
    """(R,): what one unit of ``integers @ activations`` is worth."""

    def floats(self) -> Floats:
        """The weights that it stands for, (R, K)."""
        values: Floats = self.integers * (self.scale * _UNIT)[:, None]
        return values


def quantize(matrix: Floats) -> Quantized:
    """The nearest integers, each row by its own scale."""
    greatest = np.maximum(matrix.max(axis=1, initial=0), -matrix.min(axis=1, initial=0))
    scale = np.where(greatest > 0, greatest / _UNIT, np.float32(1)).astype(np.float32)
    scaled = matrix / scale[:, None]
    return Quantized(np.rint(scaled, out=scaled).astype(np.int8), scale / _UNIT)


def quantize_parts(matrix: Floats, lower: int) -> list[Quantized]:
    """A layer's matrix in one part per input: the layer below (where there is one) and the own state."""
    return [quantize(part) for part in (matrix[:, :lower], matrix[:, lower:]) if part.shape[1]]


def quantize_finely(matrix: Floats) -> list[Quantized]:
    """Two matrices over the same inputs, the second for what the first one's rounding left."""
    coarse = quantize(matrix)
    return [coarse, quantize(matrix - coarse.floats())]


def activations(hidden: Floats) -> Floats:
    """Hidden states as whole numbers in -127..127, still float32."""
    whole: Floats = np.rint(hidden * _UNIT)
    return whole


class IntegerMatrix:
    """A quantized matrix whose sums are exact, without a compiler.

    Torch's int8 kernel does the work where it adds without saturating; else float32 products
    of at most 1024 inputs at a time, which are whole numbers.
    """

    def __init__(self, quantized: Quantized) -> None:
        integers, self._scale = quantized.integers, quantized.scale
        self._packed = _packed(integers) if _kernel_is_exact() else None
        self._slices: list[Floats] = []
        if self._packed is None:
            columns = np.ascontiguousarray(integers.T, dtype=np.float32)  # (K, R)
            self._slices = [columns[at : at + _EXACT] for at in range(0, len(columns), _EXACT)]

    def product(self, whole: Floats) -> Floats:
        """(N, R) from `activations` (N, K): the sums are exact, only the scaling rounds."""
        if self._packed is not None:
            return _kernel_sums(whole, self._packed) * self._scale
        exact = np.zeros((len(whole), len(self._scale)), np.int32)
        for index, columns in enumerate(self._slices):
            exact += (whole[:, index * _EXACT :][:, : len(columns)] @ columns).astype(np.int32)
        return exact.astype(np.float32) * self._scale


def _packed(integers: NDArray[np.int8]) -> Any:
    rows, integers = len(integers), np.ascontiguousarray(integers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch calls its quantized tensors a prototype
        tensor = torch._make_per_channel_quantized_tensor(
            torch.from_numpy(integers), torch.ones(rows), torch.zeros(rows, dtype=torch.int64), 0
        )
        return torch.ops.quantized.linear_prepack(tensor, None)


def _kernel_sums(whole: Floats, packed: Any) -> Floats:
    # Activations are shifted to unsigned by the zero point 128; all scales are 1, so the result is the sum itself.
    result: torch.Tensor = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(
        torch.from_numpy(whole), 1.0, 128, packed
    )
    sums: Floats = result.numpy()
    return sums


@functools.cache
def _kernel_is_exact() -> bool:
    """Whether torch's kernel is there and adds the largest products without saturating (some processors' do not)."""
    extreme = np.full((1, 64), 127, np.int8)
    try:
        sums = _kernel_sums(extreme.astype(np.float32), _packed(extreme))
    except (RuntimeError, AttributeError, NotImplementedError):
        return False
    return float(sums[0, 0]) == 127.0 * 127.0 * 64
