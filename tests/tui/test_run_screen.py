"""The run screen, driven as a person would drive it, on run folders that the recorder wrote."""

from __future__ import annotations

import asyncio
import itertools
import random
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import tui_runs
from dashboard_screen import asked, screen_text, seen, until
from textual.pilot import Pilot

from rnnlab.events import ControlEvent, Event
from rnnlab.runs import Command, Inbox, Recorder, RunFolder, RunLock, SampleNow, acknowledge
from rnnlab.tui.app import Dashboard
from rnnlab.tui.screens.run import RunScreen
from rnnlab.tui.widgets.chart import Chart
from rnnlab.tui.widgets.run.arrangement import WIDEST, arrange
from rnnlab.tui.widgets.run.header import RunHeader
from rnnlab.tui.widgets.run.sample import SamplePanel
from rnnlab.tui.widgets.source import SourceView

SIZES = [(80, 24), (120, 36), (200, 50)]


def judged(app: Dashboard) -> bool:
    text = screen_text(app)
    return "undefined-variable 1" in text and "? help" in text


def taken(inbox: Inbox, commands: list[Command]) -> list[Command]:
    commands += inbox.take()
    return commands


def shown_step(sample: SamplePanel) -> int | None:
    return sample.shown.step if sample.shown is not None else None


async def arrived(pilot: Pilot[None]) -> RunScreen:
    """The run screen with all of its events read."""
    screen = pilot.app.screen
    assert isinstance(screen, RunScreen)
    await until(pilot, lambda: screen.snapshot is not None and screen.snapshot.read == 1.0, "the snapshot")
    await until(pilot, lambda: screen.query_one(RunHeader).summary is not None, "its picture")
    await pilot.pause()
    return screen


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    tui_runs.make_run(tmp_path, "kernel", tui_runs.training(4000, every=20), hidden=128)
    tui_runs.make_run(tmp_path, "other", tui_runs.training(1000, every=50, ended=True), hidden=256)
    return tmp_path


def dashboard(lab: Path, name: str = "kernel") -> Dashboard:
    return Dashboard(lab, RunFolder(lab / name))


@pytest.mark.parametrize("size", SIZES)
async def test_everything_that_matters_is_on_the_screen(lab: Path, size: tuple[int, int]) -> None:
    app = dashboard(lab)
    async with app.run_test(size=size) as pilot:
        await arrived(pilot)
        await until(pilot, lambda: judged(app), "the findings")
        text = screen_text(app)
        for word in ("kernel", "train", "valid", "2.", "step 4,000", "static", "irq_wait_40", "pause", "? help"):
            assert word in text, f"{word} is missing at {size}\n{text}"
        assert any(0x2800 < ord(sign) < 0x2900 for sign in text), "no curve"
        for line in text.split("\n"):
            assert len(line) <= size[0]


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (100, 24), (120, 36), (159, 60), (200, 50), (300, 90)])
@pytest.mark.parametrize("zoomed", ["", "log"])
def test_panels_never_overlap_and_fill_the_screen(size: tuple[int, int], zoomed: str) -> None:
    for active, wider in itertools.product(("sample", "scores", "machine", "log", "setup"), (-WIDEST, 0, WIDEST)):
        regions = arrange(*size, active, zoomed, wider).regions
        taken: set[tuple[int, int]] = set()
        for region in regions.values():
            cells = {(x, y) for x in range(region.x, region.right) for y in range(region.y, region.bottom)}
            assert cells
            assert not cells & taken
            taken |= cells
        assert all(0 <= x < size[0] and 0 <= y < size[1] for x, y in taken)
        assert len(taken) >= size[0] * size[1] - 2 * size[1]


async def test_the_layout_is_remembered(lab: Path) -> None:
    app = dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await arrived(pilot)
        usual = screen.query_one("#chart", Chart).size.width
        await pilot.press("x", "u", "y", "s", ">", "4", "0", "m", "m")
        await until(pilot, lambda: "gradient norm" in screen_text(app), "the gradients")
        before = screen_text(app).split("\n")[-14:-3]
    app = dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await arrived(pilot)
        chart = screen.query_one("#chart", Chart)
        assert (screen.metric, screen.look.axis, screen.look.nats) == ("gradient norm", "epoch", True)
        assert (chart.view.log_y, chart.view.smoothing) == (True, 0.95)
        assert chart.size.width > usual
        assert screen_text(app).split("\n")[-14:-3] == before  # the log is on


