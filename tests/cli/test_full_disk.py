"""Where output cannot be written any more: one error that says so, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from runs.laboratory import a_run, start, step


@pytest.mark.parametrize("words", [("--help",), ("runs",), ("runs", "list", "--json"), ("runs", "show", "one")])
def test_a_full_disk_under_standard_output_is_named(tmp_path: Path, words: tuple[str, ...]) -> None:
    a_run(tmp_path / "runs", "one", start(), step(1))
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "rnnlab", *words]
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False, timeout=60
        )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: standard output: it cannot be written (no space left on device)",
        "  Choose a place with more room.",
    ]
