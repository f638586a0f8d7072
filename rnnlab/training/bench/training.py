"""Whole updates of a network: batch, forward, loss, backward, clipping, optimizer.

The baseline is what a person writes first: ``nn.Embedding``, ``nn.LSTM`` and ``nn.Linear`` in
float32, eager, trained by AdamW. Ours is what `rnnlab train` runs: the `Stepper` with the layer
engine that timing prefers, on the same batches, with AdamW for the same work and with Muon. Both
have an embedding as wide as the layers, so they differ in nothing but one bias vector a layer.

N streams, T characters in a window, V vocabulary, H hidden, L layers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnlab.config import ModelConfig, Optimizer, TrainingConfig
from rnnlab.model.device import usable_cores
from rnnlab.model.engine_choice import choose_layer_engine
from rnnlab.model.network import CharModel
from rnnlab.training.batches import Batch, Batches
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
    finish = torch.cuda.synchronize if device.type == "cuda" else _nothing
    plain = PlainTraining(layers, hidden, device)
    plain_work = _over(batches, plain.step)
    plain_threads = faster_threads(plain_work) if on_cpu else usable_cores()
    contenders, engine, threads = [Contender(plain_work, plain_threads, finish)], "", 0
    for optimizer in OPTIMIZERS:
        config = ModelConfig(layers=layers, hidden=hidden, embedding=hidden)
        network = CharModel(config, VOCABULARY).to(device)
        if not engine:
            choice = choose_layer_engine(network, streams, window)
            engine, threads = choice.engine, choice.threads
        before = torch.get_num_threads()
        choice.apply(network)
        torch.set_num_threads(before)
        training = TrainingConfig(streams=streams, window=window, optimizer=optimizer, clip_norm=_CLIP_NORM)
        contenders.append(Contender(_updates(network, training, device, batches), threads, finish))
    seconds = take_turns(contenders, effort)
    chars = batches.chars
    return [
        Measurement(
            {"model": f"lstm-{layers}x{hidden}", "device": device.type, "optimizer": optimizer, "engine": engine},
            "chars",
            chars / ours,
            chars / seconds[0],
            {"streams": streams, "window": window, "threads": threads, "baseline_threads": plain_threads},
        )
        for optimizer, ours in zip(OPTIMIZERS, seconds[1:], strict=True)
    ]


def _updates(network: CharModel, config: TrainingConfig, device: torch.device, batches: Batches) -> Callable[[], None]:
    """One update as `rnnlab train` makes it, with the next batch, at each call."""
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
