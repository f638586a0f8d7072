"""The python-syntax evaluator: what it says about Python text, whole, cut, broken and hostile."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rnnlab_python_syntax import PythonSyntax, chunks

from rnnlab.evaluation import Evaluation, Source


def judge(text: str, *, whole: bool = True, known: tuple[str, ...] = ()) -> Evaluation:
    plugin = PythonSyntax(PythonSyntax.Options(known_names=known))
    return plugin.evaluate(Source(text=text, start_cut=not whole, end_cut=not whole))


def findings(text: str, *, whole: bool = True, known: tuple[str, ...] = ()) -> list[str]:
    found = judge(text, whole=whole, known=known).findings
    return [f"{finding.rule} {finding.symbol}".strip() + f" {finding.line}:{finding.column}" for finding in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(a):\n    return a\n", []),
        ("def f(a):\n    return a + b\n", ["undefined-name b 2:16"]),
        ("import os\nprint(os.path, __name__)\n", []),
        ("def f():\n    return later\nlater = 1\n", []),
        ("def f():\n    global g\n    g = 1\ndef h():\n    return g\n", []),
        ("def f():\n    return [x for x in y]\n", ["undefined-name y 2:24"]),
        ("f = lambda x: x + z\n", ["undefined-name z 1:19"]),
        ("class A:\n    b = 1\n    c = b\n", []),
        ("from m import *\nprint(anything)\n", []),
        ("def f():\n    a = 1\n", ["unused-local a 2:5"]),
        ("def f():\n    a = 1\n    def g():\n        return a\n    return g\n", []),
        ("def f():\n    a, b = 1, 2\n    return a\n", []),
        ("def f():\n    for i in range(3):\n        print()\n", []),
        ("def f():\n    _a = 1\n", []),
        ("def f():\n    a = 1\n    return locals()\n", []),
        ("def f():\n    try:\n        f()\n    except OSError as e:\n        pass\n", ["unused-local e 4:5"]),
        ('def f():\n    """é"""\n    é = "ü"; return ö\n', ["unused-local é 3:5", "undefined-name ö 3:21"]),
        ("def f(:\n    pass\n\ndef g():\n    return h\n", ["syntax-error 1:7", "undefined-name h 5:12"]),
    ],
)
def test_a_whole_text_is_judged_by_its_scopes(text: str, expected: list[str]) -> None:
    assert findings(text) == expected


def test_names_can_be_made_known() -> None:
    assert findings("print(gettext)\n") == ["undefined-name gettext 1:7"]
    assert findings("print(gettext)\n", known=("gettext",)) == []


def test_a_cut_text_does_not_count_its_cut_ends() -> None:
    text = "    return self.x\n\ndef f(a):\n    return a\n\ndef g(b):\n    if b and (c"
    assert findings(text, whole=False) == []
    assert [finding.rule for finding in judge(text).findings] == ["syntax-error", "syntax-error"]


def test_what_may_stand_above_a_cut_start_is_not_judged_but_plain_variables_are() -> None:
    text = "def f(a):\n    b = np.zeros(a) + helper(a) + LIMIT\n    return b + c\n"
    assert findings(text, whole=False) == ["undefined-name c 3:16"]
    assert len(findings(text)) == 4


def test_what_a_broken_piece_defines_is_there_for_the_others() -> None:
    broken = (
        "def f(:\n    pass\nclass A(:\n    pass\nimport os, sys as s ]\nX, Y = 1 1\nx = f + A + os + s + X + Y + q\n"
    )
    assert [line for line in findings(broken) if "syntax-error" not in line] == ["undefined-name q 7:30"]


def test_totals_count_what_was_looked_at() -> None:
    evaluation = judge("def f(a):\n    b = a\n    return c\n\ndef g(:\n    pass\n")
    counted = {metric.name: (metric.count, metric.total) for metric in evaluation.metrics}
    assert counted == {
        "parsed-lines": (3, 5),
        "defined-names": (1, 2),
        "used-locals": (0, 1),
        "clean-functions": (0, 2),
    }
    assert [(part.name, part.line, part.end_line) for part in evaluation.parts] == [("f", 1, 3), ("g", 5, 7)]


def test_the_standard_library_is_clean_python() -> None:
    folder = Path(str(asyncio.__file__)).parent
    for path in sorted(folder.glob("*.py")):
        found = judge(path.read_text(encoding="utf-8")).findings
        assert {finding.rule for finding in found} <= {"unused-local"}, path


@pytest.mark.parametrize(
    "text", ["", "\0", "(" * 200_000, "a" * 500_000, "if x:\n" * 20_000, "\ud800 = 1\n", "\r\n\x0c\r"]
)
def test_hostile_text_is_judged_quickly_and_never_raises(text: str) -> None:
    began = time.monotonic()
    judge(text)
    judge(text, whole=False)
    assert time.monotonic() - began < 30


MEGABYTES = {
    "lines of one name": "x\n" * 500_000,
    "lines of one name that is not ASCII": "é\n" * 333_000,
    "open brackets": "(\n" * 500_000,
    "assignments that do not end": "x = (\n" * 170_000,
    "statements in one line": "x;" * 500_000,
    "statements in a line that is not ASCII": "é;" * 300_000,
    "decorators": "@d\ndef f(): pass\n" * 60_000,
    "quotes": '"""\n' * 250_000,
    "scopes beside one local": "def f():\n" + " a = lambda: 0\n" * 66_000,
    "scopes in a module": "".join(f"a{n} = lambda: 0\n" for n in range(50_000)),
    "scopes in functions": "".join(
        f"def f{n}():\n" + "".join(f" a{m} = lambda: 0\n" for m in range(250)) for n in range(220)
    ),
    "names that deep scopes bind": "".join(" " * n + f"def f{n}():\n" for n in range(90))
    + (" " * 90 + "x = y\n") * 10_000,
}


