"""The recurrent cells as the papers write them, one step at a time: what every faster engine is held to.

LSTM: Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000, no peepholes.
GRU: Cho et al. 2014 in the variant of cuDNN and PyTorch (the reset gate is applied after the
recurrent product). RNN: Elman 1990 with tanh. Runs in whatever format the weights have.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from rnnlab.model.layer import LayerInput, LayerState, RecurrentLayer, gate_inputs, mean_loss


class ReferenceEngine:
    """Slow, plain and exact to read."""

    name = "reference"
    embed = staticmethod(functional.embedding)
    loss = staticmethod(mean_loss)

    def run(self, layer: RecurrentLayer, inputs: LayerInput, state: LayerState) -> tuple[Tensor, LayerState]:
        """See `LayerEngine`."""
        outputs: list[Tensor] = []
        for gates in gate_inputs(layer, inputs):  # (N, G·H)
            state = step(layer, gates, state)
            outputs.append(state[0])
        return torch.stack(outputs), state


def step(layer: RecurrentLayer, gates: Tensor, state: LayerState) -> LayerState:
    """One step of any cell; ``gates`` (N, G·H) is what `gate_inputs` gives for that step."""
    recurrent = functional.linear(state[0], layer.recurrent_weight)  # (N, G·H)
    if layer.cell == "lstm":
        return _lstm(gates + recurrent, state[1])
    if layer.cell == "gru":
        assert layer.new_bias is not None
        return (_gru(gates, recurrent, layer.new_bias, state[0]),)
    return (torch.tanh(gates + recurrent),)


def _lstm(gates: Tensor, cell: Tensor) -> LayerState:
    take, forget, new, give = gates.chunk(4, dim=-1)
    cell = torch.sigmoid(forget) * cell + torch.sigmoid(take) * torch.tanh(new)
    return torch.sigmoid(give) * torch.tanh(cell), cell


def _gru(gates: Tensor, recurrent: Tensor, new_bias: Tensor, hidden: Tensor) -> Tensor:
    reset_x, update_x, new_x = gates.chunk(3, dim=-1)
    reset_h, update_h, new_h = recurrent.chunk(3, dim=-1)
    reset = torch.sigmoid(reset_x + reset_h)
    update = torch.sigmoid(update_x + update_h)
    new = torch.tanh(new_x + reset * (new_h + new_bias))
    return new + update * (hidden - new)
