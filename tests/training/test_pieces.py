"""Batches, validation, divergence and averaging, each against a naive reference."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.errors import ConfigError
from rnnlab.training.batches import Batches
from rnnlab.training.divergence import DivergenceWatch
from rnnlab.training.optimizers import AveragedWeights
from rnnlab.training.validation import measure, sum_losses


class ArrayPart:
    """A part of a corpus that lies in memory."""

    def __init__(self, ids: object) -> None:
        self.ids = np.asarray(ids, dtype=np.uint8)

    def __len__(self) -> int:
        return len(self.ids)

    def read(self, start: int, stop: int) -> np.ndarray:
        assert 0 <= start <= stop <= len(self.ids)
        return self.ids[start:stop]


class ArrayStreams:
    """Contiguous equal shares of an array."""

    def __init__(self, ids: np.ndarray, count: int) -> None:
        self.length = len(ids) // count
        self.rows = np.asarray(ids[: self.length * count], dtype=np.uint8).reshape(count, self.length)

    def read(self, start: int, stop: int) -> np.ndarray:
        return self.rows[:, start:stop]


@given(length=st.integers(20, 400), count=st.integers(1, 4), window=st.integers(1, 12), steps=st.integers(1, 60))
def test_windows_follow_one_another_in_every_stream_and_targets_are_the_next_symbols(
    length: int, count: int, window: int, steps: int
) -> None:
    ids = np.arange(length) % 251
    streams = ArrayStreams(ids, count)
    if streams.length <= window:
        with pytest.raises(ConfigError, match="window"):
            Batches(streams, count, window)
        return
    batches = Batches(streams, count, window)
    for index in range(steps):
        batch = batches.at(index)
        place = index % batches.per_epoch
        start = place * window
        assert batch.first == (place == 0)
        assert np.array_equal(batch.inputs, streams.rows[:, start : start + window])
        assert np.array_equal(batch.targets, streams.rows[:, start + 1 : start + window + 1])


class Echo(torch.nn.Module):
    """Predicts from the count of symbols it has seen and the last one: any lost state shows in the loss."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.table = torch.randn(vocabulary, vocabulary, generator=torch.Generator().manual_seed(1))

    def forward(self, ids: torch.Tensor, state: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        memory = torch.zeros(ids.shape[0], self.table.shape[0]) if state is None else state
        logits = []
        for t in range(ids.shape[1]):
            # Forgets by half each symbol, so that a warm-up of some hundred symbols gives the whole state.
            memory = 0.5 * memory + self.table[ids[:, t]]
            logits.append(memory)
        return torch.stack(logits, dim=1), memory


@settings(max_examples=15, deadline=None)
@given(length=st.integers(2, 9000), seed=st.integers(0, 99))
def test_validation_predicts_every_character_but_the_first_exactly_once(length: int, seed: int) -> None:
    ids = np.random.default_rng(seed).integers(0, 7, length)
    network = Echo(7)
    measured = measure(network, ArrayPart(ids), torch.device("cpu"))
    logits, _ = network(torch.from_numpy(ids[None, :-1]), None)
    naive = torch.nn.functional.cross_entropy(logits[0], torch.from_numpy(ids[1:])).item()
    assert measured is not None
    assert measured.chars == length - 1
    assert measured.loss == pytest.approx(naive, abs=1e-5)
    assert measured.bits_per_character == pytest.approx(naive / math.log(2), abs=1e-5)


def test_validation_can_be_cut_short_and_then_says_nothing() -> None:
    assert measure(Echo(7), ArrayPart(np.zeros(5000, int)), torch.device("cpu"), keep_going=lambda: False) is None


@settings(max_examples=8, deadline=None)
@given(length=st.integers(2, 9000), ranks=st.integers(2, 5))
def test_the_shares_of_several_ranks_add_up_to_the_whole_validation(length: int, ranks: int) -> None:
    part = ArrayPart(np.random.default_rng(length).integers(0, 7, length))
    whole = measure(Echo(7), part, torch.device("cpu"))
    sums = [sum_losses(Echo(7), part, torch.device("cpu"), share=(rank, ranks)) for rank in range(ranks)]
    losses, chars = zip(*(own for own in sums if own is not None), strict=True)
    assert whole is not None
    assert sum(chars) == whole.chars == length - 1
    assert sum(losses) / sum(chars) == pytest.approx(whole.loss, rel=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_loss_or_a_gradient_that_is_no_number_is_divergence(bad: float) -> None:
    assert DivergenceWatch(50).look([1.0, bad], [1.0, 1.0])
    assert DivergenceWatch(50).look([1.0, 1.0], [1.0, bad])


def test_a_loss_far_above_the_lowest_or_above_knowing_nothing_is_divergence() -> None:
    watch = DivergenceWatch(50)
    assert not watch.look([3.9], [1.0])
    assert not watch.look([1.5], [1.0])
    assert not watch.look([3.4], [1.0])
    for _ in range(400):
        assert not watch.look([1.5], [1.0])
    assert "rose to 3.60" in watch.look([3.6], [1.0])
    assert DivergenceWatch(50).look([math.log(50) + 1.1], [1.0])


def test_one_easy_batch_makes_no_divergence_of_what_follows() -> None:
    watch = DivergenceWatch(50)
    for loss in (*[1.5] * 300, 0.1, *[1.5, 2.3] * 300):
        assert not watch.look([loss], [1.0])


@given(decay=st.floats(0.01, 0.999), values=st.lists(st.floats(-10, 10), min_size=1, max_size=20))
def test_averaged_weights_are_the_normalised_exponential_average(decay: float, values: list[float]) -> None:
    weight = torch.nn.Parameter(torch.zeros(3, dtype=torch.float64))
    averaged = AveragedWeights([weight], decay)
    for value in values:
        weight.data.fill_(value)
        averaged.update()
    shares = [decay ** (len(values) - 1 - k) for k in range(len(values))]
    expected = sum(s * v for s, v in zip(shares, values, strict=True)) / sum(shares)
    assert averaged.average[0][0].item() == pytest.approx(expected, abs=1e-9)


def test_swapping_averaged_weights_twice_changes_nothing() -> None:
    weight = torch.nn.Parameter(torch.randn(4))
    averaged = AveragedWeights([weight], 0.9)
    averaged.update()
    weight.data.add_(1)
    averaged.update()
    before = weight.detach().clone()
    averaged.swap()
    assert not torch.equal(weight, before)
    averaged.swap()
    assert torch.equal(weight, before)
