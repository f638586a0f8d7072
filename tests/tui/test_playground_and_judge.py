"""Comparing, letting a real network write, and judging what was written, as a person would."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tui_runs
from dashboard_screen import asked, screen_text, seen, until
from textual.widgets import Input

from rnnlab.corpus.vocabulary import Vocabulary
from rnnlab.evaluation.contract import Source
from rnnlab.runs import RunFolder, create_run
from rnnlab.tui.app import Dashboard
from rnnlab.tui.reading.sampling import Written
from rnnlab.tui.screens.compare import CompareScreen
from rnnlab.tui.screens.judge import JudgeScreen
from rnnlab.tui.screens.playground import PlaygroundScreen
from rnnlab.tui.widgets.chart import Chart
from rnnlab.tui.widgets.playground.text import SurpriseText
from rnnlab.tui.widgets.source import SourceView

SIZES = [(80, 24), (120, 36), (200, 50)]
HOSTILE = "a\x1b]0;evil\x07\x9b31m\x00[/b]\u202eabc\n\twide 漢字 end\n\x85\u2028z"


def harmless(app: Dashboard, width: int) -> None:
    for strip in app.screen._compositor.render_strips():
        assert strip.cell_length == width
        for sign in strip.text:
            assert ord(sign) >= 32
            assert not 0x7F <= ord(sign) < 0xA0
            assert sign not in "\u202e\u2028"


@pytest.mark.parametrize("size", SIZES)
async def test_several_runs_are_compared(tmp_path: Path, size: tuple[int, int]) -> None:
    tui_runs.make_run(tmp_path, "kernel", tui_runs.training(2000, every=100), hidden=128)
    tui_runs.make_run(tmp_path, "other", tui_runs.training(1000, every=50, ended=True), hidden=512)
    app = Dashboard(tmp_path)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: len(app.summaries) == 2, "the runs")
        await pilot.press("c")
        await until(pilot, lambda: "Mark two or more" in screen_text(app), "what to do")
        await pilot.press("A", "c")
        await until(pilot, lambda: "model.hidden" in screen_text(app) or size[1] < 50, "the difference")
        await until(pilot, lambda: "best validation" in screen_text(app), "the table")
        assert isinstance(app.screen, CompareScreen)
        chart = app.screen.query_one(Chart)
        assert {series.name for series in chart.figure.series} == {"kernel", "other"}
        assert len({series.colour for series in chart.figure.series}) == 2
        await pilot.press("m", "x", "u")
        assert app.screen.metric == "train"
        assert chart.figure.x_name == "epochs"
        for _ in range(8):
            await pilot.press("m")
        await pilot.press("escape")
        assert not isinstance(app.screen, CompareScreen)


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run with a checkpoint of a small network that learnt nothing: it writes whatever it likes."""
    from rnnlab.config import ModelConfig
    from rnnlab.model.checkpoint import save_checkpoint
    from rnnlab.model.network import CharModel

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    run = tui_runs.make_run(tmp_path, "kernel", tui_runs.training(100, every=50), hidden=16)
    vocabulary = Vocabulary("bytes", [*range(32), *range(60, 110), 0x9B, 0xC3, 0xA9])
    config = ModelConfig(layers=1, hidden=16)
    whole, model = tui_runs.config(layers=1, hidden=16), CharModel(config, len(vocabulary))
    save_checkpoint(run.checkpoints, 100, model, None, None, whole, vocabulary)
    return run


