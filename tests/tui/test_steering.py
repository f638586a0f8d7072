"""What a person may do wrong while steering, and what the screen then says."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import tui_runs
from dashboard_screen import asked, screen_text, seen, until
from textual.widgets import Input

from rnnlab.runs import Command, Inbox, Recorder, RunFolder, RunLock, SetLearningRate, acknowledge
from rnnlab.tui.app import Dashboard
from rnnlab.tui.reading.judging import Judge, Judged
from rnnlab.tui.screens.run import RunScreen
from rnnlab.tui.screens.steering import unusual


def taken(inbox: Inbox, commands: list[Command]) -> list[Command]:
    commands += inbox.take()
    return commands


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return tui_runs.make_run(tmp_path, "kernel", tui_runs.training(2000, every=20), hidden=128)


async def test_a_learning_rate_far_from_the_present_one_is_asked_about(run: RunFolder) -> None:
    app = Dashboard(run.path.parent, run)
    inbox = Inbox(run, interval=0.0)
    commands: list[Command] = []
    with RunLock(run):
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await seen(pilot, "● training", "step 2,000")
            await pilot.press("r")
            await asked(pilot)
            app.screen.query_one("#value", Input).value = "99"
            await pilot.press("enter")
            await seen(pilot, "times the present", "Enter once more")
            assert not inbox.take()
            await pilot.press("enter")

            def sent() -> bool:
                commands.extend(inbox.take())
                return bool(commands)

            await until(pilot, sent, "the command")
    assert isinstance(commands[0], SetLearningRate)
    assert commands[0].value == 99


def test_usual_learning_rates_are_not_asked_about() -> None:
    assert unusual(2e-3, "0.001") == unusual(2e-3, "0.01") == unusual(math.nan, "0.1") == ""
    assert "1,000 times" in unusual(2e-3, "2")
    assert unusual(math.nan, "5")


async def test_the_number_of_previews_follows_while_they_are_drawn(run: RunFolder) -> None:
    app = Dashboard(run.path.parent, run)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "step 2,000 newest")
        with Recorder(run) as recorder:
            recorder.append(tui_runs.sample(2100, 0))
            await seen(pilot, "step 2,100 newest")
            for index in (1, 2):
                recorder.append(tui_runs.sample(2100, index))
                await seen(pilot, f"1 of {index + 1}")


async def test_the_unit_is_that_of_the_chart_and_of_the_head(run: RunFolder) -> None:
    app = Dashboard(run.path.parent, run)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "step 2,000")
        screen = app.screen
        assert isinstance(screen, RunScreen)
        await until(pilot, lambda: screen.snapshot and screen.snapshot.read == 1, "the events")
        assert screen.snapshot is not None
        bits = screen.snapshot.summary.best_bits
        assert bits is not None
        await seen(pilot, f"best {bits:.4f}")
        await pilot.press("u")
        await seen(pilot, f"best {bits * math.log(2):.4f}", "nats/char")


async def test_a_damaged_run_says_what_is_wrong_in_its_head_and_where_the_curve_would_be(run: RunFolder) -> None:
    run.manifest_path.write_text('{"schema": 1, "conf')
    run.events_path.unlink()
    app = Dashboard(run.path.parent, run)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: screen_text(app).count("run.json is damaged: not JSON") == 2, "the reason, twice")


async def test_a_damaged_run_shows_what_can_be_read_beside_what_is_wrong(run: RunFolder) -> None:
    run.manifest_path.write_text("{")
    app = Dashboard(run.path.parent)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(pilot, "✗ kernel", "run.json is damaged: not JSON", "step 2,000")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen), "its page")
        await seen(pilot, "✗ failed", "run.json is damaged: not JSON", "step 2,000", "━ validation")


async def test_damaged_lines_are_counted_where_they_stand(run: RunFolder) -> None:
    lines = run.events_path.read_text().splitlines(keepends=True)
    lines[40:40] = ["garbage\n", '{"event": 3}\n']
    lines[60:60] = ['{"event":"step","step":"many"}\n']
    run.events_path.write_text("".join(lines))
    app = Dashboard(run.path.parent, run)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "events.jsonl: 3 damaged lines")
        await pilot.press("4")
        await until(pilot, lambda: "damaged line" in screen_text(app).split("─ 4 Log")[1], "the place in the log")


@pytest.mark.parametrize(("panel", "keys"), [("4", ("1", "escape")), ("0", ("escape",))])
async def test_the_answer_to_a_wish_for_a_preview_says_where_it_is(
    run: RunFolder, panel: str, keys: tuple[str, ...]
) -> None:
    app = Dashboard(run.path.parent, run)
    inbox = Inbox(run, interval=0.0)
    commands: list[Command] = []
    with RunLock(run), Recorder(run) as recorder:
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await seen(pilot, "● training", "step 2,000 newest")
            await pilot.press("[", panel, "g")
            await asked(pilot)
            await pilot.press("enter")
            await until(pilot, lambda: taken(inbox, commands), "the command")
            recorder.append(tui_runs.sample(2010, 0, "just_now", requested=True))
            recorder.append(acknowledge(commands[0], step=2010))
            words = ", then ".join(keys).replace("escape", "esc")
            await seen(pilot, "sample done at step 2,010", f"Press {words} to see it")
            await pilot.press(*keys)
            await seen(pilot, "just_now")


def test_evaluators_that_are_gone_are_told_of_at_every_question() -> None:
    from rnnlab.evaluation.contract import Source

    answers: list[Judged] = []
    judge = Judge(("no-such-evaluator",), (), answers.append)
    judge.ask(1, Source(text="x"))
    judge.join(60)
    judge.ask(2, Source(text="y"))
    assert [answer.key for answer in answers] == [None, 2]
    assert all("no-such-evaluator" in answer.problems[0] for answer in answers)
