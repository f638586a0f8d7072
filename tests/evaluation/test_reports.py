"""Reports: sums over texts, eight formats, thresholds, the real corpus beside, and a run's previews by step."""

from __future__ import annotations

import html
import json
import math
import os
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rnnlab.display import safe
from rnnlab.errors import RnnlabError
from rnnlab.evaluation.formats import FORMATS
from rnnlab.evaluation.report import Column
from rnnlab.evaluation.session import Request, judge
from rnnlab.evaluation.totals import wilson
from rnnlab.runs import RunFolder

Program = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, str], Path]


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_is_wilsons(count: int, more: int) -> None:
    total = count + more
    low, high = wilson(count, total)
    if total == 0:
        assert (low, high) == (0.0, 1.0)
        return
    rate = count / total
    assert 0.0 <= low <= rate <= high <= 1.0
    for bound in (low, high):  # by its definition: the rates p from which this rate is 1.96 standard errors away
        if 0.0 < bound < 1.0:
            assert abs(rate - bound) == pytest.approx(1.959964 * math.sqrt(bound * (1 - bound) / total), rel=1e-5)


def test_rates_are_sums_over_sums_and_never_means_of_means(tmp_path: Path, vowels: Path) -> None:
    for name, text in (("a.txt", "a"), ("b.txt", "bbb"), ("c.md", "eee")):
        (tmp_path / name).write_text(text)
    report = judge(Request([str(tmp_path)], [str(vowels)])).report
    assert [Path(judged.source.name).name for judged in report.sources] == ["a.txt", "b.txt"]
    assert (report.totals[0].count, report.totals[0].total, report.totals[0].rate) == (1, 4, 0.25)


def test_the_json_report_has_the_promised_shape(rnnlab: Program, vowels: Path) -> None:
    done = rnnlab("eval", "-", "-p", vowels, "--format", "json", stdin="axe!\n")
    values = json.loads(done.stdout)
    assert done.returncode == 0
    assert set(values) == {"schema", "sources", "totals", "failures"}
    (source,) = values["sources"]
    assert values["schema"] == 1
    assert {"name", "metrics", "findings"} <= set(source)
    assert {"name", "count", "total", "rate", "low", "high", "better"} <= set(source["metrics"][0])
    wanted = ("rule", "severity", "message", "symbol", "line", "column", "end_line", "end_column", "edge")
    assert [source["findings"][1][name] for name in wanted] == [
        *("shout", "error", "found axe!", "!"),
        *(1, 4, 1, 5, False),
    ]


HOSTILE = "a\x1b[31m!\u202e x|<b>&]]>::warning::%0A\ud800\x00\ufffe!\n\t é漢!\n"


def test_every_format_takes_hostile_text_and_none_lets_an_escape_through(tmp_path: Path, vowels: Path) -> None:
    path = tmp_path / "a,b:c|<d>\x1b[0m\u202e\udce9.txt"
    path.write_bytes(HOSTILE.encode("utf-8", "surrogatepass") + b"\xff!")
    report = judge(Request([str(path)], [str(vowels)])).report
    for name, form in FORMATS.items():
        text = form(report)
        assert text.isprintable() or not {"\x1b", "\u202e", "\x00"} & set(text), name
        text.encode("utf-8")
    assert "\\ud8" not in FORMATS["json"](report) + FORMATS["jsonl"](report)  # half characters, which parsers refuse
    json.loads(FORMATS["json"](report))
    assert [json.loads(line)["kind"] for line in FORMATS["jsonl"](report).splitlines()] == ["source", "total", "total"]
    (suite,) = ET.fromstring(FORMATS["junit"](report))
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("1", "1")
    for line in FORMATS["github"](report).splitlines():
        assert line.startswith(("::error file=", "::notice file="))
        assert line.count("::") >= 2


def test_a_message_is_no_link_in_sarif_and_a_name_of_any_bytes_is_an_address(plugin: Write, tmp_path: Path) -> None:
    linking = plugin(
        "linking",
        r"""
        @evaluator(rules={"r": "a rule"})
        def linking(source):
            for message in ("'[' has no partner", "[click](https://example.org)", r"\[a\](b) [c](1)", "'{' {0}}"):
                yield Finding(rule="r", message=message, line=1, column=1, end_line=1, end_column=1)
        """,
    )
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xe9 d.txt"))
    path.write_text("a")
    (run,) = json.loads(FORMATS["sarif"](judge(Request([str(path)], [str(linking)])).report))["runs"]
    messages = [result["message"]["text"] for result in run["results"]]
    assert messages == ["'[' has no partner", r"\[click](https://example.org)", r"\\\[a\](b) \[c](1)", "'{{' {{0}}}}"]
    address = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert address == f"file://{tmp_path}/b%E9%20d.txt"


