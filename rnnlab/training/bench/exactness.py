"""Whether a GPU computes what it should: against a CPU, without its graph, and after a resumption.

Losses are compared on text that can be learnt: the C sources that come with rnnlab.
"""

from __future__ import annotations

import importlib.resources
import json
import math
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rnnlab.config import ModelConfig, TrainingConfig
from rnnlab.corpus import Vocabulary
from rnnlab.model.engine_choice import choose_layer_engine, make_engine
from rnnlab.model.network import CharModel
from rnnlab.model.sampling import Sampler, SamplingSettings
from rnnlab.training.batches import Batches
from rnnlab.training.device_stepper import DeviceStepper
from rnnlab.training.step import Stepper
from rnnlab.training.steppers import scales

_TRAINING = TrainingConfig(streams=16, window=32)
_RATE = 2e-3
_GREEDY = 200  # symbols
_SURPRISES = 1000  # symbols
_PROGRAM_SECONDS = 60  # that a training of some updates may take with its start


def c_source() -> str:
    """A text that can be learnt, of some tens of thousands of characters."""
    folder = importlib.resources.files("rnnlab.model.native")
    return "".join(sorted(file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".c")))


class _Text:
    """The C source as N equal streams."""

    def __init__(self, ids: np.ndarray, count: int) -> None:
        self.length = len(ids) // count
        self._rows = ids[: self.length * count].reshape(count, self.length)

    def read(self, start: int, stop: int) -> np.ndarray:
        """Symbols (N, stop - start)."""
        return self._rows[:, start:stop].copy()


def _vocabulary_and_batches() -> tuple[Vocabulary, Batches]:
    raw = c_source().encode()
    vocabulary = Vocabulary("bytes", set(raw))
    text = _Text(vocabulary.encode(raw), _TRAINING.streams)
    return vocabulary, Batches(text, _TRAINING.streams, _TRAINING.window)


def _losses(stepper: Stepper, batches: Batches, updates: int) -> np.ndarray:
    losses: list[float] = []
    for index in range(updates):
        stepper.learn(batches, index, _RATE)
        if stepper.unreported >= _TRAINING.report_every:
            losses += stepper.fetch()[0]
    return np.array(losses + stepper.fetch()[0])


def _on_device(
    model: ModelConfig, symbols: int, device: torch.device, batches: Batches, *, capturing: bool = True
) -> tuple[DeviceStepper, str]:
    network = CharModel(model, symbols).to(device)
    choice = choose_layer_engine(network, _TRAINING.streams, _TRAINING.window)
    if device.type == "cuda":
        choice.apply(network)
    stepper = DeviceStepper(network, _TRAINING, device, batches, scaled=scales(network), capturing=capturing)
    return stepper, choice.engine


def loss_difference(model: ModelConfig, device: torch.device, updates: int) -> tuple[float, dict[str, Any]]:
    """The greatest difference, in nats, between the losses on the device and those of a CPU in float32."""
    vocabulary, batches = _vocabulary_and_batches()
    plain = CharModel(model, len(vocabulary), engine=make_engine("kernel"))
    expected = _losses(Stepper(plain, _TRAINING, torch.device("cpu")), batches, updates)
    stepper, engine = _on_device(model, len(vocabulary), device, batches)
    found = _losses(stepper, batches, updates)
    details = {"engine": engine, "first": expected[0], "last": expected[-1], "last_here": found[-1]}
    return _apart(found, expected), details


def graph_difference(model: ModelConfig, device: torch.device, updates: int) -> tuple[float, dict[str, Any]]:
    """The greatest difference, in nats, between updates replayed as a graph and the same work as it is.

    Raises:
        RuntimeError: where a GPU captured no graph, with the reason.
    """
    vocabulary, batches = _vocabulary_and_batches()
    stepper, engine = _on_device(model, len(vocabulary), device, batches)
    bare, _ = _on_device(model, len(vocabulary), device, batches, capturing=False)
    bare.network.engine = stepper.network.engine
    found, expected = (_losses(each, batches, updates) for each in (stepper, bare))
    if device.type == "cuda" and not stepper.captured:
        raise RuntimeError(". ".join(stepper.troubles()) or f"no graph was captured in {updates} updates")
    return _apart(found, expected), {"engine": engine, "graph": stepper.captured}


