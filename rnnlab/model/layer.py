"""One recurrent layer: its parameters, its input and its state, but not how it is computed.

How a layer runs over a window is an engine's business (`LayerEngine`), so the same
parameters can be computed step by step for reference, by torch's own kernels, or by a
faster path that was found by timing. Nothing here knows optimizers, corpora or runs.

Shapes: T time, N streams, H hidden, G gates per unit (lstm 4, gru 3, rnn 1), V vocabulary,
D dense input. Layers are computed time-major, (T, N, ...), since a step is then contiguous.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.config import Cell
from rnnlab.model_size import GATES

LayerState = tuple[Tensor, ...]
"""State of one layer, each (N, H): (h, c) for lstm, (h,) for gru and rnn."""
State = tuple[LayerState, ...]
"""State of the network: one LayerState per layer. A value: never changed in place."""


@dataclass(frozen=True, slots=True)
class LayerInput:
    """What one layer sees over a window; at least one of dense and symbols is there."""

    dense: Tensor | None
    """(T, N, D): embedded symbols, the previous layer's output, or both side by side."""
    symbols: Tensor | None
    """(T, N) int64: symbols that reach the layer one-hot."""
    symbol_scale: Tensor | None
    """(T, N): what dropout makes of the one-hot input's single 1; None without dropout."""

    @property
    def length(self) -> int:
        """T."""
        tensor = self.symbols if self.dense is None else self.dense
        assert tensor is not None
        return tensor.shape[0]


class RecurrentLayer(nn.Module):
    """Parameters of one layer.

    Gates lie one after the other along the rows, in PyTorch's order: lstm input, forget,
    cell, output; gru reset, update, new.

    input_weight      (G·H, D)  for the dense input; absent where there is none
    symbol_weight     (G·H, V)  for one-hot symbols, looked up rather than multiplied; absent likewise
    recurrent_weight  (G·H, H)
    bias              (G·H,)    the only bias of lstm and rnn: the forget bias is what it says
    new_bias          (H,)      gru only: inside the reset gate, as in cuDNN's variant
    """

    input_weight: nn.Parameter | None
    symbol_weight: nn.Parameter | None
    new_bias: nn.Parameter | None

    def __init__(self, cell: Cell, hidden: int, dense_width: int, vocabulary_size: int) -> None:
        super().__init__()
        self.cell: Cell = cell
        self.hidden = hidden
        rows = GATES[cell] * hidden
        self.input_weight = nn.Parameter(torch.empty(rows, dense_width)) if dense_width else None
        self.symbol_weight = nn.Parameter(torch.empty(rows, vocabulary_size)) if vocabulary_size else None
        self.recurrent_weight = nn.Parameter(torch.empty(rows, hidden))
        self.bias = nn.Parameter(torch.zeros(rows))
        self.new_bias = nn.Parameter(torch.zeros(hidden)) if cell == "gru" else None

    def initial_state(self, streams: int) -> LayerState:
        """Zeros, in the weights' format and on their device."""
        count = 2 if self.cell == "lstm" else 1
        return tuple(self.recurrent_weight.new_zeros(streams, self.hidden) for _ in range(count))


class LayerEngine(Protocol):
    """A way to compute layers over a window, differentiable in parameters, input and state, and the loss at the end."""

    @property
    def name(self) -> str:
        """Short stable name, as it is recorded with a run."""
        ...

    def embed(self, symbols: Tensor, weight: Tensor) -> Tensor:
        """Rows of ``weight`` (V, D) for ``symbols`` (T, N)."""
        ...

    def run(self, layer: RecurrentLayer, inputs: LayerInput, state: LayerState) -> tuple[Tensor, LayerState]:
        """Outputs (T, N, H) and the state after the last step; ``state`` itself stays as it is."""
        ...

    def loss(self, features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        """What `mean_loss` computes."""
        ...


def gate_inputs(layer: RecurrentLayer, inputs: LayerInput) -> Tensor:
    """The part of the gates that does not wait for the recurrence: bias, dense input, symbols; (T, N, G·H)."""
    gates: Tensor = layer.bias
    if inputs.dense is not None:
        assert layer.input_weight is not None
        gates = functional.linear(inputs.dense, layer.input_weight, layer.bias)
    if inputs.symbols is not None:
        assert layer.symbol_weight is not None
        looked_up = functional.embedding(inputs.symbols, layer.symbol_weight.t().contiguous())
        if inputs.symbol_scale is not None:
            looked_up = looked_up * inputs.symbol_scale.unsqueeze(-1)
        gates = looked_up + gates
    return gates


def mean_loss(features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Mean cross entropy in nats per character.

    Args:
        features: (T, N, F), what the output layer sees.
        weight: (V, F) of the output layer; bias: (V,).
        targets: (T, N) int64.
    """
    logits = functional.linear(features.flatten(0, 1), weight, bias)  # (T·N, V)
    return functional.cross_entropy(logits.float(), targets.reshape(-1))
