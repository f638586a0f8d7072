"""The sampler: a network, a vocabulary and an engine; texts come out as they are made.

Every stream has a number, and what it draws depends on its number, the seed and its own text
alone. So sample 7 of a hundred is sample 7 of eight, whatever was computed beside it. Knows
neither files nor terminals.

Shapes: N streams, T time, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from rnnlab.corpus.vocabulary import Vocabulary
from rnnlab.model.checkpoint import Checkpoint
from rnnlab.model.network import CharModel
from rnnlab.model.sampling.choice import EngineName, make_engine
from rnnlab.model.sampling.endings import Ending
from rnnlab.model.sampling.engine import Drawn, Engine, Ids, State
from rnnlab.model.sampling.settings import SamplingSettings
from rnnlab.model.sampling.weights import Floats, Weights, weights_of

_READ = 4096  # symbols of a prompt per call


@dataclass(frozen=True, slots=True)
class Piece:
    """The next symbols of one stream."""

    stream: int
    """Its number, from 0."""
    ids: Ids
    """(T,): at least one symbol, unless the stream ends without another."""
    finished: bool
    """Whether the stream's text is complete."""
    probability: Floats | None = None
    """(T,): of each symbol under the model, before temperature and cuts; -log2 of it is its surprise in bits."""
    likeliest: Ids | None = None
    """(T, 5): the likeliest symbols at each place, best first; -1 where the vocabulary is smaller."""
    likeliest_probability: Floats | None = None
    """(T, 5)"""
    cut_off: bool = False
    """Whether the text ended at its length, before the stop text or the function that was to end it."""


class Sampler:
    """Draws texts from a network.

    Args:
        engine: what runs it, made for a snapshot of its weights.
        vocabulary: of prompts and texts.
    """

    def __init__(self, engine: Engine, vocabulary: Vocabulary) -> None:
        self.engine = engine
        self.vocabulary = vocabulary

    @classmethod
    def of(
        cls,
        source: CharModel | Checkpoint | Weights,
        vocabulary: Vocabulary | None = None,
        *,
        engine: EngineName = "auto",
        device: torch.device | str = "cpu",
        threads: int = 1,
    ) -> Sampler:
        """A sampler of a live network, a loaded checkpoint or folded weights.

        The weights are copied: training may go on, in this thread or another, while it samples.

        Raises:
            ConfigError: where the engine cannot be had here.
            FailedError: where the weights are not numbers any more.
        """
        if isinstance(source, Checkpoint):
            vocabulary = vocabulary or Vocabulary.from_json(source.vocabulary_json)
            source = source.build_model()
        assert vocabulary is not None, "only a checkpoint brings its own vocabulary"
        weights = weights_of(source) if isinstance(source, CharModel) else source
        return cls(make_engine(weights, engine, device=torch.device(device), threads=threads), vocabulary)

    def opening(self) -> Ids:
        """What an empty prompt stands for, (1,): a line break, since text begins after one; else the first symbol."""
        codes = list(self.vocabulary.symbols)
        return np.array([codes.index(10) if 10 in codes else 0], np.int32)

    def stream(
        self, prompt: ArrayLike, settings: SamplingSettings, n: int = 1, *, first: int = 0, inspection: bool = False
    ) -> Iterator[Piece]:
        """The texts of ``n`` streams, numbered from ``first``, piece by piece as they are made.

        Args:
            prompt: ids (T,) read before the first draw; not part of the text. Empty: `opening`.
            inspection: give the probabilities as well.

        Raises:
            VocabularyError: where the stop text cannot occur.
        """
        ids = np.asarray(prompt).astype(np.int32).ravel()
        Ending(settings, self.vocabulary)  # refuses what it cannot do before the work begins
        ready = self.engine.start(1)
        for begin in range(0, max(1, len(ids)), _READ):  # in pieces, between which Ctrl-C is heard
            ready = self.engine.read(ready, (ids if len(ids) else self.opening())[None, begin : begin + _READ])
        return self._batches(ids, ready, settings, n, first, inspection)

    def _batches(
        self, prompt: Ids, ready: State, settings: SamplingSettings, n: int, first: int, inspection: bool
    ) -> Iterator[Piece]:
        batch = self.engine.batch
        for begin in range(first, first + n, batch):
            numbers = np.arange(begin, min(begin + batch, first + n), dtype=np.int64)
            state = ready.take(np.zeros(len(numbers), np.int64)).numbered(numbers)
            endings = {int(number): Ending(settings, self.vocabulary, prompt) for number in numbers}
            yield from self._run(state, settings, endings, inspection)

    def _run(
        self, state: State, settings: SamplingSettings, endings: dict[int, Ending], inspection: bool
    ) -> Iterator[Piece]:
        while state.streams:
            remaining = [left for ending in endings.values() if (left := ending.remaining()) is not None]
            count = min([self.engine.chunk(state.streams), *([max(remaining)] if remaining else [])])
            state, drawn = self.engine.generate(state, settings, count, inspection=inspection)
            going = []
            for row, number in enumerate(state.stream.tolist()):
                if number not in endings:
                    continue
                end = endings[number].cut(drawn.ids[row])
                yield _piece(number, drawn, row, end, endings[number].cut_off)
                if end is None:
                    going.append(row)
                else:
                    del endings[number]
            if len(going) * (2 if self.engine.rigid and going else 1) < state.streams:
                state = state.take(np.array(going, np.int64))

    def sample(self, prompt: ArrayLike, settings: SamplingSettings, n: int = 1) -> list[Ids]:
        """The complete texts of ``n`` streams; the settings must let each one end."""
        parts: list[list[Ids]] = [[] for _ in range(n)]
        for piece in self.stream(prompt, settings, n):
            parts[piece.stream].append(piece.ids)
        return [np.concatenate(pieces) for pieces in parts]

    def surprise(self, ids: ArrayLike) -> Floats:
        """Nats of each symbol of a text (T,) under the model, (T,); the first is read after `opening`."""
        state = self.engine.read(self.engine.start(1), self.opening()[None, :])
        _, nats = self.engine.feed(state, np.asarray(ids).astype(np.int32)[None, :])
        first: Floats = nats[0]
        return first


def _piece(number: int, drawn: Drawn, row: int, end: int | None, cut_off: bool) -> Piece:
    def part(values: NDArray[Any] | None) -> NDArray[Any] | None:
        return None if values is None else values[row, :end]

    return Piece(
        number,
        drawn.ids[row, :end],
        end is not None,
        part(drawn.probability),
        part(drawn.likeliest),
        part(drawn.likeliest_probability),
        cut_off,
    )
