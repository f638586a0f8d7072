"""What c-syntax says about names: each line is a text and all the findings that it has."""

from __future__ import annotations

import pytest
from c_syntax.asking import ESSAY, assert_findings, assert_findings_within, found, judge
from rnnlab_c_syntax import CSyntax

from rnnlab.evaluation import Source

ESSAY_UNDEFINED = (
    "fd ss mem_total ret segaddr in selector seg setup_works i blocks seq buf bpf bd search blocked rw iv regs info"
)


def test_the_function_of_the_essay_has_exactly_the_faults_that_it_is_famous_for() -> None:
    evaluation = CSyntax().evaluate(Source(text=ESSAY))
    by_rule: dict[str, list[str]] = {}
    for finding in evaluation.findings:
        by_rule.setdefault(finding.rule, []).append(finding.symbol)
    assert by_rule == {
        "unused-variable": ["error"],
        "undefined-label": ["bail"],
        "undefined-return": ["segtable"],
        "undefined-variable": ESSAY_UNDEFINED.split(),
    }
    counts = {metric.name: (metric.count, metric.total) for metric in evaluation.metrics}
    assert counts["bracket-balance"] == (30, 30)
    assert counts["clean-functions"] == (0, 1)
    assert counts["unused-declarations"] == (1, 1)
    assert counts["undefined-returns"] == (1, 1)
    assert counts["strings-closed"] == counts["comments-closed"] == (1, 1)
    assert [(part.name, part.line, part.end_line) for part in evaluation.parts] == [("indicate_policy", 1, 28)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int f(void) { return x; }", ["undefined-return x"]),
        ("int f(int x) { return x; }", []),
        ("int f(void) { return (x); }", ["undefined-variable x"]),
        ("int f(void) { g(x); return x; }", ["undefined-return x", "undefined-variable x"]),
        ("int f(void) { int x = 1; return x; }", []),
        ("int f(void) { int x = x; return x; }", []),  # C11 6.2.1p7: in scope from its declarator on
        ("int f(void) { { int x = 1; g(x); } return x; }", ["undefined-return x"]),
        ("int f(void) { int x = 1; { int x = 2; g(x); } return x; }", []),
        ("void f(void) { int x; }", ["unused-variable x"]),
        ("void f(void) { int x = g(); }", ["unused-variable x"]),
        ("void f(void) { int x; x = g(); }", ["set-but-unused x"]),
        ("void f(void) { int x, y; y = x = g(); h(y); }", []),  # the value of an assignment is a read
        ("void f(void) { int x; x += g(); }", []),  # as gcc has it
        ("void f(void) { int x; x++; }", []),
        ("void f(void) { int x, *y = &x; }", ["unused-variable y"]),
        ("void f(void) { static int x; }", ["unused-variable x"]),
        ("void f(void) { extern int x; }", ["unused-variable x"]),
        ("void f(void) { int x __attribute__((unused)); }", []),
        ("void f(void) { int __maybe_unused x; }", []),
        ("void f(void) { int (*g)(int a); g(1); }", []),
        ("void f(void) { int g(int); g(1); }", []),
        ("void f(void) { for (int i = 0; i < 3; i++) g(i); h(i); }", ["undefined-variable i"]),
        ("void f(void) { for (int i = 0; i < 3; i++) { g(i); } }", []),
        ("void f(int n) { while (n) { int n = 1; } }", ["unused-variable n"]),
        ("void f(void) { a = b; a = b; }", ["undefined-variable a", "undefined-variable b"]),
        ("void f(void) { int x; int x; g(x); }", ["redeclared x"]),
        ("void f(int x) { int x; g(x); }", ["redeclared x"]),
        ("int x; int f(void) { return x; }", []),
        ("int f(void) { return x; } int x;", ["undefined-return x"]),
        ("int f(void) { return g; } int g(void) { return 1; }", ["undefined-return g"]),
        ("int f(void) { return f; }", []),
        ("void f(void) { g(__func__); }", []),
    ],
)
def test_scopes_are_those_of_c(text: str, expected: list[str]) -> None:
    known = ("c",) if "__func__" in text else ()
    assert found(text, known=known) == sorted(expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("p->x = p->y;", []),
        ("p->x = y;", ["undefined-variable y"]),
        ("n = q->n;", ["undefined-variable q"]),
        ("struct node z = { .a = n, .b = { [1] = 2, [2] = y } }; g(&z);", ["undefined-variable y"]),
        ("struct node z = { a: n }; g(&z);", []),
        ("g((struct node){ .a = y });", ["undefined-variable y"]),
        ("n = sizeof(struct node);", []),
        ("n = sizeof(u32);", []),
        ("n = sizeof(size_t) + sizeof n;", []),
        ("n = (u32)n + (long)n;", []),
        ("n = (size_t)-1;", []),
        ("n = (uWide)-1 + (handler)0;", []),
        ("n = (m) - 1;", ["undefined-variable m"]),
        ("p->a = (odd_const Bytes *)n; p->b = (handler)0; n = (uWide)-1;", []),
        ("n = ((fn_t)q)(n);", ["undefined-variable q"]),
        ("enum { A1, b2 = 3 }; n = b2;", []),
        ("struct tag { int m; } v; g(&v);", []),
        ("typedef int word; word w = n; g(w);", []),
        ("n = _Generic(n, int: 1, default: y);", ["undefined-variable y"]),
        ("n = offsetof(struct node, a);", []),
        ("n = ({ int y = 1; y; });", []),
        ("n = ({ int y = 1; 2; });", ["unused-variable y"]),
        ("n = n ? y : n;", ["undefined-variable y"]),
        ('asm volatile("x" : [out] "=r" (n) : "r" (y) : "memory");', ["undefined-variable y"]),
        ("typeof(n) z = n; g(z);", []),
        ("T *z = p; g(z);", []),
        ("n * y;", ["undefined-variable y"]),
        ("switch (n) { case 1 ... 5: break; case lower_case: break; default: n = 2; }", []),
        ("int a[n], i; for (i = 0; i < n; i++) a[i] = i; g(a);", []),
        ("g(x, x + 1, &x);", ["undefined-variable x"]),
        ("int (*h)(int, char *); h = g; h(n, 0);", ["undefined-variable g"]),
        ("int *a, (*b)[3], **c = 0; g(a, b, c);", []),
        ("do { int y = n; g(y); } while (y);", ["undefined-variable y"]),
        ("if (n) g(1); else h(y);", ["undefined-variable y"]),
    ],
)
def test_expressions_use_what_they_use(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("goto out; out: n = 1;", []),
        ("goto out;", ["undefined-label out"]),
        ("out: n = 1;", ["unused-label out"]),
        ("goto a; b: n = 1;", ["undefined-label a", "unused-label b"]),
        ("{ goto out; } { out: n = 1; }", []),  # C11 6.2.1p3: a label belongs to its function
        ("int out = 1; goto out; out: n = out;", []),  # C11 6.2.3: labels have a name space of their own
        ("void *q = &&out; g(q); out: n = 1;", []),
        ("out: __attribute__((unused)); n = 1;", []),
        ("switch (n) { case 1: break; default: break; }", []),
        ("goto out; out: n = 1; out: n = 2;", ["duplicate-label out"]),
        ("{ __label__ out; goto out; out: n = 1; } { __label__ out; goto out; out: n = 2; }", []),
    ],
)
def test_labels_belong_to_functions(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("if (n) break;", ["break"]),
        ("{ continue; }", ["continue"]),
        ("switch (n) { case 1: continue; }", ["continue"]),
        ("case 1: n++; break;", ["case"]),
        ("if (n) { default: n++; }", ["default"]),
        ("for (;;) { if (n) break; else continue; }", []),
        ("do { switch (n) { case 1: { continue; } default: break; } } while (n);", []),
        ("while (n) switch (n) { case 3: break; }", []),
        ("for_each_item(p, n) { if (n) break; }", []),
        ("BEGIN_LOOP(n)\n\tif (n)\n\t\tbreak;\n\tEND_LOOP(n)", []),
        ("WARN_ON(n);\n\tif (n & FLAG(n))\n\t\tbreak;", ["break"]),
        ("#ifdef SLOW\n\twhile (n) {\n#endif\n\tif (n)\n\t\tbreak;\n#ifdef SLOW\n\t}\n#endif", []),
    ],
)
def test_what_belongs_to_a_loop_or_a_switch_stands_in_one(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *(f"misplaced-statement {word}" for word in expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int f(int a, int b, char *a)\n{\n\treturn a + b;\n}\n", ["redeclared a"]),
        ("int f(int a, int g(int a))\n{\n\treturn g(a);\n}\n", []),  # C11 6.2.1p4: the scope of a prototype
        ("int f(a, b)\n\tint a;\n\tint b;\n{\n\treturn a + b;\n}\n", []),
        ("int f(int a)\n{\n#if A\n\tint b = a;\n#endif\n#if B\n\tchar b = a;\n#endif\n\treturn b;\n}\n", []),
    ],
)
def test_a_name_is_declared_once_in_a_scope(text: str, expected: list[str]) -> None:
    assert_findings(text, *expected)


