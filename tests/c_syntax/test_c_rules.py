"""One rule of C at a time, as gcc has it: a text with and without the mistake, and all the findings that it has."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, found


@pytest.mark.parametrize("attribute", ["maybe_unused", "gnu::unused", "gnu::aligned(4), maybe_unused"])
def test_attributes_of_c23_are_no_variables_and_may_excuse_one(attribute: str) -> None:
    text = f"[[nodiscard]] int h(void);\nint f(int n)\n{{\n\t[[{attribute}]] int x;\n\n\treturn n;\n}}\n"
    assert_findings(text)
    assert_findings(text.replace(attribute, "gnu::aligned(4)"), "unused-variable x")
    text = "int f(int n)\n{\n\tswitch (n) {\n\tcase 1:\n\t\tn++;\n\t\t[[fallthrough]];\n"
    assert_findings(text + "\tdefault:\n\t\treturn m;\n\t}\n}\n", "undefined-return m")


def test_an_index_in_an_index_is_no_attribute() -> None:
    assert_findings("int f(int *p)\n{\n\treturn p[ p[m]];\n}\n", "undefined-variable m")


def test_a_label_may_end_a_block() -> None:
    text = "void f(int n)\n{\n\tif (n)\n\t\tgoto out;\n\tg(n);\nout:\n}\n"
    assert_findings(text)
    assert_findings(text.replace("out:", "our:"), "undefined-label out", "unused-label our")


def test_a_label_is_no_variable() -> None:
    text = "int f(int n)\n{\n\tif (n)\n\t\tgoto out;\n\tg(1);\nout:\n\treturn out;\n}\n"
    assert_findings(text, "undefined-return out")


def test_a_word_that_a_macro_makes_cases_of_is_no_label() -> None:
    text = "int f(int n)\n{\n\tswitch (n) {\n\tCASES:\n\t\treturn 1;\n\t}\n\treturn 0;\n}\n"
    assert_findings("#define CASES case 1: case 2\n" + text)
    assert_findings("#define CASES(n) case n\n" + text, "unused-label CASES")


def test_a_nested_function_may_jump_to_a_label_of_the_one_around_it() -> None:
    text = "int f(int n)\n{\n\t__label__ fail;\n\tvoid check(int k)\n\t{\n\t\tif (k)\n\t\t\tgoto fail;\n\t}\n"
    text += "\tcheck(n);\n\treturn 0;\nfail:\n\treturn 1;\n}\n"
    assert_findings(text)
    assert_findings(text.replace("goto fail", "goto fall"), "undefined-label fall", "unused-label fail")


@pytest.mark.parametrize(
    ("declaration", "use", "expected"),
    [
        ("struct s v;", "v.m = n;", "set-but-unused v"),
        ("struct s v;", "v.in.m = n, n++;", "set-but-unused v"),
        ("struct s v;", "for (v.m = 0; n; n--)\n\t\tg(n);", "set-but-unused v"),
        ("struct s v[3];", "v[n].m = n;", "set-but-unused v"),
        ("int v[3];", "v[n] = n;", "set-but-unused v"),
        ("int v[3][2];", "v[1][n] = n;", "set-but-unused v"),
        ("int *v[3];", "v[1] = &n;", "set-but-unused v"),
        ("int *v[3];", "v[1][n] = n;", ""),  # what a pointer leads to is no part of it
        ("int *v = &n;", "v[0] = n;", ""),
        ("struct s *v = p;", "v->m = n;", ""),
        ("table v;", "v[0] = n;", ""),  # it may be a pointer
        ("struct s v;", "v.list[2] = n;", ""),
        ("struct s v;", "v.m += n;", ""),
        ("struct s v;", "v.m++;", ""),
        ("int v[3];", "n = v[0] = 2;", ""),
        ("struct s v;", "v.m = n;\n\tg(&v);", ""),
        ("int v[3], k;", "k = 1;\n\tv[k] = n;", "set-but-unused v"),
    ],
)
def test_what_only_parts_are_set_of_is_not_read(declaration: str, use: str, expected: str) -> None:
    text = f"int f(int n, struct s *p)\n{{\n\t{declaration}\n\n\t{use}\n\treturn n + p->a;\n}}\n"
    assert_findings(text, *filter(None, [expected]))


def test_what_is_declared_elsewhere_is_unused_all_the_same_but_may_be_set() -> None:
    text = "int f(int n)\n{\n\textern int total;\n\textern int count(void), table[];\n\n\treturn n;\n}\n"
    assert_findings(text, "unused-variable table", "unused-variable total")
    assert_findings(text.replace("return n", "total = table[n];\n\treturn n"))
    assert_findings("int f(void)\n{\n\textern int total;\n\textern int total;\n\n\treturn total;\n}\n")


def test_an_enumerator_and_a_variable_share_a_name_space() -> None:
    text = "int f(int n)\n{\n\tenum { one = 1 };\n\tint two = 2;\n\n\treturn n + one + two;\n}\n"
    assert_findings(text)
    assert "redeclared one" in found(text.replace("two", "one"))


def test_old_parameters_may_stand_in_the_line_of_the_header() -> None:
    text = (
        "static int f(p, n) struct s *p; register int n; { return p->x + n; }\nint h(struct s *p) { return f(p, 2); }\n"
    )
    assert_findings(text)
    assert_findings(text.replace("p->x", "q->x"), "undefined-variable q")


def test_digraphs_are_brackets() -> None:
    text = "int f(int n)\n<%\n\tint a<:2:> = <% 1, 2 %>;\n\n\treturn a<:n:>;\n%>\n"
    assert_findings(text)
    assert_findings(text.replace("<:n", "<:m"), "undefined-variable m")
    assert "unbalanced-bracket [" in found(text.replace("n:>", "n"))
    assert_findings('int f(void)\n{\n\treturn g("<: %>");\n}\n')


def test_a_switch_needs_no_braces() -> None:
    assert_findings("void f(int n)\n{\n\tswitch (n)\n\tcase 1:\n\t\tg(m);\n}\n", "undefined-variable m")


def test_pragmas_may_stand_in_a_line() -> None:
    text = 'void f(int n)\n{\n\t_Pragma("GCC unroll 4") for (int i = 0; i < n; i++)\n\t\tg(i);\n}\n'
    assert_findings(text)
    assert_findings(text.replace("g(i)", "g(k)"), "undefined-variable k")


@pytest.mark.parametrize("kind", ["typeof(n + 1)", "typeof(*p)", "__typeof__(p[0])", "typeof(int *)"])
def test_the_type_of_any_expression_is_one(kind: str) -> None:
    assert_findings(f"int f(int n, int *p) {{ {kind} q = 0; {kind} r = 0; return q == 0; }}\n", "unused-variable r")


def test_whose_type_is_asked_for_is_a_variable_unless_it_looks_like_a_type() -> None:
    text = "int f(int n)\n{\n\ttypeof(k) x = n;\n\n\treturn x + __alignof__(m);\n}\n"
    assert_findings(text, "undefined-variable k", "undefined-variable m")
    assert_findings(text.replace("(k)", "(u32)").replace("(m)", "(size_t)"))
    assert_findings(text.replace("(k)", "(list_node)").replace("(m)", "(n)"))


def test_a_function_that_gives_a_pointer_to_one_without_result_has_a_result() -> None:
    text = "void (*pick(int n))(int)\n{\n\treturn n ? 0 : 0;\n}\n"
    assert_findings(text)
    assert_findings(text.replace("return n ? 0 : 0", "return"), "missing-return-value")


def test_a_function_without_result_may_return_the_call_of_one() -> None:
    text = "void f(int n)\n{\n\treturn g(n);\n}\n"
    assert_findings(text)
    assert_findings("void g(int n);\n" + text)
    assert_findings("int g(int n);\n" + text, "void-returns-value")
    assert_findings("char *g(int n)\n{\n\treturn 0;\n}\n" + text, "void-returns-value")


def test_what_stands_in_file_scope_is_multiplied() -> None:
    assert_findings("int a, b;\nvoid f(void)\n{\n\ta * b;\n}\n")
    assert_findings("typedef int a;\nvoid f(void)\n{\n\ta * b;\n}\n", "unused-variable b")


def test_quotes_in_code_that_nobody_reads_need_no_partner() -> None:
    text = "int f(int n)\n{\n#if 0\n\tdon't read (\"this\n#endif\n\treturn m;\n}\n"
    assert_findings(text, "undefined-return m")
    assert {"unterminated-char", "undefined-variable don"} <= set(found(text.replace("#if 0", "#if N")))


@pytest.mark.parametrize("line", ['#define TEXT "abc', '#define TEXT(x) f("a", x, "b)', '#include "this.h'])
def test_the_quotes_of_a_directive_need_their_partners(line: str) -> None:
    text = "\nint f(int n)\n{\n\treturn n;\n}\n"
    assert_findings(line + text, "unterminated-string")
    assert_findings('#define TEXT "a\\"b" \'"\' /* " */ // "\n#error don"t\n' + text)


def test_a_prototype_that_another_declaration_follows_lacks_its_semicolon() -> None:
    text = "int h(int n);\nint k(void);\nint f(int n)\n{\n\treturn h(n) + k();\n}\n"
    assert_findings(text)
    assert_findings(text.replace("n);\nint k", "n)\nint k"), "syntax-error")
    assert_findings(text.replace("void);", "void)"), "syntax-error")
    assert_findings("int f(n)\nint n;\n{\n\treturn n;\n}\n")


def test_a_comma_is_missing_between_parameters() -> None:
    assert "syntax-error" in found("int f(int n int m)\n{\n\treturn n + m;\n}\n")
