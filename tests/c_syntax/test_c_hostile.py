"""Whatever a model writes: never an exception, places inside the text, the same verdict twice, linear work."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from c_syntax.asking import ESSAY
from hypothesis import given, settings
from hypothesis import strategies as st
from rnnlab_c_syntax import CSyntax

from rnnlab.evaluation import Evaluation, Source

JUDGE = CSyntax()
PIECES = [
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    "#",
    ";",
    ",",
    ":",
    "=",
    "*",
    "&",
    ".",
    "->",
    "?",
    "a",
    "b",
    "if",
    "else",
    "for",
    "while",
    "do",
    "return",
    "goto",
    "case",
    "switch",
    "struct",
    "enum",
    "int",
    "void",
    "static",
    "typedef",
    "sizeof",
    "asm",
    "/*",
    "*/",
    "//",
    "\\",
    "\n",
    "\n{\n",
    "\n}\n",
    "#if\n",
    "#else\n",
    "#endif\n",
    "#define",
    "",
    "A(",
    "FOO(",
    "1",
    "0x1",
    "'a'",
    '"b"',
    "...",
    "\x00",
    "é",
    "�",
    "\t",
    "\r\n",
]

SHAPES = [
    *("(", ")", "{", "}", "[", '"', "'", "/*", "*/", "//", "\\", "#", "\n", "\0", "é", "a", ";", ",", "*", "&", "..."),
    *("{\n", "}\n", "\n}", "({", "(a)", "f(", "f(\n", "a,", "a->", "if(a)", "else ", "{int a;", "int a,", "struct a{"),
    *("#if 1\n", "#else\n", "#endif\n", "#define A(", "#ifdef A\n{\n#else\n}\n#endif\n", "'a", '"\n', "\\\n", "/**/"),
    *(") int ", "int f(){", "int f()\n{\n", "int f(void)\n{\n if (x) {\n}\n", "static int f(void)\n{\n return x;\n}\n"),
    *(
        "FOO(a,\n",
        "FOO ",
        "FOO\n",
        "\n abcde(x)\n  y",
        "\nint f(a)\n int a;",
        "__attribute__((",
        ", struct a *",
        "goto a;",
    ),
    *(".a=", "case 1:", "x ? ", "sizeof ", "(const ", '"a" ', "a:", "abc\n", "{{\n}\n", "#if (", "#if !"),
    *(
        "int f(int n)\n{\n\tdo {\n\t}\n}\n",
        "int f(int n)\n{\n\tif (n) {\n}\n",
        "int f(int n)\n{\nelse a;\nelse b;\n}\n",
    ),
    *("int f(int n)\n{\n}\n}\n", "else a;\n", "break;"),
    *("int f(int n) {\n", "int f {int n) {\n", "int f(int n} {\n", "int f(int n) ({\n", "int f(int n)\n]\n\tn;\n"),
    *("int f(int n)\n{\n" + ".m, " * 200 + "}\n", " int f(int n) {\n\tif(n && f(n)){" + ".m = 1, " * 200 + "}}\n"),
    *("case 1:\n(T *)}\nint f(int n)\n{\n", "#define A(x) x\n{}\n"),
    *("asm {", "asm { mov a, b }\n", "__asm a b\n", "static\nf (int n)\n{\n}\n", "while(a)\n{\n"),
    *("fall", "typeof", " \n", "a \n", "*,", "(const *", ")\n{", ")\n{\n}\n", "\nf(a, *"),
]


#: Calls in a row, which look like attributes of what stands before them.
CHAINS = ["?...f(a, b) ", "?...f(a) ", "\n#a/*", "#/* ", "\n__x(v)", "\nABC(v)", " __x(a)", "ABC (a) ", "\nABC(b);"]


def judge(text: str) -> Evaluation:
    return JUDGE.evaluate(Source(text=text))


def assert_a_verdict(text: str) -> None:
    evaluation = judge(text)
    lines = text.split("\n")
    for finding in evaluation.findings:
        assert finding.rule in CSyntax.rules
        assert (1, 1) <= (finding.line, finding.column) <= (finding.end_line, finding.end_column)
        assert finding.end_line <= len(lines)
        assert finding.column <= len(lines[finding.line - 1]) + 1
        assert finding.end_column <= len(lines[finding.end_line - 1]) + 1
    assert [metric.name for metric in evaluation.metrics] == list(CSyntax.metrics)
    assert all(0 <= metric.count <= metric.total for metric in evaluation.metrics)
    assert all(1 <= part.line <= part.end_line <= len(lines) for part in evaluation.parts)
    assert judge(text) == evaluation


@given(st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_any_words_get_a_verdict(text: str) -> None:
    assert_a_verdict(text)


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_characters_get_a_verdict(text: str) -> None:
    assert_a_verdict(text)


@given(st.integers(0, 200), st.sampled_from([" " * 30, " " * 40, " " * 41, " " * 9000, " " * 40 + "\t\n"]))
@settings(max_examples=100, deadline=None)
def test_a_run_of_blanks_of_any_length_reads_as_a_single_one(which: int, run: str) -> None:
    gaps = [gap.start() for gap in re.finditer(r" (?!\*)", ESSAY)]
    place = gaps[which % len(gaps)]
    findings = [(finding.rule, finding.symbol) for finding in JUDGE.evaluate(Source(text=ESSAY)).findings]
    spread = JUDGE.evaluate(Source(text=ESSAY[:place] + run + ESSAY[place:]))
    assert [(finding.rule, finding.symbol) for finding in spread.findings] == findings


@given(st.integers(0, len(ESSAY)), st.integers(0, 30), st.lists(st.sampled_from(PIECES), max_size=4).map("".join))
@settings(max_examples=200, deadline=None)
def test_any_wound_in_a_real_function_gets_a_verdict(place: int, length: int, wound: str) -> None:
    assert_a_verdict(ESSAY * 2 + ESSAY[:place] + wound + ESSAY[place + length :] + ESSAY)


@given(st.integers(0, 3 * len(ESSAY)), st.integers(0, 3 * len(ESSAY)))
@settings(max_examples=300, deadline=None)
def test_any_cut_out_of_a_balanced_text_has_no_unmatched_bracket_but_at_its_edges(one: int, other: int) -> None:
    text = (ESSAY * 3)[min(one, other) : max(one, other)]
    assert_a_verdict(text)
    assert [f for f in judge(text).findings if f.rule == "unbalanced-bracket" and not f.edge] == []


def test_a_broken_function_may_end_within_any_call_of_a_macro() -> None:
    text = "int f(int n)\n{\n\tif (n\n\t\tn = 1;\n\tQUERY_ARGS(args);\n\tint m = n;\n}\n"
    for end in range(len(text)):
        assert_a_verdict(text[:end])


def steps(work: Callable[[], Any]) -> int:
    """Count the lines of Python that ``work`` runs."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "text",
    [
        "#ifdef G\n#else G\n(( }\n{",
        " );\n#\n\n#ifndef A\n{",
        "(a;\n#ifdef G /* b */\n#else\n{",
        "int f(void)\n#ifdef A\n{ ( }\n#else\n{ ) }\n#endif\n} (",
    ],
)
def test_brackets_without_partners_before_functions_of_other_branches_break_nothing(text: str) -> None:
    assert_a_verdict(text)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_for_a_hostile_shape_grows_with_its_length_only(shape: str) -> None:
    short, long = (shape * (size // len(shape) + 1) for size in (2_000, 8_000))
    judge(short)
    assert steps(lambda: judge(long)) <= 6 * steps(lambda: judge(short)) + 20_000


def _lines(line: str, numbers: range) -> str:
    return "".join(line.format(n=n, before=n - 1) for n in numbers)


USER = "\nint f(void)\n{{\n\tq = A{last}(z) + v_1;\n\treturn q;\n}}\n"
#: Texts of n macros that paste: each calls the one before, all are called, each calls eight others, ...
PASTING: dict[str, Callable[[int], str]] = {
    "a chain": lambda n: "#define A0(x) int x;\n" + _lines("#define A{n}(x) A{before}(x##_{n})\n", range(1, n)),
    "all called": lambda n: (
        _lines("#define A{n}(x) int x##_{n};\n", range(n)) + _lines("A{n}(v)\n", range(n))
    ),
    "each calls eight": lambda n: (
        "".join(
            f"#define A{i}(x) x##_{i}; {_lines('A{n}(x) ', range(max(0, i - 8), i))}\n" for i in range(n)
        )
        + _lines("A{n}(v)\n", range(n))
    ),
    "one that is defined again": lambda n: _lines("#define A(x) int x##_{n};\n", range(n)) + "A(v)\n" * n,
    "one that calls itself twice": lambda n: "#define A(x) A(x##_1) A(x##_2)\n" + "A(v)\n" * n,
    "in functions": lambda n: (
        _lines("#define A{n}(x) x##_{n}\nint f{n}(void)\n{{\n\treturn q{n} + A{n}(z);\n}}\n", range(n))
    ),
    "ones that make names of others": lambda n: (
        _lines("#define MAKE{n}(x) MAKE{n}_##x(1)\n", range(n))
        + f"int g(int x)\n{{\n{_lines('MAKE{n}(x);', range(n))}}}\n"
    ),
    "unknown ones": lambda n: (
        _lines("DEFINE_THING(thing_{n});\n", range(n))
        + f"int g(void)\n{{\n{_lines('use(dev_attr_thing_{n}_fops_{n});', range(n))}}}\n"
    ),
}  # fmt: skip


def work(text: str) -> tuple[int, int]:
    """Calls of Python and C for a verdict, and the length of the longest pattern that was made for it.

    How long a search takes is not seen; but with a pattern as long as the text, it would be the text's square.
    """
    calls = longest = 0

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls, longest
        calls += event in ("call", "c_call")
        if event == "call" and (frame.f_globals["__name__"], frame.f_code.co_name) == ("re._compiler", "compile"):
            longest = max(longest, len(frame.f_locals["p"]))

    re.purge()
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        judge(text)
    finally:
        sys.setprofile(before)
    return calls, longest


@pytest.mark.parametrize("macros", PASTING.values(), ids=PASTING)
def test_the_work_for_thousands_of_macros_that_paste_grows_with_their_number_only(
    macros: Callable[[int], str],
) -> None:
    short, long = (macros(n) + USER.format(last=n - 1) for n in (500, 2000))
    judge(short)
    (calls, pattern), (more_calls, longer_pattern) = work(short), work(long)
    assert more_calls <= 5 * calls
    assert longer_pattern <= pattern + 10


#: Functions of n names, most of which nothing declares: each is compared with what it may be meant for.
NAMES: dict[str, Callable[[int], str]] = {
    "locals and their slips": lambda n: (
        _lines("\tint a{n:06}x;\n", range(n)) + _lines("\tp = a{n:05}x;\n", range(n))
    ),
    "longer than locals": lambda n: (
        _lines("\tint abc{n}x;\n", range(n)) + _lines("\tg(abc{n}yx);\n", range(n))
    ),
    "beginnings of others": lambda n: (
        _lines("\tp->handler = at{n}_more;\n\tg(fan{n}_speed, fan{n}_speed_max);\n", range(n))
    ),
    "values of locals": lambda n: _lines("\tint v{n};\n\tv{n} = lost{n}_a;\n\tv{n} += 1;\n", range(n)),
    "given to macros in a row": lambda n: "\tTABLE(rows);\n" * n,
    "first letters": lambda n: _lines("\tg({n}, a{n}_flag, b{n}_flag, c{n}_flag);\n", range(n)),
}  # fmt: skip


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("broken", ["", "\tp = p p;\n"])
def test_the_work_for_thousands_of_names_grows_with_their_number_only(names: Callable[[int], str], broken: str) -> None:
    short, long = (f"int f(int p)\n{{\n{names(n)}{broken}\treturn p;\n}}\n" for n in (500, 2000))
    judge(short)
    assert work(long)[0] <= 5 * work(short)[0]


def test_an_expression_without_end_is_not_parsed_and_said_to_be_no_c() -> None:
    text = "int f(int n)\n{\n\treturn x;\n}\n"
    rules = {finding.rule for finding in judge(text + "(a)" * 30_000 + "\n" + text).findings}
    assert rules == {"syntax-error", "undefined-return"}
    assert "syntax-error" not in {finding.rule for finding in judge(text + "(a);" * 30_000).findings}
    assert "syntax-error" not in {finding.rule for finding in judge(text + " " * 100_000 + text).findings}


# The parser's recovery from the last one takes time that grows with the square of its length; it is stopped.
@pytest.mark.slow
@pytest.mark.parametrize("shape", [*SHAPES, *CHAINS, "* , "])
def test_a_megabyte_of_any_shape_gets_a_verdict_within_ten_seconds(shape: str) -> None:
    text = shape * (1_000_000 // len(shape))
    began = time.process_time()
    judge(text)
    assert time.process_time() - began < 10
    assert_a_verdict(text)


@pytest.mark.slow
@pytest.mark.parametrize("statement", ['")[0])', "code FAR *p{i} = = n;", "n = = lost{i};", "IF_DEBUG(int d{i}; ]"])
def test_a_megabyte_of_different_broken_functions_gets_a_verdict_within_ten_seconds(statement: str) -> None:
    functions = (f"void f{i}(int n)\n{{\n\t{statement.format(i=i)}\n}}\n" for i in range(24_000))
    text = "".join(functions)
    began = time.process_time()
    judge(text)
    assert time.process_time() - began < 10


@pytest.mark.slow
@pytest.mark.parametrize(("macro", "use"), [("MAKE{n}_##x(1)", "MAKE{n}(x);\n"), ("if (x) {{", "MAKE{n}(x) g(); }}\n")])
def test_a_megabyte_of_macros_and_their_uses_gets_a_verdict_within_ten_seconds(macro: str, use: str) -> None:
    macros = _lines("#define MAKE{n}(x) " + macro + "\n", range(20_000))
    text = f"{macros}int f(int x)\n{{\n{_lines(use, range(20_000))}\treturn lost;\n}}\n"
    began = time.process_time()
    judge(text)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "shape",
    [
        "#if A\n#if B\n#else\n#if C\nint f(int n)\n{\n}\n#elif D\n;\n#else\n;\n#endif\n#endif\n#elif E\n#endif\n",
        "#if A\n#if B\n#else\n;\n#elif C\n",
        "int f(int n)\n{\n#if A\n\tg(n);\n#else\n\tg(n;\n#endif\n\t);\n}\n",
        "DECLARE_A_B_C_D(x);\nint f(void)\n{\n\treturn a_b + c_d;\n}\n",
        "\tcalc_a();\n\tcalc_b();\n\tint m = lost;\n",
        "\tg(FUNCTION, lost, (void (*)(int))lost);\n",
        "\tFOR_ALL(x, f(x);)\n",
    ],
)
def test_time_grows_with_the_length_of_choices_and_of_what_macros_may_declare(shape: str) -> None:
    def seconds(count: int) -> float:
        text = "int first(int n)\n{\n" + shape * count + "}\n"
        began = time.process_time()
        judge(text)
        return time.process_time() - began

    seconds(10)
    short = min(seconds(250) for _ in range(2))
    assert seconds(1500) < 15 * short + 0.5
