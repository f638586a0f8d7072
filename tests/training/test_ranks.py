"""Several processes that train one run, started by torchrun, as a person starts them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # has no stubs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from training_kit import SMALL, Rnnlab, computed, events_of, wait_for_step

from rnnlab.config import TrainingConfig
from rnnlab.errors import ConfigError
from rnnlab.training.rank_stepper import check_streams
from rnnlab.training.ranks import Ranks

# 5 streams over 2 or 3 ranks: shares differ in size, and so must their weights in the mean.
CURVE = (
    *SMALL, "--layers", 2, "--streams", 5, "--precision", "float32", "--weight-average", 0.9, "--validate-every", 20,
    "--checkpoint-every", 10, "--report-every", 5, "--preview-every", 30, "--preview-count", 1, "--preview-length", 20,
    "--optimizer", "adamw", "--schedule", "constant", "--warmup", 0, "--dropout-input", 0, "--dropout-output", 0,
)  # fmt: skip
STILL = ("--dropout-between", 0)


def launch(environment: dict[str, str], folder: Path, ranks: int, *arguments: object) -> subprocess.Popen[str]:
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(ranks)]
    command = [sys.executable, *launcher, "-m", "rnnlab", "train", *map(str, arguments)]
    return subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    _, said = process.communicate(timeout=900)
    assert process.returncode == 0, said
    return said


def curve(run: Path) -> dict[tuple[str, int], float]:
    kinds = ("step", "validation", "test")
    return {(event["event"], event["step"]): event["loss"] for event in events_of(run) if event["event"] in kinds}


def agree(found: Path, expected: Path) -> None:
    """Wherever both say something it is the same, but for the rounding of sums in another order."""
    one, many = curve(expected), curve(found)
    assert {key: loss for key, loss in many.items() if key in one} == pytest.approx(one, rel=1e-4)


def test_two_processes_compute_the_curve_of_one(
    rnnlab: Rnnlab, environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    arguments = (c_file, *CURVE, *STILL, "--steps", 60, "--name")
    assert rnnlab("train", *arguments, "one", "-q").returncode == 0
    finish(launch(environment, tmp_path, 2, *arguments, "two"))
    agree(tmp_path / "runs" / "two", tmp_path / "runs" / "one")
    assert [event["event"] for event in events_of(tmp_path / "runs" / "two")].count("start") == 1


@pytest.mark.slow
@pytest.mark.parametrize("ranks", [2, 3])
def test_a_run_goes_on_with_another_number_of_processes_and_says_so(
    rnnlab: Rnnlab, environment: dict[str, str], c_file: Path, tmp_path: Path, ranks: int
) -> None:
    arguments = (c_file, *CURVE, *STILL, "--steps")
    assert rnnlab("train", *arguments, 60, "--name", "one", "-q").returncode == 0
    finish(launch(environment, tmp_path, ranks, *arguments, 30, "--name", "many"))
    alone = rnnlab("train", "--resume", "many", "--steps", 40)
    assert alone.returncode == 0, alone.stderr
    assert f"1 process instead of {ranks}" in alone.stderr
    finish(launch(environment, tmp_path, ranks, "--resume", "many", "--steps", 60))
    agree(tmp_path / "runs" / "many", tmp_path / "runs" / "one")


@pytest.mark.slow
def test_two_processes_cut_short_and_resumed_compute_the_same_bits(
    environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    rare = ("--validate-every", 200, "--checkpoint-every", 30, "--preview-every", 400, "--steps", 1200)
    arguments = (c_file, *CURVE, *rare, "--dropout-between", 0.2, "--name")
    finish(launch(environment, tmp_path, 2, *arguments, "whole"))
    process = launch(environment, tmp_path, 2, *arguments, "cut")
    wait_for_step(tmp_path / "runs" / "cut", 100)
    rank(process.pid, 1).kill()
    process.communicate(timeout=600)
    assert process.returncode == 1
    finish(launch(environment, tmp_path, 2, "--resume", "cut"))
    assert computed(tmp_path / "runs" / "cut") == computed(tmp_path / "runs" / "whole")


def test_a_lost_process_ends_the_run_with_its_checkpoint_and_resuming_finishes_it(
    environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    process = launch(
        environment, tmp_path, 2, c_file, *CURVE, "--dropout-between", 0.1, "--steps", 100000, "--name", "a"
    )
    run = tmp_path / "runs" / "a"
    wait_for_step(run, 20)
    rank(process.pid, 1).kill()
    _, said = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "another process that took part is gone" in said
    assert "--resume" in said
    last = events_of(run)[-1]
    assert (last["event"], last["state"]) == ("end", "failed")
    finish(launch(environment, tmp_path, 2, "--resume", "a", "--steps", last["step"] + 5))
    assert events_of(run)[-1]["state"] == "finished"


def test_when_the_leading_process_is_killed_another_says_so_and_how_to_go_on(
    environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    process = launch(environment, tmp_path, 2, c_file, *CURVE, "--steps", 100000, "--name", "a")
    wait_for_step(tmp_path / "runs" / "a", 10)
    rank(process.pid, 0).kill()
    _, said = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "a: the process that led its training was killed" in said
    assert "--resume" in said


@pytest.mark.parametrize("number", [0, 1])
def test_ctrl_c_is_answered_while_a_process_waits_for_another_that_never_comes(
    number: int, environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as meeting:
        port = 0 if number == 0 else meeting.getsockname()[1]  # the leader opens a door itself, at any port
        process = start_of_two(number, port, environment, tmp_path, "-m", "rnnlab", "train", c_file, *CURVE)
        if number == 0:
            wait_for_door(process.pid)
            process.send_signal(signal.SIGINT)
        else:
            meeting.settimeout(300)
            with meeting.accept()[0]:
                process.send_signal(signal.SIGINT)
                process.wait(timeout=120)
    _, said = process.communicate(timeout=120)
    assert process.returncode == (130 if number == 0 else -signal.SIGINT)
    assert number == 1 or "interrupted before training began" in said
    assert "Traceback" not in said


PRESSED_UNHEARD = """
import signal, sys, threading, time
sys.argv = ["rnnlab", *sys.argv[1:]]
def press():
    while all(thread.name != "meeting" for thread in threading.enumerate()):
        time.sleep(0.01)
    time.sleep(0.5)
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)
threading.Thread(target=press, daemon=True).start()
from rnnlab.cli import main
main()
"""


def test_ctrl_c_is_answered_while_a_process_waits_for_others_even_if_it_does_not_wake_it(
    environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    """As where it is pressed the moment before the process falls asleep: here the signal goes to another thread."""
    process = start_of_two(0, 0, environment, tmp_path, "-c", PRESSED_UNHEARD, "train", c_file, *CURVE)
    _, said = process.communicate(timeout=300)
    assert (process.returncode, said) == (130, "interrupted before training began\n")


def start_of_two(
    number: int, port: int, environment: dict[str, str], folder: Path, *words: object
) -> subprocess.Popen[str]:
    """One of two processes; the other never comes."""
    launched = {"RANK": str(number), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    command = [sys.executable, *map(str, words)]
    return subprocess.Popen(command, env={**environment, **launched}, cwd=folder, stderr=subprocess.PIPE, text=True)


def wait_for_door(process: int) -> None:
    """Until that very process listens at a port."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        if any(one.status == psutil.CONN_LISTEN for one in psutil.Process(process).net_connections("tcp")):
            return
        time.sleep(0.02)
    raise AssertionError("nobody listens")


