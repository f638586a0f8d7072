"""The whole way with nothing made up: a real training is watched and steered, and ends as it was told."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import tui_runs
from dashboard_screen import asked, until

from rnnlab.runs import RunFolder
from rnnlab.tui.app import Dashboard
from rnnlab.tui.screens.run import RunScreen


@pytest.fixture
def training(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A small network that learns for as long as it is let."""
    corpus = tmp_path / "corpus.c"
    corpus.write_text("".join(tui_runs.C_TEXT % {"n": number} for number in range(400)))
    options = ["--layers", "1", "--hidden", "16", "--streams", "4", "--window", "16", "--steps", "10000000"]
    options += ["--report-every", "20", "--validate-every", "400", "--validation-chars", "2000"]
    options += ["--preview-every", "400", "--preview-length", "100", "--preview-count", "2"]
    command = [sys.executable, "-m", "rnnlab", "train", str(corpus), "--runs-dir", str(tmp_path / "runs")]
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen([*command, "--name", "live", *options, "--quiet"], stdout=said, stderr=said)
    until = time.monotonic() + 120
    while not RunFolder(tmp_path / "runs" / "live").events_path.exists():
        assert process.poll() is None, (tmp_path / "said").read_text()
        assert time.monotonic() < until
        time.sleep(0.1)
    yield process
    process.kill()
    process.wait()


async def test_a_real_training_is_watched_and_steered(tmp_path: Path, training: subprocess.Popen[bytes]) -> None:
    app = Dashboard(tmp_path / "runs", RunFolder(tmp_path / "runs" / "live"))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        screen = app.screen
        assert isinstance(screen, RunScreen)

        def answered(command: str) -> bool:
            answers = screen.snapshot.answers.values() if screen.snapshot is not None else ()
            return any(answer.command == command and answer.accepted for answer in answers)

        def state() -> str:
            return screen.snapshot.summary.state if screen.snapshot is not None else ""

        await until(pilot, lambda: state() == "training" and screen.snapshot and screen.snapshot.samples, "a preview")
        await pilot.press("p")
        await until(pilot, lambda: answered("pause") and state() == "paused", "the pause")
        await pilot.press("p")
        await until(pilot, lambda: answered("resume") and state() == "training", "the way on")
        await pilot.press("k")
        await until(pilot, lambda: answered("checkpoint"), "the checkpoint")
        await pilot.press("g")
        await asked(pilot)
        await pilot.press(*"return ", "enter")
        await until(pilot, lambda: answered("sample"), "the preview that was asked for")
        snapshot = screen.snapshot
        assert snapshot is not None
        await until(pilot, lambda: any(s.requested for s in screen.snapshot.samples) if screen.snapshot else 0, "it")
        await pilot.press("X")
        await asked(pilot)
        await pilot.press(*"enough", "enter")
        await until(pilot, lambda: answered("stop") and state() == "stopped", "the end")
        assert training.wait(60) in (0, 1)
        assert screen.snapshot is not None
        kinds = [happening.kind for happening in screen.snapshot.happenings]
        assert {"pause", "resume", "stop", "checkpoint", "sample"} <= set(kinds)
        wanted = [sample for sample in screen.snapshot.samples if sample.requested]
        assert wanted[0].prompt == "return "
        reasons = [answer.reason for answer in screen.snapshot.answers.values() if answer.command == "stop"]
        assert reasons == ["enough"]
