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


INCOMPLETE = """error: one file or folder could not be read, and only the others were judged
  The lines above that begin with "left out" say why.
"""


def test_what_was_named_and_may_not_be_read_is_refused_and_inside_a_folder_it_is_told(
    lines: Path, tmp_path: Path
) -> None:
    powerless = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    if powerless and shutil.which("setpriv") is None:
        pytest.skip("root may read everything")
    (tmp_path / "texts" / "closed").mkdir(parents=True)
    (tmp_path / "texts" / "open.txt").write_text("a\n")
    (tmp_path / "texts" / "closed" / "b.txt").write_text("b\n")
    (tmp_path / "texts" / "closed").chmod(0)
    refused = "error: {}: cannot be read (permission denied)\n  Check the path and its permissions.\n"
    left_out = f"left out: texts/closed: cannot be read (permission denied)\n{INCOMPLETE}"
    for named, shown, said in (
        ("texts", "lines.full-lines 0.5000 (1 of 2)\n", left_out),
        ("texts/closed", "", refused.format("texts/closed")),
        ("texts/closed/b.txt", "", refused.format("texts/closed/b.txt")),
    ):
        command = [*powerless, sys.executable, "-m", "rnnlab", "eval", named, "-p", str(lines), "-f", "concise"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (2, shown, said)
    (tmp_path / "texts" / "closed").chmod(0o700)


def test_one_file_of_a_folder_that_is_no_text_costs_its_own_verdict_and_the_end_is_2(
    rnnlab: Program, lines: Path, tmp_path: Path
) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a\n")
    (tmp_path / "texts" / "wide.txt").write_text("int x;\n" * 50, encoding="utf-16")
    done = rnnlab("eval", "texts", "-p", lines, "-f", "concise", "-o", "json:out.json", "-o", "junit:out.xml")
    assert (done.returncode, done.stdout) == (2, "lines.full-lines 0.5000 (1 of 2)\n")
    assert done.stderr == f"left out: texts/wide.txt: it is UTF-16 text\nwrote out.json\nwrote out.xml\n{INCOMPLETE}"
    (failure,) = json.loads((tmp_path / "out.json").read_text())["failures"]
    cause = "it is UTF-16 text"
    assert failure == {"plugin": "lines", "source": "texts/wide.txt", "cause": cause, "count": 1, "real": False}
    assert "could not judge: it is UTF-16 text" in (tmp_path / "out.xml").read_text()
    gated = rnnlab("eval", "texts", "-p", lines, "--fail-under", "full-lines=0.9")
    assert gated.returncode == 2
    assert gated.stdout.startswith("1 text, 2 characters\n")
    assert "error: lines.full-lines: 0.5000 (1 of 2) is under 0.9; one file or folder could not" in gated.stderr
    for named in (["texts", "texts/wide.txt"], ["texts/wide.txt", "texts"]):
        refused = rnnlab("eval", *named, "-p", lines)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "error: texts/wide.txt: it is UTF-16 text\n  Turn it into UTF-8 first" in refused.stderr
    (tmp_path / "texts" / "a.txt").unlink()
    nothing = rnnlab("eval", "texts", "-p", lines)
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert nothing.stderr.endswith("error: texts: nothing there can be read\n  The lines above say why.\n")


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
