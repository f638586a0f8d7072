"""A run in a glance: its state, its best values, its pace; cheap, also for a large one."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from runs.laboratory import a_run, record, start, step, validation

from rnnlab.events import (
    ControlEvent,
    DivergenceEvent,
    EndEvent,
    Event,
    NoteEvent,
    Score,
    ScoreEvent,
    TestEvent,
    to_line,
)
from rnnlab.runs import RunFolder, RunLock, create_run, list_runs, summarize


def end(state: str, number: int = 100) -> EndEvent:
    return EndEvent(step=number, state=state, reason=f"because {state}")  # type: ignore[arg-type]  # one of its states


def pause(number: int, command: str = "pause") -> ControlEvent:
    return ControlEvent(step=number, id="x", command=command, accepted=True, reason="lunch")


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([start(), step(100), end("finished")], "finished"),
        ([start(), step(50), end("failed")], "failed"),
        ([start(), step(50), end("stopped")], "stopped"),
        ([start(), step(50), end("interrupted")], "stopped"),
        ([start(), step(50)], "stale"),
        ([start(), step(50), end("interrupted"), start(50), step(60)], "stale"),
        ([], "stale"),
    ],
)
def test_the_state_of_a_run_that_nobody_trains(tmp_path: Path, events: list[Event], state: str) -> None:
    assert summarize(a_run(tmp_path, "one", *events)).state == state


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], "training"),
        ([start(), step(50)], "training"),
        ([start(), step(50), end("interrupted")], "training"),  # the new trainer has not begun to write
        ([start(), step(50), pause(50)], "paused"),
        ([start(), step(50), pause(50), pause(50, "resume")], "training"),
        ([start(), step(50), pause(50), end("interrupted", 50), start(50)], "training"),
    ],
)
def test_the_state_of_a_run_that_is_being_trained(tmp_path: Path, events: list[Event], state: str) -> None:
    run = a_run(tmp_path, "one", *events)
    time.sleep(0.01)
    with RunLock(run):
        summary = summarize(run)
        assert summary.state == state
        assert summary.holder is not None
        assert summary.holder.pid == os.getpid()
    assert summarize(run).state != state


def test_a_trainer_that_said_its_last_word_has_ended_though_it_still_holds_the_lock(tmp_path: Path) -> None:
    run = a_run(tmp_path, "one", start(), step(100))
    with RunLock(run):
        record(run, end("finished"))
        assert summarize(run).state == "finished"
        assert summarize(run).reason == "because finished"


def test_a_killed_trainer_leaves_a_stale_run(tmp_path: Path) -> None:
    run = a_run(tmp_path, "one", start(), step(10))
    script = (
        "import sys,os,pathlib; from rnnlab.runs import *; RunLock(RunFolder(pathlib.Path(sys.argv[1]))).acquire();"
        "print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(run.path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert summarize(run).state == "training"
        process.kill()
        process.wait()
        summary = summarize(run)
        assert summary.state == "stale"
        assert str(process.pid) in summary.reason


def test_values_progress_and_the_time_left(tmp_path: Path) -> None:
    run = a_run(
        tmp_path,
        "one",
        start(),
        step(10, math.log(16), span=3),
        validation(10, 3.5),
        step(20, math.log(8)),
        validation(20, 1.75, best=True),
        step(30, math.log(8)),
        validation(30, 1.8),
    )
    with RunLock(run):
        summary = summarize(run)
    assert summary.train_bits == pytest.approx((3 * 4 + 3 + 3) / 5)
    assert (summary.validation_bits, summary.best_bits, summary.best_step) == (1.8, 1.75, 20)
    assert (summary.step, summary.total_steps, summary.progress, summary.epoch) == (30, 100, 0.3, 0.6)
    assert summary.eta_s == pytest.approx(70 * 2000 / 1000)
    assert (summary.corpus, summary.model, summary.parameters) == ("linux.c", "lstm 3×700", 10_212_598)
    assert summary.settings["model.hidden"] == 700
    assert summary.curve == pytest.approx((4, 3, 3))
    record(
        run, TestEvent(step=20, loss=1.0, bits_per_character=1.5, tested_chars=9, checkpoint="best"), end("finished")
    )
    summary = summarize(run)
    assert (summary.test_bits, summary.eta_s) == (1.5, None)


def test_the_nearest_limit_decides_about_progress_and_time_left(tmp_path: Path) -> None:
    run = a_run(tmp_path, "one", start(total_steps=None, total_seconds=100.0), step(10))
    with RunLock(run):
        assert (summarize(run).progress, summarize(run).eta_s) == (0.2, 80.0)
        record(run, start(10, total_steps=20, total_seconds=100.0), step(11))
        assert (summarize(run).progress, summarize(run).eta_s) == (11 / 20, 18.0)


def test_what_was_superseded_counts_no_more(tmp_path: Path) -> None:
    score = ScoreEvent(
        step=10, plugin="c-syntax", samples=4, scores=(Score(name="brackets", count=9, total=10, better="higher"),)
    )
    run = a_run(tmp_path, "one", start(), step(10), validation(10, 2.5), score, step(20), validation(20, 1.0))
    assert summarize(run).best_bits == 1.0
    record(run, start(10))
    summary = summarize(run)
    assert (summary.best_bits, summary.step) == (2.5, 10)
    assert summary.scores["c-syntax.brackets"].count == 9
    record(
        run,
        step(20),
        DivergenceEvent(step=21, reason="nan", restored_step=5, learning_rate_factor=0.5, attempt=1),
        step(7, math.nan),
    )
    summary = summarize(run)
    assert (summary.best_bits, summary.scores, summary.step) == (None, {}, 7)
    assert math.isnan(summary.train_bits or 0.0)


def test_a_damaged_run_is_shown_with_its_problem_and_with_all_that_can_be_read(tmp_path: Path) -> None:
    run = a_run(tmp_path, "one", start(), step(50), validation(50, 1.5), end("finished", 50))
    whole = run.manifest_path.read_text()
    before = summarize(run)
    assert (before.problem, before.state) == ("", "finished")
    run.manifest_path.write_text("{")
    summary = summarize(run)
    assert "not JSON" in summary.problem
    assert (summary.state, summary.step, summary.best_bits) == ("failed", 50, before.best_bits)
    for damage in ('"cell": "perceptron"', '"cell": 5'):
        run.manifest_path.write_text(whole.replace('"cell": "lstm"', damage))
        summary = summarize(run)
        assert "model.cell" in summary.problem
        assert (summary.state, summary.created, summary.step) == ("finished", before.created, 50)
    run.manifest_path.write_text('{"schema": 1, "created": "long ago"}')
    assert "is damaged" in summarize(run).problem
    for number in ("1" + "0" * 400, "Infinity"):  # nobody could draw it
        run.manifest_path.write_text(re.sub(r'"parameters": \d+', f'"parameters": {number}', whole))
        assert "is damaged" in summarize(run).problem
    run.manifest_path.write_text(whole)
    assert summarize(run).problem == ""


def test_events_of_which_none_can_be_read_are_a_problem(tmp_path: Path) -> None:
    run = a_run(tmp_path, "one", start())
    run.events_path.write_bytes(b"\x00" * 5000)
    assert "nothing in it can be read" in summarize(run).problem
    run.events_path.write_bytes(b"\x00" * 5000 + b"\n{]\n" + to_line(step(3)).encode())
    assert summarize(run).step == 3


def big_run(folder: Path, count: int) -> RunFolder:
    run = a_run(folder, "big", start(total_steps=count))
    lines = [to_line(step(number, 2 + 2 * math.exp(-4 * number / count))) for number in range(1, count + 1)]
    for number in range(count, 0, -(count // 10)):
        lines.insert(number, to_line(validation(number, 2 - number / count)))
    lines.insert(5, to_line(validation(5, 0.5, best=True)))
    with run.events_path.open("a") as file:
        file.writelines(lines)
    return run


def test_the_first_look_at_a_large_run_is_cheap_and_further_looks_complete_it(tmp_path: Path) -> None:
    run = big_run(tmp_path, 60_000)
    summary = summarize(run, budget=100_000)
    assert not summary.complete
    assert (summary.step, summary.validation_bits, summary.best_bits) == (60_000, 1.0, 0.5)
    assert len(summary.curve) > 30
    assert list(summary.curve) == sorted(summary.curve, reverse=True)
    for _ in range(200):
        summary = summarize(run, budget=100_000)
    assert summary.complete
    whole = summarize(RunFolder(run.path / "." / ".." / "big"), budget=None)
    assert whole.complete
    assert (whole.best_bits, whole.best_step, whole.step) == (0.5, 5, 60_000)


def test_an_ending_without_steps_is_looked_behind(tmp_path: Path) -> None:
    run = a_run(tmp_path, "one", start(), step(42), *(NoteEvent(text="x" * 10_000) for _ in range(30)))
    assert summarize(run).step == 42


def test_fifty_runs_are_listed_in_well_under_half_a_second(tmp_path: Path) -> None:
    """CPU time of this process, for a busy machine is slow; a first look, then one where nothing changed."""
    big_run(tmp_path, 60_000)
    reports = [step(number) for number in range(1, 90)]
    for number in range(50):
        a_run(tmp_path, f"run-{number}", start(), *reports, validation(90, 2.0))
    begun = time.process_time()
    summaries = [summarize(run) for run in list_runs(tmp_path)]
    first = time.process_time() - begun
    assert len(summaries) == 51
    begun = time.process_time()
    again = [summarize(run) for run in list_runs(tmp_path)]
    second = time.process_time() - begun
    assert [summary.step for summary in again] == [summary.step for summary in summaries]
    assert first < 0.4
    assert second < 0.05


def test_runs_are_listed_newest_first_and_other_folders_are_none(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "older", "oldest")):
        run = a_run(tmp_path, name)
        when = time.time() - 100 * age
        os.utime(run.manifest_path, (when, when))
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    create_run(tmp_path, "without-a-manifest")
    assert [run.name for run in list_runs(tmp_path)] == ["new", "older", "oldest"]
    assert list_runs(tmp_path / "missing") == []


def test_one_slow_report_does_not_make_the_rest_slow(tmp_path: Path) -> None:
    speeds = (1000.0, 1010.0, 990.0, 1000.0, 40.0)  # the last: a pause, or another program
    reports = [step(10 * place, chars_per_second=speed) for place, speed in enumerate(speeds, 1)]
    run = a_run(tmp_path, "one", start(), *reports)
    with RunLock(run):
        summary = summarize(run)
    assert summary.chars_per_second == 1000
    assert summary.eta_s == pytest.approx(50 * 2000 / 1000)


def test_a_paused_run_stands_at_the_step_that_its_answer_told(tmp_path: Path) -> None:
    run = a_run(tmp_path, "one", start(), step(50), pause(57))
    assert summarize(run).step == 57
    record(run, pause(57, "resume"), step(60))
    assert summarize(run).step == 60
