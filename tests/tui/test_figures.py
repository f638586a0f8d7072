"""How fast and how frugal the dashboard is, measured in a real terminal (pytest -m slow -s shows the figures)."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # has no stubs
import pytest
import tui_runs
from real_terminal import Terminal

from rnnlab.runs import RunFolder

pytestmark = pytest.mark.slow
TRAINING = ["--layers", "1", "--hidden", "64", "--streams", "8", "--window", "32", "--steps", "10000000"]
TRAINING += ["--report-every", "5", "--validate-every", "2000", "--preview-every", "1000", "--quiet"]


def tell(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


def processor_time(terminal: Terminal) -> float:
    times = psutil.Process(terminal.process.pid).cpu_times()
    return float(times.user + times.system)


@pytest.fixture
def fifty_runs(tmp_path: Path) -> Path:
    lab = tmp_path / "runs"
    for number in range(49):
        ended = number % 3 == 0
        tui_runs.make_run(lab, f"run-{number:02}", tui_runs.training(3000, ended=ended), hidden=64 + number)
    tui_runs.write_long(tui_runs.make_run(lab, "long", hidden=512), 1_000_000)
    return lab


def test_fifty_runs_are_seen_soon_after_enter(fifty_runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def complete(text: str) -> bool:
        rows = [line for line in text.splitlines() if "run-" in line]
        return "long" in text and len(rows) >= 20 and all("kernel.c" in row for row in rows) and "preset" in text

    walls, works = [], []
    for _ in range(9):
        terminal = Terminal("tui", "--runs-dir", str(fifty_runs))
        try:
            terminal.wait_for(complete, "the lab")
            walls.append(terminal.last - terminal.started)
            works.append(processor_time(terminal))
        finally:
            terminal.close()
    wall, work = statistics.median(walls), statistics.median(works)
    tell(capsys, f"first picture of 50 runs: {wall:.2f} s (best {min(walls):.2f}), {work:.2f} s of one processor")
    assert min(works) < 3  # the promise is printed; this only catches what is badly wrong on any machine


@pytest.fixture
def three_trainings(tmp_path: Path) -> Iterator[Path]:
    """Three small networks that learn and report for as long as they are let."""
    corpus, lab = tmp_path / "corpus.c", tmp_path / "runs"
    corpus.write_text("".join(tui_runs.C_TEXT % {"n": number} for number in range(2000)))
    with ExitStack() as stack:
        for name in ("one", "two", "three"):
            said = stack.enter_context((tmp_path / f"said-{name}").open("wb"))
            command = [sys.executable, "-m", "rnnlab", "train", str(corpus), "--runs-dir", str(lab), "--name", name]
            environment = {**os.environ, "OMP_NUM_THREADS": "1"}
            # In sessions of their own, as from three terminals: where processors are dealt out by sessions, what
            # measures would share one session with them, and measure how long it waits itself.
            trainer = subprocess.Popen(
                [*command, *TRAINING], stdout=said, stderr=said, env=environment, start_new_session=True
            )
            stack.callback(trainer.wait)
            stack.callback(trainer.kill)
        until = time.monotonic() + 180
        while not all(b'"step"' in read(RunFolder(lab / name).events_path) for name in ("one", "two", "three")):
            assert time.monotonic() < until
            time.sleep(0.2)
        yield lab


def read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def test_keys_are_answered_at_once_while_three_runs_train(
    three_trainings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def answers(terminal: Terminal, key: str, word: str) -> list[float]:
        """Seconds from each press of a key, which brings a word and takes it away in turn, to its being seen."""
        taken = []
        for number in range(40):
            pressed = time.perf_counter()
            terminal.press(key)
            terminal.wait_for(lambda text, there=number % 2 == 0: (word in text) is there, word)  # type: ignore[misc]  # bound now
            taken.append(terminal.last - pressed)
            terminal.read(0.11)
        return taken

    found: dict[str, list[float]] = {}
    works: list[float] = []
    terminal = Terminal("tui", "--runs-dir", str(three_trainings))
    try:
        terminal.wait_for(lambda text: text.count("training") >= 3, "three trainings")
        before = processor_time(terminal)
        found["lab"] = answers(terminal, "A", "3 marked")
        works.append(processor_time(terminal) - before)
    finally:
        terminal.close()
    terminal = Terminal("tui", "one", "--runs-dir", str(three_trainings))
    try:
        terminal.wait_for(lambda text: "2 Scores" in text and "bits/char" in text, "the run")
        before = processor_time(terminal)
        found["run"] = answers(terminal, "u", "nats/char")
        works.append(processor_time(terminal) - before)
    finally:
        terminal.close()
    for screen, taken in found.items():
        taken.sort()
        middle, late = 1000 * statistics.median(taken), 1000 * taken[int(0.9 * len(taken))]
        tell(capsys, f"a key in the {screen} is answered after {middle:.0f} ms (nine of ten within {late:.0f} ms)")
    # How long it takes is the machine's matter as well; this is the dashboard's own, events in between included.
    assert max(works) / 40 < 1


def test_an_idle_dashboard_costs_next_to_nothing(fifty_runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["run-01"]):
        terminal = Terminal("tui", *arguments, "--runs-dir", str(fifty_runs))
        try:
            terminal.wait_for(lambda text: "run-01" in text or "run-48" in text, "the dashboard")
            terminal.read(20)  # the long run is read through
            before, since = processor_time(terminal), time.monotonic()
            end = since + 30
            while time.monotonic() < end:
                terminal.read(1)
            share = (processor_time(terminal) - before) / (time.monotonic() - since)
        finally:
            terminal.close()
        tell(capsys, f"the idle dashboard ({arguments or 'lab'}) takes {share:.1%} of one processor")
        assert share < 0.03
