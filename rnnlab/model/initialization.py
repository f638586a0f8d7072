"""What the weights are before the first step.

scaled   recurrent weights orthogonal gate by gate (Saxe et al. 2014), all others normal with
         standard deviation 1/sqrt(fan-in); the forget gate's bias starts at ``forget_bias``
         (Jozefowicz et al. 2015).
uniform  every weight in ±0.08, as in Karpathy, Johnson and Fei-Fei 2015; biases as above.

Numbers are drawn on the CPU in float32 and in a fixed order, so a seed gives the same weights
on every device and in every format.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from rnnlab.config import ModelConfig
from rnnlab.model.layer import RecurrentLayer

UNIFORM_BOUND = 0.08


def initialize_matrix(weight: Tensor, config: ModelConfig, generator: torch.Generator, *, fan_in: int) -> None:
    """Fill an input, embedding or output matrix in place."""
    drawn = torch.empty(weight.shape)
    if config.initialization == "uniform":
        drawn.uniform_(-UNIFORM_BOUND, UNIFORM_BOUND, generator=generator)
    else:
        drawn.normal_(0.0, 1.0 / math.sqrt(fan_in), generator=generator)
    _fill(weight, drawn)


def initialize_layer(layer: RecurrentLayer, config: ModelConfig, generator: torch.Generator) -> None:
    """Fill all parameters of a layer in place."""
    for weight in (layer.input_weight, layer.symbol_weight):
        if weight is not None:
            initialize_matrix(weight, config, generator, fan_in=weight.shape[1])
    if config.initialization == "uniform":
        initialize_matrix(layer.recurrent_weight, config, generator, fan_in=layer.hidden)
    else:
        for gate in layer.recurrent_weight.view(-1, layer.hidden, layer.hidden):
            drawn = torch.empty(gate.shape)
            torch.nn.init.orthogonal_(drawn, generator=generator)
            _fill(gate, drawn)
    with torch.no_grad():
        layer.bias.zero_()
        if layer.cell == "lstm":
            layer.bias[layer.hidden : 2 * layer.hidden] = config.forget_bias
        if layer.new_bias is not None:
            layer.new_bias.zero_()


def _fill(weight: Tensor, drawn: Tensor) -> None:
    with torch.no_grad():
        weight.copy_(drawn)
