"""What every sampling engine does.

An engine owns folded weights in whatever form it computes with. A `State` is a value: engines
take one and give a new one.

Shapes: N streams, T time, V vocabulary, H hidden, L layers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from rnnlab.model.sampling.draw import TOP
from rnnlab.model.sampling.settings import SamplingSettings
from rnnlab.model.sampling.weights import Floats, Weights

Ids = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class State:
    """Where N streams stand."""

    hidden: Any
    """(L, N, H); this and the next two are NumPy arrays, or tensors where an engine keeps them on a device."""
    cell: Any
    """(L, N, H); (L, N, 0) where the cell has no such state."""
    logits: Any
    """(N, V): of the next symbol."""
    stream: NDArray[np.int64]
    """(N,): the number of each stream, which with the seed decides its draws."""
    position: NDArray[np.int64]
    """(N,): how many symbols each has drawn."""

    @property
    def streams(self) -> int:
        """N."""
        return len(self.stream)

    def take(self, rows: NDArray[np.int64]) -> State:
        """The state of some streams, in the order of ``rows``; a row may come more than once."""
        return State(
            self.hidden[:, rows], self.cell[:, rows], self.logits[rows], self.stream[rows], self.position[rows]
        )

    def numbered(self, stream: NDArray[np.int64]) -> State:
        """The same state, as streams of these numbers that have drawn nothing yet."""
        return replace(self, stream=stream, position=np.zeros_like(stream))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What `Engine.generate` made."""

    ids: Ids
    """(N, T)"""
    probability: Floats | None = None
    """(N, T): of each drawn symbol, before temperature and cuts; None unless asked for."""
    likeliest: Ids | None = None
    """(N, T, 5): the likeliest symbols at each place, -1 where the vocabulary is smaller."""
    likeliest_probability: Floats | None = None
    """(N, T, 5)"""

    def note(self, t: int, chances: Floats, likeliest: Ids, likeliest_probability: Floats) -> None:
        """Keep what `inspect` says of place ``t``."""
        assert self.probability is not None
        assert self.likeliest is not None
        assert self.likeliest_probability is not None
        self.probability[:, t], self.likeliest[:, t] = chances, likeliest
        self.likeliest_probability[:, t] = likeliest_probability


class Engine(ABC):
    """A way to run a network one symbol at a time."""

    name: ClassVar[str]
    batch: ClassVar[int] = 64
    """Streams that are best computed together."""
    rigid: ClassVar[bool] = False
    """Whether a new number of streams costs a preparation, so that finished ones are better carried along."""

    def __init__(self, weights: Weights) -> None:
        self.hidden = weights.hidden
        self.layers = len(weights.layers)
        self.vocabulary_size = weights.vocabulary_size
        self.has_cell_state = weights.has_cell_state

    def start(self, streams: int = 1) -> State:
        """The state before the first symbol. Its logits are zeros: nothing is predicted yet."""
        return State(
            np.zeros((self.layers, streams, self.hidden), np.float32),
            np.zeros((self.layers, streams, self.hidden if self.has_cell_state else 0), np.float32),
            np.zeros((streams, self.vocabulary_size), np.float32),
            np.arange(streams, dtype=np.int64),
            np.zeros(streams, np.int64),
        )

    @abstractmethod
    def step(self, state: State, ids: Ids) -> State:
        """The state after reading one symbol per stream, ids (N,)."""

    def chunk(self, streams: int) -> int:
        """How many symbols to make per call so that a reader sees steady progress."""
        return max(1, 32 // max(1, streams))

    @abstractmethod
    def feed(self, state: State, ids: Ids) -> tuple[State, Floats]:
        """Read ids (N, T). Gives the state and each symbol's surprise in nats (N, T) under the logits before it."""

    def read(self, state: State, ids: Ids) -> State:
        """Read ids (N, T): the state after them."""
        for t in range(ids.shape[1]):
            state = self.step(state, ids[:, t])
        return state

    @abstractmethod
    def generate(
        self, state: State, settings: SamplingSettings, count: int, *, inspection: bool = False
    ) -> tuple[State, Drawn]:
        """Draw ``count`` symbols for every stream."""


def empty(streams: int, count: int, inspection: bool) -> Drawn:
    """Room for what will be drawn."""
    ids = np.zeros((streams, count), np.int32)
    if not inspection:
        return Drawn(ids)
    return Drawn(
        ids,
        np.zeros((streams, count), np.float32),
        np.zeros((streams, count, TOP), np.int32),
        np.zeros((streams, count, TOP), np.float32),
    )