def test_a_goto_does_not_reach_into_another_function() -> None:
    assert_findings("void f(void) { goto a; }\nvoid g(void) { a: h(); }", "undefined-label a", "unused-label a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("void f(void) { return 1; }", ["void-returns-value"]),
        ("int f(void) { return; }", ["missing-return-value"]),
        ("void f(void) { return; }", []),
        ("int f(void) { return 1; }", []),
        ("void *f(void) { return 0; }", []),
        ("static void *f(void) { return; }", ["missing-return-value"]),
        ("void f(void) { return g(); }", []),  # which may return nothing, too
        ("void f(void) { return g() + 1; }", ["void-returns-value"]),
        ("void (*f(int a))(int b) { return a ? 0 : 0; }", []),
        ("void API(f)(void) { return; }", []),
    ],
)
def test_returns_fit_the_type_of_the_function(text: str, expected: list[str]) -> None:
    assert_findings(text, *expected)


@pytest.mark.parametrize(
    "text",
    [
        "int f(a, b)\n\tint a;\n\tchar *b;\n{\n\treturn a + *b;\n}\n",
        "f(a, b)\n\tint a, b;\n{\n\treturn a + b;\n}\n",
        "static struct x *\nf (a)\n     struct x *a;\n{\n  return a;\n}\n",
        "int (*f(int a))(int b) { return a ? 0 : 0; }",
        "static NORETURN void f(int UNUSED_PARAM a, int b ATTR_UNUSED)\n{\n\tg(b);\n}\n",
        "__visible noinstr void f(int a)\n{\n\tg(a);\n}\n",
        "SYSCALL_DEFINE2(f, int, a, char __user *, b)\n{\n\treturn g(a, b);\n}\n",
        "int f PARAMS((int));\nint f(int a)\n{\n\treturn a;\n}\n",
        'SEC("tc")\n__failure __msg("x")\nint f(struct ctx *skb)\n{\n\treturn g(skb);\n}\n',
        "static int HANDLER(NAME)(struct x *a)\n{\n\treturn a->b;\n}\n",
        "void f(void)\n{\n\tElfW(Ehdr) *h;\n\tg(h);\n}\n",
        "static void f(struct x *a,\n\tenum TABLE_KIND kind,\n\tint b)\n{\n\tg(a, kind, b);\n}\n",
        'int f(int a)\n{\n\tregister u64 b asm("rdx") = a;\n\treturn b;\n}\n',
        "static LIST *head = (LIST *)NULL;\nLIST *last = (LIST *)NULL;\nint f(void)\n{\n\treturn head == last;\n}\n",
    ],
)
def test_headers_of_every_fashion_declare_their_parameters(text: str) -> None:
    assert_findings(text)


