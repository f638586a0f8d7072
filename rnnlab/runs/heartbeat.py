"""What a run's lock file says, and whether who wrote it lives: for viewers, and for whoever wants the run.

Knows the file and its heartbeat; taking the run is `lock`'s matter. Clocks of two machines are
never compared to declare a holder dead: a heartbeat is watched with a clock of one's own.
"""

from __future__ import annotations

import json
import os
import time as clock
from dataclasses import dataclass
from typing import Any

from rnnlab.runs.layout import RunFolder
from rnnlab.runs.process import birth, machine

STALE_AFTER = 60.0
"""Seconds without a heartbeat after which a trainer on another machine is taken for dead."""
_SIZE = 512  # the file is one block of this size, overwritten in place


@dataclass(frozen=True, slots=True)
class LockState:
    """Who holds a run, as a viewer sees it.

    ``age_s``: seconds since the last heartbeat. ``alive``: its process runs (same machine), or its
    heartbeat is fresh (another machine). ``since``: when it took the lock, by its own clock.
    """

    host: str
    pid: int
    age_s: float
    alive: bool
    here: bool
    since: float
    token: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, last sign of life {self.age_s:.0f} s ago"


def lock_state(run: RunFolder, *, watch: float = 0.0) -> LockState | None:
    """Who holds the run; None where nobody took it or the last holder gave it back.

    The first look at a lock of another machine can only believe its file's date; later looks go by
    whether the heartbeat moved in between. ``watch``: seconds to wait for one that seems dead to beat.
    """
    values = read_anew(run)
    if values is None or values.get("released"):
        return None
    try:
        state = state_of(values, _age(run, values))
    except OSError:  # removed in this moment
        return None
    if watch and not state.alive and not state.here and beats(run, watch):
        return lock_state(run)
    return state


_looks: dict[str, tuple[tuple[str, int], float, float]] = {}  # path -> (token, beat), when first seen, age then


def _age(run: RunFolder, values: dict[str, Any]) -> float:
    """Seconds since the last heartbeat, by this process's clock as far as it has watched."""
    path, beat, now = str(run.lock_path), (values["token"], values["beat"]), clock.monotonic()
    known = _looks.get(path)
    if known is None or known[0] != beat:
        dated = max(0.0, clock.time() - run.lock_path.stat().st_mtime)
        known = _looks[path] = (beat, now, 0.0 if known else dated)
    return known[2] + now - known[1]


def beats(run: RunFolder, seconds: float) -> bool:
    """Whether the holder gives a sign of life while it is watched for so long."""
    before, until = read_anew(run), clock.monotonic() + seconds
    while clock.monotonic() < until:
        clock.sleep(min(0.2, seconds))
        now = read_anew(run)
        if now is not None and now != before:
            if not now.get("released"):
                _looks[str(run.lock_path)] = ((now["token"], now["beat"]), clock.monotonic(), 0.0)
            return not now.get("released")
    return False


def state_of(values: dict[str, Any], age: float) -> LockState:
    """What a lock file's values mean when its last heartbeat is ``age`` seconds old.

    Of a copy, the process says nothing: it writes the original. No heartbeat will come into it.
    """
    here = values["machine"] == machine() and not values["copied"]
    return LockState(
        host=values["host"],
        pid=values["pid"],
        age_s=age,
        alive=birth(values["pid"]) == values["birth"] if here else age < STALE_AFTER,
        here=here,
        since=values["since"],
        token=values["token"],
    )


def write(file: int, values: dict[str, Any]) -> None:
    """Write the whole file in one piece, in place: whoever reads sees the old values or the new."""
    os.pwrite(file, json.dumps(values).encode().ljust(_SIZE - 1) + b"\n", 0)


def read(file: int) -> dict[str, Any] | None:
    """The values of an open lock file; None where nobody has written yet."""
    try:
        values: dict[str, Any] = json.loads(os.pread(file, _SIZE, 0))
    except ValueError:  # empty: nobody yet
        return None
    known = isinstance(values, dict) and {"host", "pid", "birth", "machine", "token", "since", "beat"} <= values.keys()
    if not known:
        return None
    # The heartbeat alone decides then, for some network file systems number their files anew.
    number = os.fstat(file).st_ino
    return values | {"copied": values.get("inode", number) != number}


def read_anew(run: RunFolder) -> dict[str, Any] | None:
    """The values as they stand now; the file is opened again, for a network file system keeps what it once read."""
    try:
        file = os.open(run.lock_path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return read(file)
    finally:
        os.close(file)
