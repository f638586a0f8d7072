"""``rnnlab bench gpu``, tried on a CPU with tiny networks: every row comes out, whatever another one does."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch

from rnnlab.config import ModelConfig, TrainingConfig
from rnnlab.training.bench.exactness import graph_difference, greedy_agreement, loss_difference, surprise_difference
from rnnlab.training.bench.gpu import Row, rows
from rnnlab.training.bench.updates import measure_updates, sampled_per_second, update_kernels

CPU = torch.device("cpu")
TINY = ModelConfig(layers=2, hidden=8)


@pytest.mark.parametrize(
    ("value", "least", "aim", "verdict"),
    [
        (4.0, 5.0, 10.0, "missed"),
        (5.0, 5.0, 10.0, "goal"),
        (11.0, 5.0, 10.0, "aim"),
        (200.0, 180.0, 90.0, "missed"),
        (180.0, 180.0, 90.0, "goal"),
        (80.0, 180.0, 90.0, "aim"),
        (0.0, 0.0, 0.0, "goal"),
        (1e-9, 0.0, 0.0, "missed"),
        (3.0, None, None, ""),
    ],
)
def test_a_verdict_compares_with_what_was_promised(
    value: float, least: float | None, aim: float | None, verdict: str
) -> None:
    assert Row("row", "seconds", value, least, aim).verdict() == verdict
    assert Row("row", "seconds", value, least, aim, trouble="no card").verdict() == "failed"
    assert Row("row", "seconds", value, least, aim, on_gpu=False).verdict() == (
        "not measured here" if least is not None else ""
    )


def test_when_the_time_is_over_every_row_says_so() -> None:
    found = list(rows(CPU, 0.001, -1.0, lambda _: None))
    assert len(found) > 10
    assert all(set(row.to_json()) == {"what", "trouble"} and "over" in row.trouble for row in found)


def test_speeds_come_with_how_they_were_reached() -> None:
    speed, how = measure_updates(TINY, TrainingConfig(streams=2, window=4), CPU, 0.01)
    assert speed > 0
    assert not how["graph"]
    assert sampled_per_second(TINY, 3, CPU, 0.01)[0] > 0
    busy, where = update_kernels(TINY, TrainingConfig(streams=2, window=4), CPU)
    assert 0 < where["kernels"][0]["milliseconds"] <= busy


def test_on_a_cpu_nothing_is_apart() -> None:
    assert loss_difference(TINY, CPU, 12)[0] < 1e-4
    assert graph_difference(TINY, CPU, 12)[0] == 0.0
    assert greedy_agreement(TINY, CPU)[0] == 0.0
    assert surprise_difference(TINY, CPU, 3)[0] < 1e-5


def test_the_gpu_section_stands_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", "bench", "gpu", "train"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "alone" in done.stderr


@pytest.mark.slow
def test_the_whole_instrument_runs_on_a_cpu() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", "bench", "gpu", "--device", "cpu", "--quick", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["gpu"]
    assert not [row for row in found if "trouble" in row]
    exact = {row["what"]: row for row in found if "nats_apart" in row}
    assert exact["resumed with --deterministic"]["nats_apart"] == 0.0
    assert {row["verdict"] for row in found} == {"", "not measured here"}
