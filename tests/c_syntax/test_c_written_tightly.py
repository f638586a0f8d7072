"""Declarations that old and portable C writes in its own way, each beside what would be wrong with it."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, found
from rnnlab_c_syntax import CSyntax

from rnnlab.evaluation import Source


def test_a_macro_in_small_letters_may_be_given_a_whole_declaration() -> None:
    text = (
        "int f(struct all *all)\n{\n\tif_threads(static mutex_t lock = LOCK_INIT);\n\tif_threads(unsigned long mask);\n"
        "\tif_threads(struct row *row = all->first);\n\n\tmask = row->n;\n\ttake(&lock);\n\treturn mask + %s;\n}\n"
    )
    assert "undefined" not in " ".join(found(text % "1"))
    assert "undefined-variable lost" in found(text % "lost")
    product = "int f(int n)\n{\n\tshow(n * lost);\n\treturn lost;\n}\n"
    assert_findings(product, "undefined-variable lost", "undefined-return lost")


@pytest.mark.parametrize("macro", ["__if_threads(static lock_t row_lock)", "__own_lock(row_lock)"])
def test_a_reserved_name_before_parentheses_in_file_scope_declares(macro: str) -> None:
    text = "#include <a.h>\n\n" + macro + ";\n\nvoid f(void)\n{\n\ttake(&row_%s);\n}\n"
    assert_findings(text % "lock")
    assert_findings(text % "lick", "undefined-variable row_lick")


def test_assembly_says_the_register_of_a_variable_of_the_file() -> None:
    text = '#include <a.h>\n\nregister double first __asm__ ("fr1");\n\ndouble f(void)\n{\n  return %s;\n}\n'
    assert_findings(text % "first")
    assert_findings(text % "furst", "undefined-return furst")


def test_what_hides_parameters_stands_behind_a_decorated_name() -> None:
    text = "API int CALL row_reset OLD_OF((row_t row, int level))\n{\n    return reset(row, level%s);\n}\n"
    assert_findings(text % "")
    assert_findings(text % ", lost", "undefined-variable lost")


def test_a_function_may_be_called_as_an_attribute_is() -> None:
    text = "static void\n__free(row_t *row)\n{\n  drop(row%s);\n}\n\nvoid f(table_t *t)\n{\n  t->free_it = __free;\n}\n"
    assert_findings(text % "")
    assert_findings(text % ", lost", "undefined-variable lost")
    assert_findings("int f(void)\n{\n\tchar *p __free(kfree) = get();\n\n\treturn 0;\n}\n")


def test_a_function_in_the_first_column_is_no_decoration_of_the_macro_above() -> None:
    text = "API(word_t)\n__own_gap(const void_p start, size_t size)\n{\n    return (word_t) start + size%s;\n}\n"
    assert_findings(text % "")
    assert_findings(text % " + lost", "undefined-variable lost")


@pytest.mark.parametrize("before", ["", "const ", "register ", "register const "])
def test_a_macro_stands_between_a_type_and_a_star(before: str) -> None:
    text = f"long f(const char *s)\n{{\n    {before}word_t FAR *at;\n\n"
    text += "    at = (const word_t FAR *)s;\n    return %s;\n}\n"
    assert_findings(text % "*at")
    assert_findings(text % "*at + *ta", "undefined-variable ta")


def test_a_type_may_stand_above_its_names() -> None:
    text = "int f(pair_t *p)\n{\n  word_t\n  width;     /* of one */\n  row_t\n  *first,    /* of all */\n  *last;\n\n"
    text += "  width = p->n;\n  first = last = p->rows;\n  return use(first, last, %s);\n}\n"
    assert_findings(text % "width")
    assert_findings(text % "width + wide", "undefined-variable wide")
    assert_findings("int f(int n)\n{\n  BEGIN_ALL\n  n = 1;\n  return n;\n}\n")
    alone = "void f(int n)\n{\n  go(n);\n  Own_END_ALL\n  Own_RETURN_NONE;\n}\n"
    assert "unused" not in " ".join(found(alone))
    beside = "int f(int *p)\n{\n  WORD * FAST at = p;\n  WORD_T\n  width;\n\n  width = *at;\n  return %s;\n}\n"
    assert_findings(beside % "width")
    assert_findings(beside % "width + wide", "undefined-variable wide")


@pytest.mark.parametrize("kind", ["code(CALLED *get_fn)(int n)", "row *(CALLED *get_fn) (int n)"])
def test_a_calling_convention_stands_where_no_blank_does(kind: str) -> None:
    text = f"int f(void)\n{{\n    typedef {kind};\n    get_fn get = load();\n\n    return get(%s);\n}}\n"
    assert_findings(text % "1")
    assert_findings(text % "n", "undefined-variable n")


def test_a_macro_of_the_text_declares_with_another() -> None:
    text = "#define SET(to, call)  to = call; if (failed(to)) leave(#call);\n"
    text += "#define NEW(to, call)  size_t const SET(to, call)\n"
    text += "int f(int n)\n{\n    int sum = 0;\n\n    { NEW(r, work(n));\n      sum += %s;\n    }\n    return sum;\n}\n"
    assert_findings(text % "r")
    assert_findings(text % "s", "undefined-variable s")


def test_a_unit_behind_a_number_is_a_macro() -> None:
    text = "int f(char *s)\n{\n    size_t const most = 128 KB;\n"
    text += "    next_e (* const pick)(row_t* row) =\n        first_of;\n\n"
    text += "    clear(s, 256 KB - 1);\n    return use(pick, most%s);\n}\n"
    assert_findings(text % "")
    assert_findings(text % ", lost", "undefined-variable lost")


def test_a_constant_pointer_to_a_function_is_declared_where_no_tree_is() -> None:
    text = "int f(char *s)\n{\n    next_e (* const pick)(row_t* row) =\n        0;\n"
    text += "    s = s s;\n\n    return use(pick%s);\n}\n"
    assert "undefined" not in " ".join(found(text % ""))
    assert "undefined-variable lost" in found(text % ", lost")


def test_a_macro_that_begins_a_block_declares_all_that_nothing_else_does() -> None:
    text = "char *f(row *r)\n{\n\tROW_BUFFER(rows, 4, 64, at);\n\n\tcopy(at, %s, sizeof(rows[0]));\n\treturn at;\n}\n"
    assert_findings(text % "r")
    assert_findings(text % "lost", "undefined-variable lost")


def test_a_frame_around_a_comment_is_no_cut_macro() -> None:
    text = '/*-------------------*\\\n  Row ($it$) "as\n  is" it\'s\n\\*-------------------*/\n'
    text += "int f(int n)\n{\n  return %s;\n}\n"
    for name, undefined in (("n", []), ("m", ["m"])):
        findings = CSyntax().evaluate(Source(text=text % name)).findings
        assert [finding.symbol for finding in findings] == undefined


def test_functions_of_glib_are_handed_on_to_others() -> None:
    text = "void f(own *o)\n{\n  o->table = g_hash_table_new(g_str_hash, g_str_equal);\n  push(o, %s);\n}\n"
    assert_findings(text % "g_free")
    assert_findings(text % "freed", "undefined-variable freed")
    bound = "void f(klass *k)\n{\n  gtk_widget_class_bind_template_child (k, OwnRow, label);\n  k->n = %s;\n}\n"
    assert_findings(bound % "1")
    assert_findings(bound % "label", "undefined-variable label")


@pytest.mark.parametrize(
    "prose",
    [
        "Call PUT() LEAST-3 more times",
        "Stop_here : system missing in rows.c",
        "?error Oops, own assumptions incorrect.",
    ],
)
def test_prose_in_a_branch_of_its_own_stops_compilers_that_come_there(prose: str) -> None:
    text = f"int f(rows *r)\n{{\n    put(r, r->n);\n#if LEAST != 3\n    {prose}\n#endif\n    return %s;\n}}\n"
    assert_findings(text % "r->n")
    assert_findings(text % "times", "undefined-return times")
    choice = text.replace("#endif", "#else\n    go(r);\n#endif")
    assert_findings(choice % "r->n")
    assert "syntax-error" in found(text.replace("#if LEAST != 3", "").replace("#endif", "") % "r->n")


def test_specifiers_in_a_branch_of_their_own_are_no_prose() -> None:
    text = "#ifdef OWN\nstatic inline unsigned long\n#else\nunsigned long\n#endif\nf(int n)\n{\n    return %s;\n}\n"
    assert_findings(text % "n")
    assert_findings(text % "m", "undefined-return m")


def test_what_follows_an_else_of_a_macro_is_a_statement() -> None:
    text = "#define CHECK if (ret < 0) goto end\nint f(int *all, int n)\n{\n\tint ret = 0;\n\n"
    text += "\tif (n) {\n\t\tret = g(n);\n\t\tCHECK;\n\t\telse\n\t\t\t%s[n] = ret;\n"
    text += "\t\tret = 0;\n\t}\nend:\n\treturn ret;\n}\n"
    assert_findings(text % "all")
    assert_findings(text % "lost", "undefined-variable lost")


def test_a_word_of_a_compiler_stands_before_the_type_of_a_cast() -> None:
    text = "void f(short *s)\n{\n    vector float a, b;\n\n    a = ((vector float) splat(-1));\n"
    text += "    b = (vector signed int)a;\n    use(s, b, %s);\n}\n"
    assert_findings(text % "a")
    assert_findings(text % "c", "undefined-variable c")
