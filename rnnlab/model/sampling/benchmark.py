"""How fast engines sample on this machine, against the obvious loop.

The baseline is what a person writes first: ``nn.LSTM`` in float32, one symbol in, softmax,
``torch.multinomial``, one symbol out. Both are timed in turn, A B A B, so that what else the
machine does hits both; medians of the rounds are compared.

Shapes: N streams, V vocabulary, H hidden, L layers.
"""

from __future__ import annotations

import contextlib
import functools
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from rnnlab.config import ModelConfig
from rnnlab.model.network import CharModel
from rnnlab.model.sampling.choice import EngineName, make_engine
from rnnlab.model.sampling.settings import SamplingSettings
from rnnlab.model.sampling.weights import weights_of


class PlainSampler(nn.Module):
    """The baseline: embedding, ``nn.LSTM``, linear, and a loop."""

    def __init__(self, layers: int, hidden: int, vocabulary_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, hidden)
        self.lstm = nn.LSTM(hidden, hidden, layers, batch_first=True)
        self.output = nn.Linear(hidden, vocabulary_size)

    @torch.no_grad()
    def sample(self, streams: int, length: int) -> Tensor:
        """Ids (N, T), one symbol at a time."""
        ids = torch.zeros(streams, 1, dtype=torch.int64, device=self.output.weight.device)
        state = None
        for _ in range(length):
            features, state = self.lstm(self.embedding(ids[:, -1:]), state)
            chances = torch.softmax(self.output(features[:, -1]), dim=-1)
            ids = torch.cat([ids, torch.multinomial(chances, 1)], dim=1)
        return ids[:, 1:]


@dataclass(frozen=True, slots=True)
class SamplingSpeed:
    """One row of the speed table; speeds in characters per second over all streams."""

    model: str
    device: str
    engine: str
    streams: int
    chars_per_second: float
    baseline_chars_per_second: float

    @property
    def ratio(self) -> float:
        """How many times as fast as the baseline."""
        return self.chars_per_second / self.baseline_chars_per_second


def measure_sampling(
    layers: int = 3,
    hidden: int = 512,
    *,
    streams: int = 1,
    vocabulary_size: int = 100,
    engine: EngineName = "auto",
    device: torch.device | str = "cpu",
    threads: int = 1,
    rounds: int = 5,
    seconds: float = 0.5,
) -> SamplingSpeed:
    """Time an engine on an LSTM of that size with fresh weights, each round about ``seconds`` per contender."""
    device = torch.device(device)
    plain = PlainSampler(layers, hidden, vocabulary_size).to(device).eval()
    model = CharModel(ModelConfig(layers=layers, hidden=hidden), vocabulary_size)
    runner = make_engine(weights_of(model), engine, device=device, threads=threads)
    state = runner.start(streams)
    settings = SamplingSettings()
    baseline_threads = _best_threads(plain, streams) if device.type == "cpu" else torch.get_num_threads()

    def ours(length: int) -> None:
        nonlocal state
        chunk = runner.chunk(streams)
        for _ in range(max(1, length // chunk)):
            state, _drawn = runner.generate(state, settings, chunk)

    def theirs(length: int) -> None:
        with _torch_threads(baseline_threads):
            plain.sample(streams, length)

    chunk = runner.chunk(streams)
    lengths = [_length(ours, seconds, chunk), _length(theirs, seconds, 1)]
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for contender, length, rate in zip((ours, theirs), lengths, rates, strict=True):
            rate.append(streams * length / _seconds(contender, length))
    return SamplingSpeed(
        f"lstm-{layers}x{hidden}",
        str(device),
        runner.name,
        streams,
        statistics.median(rates[0]),
        statistics.median(rates[1]),
    )


@contextlib.contextmanager
def _torch_threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _best_threads(plain: PlainSampler, streams: int) -> int:
    """One thread or all of them, whichever the baseline is faster with: on a busy machine many are slow."""
    paces = {}
    for count in {1, torch.get_num_threads()}:
        with _torch_threads(count):
            paces[count] = _seconds(functools.partial(_run_plain, plain, streams), 12)
    return min(paces, key=paces.__getitem__)


def _run_plain(plain: PlainSampler, streams: int, length: int) -> None:
    plain.sample(streams, length)


def _seconds(work: Callable[[int], None], length: int) -> float:
    begin = time.perf_counter()
    work(length)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - begin


def _length(work: Callable[[int], None], seconds: float, unit: int) -> int:
    """A multiple of ``unit`` that takes about ``seconds``, after a warm-up."""
    _seconds(work, 4 * unit)
    pace = _seconds(work, 8 * unit) / 8
    return unit * int(np.clip(seconds / max(pace, 1e-9), 1, 1_000_000))
