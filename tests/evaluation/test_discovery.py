"""Which evaluators there are is told without importing any; only the one that was asked for is imported."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation import discovery
from rnnlab.evaluation.pool import Pool
from rnnlab.evaluation.session import Request, judge

Program = Callable[..., subprocess.CompletedProcess[str]]
Announce = Callable[[str, str, str], Path]

GOOD = """
from rnnlab.evaluation import Metric, evaluator

@evaluator()
def good(source):
    return [Metric(name="m", count=1, total=1)]
"""


@pytest.fixture
def announce(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Announce:
    """``announce(distribution, name, code)``: what an installed package looks like, found by every new process."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")])))

    def install(distribution: str, name: str, code: str) -> Path:
        module = distribution.replace("-", "_")
        (site / f"{module}.py").write_text(code)
        info = site / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[rnnlab.evaluators]\n{name} = {module}:good\n")
        return site

    return install


def test_a_broken_plugin_is_listed_and_named_with_its_cause_and_the_others_work(
    announce: Announce, rnnlab: Program, tmp_path: Path
) -> None:
    touched = tmp_path / "touched"
    announce("broken-one", "broken", f"open({str(touched)!r}, 'w')\nraise ValueError('no luck')")
    announce("good-one", "good", GOOD)
    listed = rnnlab("plugins", "list")
    assert "broken_one:good" in listed.stdout
    assert "good_one:good" in listed.stdout
    assert rnnlab("eval", "-", "-p", "good", stdin="a").returncode == 0
    assert not touched.exists()
    refused = rnnlab("plugins", "info", "broken")
    assert refused.returncode == 2
    assert "raised ValueError: no luck (broken_one.py, line 2)" in refused.stderr
    report = judge(Request([str(tmp_path / "site" / "good_one.py")], ["broken", "good"])).report
    assert [total.plugin for total in report.totals] == ["good"]
    assert [failure.plugin for failure in report.failures] == ["broken"]


def test_a_name_that_two_packages_announce_is_refused_with_both_named(announce: Announce) -> None:
    announce("one-pack", "twin", GOOD)
    announce("two-pack", "twin", GOOD)
    announce("third-pack", "single", GOOD)
    with pytest.raises(EvaluatorError) as refusal:
        discovery.find("twin")
    assert "one-pack" in str(refusal.value)
    assert "two-pack" in str(refusal.value)
    assert discovery.find("single").distribution == "third-pack"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[rnnlab.evaluators]\nno equals sign\n"])
def test_a_damaged_package_is_named_and_hides_no_other(
    announce: Announce, rnnlab: Program, tmp_path: Path, content: bytes
) -> None:
    announce("good-one", "good", GOOD)
    site = announce("bad-one", "bad", GOOD)
    (site / "bad_one-1.0.dist-info" / "entry_points.txt").write_bytes(content)
    listed = rnnlab("plugins", "list")
    assert listed.returncode == 0
    assert "good_one:good" in listed.stdout
    assert "rnnlab_c_syntax:CSyntax" in listed.stdout
    assert listed.stderr == "bad-one is damaged: its list of entry points cannot be read\n"
    asked = rnnlab("plugins", "info", "bad")
    assert (asked.returncode, "bad-one is damaged" in asked.stderr) == (2, True)


def test_what_a_package_announces_is_shown_safely_and_taken_with_what_it_says_of_extras(
    announce: Announce, rnnlab: Program
) -> None:
    site = announce("odd-one", "odd", GOOD)
    entries = "[rnnlab.evaluators]\nodd = odd_one:good [extra, more]\nred \x1b[31m = odd_one:good\n"
    (site / "odd_one-1.0.dist-info" / "entry_points.txt").write_text(entries)
    listed = rnnlab("plugins", "list").stdout
    assert ("\x1b" not in listed, "red \u241b[31m" in listed) == (True, True)
    assert rnnlab("eval", "-", "-p", "odd", "-f", "concise", stdin="a").stdout == "odd.m 1.0000 (1 of 1)\n"


