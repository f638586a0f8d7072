"""The README promises nothing that the program does not have."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rnnlab.cli.app import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
GROUPS = {"corpus", "runs", "plugins"}


def lines() -> list[str]:
    """Every rnnlab command in the README's shell blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    found = []
    for line in "\n".join(blocks).splitlines():
        for part in line.split("#")[0].split("|"):
            if part.strip().startswith("rnnlab "):
                found.append(part.strip())
    return found


@pytest.mark.parametrize("line", lines())
def test_every_command_and_option_in_the_readme_exists(line: str) -> None:
    words = shlex.split(line)[1:]
    depth = 2 if words[0] in GROUPS and len(words) > 1 and not words[1].startswith("-") else 1
    shown = CliRunner().invoke(app, [*words[:depth], "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    for word in words[depth:]:
        if word.startswith("--"):
            assert re.search(rf"{re.escape(word.split('=')[0])}\b", shown.output), f"{word} is no option of {line}"


def test_every_file_that_the_readme_shows_or_links_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_presets_in_the_readme_have_the_sizes_that_the_program_says() -> None:
    from rnnlab.presets import PRESETS, preset_parameters
    from rnnlab.quantities import short

    table = dict(re.findall(r"^\| `(\w+)` \|[^|]*\| ([^|]+?) \|", README, re.MULTILINE))
    assert set(table) == set(PRESETS)
    for name in PRESETS:
        assert table[name].startswith(short(preset_parameters(name))), name
