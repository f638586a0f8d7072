"""What ends, breaks or loses a training, and what is left then: the real program, real processes, real signals."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from training_kit import SMALL, Rnnlab, computed, events_of, start, wait_for, wait_for_step


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_finishes_the_step_keeps_a_checkpoint_and_says_how_to_go_on(
    environment: dict[str, str], c_file: Path, tmp_path: Path, number: signal.Signals
) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which nohup would have the tests' children ignore as well
    process = start(environment, tmp_path, c_file, *SMALL, "--epochs", 1000, "--name", "long")
    run = tmp_path / "runs" / "long"
    wait_for_step(run, 30)
    process.send_signal(number)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "rnnlab train --resume long" in said
    last = events_of(run)[-1]
    assert (last["event"], last["state"]) == ("end", "interrupted")
    assert (run / "checkpoints" / "last").resolve().name == f"step-{last['step']:08d}"


def test_a_run_under_nohup_goes_on_when_its_terminal_is_gone(
    environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    command = ["nohup", sys.executable, "-m", "rnnlab", "train", str(c_file), *map(str, SMALL), "--epochs", "1000"]
    with subprocess.Popen(
        [*command, "--name", "away"], env=environment, cwd=tmp_path, stderr=subprocess.PIPE
    ) as process:
        run = tmp_path / "runs" / "away"
        wait_for_step(run, 20)
        process.send_signal(signal.SIGHUP)
        wait_for_step(run, events_of(run)[-1]["step"] + 20)
        assert process.poll() is None
        process.kill()


def test_a_signal_while_the_last_figures_are_taken_is_obeyed_and_they_are_taken_on_resuming(
    rnnlab: Rnnlab, environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    large = tmp_path / "large.c"
    large.write_text("".join(c_file.read_text().replace("sum", f"sum_{copy}") for copy in range(60)))
    slow = ("--split", "20/70/10", "--validation-chars", 0, "--hidden", 128, "--preview-count", 0)
    process = start(environment, tmp_path, large, *SMALL, *slow, "--validate-every", 99, "--steps", 5, "--name", "a")
    run = tmp_path / "runs" / "a"
    wait_for_step(run, 5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130, said
    assert "rnnlab train --resume a" in said
    assert not any(event["event"] in ("validation", "test") for event in events_of(run))
    done = rnnlab("train", "--resume", "a")
    assert done.returncode == 0, done.stderr
    kinds = [event["event"] for event in events_of(run)]
    assert kinds.count("validation") == kinds.count("test") == 1
    assert events_of(run)[-1]["state"] == "finished"


def test_a_finished_run_says_so_and_how_it_goes_further(rnnlab: Rnnlab, c_file: Path, tmp_path: Path) -> None:
    assert rnnlab("train", c_file, *SMALL, "--steps", 10, "--runs-dir", "else where", "--name", "a").returncode == 0
    before = events_of(tmp_path / "else where" / "a")
    again = rnnlab("train", "--resume", "else where/a")
    assert again.returncode == 0
    assert "a is finished: 10 steps done" in again.stderr
    assert "rnnlab train --resume 'else where/a' --steps" in again.stderr
    assert events_of(tmp_path / "else where" / "a") == before


def test_a_run_killed_before_its_first_checkpoint_begins_anew_alike_and_says_so(
    rnnlab: Rnnlab, c_file: Path, tmp_path: Path
) -> None:
    dropout = ("--precision", "float32", *SMALL, "--dropout-output", 0.3, "--steps", 40, "--preview-every", 20)
    assert rnnlab("train", c_file, *dropout, "--name", "whole").returncode == 0
    whole, cut = tmp_path / "runs" / "whole", tmp_path / "runs" / "cut"
    shutil.copytree(whole, cut, symlinks=True)
    shutil.rmtree(cut / "checkpoints")
    (cut / "checkpoints").mkdir()
    (cut / "events.jsonl").write_text((whole / "events.jsonl").read_text().split("\n")[0] + "\n")
    done = rnnlab("train", "--resume", "cut")
    assert done.returncode == 0, done.stderr
    assert "no checkpoint: training begins anew" in done.stderr
    assert computed(cut) == computed(whole)


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit is Linux's")
def test_a_run_that_cannot_be_written_leaves_nothing_behind(
    environment: dict[str, str], rnnlab: Rnnlab, c_file: Path, tmp_path: Path
) -> None:
    assert rnnlab("train", c_file, *SMALL, "--steps", 1, "--name", "first").returncode == 0  # caches the corpus
    words = [sys.executable, "-m", "rnnlab", "train", str(c_file), *SMALL, "--steps", "1", "--name", "second"]
    done = subprocess.run(
        ["prlimit", "--fsize=1024", *words], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "run.json: file too large" in done.stderr
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["first"]


def test_a_learning_rate_that_blows_up_goes_back_three_times_and_then_fails(
    rnnlab: Rnnlab, c_file: Path, tmp_path: Path
) -> None:
    wild = ("--learning-rate", 1e6, "--optimizer", "rmsprop", "--clip-norm", 0, "--schedule", "constant", "--warmup", 0)
    done = rnnlab("train", c_file, *SMALL, *wild, "--steps", 400, "--checkpoint-every", 3, "--name", "wild")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    events = events_of(tmp_path / "runs" / "wild")
    returns = [event for event in events if event["event"] == "divergence"]
    assert [event["attempt"] for event in returns] == [1, 2, 3]
    assert [event["learning_rate_factor"] for event in returns] == [0.5, 0.25, 0.125]
    assert events[-1]["state"] == "failed"
    # Those of steps 3, 6 and 9 were written before anybody knew; only the first is worth keeping.
    assert {event["restored_step"] for event in returns} == {0}
    assert [path.name for path in (tmp_path / "runs" / "wild" / "checkpoints").glob("step-*")] == ["step-00000000"]


def test_a_steered_rate_that_blows_up_is_taken_back(
    rnnlab: Rnnlab, environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    with start(environment, tmp_path, c_file, *SMALL, "--clip-norm", 0, "--epochs", 2000, "--name", "a") as process:
        run = tmp_path / "runs" / "a"
        wait_for_step(run, 60)
        assert rnnlab("runs", "control", "a", "learning-rate", 1e6).returncode == 0
        (lost, *_) = wait_for(run, "divergence")
        process.terminate()
    assert lost["learning_rate_factor"] == 0.5
