"""The draw: a naive reading of its rule, its random numbers, and its frequencies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnnlab.errors import ConfigError
from rnnlab.model.sampling.draw import draw, inspect, uniform
from rnnlab.model.sampling.settings import SamplingSettings

Row = NDArray[np.float32]


def numbers(count: int, seed: int = 0, stream: int = 0) -> NDArray[np.float64]:
    return uniform(seed, np.array(stream), np.arange(count))


def test_philox_gives_the_published_numbers() -> None:
    # Random123's known answers for philox4x32-10: counter and key all zero, and all ones.
    zero, ones = 0x6627E8D5E169C58D >> 11, 0x408F276D41C83B0E >> 11
    assert uniform(0, np.array(0), np.array(0)) == zero * 2.0**-53
    everything = np.array(-1)  # 64 bits of ones
    assert uniform(2**64 - 1, everything, everything) == ones * 2.0**-53


def test_numbers_are_uniform_and_differ_between_seeds_streams_and_places() -> None:
    drawn = uniform(9, np.arange(100)[:, None], np.arange(500)[None, :])
    assert len(np.unique(drawn)) == drawn.size
    counts = np.histogram(drawn, bins=50, range=(0, 1))[0]
    assert float(((counts - 1000) ** 2 / 1000).sum()) < 100  # chi squared, 49 degrees of freedom
    assert not np.intersect1d(drawn, uniform(10, np.arange(100)[:, None], np.arange(500)[None, :])).size


def naive(row: Row, s: SamplingSettings, number: float) -> int:
    """The rule as the settings' docstring says it, symbol by symbol."""
    if s.temperature == 0:
        return int(row.argmax())
    chances = np.exp((row.astype(np.float64) - row.max()) / s.temperature)
    order = sorted(range(len(row)), key=lambda v: (-row[v], v))
    kept = order[: s.top_k] if s.top_k else order
    if s.top_p < 1:
        total, sum_, short = sum(chances[v] for v in kept), 0.0, []
        for v in kept:
            short.append(v)
            sum_ += chances[v]
            if sum_ >= s.top_p * total:
                break
        kept = short
    kept = [v for v in sorted(kept) if chances[v] >= s.min_p * chances.max()]
    target = number * sum(chances[v] for v in kept)
    for v in kept:
        target -= chances[v]
        if target < 0:
            return v
    return kept[-1]


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    vocabulary=st.integers(1, 40),
    spread=st.sampled_from([0.5, 3.0, 20.0]),
    temperature=st.sampled_from([0.0, 0.3, 1.0, 2.5]),
    top_k=st.integers(0, 12),
    top_p=st.sampled_from([0.05, 0.5, 0.9, 1.0]),
    min_p=st.sampled_from([0.0, 0.02, 0.3, 1.0]),
)
def test_the_draw_follows_its_rule(
    seed: int, vocabulary: int, spread: float, temperature: float, top_k: int, top_p: float, min_p: float
) -> None:
    generator = np.random.default_rng(seed)
    logits = (generator.normal(size=(6, vocabulary)) * spread).astype(np.float32)
    asked = SamplingSettings(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p)
    where = numbers(6, seed=seed)
    expected = [naive(row, asked, number) for row, number in zip(logits, where, strict=True)]
    assert draw(logits, asked, where).tolist() == expected


def test_frequencies_are_the_softmax_at_the_temperature() -> None:
    row = np.array([0.0, 1.0, 2.0, -1.0], np.float32)
    drawn = draw(np.tile(row, (40_000, 1)), SamplingSettings(temperature=0.5), numbers(40_000))
    expected = np.exp(row / 0.5) / np.exp(row / 0.5).sum()
    np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 40_000, expected, atol=0.01)


def test_ties_go_to_the_smaller_symbol() -> None:
    logits = np.zeros((1, 5), np.float32)
    assert draw(logits, SamplingSettings(temperature=0), numbers(1)).tolist() == [0]
    kept = {int(draw(logits, SamplingSettings(top_k=2), numbers(1, seed=seed))[0]) for seed in range(50)}
    assert kept == {0, 1}


def test_inspection_shows_the_untouched_distribution() -> None:
    logits = np.log(np.array([[0.1, 0.6, 0.3]], np.float32))
    chance, top, chances = inspect(logits, np.array([0], np.int32))
    assert chance[0] == pytest.approx(0.1)
    assert top.tolist() == [[1, 2, 0, -1, -1]]
    np.testing.assert_allclose(chances[0], [0.6, 0.3, 0.1, 0, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("name", "value"), [("temperature", -1), ("temperature", float("nan")), ("top_p", 0), ("min_p", 2), ("seed", -1)]
)
def test_settings_out_of_range_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=name):
        SamplingSettings(**{name: value})  # type: ignore[arg-type]  # the table mixes types on purpose
