"""A small network that has really learnt something, shared by the tests of sampling."""

from __future__ import annotations

import argparse
import typing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional

from rnnlab.config import Cell, ModelConfig
from rnnlab.corpus.vocabulary import Vocabulary
from rnnlab.model.network import CharModel, detached


@dataclass(frozen=True)
class Trained:
    """A network, its vocabulary, and text that it has not seen."""

    model: CharModel
    vocabulary: Vocabulary
    held_out: NDArray[np.int32]


@pytest.fixture(scope="session")
def trained() -> Trained:
    """Two LSTM layers of 80."""
    return learnt("lstm", 80, 150, 8e-3)


@pytest.fixture(scope="session")
def trained_rnn() -> Trained:
    """Two tanh layers, whose states are nothing but what was rounded before."""
    return learnt("rnn", 96, 250, 3e-3)


def learnt(cell: Cell, hidden: int, steps: int, rate: float) -> Trained:
    """Some seconds on Python's own sources: enough that its distributions are sharp."""
    torch.set_num_threads(1)
    text = b"".join(Path(module.__file__).read_bytes() for module in (argparse, typing) if module.__file__)
    vocabulary = Vocabulary("bytes", sorted(set(text)))
    ids = vocabulary.encode(text).astype(np.int32)
    held_out, seen = ids[-12_000:], torch.from_numpy(ids[:-12_000].astype(np.int64))
    model = CharModel(ModelConfig(cell=cell, layers=2, hidden=hidden), vocabulary.size, seed=1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate)
    streams, window = 32, 48
    data = seen[: len(seen) // streams * streams].view(streams, -1)
    state = None
    for step in range(steps):
        at = step * window % (data.shape[1] - window - 1)
        logits, state = model(data[:, at : at + window], state)
        loss = functional.cross_entropy(logits.flatten(0, 1), data[:, at + 1 : at + window + 1].flatten())
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        state = detached(state)
    assert loss.item() < 2.5, "the network has not learnt"
    return Trained(model.eval(), vocabulary, held_out)