async def test_a_network_writes_and_what_else_was_likely_is_shown(network: RunFolder, tmp_path: Path) -> None:
    app = Dashboard(network.path.parent)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: app.summaries, "the run")
        await pilot.press("t")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, PlaygroundScreen)
        text = screen.query_one(SurpriseText)
        await until(pilot, lambda: len(text.text) > 100 and "char/s" in screen_text(app), "the text")
        harmless(app, 120)
        assert len(text.text) == len(text.bits) == len(text.likeliest)
        assert len(text.raw) == 2000
        await pilot.press("home", "right", "right")
        assert text.at == 2
        likeliest = text.likeliest[2]
        assert len(likeliest) == 5
        assert [share for _, share in likeliest] == sorted((share for _, share in likeliest), reverse=True)
        await seen(pilot, f"{100 * likeliest[0][1]:.2f}%")
        first = text.raw
        await pilot.press("g")
        await until(pilot, lambda: len(text.raw) == 2000, "another text")
        assert text.raw != first
        await pilot.press("k")
        await asked(pilot)
        await pilot.press("ctrl+u", *"kept.txt", "enter")
        await until(pilot, lambda: (Path("kept.txt")).exists(), "the file")
        assert Path("kept.txt").read_bytes() == text.raw
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, JudgeScreen), "the judge")
        harmless(app, 120)


async def test_each_checkpoint_of_a_run_may_write_and_its_names_are_told(network: RunFolder) -> None:
    first = network.checkpoints / "step-00000100"
    for step in (50, 200):
        shutil.copytree(first, network.checkpoints / f"step-{step:08d}")
    for name, step in (("best", 100), ("best-clean-functions", 50), ("last", 100)):
        (network.checkpoints / name).symlink_to(f"step-{step:08d}")
    app = Dashboard(network.path.parent)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: app.summaries, "the run")
        await pilot.press("t")
        for called in ("step 100 best, last", "step 50 best-clean-functions", "step 200", "step 100 best, last"):
            await seen(pilot, f"  {called}  ")
            await until(pilot, lambda: "char/s" in screen_text(app).split("\n")[0], "its text")
            assert len(app.screen.query_one(SurpriseText).raw) == 2000
            await pilot.press("b")


async def test_a_run_with_one_checkpoint_says_that_there_is_no_other(network: RunFolder) -> None:
    app = Dashboard(network.path.parent)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: app.summaries, "the run")
        await pilot.press("t")
        await until(pilot, lambda: "char/s" in screen_text(app), "the text")
        await pilot.press("b")
        await until(pilot, lambda: "this run has no other checkpoint" in screen_text(app), "the notice")


async def test_a_sampler_that_was_killed_is_told_and_the_next_wish_starts_another(network: RunFolder) -> None:
    app = Dashboard(network.path.parent)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: app.summaries, "the run")
        await pilot.press("t")
        await until(pilot, lambda: "char/s" in screen_text(app), "the first text")
        assert "surprising" in screen_text(app).split("\n")[0]  # the colours' names, whole
        screen = app.screen
        assert isinstance(screen, PlaygroundScreen)
        assert screen._writer is not None
        before, writer = screen.query_one(SurpriseText).raw, screen._writer
        writer._process.kill()
        await until(pilot, lambda: "it was ended by SIGKILL" in screen_text(app), "the word about it")
        assert screen.query_one(SurpriseText).raw == before
        writer.join(60)
        await pilot.press("g")
        await until(pilot, lambda: "char/s" in screen_text(app).split("\n")[0], "another text")
        assert len(screen.query_one(SurpriseText).raw) == 2000


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def test_a_prompt_that_is_refused_gives_the_keys_back_to_its_field(network: RunFolder) -> None:
    app = Dashboard(network.path.parent)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: app.summaries, "the run")
        await pilot.press("t")
        await until(pilot, lambda: "char/s" in screen_text(app), "the first text")
        await pilot.press("i", *"!!", "enter")  # not among its symbols
        await until(
            pilot, lambda: app.focused and app.focused.id == "prompt" and "'!'" in screen_text(app), "the refusal"
        )
        await pilot.press("backspace", "backspace", *"abc", "enter")
        await until(pilot, lambda: app.focused and app.focused.id == "text", "the text")


async def test_a_run_without_a_checkpoint_says_so(tmp_path: Path) -> None:
    tui_runs.make_run(tmp_path, "kernel", tui_runs.training(100, every=50))
    app = Dashboard(tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: app.summaries, "the run")
        await pilot.press("t")
        await until(pilot, lambda: "there is no checkpoint yet" in screen_text(app), "the reason")
        await pilot.press("g", "e", "k", "s", "n", "left", "escape")
        assert not isinstance(app.screen, PlaygroundScreen)


