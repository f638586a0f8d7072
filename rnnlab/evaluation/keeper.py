"""The process that keeps a worker, so that nothing which a plugin started outlives it.

Linux gives what has lost its parent to the nearest ancestor that asked for such orphans (prctl(2),
PR_SET_CHILD_SUBREAPER), whatever session or environment it went to. So a worker's first act is to fork: the child goes
on as the worker; this process, which runs nothing of a plugin's, waits for it, ends all that is left, and leaves as it
left. Elsewhere a worker has no keeper.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

IS_THERE = sys.platform.startswith("linux")
_DEATH_SIGNAL, _SUBREAPER = 1, 36  # of <linux/prctl.h>
_PATIENCE = 5.0  # seconds for what was killed to be gone; what the kernel itself holds up is left to the system
_HEARD = {signal.SIGCHLD, signal.SIGTERM}


def keep() -> None:
    """Go on in a child that is kept, where the system knows how; SIGTERM to the keeper ends everything."""
    if not IS_THERE or not _prctl(_SUBREAPER, 1):
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    keeper, worker = os.getpid(), os.fork()
    if worker == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
        os.setsid()  # what is sent to its group of processes is not for the keeper
        _prctl(_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(1)
        return
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):  # the pipes are the worker's alone: they end when it ends
        os.dup2(nothing, number)
    _leave(_awaited(worker))


def _prctl(option: int, value: int) -> bool:
    """Whether the system took it."""
    try:
        import ctypes

        return bool(ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):
        return False


def _awaited(worker: int) -> int:
    """How the worker ended, as :func:`os.waitpid` tells it; all that it started has ended by then."""
    status = signal.SIGTERM.value  # where nobody waits for its end
    with contextlib.suppress(ChildProcessError):
        while signal.sigwait(_HEARD) == signal.SIGCHLD:
            for pid, how in _ended():
                if pid == worker:
                    status = how
                    _end_all()
                    return status
    _end_all()
    return status


def _ended() -> Iterator[tuple[int, int]]:
    """Children that have ended, and how.

    Raises:
        ChildProcessError: where there are none left.
    """
    while (ended := os.waitpid(-1, os.WNOHANG))[0]:
        yield ended


def _end_all() -> None:
    """Kill the children until there are none: those of a killed one become this process's own."""
    until = time.monotonic() + _PATIENCE
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < until:
            for _ in _ended():
                pass
            for pid in _children():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.002)


def _children() -> Iterator[int]:
    me = str(os.getpid()).encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError, IndexError):
                if (folder / "stat").read_bytes().rpartition(b")")[2].split()[1] == me:
                    yield int(folder.name)


def _leave(status: int) -> None:
    """As the worker left: with its exit code, or of the signal that ended it."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError, ValueError):  # SIGKILL has no other handler
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))
