"""What long work says of itself on stderr: an estimate that holds, or what is known."""

from __future__ import annotations

import re
import time

import pytest

from rnnlab.cli import console
from rnnlab.cli.progress import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, as one number that a test sets; nobody sits at a terminal."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(console, "is_terminal", lambda: False)
    return now


def test_the_time_left_never_grows_while_nothing_new_comes(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress("judged", 60.0) as shown:
        for done in (0, *range(1, 13), *[12] * 60):  # one text a second, then one that takes a minute
            shown(done, 30)
            clock[0] += 1
    lines = capsys.readouterr().err.splitlines()
    left = [int(found[1]) for line in lines if (found := re.search(r"about (\d+) s left", line))]
    assert left == sorted(left, reverse=True)
    assert lines[0] == "judged 10 of 30, about 20 s left"
    assert lines[-1] == "judged 12 of 30, the next takes 58 s so far (limit: 60 s)"


@pytest.mark.parametrize("done", [0, 3])  # three were done before anybody asked
def test_one_slow_text_is_told_with_the_time_that_it_has_taken_and_may_take(
    clock: list[float], capsys: pytest.CaptureFixture[str], done: int
) -> None:
    with Progress("judged", 30.0) as shown:
        clock[0] += 100  # a corpus was read first
        for _ in range(25):
            shown(done, done + 1)
            clock[0] += 1
    assert capsys.readouterr().err.splitlines() == [
        f"judged {done} of {done + 1}, the next takes 10 s so far (limit: 30 s)",
        f"judged {done} of {done + 1}, the next takes 20 s so far (limit: 30 s)",
    ]