def test_an_entry_point_that_leads_nowhere_costs_its_own_verdict_only(announce: Announce, tmp_path: Path) -> None:
    announce("bare-pack", "bare", "x = 1")
    announce("number-pack", "number", "good = 7")
    announce("good-pack", "good", GOOD)
    report = judge(Request([__file__], ["bare", "number", "good"])).report
    assert [total.plugin for total in report.totals] == ["good"]
    assert {failure.plugin: failure.cause for failure in report.failures} == {
        "bare": "importing it raised ImportError: bare_pack has no good, which its entry point names",
        "number": "importing it raised TypeError: int has no evaluate(source)",
    }


def test_a_missing_attribute_and_a_missing_name_say_what_there_is(announce: Announce) -> None:
    announce("bare-pack", "bare", "x = 1")
    with pytest.raises(EvaluatorError, match="bare_pack has no good"):
        judge(Request([__file__], ["bare"]))
    with pytest.raises(EvaluatorError, match=r"(?s)no such evaluator.*Did you mean bare\?"):
        discovery.find("bear")


def test_nothing_is_imported_from_the_current_folder_unless_it_is_named(tmp_path: Path) -> None:
    for name in ("json", "rnnlab_c_syntax", "tree_sitter", "sitecustomize", "good"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the current folder')")
    (tmp_path / "a.txt").write_text("int f(void) { return 0; }")
    (tmp_path / "good.py").write_text(GOOD)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        with Pool([discovery.find("c-syntax")]) as pool:
            assert "c-syntax" in pool.start()
        report = judge(Request(["a.txt"], ["./good.py"])).report
    assert [total.name for total in report.totals] == ["m"]


OPTIONS = """
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Optional

class Told:
    rules = {}
    metrics = {}

    @dataclass(frozen=True)
    class Options:
        count: int = 1
        share: float = 0.5
        loud: bool = False
        way: Literal["up", "down"] = "up"
        level: Literal[1, 2] = 1
        words: tuple[str, ...] = ("a",)
        sizes: tuple[int, ...] | None = None
        name: Optional[str] = "x"
        folder: Path = Path("/")
        table: dict[str, int] | None = None

        def __post_init__(self):
            if self.count < 0:
                raise ValueError("count is below\\n\\x1b[31m zero")

    def __init__(self, options):
        if options.count == 13:
            raise ValueError("thirteen is no count")
        self.options = options

    def evaluate(self, source):
        spot = {"line": 1, "column": 1, "end_line": 1, "end_column": 1}
        return Evaluation(findings=[Finding(rule="told", message=repr(self.options), **spot)])
"""


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("count=3", "count=3"),
        ("share=1e-3", "share=0.001"),
        ("loud=YES", "loud=True"),
        ("way=down", "way='down'"),
        ("level=2", "level=2"),
        ("words=b, c,", "words=('b', 'c')"),
        ("sizes=1,2", "sizes=(1, 2)"),
        ("name=", "name=None"),
        ("folder=/tmp", "folder=PosixPath('/tmp')"),
    ],
)
def test_an_option_gets_the_type_of_its_field(plugin: Callable[[str, str], Path], setting: str, told: str) -> None:
    file = plugin("told", OPTIONS)
    (judged,) = judge(Request([str(file)], [str(file)], [f"told.{setting}"])).report.sources
    assert told in judged.evaluations["told"].findings[0].message


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("count=1.5", "error: told.count: '1.5' is not a number of type int\n  Write for example -S told.count=10."),
        ("count=-1", "error: told: its options are refused: count is below␊␛[31m zero"),
        ("count=13", "error: told: its options are refused: thirteen is no count"),
        ("loud=maybe", "error: told.loud: 'maybe' is not yes or no\n  Write for example -S told.loud=yes."),
        ("way=sideways", "error: told.way: 'sideways' is not known\n  Choose from: down, up."),
        ("level=3", "error: told.level: '3' is not known\n  Choose from: 1, 2."),
        ("table=x", "error: told.table: a dict[str, int] cannot be given here"),
        ("wods=b", "error: told.wods: there is no such option\n  Did you mean words?"),
        ("\x1b[31m[red]\n=b", "error: told.␛[31m[red]␊: there is no such option"),
    ],
)
def test_an_option_that_cannot_be_taken_is_refused_before_anything_is_judged(
    rnnlab: Callable[..., subprocess.CompletedProcess[str]],
    plugin: Callable[[str, str], Path],
    setting: str,
    said: str,
) -> None:
    file = plugin("told", OPTIONS)
    done = rnnlab("eval", file, "-p", file, "-S", f"told.{setting}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(said)
