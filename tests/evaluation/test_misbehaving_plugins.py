"""A plugin that raises, hangs, prints, exits, crashes or lies costs its own verdict and nothing else."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it has no types
import pytest

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation import keeper
from rnnlab.evaluation.formats import FORMATS
from rnnlab.evaluation.process import Limits
from rnnlab.evaluation.session import Request, judge

Program = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, str], Path]
QUICK = Limits(timeout=3.0, memory=1 << 30)

GOOD = """
@evaluator(metrics={"lines": "lines that are not empty"})
def good(source):
    lines = source.text.split("\\n")
    return [Metric(name="lines", count=sum(map(bool, lines)), total=len(lines))]
"""

BAD = """
import os, signal, sys, time

def place(line, column, end_line, end_column):
    return [Finding(rule="x", message="", line=line, column=column, end_line=end_line, end_column=end_column)]

def metric(count, total, name="m", better="higher"):
    return [Metric(name=name, count=count, total=total, better=better)]

@evaluator()
def bad(source):
    if "bad" in source.text:
        {}
    return metric(1, 1)

class Moody(Exception):
    def __str__(self):
        raise RuntimeError
"""

MISBEHAVIOURS = [
    ("1 / 0", "raised ZeroDivisionError: division by zero (bad.py, line 14)"),
    ("raise KeyboardInterrupt", "raised KeyboardInterrupt (bad.py"),
    ("time.sleep(60)", "did not judge within 3 s"),
    ("while True: pass", "did not judge within 3 s"),
    ("sys.exit(3)", "called sys.exit(3)"),
    ("os._exit(4)", "left with exit code 4"),
    ("import json; json.dumps = None; return []", "left with exit code 1: raised TypeError: 'NoneType' object is not"),
    ("os.kill(os.getpid(), signal.SIGSEGV)", "crashed (SIGSEGV) (bad.py, line 14)"),
    ("os.abort()", "crashed (SIGABRT) (bad.py, line 14)"),
    ("__import__('shlex').split('\"')", "raised ValueError: No closing quotation (bad.py, line 14)"),
    ("raise Moody", "raised Moody: a message that raises RuntimeError (bad.py, line 14)"),
    ('os.write(4, b\'{"id": 2, "evaluation": 7}\\n\'); time.sleep(60)', "wrote rubbish into the pipe to rnnlab"),
    ("os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)", "crashed (SIGTERM)"),
    ("os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)", "crashed (SIGKILL)"),
    ("os.killpg(0, signal.SIGKILL)", "crashed (SIGKILL)"),
    ("os.close(4); os.close(3); return []", "left with exit code"),
    ("return bytearray(1 << 33)", "ran out of memory"),
    ("return 7", "broke the contract: returned an int, not an Evaluation"),
    ("return None", "broke the contract: returned None, not an Evaluation"),
    ("return {'m': 1}", "broke the contract: returned a dict, not an Evaluation"),
    ("return 'fine'", "broke the contract: returned a str, not an Evaluation"),
    ("return ['fine']", "broke the contract: one of metrics is a str, not a Metric"),
    ("return Evaluation(metrics=[7])", "broke the contract: one of metrics is an int, not a Metric"),
    ("return Evaluation(findings=None)", "broke the contract: findings is None, not a tuple"),
    ("return metric(3, 2)", "broke the contract: m: 3 out of 2 is no share"),
    ("return metric(-1, 2)", "broke the contract: m: -1 out of 2 is no share"),
    ("return metric(float('nan'), 2)", "broke the contract: m: count is NaN, not a whole number"),
    (
        "return [metric(1, 1, name=f'm{n}')[0] for n in range(1001)]",
        "broke the contract: gave 1,001 metrics; more than 1,000 are not taken",
    ),
    ("return metric(1, 2) * 2", "broke the contract: gave a metric twice: m"),
    ("return metric(1, 2, name='No Name')", "broke the contract: metric name 'No Name' is not in kebab-case"),
    ("return metric(1, 2, better='larger')", "broke the contract: m: better 'larger' is not one of higher, lower"),
    ("return place(99, 1, 99, 1)", "broke the contract: x: line 99 is outside the text of 2 lines"),
    ("return place(1, 5, 1, 9)", "broke the contract: x: column 5 is outside line 1 of 3 characters"),
    ("return place(1, 3, 1, 1)", "broke the contract: x: ends at 1:1, before it begins at 1:3"),
    ("return place(0, 1, 1, 1)", "broke the contract: x: line 0 is outside the text"),
]


@pytest.mark.parametrize(("body", "cause"), MISBEHAVIOURS, ids=[body for body, _ in MISBEHAVIOURS])
def test_a_misbehaving_plugin_costs_its_own_verdict_on_that_text(
    plugin: Write, tmp_path: Path, body: str, cause: str
) -> None:
    texts = [tmp_path / name for name in ("a.txt", "b.txt", "c.txt")]
    for path, text in zip(texts, ("fine", "bad\n", "fine"), strict=True):
        path.write_text(text)
    paths = [str(plugin("bad", BAD.format(body))), str(plugin("good", GOOD))]
    report = judge(Request([str(path) for path in texts], paths, limits=QUICK, jobs=1)).report
    (failure,) = report.failures
    assert (failure.plugin, failure.source, failure.count) == ("bad", str(texts[1]), 1)
    assert failure.cause.startswith(cause)
    assert {(t.plugin, t.name): (t.count, t.total) for t in report.totals} == {
        ("bad", "m"): (2, 2),
        ("good", "lines"): (3, 4),
    }


def test_a_truth_value_counts_as_one_or_none(plugin: Write, tmp_path: Path) -> None:
    said = plugin("said", "@evaluator()\ndef said(s): return [Metric(name='m', count='a' in s.text, total=1)]")
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    report = judge(Request([str(tmp_path / "a.txt"), str(tmp_path / "b.txt")], [str(said)])).report
    assert [(total.count, total.total) for total in report.totals] == [(1, 2)]
    assert '"count": 1,' in FORMATS["json"](report)


def test_less_memory_than_python_needs_is_refused_in_these_words(rnnlab: Program, plugin: Write) -> None:
    few = "error: good: 1 MB of memory are too few: Python alone takes "
    for memory, said in (("1", few), ("9" * 20, "less than or equal to 1000000000")):
        done = rnnlab("eval", "-", "-p", plugin("good", GOOD), "--memory", memory)
        assert (done.returncode, said in done.stderr) == (2, True)


def test_what_a_plugin_prints_never_reaches_stdout_and_is_mentioned(
    rnnlab: Program, plugin: Write, tmp_path: Path
) -> None:
    noisy = plugin(
        "noisy",
        """
        import os, sys
        print("at import")

        @evaluator()
        def noisy(source):
            print("x" * 300_000)
            sys.stderr.write("to stderr")
            os.write(1, b"raw" * 100_000)
            assert input_is_empty()
            return [Metric(name="m", count=1, total=1)]

        def input_is_empty():
            return os.read(0, 1) == b""
        """,
    )
    done = rnnlab("eval", "-", "-p", noisy, "--format", "json", stdin="text")
    assert done.returncode == 0
    assert json.loads(done.stdout)["totals"][0]["rate"] == 1
    assert "noisy printed while it judged" in done.stderr
    assert "xxx" not in done.stderr


def test_after_three_failures_in_a_row_a_plugin_is_set_aside_and_the_rest_is_told_once(
    rnnlab: Program, plugin: Write, tmp_path: Path
) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02}.txt").write_text("bad")
    hang, good = plugin("hang", BAD.format("time.sleep(60)")), plugin("good", GOOD)
    began = time.monotonic()
    done = rnnlab("eval", folder, "-p", hang, "-p", good, "--timeout", "2", "--jobs", 1, "--format", "json")
    assert time.monotonic() - began < 60
    assert done.returncode == 1
    values = json.loads(done.stdout)
    assert [(total["plugin"], total["total"]) for total in values["totals"]] == [("good", 20)]
    slow = r"did not judge within 2 s( \(hang\.py, line 14\))?"  # the line, where there was time to note it
    causes = (slow, f"set aside after 3 failures in a row, the last: {slow}")
    assert [failure["count"] for failure in values["failures"]] == [3, 17]
    assert all(re.fullmatch(*pair) for pair in zip(causes, (f["cause"] for f in values["failures"]), strict=True))
    assert "20 verdicts are missing" in done.stderr


def test_a_plugin_that_cannot_be_imported_is_named_with_its_cause_and_the_others_work(
    rnnlab: Program, plugin: Write
) -> None:
    for name, code, cause in (
        ("broken", "import no_such_module", "No module named 'no_such_module'"),
        ("quits", "raise SystemExit(5)", "called sys.exit(5)"),
        ("tells", "import os; os.write(4, b'{\"hello\": {}}\\n')", "wrote rubbish into the pipe to rnnlab"),
        (
            "goes-on",
            'import os; os.write(4, b\'{"hello": {}}\\n{"refused": ["a", "b", "c"]}\\n\')',
            "wrote rubbish into the pipe to rnnlab",
        ),
        ("dies", "import os; os._exit(9)", "left with exit code 9"),
    ):
        broken, good = plugin(name, code), plugin("good", GOOD)
        report = judge(Request([str(good)], [str(broken), str(good)])).report
        assert [total.name for total in report.totals] == ["lines"]
        assert [(failure.plugin, cause in failure.cause) for failure in report.failures] == [(name, True)]
    alone = rnnlab("eval", good, "-p", broken)
    assert alone.returncode == 2
    assert alone.stderr.startswith("error: dies: cannot be loaded: left with exit code 9\n")


@pytest.mark.parametrize("then", ["time.sleep(600)", "return []", "os.kill(os.getpid(), 11)", "os._exit(3)"])
@pytest.mark.parametrize(
    "start",
    [
        "subprocess.Popen(['sleep', '600'])",
        "subprocess.Popen(['sleep', '600'], start_new_session=True)",
        "subprocess.run(['setsid', '-f', 'sleep', '600'])",  # a daemon: its parent is gone at once
        "subprocess.Popen(['sleep', '600'], start_new_session=True, env={})",
        "subprocess.run(['setsid', '-f', 'sh', '-c', 'sleep 600 & exec sleep 600'], env={})",
    ],
)
def test_nothing_that_a_plugin_started_outlives_it(plugin: Write, tmp_path: Path, start: str, then: str) -> None:
    spawner = plugin(
        "spawner",
        f"""
        import os, subprocess, time

        @evaluator()
        def spawner(source):
            {start.replace("600", f"600.{os.getpid()}")}
            {then}
        """,
    )
    text = tmp_path / "a.txt"
    text.write_text("x")
    judge(Request([str(text)], [str(spawner)], limits=Limits(timeout=1.0)))
    left = [p for p in psutil.process_iter() if _argument(p) == f"600.{os.getpid()}"]
    assert all(_ends(process.pid) for process in left)


def _argument(process: psutil.Process) -> str:
    try:
        return str(process.cmdline()[-1:] and process.cmdline()[-1])
    except psutil.Error:
        return ""


def test_a_copy_that_a_plugin_forks_says_nothing_and_its_hanging_is_noticed(plugin: Write, tmp_path: Path) -> None:
    forking = plugin(
        "forking",
        """
        import os, time

        @evaluator()
        def forking(source):
            if source.text == "hang":
                time.sleep(600)
            os.fork()
            return [Metric(name="m", count=1, total=1)]
        """,
    )
    texts = [tmp_path / f"{number}.txt" for number in range(6)]
    for path in texts:
        path.write_text("hang" if path.stem == "3" else "fine")
    report = judge(Request([str(path) for path in texts], [str(forking)], limits=QUICK, jobs=1)).report
    assert [(total.count, total.total) for total in report.totals] == [(5, 5)]
    assert [(failure.source, failure.count) for failure in report.failures] == [(str(texts[3]), 1)]


def test_of_too_many_findings_the_gravest_are_kept_and_the_rest_is_counted(plugin: Write, tmp_path: Path) -> None:
    many = plugin(
        "many",
        """
        @evaluator(metrics={"m": "what"})
        def many(source):
            for number in range(30_000):
                grave = "error" if number == 29_999 else "info" if number < 25_000 else "warning"
                yield Finding(rule="r", message=grave, line=1, column=1, end_line=1, end_column=1, severity=grave)
            yield Metric(name="m", count=1, total=2)
        """,
    )
    text = tmp_path / "a.txt"
    text.write_text("x")
    (judged,) = judge(Request([str(text)], [str(many)])).report.sources
    severities = Counter(finding.severity for _, finding in judged.findings())
    assert (severities, judged.dropped) == ({"error": 1, "warning": 4_999, "info": 15_000}, 10_000)


def test_neither_a_worker_nor_what_it_started_outlives_a_killed_program(plugin: Write, tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    hang = plugin(
        "hang",
        f"""
        import os, subprocess, time

        @evaluator()
        def hang(source):
            child = subprocess.Popen(["sleep", "600"], env={{}}, start_new_session=True)
            open({str(marker)!r}, "w").write(f"{{os.getpid()}} {{child.pid}} .")
            time.sleep(600)
        """,
    )
    code = f"import sys; from rnnlab.cli import main; sys.argv = ['rnnlab', 'eval', '-', '-p', {str(hang)!r}]; main()"
    code = code.replace("'-p'", "'--timeout', '0.2', '-p'")
    assert "0.2" in code
    program = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert program.stdin is not None
    program.stdin.write(b"a")
    program.stdin.close()
    while not (marker.exists() and marker.read_text().endswith(".")) and program.poll() is None:
        time.sleep(0.001)
    program.send_signal(signal.SIGKILL)
    program.wait()
    worker, child, _ = marker.read_text().split()
    assert _ends(int(worker))
    assert _ends(int(child)) or not keeper.IS_THERE


def _ends(pid: int) -> bool:
    """Whether that process is gone, or about to be: what was killed may take a moment to die on a busy machine."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_more_jobs_give_the_same_report(plugin: Write, tmp_path: Path) -> None:
    slow = plugin(
        "slow",
        """
        import time

        @evaluator()
        def slow(source):
            time.sleep(0.05)
            if source.text == "17":
                raise ValueError("seventeen")
            return [Metric(name="m", count=int(source.text), total=100)]
        """,
    )
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.txt").write_text(str(number))
    one, three = (judge(Request([str(folder)], [str(slow)], jobs=jobs)).report for jobs in (1, 3))
    assert one == three
    assert one.totals[0].count == sum(range(40)) - 17


def test_a_plugin_file_with_no_evaluator_or_with_several_is_refused_and_one_can_be_chosen(plugin: Write) -> None:
    empty = plugin("empty", "x = 1")
    two = plugin("two", GOOD + GOOD.replace("good", "better"))
    with pytest.raises(EvaluatorError, match="holds no evaluator"):
        judge(Request([os.devnull], [str(empty)]))
    with pytest.raises(EvaluatorError, match="holds 2 evaluators"):
        judge(Request([str(two)], [str(two)]))
    report = judge(Request([str(two)], [f"{two}:better"])).report
    assert [total.name for total in report.totals] == ["lines"]


def test_nothing_is_said_about_findings_where_nothing_was_judged(plugin: Write, tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("x")
    report = judge(Request([str(text)], [str(plugin("sad", "@evaluator()\ndef sad(source): 1 / 0"))])).report
    assert FORMATS["table"](report).startswith("could not judge: sad on ")
