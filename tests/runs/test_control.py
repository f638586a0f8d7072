"""The inbox: atomic, ordered, answered, and proof against what others drop there."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlab.errors import ConfigError, RunError
from rnnlab.events import ControlEvent
from rnnlab.runs import (
    CheckpointNow,
    Command,
    Inbox,
    Pause,
    Recorder,
    Resume,
    RunFolder,
    RunLock,
    SampleNow,
    SetLearningRate,
    Stop,
    acknowledge,
    create_run,
    send,
    send_and_wait,
)

COMMANDS: list[Command] = [
    Pause(reason="lunch"),
    Resume(),
    Stop(),
    CheckpointNow(),
    SampleNow(prompt='static int "\ud800\x1b[31m', temperature=0.0, length=50),
    SetLearningRate(value=1e-4, reason="a plateau", sender="me", time=12.5),
]


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return create_run(tmp_path / "runs", "one")


@pytest.fixture
def inbox(run: RunFolder) -> Iterator[Inbox]:
    with RunLock(run):
        yield Inbox(run, interval=0.0)


def test_commands_arrive_as_they_were_sent_in_order_and_once(run: RunFolder, inbox: Inbox) -> None:
    assert inbox.take() == []
    ids = [send(run, command) for command in COMMANDS]
    assert inbox.take() == COMMANDS
    assert inbox.take() == []
    assert ids == [command.id for command in COMMANDS]
    assert len(set(ids)) == len(ids)
    assert inbox.refusals() == []
    assert list(run.control.iterdir()) == []


def test_a_command_to_a_run_that_nobody_trains_is_refused_with_what_to_do(run: RunFolder) -> None:
    with pytest.raises(RunError, match="no trainer is running") as caught:
        send(run, Stop())
    assert "rnnlab train --resume one" in caught.value.next_step
    assert list(run.control.iterdir()) == []


def test_a_command_that_an_earlier_trainer_did_not_take_is_not_obeyed_by_the_next(run: RunFolder) -> None:
    with RunLock(run):
        stop = Stop()
        send(run, stop)
    with RunLock(run):
        inbox = Inbox(run)
        assert inbox.take() == []
        (answer,) = inbox.refusals()
        assert (answer.id, answer.command, answer.accepted) == (stop.id, "stop", False)
        assert "earlier trainer" in answer.detail


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value"),
        (b"\xff\xfe{", "decode"),
        (b"[]", "not a JSON object"),
        (b"[" * 60_000, ""),
        (b'{"command":"explode"}', "there is no command 'explode'"),
        (b'{"command":["pause"]}', "there is no command"),
        (b'{"command":"learning-rate"}', "value"),
        (b'{"command":"learning-rate","value":-1}', "not a positive number"),
        (b'{"command":"learning-rate","value":NaN}', "not a positive number"),
        (b'{"command":"sample","length":1000000000}', "not between"),
        (b'{"command":"pause","id":7}', "not of type str"),
        (b'{"command":"pause","colour":"blue"}', "no such setting"),
        (b'{"command":"pause","reason":"' + b"x" * 70_000 + b'"}', "larger than 65536 bytes"),
    ],
)
def test_a_malformed_file_is_moved_aside_and_answered_and_the_next_command_is_obeyed(
    run: RunFolder, inbox: Inbox, content: bytes, reason: str
) -> None:
    (run.control / "0-bad.json").write_bytes(content)
    send(run, Pause())
    assert [command.kind for command in inbox.take()] == ["pause"]
    (answer,) = inbox.refusals()
    assert not answer.accepted
    assert reason in answer.detail
    assert [path.name for path in run.control.iterdir()] == ["refused"]
    assert (run.control / "refused" / "0-bad.json").read_bytes() == content
    assert inbox.take() == []
    assert inbox.refusals() == []


def test_links_pipes_and_folders_in_the_inbox_do_no_harm(run: RunFolder, inbox: Inbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text('{"command":"stop"}')
    (run.control / "link.json").symlink_to(secret)
    os.mkfifo(run.control / "pipe.json")
    (run.control / "folder.json").mkdir()
    (run.control / ".half-written.tmp").write_text("{")
    assert inbox.take() == []
    assert len(inbox.refusals()) == 3
    assert secret.exists()
    assert inbox.take() == []
    assert inbox.refusals() == []


def test_asking_an_empty_inbox_costs_next_to_nothing(run: RunFolder) -> None:
    inbox = Inbox(run)
    inbox.take()
    started = time.process_time()
    for _ in range(10_000):
        inbox.take()
    assert (time.process_time() - started) / 10_000 < 50e-6


def test_commands_that_cannot_be_are_refused_before_they_are_sent() -> None:
    with pytest.raises(ConfigError):
        SetLearningRate(value=0.0)
    with pytest.raises(ConfigError):
        SampleNow(temperature=-1.0)
    with pytest.raises(ConfigError):
        SampleNow(length=0)


def test_the_sender_waits_for_the_answer_in_the_events(run: RunFolder, inbox: Inbox) -> None:
    def trainer() -> None:
        with Recorder(run) as recorder:
            while not (commands := inbox.take()):
                time.sleep(0.01)
            recorder.append(ControlEvent(id="another", command="pause", accepted=True))
            recorder.append(acknowledge(commands[0], detail="0.002 -> 0.001", step=7))

    thread = threading.Thread(target=trainer)
    thread.start()
    command = SetLearningRate(value=1e-3, reason="a plateau")
    answer = send_and_wait(run, command, timeout=10)
    thread.join()
    assert (answer.id, answer.step, answer.accepted, answer.reason) == (command.id, 7, True, "a plateau")


def test_waiting_ends_with_a_clear_error_when_nobody_answers_or_the_trainer_ends(run: RunFolder) -> None:
    with RunLock(run), pytest.raises(RunError, match="has not answered pause within 0"):
        send_and_wait(run, Pause(), timeout=0.2)
    lock = RunLock(run).acquire()
    timer = threading.Timer(0.3, lock.release)
    timer.start()
    with pytest.raises(RunError, match="ended before it answered"):
        send_and_wait(run, Stop(), timeout=10)
    timer.join()


def test_the_file_of_a_command_is_plain_json(run: RunFolder, inbox: Inbox) -> None:
    send(run, SampleNow(prompt="int main"))
    (path,) = run.control.iterdir()
    values = json.loads(path.read_text())
    assert values["command"] == "sample"
    assert values["prompt"] == "int main"
