"""What must start fast: the commands that need no network never load the library that takes seconds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import contextlib, io, sys
sys.argv = ["rnnlab", *sys.argv[1:]]
from rnnlab.cli import main
out, error = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())
with contextlib.suppress(SystemExit), out, error:
    main()
print(*(name for name in ("torch", "textual", "numpy") if name in sys.modules))
"""
COMMANDS = ("train", "tui", "sample", "eval", "runs", "plugins", "corpus", "bench")


def loaded(*arguments: str, folder: Path) -> set[str]:
    """Which of the heavy libraries a command loads."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=True, cwd=folder
    )
    return set(done.stdout.split())


def existing() -> set[str]:
    done = subprocess.run([sys.executable, "-m", "rnnlab", "--help"], capture_output=True, text=True, check=True)
    return {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ") and line.strip()}


def test_help_loads_none_of_them(tmp_path: Path) -> None:
    assert loaded("--help", folder=tmp_path) == set()
    assert loaded("--version", folder=tmp_path) == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_loads_none_of_them(tmp_path: Path, command: str) -> None:
    if command not in existing():
        pytest.skip(f"there is no command {command}")
    assert loaded(command, "--help", folder=tmp_path) == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ("runs",),
        ("runs", "show", "missing"),
        ("plugins", "list"),
        ("eval", "text.c", "--plugin", "c-syntax"),
        ("tui", "--once"),
        ("corpus", "stats", "text.c"),
    ],
    ids=" ".join,
)
def test_a_command_without_a_network_does_its_work_without_torch(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    if arguments[0] not in existing():
        pytest.skip(f"there is no command {arguments[0]}")
    (tmp_path / "text.c").write_text("int main(void)\n{\n\treturn 0;\n}\n" * 50)
    assert "torch" not in loaded(*arguments, folder=tmp_path)
