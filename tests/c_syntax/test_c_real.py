"""Shapes of untouched code that looked like mistakes and were none, and what beside them is one."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, assert_findings_within, found


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("VARDECL(sample_t *shape);\n\tshape[0] = n;", []),
        ("VARDECL(sample_t *shape);\n\tform[0] = n;", ["undefined-variable form"]),
        ("PRINT(n * shape);\n\tg(shape + 1);", ["undefined-variable shape"]),
        ("ALIGNED_4( int16_t pair[2] );\n\tpair[0] = n;", []),
        ("ALIGNED_ARRAY( cell, sums,[4],[64] );\n\tn = sums[0][0];", ["undefined-variable cell"]),
        (
            "DECLARE_ALIGNED(16, static const uint8_t,\n\t\torder[4]) = { 0, 1 };\n\tn = order[n];",
            [],
        ),
        ("switch (n) {\n\tCASE(1,\n\t\tint left, right[2];\n\t\tleft = right[0];\n\t\tn = left;)\n\t}", []),
        ("if (n) {\n\t\tEACH_ENTRY_DECLS;\n\t\tg(n);\n\t\thPtr = p->h;\n\t}", []),
        ("TABLE_STATE(prng);\n\tTIMEOUT_AT(end);\n\tint m = g(&prng, end);\n\tn = m;", []),
        (
            "TABLE_STATE(prng);\n\tTIMEOUT_AT(end);\n\tn = g(&prng, end);",
            ["undefined-variable end", "undefined-variable prng"],
        ),
        ("DEF_NUMBER(low_p);\n\tg(&low_p);", []),
        ("int at = p->at;\n\tAPI_NAME(move) (API_ARGx at);", []),
        ("ASSERT_OR((n == 0), return result);\n\tn = result;", ["undefined-variable result"]),
        ("g(p, intl);\n\tl = 1;\n\tn = l;", ["undefined-variable intl", "undefined-variable l"]),
        ("g(n);\n\tNEW_OBJECT(struct node, first);\n\tfirst->a = n;", []),
        ("g(n);\n\tNEW_OBJECT(size, first);\n\tfirst->a = n;", ["undefined-variable first", "undefined-variable size"]),
        ("const struct attr *tb[4];\n\tDECLARE_ATTR_TB_INFO(tb);\n\tg(&tb_info, tb);", []),
        ("const struct attr *tb[4];\n\tDECLARE_ATTR_TB_INFO(tb);\n\tg(&tb_list, tb);", ["undefined-variable tb_list"]),
        ("DEF_NUMBER(big);\n\tg(&big);\n\tn = big.a;", []),
        ("WALK_TREE(&p->root, entry, found)\n\t{\n\t\tfree_it(found->a);\n\t}", []),
        ("WALK_TREE(&p->root, entry, found)\n\t{\n\t\tfree_it(lost->a);\n\t}", ["undefined-variable lost"]),
        ("LIST_FOREACH_SAFE(p, &p->list, entry, next)\n\t{\n\t\tg(next, n);\n\t}", ["undefined-variable next"]),
        ('TIME_IT(n, "sum",\n\t\tconst unsigned char *at = p->buf;\n\t\trun(&at, at + n));', []),
        ("CHECK(p->buf, at);\n\tn = at[0];", ["undefined-variable at"]),
    ],
)
def test_macros_declare_what_looks_declared_among_their_arguments(statements: str, expected: list[str]) -> None:
    assert [f for f in found_within(statements) if not f.startswith("syntax-error")] == expected


def found_within(statements: str) -> list[str]:
    return found(f"int f(int n, struct node *p)\n{{\n\t{statements}\n\treturn n + p->a;\n}}\n")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("cell_t * RESTRICT_PTR one, * RESTRICT_PTR two;\n\tone = two = p->c;\n\tn = *one + *two;", []),
        ("cell_t * RESTRICT_PTR one;\n\tone = p->c;\n\tn = *one + *two;", ["undefined-variable two"]),
        ("wide_uint128\n\tsum =\n\t\tadd(n, n);\n\tn = sum.low;", []),
        ("LOCK_ALL\n\tsum =\n\t\tadd(n, n);\n\tn = sum.low;", ["undefined-variable sum"]),
        ("FAR_ATTRIBUTE const WIDE* at = p->w;\n\tn = at[0];", []),
        ("FLOAT(*row)[4];\n\trow = p->rows;\n\tn = row[0][1];", []),
        ("unsigned state, kind MAYBE;\n\tstate = p->s;\n\tkind = p->k;\n\tn = state + kind;", []),
        ("unsigned state;\n\tparserARG_FETCH\n\t(void)n;\n\tstate = p->s;\n\tn = state;", []),
        ("put(p,\n\t\tFIRST_TEXT\n\t\tSECOND_TEXT\n\t\tTHIRD_TEXT\n\t\tLAST_TEXT,\n\t\tn);", []),
        (
            "const char *text, *more;\n\ttext = p->t;\n\tmore = p->m;\n"
            "\tif (more) {\n\t\tlong c = n;\n\t\tdrop(make(AS_BYTES text, c));\n\t}",
            [],
        ),
        ("const char *text;\n\ttext = p->t;", ["set-but-unused text"]),
    ],
)
def test_capitals_beside_declarations_and_values_hide_no_name(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


def test_a_label_that_only_a_macro_is_given_is_used_though_it_looks_like_a_type() -> None:
    assert_findings_within("copy_it(p->to, &p->from, Efault);\n\treturn n;\nEfault:\n\tn = 1;")
    assert_findings_within("copy_it(p->to, &p->from, 1);\n\treturn n;\nEfault:\n\tn = 1;", "unused-label Efault")


COMMAND = (
    'DEFUN (drop_chain,\n       drop_chain_cmd,\n       "drop chain WORD$chain",\n       DROP_STR\n       "Name\\n")\n'
)


def test_the_header_of_a_command_declares_what_it_names_and_what_others_have_for_parameters() -> None:
    other = "static void show(struct vty *vty)\n{\n\tprint_it(vty, 1);\n}\n"
    body = "{\n\tint n = find(vty, chain);\n\treturn n + 1;\n}\n"
    assert_findings(f"{other}{COMMAND}{body}")
    assert_findings(f"{other}{COMMAND}{body.replace('chain', 'link')}", "undefined-variable link")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int f(char *name MY_ATTR((unused)), char *arg)\n{\n\treturn g(arg, &arg);\n}\n", []),
        ("void f(char *key, schedule KEY_ARG(ks))\n{\n\tset_it(&key, ks);\n\tks->n = 1;\n}\n", []),
        (
            "void f(char *key, schedule KEY_ARG(ks))\n{\n\tset_it(&key, kt);\n\tkt->n = 1;\n}\n",
            ["undefined-variable kt"],
        ),
        ("free_at_exit (static char *pool);\nint f(int n)\n{\n\treturn pool[n];\n}\n", []),
        ("free_at_exit (pool);\nint f(int n)\n{\n\treturn spool[n];\n}\n", ["undefined-variable spool"]),
        ("API_SCOPE const Stubs apiStubs;\nint f(int n)\n{\n\treturn n + apiStubs.a;\n}\n", []),
        (
            "static item const options[] = {\n  ITEM(Kind_,Hann)\n  ITEM(Kind_,Dolph)\n  {0, 0}};\n\n"
            "static char *font;\nint f(int n)\n{\n\treturn font[n] + options[n].a;\n}\n",
            [],
        ),
        ("define_once(static, fresh_once)\nint f(int n)\n{\n\treturn n + fresh_once.a;\n}\n", []),
        ("static __read_mostly u64 __gtod;\nvoid f(int n)\n{\n\t__gtod = n;\n}\n", []),
        (
            "static u64 most __read_rarely;\nvoid f(int n)\n{\n\tmost = n;\n\t__gtod = n;\n}\n",
            ["undefined-variable __gtod"],
        ),
        ("RES_FUNC(no_args, GET, 1);\nint f(int n)\n{\n\treturn n + _no_args;\n}\n", []),
        (
            "#define FAIL(e) return (int)(ERROR_ ## e)\n#define FAIL_IF(c, e) if (c) FAIL(e)\n"
            "int f(int n)\n{\n\tFAIL_IF(n < 0, belowZero);\n\treturn n;\n}\n",
            [],
        ),
        (
            "#define PAIR\\\n    int a0 = g();\\\n    int b0 = a0;\n"
            "int f(int n)\n{\n    PAIR\n    n += b0;\n    return n + c0;\n}\n",
            ["undefined-variable c0"],
        ),
        (
            "#define WALK(p, n) for (; p; p = p->next) { n++;\n#define WALK_END }\n"
            "int f(struct s *p)\n{\n\tint n = 0;\n\n\tWALK(p, n)\n\t{\n\t\tif (n)\n\t\t\tgoto bad;\n\t}\n"
            "\tWALK_END;\n\treturn n;\nbad:\n\treturn 1;\n}\n",
            [],
        ),
        (
            "int f(int n)\n{\n\tint m = n;\n\tif (n)\n\t\tgoto out;\n\treturn m;\n\n"
            "out:\nif (m == 2) {\n\tm = 3;\n}\n\treturn m;\n}\n",
            [],
        ),
    ],
)
def test_what_stands_around_functions_hides_no_name(text: str, expected: list[str]) -> None:
    assert [f for f in found(text) if not f.startswith("syntax-error")] == expected


def test_an_include_within_a_function_may_use_and_declare_anything() -> None:
    body = "\tint sample = n;\n%s\tn = table[n];\n\tif (n)\n\t\treturn 2;\nafter:\n\treturn n;\n"
    assert_findings("int f(int n)\n{\n" + body % '#include "ops.h"\n' + "}\n")
    expected = ["undefined-variable table", "unused-label after", "unused-variable sample"]
    assert_findings("int f(int n)\n{\n" + body % "" + "}\n", *expected)


def test_parameters_of_a_setting_may_have_short_names() -> None:
    text = "USB_NET_PARAMETERS();\nint f(struct net *net)\n{\n\tset_factor(net, qmult);\n\treturn %s;\n}\n"
    assert_findings(text % "0")
    assert_findings(text % "qm", "undefined-return qm")


LIST = "#define OPTION(o, v) bool v = o;\n#define COUNT(kind) ++count_##kind;\n"


def test_a_list_in_a_header_may_use_and_declare_what_the_macros_for_it_make() -> None:
    body = "\tint count_it = n;\n\tOPTIONS\n\tn = quiet;\n\treturn n;\n"
    assert_findings(f"int f(int n)\n{{\n{LIST}{body}}}\n")
    assert_findings(f"int f(int n)\n{{\n{body}}}\n", "undefined-variable quiet", "unused-variable count_it")


def test_a_macro_of_the_text_uses_its_words_wherever_it_stands() -> None:
    macro = "#define SUM_UP total += word_sum;\\\n\tcount++;\n"
    body = "\tint word_sum = n;\n\tfor (;;) {\n\t\tif (n)\n\t\t\tbreak;\n\t\t%s\n\t\tn += 1;\n\t}\n\treturn n;\n"
    text = f"{macro}int f(int n, int total, int count)\n{{\n{body}}}\n"
    assert "unused-variable word_sum" not in found(text % "SUM_UP")
    assert "unused-variable word_sum" in found(text % "SUM_DOWN")


def test_a_macro_within_a_macro_declares_what_the_outer_one_is_given() -> None:
    macros = "#define EACH(b) { const row *_r; b; }\n#define FIND(what) EACH( if (_r->a) { what; } )\n"
    text = f"{macros}int f(int n)\n{{\n\tFIND(n, return _r->b);\n\tFIND(return %s->b);\n\treturn n;\n}}\n"
    assert "undefined-variable _r" not in found(text % "_r")
    assert "undefined-variable _q" in found(text % "_q")


def test_rows_that_macros_make_in_a_table_swallow_no_names_behind_it() -> None:
    table = 'static struct row rows[] =\n  {\n    ROW ( "a", 0 )\n    { "b", 1 },\n    { "c", 2 },\n  };\n'
    text = f"{table}static char map[96];\n\nint f(int n)\n{{\n\treturn map[n] + rows[n].a + %s;\n}}\n"
    assert [rule for rule in found(text % "1") if rule != "syntax-error"] == []
    assert "undefined-variable mop" in found(text % "mop")


def test_a_command_names_its_parameters_as_a_user_writes_them() -> None:
    text = 'DEFPY (set_it,\n       set_it_cmd,\n       "set [backup-index WORD]",\n       "Text\\n")\n'
    body = "{\n\tint n = find(backup_index_str, argv[1]);\n\treturn n + %s;\n}\n"
    assert_findings(text + body % "backup_index")
    assert_findings(text + body % "backup_length", "undefined-variable backup_length")


def test_a_null_that_is_cast_before_a_colon_is_no_label() -> None:
    assert "unused-label NULL" not in found(
        "long f(int *p)\n{\n\treturn IS_ERR(p) ?\n\t\t(unsigned long)NULL : (long)p->a;\n}\n"
    )


def test_an_include_above_a_damaged_function_hides_nothing_in_it() -> None:
    text = "#include <stdio.h>\n#define LIST(x) int x;\n\nint f(int n\n{\n\treturn n + low;\n}\n"
    assert_findings(text, "unbalanced-bracket (", "undefined-variable low")
    assert_findings(text.replace("\treturn", '#include "parts.h"\n\treturn'), "unbalanced-bracket (")


def test_what_stands_behind_a_table_that_was_not_read_is_no_declaration() -> None:
    table = "static struct row rows[] = {\n\tROW(1) { 2, 3\n\tROW(4) { 5, 6 }\n};\n\n"
    text = f"{table}int f(int n)\n{{\n\treturn n;\n}}\n\tbit = 3;\nMODULE_DEVICE_TABLE(spi, rows);\n"
    use = "int g(int n)\n{\n\treturn n + bit + spi;\n}\n"
    assert {"undefined-variable bit", "undefined-variable spi"} <= set(found(text + use))