TOO_MANY_SCOPES = {
    "lambdas": "def f():\n" + "".join(f" a{n} = lambda: 0\n" for n in range(50_000)),
    "comprehensions": "def f():\n" + "".join(f" a{n} = [x for x in y]\n" for n in range(40_000)),
    "functions": "def f():\n" + "".join(f" def a{n}(): pass\n" for n in range(50_000)),
    "arguments": f"def f({','.join(f'a{n}' for n in range(50_000))}):\n" + " b = lambda: 0\n" * 40_000,
    "globals": f"def f():\n global {','.join(f'a{n}' for n in range(50_000))}\n" + " lambda: 0\n" * 40_000,
    "names around functions": "def f():\n"
    + "".join(f" a{n} = 0\n" for n in range(40_000))
    + " def g():\n"
    + "  lambda: 0\n" * 40_000,
}


@pytest.mark.parametrize("start", ["", ")\n"])
@pytest.mark.parametrize("name", TOO_MANY_SCOPES)
def test_what_cpython_takes_the_square_of_the_time_for_is_refused_in_seconds(name: str, start: str) -> None:
    began = time.process_time()
    with pytest.raises(RuntimeError, match="too many names around too many lambdas, comprehensions or functions"):
        judge(start + TOO_MANY_SCOPES[name])
    assert time.process_time() - began < 10


def test_a_function_of_hundreds_of_locals_and_scopes_is_judged() -> None:
    text = "def f(x):\n" + "".join(f"    a{n} = [lambda: a{n} + b for _ in x]\n" for n in range(600))
    assert {finding.symbol for finding in judge(text).findings} == {"b"}


@pytest.mark.parametrize("name", MEGABYTES)
def test_hostile_shapes_of_up_to_a_megabyte_take_seconds(name: str) -> None:
    began = time.process_time()
    judge(MEGABYTES[name], whole=False)
    assert time.process_time() - began < 15


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell a process's peak")
@pytest.mark.parametrize("line", ["x\n", "a=1\n", "(\n", "def f(a): return b\n"])
def test_a_megabyte_of_short_lines_takes_little_memory(line: str) -> None:
    program = (
        "from rnnlab.evaluation import Source; from rnnlab_python_syntax import PythonSyntax\n"
        f"PythonSyntax(PythonSyntax.Options()).evaluate(Source(text={line!r} * {1_000_000 // len(line)}))\n"
        "print(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM:')))"
    )
    peak = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert int(peak) < 400_000  # KB; Python's tree of the first of them alone has 900,000


def test_a_text_is_judged_the_same_in_however_many_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in (asyncio, subprocess, pytest)]
    texts.append('a = """\nb\n"""\nx = [\ny,\n]\n@d\ndef f():\n  q = 1\n  return g\nif a:\n  g = 1\nelse:\n  z\n' * 3)
    texts.append("x = 1 + \\\ny\n" * 5 + "from m import *\nz\n")
    whole = [judge(text) for text in texts]
    for lines in (1, 2, 7):
        monkeypatch.setattr(chunks, "_PIECE", lines)
        assert [judge(text) for text in texts] == whole


def test_lines_end_at_line_feeds_alone() -> None:
    assert findings("a = 1\r\nb\r\n") == ["undefined-name b 2:1"]
    assert findings("x\ry\nz\n") == ["syntax-error 1:3", "undefined-name z 2:1"]


def test_a_bracket_that_a_later_line_closes_is_no_fault() -> None:
    assert findings("def f(:\n\nx = (1,\n2,\n)\ny = (x,\nz\n") == [
        "syntax-error 1:7",
        "syntax-error 6:5",
        "undefined-name z 7:1",
    ]


def test_locals_that_inner_scopes_read_by_way_of_others_are_used() -> None:
    text = (
        "def f():\n    a = 1\n    class A:\n        a = 2\n        def g(self):\n            return a\n    return A\n"
    )
    assert findings(text) == []
