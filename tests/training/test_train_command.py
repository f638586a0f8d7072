"""``rnnlab train`` as a person uses it: the real program, real processes, real signals."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest
import torch
from training_kit import SMALL, Rnnlab, computed, events_of, start, wait_for_step


def test_a_run_learns_and_leaves_a_folder_that_says_everything(rnnlab: Rnnlab, c_file: Path, tmp_path: Path) -> None:
    done = rnnlab("train", c_file, *SMALL, "--steps", 120, "--learning-rate", 0.02, "--name", "first")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    run = tmp_path / "runs" / "first"
    events = events_of(run)
    kinds = [event["event"] for event in events]
    assert kinds[0] == "start"
    assert kinds[-1] == "end"
    assert events[-1]["state"] == "finished"
    assert 0 < events[-1]["preview_seconds"] < events[-1]["seconds"]
    losses = [event["loss"] for event in events if event["event"] == "step"]
    assert losses[-1] < losses[0] - 0.5
    assert any(event["event"] == "validation" and event["best"] for event in events)
    test = next(event for event in events if event["event"] == "test")
    assert test["bits_per_character"] == pytest.approx(test["loss"] / 0.6931471805599453)
    assert (run / "checkpoints" / "best" / "model.safetensors").exists()
    assert (run / "checkpoints" / "last" / "state.json").exists()
    samples = {event["file"] for event in events if event["event"] == "sample"}
    assert samples == {path.name for path in (run / "samples").iterdir()}
    manifest = json.loads((run / "run.json").read_text())
    assert manifest["config"]["training"]["steps"] == 120
    assert "rnnlab sample first" in done.stderr


def test_the_events_on_stdout_are_those_on_disk(rnnlab: Rnnlab, c_file: Path, tmp_path: Path) -> None:
    done = rnnlab("train", c_file, *SMALL, "--steps", 20, "--name", "a", "--json")
    assert [json.loads(line) for line in done.stdout.splitlines()] == events_of(tmp_path / "runs" / "a")


def test_quiet_says_nothing(rnnlab: Rnnlab, c_file: Path) -> None:
    done = rnnlab("train", c_file, *SMALL, "--steps", 5, "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_show_config_prints_what_would_be_computed_and_makes_no_run(
    rnnlab: Rnnlab, c_file: Path, tmp_path: Path
) -> None:
    done = rnnlab("train", c_file, "--preset", "essay", "--hidden", 64, "--show-config")
    shown = json.loads(done.stdout)
    assert shown["config"]["model"]["layers"] == 3
    assert shown["config"]["model"]["hidden"] == 64
    assert shown["config"]["training"]["optimizer"] == "rmsprop"
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "thing"),
    [
        (("--preset", "huge"), "huge"),
        (("--hidden", "0"), "hidden"),
        (("--dropout-output", "1.5"), "--dropout-output"),
        (("--split", "90/20"), "split"),
        (("--streams", "30000"), "streams"),
        (("--plugin", "no-such-plugin"), "no-such-plugin"),
        (("--keep-best", "c-syntax.clean-functions", "--plugin", "none"), "--keep-best"),
        (("--keep-best", "c-syntax.clean-funktions"), "Did you mean clean-functions?"),
        (("-S", "c-syntax.known_nmes=linux"), "Did you mean known_names?"),
        (("--device", "abacus"), "abacus"),
        (("--gpu", "--device", "cpu"), "--gpu"),
        (("--name", "../outside"), "outside"),
        (("--time", "soon"), "soon"),
    ],
)
def test_what_cannot_work_is_refused_in_two_lines_before_anything_is_made(
    rnnlab: Rnnlab, c_file: Path, tmp_path: Path, arguments: tuple[str, ...], thing: str
) -> None:
    done = rnnlab("train", c_file, *arguments)
    assert done.returncode == 2
    assert thing in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_place_where_no_run_can_lie_is_refused_before_the_corpus_is_read(rnnlab: Rnnlab, c_file: Path) -> None:
    for place in (c_file, c_file / "runs"):
        done = rnnlab("train", c_file, "--runs-dir", place)
        assert done.returncode == 2
        assert "is a file, so no run can lie there" in done.stderr
        assert "corpus:" not in done.stderr


def test_the_learning_rate_has_the_short_name_that_many_type(rnnlab: Rnnlab, c_file: Path) -> None:
    done = rnnlab("train", c_file, "--lr", "3e-4", "--show-config")
    assert json.loads(done.stdout)["config"]["training"]["learning_rate"] == 3e-4


@pytest.mark.skipif(torch.cuda.is_available(), reason="here is a GPU")
def test_gpu_without_a_gpu_is_one_clear_error(rnnlab: Rnnlab, c_file: Path) -> None:
    done = rnnlab("train", c_file, "--gpu")
    assert done.returncode == 2
    assert "CUDA" in done.stderr
    assert len(done.stderr.splitlines()) <= 3


# The two runs that are compared must compute alike; left alone, each would choose its engine by timing.
EXACT = (
    "--precision", "float32",
    *SMALL, "--layers", 2, "--embedding", 8, "--dropout-between", 0.2, "--dropout-output", 0.1, "--weight-average", 0.9,
    "--steps", 400, "--validate-every", 60, "--checkpoint-every", 40, "--preview-every", 100, "--preview-count", 1,
    "--preview-length", 30,
)  # fmt: skip


def test_a_run_killed_at_random_steps_and_resumed_is_the_run_that_was_never_stopped(
    rnnlab: Rnnlab, environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    assert rnnlab("train", c_file, *EXACT, "--name", "whole").returncode == 0
    run = tmp_path / "runs" / "cut"
    generator = random.Random(os.urandom(8))
    process = start(environment, tmp_path, c_file, *EXACT, "--name", "cut")
    for kill_at in sorted(generator.sample(range(20, 380), 2)):
        wait_for_step(run, kill_at)
        process.kill()
        process.communicate()
        process = start(environment, tmp_path, "--resume", "cut")
    _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    assert computed(run) == computed(tmp_path / "runs" / "whole")


def test_a_resumed_run_refuses_another_corpus_and_other_settings_and_shows_the_difference(
    rnnlab: Rnnlab, c_file: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.c"
    own.write_text(c_file.read_text())
    assert rnnlab("train", own, *SMALL, "--steps", 10, "--name", "a").returncode == 0
    other = rnnlab("train", "--resume", "a", "--hidden", 99)
    assert other.returncode == 2
    assert "model.hidden is 24, not 99" in other.stderr
    more = rnnlab("train", "--resume", "a", "--steps", 20)
    assert more.returncode == 0, more.stderr
    assert events_of(tmp_path / "runs" / "a")[-1]["step"] == 20
    own.write_text(c_file.read_text().replace("sum", "total"))
    changed = rnnlab("train", "--resume", "a", "--steps", 30)
    assert changed.returncode == 2
    assert "corpus has changed" in changed.stderr


def test_early_stopping_ends_a_run_that_no_longer_gets_better(rnnlab: Rnnlab, c_file: Path, tmp_path: Path) -> None:
    frozen = ("--optimizer", "adamw", "--learning-rate", 1e-9, "--patience", 2, "--validate-every", 5, "--steps", 500)
    assert rnnlab("train", c_file, *SMALL, *frozen, "--name", "a", "-q").returncode == 0
    end = events_of(tmp_path / "runs" / "a")[-1]
    assert end["step"] < 500
    assert "without a new best" in end["reason"]


def test_text_from_standard_input_trains(rnnlab: Rnnlab, c_file: Path) -> None:
    done = rnnlab("train", "-", *SMALL, "--steps", 5, stdin=c_file.read_text())
    assert done.returncode == 0, done.stderr