NAMES = ["a|b`c`,d:e%<img src=x>&\"'.c", "new\nline\x1b[0m.c", "@all #1 www.example.org.c", "%0A%25.c", "[l](u)\\|.c"]


@pytest.fixture
def grim(plugin: Write) -> Path:
    """Finds the text itself as a message, and dies of a text that asks for it, saying the text."""
    return plugin(
        "grim",
        """
        @evaluator(rules={"r": "a|rule"}, metrics={"m": "a metric"})
        def grim(source):
            if source.text.startswith("die"):
                raise ValueError(source.text)
            place = {"line": 1, "column": 1, "end_line": 1, "end_column": 1}
            for severity in ("error", "warning"):
                yield Finding(rule="r", message=source.text, severity=severity, **place)
            yield Metric(name="m", count=1, total=2)
        """,
    )


def test_github_reads_back_what_the_annotations_say(grim: Path, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in NAMES]
    for path in paths:
        path.write_text("100 %0A,\n::error file=x::\r}")
    lines = FORMATS["github"](judge(Request([str(path) for path in paths], [str(grim)])).report).split("\n")
    for path, line in zip(paths, lines[::2], strict=False):
        head, properties, message = re.fullmatch(r"::(\w+) ([^:\r\n]*)::([^\r\n]*)", line).groups()  # type: ignore[union-attr]  # it matches
        named = dict(pair.split("=", 1) for pair in properties.split(","))
        for code, sign in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
            named = {key: value.replace(code, sign) for key, value in named.items()}
            message = message if sign in ":," else message.replace(code, sign)
        assert (head, named["file"], named["title"]) == ("error", safe(str(path)), "grim/r")
        assert message == "100 %0A,\n::error file=x::␍}"


def test_in_markdown_nothing_of_a_name_or_a_cause_is_markup_and_all_of_it_is_shown(grim: Path, tmp_path: Path) -> None:
    cause = r"die | `x` \\| <img src=x> &amp; *a* _b_ [c](d) http://e.org www.e.org a@e.org @me #1 <!-- $x$ ~~y~~ :+1:"
    texts = []
    for number, name in enumerate(NAMES):
        texts.append(tmp_path / name)
        texts[-1].write_text(f"{cause} {number}")
    report = judge(Request([str(path) for path in texts], [str(grim)], against=[])).report
    report = replace(report, beside=(Column(NAMES[0], report.totals),))
    page = MarkdownIt("gfm-like").render(FORMATS["markdown"](report))
    assert set(re.findall(r"</?(\w+)", page)) == {*["p", "table", "thead", "tbody", "tr", "th", "td", "code"]}
    shown = [html.unescape(cell) for cell in re.findall(r"<code>(.*?)</code>", page)]
    failures = [safe(text, multiline=False) for f in report.failures for text in (f.source, f.cause)]
    assert shown == [safe(NAMES[0], multiline=False), *failures]
    assert f"raised ValueError: {cause} 0" in shown[2]


def test_junit_is_xml_whatever_a_text_says_and_gives_every_text_its_own_cause(grim: Path, tmp_path: Path) -> None:
    said = ["die one", "die two", "fine", "".join(map(chr, [*range(32), 0xFFFE, 0x10FFFF])) + "]]><b>&\"'"]
    for number, text in enumerate(said):
        (tmp_path / f"{number}.c").write_text(text)
    names = [str(tmp_path / f"{number}.c") for number in range(len(said))]
    (suite,) = ET.fromstring(FORMATS["junit"](judge(Request(names, [str(grim)], jobs=1)).report))
    assert {"package", "id", "timestamp", "hostname", "time"} <= set(suite.attrib)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
    assert all(re.fullmatch(r"\d+\.\d{3}", case.attrib["time"]) for case in suite.iter("testcase"))
    assert [fault.attrib["type"] for case in suite.iter("testcase") for fault in case] == [
        *["could-not-judge"] * 2,
        *["r"] * 2,
    ]
    assert {key: suite.attrib[key] for key in ("tests", "failures", "errors")} == {
        "tests": "4",
        "failures": "2",
        "errors": "2",
    }
    assert [element.tag for element in suite] == ["properties", *["testcase"] * 4, "system-out", "system-err"]
    cases = {case.attrib["name"]: list(case) for case in suite.iter("testcase")}
    assert [cases[name][0].attrib["message"] for name in names[:3]] == [
        "could not judge: raised ValueError: die one (grim.py, line 6)",
        "could not judge: raised ValueError: die two (grim.py, line 6)",
        "one error: r",
    ]
    assert str(cases[names[3]][0].text).rstrip().endswith("]]><b>&\"'")


