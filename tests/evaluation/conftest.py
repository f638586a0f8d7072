"""The program as a user runs it, and plugins as people write them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

Program = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def rnnlab(tmp_path: Path) -> Program:
    """``rnnlab(...)`` in a folder of its own; gives exit code, stdout and stderr."""

    def run(*arguments: object, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rnnlab", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=cwd or tmp_path,
            env={**os.environ, "RNNLAB_CACHE": str(tmp_path / "cache"), "RNNLAB_RUNS": str(tmp_path / "runs")},
            timeout=600,
            check=False,
        )

    return run


@pytest.fixture
def plugin(tmp_path: Path) -> Callable[[str, str], Path]:
    """``plugin(name, code)``: writes an evaluator file."""

    def write(name: str, code: str) -> Path:
        path = tmp_path / f"{name}.py"
        path.write_text("from rnnlab.evaluation import *\n" + textwrap.dedent(code))
        return path

    return write
