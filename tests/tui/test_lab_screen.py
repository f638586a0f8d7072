"""The lab, driven as a person would drive it; and its parts that need no terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import tui_runs
from dashboard_screen import asked, screen_text, seen, until
from rich.cells import cell_len
from textual.command import CommandPalette
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from rnnlab.events import DivergenceEvent, Event
from rnnlab.runs import RunFolder, RunLock, RunSummary, summarize
from rnnlab.tui.alerts import Alert, Watch
from rnnlab.tui.app import Dashboard
from rnnlab.tui.screens.lab import LabScreen
from rnnlab.tui.screens.new_run import NewRunScreen
from rnnlab.tui.screens.run import RunScreen
from rnnlab.tui.title import TerminalTitle
from rnnlab.tui.widgets.lab.columns import GAP, fitting, in_order
from rnnlab.tui.widgets.lab.filter import Filter
from rnnlab.tui.widgets.lab.table import RunTable
from rnnlab.tui.widgets.run.body import RunBody


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    tui_runs.make_run(tmp_path, "kernel", tui_runs.training(2000, every=100), hidden=128)
    tui_runs.make_run(tmp_path, "other", tui_runs.training(1000, every=50, ended=True), hidden=512)
    tui_runs.make_run(tmp_path, "large", tui_runs.training(1000, every=50, ended=True), hidden=1024, layers=3)
    return tmp_path


async def shown(pilot: Pilot[None], count: int) -> RunTable:
    table = pilot.app.screen.query_one(RunTable)
    await until(pilot, lambda: len(table.summaries) == count, f"{count} runs")
    await pilot.pause()
    return table


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_every_run_and_its_measures_fit_the_screen(lab: Path, size: tuple[int, int]) -> None:
    app = Dashboard(lab)
    async with app.run_test(size=size) as pilot:
        await shown(pilot, 3)
        text = screen_text(app)
        row = next(line for line in text.split("\n") if " kernel " in line)
        for word in ("stale", "10%", "2.5426", "lstm 2×128"):
            assert word in row, f"{word} is missing at {size}\n{text}"
        assert "? help" in text
        assert all(len(line) <= size[0] for line in text.split("\n"))
        if size[0] == 200:
            for title in ("best", "params", "corpus", "curve", "undefined", "brackets"):
                assert title in text


async def test_sorting_filtering_and_opening(lab: Path) -> None:
    app = Dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        table = await shown(pilot, 3)
        assert table.current is not None
        await pilot.press("s")
        await until(pilot, lambda: table.sorting == ("run", False), "the order")
        assert [one.name for one in in_order(table.summaries, "run", falling=False)] == ["kernel", "large", "other"]
        await pilot.press("slash", *"hidden", "greater_than_sign", "equals_sign", *"512", "enter")
        await shown(pilot, 2)
        assert "lstm 2×128" not in screen_text(app)
        await seen(pilot, "2 of 3 runs")
        await pilot.press("home", "enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen), "the run's screen")
        assert isinstance(app.screen, RunScreen)
        assert app.screen.run_folder.name == "large"
        await pilot.press("escape")
        await pilot.press("escape")
        await shown(pilot, 3)


async def test_a_filter_that_no_run_passes_says_how_to_see_them_again(lab: Path) -> None:
    app = Dashboard(lab)
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(pilot, 3)
        await pilot.press("slash", *"hiden", "greater_than_sign", *"5", "enter")
        await until(pilot, lambda: "called hiden" in screen_text(app), "the reason")
        await seen(pilot, "Esc shows all 3")


async def test_deleting_asks_first_and_never_a_run_that_is_trained(lab: Path) -> None:
    app = Dashboard(lab)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        table = await shown(pilot, 3)
        with RunLock(RunFolder(lab / "kernel")):
            table.marked = {"kernel", "large"}
            app.look_now()
            await until(pilot, lambda: any(one.state == "training" for one in app.summaries), "the trainer")
            await pilot.press("D")
            await seen(pilot, "Delete 2 runs?")
            await pilot.press("enter")  # on Cancel
            assert isinstance(app.screen, LabScreen)
            assert (lab / "large").exists()
            await pilot.press("D")
            await asked(pilot)
            await pilot.press("shift+tab", "enter")
            await until(pilot, lambda: not (lab / "large").exists(), "the removal")
            await until(pilot, lambda: "is being trained" in screen_text(app), "the refusal")
            assert (lab / "kernel" / "run.json").exists()
        await shown(pilot, 2)


async def test_what_became_of_many_runs_is_told_at_once(tmp_path: Path) -> None:
    for number in range(12):
        tui_runs.make_run(tmp_path, f"run-{number}", tui_runs.training(100, every=50))
    app = Dashboard(tmp_path)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await shown(pilot, 12)
        with ExitStack() as locks:
            for number in range(6):
                locks.enter_context(RunLock(RunFolder(tmp_path / f"run-{number}")))
            await pilot.press("A", "D")
            await seen(pilot, "Delete 12 runs?")
            await pilot.press("shift+tab", "enter")
            await seen(pilot, "6 runs deleted", "and 3 more that could not be changed")
            told = [notice.message for notice in app._notifications]
            assert len([words for words in told if "deleted" in words]) == 1
            assert len([words for words in told if "being trained" in words]) == 3
        assert len(list(tmp_path.glob("run-*"))) == 6


async def test_renaming_shows_the_new_name(lab: Path) -> None:
    app = Dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        table = await shown(pilot, 3)
        await pilot.press("home")
        assert table.current is not None
        before = table.current.name
        await pilot.press("R")
        await asked(pilot)
        await pilot.press("end", "-", "2", "enter")
        await until(pilot, lambda: (lab / f"{before}-2" / "run.json").exists(), "the renamed folder")
        await until(pilot, lambda: f"{before}-2" in screen_text(app), "the new name")


async def test_a_run_that_begins_elsewhere_appears_and_marks_stay(lab: Path) -> None:
    app = Dashboard(lab)
    async with app.run_test(size=(80, 24)) as pilot:
        table = await shown(pilot, 3)
        await pilot.press("home", "space")
        marked = set(table.marked)
        assert len(marked) == 1
        tui_runs.make_run(lab, "newcomer", tui_runs.training(100))
        await shown(pilot, 4)
        await seen(pilot, "newcomer")
        assert table.marked == marked
        for size in ((30, 8), (200, 50), (1, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await seen(pilot, "newcomer")


async def test_an_empty_lab_says_what_to_do(tmp_path: Path) -> None:
    app = Dashboard(tmp_path / "none")
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(pilot, "No runs")
        await seen(pilot, "rnnlab train corpus.c")
        for key in ("enter", "space", "s", "c", "r", "R", "D", "A", "down", "escape"):
            await pilot.press(key)
        assert isinstance(app.screen, LabScreen)


async def test_hostile_names_are_shown_harmlessly(tmp_path: Path) -> None:
    run = tui_runs.make_run(tmp_path, "kernel", tui_runs.training(1000, every=100))
    run.path.rename(tmp_path / "\x1b]0;evil\x07[b]\u202e")
    app = Dashboard(tmp_path)
    async with app.run_test(size=(120, 36)) as pilot:
        await shown(pilot, 1)
        for sign in screen_text(app).replace("\n", ""):
            assert ord(sign) >= 32
            assert sign != "\u202e"
        await seen(pilot, "[b]")


async def test_keys_and_theme_come_from_the_users_file_and_memory(lab: Path) -> None:
    config = lab / ".config" / "rnnlab"
    config.mkdir(parents=True)
    (config / "tui.toml").write_text('theme = "nord"\n[keys]\n"lab.sort" = "f4"\n')
    app = Dashboard(lab)
    async with app.run_test(size=(80, 24)) as pilot:
        table = await shown(pilot, 3)
        assert app.theme == "nord"
        await pilot.press("s")
        assert table.sorting[0] == ""
        await pilot.press("f4")
        assert table.sorting[0] == "run"
    again = Dashboard(lab)
    async with again.run_test(size=(80, 24)) as pilot:
        assert (await shown(pilot, 3)).sorting[0] == "run"


async def test_what_is_wrong_with_the_users_keys_is_said_and_help_shows_the_keys_that_work(lab: Path) -> None:
    config = lab / ".config" / "rnnlab"
    config.mkdir(parents=True)
    (config / "tui.toml").write_text('[keys]\n"lab.new" = "f2"\n"lab.nwe" = "f3"\n"lab.judge" = "c"\n')
    app = Dashboard(lab)
    async with app.run_test(size=(120, 60), notifications=True) as pilot:
        await shown(pilot, 3)
        await until(pilot, lambda: "no key is called lab.nwe" in screen_text(app), "the misspelt name")
        await until(pilot, lambda: "lab.judge takes c from lab.compare" in screen_text(app), "the lost key")
        await seen(pilot, "f2 new run")
        await pilot.press("?")
        await pilot.pause()
        (row,) = (line for line in screen_text(app).split("\n") if "lab.new" in line and "new run" in line)
        assert "f2" in row


async def test_help_lists_every_key_of_the_program_itself(lab: Path) -> None:
    app = Dashboard(lab)
    async with app.run_test(size=(120, 50)) as pilot:
        await shown(pilot, 3)
        await pilot.press("?")
        await seen(pilot, "Everywhere")
        rows = [line.strip(" │").split() for line in screen_text(app).split("\n")]
        named = {row[-1]: row[0] for row in rows if row and row[-1].startswith("app.")}
        assert named == {"app.help": "?", "app.quit": "q", "app.quit-now": "^q", "app.palette": "^p"}


async def test_keys_work_in_a_lab_that_was_empty(tmp_path: Path) -> None:
    app = Dashboard(tmp_path)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "No runs in" in screen_text(app), "the word about it")
        await pilot.press("n")
        await pilot.pause()
        run = tui_runs.make_run(tmp_path, "first", tui_runs.training(100))
        app.open_run(run)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: "1 run" in screen_text(app) and isinstance(app.screen, LabScreen), "the lab")
        await pilot.press("space")
        await until(pilot, lambda: "1 marked" in screen_text(app), "the mark")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen), "the run")


async def test_the_command_palette_offers_every_key_of_the_screen(lab: Path) -> None:
    app = Dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        table = await shown(pilot, 3)
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Lab: mark all, or none", "Lab: rename", "Sort by corpus", "Open kernel"} <= titles
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette), "the palette")
        await pilot.press(*"mark all")
        offers = app.screen.query_one(OptionList)
        await until(pilot, lambda: _first(offers).startswith("Lab: mark all"), "the offer")
        while isinstance(app.screen, CommandPalette):
            await pilot.press("enter")  # takes it, once it is under the cursor
        await until(pilot, lambda: len(table.marked) == 3, "the marks")


def _first(offers: OptionList) -> str:
    return str(offers.get_option_at_index(0).prompt) if offers.option_count else ""


def _summaries(lab: Path) -> tuple[RunSummary, ...]:
    return tuple(summarize(RunFolder(lab / name), budget=None) for name in ("kernel", "other", "large"))


def test_filters_keep_what_they_say(lab: Path) -> None:
    summaries = _summaries(lab)
    for text, names in {
        "": {"kernel", "other", "large"},
        "hidden>=512": {"other", "large"},
        "hidden>=0.5k layers=3": {"large"},
        "-finished": {"kernel"},
        "state=finished": {"other", "large"},
        "KERN": {"kernel", "other", "large"},  # the corpus of all
        "valid<99 step>1500": {"kernel"},
        "training.streams!=32": set(),
        "brackets-matched>65%": {"kernel"},
        "nonsense>1": set(),
    }.items():
        assert {one.name for one in summaries if Filter(text).keeps(one)} == names, text


def test_the_columns_never_need_more_than_there_is(lab: Path) -> None:
    summaries = _summaries(lab)
    for width in range(10, 260, 7):
        columns = fitting(summaries, width)
        assert sum(wide for _, wide in columns) + GAP * (len(columns) - 1) <= width
        assert columns[0][0].title == "run"
        assert all(cell_len(column.title) <= wide or wide >= 8 for column, wide in columns)


def _seen(lab: Path, events: Iterator[Event]) -> RunSummary:
    run = tui_runs.make_run(lab, f"run-{len(list(lab.iterdir()))}", events)
    with RunLock(run):
        return summarize(run, budget=None)


def test_alerts_tell_of_what_is_new_and_of_nothing_else(tmp_path: Path) -> None:
    import dataclasses

    one = _seen(tmp_path, tui_runs.training(1000, every=100))
    assert one.state == "training"
    watch = Watch()
    assert watch.look((one,), 0.0) == []
    later = dataclasses.replace(one, step=1010, best_bits=1.0, progress=0.5)
    assert [alert.kind for alert in watch.look((later,), 2.0)] == ["best"]
    assert watch.look((later,), 20.0) == []
    assert [alert.kind for alert in watch.look((later,), 60.0)] == ["stalled"]
    assert watch.look((later,), 90.0) == []
    lost = DivergenceEvent(step=1020, reason="the loss is nan", restored_step=500, learning_rate_factor=0.5, attempt=1)
    back = dataclasses.replace(later, step=500, divergence=lost)
    (alert,) = watch.look((back,), 94.0)
    assert alert.kind == "diverged"
    assert "the loss is nan at step 1,020" in alert.text
    assert watch.look((dataclasses.replace(back, step=510),), 95.0) == []
    ended = dataclasses.replace(back, state="finished")
    assert [alert.kind for alert in watch.look((ended,), 96.0)] == ["finished"]
    assert watch.look((ended,), 900.0) == []


def test_new_bests_are_told_of_late_and_seldom(tmp_path: Path) -> None:
    import dataclasses

    one = _seen(tmp_path, tui_runs.training(1000, every=100))

    def told(watch: Watch, shares: list[float | None]) -> list[float]:
        """The seconds at which a new best was told of, where each second brings one."""
        bests = [
            dataclasses.replace(one, step=1000 + second, best_bits=5 - second / 100, progress=share)
            for second, share in enumerate(shares)
        ]
        return [second for second, best in enumerate(bests) if watch.look((best,), float(second))]

    assert told(Watch(), [second / 300 for second in range(150)]) == [30, 90]
    assert told(Watch(), [None] * 150) == [61, 121]  # a run without an end


def test_the_title_tells_an_alert_until_somebody_is_there_or_the_run_goes_on(tmp_path: Path) -> None:
    import dataclasses

    one = _seen(tmp_path, tui_runs.training(1000, every=100))
    said: list[str] = []
    title = TerminalTitle(said.append)
    title.tell(Alert("best", one.name, "new best"))
    title.seen()
    assert said == []
    title.tell(Alert("finished", "a\x1b]b", "finished"))
    title.follow((one,))
    assert len(said) == 1
    assert "finished\x07" in said[0]
    assert "\x1b]b" not in said[0]
    title.seen()
    title.seen()
    assert len(said) == 2
    assert "rnnlab\x07" in said[1]
    title.tell(Alert("stalled", one.name, "no step"))
    title.follow((one,))
    title.follow((one,))
    assert len(said) == 3
    title.follow((dataclasses.replace(one, step=1001),))
    assert len(said) == 4


async def test_marks_are_used_up_by_the_comparison_that_they_were_made_for(lab: Path) -> None:
    app = Dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        table = await shown(pilot, 3)
        await pilot.press("A", "c")
        await until(pilot, lambda: not isinstance(app.screen, LabScreen), "the comparison")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, LabScreen), "the lab")
        assert not table.marked
        await until(pilot, lambda: "▌" not in screen_text(app), "the table without its marks")
        await pilot.press("D")
        await seen(pilot, "Delete 1 run?")


async def test_keys_typed_ahead_go_where_the_keys_before_them_lead(lab: Path) -> None:
    app = Dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        await shown(pilot, 3)

        def type_at_once(*keys: str) -> None:
            for key in keys:
                app.post_message(Key(key, key if len(key) == 1 else None))

        type_at_once("slash", *"128", "enter", "enter", "4", "z")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.query_one(RunBody).zoomed, "all")
        assert isinstance(app.screen, RunScreen)
        assert (app.screen.run_folder.name, app.screen.query_one(RunBody).zoomed) == ("kernel", "log")
        type_at_once("escape", "escape", "n", *"some.c", "down", *"mine")
        await until(pilot, lambda: isinstance(app.screen, NewRunScreen) and app.focused, "the form")
        await until(pilot, lambda: app.screen.query_one("#name", Input).value == "mine", "the name")
        assert app.screen.query_one("#corpus", Input).value == "some.c"


async def test_escape_followed_at_once_by_a_letter_is_two_keys_but_not_while_text_is_typed(lab: Path) -> None:
    app = Dashboard(lab, RunFolder(lab / "kernel"))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, RunScreen), "the run")
        app.post_message(Key("alt+n", "n"))
        await until(pilot, lambda: isinstance(app.screen, NewRunScreen) and app.focused, "the lab, then the form")
        app.post_message(Key("alt+n", "n"))
        await pilot.press("x")
        await until(pilot, lambda: "x" in app.screen.query_one("#corpus", Input).value, "the letter")
        assert isinstance(app.screen, NewRunScreen)


def test_the_lab_as_a_plain_table_needs_no_terminal(lab: Path) -> None:
    from typer.testing import CliRunner

    from rnnlab.cli.app import app

    result = CliRunner().invoke(app, ["tui", "--once", "--runs-dir", str(lab)])
    assert result.exit_code == 0
    assert {"kernel", "other", "large"} <= set(result.stdout.split())
    assert "\x1b" not in result.stdout
