"""How large a network is, known without building it: parameters, memory, work per character.

The presets, ``--show-config`` and the dashboard print these before anything heavy is loaded, so
this module must never know torch. A test holds the count to the real network. V vocabulary,
D embedding, H hidden, L layers, G gates, N streams, T time.
"""

from __future__ import annotations

from rnnlab.config import Cell, ModelConfig, TrainingConfig

GATES: dict[Cell, int] = {"lstm": 4, "gru": 3, "rnn": 1}
"""Gates per unit, G: rows of a layer's weights per hidden unit."""


def dense_width(config: ModelConfig, layer: int) -> int:
    """Components of the dense input of one layer (0 where it sees nothing but symbols)."""
    if layer == 0:
        return config.embedding
    return config.hidden + (config.embedding if config.skip else 0)


def sees_symbols(config: ModelConfig, layer: int) -> bool:
    """Whether one-hot symbols reach this layer directly."""
    return config.embedding == 0 and (layer == 0 or config.skip)


def output_width(config: ModelConfig) -> int:
    """Components that the output layer sees: the last layer's units, with skips every layer's."""
    return config.hidden * (config.layers if config.skip else 1)


def parameter_count(config: ModelConfig, vocabulary: int) -> int:
    """Numbers that the network learns over a vocabulary of V symbols.

    One bias per gate; a GRU has a second one for the recurrent part of its candidate (as in cuDNN).
    """
    total = vocabulary * config.embedding
    for layer in range(config.layers):
        total += _rows(config) * (dense_width(config, layer) + config.hidden + 1)
        total += _rows(config) * vocabulary if sees_symbols(config, layer) else 0
        total += config.hidden if config.cell == "gru" else 0
    return total + vocabulary * (output_width(config) + 1)


def operations_per_char(config: ModelConfig, vocabulary: int) -> int:
    """Floating-point operations to train on one character: multiply and add, forward and twice that backward.

    One-hot symbols and the embedding are looked up, which costs next to nothing.
    """
    multiplied = vocabulary * output_width(config)
    for layer in range(config.layers):
        multiplied += _rows(config) * (dense_width(config, layer) + config.hidden)
    return 6 * multiplied


def training_memory(config: ModelConfig, training: TrainingConfig, vocabulary: int) -> int:
    """Bytes that training needs at its peak, in float32 and without the library itself: an estimate.

    Weights, their gradient, the optimizer's averages and the averaged weights; per character of a
    batch (N × T) what the backward pass needs again: gates, states and outputs of every layer, and the
    logits with their gradient.
    """
    copies = 2 + (2 if training.optimizer == "adamw" else 1) + (1 if training.weight_average else 0)
    states = 2 if config.cell == "lstm" else 1
    kept = sum(_rows(config) + states * config.hidden + dense_width(config, layer) for layer in range(config.layers))
    kept += output_width(config) + 2 * vocabulary
    return 4 * (copies * parameter_count(config, vocabulary) + kept * training.streams * training.window)


def _rows(config: ModelConfig) -> int:
    return GATES[config.cell] * config.hidden
