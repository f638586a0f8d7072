"""Which process is which: a pid alone is reused, and means nothing on another machine.

Knows the operating system and nothing of runs.
"""

from __future__ import annotations

import functools
import socket
from pathlib import Path


@functools.cache
def machine() -> str:
    """Names the set of processes that this one sees: the boot of the kernel, a colon, and the pid namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # not Linux
        import psutil  # type: ignore[import-untyped]  # it ships no types

        return f"{socket.gethostname()}-{psutil.boot_time():.0f}:"


def birth(pid: int) -> float | None:
    """When a process of this machine was born, in the system's own unit; None where it is dead or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None if Path("/proc/self/stat").exists() else _portable_birth(pid)
    except OSError:
        return None
    # The name, in parentheses, may itself hold spaces and parentheses; state is field 3, start time field 22.
    fields = stat[stat.rindex(")") + 2 :].split()
    return None if fields[0] in "ZX" else float(fields[19])


def _portable_birth(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else round(process.create_time(), 1)
    except psutil.Error:
        return None
