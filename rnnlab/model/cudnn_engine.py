"""Layers in a format and a layout that suit cuDNN's kernels, whatever the layer's own size.

cuDNN keeps a layer's weights on the chip (its persistent kernels) only for float16, one layer a
call, up to 1,024 units, sizes in multiples of 128 and a batch in multiples of 8 up to 128; all its
kernels want multiples of 8. So sizes are filled up with zeros: a unit without weights stays zero
and learns nothing, and what comes out is cut to size, so the network is the same.

The weights stay float32; what is multiplied is a copy in the engine's format, made within each
update, and gradients come back as float32. Everything here is work for the device alone, so an
update may be captured as a graph. Runs on a CPU as well. Not yet measured on a card.

Shapes as in `layer`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from rnnlab.model.layer import LayerInput, LayerState, RecurrentLayer, State
from rnnlab.model_size import GATES

Format = Literal["float16", "bfloat16", "tf32", "float32"]
Layout = Literal["persistent", "split", "stacked"]
FORMATS: tuple[Format, ...] = ("float16", "bfloat16", "tf32", "float32")
LAYOUTS: tuple[Layout, ...] = ("persistent", "split", "stacked")

_TYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16}
_FEW_SYMBOLS = 1024
"""Up to here a symbol is looked up by a product with a one-hot row, whose gradient is a product too."""


@dataclass(frozen=True, slots=True)
class CudnnEngine:
    """cuDNN's kernels; see `LayerEngine`.

    Args:
        format: of the products. tf32 is float32 with products of ten bits.
        layout: ``persistent``: a layer a call, sizes in multiples of 128; ``split``: a layer a call, in
            multiples of 8; ``stacked``: all layers in one call where nothing lies between them.
    """

    format: Format = "float32"
    layout: Layout = "split"

    @property
    def name(self) -> str:
        """As it is recorded with a run."""
        return f"cudnn-{self.format}-{self.layout}"

    @property
    def dtype(self) -> torch.dtype:
        """What tensors are made of between layers."""
        return _TYPES.get(self.format, torch.float32)

    @property
    def unit(self) -> int:
        """Sizes are filled up to a multiple of this."""
        return 128 if self.layout == "persistent" else 8

    def embed(self, symbols: Tensor, weight: Tensor) -> Tensor:
        """Rows of ``weight`` (V, D) for ``symbols`` (T, N), in the engine's format."""
        if weight.shape[0] > _FEW_SYMBOLS:
            return functional.embedding(symbols, weight.to(self.dtype))
        table = _filled(weight.to(self.dtype), rows=8)
        return self._one_hot(symbols, table.shape[0]) @ table

    def run(self, layer: RecurrentLayer, inputs: LayerInput, state: LayerState) -> tuple[Tensor, LayerState]:
        """See `LayerEngine`; the outputs are in the engine's format."""
        output, (after,) = self.run_all([layer], inputs, (state,))
        return output, after

    def run_all(self, layers: Sequence[RecurrentLayer], inputs: LayerInput, state: State) -> tuple[Tensor, State]:
        """Outputs of the last of layers that lie directly above one another, and the states of all."""
        first = layers[0]
        streams, hidden = state[0][0].shape
        width = _up(hidden, self.unit)
        data = _filled(self._data(first, inputs), rows=8)  # (T, N', D')
        weights = [part for layer in layers for part in self._weights(layer, width)]
        initial = [
            torch.stack([_filled(part.to(self.dtype), rows=8, columns=self.unit) for part in parts])
            for parts in zip(*state, strict=True)
        ]  # each (L, N', H')
        output, last = _kernel(first.cell, data, initial, weights, len(layers), training=first.training)
        after = tuple(tuple(part[place, :streams, :hidden] for part in last) for place in range(len(layers)))
        return output[:, :streams, :hidden], after

    def stacks(self, layers: int, *, plain: bool) -> bool:
        """Whether all layers go into one call; ``plain``: the input reaches the first alone and nothing is dropped."""
        return self.layout == "stacked" and layers > 1 and plain

    def loss(self, features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        """What `mean_loss` computes; the logits are products in the engine's format, all else is float32."""
        size = weight.shape[0]
        products = functional.linear(features.to(self.dtype).flatten(0, 1), _filled(weight.to(self.dtype), rows=8))
        return functional.cross_entropy(products[:, :size].float() + bias, targets.reshape(-1))

    def _data(self, layer: RecurrentLayer, inputs: LayerInput) -> Tensor:
        """Dense input and one-hot symbols side by side, each filled up, (T, N, D')."""
        parts: list[Tensor] = []
        if inputs.dense is not None:
            parts.append(_filled(inputs.dense.to(self.dtype), columns=self.unit))
        if inputs.symbols is not None:
            assert layer.symbol_weight is not None
            one_hot = self._one_hot(inputs.symbols, _up(layer.symbol_weight.shape[1], self.unit))
            scale = inputs.symbol_scale
            parts.append(one_hot if scale is None else one_hot * scale.to(self.dtype).unsqueeze(-1))
        return torch.cat(parts, dim=-1) if len(parts) > 1 else parts[0]

    def _one_hot(self, symbols: Tensor, size: int) -> Tensor:
        """(T, N, size); torch's own asks the host on some devices."""
        return (symbols.unsqueeze(-1) == torch.arange(size, device=symbols.device)).to(self.dtype)

    def _weights(self, layer: RecurrentLayer, width: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Input and recurrent matrix and two biases, with ``width`` rows a gate."""
        inputs = [part for part in (layer.input_weight, layer.symbol_weight) if part is not None]
        sides = [self._gates(layer, part, width) for part in inputs]
        recurrent = self._gates(layer, layer.recurrent_weight, width)
        bias = self._gates(layer, layer.bias.unsqueeze(1), width, columns=1).squeeze(1)
        second = torch.zeros_like(bias)
        if layer.new_bias is not None:
            new = _filled(layer.new_bias.to(self.dtype).unsqueeze(0), columns=width)
            second = torch.cat([torch.zeros_like(bias[: 2 * width]), new.squeeze(0)])
        return (torch.cat(sides, dim=1) if len(sides) > 1 else sides[0]), recurrent, bias, second

    def _gates(self, layer: RecurrentLayer, matrix: Tensor, width: int, columns: int = 0) -> Tensor:
        """A matrix (G·H, K) with every gate and every row filled up."""
        gates = matrix.to(self.dtype).view(GATES[layer.cell], layer.hidden, -1)
        return _filled(gates, rows=width, columns=columns or self.unit).flatten(0, 1)


def set_float32_products(engine: object) -> None:
    """Let float32 products on a GPU have ten bits where the engine says so, and all 23 for every other engine."""
    rough = isinstance(engine, CudnnEngine) and engine.format == "tf32"
    precision = "tf32" if rough else "ieee"
    torch.backends.cudnn.rnn.fp32_precision = precision  # type: ignore[attr-defined]  # made when torch starts
    torch.backends.cudnn.conv.fp32_precision = precision  # type: ignore[attr-defined]  # torch wants the two alike
    torch.backends.cuda.matmul.fp32_precision = precision


def _kernel(
    cell: str, data: Tensor, initial: list[Tensor], weights: list[Tensor], layers: int, *, training: bool
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Outputs (T, N, H), and the last states, each (L, N, H)."""
    if data.is_cuda:
        # cuDNN gathers the weights at every call, a copy of a few megabytes; that is meant to be so here.
        warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")
    # has_biases, num_layers, dropout, train, bidirectional, batch_first
    if cell == "lstm":
        output, hidden, carry = torch.lstm(data, initial, weights, True, layers, 0.0, training, False, False)
        return output, (hidden, carry)
    kernel = torch.gru if cell == "gru" else torch.rnn_tanh
    output, hidden = kernel(data, initial[0], weights, True, layers, 0.0, training, False, False)
    return output, (hidden,)


def _filled(values: Tensor, *, rows: int = 1, columns: int = 1) -> Tensor:
    """Values (..., R, C) with zeros after them, up to multiples of ``rows`` and ``columns``."""
    down = -values.shape[-2] % rows
    right = -values.shape[-1] % columns
    return functional.pad(values, (0, right, 0, down)) if down or right else values


def _up(size: int, unit: int) -> int:
    return size + -size % unit
