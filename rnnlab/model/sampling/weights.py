"""A network's weights, folded into the few arrays that sampling needs: a snapshot of its own.

Embedding, one-hot input and biases become one table per layer (what each symbol adds to the
gates), and everything that is multiplied becomes one matrix per layer, over the layer below
and the layer's own hidden state side by side. Engines know this form and nothing of `CharModel`.

The GRU's new gate needs its two halves apart (the reset gate multiplies the recurrent one), so
its matrix has four blocks of rows: reset, update, new from below, new from the own state.

Shapes: V vocabulary, H hidden, L layers, R rows (G·H; G lstm 4, gru 4, rnn 1), K inputs (H or 2H).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from rnnlab.config import Cell
from rnnlab.errors import FailedError
from rnnlab.model.layer import RecurrentLayer
from rnnlab.model.network import CharModel

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FoldedLayer:
    """One recurrent layer."""

    matrix: Floats
    """(R, K): the layer below first (where there is one), then the layer's own hidden state."""
    table: Floats
    """(V, R), or (1, R) where no symbol reaches the layer: what is added to the product."""

    @property
    def rows(self) -> int:
        """R."""
        return int(self.matrix.shape[0])


@dataclass(frozen=True, slots=True)
class Weights:
    """A whole network."""

    cell: Cell
    hidden: int
    layers: tuple[FoldedLayer, ...]
    output: Floats
    """(V, H), or (V, L·H) with skip connections."""
    output_bias: Floats
    """(V,)"""

    @property
    def vocabulary_size(self) -> int:
        """V."""
        return int(self.output.shape[0])

    @property
    def skip(self) -> bool:
        """Whether the output layer sees every layer."""
        return bool(self.output.shape[1] > self.hidden)

    @property
    def lower(self) -> tuple[int, ...]:
        """Inputs from the layer below, per layer: 0 or H."""
        return tuple(int(layer.matrix.shape[1]) - self.hidden for layer in self.layers)

    @property
    def has_cell_state(self) -> bool:
        """Whether there is a cell state beside the hidden state."""
        return self.cell == "lstm"


@torch.no_grad()
def weights_of(model: CharModel) -> Weights:
    """A float32 copy of the model's weights as they are now, on the CPU; later training does not reach it.

    Raises:
        FailedError: where they are not numbers any more.
    """
    embedding = None if model.embedding is None else _copy(model.embedding)
    layers = tuple(_folded(layer, index, embedding) for index, layer in enumerate(model.recurrent_layers()))
    return Weights(model.config.cell, model.config.hidden, layers, _copy(model.output_weight), _copy(model.output_bias))


def _copy(tensor: torch.Tensor) -> Floats:
    copy = np.array(tensor.detach().to("cpu", torch.float32).numpy(), order="C")
    with np.errstate(all="ignore"):
        sound = np.isfinite(copy.sum())
    if not sound:  # one infinity or NaN makes the sum one; integers could not say so later
        raise FailedError("the model", "its weights are not numbers any more", "Use an earlier checkpoint.")
    return copy


def _folded(layer: RecurrentLayer, index: int, embedding: Floats | None) -> FoldedLayer:
    hidden = layer.hidden
    recurrent, bias = _copy(layer.recurrent_weight), _copy(layer.bias)
    table = bias[None, :]
    below = np.zeros((len(bias), 0), np.float32)
    if layer.input_weight is not None:
        dense = _copy(layer.input_weight)
        lower = hidden if index else 0
        below = dense[:, :lower]
        if dense.shape[1] > lower:
            assert embedding is not None
            with np.errstate(all="ignore"):  # weights that are lost overflow here; the integers' maker looks at them
                table = embedding @ dense[:, lower:].T + table
    if layer.symbol_weight is not None:
        table = _copy(layer.symbol_weight).T + table
    if layer.new_bias is not None:
        split = _gru_rows(hidden)
        table = np.concatenate([table, np.broadcast_to(_copy(layer.new_bias), (len(table), hidden))], axis=1)
        return FoldedLayer(np.concatenate([split(below, own=False), split(recurrent, own=True)], axis=1), table)
    return FoldedLayer(np.concatenate([below, recurrent], axis=1), np.ascontiguousarray(table))


def _gru_rows(hidden: int) -> Callable[..., Floats]:
    """Spreads three gates over four blocks of rows; the new gate's half that is not meant stays zero."""

    def split(weights: Floats, *, own: bool) -> Floats:
        spread = np.zeros((4 * hidden, weights.shape[1]), np.float32)
        spread[: 2 * hidden] = weights[: 2 * hidden]
        start = 3 * hidden if own else 2 * hidden
        spread[start : start + hidden] = weights[2 * hidden :]
        return spread

    return split
