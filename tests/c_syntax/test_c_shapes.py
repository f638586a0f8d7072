"""Shapes of real code that look like something else: each a text, and all the findings that it has."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, assert_findings_within, found


def test_statements_between_a_condition_and_a_block_are_no_parameters_of_an_old_function() -> None:
    text = "int f(int n)\n{\n\tint a = g(), b = g();\n\n\tif (n)\n\t\tcheck(a);\n\tcheck(b);\n\t{\n\t\tg();\n\t}\n"
    text += "\treturn n;\n}\n"
    assert_findings(text)
    assert_findings(text.replace("check(a)", "return n"), "unused-variable a")
    assert_findings(text.replace("check(a)", "p->go(a)"), "undefined-variable p")


def test_the_parameters_of_an_old_function_may_be_pointers_to_functions() -> None:
    assert_findings("int f(g, n)\n\tint (*g)();\n\tint n;\n{\n\treturn g(n);\n}\n")


@pytest.mark.parametrize(
    "block",
    [
        "\tn++;\n{\n\tg(a);\n}\n",  # a block at the margin
        "\tstatic const int table[] = {\n\t\t1,\n};\n\n\tg(a, table);\n",  # a table that ends there
        "\tif (n) {\n\t\tn++;\n}\n\tg(a);\n",
        "again:\n{\n\tg(a);\n\tgoto again;\n}\n",
    ],
)
def test_a_function_goes_on_behind_a_brace_at_the_margin_that_does_not_close_it(block: str) -> None:
    text = (
        f"int f(int n)\n{{\n\tint a = 1, b;\n\n\tif (a)\n\t\tgoto out;\n\tg(100base);\n{block}out:\n\treturn n;\n}}\n"
    )
    other = "int h(void)\n{\n\treturn b;\n}\n"
    expected = ["unused-variable b", "undefined-return b"]
    assert sorted(word for word in found(text + other) if "syntax" not in word) == sorted(expected)


def test_a_missing_brace_does_not_make_one_function_of_two() -> None:
    text = "int f(int n)\n{\n\tif (n) {\n\t\tn++;\n\treturn n;\n}\n\nint g(void)\n{\n\treturn n;\n}\n"
    assert [finding for finding in found(text) if "bracket" not in finding] == ["undefined-return n"]


@pytest.mark.parametrize(
    ("macro", "use"),
    [
        ("#define sum(at) ({ int w = 0, i, *p; for (i = 0; i < 3; i++) w += (at); w; })", "return sum(n[i] + *p);"),
        ("#define label(x) (NAME # x)", "return label(-rest);"),
        ("#define quiet(option, block) pragma(#option); block", "quiet(-Wformat, { g(n); });\n\treturn n[0];"),
        ("#define MASK(t, name) struct { t m; t v; } name", "MASK(u8, two);\n\treturn g(&two, n);"),
        (
            "#define MASK(t, name) struct { t m; t v; } name\n#define M8(n) MASK(u8, n)",
            "M8(two);\n\treturn g(&two, n);",
        ),
        ("#define R(v) if (get(&c.v)) goto out;", "struct c c;\n\n\tR(level)\n\tR(sets)\nout:\n\treturn n[c.sets];"),
        ("#define FAILED out", "if (n)\n\t\tgoto FAILED;\n\treturn 0;\nout:\n\treturn 1;"),
    ],
)
def test_what_a_macro_of_the_text_does_with_its_arguments_is_looked_up(macro: str, use: str) -> None:
    text = f"{macro}\nint f(int *n)\n{{\n\t{use}\n}}\n"
    assert [finding for finding in found(text) if finding != "syntax-error"] == []


def test_an_argument_that_a_macro_quotes_and_reads_is_read() -> None:
    text = "#define show(x) print(#x, x)\nvoid f(int n)\n{\n\tshow(n + gone);\n}\n"
    assert_findings(text, "undefined-variable gone")


def test_a_macro_that_the_header_s_printing_macros_call_uses_its_words() -> None:
    define = '#define pr_fmt(fmt) "%d: " fmt, t->n\n'
    text = 'void f(struct ward *p)\n{\n\tstruct tuner *t = p->priv;\n\n\tpr_warn("no way");\n}\n'
    assert_findings(define + text)
    assert_findings(text, "unused-variable t")


@pytest.mark.parametrize(
    "text",
    [
        "int f(void *p)\n{\n\tu32(*row)[2] = p;\n\n\treturn row[0][1];\n}\n",
        "int f(void *p)\n{\n\trow_t(*a)[2] = p,\n\t(*b)[2] = p;\n\n\treturn a[0][1] + b[0][1];\n}\n",
        "int\npoll(HOLDER(holder), WEIGHT(budget))\n{\n\treturn g(holder, budget + 1);\n}\n",
        "int f(int n, bool (halt)(struct ward *, int))\n{\n\treturn g(n, halt);\n}\n",
        "SHOW_ERRORCODE(fault)\n{\n\tg(error_code);\n}\n",
        "TEST_LONG(ward, bed, LIMIT + 2)\n{\n\tg(self->bed + 1);\n}\n",
        "int a(ARGS)\n{\n\treturn g(dev->n);\n}\nint b(ARGS)\n{\n\treturn h(dev->n);\n}\n",
        "int f(int n)\n{\n\tRECORD_HEADER\n\t    *record =\n\t    (RECORD_HEADER *)g(n);\n\n\treturn record->n;\n}\n",
        "TEST_MODULE_GLOBALS();\nvoid f(void)\n{\n\tfailed_tests++;\n}\n",
        "DECLARE_FUNCTION(SourceSink, alloc);\nint f(void)\n{\n\treturn add(&SourceSinkadd);\n}\n",
        "int f(int n)\n{\n#ifdef ODD\n\tint a, *b;\n#else\n\tint a = n;\n#endif\n\tb = &a;\n\treturn *b;\n}\n",
        "#ifndef ONE\nstatic int (*all[])(int a,\n\tint b) = { g };\nint f(int n)\n{\n\treturn all[n](1);\n}\n#endif\n",
    ],
)
def test_what_declares_a_name_in_an_uncommon_way_is_understood(text: str) -> None:
    assert_findings(text)


def test_names_that_a_header_s_macro_may_not_declare_stay_undefined() -> None:
    assert_findings("int f(ARGS)\n{\n\treturn g(dev->n);\n}\n", "undefined-variable dev")
    assert_findings("SHOW_PLAIN(fault)\n{\n\tg(error_code);\n}\n", "undefined-variable error_code")
    assert_findings("void f(void)\n{\n\tfailed_tests++;\n}\n", "undefined-variable failed_tests")
    assert_findings("int f(int n)\n{\n\tSTATEMENT\n\t*p = n;\n\treturn n;\n}\n", "undefined-variable p")


def test_what_is_returned_in_a_branch_that_is_not_read_is_not_declared_there() -> None:
    text = "int f(int n)\n{\n#if 0\n\treturn gone;\n#endif\n\treturn gone;\n}\n"
    assert_findings(text, "undefined-return gone")


def test_a_label_that_only_a_macro_of_the_text_jumps_to_is_used() -> None:
    define = "#define try(x, l) if (!(x)) goto l\n"
    text = "int f(int n)\n{\n\ttry(n, out);\n\treturn 1;\nout:\n\treturn 0;\n}\n"
    assert_findings(define + text)
    assert_findings(define + text.replace("return 1;", "return g(100base);"), "syntax-error")
    assert_findings(define + text.replace("try(n, out)", "try(n, off)"), "undefined-label off", "unused-label out")


def test_a_label_that_a_macro_jumps_to_in_a_branch_that_is_not_read_is_used() -> None:
    text = "int f(int n)\n{\n#if 0\n\tNO_MEMORY;\n#endif\n\treturn n;\nnomem:\n\treturn 0;\n}\n"
    assert_findings("#define NO_MEMORY goto nomem\n" + text)
    assert_findings(text, "unused-label nomem")


def test_capitals_behind_a_few_small_letters_name_registers() -> None:
    text = "void f(int n)\n{\n\twrite(n, mmDMA_CNTL + 1);\n\twrite(n, regDMA0_CNTL_2 + 1);\n\twrite(n, mmDma + 1);\n}\n"
    assert_findings(text, "undefined-variable mmDma")


@pytest.mark.parametrize(
    "text",
    [
        "static void notrace f(int n)\n{\n\tg(n);\n}\nint noinline h(int n)\n{\n\treturn n;\n}\n",
        'void f(int n)\n{\n\tprintk(KERN_ERR PREFIX "no %d\\n", n);\n}\n',
        "int f(void)\n{\n\treturn offsetof(struct ward, bed.size) + offsetof(struct ward, beds[2].size);\n}\n",
    ],
)
def test_what_the_grammar_does_not_know_of_common_code_is_no_mistake(text: str) -> None:
    assert_findings(text)


def test_an_index_among_the_members_of_offsetof_is_a_use() -> None:
    text = "int f(int i)\n{\n\tint a = i;\n\n\treturn offsetof(struct ward, bed[a].size);\n}\n"
    assert "unused-variable a" not in found(text)


def test_what_a_macro_in_file_scope_reads_members_of_is_not_declared_by_it() -> None:
    text = "ATTRIBUTE(size, card->raw[0]);\nint f(int n)\n{\n\treturn g(&attr_size, n) + card->n;\n}\n"
    assert_findings(text, "undefined-variable card")


def test_the_last_argument_of_a_macro_that_writes_is_a_value() -> None:
    text = "void f(struct ward *hw)\n{\n\tBED_WRITE_REG(hw, BED_SIZE, gone);\n\tBED_SET_FIELD(hw, BED_SIZE, size);\n}\n"
    assert_findings(text, "undefined-variable gone")
    assert_findings(text.replace("\tBED_SET", "\tg(100base);\n\tBED_SET"), "undefined-variable gone", "syntax-error")


@pytest.mark.parametrize(
    "broken",
    [
        "int h(int n)\n{\n\tg(a);\n\t};\n\tint ret;\n\tdo {\n}\n",
        "int h(int n)\n{\n\t};\n\tstruct box b = {\n\tg(a);\n\tint ret;\n}\n",
    ],
)
def test_what_a_broken_block_declares_is_not_declared_for_the_functions_behind_it(broken: str) -> None:
    assert "undefined-return ret" in found(f"{broken}\nint f(void)\n{{\n\treturn ret;\n}}\n")


def test_indented_declarations_in_a_block_of_linkage_are_the_files() -> None:
    text = 'extern "C" {\n\tint count;\n\tint total = 2;\n}\n\nint f(void)\n{\n\treturn count + total;\n}\n'
    assert not [finding for finding in found(text) if finding.startswith("undefined")]


def test_a_damaged_function_is_declared_for_the_others_and_a_cut_head_damages_none() -> None:
    user = "int f(struct box *b)\n{\n\tb->end = &end_it;\n\treturn b->n;\n}\n"
    assert_findings(f"static void end_it(void *p)\n{{\n\tg(p;\n}}\n\n{user}", "unbalanced-bracket (")
    head = "\t} else {\n\t\tn = 1;\n\t}\n\n\treturn n;\n}\n\n"
    edges = ["unbalanced-bracket }", "unbalanced-bracket }"]
    assert_findings(f"{head}static void\nend_it(void *p)\n{{\n\tg(p);\n}}\n\n{user}", *edges)


def test_a_label_in_a_macro_is_a_label() -> None:
    assert_findings("int f(int n)\n{\n\tif (n)\n\t\tgoto again;\n\tIF_RETRY(again:)\n\treturn n;\n}\n")


def test_all_further_arguments_that_a_macro_hands_on_are_values() -> None:
    define = "#define LOG(text, ...) print(text, ##__VA_ARGS__)\n#define SAY(text, rest...) print(text, ## rest)\n"
    text = define + 'int f(int n)\n{\n\tLOG("a");\n\tLOG("b", n, x);\n\tSAY("c", y);\n\treturn n;\n}\n'
    assert_findings(text, "undefined-variable x", "undefined-variable y")


def test_a_jump_to_an_address_is_no_mistake_and_reads_it() -> None:
    text = "int f(int n)\n{\n\tvoid *to = &&last;\n\n\tgoto *to;\nlast:\nnever:\n\treturn n;\n}\n"
    assert_findings(text, "unused-label never")


def test_a_type_and_a_name_in_parentheses_declare_it() -> None:
    assert_findings_within("typedef int word; word (w); w = n; n += w;")
    assert_findings_within("typedef int word; word (w);", "unused-variable w")


def test_assembly_may_be_a_macro_s() -> None:
    assert_findings_within(
        'asm(SAVE_ALL\n\t    : "+m" (p->a));\n\tasm volatile(LOAD : "+r" (n));\n\t__asm__ __volatile__(STOP);'
    )
    assert_findings_within('asm(SAVE_ALL : "+m" (lost));', "undefined-variable lost")


def test_a_macro_may_end_a_do() -> None:
    text = "int f(struct task *first, int n)\n{\n\tstruct task *t = first;\n\n\tdo {\n\t\tg(t, n);\n"
    text += "\t} while_each_thread(first, t);\n\treturn n;\n}\n\nint after(int n)\n{\n\treturn n;\n}\n"
    assert_findings(text)
    assert_findings(text.replace("\tstruct task *t = first;\n", ""), "undefined-variable t")
    assert_findings(
        text.replace("g(t, n)", "g(x, n)").replace(";\n\treturn n;\n}\n\n", ";\n}\n\n"), "undefined-variable x"
    )
    assert_findings(text.replace("do {", "do_each_task(first, t) {"))
