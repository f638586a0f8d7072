"""How many numbers a network learns, known without building it.

The dashboard, the presets and ``--show-config`` print the count before anything heavy is
loaded, so this module must never know torch. A test holds it to the real network.
"""

from __future__ import annotations

from rnnlab.config import Cell, ModelConfig

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


def parameter_count(config: ModelConfig, vocabulary_size: int) -> int:
    """Learnt numbers of ``CharModel(config, vocabulary_size)``."""
    rows = GATES[config.cell] * config.hidden
    total = vocabulary_size * config.embedding
    for layer in range(config.layers):
        symbols = vocabulary_size if sees_symbols(config, layer) else 0
        total += rows * (dense_width(config, layer) + symbols + config.hidden + 1)
        total += config.hidden if config.cell == "gru" else 0
    return total + vocabulary_size * (output_width(config) + 1)
