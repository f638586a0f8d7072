"""The size of a network, known without building it."""

from __future__ import annotations

import itertools

import pytest

from rnnlab.config import Cell, ModelConfig, TrainingConfig
from rnnlab.model_size import operations_per_char, parameter_count, training_memory


def naive_count(config: ModelConfig, vocabulary: int) -> int:
    """Every array of the network, written down shape by shape."""
    symbol = config.embedding or vocabulary
    shapes: list[tuple[int, ...]] = [(vocabulary, config.embedding)] if config.embedding else []
    gates = {"lstm": "ifgo", "gru": "rzn", "rnn": "h"}[config.cell]
    for layer in range(config.layers):
        below = symbol if layer == 0 else config.hidden + (symbol if config.skip else 0)
        for _ in gates:
            shapes += [(config.hidden, below), (config.hidden, config.hidden), (config.hidden,)]
        if config.cell == "gru":
            shapes += [(config.hidden,)]
    seen = sum(config.hidden for layer in range(config.layers) if config.skip or layer == config.layers - 1)
    shapes += [(vocabulary, seen), (vocabulary,)]
    total = 0
    for shape in shapes:
        size = 1
        for side in shape:
            size *= side
        total += size
    return total


CELLS: tuple[Cell, ...] = ("lstm", "gru", "rnn")


@pytest.mark.parametrize(("cell", "skip"), itertools.product(CELLS, (False, True)))
def test_the_count_is_that_of_all_arrays(cell: Cell, skip: bool) -> None:
    for layers, hidden, embedding, vocabulary in itertools.product((1, 2, 3), (1, 7), (0, 5), (2, 11)):
        config = ModelConfig(cell=cell, layers=layers, hidden=hidden, embedding=embedding, skip=skip)
        assert parameter_count(config, vocabulary) == naive_count(config, vocabulary)


def test_the_model_of_the_essay_has_about_ten_million_parameters() -> None:
    """Three layers of 700 on the kernel; the essay says: approximately 10 million."""
    assert parameter_count(ModelConfig(layers=3, hidden=700), 98) == pytest.approx(10.2e6, rel=0.01)


def test_memory_grows_with_the_batch_and_with_what_is_kept_of_each_weight() -> None:
    model = ModelConfig(layers=2, hidden=256)
    small, large = TrainingConfig(streams=32, window=64), TrainingConfig(streams=64, window=64)
    averaged = TrainingConfig(streams=32, window=64, weight_average=0.999)
    weights = 4 * parameter_count(model, 98)
    assert training_memory(model, averaged, 98) - training_memory(model, small, 98) == weights
    per_batch = training_memory(model, large, 98) - training_memory(model, small, 98)
    assert training_memory(model, small, 98) == 4 * weights + per_batch


def test_work_per_character_is_six_operations_per_multiplied_weight() -> None:
    assert operations_per_char(ModelConfig(cell="rnn", layers=1, hidden=10), 5) == 6 * (10 * 10 + 5 * 10)
    assert operations_per_char(ModelConfig(cell="lstm", layers=2, hidden=10, embedding=3), 5) == 6 * (
        40 * (3 + 10) + 40 * (10 + 10) + 5 * 10
    )
