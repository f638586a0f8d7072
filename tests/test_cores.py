"""No more work at once than the processor time that this process is granted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rnnlab.cores import usable_cores, usable_threads


def granted(root: Path, groups: str, files: dict[str, str]) -> int:
    """Usable cores where the system tells of these control groups and of what each grants."""
    for name, content in {"proc/self/cgroup": groups, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return usable_cores(root)


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of 64 cores, all of which this process may use."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)


@pytest.mark.parametrize(
    ("groups", "files", "cores"),
    [
        ("0::/\n", {"sys/fs/cgroup/cpu.max": "200000 100000\n"}, 2),  # in a container
        ("0::/\n", {"sys/fs/cgroup/cpu.max": "max 100000\n"}, 64),
        ("0::/\n", {"sys/fs/cgroup/cpu.max": "50000 100000\n"}, 1),
        ("0::/\n", {"sys/fs/cgroup/cpu.max": "no numbers\n"}, 64),
        (
            "0::/user.slice/my.scope\n",
            {"sys/fs/cgroup/user.slice/my.scope/cpu.max": "max 1\n", "sys/fs/cgroup/user.slice/cpu.max": "300 100\n"},
            3,
        ),
        ("0::/docker/0a1b\n", {"sys/fs/cgroup/cpu.max": "400000 100000\n"}, 4),  # the path is the machine's
        (
            "9:name=systemd:/\n4:cpu,cpuacct:/box\n0::/\n",
            {
                "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us": "250000\n",
                "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us": "50000\n",
            },
            5,
        ),
        (
            "4:cpu:/\n",
            {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "50000\n"},
            64,
        ),
        ("4:cpuset:/\n", {}, 64),
    ],
)
def test_what_control_groups_grant_counts(tmp_path: Path, groups: str, files: dict[str, str], cores: int) -> None:
    assert granted(tmp_path, groups, files) == cores


def test_where_nothing_tells_of_control_groups_all_cores_count(tmp_path: Path) -> None:
    assert usable_cores(tmp_path) == 64


def test_threads_are_no_more_than_asked_for_and_cores_do_not_care(monkeypatch: pytest.MonkeyPatch) -> None:
    cores = usable_cores()
    for asked, threads in (("1", 1), ("0", cores), ("all", cores), ("1000000", cores)):
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
        assert (usable_cores(), usable_threads()) == (cores, threads)
