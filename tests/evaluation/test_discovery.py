"""Which evaluators there are is told without importing any; only the one that was asked for is imported."""

from __future__ import annotations

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
    monkeypatch.setenv("PYTHONPATH", str(site))

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
