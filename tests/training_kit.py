"""What the tests of training share: a small model, and what a run's files say."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

Rnnlab = Callable[..., subprocess.CompletedProcess[str]]

SMALL = ("--hidden", "24", "--layers", "1", "--streams", "4", "--window", "16", "--plugin", "none")


def events_of(run: Path) -> list[dict[str, Any]]:
    """The events on disk, as JSON objects."""
    return [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]


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
