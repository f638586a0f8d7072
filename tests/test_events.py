"""Events as lines: strict JSON, back the same, readable by older and newer versions."""

from __future__ import annotations

import contextlib
import json
import math
import typing
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab import events
from rnnlab.events import KINDS, Event, Score, ScoreEvent, StepEvent, UnknownEvent, ValidationEvent, from_line, to_line

VALUES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(codec=None)),
    int: st.integers(-(2**62), 2**62),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    int | None: st.none() | st.integers(0, 2**53),
    float | None: st.none() | st.floats(0, 1e12),
    tuple[str, ...]: st.lists(st.text(), max_size=3).map(tuple),
}


def strategy(hint: Any) -> st.SearchStrategy[Any]:
    if typing.get_origin(hint) is typing.Literal:
        return st.sampled_from(typing.get_args(hint))
    if hint == tuple[Score, ...]:
        return st.lists(event_of(Score), max_size=3).map(tuple)
    return VALUES[hint]


def event_of(cls: Any) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{name: strategy(hints[name]) for name in (item.name for item in fields(cls))})


every_event = st.sampled_from(sorted(KINDS)).flatmap(lambda kind: event_of(KINDS[kind]))


@given(every_event)
@settings(max_examples=300, deadline=None)
def test_every_kind_comes_back_the_same_from_one_line_of_strict_ascii_json(event: Event) -> None:
    line = to_line(event)
    assert line.isascii()
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert json.loads(line, parse_constant=pytest.fail)["event"] == event.kind
    assert from_line(line) == event
    assert from_line(line.encode()) == event


def test_numbers_that_are_not_finite_come_back_as_themselves() -> None:
    line = to_line(ValidationEvent(chars=1, loss=math.inf, bits_per_character=-math.inf, validated_chars=1))
    event = from_line(line)
    assert isinstance(event, ValidationEvent)
    assert (event.loss, event.bits_per_character) == (math.inf, -math.inf)
    again = from_line(to_line(ValidationEvent(chars=1, loss=math.nan, bits_per_character=1.0, validated_chars=1)))
    assert isinstance(again, ValidationEvent)
    assert math.isnan(again.loss)


def test_a_kind_of_a_newer_version_is_kept_whole() -> None:
    line = '{"event":"weather","time":1.5,"step":7,"rain":[1,{"a":null}]}\n'
    event = from_line(line)
    assert event == UnknownEvent(time=1.5, step=7, name="weather", values={"rain": [1, {"a": None}]})
    assert to_line(event) == line


def test_a_field_of_a_newer_version_is_passed_over_and_a_missing_optional_one_has_its_default() -> None:
    event = from_line('{"event":"note","time":1,"text":"hello","colour":"blue"}')
    assert event == events.NoteEvent(time=1.0, text="hello")


@pytest.mark.parametrize(
    "line",
    ["", "null", "[]", "7", "{}", '{"event":null}', '{"event":"step"}', '{"event":"step","loss":[]}', '{"event":"no',
     '{"event":"score","plugin":"p","samples":1,"scores":[{}]}',
     '{"event":"score","plugin":"p","samples":1,"scores":7}',
     '{"event":"test","loss":"x","bits_per_character":1,"tested_chars":1,"checkpoint":""}'],
)  # fmt: skip
def test_what_is_no_event_is_a_value_error(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the message is JSON's or Python's own
        from_line(line)


@given(st.binary())
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_an_event_or_a_value_error(line: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(from_line(line), Event)


ANY = st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text() | st.lists(st.integers())


@given(every_event, st.data())
@settings(max_examples=500, deadline=None)
def test_a_line_with_a_value_of_another_type_is_no_event(event: Event, data: st.DataObject) -> None:
    values = json.loads(to_line(event))
    values[data.draw(st.sampled_from(sorted(values)))] = data.draw(ANY)
    try:
        read = from_line(json.dumps(values))
    except ValueError:
        return
    if isinstance(read, UnknownEvent):
        assert isinstance(read.time, float)
        assert isinstance(read.step, int)
    else:
        for name, hint in typing.get_type_hints(type(read)).items():
            assert typing.get_origin(hint) is typing.ClassVar or fits(getattr(read, name), hint), name


def fits(value: Any, hint: Any) -> bool:
    if typing.get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(fits(part, typing.get_args(hint)[0]) for part in value)
    if typing.get_origin(hint) is typing.Literal:
        return isinstance(value, str)
    if typing.get_args(hint):
        return any(fits(value, one) for one in typing.get_args(hint))
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


def test_scores_add_up_from_their_lines() -> None:
    score = Score(name="brackets", count=9, total=10, better="higher")
    event = from_line(to_line(ScoreEvent(plugin="c", samples=2, scores=(score, score), failures=("f",))))
    assert isinstance(event, ScoreEvent)
    assert event.scores == (score, score)
    assert sum(one.count for one in event.scores) / sum(one.total for one in event.scores) == 0.9


def test_events_cannot_be_changed() -> None:
    event = from_line('{"event":"note","text":"hello"}')
    with pytest.raises(AttributeError):
        event.step = 3  # type: ignore[misc]  # that is the point


def test_every_kind_says_when_it_happened_and_at_which_step() -> None:
    assert {"time", "step"} <= set.intersection(*(set(cls.__dataclass_fields__) for cls in KINDS.values()))
    assert StepEvent.kind == "step"
