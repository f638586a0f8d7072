"""A run while it trains: commands from outside, judges beside it, a second trainer at the door."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from training_kit import SMALL, Rnnlab, events_of, wait_for


@pytest.fixture
def training(environment: dict[str, str], c_file: Path, tmp_path: Path) -> Iterator[Path]:
    """The folder of a run that trains until it is told to stop."""
    command = [sys.executable, "-m", "rnnlab", "train", str(c_file), *map(str, SMALL), "--epochs", "100000"]
    with subprocess.Popen([*command, "--name", "live", "-q"], env=environment, cwd=tmp_path) as process:
        run = tmp_path / "runs" / "live"
        wait_for(run, "step")
        yield run
        process.terminate()


def test_commands_from_outside_are_obeyed_and_answered(rnnlab: Rnnlab, training: Path) -> None:
    assert rnnlab("runs", "control", "live", "learning-rate", "0.0005").returncode == 0
    changed = wait_for(training, "control")[-1]
    assert changed["accepted"]
    assert "0.0005" in changed["detail"]
    assert rnnlab("runs", "control", "live", "sample", "--prompt", "static int ").returncode == 0
    asked = [event for event in wait_for(training, "sample") if event["requested"]]
    assert asked[-1]["prompt"] == "static int "
    assert rnnlab("runs", "control", "live", "pause").returncode == 0
    assert wait_for(training, "control", 3)[-1]["accepted"]  # answered between two steps, the last one for now
    paused_at = wait_for(training, "step")[-1]["step"]
    time.sleep(0.7)
    assert wait_for(training, "step")[-1]["step"] == paused_at
    assert rnnlab("runs", "control", "live", "resume").returncode == 0
    assert rnnlab("runs", "control", "live", "checkpoint").returncode == 0
    assert rnnlab("runs", "control", "live", "stop").returncode == 0
    assert wait_for(training, "end")[-1]["state"] == "stopped"
    assert [event["command"] for event in wait_for(training, "control")] == [
        "learning-rate", "sample", "pause", "resume", "checkpoint", "stop",
    ]  # fmt: skip


def test_a_second_trainer_is_refused_and_told_who_is_at_work(rnnlab: Rnnlab, training: Path) -> None:
    second = rnnlab("train", "--resume", training.name)
    assert second.returncode == 2
    assert "is being trained by process" in second.stderr
    assert "Traceback" not in second.stderr


def test_previews_of_c_are_judged_beside_the_training_and_the_best_writer_is_kept(
    rnnlab: Rnnlab, c_file: Path, tmp_path: Path
) -> None:
    settings = ("--hidden", 24, "--streams", 4, "--window", 16, "--plugin", "c-syntax", "--preview-length", 200)
    often = ("--steps", 200, "--preview-every", 50, "--preview-count", 3, "--keep-best", "c-syntax.bracket-balance")
    done = rnnlab("train", c_file, *settings, *often, "--name", "judged")
    assert done.returncode == 0, done.stderr
    run = tmp_path / "runs" / "judged"
    scores = [event for event in events_of(run) if event["event"] == "score"]
    assert [event["step"] for event in scores] == [50, 100, 150, 200]
    for event in scores:
        assert event["samples"] == 3
        corpus = {score["name"]: score for score in event["corpus_scores"]}
        # Real C is balanced: a piece that begins in the middle of a function is not charged for it.
        assert corpus["bracket-balance"]["count"] == corpus["bracket-balance"]["total"] > 0
        assert {score["name"] for score in event["scores"]} == set(corpus)
    assert (run / "checkpoints" / "best-bracket-balance" / "model.safetensors").exists()
    # The engine is chosen by timing, and what the first previews hold depends on it: maybe no bracket with a partner.
    counted = [{score["name"]: score for score in event["scores"]}["bracket-balance"]["count"] > 0 for event in scores]
    first = scores[counted.index(True)]["step"]
    told = rf"step {first}: writes best so far: bracket-balance \d.*% \(.* of .*\); kept as best-bracket-balance\n"
    assert re.search(told, done.stderr), done.stderr
    assert "rnnlab sample judged --checkpoint best-bracket-balance\n" in done.stderr


def test_a_stranger_s_file_judges_keeps_the_best_and_may_be_gone_when_the_run_goes_on(
    rnnlab: Rnnlab, c_file: Path, tmp_path: Path
) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text(
        "from rnnlab.evaluation import Metric, evaluator\n"
        "@evaluator(metrics={'spaces': 'Spaces of characters.'})\n"
        "def mine(source):\n"
        "    return [Metric(name='spaces', count=source.text.count(' '), total=len(source.text))]\n"
    )
    small = ("--hidden", 24, "--streams", 4, "--window", 16, "--preview-every", 20, "--preview-length", 50)
    judged = ("--plugin", "./mine.py", "--keep-best", "mine.spaces")
    done = rnnlab("train", c_file, *small, *judged, "--steps", 40, "--name", "own")
    assert done.returncode == 0, done.stderr
    run = tmp_path / "runs" / "own"
    assert [event["plugin"] for event in events_of(run) if event["event"] == "score"] == ["mine", "mine"]
    assert (run / "checkpoints" / "best-spaces" / "model.safetensors").exists()
    written = json.loads((run / "run.json").read_text())
    assert written["config"]["evaluation"]["plugins"] == [str(plugin)]  # found again from any folder
    assert "mine.spaces" in rnnlab("eval", "own", "-f", "concise").stdout
    plugin.unlink()
    again = rnnlab("train", "--resume", "own", "--steps", 60)
    assert again.returncode == 0, again.stderr
    assert f"previews are not judged: {plugin}: there is no such file" in again.stderr


def test_the_checkpoint_that_writes_best_is_kept_though_its_judge_is_slow(
    rnnlab: Rnnlab, c_file: Path, tmp_path: Path
) -> None:
    plugin = tmp_path / "slow.py"
    plugin.write_text(
        "import time\n"
        "from rnnlab.evaluation import Metric, evaluator\n"
        "@evaluator(metrics={'early': 'The earlier the better.'})\n"
        "def slow(source):\n"
        "    time.sleep(3 if source.step == 20 else 0)\n"
        "    return [Metric(name='early', count=100 - (source.step or 0) // 10, total=100)]\n"
    )
    small = ("--hidden", 24, "--streams", 4, "--window", 16, "--preview-length", 50, "--preview-count", 1)
    judged = ("--plugin", "./slow.py", "--keep-best", "slow.early", "--preview-every", 20, "--keep-checkpoints", 1)
    done = rnnlab("train", c_file, *small, *judged, "--steps", 100, "--name", "late")
    assert done.returncode == 0, done.stderr
    assert "step 20: writes best so far" in done.stderr, done.stderr
    checkpoints = tmp_path / "runs" / "late" / "checkpoints"
    assert (checkpoints / "best-early").resolve().name == "step-00000020"
    assert "already gone" not in done.stderr
    kept = {path.name for path in checkpoints.iterdir() if path.name.startswith("step-")}
    assert kept <= {"step-00000020", "step-00000100", (checkpoints / "best").resolve().name}  # what was judged may go


def test_tensorboard_files_hold_the_losses(rnnlab: Rnnlab, c_file: Path, tmp_path: Path) -> None:
    done = rnnlab("train", c_file, *SMALL, "--steps", 20, "--tensorboard", "--name", "board")
    assert done.returncode == 0, done.stderr
    (file,) = (tmp_path / "runs" / "board" / "tensorboard").iterdir()
    content = file.read_bytes()
    for tag in (b"train/loss", b"validation/bits_per_character"):
        assert tag in content


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_clear_error(rnnlab: Rnnlab, c_file: Path, tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0o500)
    done = rnnlab("train", c_file, *SMALL, "--steps", 5, "--runs-dir", tmp_path / "shut")
    assert done.returncode == 2
    assert "shut" in done.stderr
    assert "Traceback" not in done.stderr


def test_where_nothing_counts_for_the_best_checkpoint_the_end_says_so(
    rnnlab: Rnnlab, c_file: Path, tmp_path: Path
) -> None:
    plugin = tmp_path / "mute.py"
    plugin.write_text(
        "from rnnlab.evaluation import Metric, evaluator\n"
        "@evaluator(metrics={'words': 'Never anything.'})\n"
        "def mute(source):\n"
        "    return [Metric(name='words', count=0, total=0)]\n"
    )
    small = ("--hidden", 24, "--streams", 4, "--window", 16, "--preview-every", 10, "--preview-length", 50)
    done = rnnlab("train", c_file, *small, "--plugin", plugin, "--keep-best", "mute.words", "--steps", 20)
    assert done.returncode == 0, done.stderr
    assert "no checkpoint is kept for mute.words: no preview had anything to count for it" in done.stderr