def test_a_text_that_the_grammar_gives_up_on_does_not_lose_what_is_declared_outside_of_functions() -> None:
    text = "static FILE *output;\nstatic void f(void)\n{\n\toutput = open_it(&missing);\n"
    text += "\tDUMP(output, d, \"struct\", str, struct info, FLAG,\n\t     {.name = {'0', 'f', 'o', 'o'}});\n"
    text += '\tDUMP(output, d, "struct", str, struct __buff, FLAG,\n\t     { .cb = {1, 2, 3, 4, 5,},});\n'
    text += '\tDUMP(output, d, "struct", str, struct __buff,\n\t     { .cb = {1, 2, 3, 4, 5},});\n'
    text += (
        '\tDUMP(output, d, "struct", str, struct __buff, 0,\n\t     {.code = 1, .dst = 2, .off = 4, .imm = 5});\n}\n'
    )
    assert [rule for rule in found(text) if rule.startswith("undefined-v")] == ["undefined-variable missing"]


def test_unused_parameters_are_reported_only_when_asked_for() -> None:
    assert found("void f(int a) { }") == []
    assert found("void f(int a) { }", parameters=True) == ["unused-parameter a"]
    assert found("void f(int a) { g(a); }", parameters=True) == []


def test_unused_static_functions_are_a_matter_of_whole_texts() -> None:
    assert found("static void f(void) { }", whole=True) == ["unused-function f"]
    assert found("static void f(void) { }\nvoid g(void) { f(); }", whole=True) == []
    assert found("void f(void) { }", whole=True) == []
    assert found("static void f(void) { }") == []


@pytest.mark.parametrize(
    "text",
    [
        "static inline int f(void) { return 1; }",
        "static INLINE struct node *\nf(struct node *p)\n{\n\treturn p;\n}",
        "static int __maybe_unused f(void) { return 1; }",
        "static ssize_t mode_show(struct device *d) { return 1; }\nstatic DEVICE_ATTR_RO(mode);",
        "static ssize_t mode_show(struct device *d) { return 1; }\nstruct attribute a = __ATTR_RO(mode);",
        "static int set_first_mode_show(void) { return 1; }\nCONFIG_ATTR(set_first_, mode);",
        "#define OPS(n) struct ops n##_ops = { read_##n }\nstatic int read_size(void) { return 1; }\nOPS(size);",
        "static int f(void) { return 1; }\n#define F f",
        'static int f(void) { return 1; }\n#include "calls.c"',
    ],
)
def test_a_static_function_that_a_macro_or_a_header_may_call_is_not_called_unused(text: str) -> None:
    assert found(text, whole=True) == []


