"""Whoever leaves a screen, or the dashboard, in the very moment in which something opens or is told sees no error."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import tui_runs
from dashboard_screen import until
from textual.css.query import NoMatches
from textual.message import Message
from textual.widgets import Input

from rnnlab.evaluation.contract import Source
from rnnlab.runs import RunFolder
from rnnlab.tui.app import Dashboard
from rnnlab.tui.base import hand_over
from rnnlab.tui.screens.lab import LabScreen

SOURCE = Source(text="int f(int a)\n{\n\treturn missing + a;\n}\n", name="bad.c")
OPENINGS: dict[str, Callable[[Dashboard, RunFolder], object]] = {
    "run": lambda app, run: app.open_run(run),
    "playground": lambda app, run: app.open_playground(run),
    "compare": lambda app, run: app.open_compare([run, run]),
    "judge": lambda app, _run: app.open_judge([SOURCE], ("c-syntax",)),
    "new": lambda app, _run: app.open_new(),
    "ask": lambda app, _run: app.ask_for_file(),
    "help": lambda app, _run: app.action_help(),
    "palette": lambda app, _run: app.action_command_palette(),
}


@pytest.mark.filterwarnings("ignore:.*DirectoryTree.watch_path")  # Textual's tree forgets a coroutine of its own
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("turns", [0, 1, 3])
@pytest.mark.parametrize("back", [False, True], ids=["quit", "back"])
@pytest.mark.parametrize("opening", OPENINGS)
async def test_what_is_left_while_it_opens_ends_without_an_error(
    tmp_path: Path, opening: str, back: bool, turns: int
) -> None:
    run = tui_runs.make_run(tmp_path, "kernel", tui_runs.training(100, every=50))
    app = Dashboard(tmp_path)
    async with app.run_test(size=(120, 36)) as pilot:  # raises what went wrong inside
        await until(pilot, lambda: app.summaries, "the run")
        OPENINGS[opening](app, run)
        for _ in range(turns):
            await asyncio.sleep(0)
        if back:
            app.pop_screen()
            await until(pilot, lambda: isinstance(app.screen, LabScreen), "the lab")
            await pilot.pause()
        else:
            app.exit()
    assert not app.return_code


async def test_an_error_of_a_screen_that_is_on_still_ends_the_dashboard(tmp_path: Path) -> None:
    app = Dashboard(tmp_path)

    async def err() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            app.screen.call_later(lambda: app.screen.query_one("#nowhere", Input))
            await pilot.pause()

    with pytest.raises(NoMatches, match="nowhere"):
        await err()
    assert app.return_code == 1


def test_what_a_thread_hands_over_after_the_dashboard_has_closed_is_dropped(tmp_path: Path) -> None:
    app = Dashboard(tmp_path)

    async def leave() -> None:
        async with app.run_test(size=(80, 24)):
            app._loop = asyncio.get_running_loop()

    asyncio.run(leave())
    assert not hand_over(Message(), app)
    app._running, app._closing, app._closed = True, False, False  # as a thread that looked a moment ago saw it
    hand_over(Message(), app)
