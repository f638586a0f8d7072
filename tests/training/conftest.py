"""Runs the real program on real text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from training_kit import Rnnlab


@pytest.fixture(scope="session")
def c_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 40,000 characters of C: functions that differ, written by a loop."""
    functions = [
        f"static int add_{n}(int a, int b)\n{{\n\tint sum = a + {n} * b;\n\n"
        f"\tif (sum > {n * 7})\n\t\treturn sum - {n};\n"
        f"\tfor (int i = 0; i < {n % 9 + 1}; i++)\n\t\tsum += i * {n % 13};\n\treturn sum;\n}}\n\n"
        for n in range(230)
    ]
    path = tmp_path_factory.mktemp("corpus") / "functions.c"
    path.write_text("".join(functions))
    return path


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """One thread, a cache and a folder of runs of the test's own."""
    own = {"RNNLAB_RUNS": str(tmp_path / "runs"), "RNNLAB_CACHE": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}
    return {**os.environ, **own, "NO_COLOR": "1"}


@pytest.fixture
def rnnlab(environment: dict[str, str], tmp_path: Path) -> Rnnlab:
    """Runs ``rnnlab`` to its end."""

    def run(*arguments: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "rnnlab", *map(str, arguments)]
        return subprocess.run(
            command,
            env=environment,
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    return run
