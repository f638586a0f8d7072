"""What counts in a run that went back, and a million steps as columns."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.events import (
    CheckpointEvent,
    ControlEvent,
    DivergenceEvent,
    EndEvent,
    Event,
    NoteEvent,
    SampleEvent,
    StartEvent,
    StepEvent,
    ValidationEvent,
    to_line,
)
from rnnlab.runs import EventReader, RunFolder, effective
from rnnlab.runs.history import RunHistory
from rnnlab.runs.series import FIELDS, parse_steps


def step(number: int, loss: float = 2.0, time: float = 0.0) -> StepEvent:
    return StepEvent(
        time=time,
        step=number,
        chars=number * 2048,
        epoch=number / 3e6,
        loss=loss,
        loss_low=loss - 0.25,
        loss_high=loss + 0.25,
        span=10,
        learning_rate=2e-3 / (number + 1),
        gradient_norm=loss / 3,
        chars_per_second=1e5 / 7,
        seconds=number * 0.1,
    )


def validation(number: int) -> ValidationEvent:
    return ValidationEvent(time=0.0, step=number, chars=1, loss=1.0, bits_per_character=1.4, validated_chars=9)


def story(*events: Event) -> list[str]:
    return [f"{event.kind} {event.step}" for event in effective(events)]


def test_a_resumed_trainer_supersedes_what_was_measured_after_its_checkpoint() -> None:
    assert story(
        StartEvent(), step(10), CheckpointEvent(step=10, folder="a"), step(20), validation(20),
        StartEvent(resumed=True, step=10), step(20), step(30),
    ) == ["start 0", "step 10", "checkpoint 10", "start 10", "step 20", "step 30"]  # fmt: skip


def test_a_divergence_supersedes_what_was_measured_after_the_step_that_was_restored() -> None:
    assert story(
        step(10), step(20), step(30),
        DivergenceEvent(step=31, reason="nan", restored_step=10, learning_rate_factor=0.5, attempt=1),
        step(20), step(25),
        DivergenceEvent(step=26, reason="nan", restored_step=20, learning_rate_factor=0.25, attempt=2),
        step(30),
    ) == ["step 10", "divergence 31", "step 20", "divergence 26", "step 30"]  # fmt: skip


def test_what_happened_stays_when_training_goes_back() -> None:
    assert story(
        step(10),
        ControlEvent(step=20, id="1", command="pause", accepted=True),
        NoteEvent(step=20, text="slow"),
        EndEvent(step=20, state="interrupted", reason="Ctrl-C"),
        SampleEvent(step=20, file="f", index=0, prompt="", temperature=1.0, seed=0, text=""),
        StartEvent(resumed=True, step=10),
    ) == ["step 10", "control 20", "note 20", "end 20", "start 10"]


def test_a_start_from_nothing_supersedes_everything_measured() -> None:
    assert story(StartEvent(), step(10), validation(10), StartEvent(), step(5)) == ["start 0", "start 0", "step 5"]


def write(run: RunFolder, events: list[Event]) -> None:
    run.path.mkdir(exist_ok=True)
    with run.events_path.open("a") as file:
        file.writelines(to_line(event) for event in events)


numbers = st.one_of(
    st.floats(),
    st.sampled_from([math.nan, math.inf, -math.inf, 1e-5, 5e-324, 1e16, -0.0, 1.7976931348623157e308]),
)


actions = st.one_of(
    st.tuples(st.just("step"), numbers),
    st.tuples(st.just("validation"), st.none()),
    st.tuples(st.just("note"), st.text().map(lambda text: text + '\n{"event":"step",')),
    st.tuples(st.just("resume"), st.floats(0, 1)),
    st.tuples(st.just("diverge"), st.floats(0, 1)),
)


def as_events(deeds: list[tuple[str, object]]) -> list[Event]:
    """What a trainer that does this writes: steps count up, and go on from where it went back to."""
    events: list[Event] = []
    now = 0
    for deed, value in deeds:
        if deed == "step":
            now += 1
            events.append(step(now, float(str(value))))
        elif deed == "validation":
            events.append(validation(now))
        elif deed == "note":
            events.append(NoteEvent(time=0.0, step=now, text=str(value)))
        else:
            back = int(now * float(str(value)))
            if deed == "resume":
                events.append(StartEvent(time=0.0, step=back, resumed=True))
            else:
                events.append(
                    DivergenceEvent(
                        time=0.0, step=now, reason="inf", restored_step=back, learning_rate_factor=0.5, attempt=1
                    )
                )
            now = back
    return events


@given(st.lists(actions), st.integers(1, 3000))
@settings(deadline=None, max_examples=60)
def test_history_read_in_slices_is_the_effective_list_of_events(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, object]], size: int
) -> None:
    run = RunFolder(tmp_path_factory.mktemp("run"))
    events = as_events(deeds)
    write(run, events)
    history = RunHistory(run)
    while not history.at_end:
        history.advance(size)
    wanted = effective(events)
    steps = [event for event in wanted if isinstance(event, StepEvent)]
    expected = np.array([[float(getattr(event, field)) for field in FIELDS] for event in steps]).reshape(
        -1, len(FIELDS)
    )
    np.testing.assert_array_equal(history.steps.table.T, expected)
    assert history.events == [event for event in wanted if not isinstance(event, StepEvent)]
    assert history.damaged == 0


def test_history_follows_a_run_that_grows_and_tells_when_something_is_gone(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    history = RunHistory(run)
    assert history.advance() == []
    write(run, [StartEvent(time=0.0), step(10), validation(10)])
    assert history.advance() == [StartEvent(time=0.0), validation(10)]
    seen = history.steps.loss
    write(run, [step(20), step(30)])
    assert history.advance() == []
    assert history.steps.step.tolist() == [10, 20, 30]
    assert history.revision == 0
    write(run, [StartEvent(time=0.0, resumed=True, step=10), step(15)])
    history.advance()
    assert history.steps.step.tolist() == [10, 15]
    assert history.revision == 1
    assert seen.tolist() == [2.0]  # a view given out before did not change
    run.events_path.unlink()
    write(run, [step(1)])
    history.advance()
    assert history.steps.step.tolist() == [1]
    assert history.events == []
    assert history.revision == 2


@pytest.mark.parametrize(
    "line",
    [
        '{"event":"step","time":1,"step":2}\n',
        '{"event":"step",\n',
        '{"event":"step","x":[[[[\n',
        to_line(step(1)).replace("2.0", "--2"),
        to_line(step(1)).replace('"loss":2.0', '"loss":'),
        to_line(step(1)).replace('"loss":2.0', '"loss":[2.0]'),
    ],
)
def test_a_damaged_step_line_is_counted_and_its_neighbours_are_read(tmp_path: Path, line: str) -> None:
    run = RunFolder(tmp_path)
    run.events_path.write_text(to_line(step(1)) + line + to_line(step(2)))
    history = RunHistory(run)
    history.advance()
    assert history.steps.step.tolist() == [1, 2]
    assert history.damaged == 1


def test_step_lines_of_another_version_or_program_are_read_the_same(tmp_path: Path) -> None:
    values = json.loads(to_line(step(7)))
    more = {"event": "step", "warmth": 0.5, **{name: values[name] for name in reversed(FIELDS)}, "note": 'a " , text'}
    spaced = json.dumps(values)
    moved = json.dumps({name: values[name] for name in reversed(values)})
    run = RunFolder(tmp_path)
    run.events_path.write_text("".join(f"{line}\n" for line in (json.dumps(more), spaced, moved)) + to_line(step(7)))
    history = RunHistory(run)
    history.advance()
    expected, damaged = parse_steps(to_line(step(7)).encode())
    assert damaged == 0
    np.testing.assert_array_equal(history.steps.table.T, np.repeat(expected, 4, axis=0))
    many = "".join(json.dumps({**values, "warmth": 0.5}, separators=(",", ":")) + "\n" for _ in range(3))
    np.testing.assert_array_equal(parse_steps(many.encode())[0], np.repeat(expected, 3, axis=0))


def test_a_hundred_thousand_steps_load_in_slices_that_never_take_long(tmp_path: Path) -> None:
    """CPU time, so that a busy machine does not decide; the full million takes ten times as long."""
    run = RunFolder(tmp_path)
    write(run, [step(number, 2.0 + math.sin(number)) for number in range(100_000)])
    history, slices = RunHistory(run), []
    begun = time.process_time()
    while not history.at_end:
        before = time.process_time()
        history.advance()
        slices.append(time.process_time() - before)
    spent = time.process_time() - begun
    assert len(history.steps) == 100_000
    assert spent < 1.5
    assert max(slices) < 0.1


def test_reading_events_one_by_one_agrees_with_the_columns(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    write(run, [step(number, number / 7) for number in range(1, 300)])
    history = RunHistory(run)
    history.advance()
    events = EventReader(run.events_path).read()
    assert [getattr(event, "loss") for event in events] == history.steps.loss.tolist()  # noqa: B009  # all are steps
