"""What is judged: files, folders with anything in them, standard input in any state, names of any bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Program = Callable[..., subprocess.CompletedProcess[str]]
LINES = """
from rnnlab.evaluation import Metric, evaluator

@evaluator(metrics={"full-lines": "Lines with something in them, of lines."}, files=("*.txt",))
def lines(source):
    each = source.text.split("\\n")
    return [Metric(name="full-lines", count=sum(map(bool, each)), total=len(each))]
"""


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "lines.py"
    path.write_text(LINES)
    return path


def test_of_a_folder_the_files_are_taken_and_neither_links_to_nowhere_nor_pipes_nor_loops(
    rnnlab: Program, lines: Path, tmp_path: Path
) -> None:
    inside = tmp_path / "texts" / "inside"
    inside.mkdir(parents=True)
    (inside / "b.txt").write_text("b")
    (inside / "up").symlink_to("..")
    (inside.parent / "a\nline.txt").write_bytes(b"\xff\n")
    (inside.parent / "self.txt").symlink_to("self.txt")
    (inside.parent / "gone.txt").symlink_to("/nonexistent/file")
    (inside.parent / ".hidden.txt").write_text("hidden")
    os.mkfifo(inside.parent / "pipe.txt")
    done = rnnlab("eval", "texts", "-p", lines, "-f", "json")
    assert done.returncode == 0
    assert [source["name"] for source in json.loads(done.stdout)["sources"]] == [
        "texts/a\nline.txt",
        "texts/inside/b.txt",
    ]
    pipe = rnnlab("eval", inside.parent / "pipe.txt", "-p", lines)
    assert (pipe.returncode, pipe.stderr.splitlines()[1]) == (2, "  Pipe its text into: rnnlab eval -")


def test_standard_input_is_read_once_and_names_with_line_breaks_stay_in_their_line(
    rnnlab: Program, lines: Path
) -> None:
    done = rnnlab("eval", "-", "-", "-p", lines, "-f", "concise", stdin="a\n")
    assert done.stdout == "lines.full-lines 0.5000 (1 of 2)\n"
    missing = rnnlab("eval", "no\nsuch\x1b[31m.txt", "-p", lines)
    assert missing.stderr == "error: no␊such␛[31m.txt: there is no such file, folder or run\n"


CLOSED = """
import os, sys
for number in map(int, sys.argv[1].split()):
    os.close(number)
os.execv(sys.executable, [sys.executable, "-m", "rnnlab", *sys.argv[2:]])
"""


@pytest.mark.parametrize(
    ("closed", "code", "said"),
    [
        ("0", 0, "wrote out.json\n"),
        ("1", 2, "error: standard output: it cannot be written (bad file descriptor)\n"),
        ("2", 0, ""),
        ("0 1 2", 2, ""),
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
