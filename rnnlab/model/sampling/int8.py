"""Weights and hidden states as small integers.

A row of weights is stored as int8 with one float32 scale: the row's greatest magnitude is 127.
What a layer reads from below and what it reads from its own state differ in size, so each part
has scales of its own; and the output matrix, small but next to the logits, is stored twice: as
it is, and what that rounding left. (Measured on kernel C with 2 x 128 units: one scale per row
costs 0.0010 bits per character more, an output stored once another 0.0010.) So are all matrices of
a tanh layer, which has no gates that hold on to what was right (measured on Tiny Shakespeare, as
many units: 0.00002 bits instead of 0.0008).

Hidden states lie in -1..1 and are read as whole multiples of 1/127, always the same scale, so a
stream's numbers never depend on the batch. Only what is multiplied is rounded: the recurrent
state itself is carried in float32.

Shapes: N streams, K inputs, R rows.
"""

from __future__ import annotations

import functools
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.config import Cell
from rnnlab.model.sampling.weights import Floats

_UNIT = np.float32(127)
_TRIALS = 30  # of some ten microseconds each
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


def quantize_recurrent(cell: Cell, matrix: Floats) -> list[Quantized]:
    """Matrices for a layer's weights over one of its inputs, which add up to them."""
    return quantize_finely(matrix) if cell == "rnn" else [quantize(matrix)]


def quantize_finely(matrix: Floats) -> list[Quantized]:
    """Two matrices over the same inputs, the second for what the first one's rounding left."""
    coarse = quantize(matrix)
    return [coarse, quantize(matrix - coarse.floats())]


class IntegerMatrix:
    """Quantized matrices over the same inputs, one below the other: one exact product for all of them."""

    def __init__(self, parts: Sequence[Quantized]) -> None:
        self._scale = np.concatenate([part.scale for part in parts])
        integers = np.concatenate([part.integers for part in parts])
        # Torch 2.13's product of int8 matrices is wrong for a single column.
        self._matrix = (_fastest_kind() if integers.shape[1] > 1 else FloatProducts)(integers)

    def multiplier(self, hidden: Floats, out: Floats) -> Callable[[], None]:
        """What puts the product with ``hidden`` (N, H) as it is then into ``out`` (N, R), at each call."""
        scaled, integers = np.empty_like(hidden), np.empty(hidden.shape, np.int8)
        exact = np.empty(out.shape, np.int32)
        given, sums = torch.from_numpy(integers), torch.from_numpy(exact)
        multiply, scale = self._matrix.multiply, self._scale

        def product() -> None:
            np.multiply(hidden, _UNIT, scaled)
            np.rint(scaled, scaled)
            np.copyto(integers, scaled, casting="unsafe")
            multiply(given, sums)
            np.copyto(out, exact, casting="unsafe")
            np.multiply(out, scale, out)

        return product


class _Matrix(Protocol):
    """A matrix (R, K) of small integers that multiplies exactly."""

    def __init__(self, integers: NDArray[np.int8]) -> None: ...

    def multiply(self, activations: torch.Tensor, out: torch.Tensor) -> None:
        """Put the product with (N, K) int8 into (N, R) int32."""
        ...


class IntegerProduct:
    """Torch's product of int8 matrices."""

    def __init__(self, integers: NDArray[np.int8]) -> None:
        self._columns = torch.from_numpy(np.ascontiguousarray(integers)).t()

    def multiply(self, activations: torch.Tensor, out: torch.Tensor) -> None:
        """See `_Matrix`."""
        torch._int_mm(activations, self._columns, out=out)


class QuantizedLinear:
    """Torch's quantized linear layer (fbgemm, qnnpack): activations are shifted to unsigned, all scales are 1."""

    def __init__(self, integers: NDArray[np.int8]) -> None:
        rows = len(integers)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch calls its quantized tensors a prototype
            tensor = torch._make_per_channel_quantized_tensor(
                torch.from_numpy(np.ascontiguousarray(integers)),
                torch.ones(rows),
                torch.zeros(rows, dtype=torch.int64),
                0,
            )
            self._packed = torch.ops.quantized.linear_prepack(tensor, None)

    def multiply(self, activations: torch.Tensor, out: torch.Tensor) -> None:
        """See `_Matrix`."""
        out.copy_(
            torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(
                activations.float(), 1.0, 128, self._packed
            )
        )


class FloatProducts:
    """float32 products of at most 1024 inputs at a time: sums below 2^24 are whole numbers there too."""

    def __init__(self, integers: NDArray[np.int8]) -> None:
        columns = torch.from_numpy(integers.T.astype(np.float32))
        self._slices = torch.split(columns, _EXACT)

    def multiply(self, activations: torch.Tensor, out: torch.Tensor) -> None:
        """See `_Matrix`."""
        out.zero_()
        for inputs, columns in zip(torch.split(activations.float(), _EXACT, dim=1), self._slices, strict=True):
            out += (inputs @ columns).to(torch.int32)


KINDS: tuple[type[_Matrix], ...] = (IntegerProduct, QuantizedLinear, FloatProducts)


def is_exact(kind: type[_Matrix]) -> bool:
    """Whether this way to multiply is there and adds the largest products (some processors' kernels saturate)."""
    extreme, out = np.full((64, 512), 127, np.int8), torch.empty(1, 64, dtype=torch.int32)
    try:
        kind(extreme).multiply(torch.from_numpy(extreme[:1]), out)
    except (RuntimeError, AttributeError, NotImplementedError):
        return False
    return bool((out == 127 * 127 * 512).all())


@functools.cache
def _fastest_kind() -> type[_Matrix]:
    """The fastest of those that are exact, and so give the same numbers; on one thread, as they are used."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        seconds = {kind: _seconds(kind) for kind in filter(is_exact, KINDS)}
    finally:
        torch.set_num_threads(threads)
    return min(seconds, key=lambda kind: seconds[kind])


def _seconds(kind: type[_Matrix]) -> float:
    """The least time of a product of the size of a middling layer's."""
    integers, out = np.ones((1024, 512), np.int8), torch.empty(1, 1024, dtype=torch.int32)
    activations, matrix, times = torch.from_numpy(integers[:1]), kind(integers), []
    for _ in range(_TRIALS):
        begin = time.perf_counter()
        matrix.multiply(activations, out)
        times.append(time.perf_counter() - begin)
    return min(times)
