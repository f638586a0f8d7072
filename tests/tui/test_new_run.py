"""Setting up a run and starting it: the draft, the form, and a training that outlives the dashboard."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import tui_runs
from dashboard_screen import BEGINS, screen_text, seen, until
from textual.widgets import Input

from rnnlab.config import RunConfig
from rnnlab.errors import ConfigError, RunError
from rnnlab.model_size import parameter_count
from rnnlab.presets import PRESETS
from rnnlab.runs import RunFolder, lock_state, summarize
from rnnlab.tui import launching
from rnnlab.tui.app import Dashboard
from rnnlab.tui.drafting import SECTIONS, Draft, cost, settings
from rnnlab.tui.screens.new_run import NewRunScreen
from rnnlab.tui.screens.run import RunScreen
from rnnlab.tui.widgets.new_run.paths import complete


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / ".cache"))
    path = tmp_path / "text of mine.c"
    path.write_text("".join(tui_runs.C_TEXT % {"n": number} for number in range(60)))
    return path


def test_what_was_typed_and_nothing_else_goes_on_the_command_line() -> None:
    typed = {"model-hidden": "64", "model-skip": "no", "training-time": "1h30m", "corpus-include": "*.py '*.pyi'"}
    draft = Draft(corpus="'a b.c' ~x", preset="tiny", device="cuda:1", typed=typed)
    words = draft.arguments()
    assert words[:6] == ["a b.c", "~x", "--preset", "tiny", "--device", "cuda:1"]
    assert words[6:] == [
        "--include", "*.py", "--include", "*.pyi", "--hidden", "64", "--no-skip", "--time", "1h30m"
    ]  # fmt: skip
    config = draft.resolve()
    assert (config.model.hidden, config.training.time, config.corpus.include) == (64, 5400.0, ("*.py", "*.pyi"))


def test_every_option_that_the_form_writes_is_one_of_the_command_line() -> None:
    from rnnlab.cli import commands

    train = commands.load("train")
    known = {name for option in train.params for name in (*option.opts, *option.secondary_opts)}
    for section in SECTIONS:
        for setting in settings(section):
            for text in setting.choices or ("1",):
                assert setting.arguments(text)[0] in known


@pytest.mark.parametrize(
    ("key", "text"), [("model-hidden", "many"), ("model-hidden", "0"), ("training-split", "x"), ("model-cell", "lstmm"),
                      ("training-time", "soon"), ("corpus-split", "50/90"), ("corpus-include", "'open")]
)  # fmt: skip
def test_a_wrong_setting_is_refused_in_the_form(key: str, text: str) -> None:
    if key == "training-split":
        assert Draft(typed={key: text}).resolve() == Draft().resolve()  # no such setting: never read
    else:
        with pytest.raises(ConfigError):
            Draft(typed={key: text}).resolve()


def test_the_form_shows_the_dropout_that_the_size_of_the_text_asks_for() -> None:
    assert Draft(preset="tiny").resolve(50_000).model.dropout_between == 0.3
    assert Draft(preset="tiny").resolve(500_000_000).model.dropout_between == 0
    typed = Draft(preset="tiny", typed={"model-dropout_between": "0.2"}).resolve(50_000).model
    assert (typed.dropout_input, typed.dropout_between) == (0.1, 0.2)


def test_the_cost_is_that_of_the_configuration(tmp_path: Path) -> None:
    run = tui_runs.make_run(tmp_path, "kernel", tui_runs.training(1000, every=100), hidden=128)
    config: RunConfig = Draft(preset="essay").resolve()
    needs = cost(config, 97, 1_000_000, [summarize(run, budget=None)])
    assert needs.parameters == parameter_count(config.model, 97)
    assert needs.chars == 50e6
    assert needs.like == "kernel"
    assert needs.seconds is not None
    assert needs.seconds > 50e6 / 41_000  # a larger network is slower than that run


def test_the_time_is_that_of_the_limit_that_comes_first(tmp_path: Path) -> None:
    run = summarize(tui_runs.make_run(tmp_path, "kernel", tui_runs.training(1000, every=100), hidden=128), budget=None)
    clock = cost(Draft(typed={"training-time": "10s"}).resolve(), 97, 1_000_000, [run])
    assert (clock.seconds, clock.like) == (10.0, "")
    steps = cost(Draft(typed={"training-time": "10h", "training-steps": "5"}).resolve(), 97, 1_000_000, [run])
    assert steps.seconds is not None
    assert steps.seconds < 60
    assert steps.like == "kernel"


async def test_arrows_go_from_field_to_field_and_every_preset_is_named(tmp_path: Path) -> None:
    app = Dashboard(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await seen(pilot, *PRESETS)
        for key, field in (("down", "name"), ("down", "preset"), ("down", "device"), ("up", "preset")):
            await pilot.press(key)
            await until(pilot, lambda field=field: app.focused and app.focused.id == field, field)  # type: ignore[misc]  # bound now
        for _ in range(30):
            await pilot.press("down")
        assert isinstance(app.focused, Input)
        await until(pilot, lambda: app.screen.query_one("#form").region.contains_region(app.focused.region), "it")  # type: ignore[union-attr]  # looked at above


async def test_what_is_wrong_with_the_form_and_what_to_do_stand_under_it(tmp_path: Path) -> None:
    app = Dashboard(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewRunScreen) and app.focused, "the form")
        app.screen.query_one("#preset", Input).value = "weird"
        await seen(pilot, "there is none called 'weird'", "Use one of: tiny, small, essay, paper, modern")
        app.screen.query_one("#preset", Input).value = "tiny"
        app.screen.query_one("#name", Input).value = "../x"
        await seen(pilot, "'../x': cannot be the name of a run", "a letter or digit first")


def test_paths_are_completed(tmp_path: Path) -> None:
    (tmp_path / "kernel").mkdir()
    (tmp_path / "kernel" / "sched.c").touch()
    (tmp_path / "kernel" / "a\x1b[31m.c").touch()
    assert complete(f"{tmp_path}/ker") == f"{tmp_path}/kernel/"
    assert complete(f"{tmp_path}/kernel/") == f"{tmp_path}/kernel/sched.c"
    assert complete(f"{tmp_path}/kernel/x") is None
    assert complete("/nowhere/at/all") is None


async def test_tab_takes_what_is_offered_and_else_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kernel").mkdir()
    (tmp_path / "kernel" / "sched.c").touch()
    monkeypatch.chdir(tmp_path)
    app = Dashboard(tmp_path / "runs")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n", *"ker", "tab", *"sch", "right", "tab")
        await until(pilot, lambda: app.focused and app.focused.id == "name", "the next field")
        assert app.screen.query_one("#corpus", Input).value == "kernel/sched.c"
        await pilot.press("tab", *"es", "tab", "tab")
        await until(pilot, lambda: app.focused and app.focused.id == "device", "the field after the preset")
        assert app.screen.query_one("#preset", Input).value == "essay"


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_form_tells_what_the_corpus_is_and_what_it_will_cost(
    tmp_path: Path, corpus: Path, size: tuple[int, int]
) -> None:
    app = Dashboard(tmp_path / "runs")
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(app.screen, NewRunScreen)
        app.screen.query_one("#corpus", Input).value = f"'{corpus}'"
        await until(pilot, lambda: f"{corpus.stat().st_size:,} characters" in screen_text(app), "the statistics")
        for word in ("parameters", "10 min", "learns in minutes", "start"):
            assert word in screen_text(app)
        assert app.screen.query_one("#model-dropout_between", Input).placeholder == "0.3"  # what so small a text gets
        app.screen.query_one("#model-hidden", Input).value = "-3"
        await seen(pilot, "hidden")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, NewRunScreen)  # refused
        await pilot.press("escape")
        assert not (tmp_path / "runs").exists()


@pytest.fixture
def started_ends() -> Iterator[None]:
    """What was started ends with the test, failed or not: it would go on for its hour."""
    before = len(launching.STARTED)
    yield
    for started in launching.STARTED[before:]:
        started.terminate()
        started.wait(60)  # this Python made it, and would complain of a child that it did not see leave


@pytest.mark.usefixtures("started_ends")
@pytest.mark.slow
async def test_a_started_training_is_shown_and_outlives_the_dashboard(tmp_path: Path, corpus: Path) -> None:
    runs = tmp_path / "runs"
    app = Dashboard(runs)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await pilot.press("n")
        await pilot.pause()
        for key, value in {"corpus": f"'{corpus}'", "name": "mine", "preset": "tiny", "training-time": "1h"}.items():
            app.screen.query_one(f"#{key}", Input).value = value
        await pilot.press("ctrl+s")
        await seen(pilot, "starting mine …")
        with pytest.raises(RunError, match="being started"):
            launching.check_free(runs, "mine", app.starting)
        await until(pilot, lambda: isinstance(app.screen, RunScreen), "the run's screen", BEGINS)
        assert app.starting == ()
    holder = lock_state(RunFolder(runs / "mine"))
    assert holder is not None
    assert holder.alive
    assert os.getsid(holder.pid) == holder.pid != os.getsid(0)


@pytest.mark.slow
async def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    tiny = tmp_path / "tiny.c"
    tiny.write_text("x")
    app = Dashboard(tmp_path / "runs")
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await pilot.press("n")
        await pilot.pause()
        app.screen.query_one("#corpus", Input).value = str(tiny)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "failed" in screen_text(app), "the notice")
        await seen(pilot, "error:")
        await seen(pilot, "Give at least 100")
