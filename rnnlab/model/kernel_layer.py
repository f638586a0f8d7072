"""Layers computed by torch's own recurrent kernels: what ``nn.LSTM``, ``nn.GRU`` and ``nn.RNN`` run.

On CUDA that is cuDNN, on a CPU oneDNN or MKL. One layer per call and no kernel dropout, since
``nn.LSTM(dropout=...)`` keeps its random state where a checkpoint cannot reach it.
"""

from __future__ import annotations

import warnings

import torch
from torch import Tensor
from torch.nn import functional

from rnnlab.model.layer import LayerInput, LayerState, RecurrentLayer, mean_loss


class KernelEngine:
    """Torch's kernels, in the format of the weights."""

    name = "kernel"
    embed = staticmethod(functional.embedding)
    loss = staticmethod(mean_loss)

    def run(self, layer: RecurrentLayer, inputs: LayerInput, state: LayerState) -> tuple[Tensor, LayerState]:
        """See `LayerEngine`."""
        data, weight = _joined(layer, inputs)
        if data.is_cuda:
            # cuDNN gathers a layer's weights at every call, a copy of a few megabytes; that is meant to be so here.
            warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")
        weights = [weight, layer.recurrent_weight, layer.bias, _recurrent_bias(layer)]
        initial = tuple(part.unsqueeze(0) for part in state)
        # has_biases, num_layers, dropout, train, bidirectional, batch_first
        if layer.cell == "lstm":
            output, hidden, cell = torch.lstm(data, initial, weights, True, 1, 0.0, layer.training, False, False)
            return output, (hidden.squeeze(0), cell.squeeze(0))
        kernel = torch.gru if layer.cell == "gru" else torch.rnn_tanh
        output, hidden = kernel(data, initial[0], weights, True, 1, 0.0, layer.training, False, False)
        return output, (hidden.squeeze(0),)


def _joined(layer: RecurrentLayer, inputs: LayerInput) -> tuple[Tensor, Tensor]:
    """Dense input and one-hot symbols as one matrix (T, N, D + V), and the weights side by side."""
    data: list[Tensor] = []
    weights: list[Tensor] = []
    if inputs.dense is not None:
        assert layer.input_weight is not None
        data.append(inputs.dense)
        weights.append(layer.input_weight)
    if inputs.symbols is not None:
        assert layer.symbol_weight is not None
        one_hot = functional.one_hot(inputs.symbols, layer.symbol_weight.shape[1]).to(layer.bias.dtype)
        if inputs.symbol_scale is not None:
            one_hot = one_hot * inputs.symbol_scale.unsqueeze(-1)
        data.append(one_hot)
        weights.append(layer.symbol_weight)
    if len(data) == 1:
        return data[0], weights[0]
    return torch.cat(data, dim=-1), torch.cat(weights, dim=-1)


def _recurrent_bias(layer: RecurrentLayer) -> Tensor:
    """The kernels' second bias: zeros, but for the gru's ``new_bias``."""
    if layer.new_bias is None:
        return torch.zeros_like(layer.bias)
    return torch.cat([layer.bias.new_zeros(2 * layer.hidden), layer.new_bias])