def test_a_plugin_that_cannot_start_fails_in_the_reports_for_machines_as_well(
    rnnlab: Program, plugin: Write, vowels: Path
) -> None:
    broken = plugin("broken", "import no_such_module")
    done = rnnlab("eval", vowels, "-p", broken, "-p", vowels, "-f", "junit", "-o", "sarif:out.sarif")
    assert done.returncode == 1
    suites = {suite.attrib["name"]: suite for suite in ET.fromstring(done.stdout)}
    assert {name: suite.attrib["errors"] for name, suite in suites.items()} == {"vowels": "0", "broken": "1"}
    runs = {run["tool"]["driver"]["name"]: run for run in json.loads((vowels.parent / "out.sarif").read_text())["runs"]}
    (words,) = runs["rnnlab broken"]["invocations"][0]["toolExecutionNotifications"]
    assert "No module named 'no_such_module'" in words["message"]["text"]
    assert runs["rnnlab vowels"]["invocations"][0]["executionSuccessful"] is True


def test_sarif_has_rules_places_and_levels(tmp_path: Path, vowels: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a!\nx\n")
    (run,) = json.loads(FORMATS["sarif"](judge(Request([str(path)], [str(vowels)])).report))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [(rules[result["ruleIndex"]]["id"], result["level"]) for result in run["results"]] == [
        ("shout", "error"),
        ("x", "note"),
    ]
    region = run["results"][1]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 2}


def test_the_table_shows_a_caret_under_the_place_also_behind_tabs_and_wide_letters(
    tmp_path: Path, vowels: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\t漢字!\n")
    lines = FORMATS["table"](judge(Request([str(path)], [str(vowels)])).report).split("\n")
    index = next(index for index, line in enumerate(lines) if line.startswith("     1 | "))
    assert lines[index] == "     1 |     漢字!"
    assert lines[index + 1] == "       | " + " " * 8 + "^"
    assert "2 parts, 1 of them without a finding; the worst:" in lines


def test_several_reports_are_written_at_once_and_bad_places_are_refused_first(
    rnnlab: Program, vowels: Path, tmp_path: Path
) -> None:
    done = rnnlab("eval", "-", "-p", vowels, "-o", "concise", "-o", "json:o.json", "-o", "markdown:o.md", stdin="ab!")
    assert done.returncode == 0
    assert done.stdout.startswith("<stdin>:1:3: error vowels/shout found ab!")
    assert json.loads((tmp_path / "o.json").read_text())["totals"][0]["count"] == 1
    assert "| vowels.vowels | higher | 0.5000 |" in (tmp_path / "o.md").read_text()
    for outputs, said in (
        (("-o", "jsn"), "Did you mean json?"),
        (("-o", "json", "-o", "table"), "two reports would go to stdout"),
        (("-o", "json:nowhere/o.json"), "cannot be written there"),
        (("-o", "json:/proc/o.json"), "cannot be written there"),  # where it looks as if it could
        (("-o", "json:."), "is a folder"),
        (("-o", "json:o.json/o.json"), "cannot be written there (not a directory)"),
        (("-o", f"json:{vowels}"), "the report would replace what it is about"),
        (("-o", f"json:{'o' * 300}"), "cannot be written there (file name too long)"),
        (("-o", "json:o.json", "-o", f"jsonl:{tmp_path}/o.json"), "two reports would go to"),
    ):
        refused = rnnlab("eval", "-", "-p", vowels, *outputs, stdin="ab!")
        assert refused.returncode == 2
        assert refused.stdout == ""
        assert said in refused.stderr
    full = rnnlab("eval", "-", "-p", vowels, "-o", "json:/dev/full", stdin="ab!")
    assert (full.returncode, full.stderr.splitlines()[0]) == (
        2,
        "error: /dev/full: it cannot be written (no space left on device)",
    )


def test_a_report_replaces_another_as_a_whole_and_follows_a_link(rnnlab: Program, vowels: Path, tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to("new.json")
    (tmp_path / "old.json").write_text("old")
    (tmp_path / "old.json").chmod(0o640)
    refused = rnnlab("eval", "-", "-p", vowels, "-o", "json:old.json", "-o", "table:nowhere/x", stdin="ab!")
    assert refused.returncode == 2
    assert (tmp_path / "old.json").read_text() == "old"
    assert not (tmp_path / "new.json").exists()
    done = rnnlab("eval", "-", "-p", vowels, "-o", "json:old.json", "-o", "jsonl:link.json", stdin="ab!")
    assert done.returncode == 0
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "new.json").read_text().splitlines()[0])["kind"] == "source"
    assert json.loads((tmp_path / "old.json").read_text())["schema"] == 1
    assert (tmp_path / "old.json").stat().st_mode & 0o777 == 0o640
    assert [path for path in tmp_path.iterdir() if path.name.endswith(".tmp")] == []


