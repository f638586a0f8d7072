"""Engines that need no compiler: NumPy alone.

`PortableExact` multiplies stream by stream, always the same shape from the same buffer, since
a BLAS adds in another order for another batch. `PortableInt8` computes what the native int8
kernel computes, bit for bit: sums of products of small integers are exact (see int8.py), so
whole batches go through one product.

Shapes: N streams, H hidden, K inputs of a product, R its rows.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch

from rnnlab.model.sampling.cells import advance
from rnnlab.model.sampling.engine import Drawn, Engine, Ids, State
from rnnlab.model.sampling.int8 import IntegerMatrix, activations, quantize_finely, quantize_parts
from rnnlab.model.sampling.settings import SamplingSettings
from rnnlab.model.sampling.weights import Floats, Weights


class PortableEngine(Engine):
    """One step in NumPy, whatever way the products are computed."""

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._cell = weights.cell
        self._lower = weights.lower
        self._tables = tuple(layer.table for layer in weights.layers)
        self._bias = weights.output_bias
        self._skip = weights.skip

    def step(self, state: State, ids: Ids) -> State:
        """See `Engine.step`."""
        hidden, cells = np.empty_like(state.hidden), np.empty_like(state.cell)
        for layer, (table, lower) in enumerate(zip(self._tables, self._lower, strict=True)):
            parts = [hidden[layer - 1], state.hidden[layer]] if lower else [state.hidden[layer]]
            gates = self._product(layer, parts) + (table[ids] if len(table) > 1 else table)
            hidden[layer], cell = advance(self._cell, gates, state.hidden[layer], state.cell[layer])
            if cell is not None:
                cells[layer] = cell
        logits = self._product(self.layers, list(hidden) if self._skip else [hidden[-1]]) + self._bias
        return replace(state, hidden=hidden, cell=cells, logits=logits)

    def _product(self, index: int, parts: Sequence[Floats]) -> Floats:
        """Matrix ``index`` (a layer's, or behind them the output's) times parts (N, H) side by side: (N, R)."""
        raise NotImplementedError


class PortableExact(PortableEngine):
    """float32, one matrix-vector product per stream."""

    name = "exact"
    batch = 16

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._matrices = (*(layer.matrix for layer in weights.layers), weights.output)

    def _product(self, index: int, parts: Sequence[Floats]) -> Floats:
        matrix = self._matrices[index]
        result = np.empty((len(parts[0]), len(matrix)), np.float32)
        vector = np.empty(matrix.shape[1], np.float32)
        for stream in range(len(result)):
            np.concatenate([part[stream] for part in parts], out=vector)
            result[stream] = matrix @ vector
        return result


class PortableInt8(PortableEngine):
    """int8 weights and hidden states."""

    name = "int8"

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        parts = [
            quantize_parts(layer.matrix, lower) for layer, lower in zip(weights.layers, weights.lower, strict=True)
        ]
        self._matrices = [[IntegerMatrix(part) for part in sums] for sums in (*parts, quantize_finely(weights.output))]

    def feed(self, state: State, ids: Ids) -> tuple[State, Floats]:
        """See `Engine.feed`."""
        with _one_thread():
            return super().feed(state, ids)

    def read(self, state: State, ids: Ids) -> State:
        """See `Engine.read`."""
        with _one_thread():
            return super().read(state, ids)

    def generate(
        self, state: State, settings: SamplingSettings, count: int, *, inspection: bool = False
    ) -> tuple[State, Drawn]:
        """See `Engine.generate`."""
        with _one_thread():
            return super().generate(state, settings, count, inspection=inspection)

    def _product(self, index: int, parts: Sequence[Floats]) -> Floats:
        if index == self.layers:
            whole = activations(np.concatenate(parts, axis=1))
            first, second = (matrix.product(whole) for matrix in self._matrices[index])
            return first + second
        products = [
            matrix.product(activations(part)) for matrix, part in zip(self._matrices[index], parts, strict=True)
        ]
        return products[0] + products[1] if len(products) > 1 else products[0]


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Torch with one thread: products this small gain nothing from more, and on a busy machine wait for them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