@pytest.mark.slow
def test_a_signal_to_the_launcher_stops_all_at_one_step_with_a_checkpoint(
    environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    process = launch(environment, tmp_path, 2, c_file, *CURVE, "--steps", 100000, "--name", "a")
    run = tmp_path / "runs" / "a"
    wait_for_step(run, 10)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=600)
    last = events_of(run)[-1]
    assert (last["event"], last["state"]) == ("end", "interrupted")
    assert (run / "checkpoints" / "last").resolve().name == f"step-{last['step']:08d}"


def rank(launcher: int, number: int) -> psutil.Process:
    """One of the processes that a launcher started."""
    for child in psutil.Process(launcher).children():
        if child.environ().get("RANK") == str(number):
            return child
    raise AssertionError(f"there is no rank {number}")


def test_more_processes_than_streams_are_refused() -> None:
    with pytest.raises(ConfigError, match="3 processes"):
        check_streams(TrainingConfig(streams=2), Ranks(0, 3))


@given(count=st.integers(1, 200), world=st.integers(1, 9))
def test_shares_lie_side_by_side_and_differ_by_one_at_most(count: int, world: int) -> None:
    shares = [Ranks(rank, world).share(count) for rank in range(world)]
    rows = [row for share in shares for row in range(share.start, share.stop)]
    assert rows == list(range(count))
    sizes = [share.stop - share.start for share in shares]
    assert max(sizes) - min(sizes) <= 1