GATES = [
    (["--fail-under", "vowels=0.5"], 0, ""),
    (["--fail-under", "vowels.vowels=0.51"], 1, "vowels.vowels: 0.5000 (2 of 4) is under 0.51"),
    (["--fail-under", "xs=0.5"], 0, ""),
    (["--fail-under", "xs=0.2"], 1, "vowels.xs: 0.2500 (1 of 4) is over 0.2 (lower is better)"),
    (["--fail-on", "error"], 1, "findings of severity error: 1"),
    (["--fail-on", "info"], 1, "findings of severity info or worse: 2"),
    (["--fail-under", "vowel=0.5"], 2, "Did you mean vowels?"),
    (["--fail-under", "vowels=95"], 2, "is not METRIC=RATE with a rate from 0 to 1"),
    (["--fail-under", "other.vowels=0.5"], 2, "other does not judge here"),
    (["-p", "c-syntax", "--fail-under", "vowels.clean-functions=0.5"], 2, "there is no such metric"),
    (["--timeout", "inf"], 2, "less than or equal to 86400"),
    (["--fail-on", "fatal"], 2, "there is no such severity"),
]


@pytest.mark.parametrize(("options", "code", "said"), GATES, ids=[" ".join(options) for options, _, _ in GATES])
def test_thresholds_decide_the_exit_code(
    rnnlab: Program, vowels: Path, options: list[str], code: int, said: str
) -> None:
    done = rnnlab("eval", "-", "-p", vowels, "-f", "concise", *options, stdin="axeb!")
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_real_text_stands_beside_cut_to_the_same_lengths_and_often_enough(
    tmp_path: Path, vowels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "cache"))
    corpus = tmp_path / "real.txt"
    corpus.write_text("".join(f"abe {n:04} bab\n" for n in range(20_000)))
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text("b" * 32 if name == "two.txt" else "bab" * 100)
    inputs = [str(tmp_path / "one.txt"), str(tmp_path / "two.txt")]
    report = judge(Request(inputs, [str(vowels)], against=[str(corpus), inputs[0]], seed=1)).report
    assert [column.name for column in report.beside] == ["real.txt", "one.txt"]
    (beside, *_) = report.beside[0].totals
    assert (beside.plugin, beside.name) == ("vowels", "vowels")
    assert beside.rate == pytest.approx(0.5, abs=0.1)
    assert 400 * 332 * 0.3 < beside.total < 400 * 332  # 400 times 300 and 32 characters, half of them letters
    assert report.beside[1].totals[0].rate == pytest.approx(1 / 3, abs=0.01)
    assert "real.txt" in FORMATS["table"](report)
    assert f"; real.txt {beside.rate:.4f} ({beside.count} of {beside.total}); one.txt 0.33" in FORMATS["concise"](
        report
    )


LONG = "a-long-name-that-no-column-of-a-table-has-room-for.txt"


