"""What is judged: files, folders with anything in them, standard input in any state, names of any bytes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.evaluation import Source, discovery
from rnnlab.evaluation.formats.table import table, width
from rnnlab.evaluation.pool import Pool
from rnnlab.evaluation.report import Column, Report
from rnnlab.evaluation.runner import judge_all

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
    assert missing.stderr == "error: no␊such␛[31m.txt: there is no such file, folder or run\n  Check the path.\n"


def test_what_may_not_be_read_is_refused_and_never_left_out_of_a_rate(lines: Path, tmp_path: Path) -> None:
    powerless = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    if powerless and shutil.which("setpriv") is None:
        pytest.skip("root may read everything")
    (tmp_path / "texts" / "closed").mkdir(parents=True)
    (tmp_path / "texts" / "open.txt").write_text("a\n")
    (tmp_path / "texts" / "closed" / "b.txt").write_text("b\n")
    (tmp_path / "texts" / "closed").chmod(0)
    for named in ("texts", "texts/closed", "texts/closed/b.txt"):
        command = [*powerless, sys.executable, "-m", "rnnlab", "eval", named, "-p", str(lines)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
        refused = named if named != "texts" else "texts/closed"
        said = f"error: {refused}: cannot be read (permission denied)\n  Check the path and its permissions.\n"
        assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
    (tmp_path / "texts" / "closed").chmod(0o700)


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


@pytest.mark.parametrize("columns", [72, 80, 200])
def test_in_a_terminal_no_table_and_no_line_of_text_is_wider_than_it_and_nothing_is_lost(
    lines: Path, tmp_path: Path, columns: int
) -> None:
    many = tmp_path / "many.py"
    many.write_text(
        "from rnnlab.evaluation import Finding, Metric, evaluator\n"
        "@evaluator()\n"
        "def many(source):\n"
        "    yield from (Metric(name=f'metric-{n}', count=n, total=8) for n in range(8))\n"
        "    yield Finding(rule='r', message='m', line=1, column=301, end_line=1, end_column=309)\n"
    )
    sources = [Source(text="\t漢字" * 100 + "pointed at" + "\tx" * 90, name="a.txt", step=step) for step in (10, 20)]
    with Pool(discovery.find_all([str(many), str(lines)])) as pool:
        described = pool.start()
        outcome = judge_all(pool, sources)
    totals = Report(tuple(outcome.judged), described).totals
    report = Report(tuple(outcome.judged), described, beside=(Column("a long name of a real corpus: linux", totals),))
    shown, wide = table(report, columns), table(report)
    assert all(width(line) <= columns for line in shown.split("\n"))
    assert set(wide.split()) - set(shown.split()) <= set(excerpt_of(wide))
    assert "pointed " in shown
    caret = shown.split("\n").index(next(line for line in shown.split("\n") if line.endswith("^~~~~~~~")))
    before, marked = shown.split("\n")[caret - 1].split("pointed ")[0], shown.split("\n")[caret].index("^")
    assert width(before) == marked


def excerpt_of(table: str) -> list[str]:
    """The words of the line of text that a table shows."""
    return [word for line in table.split("\n") if line.startswith("     1 |") for word in line.split()]