async def test_what_was_remembered_by_another_version_does_no_harm(lab: Path) -> None:
    memory = lab / ".state" / "rnnlab" / "tui.json"
    memory.parent.mkdir(parents=True)
    memory.write_text('{"run": {"axis": "parsecs", "smoothing": 7, "panel": 3, "wider": 99, "metric": "none", "a": 1}}')
    app = dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await arrived(pilot)
        assert (screen.look.axis, screen.query_one("#chart", Chart).view.smoothing) == ("step", 0.9)
        await seen(pilot, "train")


async def test_resizing_never_breaks(lab: Path) -> None:
    app = dashboard(lab)
    async with app.run_test(size=(80, 24)) as pilot:
        await arrived(pilot)
        for size in ((200, 50), (30, 8), (120, 36), (1, 1), (81, 25), (10, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await seen(pilot, "step 4,000")


async def test_the_cursor_and_the_preview_go_together(lab: Path) -> None:
    app = dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await arrived(pilot)
        chart, sample = screen.query_one("#chart", Chart), screen.query_one(SamplePanel)
        assert shown_step(sample) == 4000
        await pilot.press("[", "[")
        await until(pilot, lambda: (shown_step(sample), chart.cursor) == (2000, 2000), "the preview and its place")
        await seen(pilot, "│2k")
        await pilot.press("0", "left", "left")
        await until(pilot, lambda: shown_step(sample) == 1000, "the preview before the cursor")
        assert chart.cursor is not None
        assert chart.cursor < 2000
        await pilot.press("end")
        await until(pilot, lambda: shown_step(sample) == 4000, "the newest")
        await pilot.press("escape")
        await until(pilot, lambda: chart.cursor is None and not sample.pinned, "the newest, followed")
        assert app.screen is screen


async def test_the_cursor_reads_what_was_recorded(lab: Path) -> None:
    app = dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await arrived(pilot)
        await pilot.press("u", "0", "home")
        assert screen.snapshot is not None
        loss = screen.snapshot.steps["loss"][0]
        await seen(pilot, f"train {loss:.5g}")


async def test_another_axis_keeps_the_cursor_at_its_step(lab: Path) -> None:
    app = dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await arrived(pilot)
        chart = screen.query_one("#chart", Chart)
        await pilot.press("[")
        await until(pilot, lambda: chart.cursor is not None, "the cursor")
        await pilot.press("x")
        await until(pilot, lambda: chart.figure.x_name == "epochs", "the other axis")
        assert chart.cursor == pytest.approx(3000 * tui_runs.PER_STEP / 10_512_644, rel=1e-3)
        for _ in range(3):
            await pilot.press("x")
        assert chart.cursor == pytest.approx(3000, rel=1e-3)


async def test_every_metric_can_be_drawn(lab: Path) -> None:
    app = dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await arrived(pilot)
        seen = set()
        for _ in range(9):
            seen.add(screen.metric)
            chart = screen.query_one("#chart", Chart)
            assert chart.figure.points > 0
            await pilot.press("m")
        assert "c-syntax.brackets-matched" in seen
        assert "learning rate" in seen
        screen.metric = "c-syntax.undefined-variables"
        await pilot.pause()
        assert "corpus" in screen_text(app) or screen.query_one("#chart", Chart).figure.series[0].reference


async def test_findings_are_underlined_and_walked_through(lab: Path) -> None:
    app = dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await arrived(pilot)
        view = screen.query_one(SourceView)
        await until(pilot, lambda: view.document.findings, "findings")
        await pilot.press("n")
        assert view.finding is not None
        await seen(pilot, view.finding.message)
        line = view.document.lines[view.finding.line - 1]
        marked = line[view.finding.column - 1 : view.finding.end_column - 1]
        assert view.finding.symbol in marked or marked in view.finding.symbol
        underlined = [
            segment.text
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if segment.style is not None and segment.style.underline
        ]
        assert marked in underlined


async def test_hostile_previews_are_harmless_and_keep_their_columns(tmp_path: Path) -> None:
    hostile = (
        "int a;\x1b]0;title\x07\x9b31m\x00[/b][bold]\u202eabc\n\twide 漢字 end\n" + "x" * 100_000 + "\n\x85\u2028z"
    )
    events = [tui_runs.start(), tui_runs.sample(0, text=hostile)]
    tui_runs.make_run(tmp_path, "kernel", iter(events))
    app = dashboard(tmp_path)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await arrived(pilot)
        await pilot.press("1", "z")
        await seen(pilot, "[/b][bold]")
        for strip in app.screen._compositor.render_strips():
            assert strip.cell_length == 120
            for sign in strip.text:
                assert ord(sign) >= 32
                assert not 0x7F <= ord(sign) < 0xA0
                assert sign not in "\u202e\u2028"
        text = screen_text(app)
        assert "[/b][bold]" in text
        row = next(line for line in text.split("\n") if "wide" in line)
        assert row.index("wide") - len("3  ") == 8  # after the tab
        assert screen.query_one(SourceView).virtual_size.width < 5000


async def test_steering_is_sent_answered_and_marked(lab: Path) -> None:
    run = RunFolder(lab / "kernel")
    app = dashboard(lab)
    with RunLock(run), Recorder(run) as recorder:
        inbox = Inbox(run, interval=0.0)
        async with app.run_test(size=(120, 36)) as pilot:
            screen = await arrived(pilot)
            await until(pilot, lambda: screen.snapshot and screen.snapshot.summary.state == "training", "the trainer")
            await pilot.press("g")
            await asked(pilot)
            await pilot.press(*"if (", "enter")
            commands: list[Command] = []
            await until(pilot, lambda: taken(inbox, commands), "the command")
            (command,) = commands
            assert isinstance(command, SampleNow)
            assert command.prompt == "if ("
            assert command.length == 400
            await until(pilot, lambda: "sample sent" in screen_text(app), "the header's word")
            recorder.append(acknowledge(command, step=4000, detail="drawn"))
            recorder.append(tui_runs.sample(4000, 0, "answer_to_if", requested=True, prompt="if ("))
            await until(pilot, lambda: "answer_to_if" in screen_text(app), "the preview")
            assert "sample sent" not in screen_text(app)
            await pilot.press("p")
            await until(pilot, lambda: len(taken(inbox, commands)) > 1, "the pause")
            recorder.append(acknowledge(commands[1], step=4000))
            await until(pilot, lambda: "paused" in screen_text(app), "the state")
            assert screen.snapshot is not None
            assert screen.snapshot.happenings[-1].kind == "pause"


async def test_a_command_that_could_not_be_sent_is_told_wherever_one_is_by_then(
    lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = threading.Event()

    def slow(_run: RunFolder, _command: Command) -> None:
        gone.wait(60)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rnnlab.tui.screens.run_steering.send", slow)
    app = dashboard(lab)
    with RunLock(RunFolder(lab / "kernel")):
        async with app.run_test(size=(120, 36), notifications=True) as pilot:
            screen = await arrived(pilot)
            await until(pilot, lambda: "training" in screen_text(app), "the trainer")
            await pilot.press("p", "escape")
            await until(pilot, lambda: app.screen is not screen and not screen.is_running, "the lab")
            gone.set()
            await seen(pilot, "No space left on device", "pause was not sent")


@pytest.mark.parametrize(("name", "words"), [("left", "No trainer is running"), ("other", "other has finished")])
async def test_without_a_trainer_a_command_is_refused_with_what_to_do(lab: Path, name: str, words: str) -> None:
    tui_runs.make_run(lab, "left", tui_runs.training(1000, every=100))
    app = dashboard(lab, name)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await arrived(pilot)
        await pilot.press("p")
        await until(pilot, lambda: words in screen_text(app), "the notice")


async def test_a_growing_run_is_followed(lab: Path) -> None:
    run = RunFolder(lab / "kernel")
    app = dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await arrived(pilot)
        with Recorder(run) as recorder:
            recorder.append(tui_runs.validation(4010))
            recorder.append(tui_runs.sample(4010, 0, "brand_new_preview"))
        await until(pilot, lambda: "brand_new_preview" in screen_text(app), "the new preview")
        assert screen.snapshot is not None
        assert screen.snapshot.validations[-1].step == 4010


def _nothing() -> Iterator[Event]:
    return iter(())


async def test_a_run_without_events_says_what_is_missing(tmp_path: Path) -> None:
    tui_runs.make_run(tmp_path, "kernel", _nothing())
    app = dashboard(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await arrived(pilot)
        await seen(pilot, "No steps")
        await seen(pilot, "No previews yet")
        for key in ("[", "]", "n", "d", "c", "x", "m", "2", "3", "4", "5", "v", "z", "z", "0", "left", "+", "f"):
            await pilot.press(key)
        assert isinstance(app.screen, RunScreen)


async def test_lines_with_values_of_other_types_are_passed_over_and_the_run_is_followed_on(lab: Path) -> None:
    app = dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        await arrived(pilot)
        with (lab / "kernel" / "events.jsonl").open("a") as file:
            file.write(
                '{"event":"validation","step":"x","chars":[],"loss":1,"bits_per_character":1,"validated_chars":1}\n'
            )
            file.write('{"event":"checkpoint","step":{},"folder":7,"names":[1]}\n{"event":"new","step":null}\n')
            file.write('{"event":"step","time":1' + "0" * 400 + ',"step":3000}\n')
        await seen(pilot, "events.jsonl: 4 damaged lines")
        with Recorder(RunFolder(lab / "kernel")) as recorder:
            recorder.append(tui_runs.step_event(4020, random.Random(1)))
        await seen(pilot, "step 4,020")


async def test_a_run_that_vanishes_and_comes_back_is_followed(lab: Path) -> None:
    app = dashboard(lab)
    async with app.run_test(size=(80, 24)) as pilot:
        await arrived(pilot)
        shutil.rmtree(lab / "kernel")
        await until(pilot, lambda: "its folder is gone" in screen_text(app), "the word about it")
        tui_runs.make_run(lab, "kernel", tui_runs.training(2000, every=20))
        await until(pilot, lambda: "step 2,000/" in screen_text(app), "the new run")


async def test_panels_that_were_hidden_are_drawn_for_their_size(lab: Path) -> None:
    app = dashboard(lab, "other")
    async with app.run_test(size=(80, 24)) as pilot:
        await arrived(pilot)
        await pilot.resize_terminal(200, 50)
        await until(pilot, lambda: "brackets-matched" in screen_text(app), "the scores")
        assert "Nothing to draw yet" not in screen_text(app)
        await pilot.resize_terminal(80, 24)
        await pilot.press("2")
        await until(pilot, lambda: "corpus 99.4%" in screen_text(app), "the corpus's rate")


async def test_settings_that_differ_from_another_run_are_told(lab: Path) -> None:
    app = dashboard(lab)
    async with app.run_test(size=(120, 36)) as pilot:
        await arrived(pilot)
        await pilot.press("v")
        await until(pilot, lambda: "Differences to other" in screen_text(app), "the differences")
        row = next(line for line in screen_text(app).split("\n") if "model.hidden" in line)
        assert "128" in row
        assert "there: 256" in row


async def test_help_lists_the_keys_of_screen_and_chart(lab: Path) -> None:
    app = dashboard(lab)
    async with app.run_test(size=(120, 90)) as pilot:
        await arrived(pilot)
        await pilot.press("?")
        await seen(pilot, "zoom in", "next finding", "Everywhere", "Chart", "Steer")
        await pilot.press("escape")
        assert isinstance(app.screen, RunScreen)


async def test_leaving_a_run_ends_its_threads(lab: Path) -> None:
    import threading

    app = dashboard(lab)
    async with app.run_test(size=(80, 24)) as pilot:
        await arrived(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: not any(t.name == "follow kernel" for t in threading.enumerate()), "the end")
        await asyncio.sleep(0)
        assert not isinstance(app.screen, RunScreen)


def test_a_control_event_of_a_refusal_is_a_warning_in_the_log() -> None:
    from rnnlab.tui.reading.words import log_line

    line = log_line(ControlEvent(step=5, id="a", command="pause", accepted=False, detail="\x1b[31mno"))
    assert line is not None
    assert line.level == "warning"
    assert "\x1b" not in line.text
    assert "refused" in line.text