def _apart(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(found - expected).max())


def greedy_agreement(model: ModelConfig, device: torch.device) -> tuple[float, dict[str, Any]]:
    """How many symbols of a greedy text differ between the device and a CPU, both in float32."""
    vocabulary, _ = _vocabulary_and_batches()
    network = CharModel(model, len(vocabulary))
    settings = SamplingSettings(temperature=0.0, length=_GREEDY)
    ours = Sampler.of(network, vocabulary, engine="graph-exact", device=device).sample([], settings)[0]
    theirs = Sampler.of(network, vocabulary, engine="portable-exact").sample([], settings)[0]
    return float((ours != theirs).sum()), {"symbols": _GREEDY}


def surprise_difference(model: ModelConfig, device: torch.device, updates: int) -> tuple[float, dict[str, Any]]:
    """Bits per character that the device's 16-bit sampler is apart from float32 on a CPU, after some updates."""
    vocabulary, batches = _vocabulary_and_batches()
    stepper, _ = _on_device(model, len(vocabulary), device, batches)
    _losses(stepper, batches, updates)
    ids = vocabulary.encode(c_source().encode()[-_SURPRISES:])
    ours = Sampler.of(stepper.network, vocabulary, engine="graph", device=device).surprise(ids)
    theirs = Sampler.of(stepper.network, vocabulary, engine="portable-exact").surprise(ids)
    bits = float(theirs.mean()) / math.log(2)
    return abs(float(ours.mean()) / math.log(2) - bits), {"symbols": len(ids), "bits_per_character": bits}


def preview_seconds(model: ModelConfig) -> float:
    """Seconds that training waits for one preview as `rnnlab train` draws it by default."""
    vocabulary, _ = _vocabulary_and_batches()
    defaults = TrainingConfig()
    network = CharModel(model, len(vocabulary))
    settings = SamplingSettings(temperature=defaults.preview_temperature, length=defaults.preview_length)
    Sampler.of(network, vocabulary)  # compiles
    begin = time.perf_counter()
    Sampler.of(network, vocabulary).sample([], settings, defaults.preview_count)
    return time.perf_counter() - begin


def resumed_difference(device: torch.device, updates: int) -> tuple[float, dict[str, Any]]:
    """The greatest difference, in nats, between a run with --deterministic and its second half made once more.

    Real runs of the program, each in a process of its own, as the setting demands.
    """
    half = updates // 2
    with tempfile.TemporaryDirectory() as folder:
        corpus, whole, again = (Path(folder) / name for name in ("corpus.c", "whole", "again"))
        corpus.write_text(c_source())
        settings = ["--layers", "2", "--hidden", "128", "--streams", "16", "--window", "32", "--plugin", "none",
                    "--dropout-between", "0.1", "--preview-count", "0", "--report-every", "5", "--deterministic",
                    "--checkpoint-every", str(half), "--keep-checkpoints", "9", "--steps", str(updates),
                    "--device", str(device), "--runs-dir", folder]  # fmt: skip
        _rnnlab("train", str(corpus), *settings, "--name", whole.name)
        shutil.copytree(whole, again, symlinks=True)
        for checkpoint in (again / "checkpoints").glob("step-*"):
            if int(checkpoint.name.removeprefix("step-")) > half:
                shutil.rmtree(checkpoint)
        _rnnlab("train", "--resume", again.name, "--runs-dir", folder)
        first, second = (_step_losses(run) for run in (whole, again))
    shared = [step for step in second if step > half]
    apart = max(abs(first[step] - second[step]) for step in shared)
    return apart, {"updates": updates, "reports": len(shared)}


def _rnnlab(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", *arguments],
        capture_output=True,
        text=True,
        timeout=_PROGRAM_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"rnnlab {arguments[0]}: {done.stderr.strip()[-300:]}")


def _step_losses(run: Path) -> dict[int, float]:
    """Losses by step, as they are after the last resumption."""
    losses: dict[int, float] = {}
    for line in (run / "events.jsonl").read_text().splitlines():
        event = json.loads(line)
        if event["event"] == "start" and event["resumed"]:
            losses = {step: loss for step, loss in losses.items() if step <= event["step"]}
        elif event["event"] == "step":
            losses[event["step"]] = event["loss"]
    return losses
