"""The dashboard in a real terminal: start, resize, quit, a killed trainer, and terminals that can do little."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tui_runs
from real_terminal import Terminal

from rnnlab.runs import Recorder, RunFolder


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    tui_runs.make_run(tmp_path, "kernel", tui_runs.training(4000, every=20), hidden=128)
    return tmp_path


@pytest.fixture
def terminal(lab: Path) -> Iterator[Terminal]:
    """With the stale size in its environment that readline leaves to what it starts."""
    opened = Terminal("tui", "kernel", "--runs-dir", str(lab), COLUMNS="80", LINES="24")
    yield opened
    opened.close()


def test_it_starts_follows_a_resize_and_quits_with_zero(terminal: Terminal) -> None:
    terminal.wait_for(lambda text: "step 4,000" in text and "irq_wait_40" in text, "the run")
    terminal.resize(80, 24)
    terminal.wait_for(lambda text: "1 Preview" in text and "quit" in text.split("\n")[23], "the small screen")
    terminal.resize(200, 50)
    terminal.wait_for(lambda text: "4 Log" in text and "corpus" in text and "dashboard" in text, "the large screen")
    terminal.press("\x1b")
    terminal.wait_for(lambda text: "irq_wait" not in text and "kernel" in text, "the lab")
    terminal.press("q")
    assert terminal.ended() == 0


def test_a_refresh_sends_at_most_12_kilobytes(
    terminal: Terminal, lab: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.wait_for(lambda text: "undefined-variable 1" in text and "metric" in text, "the findings")
    terminal.quiet()
    rng, sizes = random.Random(3), []
    with Recorder(RunFolder(lab / "kernel")) as recorder:
        for step in range(4020, 4160, 20):
            before = terminal.received
            recorder.append(tui_runs.step_event(step, rng))
            terminal.wait_for(lambda text, step=step: f"step {step:,}" in text, "the step")  # type: ignore[misc]  # bound now
            terminal.quiet()
            sizes.append(terminal.received - before)
    with capsys.disabled():
        mean, most = sum(sizes) / len(sizes) / 1000, max(sizes) / 1000
        sys.stdout.write(f"\none refresh at 120 × 36 sends {mean:.1f} kB on average, {most:.1f} kB at most\n")
    assert 0 < max(sizes) <= 12_000


def test_the_mouse_opens_marks_the_place_and_zooms(lab: Path) -> None:
    tui_runs.make_run(lab, "newer", tui_runs.training(200, every=50))
    terminal = Terminal("tui", "--runs-dir", str(lab))
    try:
        terminal.wait_for(lambda text: text.count("kernel.c") >= 2 and "preset" in text, "the lab")
        x, y = terminal.find("kernel ")
        terminal.click(x, y)
        terminal.wait_for(lambda text: "step 4,000/" in text, "the run under the cursor")
        terminal.click(x, y)
        terminal.wait_for(lambda text: "2 Scores" in text and "irq_wait_40" in text, "the run's screen")
        terminal.click(40, 10)
        terminal.wait_for(lambda text: "│" in text.split("\n")[2] and "chosen" in text, "the cursor and its preview")
        terminal.click(40, 10, button=64)
        terminal.wait_for(lambda text: "zoomed" in text, "the part under the wheel")
        terminal.click(*terminal.find("4 Log"))
        terminal.wait_for(lambda text: "checkpoint" in text, "the log")
        terminal.click(*terminal.find("q quit"))
        assert terminal.ended() == 0
    finally:
        terminal.close()


def test_a_preview_is_copied_through_the_terminal(terminal: Terminal, lab: Path) -> None:
    import base64
    import re

    terminal.wait_for(lambda text: "irq_wait_40" in text and "metric" in text, "the preview")
    terminal.press("c")
    copied = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07")
    terminal.wait_for(lambda _: copied.search(terminal.bytes), "the text for the clipboard")
    found = copied.search(terminal.bytes)
    assert found is not None
    assert base64.b64decode(found[1]).decode() == tui_runs.C_TEXT % {"n": 40}


def test_a_killed_trainer_is_seen(lab: Path) -> None:
    holder = "import sys,time; from pathlib import Path; from rnnlab.runs import RunFolder, RunLock\n"
    holder += "RunLock(RunFolder(Path(sys.argv[1]))).acquire(); print('held', flush=True); time.sleep(600)"
    trainer = subprocess.Popen([sys.executable, "-c", holder, str(lab / "kernel")], stdout=subprocess.PIPE)
    assert trainer.stdout is not None
    with trainer.stdout as said:
        assert said.readline() == b"held\n"
    terminal = Terminal("tui", "kernel", "--runs-dir", str(lab))
    try:
        terminal.wait_for(lambda text: "● training" in text, "the living trainer")
        trainer.kill()
        trainer.wait()
        terminal.wait_for(lambda text: "stale" in text, "the dead trainer")
    finally:
        trainer.kill()
        terminal.close()


def test_it_leaves_when_its_terminal_vanishes_without_a_signal(lab: Path) -> None:
    terminal = Terminal("tui", "--runs-dir", str(lab))
    try:
        terminal.wait_for(lambda text: "kernel" in text, "the lab")
        assert terminal.vanish() == 128 + signal.SIGHUP  # else it would stay for ever, and busy
    finally:
        terminal.close()


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"COLORTERM": "", "TERM": "xterm"}])
def test_poor_terminals_show_the_same_words(lab: Path, environment: dict[str, str]) -> None:
    terminal = Terminal("tui", "kernel", "--runs-dir", str(lab), width=80, height=24, **environment)
    try:
        terminal.wait_for(lambda text: "step 4,000" in text and "irq_wait_40" in text and "pause" in text, "the run")
        terminal.press("q")
        assert terminal.ended() == 0
    finally:
        terminal.close()


def test_a_dumb_terminal_is_refused_in_words(lab: Path) -> None:
    terminal = Terminal("tui", "--runs-dir", str(lab), TERM="dumb")
    try:
        terminal.wait_for(lambda text: "needs a real terminal" in text, "the refusal")
        assert terminal.ended() == 2
    finally:
        terminal.close()


def test_the_dashboard_starts_without_torch(lab: Path) -> None:
    program = "import sys, rnnlab.tui.app, rnnlab.tui.screens.run; print('torch' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )
