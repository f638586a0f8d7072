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

from rnnlab.config import ModelConfig
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
    """Two layers of 80, some seconds on Python's own sources: enough that its distributions are sharp."""
    torch.set_num_threads(1)
    text = b"".join(Path(module.__file__).read_bytes() for module in (argparse, typing) if module.__file__)
    vocabulary = Vocabulary("bytes", sorted(set(text)))
    ids = vocabulary.encode(text).astype(np.int32)
    held_out, seen = ids[-12_000:], torch.from_numpy(ids[:-12_000].astype(np.int64))
    model = CharModel(ModelConfig(layers=2, hidden=80), vocabulary.size, seed=1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=8e-3)
    streams, window = 32, 48
    data = seen[: len(seen) // streams * streams].view(streams, -1)
    state = None
    for step in range(150):
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
