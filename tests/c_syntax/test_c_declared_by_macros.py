"""Declarations and blocks that macros of headers have a part in, each beside what would be wrong with it."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings


@pytest.mark.parametrize("hint", ["SAYS(nonnull)", "SAYS(nonnull(1, 2))", "says(hot) says(pure)"])
def test_a_macro_with_arguments_stands_between_type_and_name_in_one_line(hint: str) -> None:
    text = (
        f"code_t {hint} work(void *given, MAYBE row_t *row)\n{{\n\trow_t *own = given;\n\n\treturn own->n + %s;\n}}\n"
    )
    assert_findings(text % "row->n")
    assert_findings("#include <a.h>\n\nstatic " + text % "row->n")
    assert_findings(text % "orw", "undefined-variable orw")


@pytest.mark.parametrize(
    "before",
    [
        "g_autofree char *",
        "g_autoptr(row) ",
        "_cleanup_free_ char *",
        "HELD_GUARD ",
        "auto_close fd_t *",
        "auto_ptr(row) ",
    ],
)
def test_what_ends_with_its_scope_may_stay_unused(before: str) -> None:
    text = "int f(row *rows)\n{\n    %sheld = take(rows);\n\n    return rows->n;\n}\n"
    assert_findings(text % before)
    assert_findings(text % "DWORD ", "unused-variable held")
    assert_findings(text % "autonomous_t ", "unused-variable held")


def test_a_macro_without_a_semicolon_stands_before_a_decorated_declaration() -> None:
    text = (
        "int f(rows *in, int n)\n{\n    KEEP_ROW(in)\n    g_autofree char *name = NULL;\n\n"
        "    if (n > 2)\n        use(in);\n    if ((name = copy(in)))\n        use(%s);\n    return n;\n}\n"
    )
    assert_findings(text % "name")
    assert_findings(text % "nmae", "undefined-variable nmae")
    loop = "int f(rows *in, int n)\n{\n    %s\n    return n;\n}\n"
    body = "for (int i = 0; i < n; i++) {\n        KEEP_ROW(in)\n        g_autofree row_t **all = NULL;\n\n"
    body += "        get(in, i, &all);\n    }"
    assert_findings(loop % body)


@pytest.mark.parametrize(
    "declaration",
    [
        "row_t *const no_alias row = rows;",
        "row_t not_unused *const row = rows;",
        "row_t *no_alias row = rows;",
        "const row_t ALIGNED(16) *row = rows;",
        "row_t ALIGNED(16) row[2] = { 0 };",
        "row_t first, row not_unused;",
    ],
)
def test_words_of_a_project_qualify_locals(declaration: str) -> None:
    text = "int f(row_t *rows)\n{\n\t%s\n\n\tuse(%s, rows);\n\treturn 0;\n}\n"
    extra = ", first" if "first" in declaration else ""
    assert_findings(text % (declaration, "&row" + extra))
    assert_findings(text % (declaration, "&row, lost" + extra), "undefined-variable lost")


def test_the_last_of_several_names_may_stay_unused() -> None:
    text = "int f(int n)\n{\n\trow_t first, last%s;\n\n\tuse(&first, n);\n\treturn n;\n}\n"
    assert_findings(text % " may_unused")
    assert_findings(text % "", "unused-variable last")
    assert_findings(text.replace("first, last%s", "is_unused").replace("&first, ", ""), "unused-variable is_unused")


def test_a_macro_among_declarators_is_given_a_name() -> None:
    text = "int f(int *p)\n{\n\tvector unsigned char a, no_warning(b), no_warning(c), d;\n\n"
    text += "\ta = d = p[0];\n\tb = p[1];\n\tc = p[2];\n\treturn a + b + c + d%s;\n}\n"
    assert_findings(text % "")
    assert_findings(text % " + e", "undefined-variable e")


@pytest.mark.parametrize(
    "declaration",
    [
        "__typeof (find) *found = look_up(rows);",
        "__typeof__ (find) *found\n    = look_up(rows);",
        "struct ROW(of) **found = look_up(rows);",
        "const ROW(Of) *found;\n  found = look_up(rows);",
        "extern __typeof (rows->all) found attribute_hidden;",
        "extern __typeof (rows->all) found\n    attribute_hidden;",
    ],
)
def test_types_of_macros_and_expressions_declare_pointers(declaration: str) -> None:
    text = "#include <a.h>\n\nint f(table *rows)\n{\n  %s\n\n  use(found);\n  return rows->n + %s;\n}\n"
    assert_findings(text % (declaration, "1"))
    assert_findings(text % (declaration, "fuond"), "undefined-variable fuond")


def test_a_static_variable_may_have_the_type_that_a_macro_makes() -> None:
    text = "#include <a.h>\n\nstatic own_atomic(char *) last_name;\n\nint f(int n)\n{\n    return swap(&%s, n);\n}\n"
    assert_findings(text % "last_name")
    assert_findings(text % "lost_name", "undefined-variable lost_name")


def test_functions_within_damaged_functions_have_parameters() -> None:
    text = (
        "int f(int n, row *rows)\n{\n  rows->n = n n;\n  code_t inner(int which, row *given)\n    {\n"
        "      if (*given != 1 && which < n)\n        return 0;\n      return %s;\n    }\n  return inner(n, rows);\n}\n"
    )
    assert_findings(text % "1", "syntax-error")
    assert_findings(text % "1 + lost", "syntax-error", "undefined-variable lost")


def test_a_macro_makes_the_name_in_parentheses_of_a_function() -> None:
    text = "#include <a.h>\n\nTYPE\n(NAMED(sum)) (TYPE x, int *n)\n{\n  return x + *n%s;\n}\n"
    assert_findings(text % "")
    assert_findings(text % " + m", "undefined-variable m")


def test_a_macro_of_the_text_opens_a_block() -> None:
    text = (
        "#define ROWS(depth) \\\n\tfor (y = 0; y < n * depth; y++) { \\\n\t\tint row = start + y;\n\n"
        "int f(int n, int start)\n{\n\tint y;\n\n\tROWS(2)\n\t\tuse(%s);\n\t%s\n\treturn n;\n}\n"
    )
    assert_findings(text % ("row", "}"))
    assert_findings(text % ("rwo", "}"), "undefined-variable rwo")
    twice = "#define LOOK(n) { int x = n; if (x) { best = x;\n\nint f(void)\n{\n\tint best = 0;\n\n"
    twice += "\tLOOK(-1) LOOK(-2) }} }}\n\treturn best;\n}\n"
    assert_findings(twice)


def test_code_of_another_language_needs_no_partners_in_a_line() -> None:
    table = "static const char kernel[] = {\n    C(0, void main(ivec2 at)  )\n    C(0, {     )\n"
    table += "    C(1,     if (at.x < 2 &&\n                 at.y < 2) {   )\n    C(1,     } )\n"
    table += "    C(0, }     )\n};\n\n"
    text = "int f(shader *s, int n)\n{\n    CODE(0, {                     );\n    CODE(1, ivec2 size;           );\n"
    text += "    for (int i = 0; i < n; i++) {\n        CODEF(1, if (in(size)) { put(all[%d]);     ,i);\n"
    text += "        CODE(1, }                 );\n    }\n    CODE(0, }                     );\n    return s->n%s;\n}\n"
    assert_findings(table + text.replace("%s", ""))
    assert_findings(table + text.replace("%s", " + lost"), "undefined-variable lost")
    assert_findings(table + text.replace("%s;\n}", ";\n"), "unbalanced-bracket {")


def test_macros_alone_on_their_lines_may_begin_with_the_name_of_a_library() -> None:
    text = "int f(row *r)\n{\n\tLb_BEGIN_LOCKED\n\tr->n = run(r);\n\tLb_END_LOCKED\n\treturn r->n%s;\n}\n"
    assert_findings(text % "")
    assert_findings(text % " + m", "undefined-variable m")


def test_a_pointer_to_a_function_may_be_declared_in_a_branch_that_is_not_read() -> None:
    text = "#ifndef OWN\nstatic void (API_CALL *set_it)(int);\n#else\n#define set_it other\n#endif\n\n"
    text += "int f(int n)\n{\n\tif (set_it != NULL)\n\t\t(*set_it)(n);\n\treturn n%s;\n}\n"
    assert_findings(text % "")
    assert_findings(text % " + m", "undefined-variable m")


def test_a_macro_may_paste_the_name_of_the_one_that_it_calls() -> None:
    text = "#define DRAW_ROWS(type, code) for (int i = first; i < last; i++) { const type *at = all[i]; code; }\n"
    text += "#define DRAW(what, type, value) do { DRAW_##what(type, draw(s, value)); } while (0)\n\n"
    text += "int f(state *s, char **all, int first, int last)\n{\n\tDRAW(ROWS, double, *%s * 2);\n\treturn 1;\n}\n"
    assert_findings(text % "at")
    assert_findings(text.replace("*at = all", "*it = all") % "at", "undefined-variable at")


def test_of_several_definitions_of_a_macro_the_one_with_as_many_parameters_pastes() -> None:
    text = "int f(int *from, int n)\n{\n\tint row0, row1;\n#define LOAD(i) row##i = load(from, i)\n\n"
    text += "\tLOAD(0);\n\tLOAD(1);\n#undef LOAD\n\treturn n;\n}\n\n#define LOAD(i, k) line##i = k\n"
    assert_findings(text)
    assert_findings(text.replace("\tLOAD(1);\n", ""), "unused-variable row1")


def test_vectors_of_processors_are_types() -> None:
    text = "int f(int *p)\n{\n\tconst vector signed int zero = splat(0);\n\tregister vector unsigned char a, b;\n\n"
    text += "\ta = (vector unsigned char) load(p, zero);\n\tb = a;\n\treturn sum(a, (const vector short) b, %s);\n}\n"
    assert_findings(text % "1")
    assert_findings(text % "c", "undefined-variable c")


@pytest.mark.parametrize("value", [" =\n\t\t{ n, 2 };", ";", "[2];"])
def test_a_macro_declares_an_array_and_its_size_stands_behind(value: str) -> None:
    text = "int f(int n)\n{\n\tDECLARE_ALIGNED(16, short, sums)[8]%s\n\n\treturn n + look(%s);\n}\n"
    assert_findings(text % (value, "sums"))
    assert_findings(text % (value, "sums, smus"), "undefined-variable smus")
