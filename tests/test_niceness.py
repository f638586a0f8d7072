"""A training stands back where others want the processor, as far as it may decide that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = os.getpriority(os.PRIO_PROCESS, 0)
GROUPS = Path("/proc/self/autogroup")
ASK = """
import os, pathlib
from rnnlab.niceness import step_back
step_back({})
group = pathlib.Path("/proc/self/autogroup")
print(os.getpriority(os.PRIO_PROCESS, 0), *(group.read_text() if group.exists() else "").split()[-1:])
"""


def taken(niceness: int | None, *, leads: bool = False) -> tuple[int, str]:
    """The niceness of a process that steps back, and that of its session."""
    command = [sys.executable, "-c", ASK.format(niceness)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, start_new_session=leads).stdout
    own, *group = said.split()
    return int(own), "".join(group)


def test_what_is_asked_for_is_taken_and_never_less_than_before() -> None:
    assert taken(HERE + 3 if HERE < 17 else 19)[0] == (HERE + 3 if HERE < 17 else 19)
    assert taken(0)[0] == HERE


def test_the_usual_is_for_those_to_whom_nobody_gave_a_niceness() -> None:
    assert taken(None)[0] == (5 if HERE == 0 else HERE)


@pytest.mark.skipif(not GROUPS.exists(), reason="no scheduling by sessions here")
def test_a_session_goes_with_its_leader_alone() -> None:
    before = GROUPS.read_text()  # empty in a process that no session was ever made for, as some service managers' are
    assert taken(19)[1] == "".join(before.split()[-1:])
    assert GROUPS.read_text() == before
    if HERE < 19:
        assert taken(19, leads=True)[1] == "19"
