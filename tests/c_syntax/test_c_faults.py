"""What is a syntax error and what only a grammar without a preprocessor takes for one."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, assert_findings_within, found, judge


@pytest.mark.parametrize(
    "statements",
    [
        "FOR_EACH_WARD(n,\n\t\tfor (n = 0; n < 3; n++) {\n\t\t\tg(n);\n\t\t}\n\t);",
        "Protect(\n\t\tif (!call(p))\n\t\t\tn = 1;\n\t)",
        "if (n)\n\t\tp = NULL;\n\telse walk(n, len, ({\n\t\tnext(len);\n\t})\n\t)",
        "switch (n) {\n\tdefault: {\n\t\tProtect(\n\t\t\tif (!call(p))\n\t\t\t\tg(n);\n\t\t)\n\t}\n\t}",
        "LOCAL_ALIGNED(int16_t, block, [64]);\n\tg(block);",
        "n = make(n, ROUTINE(.read = NULL,\n\t\t.write = NULL), p);",
        "add(modes(n), supported, 10000baseT_Full);",
        "n = get(p, IF_STATUS(n,) n);",
        "n = (typeof(p->n))(unsigned long)p;",
        "IF_DEBUG\n\t{\n\t\tg(n);\n\t}",
        "if (n > 1 && p)\n\t\tD_COUNT = n;",
        "uint32 most ONLY_IN_ASSERTIONS = f(n, p);\n\tAssert(most > 0);\n\tn = most;",
    ],
)
def test_what_a_macro_may_make_of_its_arguments_is_no_syntax_error(statements: str) -> None:
    rules = {
        finding.split()[0] for finding in found(f"int f(int n, struct node *p)\n{{\n\t{statements}\n\treturn n;\n}}\n")
    }
    assert not rules & {"syntax-error", "unused-variable"}


def test_a_number_with_letters_is_a_syntax_error_where_no_macro_can_make_a_name_of_it() -> None:
    assert_findings_within("n = 10000baseT_Full;", "syntax-error")


@pytest.mark.parametrize(
    "declaration",
    [
        "file_t* FAST open_it(int n)",
        "static file_t *INTERNAL\nopen_it(int n)",
        "struct ward* FAST open_it(int n)",
        "Ward FAR * EXPORT open_it(int n)",
    ],
)
def test_capitals_between_a_pointer_and_a_function_s_name_decorate_it(declaration: str) -> None:
    assert_findings(f"{declaration}\n{{\n\treturn get(n);\n}}\n")


def test_a_macro_that_hides_a_prototype_ends_in_of() -> None:
    assert_findings("void *take _Z_OF((void *, unsigned));\n\nint f(void)\n{\n\treturn 1;\n}\n")


@pytest.mark.parametrize("name", ["new0 (struct ward)", "new0(struct ward)"])
def test_a_type_alone_is_an_argument_of_a_macro_with_and_without_a_blank_before_it(name: str) -> None:
    assert_findings(f"struct ward *f(void)\n{{\n\tstruct ward *w = {name};\n\n\treturn w;\n}}\n")


@pytest.mark.parametrize(
    "statement", ["memset(p, 0, sizeof(struct node))", "n = show((const uchar *)p, n) == TRUE", "n = a[n >= 2] != 0"]
)
def test_a_semicolon_is_missing_behind_what_no_macro_is_and_behind_a_comparison(statement: str) -> None:
    text = f"int f(int n, struct node *p, int *a)\n{{\n\t{statement}\n\tn = n + 1;\n\treturn n + p->n + *a;\n}}\n"
    assert [(finding.rule, finding.line) for finding in judge(text).findings] == [("syntax-error", 3)]


def test_a_last_call_without_its_semicolon_still_uses_its_arguments() -> None:
    text = "void f(struct node *p)\n{\n\tlet_go(p);\n\tlet_go(q)\n}\n"
    assert_findings(text, "syntax-error", "undefined-variable q")


def test_an_index_that_lost_its_bracket_is_one_of_a_variable() -> None:
    text = "int f(struct node *all)\n{\n\treturn get(&new_all[0);\n}\n"
    assert_findings(text, "unbalanced-bracket [", "undefined-variable new_all")
    text = "int f(struct node *all)\n{\n\treturn get[all);\n}\n"
    assert_findings(text, "unbalanced-bracket )", "undefined-variable get")


def test_a_jump_in_a_branch_that_is_not_read_does_not_make_the_label() -> None:
    text = "int f(int n)\n{\n\tif (n)\n\t\tgoto out;\n#ifdef A\n\tn = 2;\n#else\n\tgoto out;\n#endif\n\treturn n;\n}\n"
    assert "undefined-label out" in found(text)
    assert "undefined-label out" not in found(text.replace("\tgoto out;\n#endif", "out:\n#endif"))


def test_a_macro_that_calls_one_with_its_own_end_needs_no_semicolon() -> None:
    macros = (
        "#define walk(n, step) walk_on(n, step, 1)\n#define walk_on(n, step, by) do { step; n += by; } while (0);\n"
    )
    function = "int f(int n)\n{\n\twalk(n,\n\t\tg(n)\n\t)\n\n\treturn n;\n}\n"
    assert_findings(macros + function)
    assert_findings(function.replace("walk(n,", "walk_to(n,"), "syntax-error")


def test_the_last_enumerator_lacks_nothing() -> None:
    assert_findings("enum {\n\tFIRST = 0\n};\n\nint f(void)\n{\n\treturn FIRST;\n}\n")
