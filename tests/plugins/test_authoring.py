"""Tools for authors: ``plugins new`` refuses what it must, and ``plugins check`` sees broken promises."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation import conformance, discovery
from rnnlab.evaluation.pool import Pool
from rnnlab.evaluation.process import Limits
from rnnlab.evaluation.template import write_package


def test_rules_that_are_no_mapping_are_refused_in_the_plugins_name(tmp_path: Path) -> None:
    path = tmp_path / "listing.py"
    path.write_text("class Any:\n    rules = ['a']\n    metrics = {}\n    def evaluate(self, source): return []\n")
    with (
        pytest.raises(EvaluatorError, match=r"^listing: cannot be loaded: .* TypeError: its rules are no mapping"),
        Pool([discovery.find(str(path))]) as pool,
    ):
        pool.start()


def test_a_package_is_never_written_over_another(tmp_path: Path) -> None:
    (pyproject, *_) = write_package("tidy-text", tmp_path)
    pyproject.write_text("mine")
    with pytest.raises(EvaluatorError, match="is there already"):
        write_package("tidy-text", tmp_path)
    assert pyproject.read_text() == "mine"
    with pytest.raises(EvaluatorError, match="is installed already, with rnnlab"):
        write_package("c-syntax", tmp_path)  # its module would stand before the bundled one


@pytest.mark.parametrize("name", ["", "Tidy", "tidy_text", "../up", "-x", "a--b", "a" * 70])
def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(EvaluatorError, match="cannot be an evaluator's name"):
        write_package(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_holds_what_its_package_gets_anyway_is_refused_with_the_short_one(tmp_path: Path) -> None:
    with pytest.raises(EvaluatorError, match=r"(?s)would begin with rnnlab- twice.*Call the evaluator tidy-text\."):
        write_package("rnnlab-tidy-text", tmp_path)


def test_a_package_that_cannot_be_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str, **_: str) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(EvaluatorError, match=r"rnnlab-tidy: it cannot be written \(no space left on device\)"):
        write_package("tidy", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_package_that_was_written_here_and_not_installed_is_named_with_the_command_that_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_package("tidy-text", Path())
    with pytest.raises(EvaluatorError, match="pip install -e rnnlab-tidy-text"):
        discovery.find("tidy-text")


def test_a_plugin_that_judges_nothing_is_not_asked_thirty_times_and_praised_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "failing.py"
    path.write_text("class A:\n    rules = {}\n    metrics = {}\n    def evaluate(self, source): raise OSError('no')\n")
    first, *checks = conformance.check(discovery.find(str(path)), (), Limits())
    assert first.state == "ok"
    assert [check.state for check in checks] == ["failed"] * (len(conformance.ORDINARY) + 1)
    assert checks[-1].detail == "not asked, for none of these texts was judged"


@pytest.mark.parametrize("name", ["finding", "source", "none", "class", "json"])
def test_a_package_works_whatever_its_name_means_in_python(tmp_path: Path, name: str) -> None:
    (module,) = [
        path for path in write_package(name, tmp_path) if path.parent.name == f"rnnlab-{name}" and path.suffix == ".py"
    ]
    checks = list(conformance.check(discovery.find(str(module)), (), Limits()))
    assert [check for check in checks if check.state == "failed"] == []


BROKEN_PROMISES = [
    ("m(len(set(source.text)), len(source.text))", "", "survives"),
    ("m(1, 1 + id(source) % 2 ** 40)", "failed", "is deterministic"),
    ("m(1, 1 + hash('a') % 2 ** 40)", "failed", "is deterministic"),
    ("SEEN.append(1) or m(1, len(SEEN))", "failed", "is deterministic"),
    ("m(1, len(source.text.split()) // 0)", "failed", "judges C"),
    ("m(1, 1, 'other')", "failed", "describes what comes out"),
    ("[]", "warning", "describes what comes out"),
    ("[source.text.encode()][1:] or m(1, 1)", "failed", "survives lone surrogates"),
    ("f(len(source.text.splitlines()) + 1)", "failed", "survives other separators"),
    ("print('!') or m(1, 1)", "warning", "prints nothing"),
    ("time.sleep(len(source.text) / 1e6 * 5) or m(1, 1)", "failed", "judges a megabyte"),
    ("time.sleep((source.text.count('(\\n') / 1e5) ** 2 / 3) or m(1, 1)", "failed", "judges a megabyte of lines of ("),
    (
        "time.sleep((source.text.count('#\\n') / 1e5) ** 3 / 100) or m(1, 1)",
        "warning",
        "judges a megabyte of lines of #",
    ),
]


@pytest.mark.parametrize(("body", "state", "name"), BROKEN_PROMISES, ids=[body for body, _, _ in BROKEN_PROMISES])
def test_the_check_finds_each_broken_promise(tmp_path: Path, body: str, state: str, name: str) -> None:
    path = tmp_path / "promise.py"
    path.write_text(
        "import time\n"
        "from rnnlab.evaluation import *\n"
        "SEEN = []\n"
        "def m(count, total, name='m'): return [Metric(name=name, count=count, total=total)]\n"
        "def f(n): return [Finding(rule='r', message='', line=n, column=1, end_line=n, end_column=1)] + m(1, 1)\n"
        "@evaluator(rules={'r': 'a rule'}, metrics={'m': 'a metric'})\n"
        f"def promise(source):\n    return {body}\n"
    )
    checks = list(conformance.check(discovery.find(str(path)), (), Limits(timeout=2.0)))
    broken = [check.name for check in checks if check.state == state]
    if state:
        assert name in broken
    else:
        assert [check for check in checks if check.state == "failed"] == []


def test_dev_takes_an_installed_evaluator_and_a_folder_and_sees_what_is_added_to_it(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.py").write_text("x = 1\n")
    dev = [sys.executable, "-u", "-m", "rnnlab", "plugins", "dev", "python-syntax"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "cwd": tmp_path}
    with subprocess.Popen([*dev, "texts"], text=True, **pipes) as program:  # type: ignore[call-overload]  # a mapping
        said = iter(program.stdout.readline, "")
        assert any(line.startswith("1 text, 6 characters") for line in said)
        assert any(line.startswith("waiting for a change") for line in said)
        (tmp_path / "texts" / "b.py").write_text("y = 2\n")
        assert any(line.startswith("2 texts, 12 characters") for line in said)
        assert any(line.startswith("waiting for a change") for line in said)
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 0
    once = subprocess.run([*dev, "-"], capture_output=True, text=True, check=False)
    assert (once.returncode, once.stderr.splitlines()[0]) == (2, "error: -: can be read only once")


def test_dev_does_not_wait_for_a_plugin_that_hangs_once_it_is_mended(tmp_path: Path) -> None:
    mended = (
        "from rnnlab.evaluation import *\n"
        "@evaluator(metrics={'m': 'a metric'})\n"
        "def plugin(source):\n"
        "    return [Metric(name='m', count=1, total=1)]\n"
    )
    path = tmp_path / "plugin.py"
    path.write_text(
        mended.replace("    return", f"    open({str(tmp_path / 'hangs')!r}, 'w')\n    while True: pass\n    return")
    )
    dev = [sys.executable, "-u", "-m", "rnnlab", "plugins", "dev", str(path), str(path), "--timeout", "3000"]
    with subprocess.Popen(dev, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as program:
        assert program.stdout is not None
        while not (tmp_path / "hangs").exists() and program.poll() is None:
            time.sleep(0.01)
        path.write_text(mended)
        assert any(line.startswith("plugin.m  higher  1.0000") for line in program.stdout)
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 0


@pytest.mark.slow
def test_the_bundled_plugins_keep_the_contract() -> None:
    for name in discovery.installed():
        checks = conformance.check(discovery.find(name), (), Limits(timeout=60.0))
        assert [check.name for check in checks if check.state == "failed"] == [], name
