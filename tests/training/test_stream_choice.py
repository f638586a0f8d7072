"""How many streams a run takes where nobody said, and that going on takes the same."""

from __future__ import annotations

import json
import math
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from training_kit import SMALL, Rnnlab, events_of, start, wait_for_step

from rnnlab.config import ModelConfig, RunConfig, TrainingConfig
from rnnlab.errors import ConfigError
from rnnlab.model.network import CharModel
from rnnlab.training.ranks import Ranks
from rnnlab.training.steppers import choose_streams_and_engine
from rnnlab.training.stream_choice import Room, StreamChoice, choose_streams, left_to_timing, with_streams

LARGE = 10**10  # characters


def run_config(**training: float) -> RunConfig:
    return RunConfig(training=TrainingConfig(window=100, **training))  # type: ignore[arg-type]  # numbers for numbers


def saturating(at: float) -> Callable[[int], tuple[float, str]]:
    """A device that is busy with ``at`` streams: an update takes as long for fewer of them."""
    return lambda streams: (1e5 * min(float(streams), at), "")


@given(usual=st.integers(1, 200), at=st.integers(1, 5000))
def test_streams_double_until_the_device_is_busy(usual: int, at: int) -> None:
    choice = choose_streams(usual, Room(run_config(), LARGE), saturating(at))
    assert choice.streams % usual == 0
    assert (choice.streams // usual).bit_count() == 1
    assert choice.streams == usual or choice.streams < 2 * at  # not much more than keep it busy
    assert choice.streams * 2 * 1.1 > at or choice.streams == 16 * usual  # and not much fewer
    assert choice.chars_per_second[str(choice.streams)] == saturating(at)(choice.streams)[0]
    assert choice.rate_factor == pytest.approx(math.sqrt(choice.streams / usual))


def test_what_does_not_fit_into_memory_is_not_taken() -> None:
    def measure(streams: int) -> tuple[float, str]:
        return (0.0, "the memory is full") if streams > 300 else (float(streams), "")

    choice = choose_streams(64, Room(run_config(), LARGE), measure)
    assert (choice.streams, choice.end) == (256, "the memory is full")


@pytest.mark.parametrize(
    ("training", "chars", "most"),
    [
        ({}, 100 * 100 * 256, 256),  # a hundred windows for every stream
        ({"epochs": 2.0}, 100 * 2000 * 64, 128),  # two thousand updates
        ({"time": 100.0}, LARGE, 512),  # likewise, in that time
        ({"steps": 10**6}, LARGE, 32),
        ({"epochs": 0.001}, 10**6, 32),
    ],
)
def test_a_run_keeps_enough_to_learn_in(training: dict[str, float], chars: int, most: int) -> None:
    a_second = 2000 * 100 * 512 / 100  # two thousand updates of 512 streams take a hundred seconds

    def measure(streams: int) -> tuple[float, str]:
        return a_second * streams / 512 if streams < 512 else a_second * (1 + streams / 1e6), ""

    room = Room(run_config(**training), chars)
    if "time" in training:
        assert not room.trouble(most, a_second)
        assert "updates" in room.trouble(2 * most, a_second)
    choice = choose_streams(32, room, measure)
    assert choice.streams == most
    assert choice.end


def test_only_what_nobody_gave_is_chosen() -> None:
    everything = {"streams", "learning_rate", "matrix_learning_rate"}
    assert left_to_timing({}, None, "cuda") == left_to_timing({}, "essay", "cuda") == everything
    assert left_to_timing({"streams": 0}, None, "cpu") == left_to_timing({"streams": 0}, "paper", "cuda") == everything
    assert left_to_timing({"learning_rate": 1e-3}, None, "cuda") == everything - {"learning_rate"}
    assert not left_to_timing({"streams": 64}, None, "cuda")
    assert not left_to_timing({}, None, "cpu")
    assert not left_to_timing({}, "paper", "cuda")
    with pytest.raises(ConfigError, match="streams"):
        left_to_timing({"streams": 0}, None, "mps")


def test_rates_follow_the_streams_unless_they_were_given() -> None:
    config = run_config(streams=64, learning_rate=1e-3, matrix_learning_rate=0.02)
    choice = StreamChoice(256, 64, "enough")
    chosen = with_streams(config, choice, frozenset({"streams", "matrix_learning_rate"})).training
    assert (chosen.streams, chosen.learning_rate, chosen.matrix_learning_rate) == (256, 1e-3, 0.04)


def test_streams_and_engine_are_timed_together_and_the_network_is_left_alone() -> None:
    network = CharModel(ModelConfig(layers=1, hidden=16), 7)
    before = network.engine, [weight.detach().clone() for weight in network.parameters()]
    config = RunConfig(training=TrainingConfig(streams=4, window=8))
    streams, engine = choose_streams_and_engine(network, config, 10**7, Ranks(0, 2, 0, 2))
    assert streams.streams % 4 == 0
    assert len(streams.chars_per_second) >= 2
    assert engine.speed > 0
    assert network.engine is before[0]
    assert all((old == new).all() for old, new in zip(before[1], network.parameters(), strict=True))


def test_a_run_records_the_streams_that_were_timed_and_goes_on_with_them(
    rnnlab: Rnnlab, environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "large.c").write_text(c_file.read_text() * 8)
    settings = [word for word in SMALL if word not in ("--streams", "4")]
    asked = ("--streams", 0, "--preset", "tiny", "--epochs", 3000, "--learning-rate", 1e-3, "--name", "a")
    process = start(environment, tmp_path, "large.c", *settings, *asked)
    run = tmp_path / "runs" / "a"
    wait_for_step(run, 10)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130, said
    manifest = json.loads((run / "run.json").read_text())
    streams, training = manifest["resolved"]["streams"], manifest["config"]["training"]
    assert streams["usual"] == 32
    assert training["streams"] == streams["streams"]
    assert training["learning_rate"] == 1e-3
    assert training["matrix_learning_rate"] == pytest.approx(0.02 * streams["rate_factor"])
    (note,) = [event["text"] for event in events_of(run) if event["event"] == "note"]
    assert f"{streams['streams']} streams, chosen by timing: {streams['end']}" in note
    again = rnnlab("train", "--resume", "a", "--steps", events_of(run)[-1]["step"] + 3)
    assert again.returncode == 0, again.stderr
    assert json.loads((run / "run.json").read_text())["resolved"]["streams"] == streams
    begun = [event for event in events_of(run) if event["event"] == "start"]
    assert begun[0]["chars_per_step"] == begun[1]["chars_per_step"] == streams["streams"] * 16
