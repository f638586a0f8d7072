"""Standard input and outputs in any state: closed, empty, or in an encoding that cannot say everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CLOSED = """
import os, sys
for number in map(int, sys.argv[1].split()):
    os.close(number)
os.execv(sys.executable, [sys.executable, "-m", "rnnlab", *sys.argv[2:]])
"""


@pytest.mark.parametrize("closed", ["", "0"], ids=["empty", "closed"])
def test_a_command_before_the_pipe_that_wrote_nothing_passes_no_threshold(
    lines: Path, tmp_path: Path, closed: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLOSED, closed, "eval", "-", "-p", str(lines)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=300,
        check=False,
    )
    said = "error: -: standard input is empty\n  Pipe text into it: did the command before it fail?\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@pytest.mark.parametrize(
    ("closed", "code", "said"),
    [
        ("1", 2, "error: standard output: it is closed\n  Start it without >&-, or send it to a file.\n"),
        ("2", 0, ""),
        ("1 2", 2, ""),
    ],
)
def test_closed_standard_streams_are_no_accident(
    lines: Path, tmp_path: Path, closed: str, code: int, said: str
) -> None:
    words = ["eval", "-", str(lines), "-p", str(lines), "-f", "concise", "-o", "json:out.json"]
    done = subprocess.run(
        [sys.executable, "-c", CLOSED, closed, *words],
        input="a",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=300,
        check=False,
    )
    assert done.returncode == code
    assert said in done.stderr if said else not done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads((tmp_path / "out.json").read_text())["failures"] == []
    assert ("lines.full-lines" in done.stdout) == (code == 0)


def test_what_the_encoding_of_standard_output_cannot_say_becomes_a_question_mark(lines: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "漢.txt"
    nothing.write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab", "eval", nothing.name, "-p", "c-syntax", "-f", "junit", "-o", "table:t.txt"],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        timeout=300,
        check=False,
    )
    assert done.returncode == 0
    assert b'name="&#28450;.txt"' in done.stdout
    table = [sys.executable, "-m", "rnnlab", "eval", nothing.name, "-p", "c-syntax"]
    shown = subprocess.run(
        table, capture_output=True, cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=False
    )
    assert shown.returncode == 0
    assert b"c-syntax.bracket-balance      higher     ?  ?" in shown.stdout


@pytest.mark.parametrize(
    "surroundings",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0"},
        {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii:surrogateescape"},
    ],
    ids=lambda each: " ".join(each),
)
def test_so_it_does_in_the_plainest_of_locales_on_both_outputs(
    surroundings: dict[str, str], lines: Path, tmp_path: Path
) -> None:
    (tmp_path / "漢.c").write_text("x = (;\n")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    for words, said, told in (
        (["eval", "漢.c", "-p", "c-syntax"], b"  ?  ?", b""),
        (["eval", "漢.c", "-p", "c-syntax", "-f", "concise"], b"?.c:1:5: cut", b""),
        (["eval", "-", "-p", lines, "-f", "concise", "-o", "json:é.json"], b"lines.full-lines", b"?.json"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "rnnlab", *words],
            input=b"a",
            capture_output=True,
            cwd=tmp_path,
            env={**plain, **surroundings},
            timeout=300,
            check=False,
        )
        assert (done.returncode, said in done.stdout, told in done.stderr) == (0, True, True), done
        assert (done.stdout + done.stderr).isascii()
