"""Drawing as work for a device: the numbers and symbols of draw.py, and fit to be captured."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import torch
from device_kit import Recorded, Tape
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config import Cell, ModelConfig
from rnnlab.model.network import CharModel
from rnnlab.model.sampling import device_draw, draw
from rnnlab.model.sampling.graph import GraphEngine
from rnnlab.model.sampling.settings import SamplingSettings
from rnnlab.model.sampling.weights import weights_of

CPU = torch.device("cpu")


@given(seed=st.integers(0, 2**64 - 1), stream=st.integers(0, 2**62), position=st.integers(0, 2**62))
def test_the_devices_numbers_are_the_hosts_bit_for_bit(seed: int, stream: int, position: int) -> None:
    streams, positions = np.array([[stream, 0, 7]]), np.array([[position], [position + 1], [0]])
    expected = draw.uniform(seed, streams, positions)
    found = device_draw.uniform(seed, torch.from_numpy(streams), torch.from_numpy(positions))
    assert np.array_equal(found.numpy(), expected)


@settings(deadline=None)
@given(
    seed=st.integers(0, 1000),
    temperature=st.sampled_from([0.0, 0.5, 1.0, 1.7]),
    top_k=st.sampled_from([0, 1, 3, 50]),
    top_p=st.sampled_from([0.1, 0.8, 1.0]),
    min_p=st.sampled_from([0.0, 0.3]),
)
def test_the_device_draws_by_the_hosts_rule(
    seed: int, temperature: float, top_k: int, top_p: float, min_p: float
) -> None:
    asked = SamplingSettings(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p)
    random = np.random.default_rng(seed)
    logits = random.normal(0, 3, (40, 13)).astype(np.float32)
    numbers = random.random(40)
    expected = draw.draw(logits, asked, numbers)
    found = device_draw.draw(torch.from_numpy(logits), asked, torch.from_numpy(numbers)).numpy()
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("cell", get_args(Cell))
@pytest.mark.parametrize(
    "cut", [{}, {"top_k": 3}, {"top_p": 0.9, "min_p": 0.1, "temperature": 0.7}, {"temperature": 0.0}]
)
@pytest.mark.parametrize("inspection", [False, True])
def test_what_is_captured_never_waits_for_the_device(cell: Cell, cut: dict[str, float], inspection: bool) -> None:
    network = CharModel(ModelConfig(cell=cell, layers=2, hidden=8, skip=cell == "gru"), 7)
    engine = GraphEngine(weights_of(network), device=CPU)
    asked = SamplingSettings(**cut)  # type: ignore[arg-type]  # numbers for numbers
    _, work = engine._work(3, 4, asked, inspection)
    runs = []
    for _ in range(2):
        with torch.inference_mode(), Recorded() as recorded:
            work()
        runs.append(recorded.seen)
    assert runs[0] == runs[1]
    assert len(runs[0]) > 20


@pytest.mark.parametrize("cell", get_args(Cell))
def test_drawing_that_is_recorded_once_and_replayed_draws_what_fresh_work_draws(cell: Cell) -> None:
    weights = weights_of(CharModel(ModelConfig(cell=cell, layers=2, hidden=16), 7))
    asked = SamplingSettings(temperature=0.8, top_p=0.9)
    random = torch.rand(3, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    texts: list[list[torch.Tensor]] = [[], []]
    for text, recorded in zip(texts, (False, True), strict=True):
        buffers, work = GraphEngine(weights, device=CPU)._work(5, 4, asked, False)
        tape = Tape()
        for chunk, numbers in enumerate(random):
            buffers.numbers.copy_(numbers)
            if recorded and chunk:
                tape.replay()
            else:
                with tape:
                    work()
            text.append(buffers.ids.clone())
    assert torch.equal(torch.cat(texts[0]), torch.cat(texts[1]))
    assert torch.cat(texts[0]).min() < torch.cat(texts[0]).max()
