"""Whole updates of a network: batch, forward, loss, backward, clipping, optimizer.

The baseline is what a person writes first: ``nn.Embedding``, ``nn.LSTM`` and ``nn.Linear`` in
float32, eager, trained by AdamW. Ours is what `rnnlab train` runs: the `Stepper` with the layer
engine that timing prefers, on the same batches, with AdamW for the same work and with Muon. Both
have an embedding as wide as the layers, so they differ in nothing but one bias vector a layer.

N streams, T characters in a window, V vocabulary, H hidden, L layers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.config import ModelConfig, Optimizer, TrainingConfig
from rnnlab.cores import usable_threads
from rnnlab.model.engine_choice import choose_layer_engine, make_engine
from rnnlab.model.network import CharModel
from rnnlab.training.batches import Batch, Batches
from rnnlab.training.bench import char_rnn
from rnnlab.training.bench.turns import Contender, Effort, Measurement, faster_threads, take_turns
from rnnlab.training.ranks import ALONE
from rnnlab.training.steppers import stepper_for

VOCABULARY = 96
_RATE = 1e-3
_CLIP_NORM = 1.0
_WINDOWS = 32
OPTIMIZERS: tuple[Optimizer, ...] = ("adamw", "muon")

PlainState = tuple[Tensor, Tensor] | None


class PlainModel(nn.Module):
    """The baseline's network: embedding, ``nn.LSTM``, linear."""

    def __init__(self, layers: int, hidden: int, vocabulary_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, hidden)
        self.lstm = nn.LSTM(hidden, hidden, layers, batch_first=True)
        self.output = nn.Linear(hidden, vocabulary_size)

    def forward(self, ids: Tensor, state: PlainState = None) -> tuple[Tensor, PlainState]:
        """Logits (N, T, V) and the state after the window."""
        features, state = self.lstm(self.embedding(ids), state)
        return self.output(features), state


class PlainTraining:
    """The baseline's loop over batches."""

    def __init__(self, layers: int, hidden: int, device: torch.device) -> None:
        self.model = PlainModel(layers, hidden, VOCABULARY).to(device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=_RATE)
        self.device = device
        self.state: PlainState = None

    def step(self, batch: Batch) -> None:
        """One update."""
        inputs, targets = batch.inputs.to(self.device), batch.targets.to(self.device)
        logits, state = self.model(inputs, self.state)
        loss = functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        nn.utils.clip_grad_norm_(self.model.parameters(), _CLIP_NORM)
        self.optimizer.step()
        assert state is not None
        self.state = (state[0].detach(), state[1].detach())


class RandomStreams:
    """Symbols that cannot be learnt, in memory: an update takes as long as on text."""

    def __init__(self, count: int, window: int) -> None:
        self.length = _WINDOWS * window + 1
        generator = np.random.default_rng(0)
        self._rows = generator.integers(0, VOCABULARY, (count, self.length), dtype=np.uint8)

    def read(self, start: int, stop: int) -> np.ndarray:
        """Symbols (N, stop - start)."""
        return self._rows[:, start:stop]


def measure_training(
    layers: int, hidden: int, device: torch.device, effort: Effort, *, streams: int = 0, window: int = 0
) -> list[Measurement]:
    """Updates with each optimizer, against the baseline's with AdamW.

    Args:
        streams: N; 0 for 32 on a CPU and 128 elsewhere.
        window: T; 0 for 64 on a CPU and 128 elsewhere.
    """
    on_cpu = device.type == "cpu"
    streams, window = streams or (32 if on_cpu else 128), window or (64 if on_cpu else 128)
    batches = Batches(RandomStreams(streams, window), streams, window)
    return _against(PlainTraining(layers, hidden, device).step, layers, hidden, device, effort, batches, OPTIMIZERS)


def measure_against_char_rnn(
    layers: int, hidden: int, effort: Effort, *, streams: int = char_rnn.STREAMS, window: int = char_rnn.WINDOW
) -> list[Measurement]:
    """Updates with AdamW on a CPU, against a loop over characters; N and T are its defaults."""
    batches = Batches(RandomStreams(streams, window), streams, window)
    loop = char_rnn.CharacterLoop(PlainModel(layers, hidden, VOCABULARY))
    return _against(loop.step, layers, hidden, torch.device("cpu"), effort, batches, ("adamw",), char_rnn.LOOP)


def _against(
    plain_step: Callable[[Batch], None],
    layers: int,
    hidden: int,
    device: torch.device,
    effort: Effort,
    batches: Batches,
    optimizers: Sequence[Optimizer],
    baseline: str = "nn.LSTM",
) -> list[Measurement]:
    """Ours with each optimizer, in turns with a baseline on the same batches."""
    finish = torch.cuda.synchronize if device.type == "cuda" else _nothing
    plain_work = _over(batches, plain_step)
    plain_threads = faster_threads(plain_work) if device.type == "cpu" else usable_threads()
    networks = [
        CharModel(ModelConfig(layers=layers, hidden=hidden, embedding=hidden), VOCABULARY).to(device)
        for _ in optimizers
    ]
    choice = choose_layer_engine(networks[0], batches.count, batches.window)
    contenders = [Contender(plain_work, plain_threads, finish)]
    for network, optimizer in zip(networks, optimizers, strict=True):
        network.engine = make_engine(choice.engine)
        work = _updates(network, optimizer, device, batches)
        contenders.append(Contender(work, choice.threads, finish))
    plain, *ours = take_turns(contenders, effort)
    about = {"model": f"lstm-{layers}x{hidden}", "device": device.type}
    threads = {"threads": choice.threads, "baseline_threads": plain_threads}
    notes = {"baseline": baseline, "streams": batches.count, "window": batches.window, **threads}
    return [
        Measurement(
            {**about, "optimizer": optimizer, "engine": choice.engine},
            "chars",
            batches.chars / seconds,
            batches.chars / plain,
            notes,
        )
        for optimizer, seconds in zip(optimizers, ours, strict=True)
    ]


def _updates(network: CharModel, optimizer: Optimizer, device: torch.device, batches: Batches) -> Callable[[], None]:
    """One update as `rnnlab train` makes it, with the next batch, at each call."""
    config = TrainingConfig(streams=batches.count, window=batches.window, optimizer=optimizer, clip_norm=_CLIP_NORM)
    stepper = stepper_for(network, config, device, batches, ALONE)
    numbers = itertools.count()

    def update() -> None:
        stepper.learn(batches, next(numbers), _RATE)
        if stepper.unreported >= config.report_every:
            stepper.fetch()

    return update


def _over(batches: Batches, step: Callable[[Batch], None]) -> Callable[[], None]:
    """One update with the next batch, at each call."""
    numbers: Iterator[int] = itertools.count()
    return lambda: step(batches.at(next(numbers)))


def _nothing() -> None:
    """There is nothing to wait for."""
