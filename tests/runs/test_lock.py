"""One trainer at a time, on one machine and between machines."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlab.errors import RunError
from rnnlab.runs import RunFolder, RunLock, create_run, heartbeat, lock_state
from rnnlab.runs import lock as lock_module

HOLDER = """
import sys, time
from pathlib import Path
from rnnlab.runs import RunFolder, RunLock
with RunLock(RunFolder(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return create_run(tmp_path / "runs", "one")


@pytest.fixture
def holder(run: RunFolder) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(run.path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_nobody_holds_a_new_or_a_released_run(run: RunFolder) -> None:
    assert lock_state(run) is None
    with RunLock(run):
        state = lock_state(run)
        assert state is not None
        assert (state.pid, state.alive, state.here) == (os.getpid(), True, True)
    assert lock_state(run) is None
    with RunLock(run):
        pass


def test_a_second_trainer_is_told_host_pid_age_and_what_to_do(run: RunFolder, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(RunError) as caught:
        RunLock(run).acquire()
    text = str(caught.value)
    assert f"process {holder.pid} on " in text
    assert "last sign of life" in text
    assert "rnnlab runs control one stop" in text
    state = lock_state(run)
    assert state is not None
    assert state.pid == holder.pid
    assert state.alive


def test_a_killed_trainer_is_seen_as_dead_and_its_lock_is_free_at_once(
    run: RunFolder, holder: subprocess.Popen[str]
) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    state = lock_state(run)
    assert state is not None
    assert not state.alive
    started = time.monotonic()
    with RunLock(run):
        assert time.monotonic() - started < 10
        now = lock_state(run)
        assert now is not None
        assert now.pid == os.getpid()


def test_a_trainer_that_is_killed_but_not_yet_reaped_counts_as_dead(
    run: RunFolder, holder: subprocess.Popen[str]
) -> None:
    holder.send_signal(signal.SIGKILL)
    until = time.monotonic() + 60
    while (state := lock_state(run)) is not None and state.alive and time.monotonic() < until:
        time.sleep(0.01)
    assert state is not None
    assert not state.alive


def test_a_forked_child_that_outlives_the_trainer_does_not_keep_the_run(run: RunFolder) -> None:
    script = """
import os, sys, time
from pathlib import Path
from rnnlab.runs import RunFolder, RunLock
lock = RunLock(RunFolder(Path(sys.argv[1]))).acquire()
child = os.fork()
if child == 0:
    time.sleep(60)
print(child, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script, str(run.path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
        process.wait()
        try:
            with RunLock(run):
                os.kill(child, 0)  # it is still there
        finally:
            os.kill(child, signal.SIGKILL)


def test_only_one_of_many_that_start_at_once_gets_the_run(run: RunFolder) -> None:
    script = HOLDER.replace("time.sleep(60)", "sys.stdin.read()")
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(run.path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
        )
        for _ in range(5)
    ]
    first_words = [process.stdout.readline() for process in crowd if process.stdout]
    for process in crowd:
        process.communicate("")
    assert sorted(first_words) == ["", "", "", "", "held\n"]


def elsewhere(run: RunFolder, *, age: float, beat: int = 3) -> None:
    """The lock as a trainer on another machine writes it."""
    values = {
        "host": "gpu-box",
        "pid": 77,
        "birth": 1.0,
        "machine": "other-boot:pid:[1]",
        "token": "t",
        "since": 1.0,
        "beat": beat,
    }
    run.lock_path.write_text(json.dumps(values).ljust(511) + "\n")
    when = time.time() - age
    os.utime(run.lock_path, (when, when))


def test_a_trainer_of_another_machine_with_a_fresh_heartbeat_keeps_its_run(run: RunFolder) -> None:
    elsewhere(run, age=4)
    state = lock_state(run)
    assert state is not None
    assert (state.host, state.alive, state.here) == ("gpu-box", True, False)
    with pytest.raises(RunError, match="process 77 on gpu-box"):
        RunLock(run).acquire()


def test_a_silent_one_is_watched_and_then_taken_over(run: RunFolder) -> None:
    elsewhere(run, age=3600)
    state = lock_state(run)
    assert state is not None
    assert not state.alive
    assert state.age_s > 3000
    started = time.monotonic()
    with RunLock(run, watch=0.5):
        assert time.monotonic() - started > 0.5


def test_one_whose_clock_is_wrong_but_which_beats_is_not_taken_over(run: RunFolder) -> None:
    script = """
import itertools, os, sys, time
from pathlib import Path
path = Path(sys.argv[1])
for beat in itertools.count(100):
    text = path.read_text()
    new = path.with_name("new")  # as a lock is written: whoever reads it finds a whole one
    new.write_text(text.replace('"beat": %d' % (beat - 1 if beat > 100 else 3), '"beat": %d' % beat))
    os.utime(new, (1000, 1000))
    os.replace(new, path)
    if beat == 100:
        print(flush=True)
    time.sleep(0.1)
"""
    elsewhere(run, age=3600)
    assert (state := lock_state(run)) is not None
    assert not state.alive
    command = [sys.executable, "-c", script, str(run.lock_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # it beats
            with pytest.raises(RunError, match="gpu-box"):
                RunLock(run, watch=5).acquire()
            assert (state := lock_state(run)) is not None
            assert state.alive
            assert state.age_s < 5
        finally:
            process.kill()


def test_a_viewer_that_saw_no_beat_for_long_calls_it_dead_whatever_the_files_date_says(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "STALE_AFTER", 0.3)
    elsewhere(run, age=-3600)  # that machine's clock is an hour ahead
    assert (state := lock_state(run)) is not None
    assert state.alive
    time.sleep(0.4)
    assert (state := lock_state(run)) is not None
    assert not state.alive
    elsewhere(run, age=-3600, beat=4)
    assert (state := lock_state(run)) is not None
    assert state.alive


def test_a_copy_of_a_run_in_training_is_not_in_training_and_a_renamed_run_is(
    run: RunFolder, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, renamed = RunFolder(run.path.with_name("copy")), RunFolder(run.path.with_name("renamed"))
    shutil.copytree(run.path, copy.path)
    run.path.rename(renamed.path)
    assert (state := lock_state(renamed)) is not None
    assert (state.pid, state.alive, state.here) == (holder.pid, True, True)
    monkeypatch.setattr(heartbeat, "STALE_AFTER", 0.1)
    assert lock_state(copy) is not None
    time.sleep(0.2)
    assert (state := lock_state(copy)) is not None
    assert (state.alive, state.here) == (False, False)
    with RunLock(copy):
        assert (state := lock_state(copy)) is not None
        assert (state.pid, state.here) == (os.getpid(), True)


def test_the_heartbeat_goes_on_while_the_trainer_is_busy_and_tells_when_the_run_was_taken(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "BEAT", 0.05)
    lock = RunLock(run).acquire()
    try:
        first = json.loads(run.lock_path.read_text())["beat"]
        until = time.monotonic() + 120
        while json.loads(run.lock_path.read_text())["beat"] <= first + 2:
            assert time.monotonic() < until
            time.sleep(0.05)
        lock.check()
        while not lock.lost:
            elsewhere(run, age=0)  # again and again: a beat that was under way may have written over it
            assert time.monotonic() < until
            time.sleep(0.2)
        with pytest.raises(RunError, match="gpu-box"):
            lock.check()
    finally:
        lock.release()
    state = lock_state(run)
    assert state is not None
    assert state.host == "gpu-box"  # its new holder's lock is left alone
