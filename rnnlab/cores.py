"""How many processor cores this process may use, which on a shared machine are fewer than there are.

Knows the operating system, and nothing of what is to be computed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def usable_cores(root: Path = Path("/")) -> int:
    """Cores that this process may run on at once: its affinity, and what its control groups grant; at least 1.

    Args:
        root: of the file system that tells of the control groups.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([cores, *(max(1, round(share)) for share in _grants(root))])


def usable_threads() -> int:
    """How many threads may compute: as many as there are usable cores, or fewer where OMP_NUM_THREADS says so."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return min(usable_cores(), int(asked)) if asked.isdecimal() and int(asked) > 0 else usable_cores()


def _grants(root: Path) -> Iterator[float]:
    """Cores' worth of time that each control group around this process grants (Linux, cgroups(7), both versions).

    A container may see its own groups where its file system has the machine's: then the path that the kernel tells is
    not there, and the topmost group is its own.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return  # not Linux
    mounts = root / "sys/fs/cgroup"
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            folders = [mounts, mounts / "unified"]
        elif "cpu" in controllers.split(","):
            folders = [mounts / "cpu", mounts / controllers]
        else:
            continue
        group = PurePosixPath(path.lstrip("/"))
        for folder in folders:
            for place in (group, *group.parents):
                yield from _grant(folder / place)


def _grant(group: Path) -> Iterator[float]:
    """What one group grants; nothing where it sets no limit."""
    try:
        if (group / "cpu.max").exists():
            quota, period = (group / "cpu.max").read_text().split()
        else:
            quota, period = ((group / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        if quota != "max" and int(quota) > 0:
            yield int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        pass  # no such group, or not limited in this way
