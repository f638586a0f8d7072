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


TAKING = """
from rnnlab.evaluation import Metric, evaluator

@evaluator(metrics={{"seen": "Characters that are letters, of characters."}}, files={files!r})
def taking(source):
    return [Metric(name="seen", count=sum(map(str.isalpha, source.text)), total=len(source.text))]
"""


def test_of_a_folder_each_evaluator_judges_what_it_takes_and_of_real_text_as_well(
    rnnlab: Program, tmp_path: Path
) -> None:
    for name, files in (("cs", ("*.c", "*.h")), ("pys", ("*.py",)), ("alls", ()), ("otherpys", ("*.py",))):
        (tmp_path / f"{name}.py").write_text(TAKING.format(files=files))
    for folder, often in (("texts", 1), ("real", 2000)):
        (tmp_path / folder).mkdir()
        for name, text in (("a.c", "ab\n"), ("b.py", "abc1\n"), ("d.txt", "abcd111\n")):
            (tmp_path / folder / name).write_text("".join(f"{text}" for _ in range(often)))
    command = ["eval", "texts", "-p", "./cs.py", "-p", "./pys.py", "-p", "./otherpys.py", "--against", "real"]
    report = json.loads(rnnlab(*command, "-f", "json").stdout)
    assert [(one["name"], [m["plugin"] for m in one["metrics"]]) for one in report["sources"]] == [
        ("texts/a.c", ["cs"]),
        ("texts/b.py", ["pys", "otherpys"]),
    ]
    assert {one["plugin"]: (one["count"], one["total"]) for one in report["totals"]} == {
        "cs": (2, 3),
        "pys": (3, 5),
        "otherpys": (3, 5),
    }
    (column,) = report["against"]
    rates = {one["plugin"]: one["rate"] for one in column["totals"]}
    assert rates == {"cs": 2 / 3, "pys": 3 / 5, "otherpys": 3 / 5}
    named = json.loads(rnnlab("eval", "texts/a.c", "texts", *command[2:6], "-f", "json", "-p", "./alls.py").stdout)
    assert {one["plugin"]: one["total"] for one in named["totals"]} == {"cs": 3, "pys": 8, "alls": 16}
    told = json.loads(rnnlab(*command[:6], "-f", "json", "--include", "*.txt").stdout)
    assert {one["plugin"]: one["total"] for one in told["totals"]} == {"cs": 8, "pys": 8}
    junit = rnnlab(*command[:6], "-f", "junit").stdout
    assert (junit.count("<testcase"), junit.count("<error")) == (2, 0)


def test_a_file_that_is_named_in_several_ways_is_judged_once(rnnlab: Program, lines: Path, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a")
    names = ["texts", "texts/a.txt", tmp_path / "texts" / "a.txt", "texts/../texts/a.txt"]
    report = json.loads(rnnlab("eval", *names, "-p", lines, "-f", "json").stdout)
    assert [source["name"] for source in report["sources"]] == ["texts/a.txt"]


def test_a_byte_order_mark_is_no_part_of_a_text(rnnlab: Program, tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"\xef\xbb\xbfint f(void) { return x; }\n")
    (tmp_path / "b.py").write_bytes(b"\xef\xbb\xbfprint(x)\n")
    done = rnnlab("eval", "a.c", "-p", "c-syntax", "-f", "concise").stdout
    assert done.startswith("a.c:1:22: error c-syntax/undefined-return")
    assert "c-syntax.syntax-errors 0.0000 (0 of 26)" in done
    assert rnnlab("eval", "b.py", "-p", "python-syntax", "-f", "concise").stdout.startswith("b.py:1:7: error")


def test_what_is_no_text_at_all_is_refused_and_text_with_anything_in_it_is_judged(
    rnnlab: Program, lines: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("int x;\n" * 50)
    shutil.make_archive(str(tmp_path / "plain"), "tar", tmp_path, "a.txt")
    shutil.make_archive(str(tmp_path / "packed"), "gztar", tmp_path, "a.txt")
    shutil.make_archive(str(tmp_path / "other"), "zip", tmp_path, "a.txt")
    (tmp_path / "wide.txt").write_text("int x;\n" * 50, encoding="utf-16")
    for name, said in (
        ("plain.tar", "it is compressed or an archive, not text"),
        ("packed.tar.gz", "it is compressed with gzip, not text"),
        ("other.zip", "it is a zip archive, not text"),
        ("wide.txt", "it is UTF-16 text"),
    ):
        done = rnnlab("eval", name, "-p", lines)
        assert (done.returncode, done.stdout, done.stderr.splitlines()[0]) == (2, "", f"error: {name}: {said}")
    for odd in (b"", b"\0" * 9, bytes(range(256)) * 9, b"\xff\xff a \x01", "é漢\n".encode() * 99, b"BZ", b"\x1b[31m"):
        (tmp_path / "odd.txt").write_bytes(odd)
        assert rnnlab("eval", "odd.txt", "-p", lines, "-f", "concise").returncode == 0
