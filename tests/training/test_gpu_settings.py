"""Settings and runs that belong to a GPU, met on a machine without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from training_kit import SMALL, Rnnlab, events_of


@pytest.mark.parametrize("precision", ["float16", "tf32"])
def test_a_precision_that_only_a_gpu_has_is_refused_on_a_cpu_before_anything_is_made(
    rnnlab: Rnnlab, c_file: Path, tmp_path: Path, precision: str
) -> None:
    done = rnnlab("train", c_file, *SMALL, "--device", "cpu", "--precision", precision)
    assert done.returncode == 2
    assert precision in done.stderr
    assert "bfloat16" in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert not (tmp_path / "runs").exists()


def test_a_run_that_began_on_a_gpu_goes_on_on_a_cpu(rnnlab: Rnnlab, c_file: Path, tmp_path: Path) -> None:
    assert rnnlab("train", c_file, *SMALL, "--steps", 20, "--device", "cpu", "--name", "moved", "-q").returncode == 0
    manifest = tmp_path / "runs" / "moved" / "run.json"
    values = json.loads(manifest.read_text())
    values["device"] = values["config"]["training"]["device"] = "cuda"
    values["resolved"]["engine"] = "cudnn-float16-persistent"
    manifest.write_text(json.dumps(values))
    done = rnnlab("train", "--resume", "moved", "--device", "cpu", "--steps", 40)
    assert done.returncode == 0, done.stderr
    start = [event for event in events_of(tmp_path / "runs" / "moved") if event["event"] == "start"][-1]
    assert start["resumed"]
    assert start["precision"] in ("float32", "bfloat16")
    assert events_of(tmp_path / "runs" / "moved")[-1]["step"] == 40
