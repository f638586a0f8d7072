"""plugins/README.md says nothing that is not so: its files are written, its commands run."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

README = Path(__file__).parents[2] / "plugins" / "README.md"
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
Shell = Callable[[str], subprocess.CompletedProcess[str]]


def test_every_file_in_the_readme_is_written_and_every_command_does_what_it_says(
    stranger: tuple[Path, dict[str, str]], shell: Shell
) -> None:
    place, environment = stranger
    blocks = BLOCK.findall(README.read_text(encoding="utf-8"))
    assert {language for language, _, _ in blocks} == {"python", "toml", "text", "console"}
    for language, file, body in blocks:
        if language != "console":
            path = place / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body)
            continue
        for chunk in body.removeprefix("$ ").split("\n$ "):
            command, *promised = chunk.rstrip("\n").split("\n")
            if "plugins dev" in command:
                _stays_until_interrupted(command, place, environment)
                continue
            done = shell(command)
            assert done.returncode == 0, f"{command}\n{done.stdout}"
            for line in promised:
                assert line.strip() in done.stdout, f"{command}\n{done.stdout}"


def _stays_until_interrupted(command: str, place: Path, environment: dict[str, str]) -> None:
    """It judges, judges again when the plugin is saved, and leaves in good order on Ctrl-C."""
    with subprocess.Popen(
        ["sh", "-c", f"exec {command}"],
        cwd=place,
        env={**environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as program:
        assert program.stdout is not None
        said: list[str] = []

        def until(text: str) -> None:
            assert program.stdout is not None
            while not said or text not in said[-1]:
                said.append(program.stdout.readline())
                assert said[-1], "".join(said)

        until("waiting for a change")
        plugin = place / "rnnlab-long-lines" / "rnnlab_long_lines.py"
        plugin.write_text(plugin.read_text().replace("limit: int = 80", "limit: int = 12"))
        said.append("")
        until("19 characters, 12 are allowed")
        until("waiting for a change")
        time.sleep(0.2)
        program.send_signal(signal.SIGINT)
        assert program.wait(20) == 0


def test_the_hello_world_is_at_most_ten_lines_of_python_and_ten_of_toml() -> None:
    blocks = {file: body for _, file, body in BLOCK.findall(README.read_text(encoding="utf-8"))}
    for file in ("rnnlab-shouting/rnnlab_shouting.py", "rnnlab-shouting/pyproject.toml"):
        assert 5 < sum(bool(line.strip()) for line in blocks[file].split("\n")) <= 10
