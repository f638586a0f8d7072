"""One trainer at a time: the file ``lock`` says who trains, and beats while it does.

On one machine the kernel decides (``flock``): a killed trainer's lock is free at once. Between
machines, where ``flock`` may not reach, the heartbeat decides: a counter in the file that the
holder raises every few seconds. Whoever doubts it watches the counter with a clock of its own;
clocks of two machines are never compared to take a lock over. The file is never removed.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import socket
import threading
import time as clock
import weakref
from types import TracebackType
from typing import Any

from rnnlab.errors import RunError
from rnnlab.runs.durable import told
from rnnlab.runs.heartbeat import STALE_AFTER, LockState, beats, lock_state, read, read_anew, state_of, write
from rnnlab.runs.layout import RunFolder
from rnnlab.runs.process import birth, machine

BEAT = 5.0
"""Seconds between two heartbeats."""
_WATCH = 3 * BEAT  # how long a silent lock of another machine is watched before it is taken over
_LETTING_GO = 5.0  # how long the lock of a dead trainer is waited for
_UNSUPPORTED = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}

_held: weakref.WeakSet[RunLock] = weakref.WeakSet()


class RunLock:
    """The right to write into a run; a context manager.

    While it is held, a thread beats every five seconds and never blocks its holder. ``lost`` says
    that another machine took the lock over in the meantime (this one was asleep for long).
    """

    def __init__(self, run: RunFolder, *, watch: float = _WATCH) -> None:
        self.run = run
        self.lost = False
        self.token = secrets.token_hex(8)
        self._watch = watch
        self._file = -1
        self._values: dict[str, Any] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self) -> RunLock:
        """Take the run.

        Raises:
            RunError: where another trainer has it (names host, pid and age), or it cannot be written.
        """
        with told(self.run.lock_path):
            self._file = os.open(self.run.lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            self._claim()
        except BaseException:
            os.close(self._file)
            self._file = -1
            raise
        _held.add(self)
        self._stop.clear()
        self._thread = threading.Thread(target=self._beat, name="run-lock", daemon=True)
        self._thread.start()
        return self

    def _claim(self) -> None:
        given = self._lock_of_kernel()
        values = read(self._file)
        if values is not None and not values.get("released"):
            same_kernel = values["machine"].partition(":")[0] == machine().partition(":")[0]
            if not (given and same_kernel):  # else the kernel has told: the holder is dead
                self._doubt(state_of(values, clock.time() - os.fstat(self._file).st_mtime))
        self._values = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "birth": birth(os.getpid()),
            "machine": machine(),
            "inode": os.fstat(self._file).st_ino,
            "token": self.token,
            "since": clock.time(),
            "beat": 0,
        }
        with told(self.run.lock_path):
            write(self._file, self._values)
            os.fsync(self._file)

    def _lock_of_kernel(self) -> bool | None:
        """As `_flock`, but never False: a child forked just before its trainer died gets time to let go of the file."""
        until = clock.monotonic() + _LETTING_GO
        while (given := _flock(self._file)) is False:
            state = lock_state(self.run)
            if (state is not None and state.alive) or clock.monotonic() > until:
                raise _taken(self.run)
            clock.sleep(0.02)
        return given

    def _doubt(self, state: LockState) -> None:
        """Let the holder prove that it lives: by its process here, by its heartbeat elsewhere."""
        if state.here and not state.alive:
            return
        if state.here or 0 <= state.age_s < STALE_AFTER:
            raise _taken(self.run)
        # An age below zero is no age: the clocks differ, so only watching tells.
        if beats(self.run, self._watch if state.age_s >= 0 else max(self._watch, STALE_AFTER)):
            raise _taken(self.run)

    def _beat(self) -> None:
        while not self._stop.wait(BEAT):
            with contextlib.suppress(OSError):  # a full or lost disk is the trainer's to tell
                now = read_anew(self.run)
                if now is not None and now.get("token") != self.token:
                    self.lost = True
                    return
                self._values["beat"] += 1
                write(self._file, self._values)

    def check(self) -> None:
        """Be sure that the run is still ours; cheap.

        Raises:
            RunError: where another machine took it over.
        """
        if self.lost:
            raise _taken(self.run)

    def release(self) -> None:
        """Give the run back; does nothing when it is not held."""
        if self._file < 0:
            return
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=1.0)
        _held.discard(self)
        descriptor, self._file = self._file, -1
        if not self.lost:
            with contextlib.suppress(OSError):
                write(descriptor, self._values | {"released": True})
        os.close(descriptor)

    def __enter__(self) -> RunLock:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _forget(self) -> None:
        """In a forked child: let go of the inherited descriptor, so that the lock dies with the parent."""
        with contextlib.suppress(OSError):
            os.close(self._file)
        self._file = -1


def _forget_all() -> None:
    for lock in list(_held):
        lock._forget()
    _held.clear()


os.register_at_fork(after_in_child=_forget_all)


def _taken(run: RunFolder) -> RunError:
    state = lock_state(run)
    if state is None:
        return RunError(run.name, "another process is at work on it", "Try again in a moment.")
    if state.here:
        step = f"Watch it (rnnlab tui), stop it (rnnlab runs control {run.name} stop), or end process {state.pid}."
    else:
        step = f"Stop it first (rnnlab runs control {run.name} stop); if {state.host} is gone, try again in a minute."
    return RunError(run.name, f"is being trained by {state}", step)


def _flock(file: int) -> bool | None:
    """True: the kernel gave it to us; False: another has it; None: this file system knows no locks."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return None
        raise
    return True
