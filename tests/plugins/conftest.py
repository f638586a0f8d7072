"""A stranger's machine: a virtual environment outside the repository that sees what this one sees."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

Shell = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """An empty folder, and an environment whose ``python``, ``pip`` and ``rnnlab`` are a fresh venv's.

    ``pip install -e .`` works offline there: the build backend is found, not fetched.
    """
    pytest.importorskip("hatchling")
    pytest.importorskip("pip")
    home = tmp_path_factory.mktemp("stranger")
    venv.create(home / "venv", with_pip=False, symlinks=True)
    binaries = home / "venv" / "bin"
    (packages,) = (home / "venv" / "lib").glob("python3*/site-packages")
    seen = [path for path in sys.path if Path(path).is_dir() and Path(path).name != "bin"]
    (packages / "seen.pth").write_text("".join(f"{path}\n" for path in seen))
    for name in ("pip", "rnnlab"):
        script = binaries / name
        script.write_text(f'#!/bin/sh\nexec "{binaries}/python" -m {name} "$@"\n')
        script.chmod(0o755)
    place = home / "work"
    place.mkdir()
    environment = {
        **os.environ,
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_BUILD_ISOLATION": "false",  # pip's own spelling of --no-build-isolation
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "NO_COLOR": "1",
    }
    environment.pop("PYTHONPATH", None)
    return place, environment


@pytest.fixture
def shell(stranger: tuple[Path, dict[str, str]]) -> Shell:
    """Runs a command line there."""
    place, environment = stranger

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            shell=True,
            cwd=place,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
            check=False,
        )

    return run
