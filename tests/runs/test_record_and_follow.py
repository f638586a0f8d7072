"""The event file: append-only, torn lines, live following."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnnlab.errors import RunError
from rnnlab.events import NoteEvent, StepEvent, UnknownEvent, to_line
from rnnlab.runs import EventReader, Recorder, RunFolder, create_run


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return create_run(tmp_path / "runs", "one")


def step(number: int, loss: float = 2.0) -> StepEvent:
    return StepEvent(
        time=1000.0 + number,
        step=number,
        chars=number * 100,
        epoch=number / 50,
        loss=loss,
        loss_low=loss,
        loss_high=loss,
        span=1,
        learning_rate=1e-5,
        gradient_norm=0.5,
        chars_per_second=1e16,
        seconds=number / 10,
    )


def test_what_is_appended_is_read_back_equal_and_only_once(run: RunFolder) -> None:
    reader = EventReader(run.events_path)
    assert reader.read() == []
    with Recorder(run) as recorder:
        recorder.append(step(1))
        assert reader.read() == [step(1)]
        recorder.append(step(2, float("inf")))
        recorder.append(NoteEvent(time=5.0, step=2, text="a \u202e note\nof two lines \ud800"))
        assert reader.read() == [
            step(2, float("inf")),
            NoteEvent(time=5.0, step=2, text="a \u202e note\nof two lines \ud800"),
        ]
        assert reader.read() == []
        assert reader.at_end


def test_slices_of_any_size_give_the_same_events_as_the_whole(run: RunFolder) -> None:
    with Recorder(run) as recorder:
        for number in range(50):
            recorder.append(step(number))
        recorder.append(NoteEvent(time=1.0, text="x" * 5000))
    whole = EventReader(run.events_path).read(1 << 30)
    assert len(whole) == 51
    for size in (1, 7, 300, 1000, 4096):
        reader, pieces = EventReader(run.events_path), []
        while more := reader.read(size):
            assert len(more) <= max(1, size // 100)
            pieces += more
        assert pieces == whole


@pytest.mark.parametrize(
    "torn", [b"{", b'{"event":"step","step":3', b"\x00" * 200_000, b'{"event":"note","text":"whole"}']
)
def test_a_torn_last_line_is_ignored_by_readers_and_cut_off_by_the_next_writer(run: RunFolder, torn: bytes) -> None:
    with Recorder(run) as recorder:
        recorder.append(step(1))
    with run.events_path.open("ab") as file:
        file.write(torn)
    reader = EventReader(run.events_path)
    assert reader.read() == [step(1)]
    assert reader.read() == []
    with Recorder(run) as recorder:
        recorder.append(step(2))
    assert reader.read() == [step(2)]
    assert run.events_path.read_text() == to_line(step(1)) + to_line(step(2))


def test_damaged_lines_and_unknown_kinds_do_not_stop_a_reader(run: RunFolder) -> None:
    run.events_path.write_bytes(
        b'\x00\x01\n[1]\n{"event":7}\n{"event":"step","step":1}\n'
        + b"[" * 100_000
        + b'\n{"event":"from-the-future","time":3.0,"step":4,"colour":"blue"}\n'
        + to_line(step(1)).encode()
    )
    reader = EventReader(run.events_path)
    assert reader.read() == [UnknownEvent(time=3.0, step=4, name="from-the-future", values={"colour": "blue"}), step(1)]
    assert reader.damaged == 5


def test_a_replaced_or_cut_file_is_read_again_from_its_start(run: RunFolder) -> None:
    reader = EventReader(run.events_path)
    run.events_path.write_text(to_line(step(1)) + to_line(step(2)))
    assert len(reader.read()) == 2
    run.events_path.write_text(to_line(step(7)))  # cut
    assert reader.read() == [step(7)]
    run.events_path.write_text("".join(to_line(step(number)) for number in (8, 9, 10)))  # same file, other text
    assert reader.read() == [step(8), step(9), step(10)]
    other = run.path / "other"
    other.write_text("".join(to_line(step(number)) for number in range(20, 30)))
    other.replace(run.events_path)
    assert len(reader.read()) == 10
    assert reader.restarts == 3


def test_a_reader_from_the_end_sees_only_what_comes(run: RunFolder) -> None:
    with Recorder(run) as recorder:
        recorder.append(step(1))
        with run.events_path.open("ab") as file:
            file.write(b'{"event":"st')  # as seen in the middle of another's write
        reader = EventReader.from_end(run.events_path)
        assert reader.read() == []
    with Recorder(run) as recorder:
        recorder.append(step(2))
    assert reader.read() == [step(2)]


def test_a_full_disk_is_told_in_one_clear_error(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    run = create_run(tmp_path, "full")
    run.events_path.symlink_to("/dev/full")
    recorder = Recorder(run)
    with pytest.raises(RunError, match="no space left") as caught:
        recorder.append(step(1))
    assert "Free some space" in caught.value.next_step


def test_a_line_that_does_not_fit_is_taken_back_whole(tmp_path: Path) -> None:
    """A limit on file sizes cuts a write in the middle, as a full disk does."""
    script = """
import resource, sys
from pathlib import Path
from rnnlab.events import NoteEvent
from rnnlab.errors import RunError
from rnnlab.runs import Recorder, RunFolder
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
recorder = Recorder(RunFolder(Path(sys.argv[1])))
try:
    while True:
        recorder.append(NoteEvent(text="x" * 300))
except RunError as error:
    print(error)
"""
    run = create_run(tmp_path, "small")
    done = subprocess.run([sys.executable, "-c", script, str(run.path)], capture_output=True, text=True, check=True)
    assert "file too large" in done.stdout
    assert run.events_path.read_bytes().endswith(b"}\n")
    assert len(EventReader(run.events_path).read()) == 2


@pytest.mark.parametrize("after", [0.05, 0.15, 0.3])
def test_a_writer_that_is_killed_loses_no_whole_line_and_the_next_goes_on(tmp_path: Path, after: float) -> None:
    script = """
import sys
from pathlib import Path
from rnnlab.events import NoteEvent
from rnnlab.runs import Recorder, RunFolder
recorder = Recorder(RunFolder(Path(sys.argv[1])))
number = 0
while True:
    recorder.append(NoteEvent(step=number, text="x" * (number % 3000)))
    if number == 0:
        print("started", flush=True)
    number += 1
"""
    run = create_run(tmp_path, "killed")
    with subprocess.Popen([sys.executable, "-c", script, str(run.path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after)
        os.kill(process.pid, signal.SIGKILL)
    before = _all(run)
    assert [event.step for event in before] == list(range(len(before)))
    with Recorder(run) as recorder:
        recorder.append(NoteEvent(step=len(before), text="next"))
    assert [event.step for event in _all(run)] == list(range(len(before) + 1))


def _all(run: RunFolder) -> list[NoteEvent]:
    reader = EventReader(run.events_path)
    events = []
    while more := reader.read():
        events += more
    assert reader.damaged == 0
    return events  # type: ignore[return-value]  # only notes were written
