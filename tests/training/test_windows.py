"""Windows of a text that does not fit on the device: read ahead by a thread, which nobody may notice."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnlab.config import CorpusConfig, ModelConfig, TrainingConfig
from rnnlab.corpus import open_corpus
from rnnlab.errors import CorpusError
from rnnlab.model.network import CharModel
from rnnlab.training.batches import Batches
from rnnlab.training.device_stepper import DeviceStepper
from rnnlab.training.windows import StreamedWindows

CPU = torch.device("cpu")
N, T = 3, 4


class Texts:
    """N texts in memory that notes who reads it, and now and then is slow."""

    def __init__(self, length: int = 75, broken: int | None = None) -> None:
        self.length = length
        self.rows = np.random.default_rng(0).integers(0, 200, (N, length)).astype(np.uint8)
        self.readers: set[str] = set()
        self.broken = broken

    def read(self, start: int, stop: int) -> np.ndarray:
        self.readers.add(threading.current_thread().name)
        if self.broken is not None and start >= self.broken:
            raise CorpusError("text", "it was cut short")
        if random.random() < 0.1:
            time.sleep(0.002)
        return self.rows[:, start:stop].copy()


@pytest.fixture(autouse=True)
def _threads_end() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    end = time.monotonic() + 60
    while set(threading.enumerate()) != before:
        assert time.monotonic() < end, "a thread goes on"
        time.sleep(0.01)


def test_every_window_comes_in_its_order_through_many_turns_of_the_slots() -> None:
    source, reference = (Batches(Texts(), N, T) for _ in range(2))
    windows = StreamedWindows(source, CPU)
    for index in [*range(200), *range(7, 60), 3, 4, 90, *range(90, 130)]:  # resumed, and gone back
        windows.aim(index)
        assert np.array_equal(windows.ids().numpy(), reference.read(index)), index
    windows.close()


def test_the_trainers_thread_reads_nothing() -> None:
    texts = Texts()
    windows = StreamedWindows(Batches(texts, N, T), CPU)
    texts.readers.clear()
    for index in range(100):
        windows.aim(index)
    windows.close()
    assert threading.current_thread().name not in texts.readers


def test_text_that_is_cut_short_is_an_error_at_its_own_window_and_again_when_asked_again() -> None:
    windows = StreamedWindows(Batches(Texts(broken=6 * T), N, T), CPU)
    for index in range(6):
        windows.aim(index)
    for _ in range(2):
        with pytest.raises(CorpusError, match="cut short"):
            windows.aim(6)
    windows.aim(2)
    windows.close()


def test_what_was_read_ahead_changes_nothing_for_a_run_that_is_cut_and_resumed() -> None:
    config = TrainingConfig(streams=N, window=T, learning_rate=1e-2)

    def stepper() -> DeviceStepper:
        batches = Batches(Texts(), N, T)
        network = CharModel(ModelConfig(layers=1, hidden=8), 200, seed=1)
        return DeviceStepper(network, config, CPU, batches, windows=StreamedWindows(batches, CPU))

    whole, first, second = stepper(), stepper(), stepper()
    for index in range(30):
        whole.learn(Batches(Texts(), N, T), index, 1e-2)
    for index in range(11):
        first.learn(Batches(Texts(), N, T), index, 1e-2)
    second.network.load_state_dict(first.network.state_dict())
    second.optimizers.load_state_dict(first.optimizers.state_dict())
    tree = first.gather()
    second.set_hidden(tree["hidden"])
    first.close()
    for index in range(11, 30):
        second.learn(Batches(Texts(), N, T), index, 1e-2)
    assert second.fetch() == tuple(values[11:] for values in whole.fetch())
    whole.close()
    second.close()


def test_a_cached_corpus_that_is_cut_short_under_training_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "text.c").write_text("int a;\n" * 40_000)
    asked = CorpusConfig(sources=(str(tmp_path / "text.c"),), split=(1.0, 0.0, 0.0))
    corpus = open_corpus(asked, cache_dir=tmp_path / "cache")
    windows = StreamedWindows(Batches(corpus.parts.train.streams(N), N, T), CPU)
    windows.aim(0)
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file() and path.stat().st_size > 100_000:
            os.truncate(path, 1000)
    with pytest.raises(CorpusError, match="cut short while in use"):
        read_through(windows)
    windows.close()


def read_through(windows: StreamedWindows) -> None:
    for index in range(1, 20_000):
        windows.aim(index)
