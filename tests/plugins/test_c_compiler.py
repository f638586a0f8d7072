"""The c-compiler evaluator: which functions gcc would take once what they lack is declared, and never a file read."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from rnnlab_c_compiler import CCompiler
from rnnlab_c_compiler.sanitize import sanitized

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation import Evaluation, Source
from rnnlab.evaluation.session import Request
from rnnlab.evaluation.session import judge as judge_request

COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
pytestmark = pytest.mark.skipif(not COMPILERS, reason="there is no gcc and no clang")


@pytest.fixture(params=COMPILERS)
def plugin(request: pytest.FixtureRequest) -> CCompiler:
    return CCompiler(CCompiler.Options(compiler=request.param, seconds=60))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"compiler": "no-such-command"}, "no-such-command is not on PATH"),
        ({"compiler": "true"}, "does not speak as gcc and clang do"),
        ({"compiler": "false"}, "left with 1"),
        ({"standard": "c3000"}, "c3000"),
        ({"seconds": float("nan")}, "seconds: nan"),
        ({"seconds": 0.0}, "seconds: 0"),
    ],
)
def test_what_would_praise_or_refuse_every_text_is_refused_at_the_start(
    options: dict[str, str | float], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        CCompiler(CCompiler.Options(**options))  # type: ignore[arg-type]  # by name


def judge(plugin: CCompiler, text: str) -> Evaluation:
    return plugin.evaluate(Source(text=text, end_cut=False))


LACKING = [
    "int f(void) { return undeclared + call(1); }",
    "static int f(struct missing *p, u32 n, foo_t *q)\n{\n\tfoo_t *r = (foo_t *)p;\n\treturn p->a.b[n] + q->c + *r;\n}",
    "static int __init f(void)\n{\n\treturn 0;\n}",
    "void f(struct list *l)\n{\n\tlist_for_each_entry(p, l, node) {\n\t\tuse(p);\n\t}\n}",
    "void f(void)\n{\n\tfor_each_cpu(cpu, mask)\n\t\tuse(cpu);\n}",
    'void f(int x)\n{\n\tprintk(KERN_ERR "%d" PRIu64 "\\n", x);\n}',
    "int f(void *m)\n{\n\treturn container_of(m, struct box, member)->a;\n}",
    "#include <linux/module.h>\nSYSCALL_DEFINE2(open, const char __user *, name, int, flags)\n{\n\treturn g(flags);\n}",
    'DEFINE_MUTEX(m);\nMODULE_LICENSE("GPL");\nint f(void)\n{\n\treturn lock(&m);\n}\nEXPORT_SYMBOL(f);\n',
    "#ifdef A\nint f(void) { return 1; }\n#else\nint f(void) { return 2; }\n#endif\n",
    "#define TWICE(x) ((x) * 2)\nint f(int y) { return TWICE(y); }",
]


@pytest.mark.parametrize("text", LACKING)
def test_what_a_function_lacks_is_declared_for_it(plugin: CCompiler, text: str) -> None:
    evaluation = judge(plugin, text)
    assert evaluation.findings == ()
    assert (evaluation.metrics[0].count, evaluation.metrics[0].total) == (1, 1)


def names(plugin: CCompiler, text: str) -> list[str]:
    return [part.name for part in judge(plugin, text).parts]


def test_a_forgotten_endif_hides_no_more_than_the_function_that_it_stands_in(plugin: CCompiler) -> None:
    text = "int f(int n)\n{\n#if 0\n\tg(n);\n\treturn n;\n}\n\nint h(int n)\n{\n\treturn n;\n}\n"
    text += "\nint k(void)\n{\n\treturn 1;\n}\n"
    assert names(plugin, text) == ["f", "h", "k"]
    assert judge(plugin, text).findings == ()


def test_a_broken_function_leaves_the_one_right_below_it_alone(plugin: CCompiler) -> None:
    text = "int f(int n)\n{\n\tif (n) {\n\treturn n;\nint h(int n)\n{\n\treturn n;\n}\n"
    evaluation = judge(plugin, text)
    assert [part.name for part in evaluation.parts] == ["f", "h"]
    assert [(finding.rule, finding.symbol) for finding in evaluation.findings] == [("unbalanced", "f")]


def test_prose_above_a_function_is_no_part_of_it(plugin: CCompiler) -> None:
    text = "It was a bright cold day, and nobody wrote C\n\nint f(int n)\n{\n\treturn n;\n}\n"
    evaluation = judge(plugin, text)
    assert [(part.name, part.line) for part in evaluation.parts] == [("f", 3)]
    assert evaluation.findings == ()


def faulty(plugin: CCompiler, text: str) -> list[str]:
    return [finding.symbol for finding in judge(plugin, text).findings]


NEIGHBOURS = [
    "int taker(void)\n{\n\tflags one;\n\treturn one;\n}\n",  # here it is a type
    "int giver(void)\n{\n\tflags = 1;\n\treturn flags;\n}\n",  # and here a variable
    "int looper(void)\n{\n\teach(one) {\n\t\tuse(one);\n\t}\n\treturn 0;\n}\n",
    "int caller(void)\n{\n\treturn each(one) + each;\n}\n",
    "int sizer(void)\n{\n\treturn room(struct box *, 1);\n}\n",
    "static int room(int room_of, int *box)\n{\n\treturn *box + room_of;\n}\n",
    'int printer(void)\n{\n\treturn say(LEVEL "x");\n}\n',
    "int jumper(void)\n{\n\tgoto LEVEL;\nLEVEL:\n\treturn 0;\n}\n",
    "int broken(int a)\n{\n\tint a;\n\treturn a;\n}\n",
    "int worse(int flags, int flags)\n{\n\treturn flags;\n}\n",
]


def test_a_function_gets_the_same_verdict_among_others_as_alone(plugin: CCompiler) -> None:
    alone = [name for text in NEIGHBOURS for name in faulty(plugin, text)]
    assert alone == ["broken", "worse"]
    assert faulty(plugin, "\n".join(NEIGHBOURS)) == alone
    assert sorted(faulty(plugin, "\n".join(reversed(NEIGHBOURS)))) == alone


def test_what_one_function_shows_of_a_macro_helps_another_that_does_not_compile_without_it(plugin: CCompiler) -> None:
    alone = "int second(void)\n{\n\teach_of(one, two) use(one);\n\treturn 0;\n}\n"
    shown = "int first(void)\n{\n\teach_of(one, two)\n\t\tuse(one);\n\treturn 0;\n}\n"
    assert faulty(plugin, alone) == ["second"]
    assert faulty(plugin, alone + shown) == []


def test_the_own_name_of_a_function_is_no_macro(plugin: CCompiler) -> None:
    assert faulty(plugin, "static int f(int a, u8 *int, int b)\n{\n\treturn a;\n}\n") == ["f"]


@pytest.mark.parametrize("end", ["\n", ""])
def test_short_heads_that_are_macros_leave_every_function_its_own_verdict(plugin: CCompiler, end: str) -> None:
    text = "".join(f"T(x) {{ g(); }}{end}T(y) g() {{ g() }}{end}" for _ in range(40))
    evaluation = judge(plugin, text + "\nint f(void) { goto out; }\n")
    assert (evaluation.metrics[0].count, evaluation.metrics[0].total) == (40, 81)
    assert [finding.symbol for finding in evaluation.findings] == [*["T"] * 40, "f"]


def test_a_macro_is_learnt_behind_a_head_that_is_one(plugin: CCompiler) -> None:
    assert faulty(plugin, 'T(x) { say(LEVEL "x");\n each(p, x) {\n use(p); } }\nint f(void) { return 0; }\n') == []


STUCK = {
    "macro heads in one line": ("A(x) f(){g()}", False),
    "macro heads": ("A(x) f(){g();}\n", True),
    "heads of old functions": ("a(x) f(){g();}\n", False),
    "functions": ("f(){g();}\n", True),
}


@pytest.mark.parametrize("name", STUCK)
def test_a_text_of_one_function_over_and_over_is_judged_in_proportion_and_evenly(plugin: CCompiler, name: str) -> None:
    function, compiles = STUCK[name]
    began, count = time.process_time(), 150_000 // len(function)
    metric = judge(plugin, function * count).metrics[0]
    assert (metric.count, metric.total) == (count if compiles else 0, count)
    assert time.process_time() - began < 15


def test_two_functions_in_one_line_answer_for_themselves(plugin: CCompiler) -> None:
    assert faulty(plugin, "int f(void) { goto out; } int g(void) { return 0; }\n") == ["f"]


FILLER = "".join(
    f"int filler{n}(struct s{n} *p)\n{{\n\ttype{n} *x = p->a;\n\tvar{n} = call{n}(x, CONST{n}) + other{n} - more{n};\n"
    f"\treturn last{n} ? p->b : x->c[index{n}];\n}}\n\n"
    for n in range(2200)
)


def test_macros_reach_functions_far_below_until_they_are_undefined(plugin: CCompiler) -> None:
    use = "int {}(void)\n{{\n\tg() END\n\treturn 0;\n}}\n"
    text = "#define END STOP\n#define STOP ;\n" + FILLER[:150_000].rpartition("\n\n")[0] + "\n"
    text += use.format("before") + "#undef END\n" + FILLER[-100_000:].partition("\n\n")[2] + use.format("after")
    evaluation = judge(plugin, text)
    assert [finding.symbol for finding in evaluation.findings] == ["after"]


def test_a_long_text_takes_no_more_for_each_function_than_a_short_one(plugin: CCompiler) -> None:
    began = time.monotonic()
    text = FILLER + "int f(void)\n{\n\tgoto out;\n}\n"
    assert len(text) > 300_000
    assert faulty(plugin, text) == ["f"]
    assert time.monotonic() - began < 40


FAULTY = [
    ("int f(void)\n{\n\tg()\n\treturn 0;\n}", "does-not-compile", (3, 4)),
    ("int f(int a)\n{\n\tint a;\n\treturn a;\n}", "does-not-compile", (3, 3)),
    ("int f(int a)\n{\n\tgoto out;\n\treturn a;\n}", "does-not-compile", (3, 3)),
    ("int f(int a)\n{\n\tbreak;\n\treturn a;\n}", "does-not-compile", (3, 3)),
    ("int f(int a)\n{\n\tif a)\n\t\treturn 1;\n\treturn a;\n}", "unbalanced", (1, 1)),
    ("int f(int a)\n{\n\treturn a;\n}}\n", "", (0, 0)),
    ("int f(int a)\n{\n\tif (a) {\n\treturn a;\n}\n", "unbalanced", (1, 1)),
    ("int f(int a)\n{\n\telse\n\t\treturn a;\n}\n", "does-not-compile", (2, 3)),
]


@pytest.mark.parametrize(("text", "rule", "lines"), FAULTY)
def test_what_no_declaration_mends_is_found_and_the_neighbours_are_not_taken_along(
    plugin: CCompiler, text: str, rule: str, lines: tuple[int, int]
) -> None:
    evaluation = judge(plugin, f"{text}\nint after(int b)\n{{\n\treturn b + missing;\n}}\n")
    assert [finding.rule for finding in evaluation.findings] == ([rule] if rule else [])
    assert all(lines[0] <= finding.line <= lines[1] for finding in evaluation.findings)
    assert evaluation.metrics[0].total == 2


def test_a_head_that_makes_the_compiler_lose_its_way_costs_one_function(plugin: CCompiler) -> None:
    text = "static void __init init_table\n__swap_update(phys_addr_t phys)\n{\n\treturn;\n}\n"
    after = "".join(f"int f{n}(void)\n{{\n\tgoto out;\n}}\n" for n in range(5))
    assert len(judge(plugin, text + after).findings) >= 5


HOSTILE = [
    '#include "{}"',
    "#include <{}>",
    '  #  include "{}"',
    '/* */ #include "{}"',
    '/* \n */ #include "{}"',
    '%:include "{}"',
    '??=include "{}"',
    '#inc\\\nlude "{}"',
    '\\\n#include "{}"',
    '%\\\n:include "{}"',
    '#\\ \ninclude "{}"',
    '#include_next "{}"',
    '#import "{}"',
    '#embed "{}"',
    '#define X "{}"\n#include X',
    '#if __has_include("{}")\n#error there\n#endif',
    '#if 1\n#include "{}"\n#endif',
    'char *s = R"x("/*)x";\n#include "{}"\n/* */',
    '// comment \\\n\n#include "{}"',
    '\'\n#include "{}"',
    '"\n#include "{}"',
    '\r#include "{}"',
    '\x00#include "{}"',
    '#pragma GCC dependency "{}"\n#include "{}"',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_spelling_of_an_include_makes_the_compiler_read_a_file(plugin: CCompiler, tmp_path: Path, text: str) -> None:
    leak = tmp_path / "secret.h"
    leak.write_text("int f(void) { goto leaked; }\n")
    code, _ = sanitized(text.replace("{}", str(leak)))
    said = plugin.compiler.check(f'#line 1 "<text>"\n{code}\nint g(void) {{ goto own; }}\n', 20)
    assert "leaked" not in str(said)
    assert judge(plugin, text.replace("{}", str(leak)) + "\nint h(void) { return 1; }\n").metrics[0].total <= 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{" * 50_000,
        "}" * 50_000,
        "(" * 50_000,
        "\\\n" * 20_000,
        '"' * 20_001,
        "/*" * 20_000,
        "#define a a a\n" * 5000,
        "(a) " + "word " * 20_000 + ".",
        "x = (a" + " " * 50_000,
        "{}" * 200_000,
        "{\n" * 200_000,
        "a" * 400_000 + "{",
        "f(x) a" * 60_000 + "+{",
        "(" * 200_000 + "}" * 200_000,
        "A(x)\n" * 80_000 + "{",
        "int f(){}" * 5_000,
        "int x int f(){}\n" * 3_000,
        "#if\n" * 100_000,
    ],
)
def test_hostile_text_is_judged_in_time(plugin: CCompiler, text: str) -> None:
    began = time.monotonic()
    judge(plugin, text + "\nint f(void)\n{\n\treturn 0;\n}\n")
    plugin.evaluate(Source(text=text))
    assert time.monotonic() - began < 30


@pytest.mark.slow
def test_a_megabyte_of_one_short_function_is_judged_to_its_end_where_there_is_time() -> None:
    line = "void f(){}\n"
    text = line * (1_000_000 // len(line))
    (metric,) = CCompiler(CCompiler.Options(seconds=120)).evaluate(Source(text=text)).metrics
    assert metric.count == metric.total == len(text) // len(line)


def test_a_compiler_that_is_not_there_is_said_and_nothing_is_scored(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_text("int f(void) { return 0; }\n")
    with pytest.raises(EvaluatorError, match="no-such-compiler is not on PATH"):
        judge_request(Request([str(path)], ["c-compiler"], ["c-compiler.compiler=no-such-compiler"]))


def test_a_macro_bomb_costs_its_own_verdict(tmp_path: Path) -> None:
    lines = ["#define a0 x x x x x x x x x x\n"]
    lines += [f"#define a{n} {' '.join([f'a{n - 1}'] * 10)}\n" for n in range(1, 12)]
    (tmp_path / "bomb.c").write_text("".join(lines) + "int f(void) { return a11; }\n")
    (tmp_path / "fine.c").write_text("int f(void) { return 0; }\n")
    report = judge_request(Request([str(tmp_path)], ["c-compiler"], ["c-compiler.seconds=3"])).report
    assert [(total.count, total.total) for total in report.totals] == [(1, 1)]
    assert len(report.failures) == 1


def test_the_end_of_a_comment_at_a_cut_start_is_not_code(plugin: CCompiler) -> None:
    text = " * of any (direct) reclaim by any task.\n */\nint f(int a)\n{\n\treturn a;\n}\n"
    assert judge(plugin, text).findings == ()