async def test_hostile_text_is_shown_in_place(tmp_path: Path) -> None:
    app = Dashboard(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = PlaygroundScreen(RunFolder(create_run(tmp_path, "none").path))
        await app.push_screen(screen)
        text = screen.query_one(SurpriseText)
        text.begin("\x1b[2J")
        count = len(HOSTILE)
        text.add(Written(text=tuple(HOSTILE), bits=(9.0,) * count, likeliest=((("\x1b", 0.5),),) * count, raw=b""))
        for key in ("home", "right", "down", "up", "n", "N", "end"):
            await pilot.press(key)
            harmless(app, 80)
        await seen(pilot, "[/b]")


@pytest.mark.parametrize("size", SIZES)
async def test_findings_and_source_go_together(tmp_path: Path, size: tuple[int, int]) -> None:
    source = Source(text="int f(int a)\n{\n\tint unused;\n\treturn missing + a;\n}\n" + HOSTILE, name="bad.c")
    app = Dashboard(tmp_path, then=lambda lab: lab.open_judge([source], ("c-syntax",)))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "is never used" in screen_text(app), "the findings")
        harmless(app, size[0])
        view = app.screen.query_one(SourceView)
        await pilot.press("n")
        first = view.finding
        await pilot.press("n")
        assert view.finding is not None
        assert view.finding != first
        await pilot.press("N")
        assert view.finding == first
        await pilot.press("escape")
        assert not isinstance(app.screen, JudgeScreen)


async def test_findings_that_only_the_cut_explains_are_called_so(tmp_path: Path) -> None:
    source = Source(text="static int f(int a)\n{\n\tif (a) {\n\t\treturn a", name="cut.c")
    app = Dashboard(tmp_path, then=lambda lab: lab.open_judge([source], ("c-syntax",)))
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(pilot, "no findings but 2 due to where the text was cut")
        await seen(pilot, "n next", "esc back")
        assert "next text" not in screen_text(app)  # there is one


def test_the_worker_gives_whole_characters_with_the_surprise_of_all_their_bytes() -> None:
    from rnnlab.inspection.stream import Characters
    from rnnlab.model.sampling import Piece

    vocabulary = Vocabulary("bytes", [0x41, 0xA9, 0xC3])
    ids = np.array([2, 1, 0], np.int32)
    piece = Piece(
        0,
        ids,
        True,
        np.array([0.5, 0.25, 1.0]),
        np.array([[2, 1, -1, -1, -1]] * 3),
        np.array([[0.5, 0.2, 0, 0, 0]] * 3),
    )
    found = Characters(vocabulary).take(piece)
    assert found["text"] == ["é", "A"]
    assert found["bits"] == [3.0, 0.0]
    assert found["likeliest"][0] == [["0xC3", 0.5], ["0xA9", 0.2]]


async def test_a_file_of_any_ending_is_judged_by_the_evaluator_that_is_named(tmp_path: Path) -> None:
    text = tmp_path / "step-100.txt"
    text.write_text(tui_runs.C_TEXT % {"n": 1})
    app = Dashboard(tmp_path / "runs")
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await pilot.press("e")
        await seen(pilot, "c-syntax")
        app.screen.query_one("#file", Input).value = str(text)
        app.screen.query_one("#evaluator", Input).value = "c-sintax"
        await pilot.press("enter")
        await until(pilot, lambda: "c-sintax" in screen_text(app) and "c-syntax" in screen_text(app), "the refusal")
        await pilot.press("e")
        await asked(pilot)
        app.screen.query_one("#file", Input).value = str(text)
        app.screen.query_one("#evaluator", Input).value = "c-syntax"
        await pilot.press("enter")
        await until(pilot, lambda: "undefined-return" in screen_text(app), "the findings")