def test_what_excuses_one_declaration_excuses_none_behind_a_long_comment() -> None:
    text = f"int f(void)\n{{\n\tint a __unused;\n\t/* {'long ' * 100}*/\n\tint b;\n\treturn 0;\n}}\n"
    assert found(text) == ["unused-variable b"]


def test_what_a_comment_names_is_not_used_by_that() -> None:
    assert found("/* f */\nstatic int f(void) { return 1; } // f", whole=True) == ["unused-function f"]


def test_the_static_functions_of_a_header_are_for_those_who_include_it() -> None:
    text = "static int f(void)\n{\n\treturn 1;\n}\n"
    for name, rules in ("list.h", []), ("list.c", ["unused-function"]):
        source = Source(text=text, name=name, start_cut=False, end_cut=False)
        assert [finding.rule for finding in CSyntax().evaluate(source).findings] == rules


def test_well_known_globals_come_from_the_lists_that_were_asked_for() -> None:
    assert found("int f(void) { return errno; }") == ["undefined-return errno"]
    assert found("int f(void) { return errno; }", known=("c",)) == []
    assert found("int f(void) { g(current); return optind; }", known=("linux",)) == ["undefined-return optind"]
    with pytest.raises(ValueError, match="there is no list 'win'"):
        found("", known=("win",))


def test_a_name_counts_once_a_function_where_it_is_first_used() -> None:
    evaluation = judge("void f(void)\n{\n\tx = 1;\n\ty = x;\n}\nvoid g(void)\n{\n\tx = 2;\n}\n")
    assert [(f.symbol, f.line, f.column, f.end_column) for f in evaluation.findings] == [
        ("x", 3, 2, 3),
        ("y", 4, 2, 3),
        ("x", 8, 2, 3),
    ]
    uses = next(metric for metric in evaluation.metrics if metric.name == "undefined-variables")
    assert (uses.count, uses.total, uses.better) == (4, 4, "lower")


def test_columns_count_characters_of_any_script() -> None:
    (finding,) = judge('void f(void) { g("äöü€𝄞"); return; /* é */ x = 1; }').findings
    assert (finding.symbol, finding.line, finding.column) == ("x", 1, 44)
    (finding,) = judge("void f(void) { größe = 1; }").findings
    assert finding.symbol == "größe"


@pytest.mark.parametrize("name", ["old_UNUSED", "VAL_len", "VAL_ptr"])
def test_a_slip_of_a_name_in_capitals_is_none_of_a_header(name: str) -> None:
    assert_findings(f"int f(int VAL, struct s *UNUSED)\n{{\n\treturn {name}->a;\n}}\n", f"undefined-variable {name}")


def test_names_in_capitals_and_small_letters_are_enumerators_where_they_are_many() -> None:
    use = "int f(int n)\n{\n\tif (n & IntLatch)\n\t\tput(RxDone | TxDone);\n\treturn n & StatsFull;\n}\n"
    more = "int g(int n)\n{\n\treturn (n & Failure) + Timer;\n}\n"
    assert_findings(use + more)
    assert found(more) == ["undefined-variable Failure", "undefined-variable Timer"]


def test_a_family_of_many_names_may_be_of_several_functions_where_these_are_few() -> None:
    first = "void f(void)\n{\n\tch_block++;\n\tch_flags |= 1;\n\tch_head = 2;\n}\n"
    second = "int g(void)\n{\n\tch_file = 1;\n\treturn ch_offset + ch_limit;\n}\n"
    assert_findings(first + second)
    between = "".join(f"int between{number}(int n)\n{{\n\treturn n;\n}}\n" for number in range(12))
    assert len(found(first + between + second)) == 6


def test_a_macro_of_the_text_may_be_the_loop_of_a_break() -> None:
    text = "#define each(i, n) for (i = 0; i < n; i++)\n#define limit(n) (n & 3)\nint f(int n)\n{\n\tint i;\n\n\t"
    assert_findings(text + "each(i, n)\n\t\tif (limit(i))\n\t\t\tbreak;\n\treturn n;\n}\n")
    assert_findings(text + "i = limit(n);\n\tif (i)\n\t\tbreak;\n\treturn n;\n}\n", "misplaced-statement break")


def test_a_function_that_is_defined_below_was_declared_above_what_was_cut_out() -> None:
    text = "int f(void)\n{\n\treturn create(&n, tidy) + lost;\n}\n\nstatic void tidy(void *p)\n{\n\tfree(p);\n}\n"
    assert_findings(text, "undefined-variable lost", "undefined-variable n")
