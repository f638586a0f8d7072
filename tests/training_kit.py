"""What the tests of training share: a small model, and what a run's files say."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Rnnlab = Callable[..., subprocess.CompletedProcess[str]]

SMALL = ("--hidden", "24", "--layers", "1", "--streams", "4", "--window", "16", "--plugin", "none")


def events_of(run: Path) -> list[dict[str, Any]]:
    """The events on disk, as JSON objects; whole lines only, the last one may be in the making."""
    return [json.loads(line) for line in (run / "events.jsonl").read_text().split("\n")[:-1]]


def computed(run: Path) -> dict[tuple[Any, ...], dict[str, Any]]:
    """What a run computed, without clock readings; a resumption supersedes what lay after it."""
    result: dict[tuple[Any, ...], dict[str, Any]] = {}
    for event in events_of(run):
        if event["event"] == "start" and event["resumed"]:
            result = {key: value for key, value in result.items() if key[1] <= event["step"]}
        if event["event"] in ("step", "validation", "sample", "test"):
            clocks = ("time", "seconds", "chars_per_second")
            result[event["event"], event["step"], event.get("index")] = {
                name: value for name, value in event.items() if name not in clocks
            }
    return result


def start(environment: dict[str, str], tmp_path: Path, *arguments: object) -> subprocess.Popen[str]:
    """A training in a process of its own."""
    command = [sys.executable, "-m", "rnnlab", "train", *map(str, arguments)]
    return subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True)


def wait_for_step(run: Path, step: int) -> None:
    """Until the run's events have come to a step."""
    end = time.monotonic() + 600
    while time.monotonic() < end:
        if (run / "events.jsonl").exists() and any(event["step"] >= step for event in events_of(run)):
            return
        time.sleep(0.02)
    raise AssertionError(f"step {step} never came")


def wait_for(run: Path, kind: str, least: int = 1) -> list[dict[str, Any]]:
    """The events of a kind, once there are so many."""
    end = time.monotonic() + 600
    while time.monotonic() < end:
        if (run / "events.jsonl").exists():
            found = [event for event in events_of(run) if event["event"] == kind]
            if len(found) >= least:
                return found
        time.sleep(0.05)
    raise AssertionError(f"no {kind} came")
