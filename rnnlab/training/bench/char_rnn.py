"""Updates as char-rnn.pytorch makes them: a Python loop over the characters of a chunk.

github.com/spro/char-rnn.pytorch is what many people find first. Each chunk starts from a zero
state; for every character the symbols of all texts go through embedding, recurrent layers and
output, and the loss is added up; then one backward pass and one step of Adam, without clipping.
By default it learns from 100 texts of 200 characters at a time. Written anew from that description.

N streams, T characters in a chunk, V vocabulary, H hidden, L layers.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from rnnlab.training.batches import Batch

LOOP = "char-rnn's loop"
STREAMS, WINDOW = 100, 200
_RATE = 1e-3


class CharacterLoop:
    """Trains a network, from ids (N, T) and a state to logits (N, T, V) and a state, character by character."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._optimizer = torch.optim.Adam(model.parameters(), lr=_RATE)

    def step(self, batch: Batch) -> None:
        """One update."""
        state, loss = None, torch.zeros(())
        self._optimizer.zero_grad()
        for place in range(batch.inputs.shape[1]):
            logits, state = self._model(batch.inputs[:, place : place + 1], state)
            loss = loss + functional.cross_entropy(logits[:, 0], batch.targets[:, place])
        torch.autograd.backward(loss)
        self._optimizer.step()
