"""A run that goes on where the layers that it was trained with cannot be computed."""

from __future__ import annotations

import json
from pathlib import Path

from training_kit import SMALL, Rnnlab, events_of


def test_a_run_never_changes_its_engine_by_itself_and_says_so_where_it_is_told_to(
    rnnlab: Rnnlab, environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    run = tmp_path / "runs" / "a"
    assert rnnlab("train", c_file, *SMALL, "--steps", 10, "--device", "cpu", "--name", "a", "-q").returncode == 0
    manifest = json.loads((run / "run.json").read_text())
    manifest["resolved"]["engine"] = "native"  # as on a machine that compiles it
    (run / "run.json").write_text(json.dumps(manifest))
    environment["RNNLAB_NATIVE"] = "0"

    refused = rnnlab("train", "--resume", "a", "--steps", 20)
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) <= 2
    assert "native does not run here" in refused.stderr
    assert "rnnlab train --resume a --precision auto" in refused.stderr
    assert events_of(run)[-1]["step"] == 10

    told = rnnlab("train", "--resume", "a", "--steps", 20, "--precision", "float32")
    assert told.returncode == 0, told.stderr
    events = events_of(run)
    assert events[-1]["step"] == 20
    assert [event["precision"] for event in events if event["event"] == "start"][-1] == "float32"
    (note,) = [event["text"] for event in events if event["event"] == "note"]
    assert "kernel instead of native" in note

    again = rnnlab("train", "--resume", "a", "--steps", 30)  # now it is the run's own engine
    assert again.returncode == 0, again.stderr
    assert len([event for event in events_of(run) if event["event"] == "note"]) == 1


def test_the_same_precision_named_again_changes_nothing(rnnlab: Rnnlab, c_file: Path, tmp_path: Path) -> None:
    run = tmp_path / "runs" / "a"
    assert rnnlab("train", c_file, *SMALL, "--steps", 10, "--device", "cpu", "--name", "a", "-q").returncode == 0
    before = (run / "run.json").read_bytes()
    assert rnnlab("train", "--resume", "a", "--precision", "auto", "--steps", 20).returncode == 0
    assert (run / "run.json").read_bytes() == before
    assert not [event for event in events_of(run) if event["event"] == "note"]
