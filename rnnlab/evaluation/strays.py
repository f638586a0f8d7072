"""Processes that a worker started and left behind, also where they have gone to a session of their own.

A worker's environment carries a mark, which whatever it starts inherits: so its descendants are
known also when it has died and they belong to nobody any more. One that was started with an
environment of its own is found only as long as its parent lives, or by the worker's keeper.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

VARIABLE = "RNNLAB_WORKER"
ROUNDS = 50  # what is killed may have started another in the meantime


def marked() -> tuple[str, dict[str, str]]:
    """A new mark, and this process's environment with it; a mark that is there already stays as well."""
    mark = secrets.token_hex(8)
    around = os.environ.get(VARIABLE)
    return mark, {**os.environ, VARIABLE: f"{around}:{mark}" if around else mark}


def end(mark: str) -> None:
    """Kill every process that carries the mark."""
    for _ in range(ROUNDS):
        found = [pid for pid, environment in _environments() if mark in environment.get(VARIABLE, "").split(":")]
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)


def _environments() -> Iterator[tuple[int, Mapping[str, str]]]:
    """What every process of this user began with."""
    if Path("/proc/self/environ").exists():
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                with contextlib.suppress(OSError):
                    pairs = os.fsdecode((folder / "environ").read_bytes()).split("\0")
                    yield int(folder.name), dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        return
    import psutil  # type: ignore[import-untyped]  # it ships no types

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            yield process.pid, process.environ()