def test_columns_of_real_text_have_headings_that_tell_them_apart_in_every_format(
    rnnlab: Program, vowels: Path, tmp_path: Path
) -> None:
    for name in ("a/x.txt", "b/x.txt", "c/b/x.txt", f"a/{LONG}", f"b/{LONG}", "y.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("some real text with vowels\n" * 20)
    names = ["a/x.txt", "b/x.txt", "c/b/x.txt", "./a//x.txt", f"a/{LONG}", f"b/{LONG}", str(tmp_path / "y.txt")]
    forms = [word for form in ("json", "jsonl", "concise", "markdown") for word in ("-o", f"{form}:out.{form}")]
    words = [word for name in names for word in ("--against", name)]
    done = rnnlab("eval", "-", "-p", vowels, "-o", "table", *forms, *words, stdin="axe")
    assert done.returncode == 0, done.stderr
    wanted = ["a/x.txt", f"{tmp_path.name}/b/x.txt", "c/b/x.txt", f"a/{LONG}", f"b/{LONG}", "y.txt"]
    values = json.loads((tmp_path / "out.json").read_text())
    assert [column["name"] for column in values["against"]] == wanted
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert list(dict.fromkeys(row["corpus"] for row in rows if row["kind"] == "against")) == wanted
    page = html.unescape((tmp_path / "out.markdown").read_text())
    shortened = [name if len(name) <= 30 or LONG in name else f"…{name[-29:]}" for name in wanted]
    for text, headings in ((done.stdout, shortened), ((tmp_path / "out.concise").read_text(), wanted), (page, wanted)):
        assert [heading for heading in headings if heading not in text] == []


def test_what_is_no_file_folder_or_run_is_refused_with_the_next_step(
    rnnlab: Program, run: RunFolder, vowels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNLAB_RUNS", str(run.path.parent))
    for request, said in (
        (Request(["nothing"], [str(vowels)]), "there is no such file or folder, and no such run"),
        (Request(["missing.txt"], [str(vowels)]), "there is no such file, folder or run"),
        (Request(["one", str(vowels)], [str(vowels)]), "runs are judged one at a time"),
        (Request([str(vowels)]), "no evaluator was named"),
        (Request([str(vowels)], ["no-such"]), "there is no such evaluator"),
        (Request([str(vowels)], [str(vowels)], ["vowels.loud=1"]), "there is no such option"),
        (Request([str(vowels)], [str(vowels)], ["vowel.loud=1"]), "Did you mean vowels?"),
        (Request([str(run.samples)], [str(vowels)], include=["*.zzz"]), "no file in it matches"),
        (Request([str(run.path.parent)], [str(vowels)]), f"folder of runs\nName one of them, such as {run.path}"),
        (Request([""], [str(vowels)]), "is no file, folder or run"),
        (Request([str(vowels)], [str(run.events_path)]), "is not a Python file"),
        (Request([str(vowels)], [str(run.samples)]), "is a folder"),
        (Request([str(vowels)], [str(vowels)], ["loud=1"]), "Write for example -S vowels.loud=1"),
        (Request([str(vowels)], [str(vowels)], ["vowels.loud"]), "the value is missing\nWrite -S vowels.loud=VALUE"),
    ):
        with pytest.raises(RnnlabError) as refusal:
            judge(request)
        assert said in str(refusal.value)
        assert len(str(refusal.value).splitlines()) <= 2
    done = rnnlab("eval", "nothing", "-p", vowels)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: nothing: there is no such file or folder, and no such run")


def test_what_only_the_cut_of_a_text_explains_is_shown_as_that_and_counts_nowhere(
    rnnlab: Program, tmp_path: Path
) -> None:
    text = tmp_path / "cut.c"
    text.write_text("  x = 1;\n}\nint f(void)\n{\n\treturn 1;\n}\nint g(int a)\n{\n\tif (a) {\n")
    done = rnnlab("eval", text, "-p", "c-syntax", "--fail-on", "error")
    assert done.returncode == 0
    assert "cut c-syntax/unbalanced-bracket: '{' of line 9 is still open where the text ends" in done.stdout
    assert "error c-syntax/" not in done.stdout
    assert "2 parts, 2 of them without a finding" in done.stdout
    concise = rnnlab("eval", text, "-p", "c-syntax", "-f", "concise").stdout
    assert f"{text}:2:1: cut c-syntax/unbalanced-bracket" in concise
    markdown = rnnlab("eval", text, "-p", "c-syntax", "-f", "markdown").stdout
    assert "| c-syntax/unbalanced-bracket | cut | 3 |" in markdown
    github = rnnlab("eval", text, "-p", "c-syntax", "-f", "github").stdout
    assert github.startswith("::notice ")
    assert "::error" not in github


def test_a_format_and_outputs_are_all_written_or_refused(rnnlab: Program, vowels: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    done = rnnlab("eval", vowels, "-p", vowels, "-f", "json", "-o", f"markdown:{page}")
    assert json.loads(done.stdout)["schema"] == 1
    assert "vowels" in page.read_text()
    done = rnnlab("eval", vowels, "-p", vowels, "-f", "json", "-o", "markdown")
    assert (done.returncode, done.stdout) == (2, "")
    assert "two reports would go to stdout" in done.stderr


def test_a_file_in_the_place_of_a_format_is_answered_with_what_to_write(rnnlab: Program, vowels: Path) -> None:
    done = rnnlab("eval", vowels, "-p", vowels, "-o", "page.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: format page.json: there is no such format\n  Write -o json:page.json\n"


def test_the_dashboard_takes_no_report_and_names_its_own_command(rnnlab: Program, vowels: Path) -> None:
    done = rnnlab("eval", vowels, "-p", vowels, "--tui", "-o", "json:page.json")
    assert done.returncode == 2
    assert done.stderr.startswith("error: --tui with --output: the dashboard makes no report")
    done = rnnlab("eval", vowels, "-p", vowels, "--tui")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "error: rnnlab eval --tui: needs a real terminal")
