"""What the parser would give up on, made plain: words of gcc, elements and statements of macros, words of projects."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings


def test_members_may_be_called_as_attributes_are() -> None:
    text = "int f(rows *all)\n{\n  for (int i = 0; i < all->__used; ++i)\n    use(all->__init, all.__cold, %s);\n"
    text += "  return 0;\n}\n"
    assert_findings(text % "i")
    assert_findings(text % "j", "undefined-variable j")


def test_words_of_gcc_are_plain() -> None:
    text = "static enum code __attribute_warn_unused_result__\nf(row *p, char *here)\n{\n  complex y;\n\n"
    text += (
        '  __real__ y = __imag__ p->x;\n  __imag__ y = -__real__ p->x;\n  __asm __volatile ("wait" : : : "memory");\n'
    )
    text += "  if (p->n & (__alignof__ (*here) - 1))\n    return __alignof__ (int);\n  return y%s;\n}\n"
    assert_findings(text % "")
    assert_findings(text % " + z", "undefined-variable z")


def test_macros_are_elements_of_a_table() -> None:
    text = "int f(int n, char **names)\n{\n\tstruct option all[] = {\n\t\tLIB_AUTOHELP\n\t\t{\n\t\t\t.at = &n,\n"
    text += "\t\t},\n\t\tLIB_COMMON\n\t\tLIB_VERSION\n\t\tTABLE_END\n\t};\n\n\treturn run(all, names%s);\n}\n"
    assert_findings(text % "")
    assert_findings(text % ", m", "undefined-variable m")


def test_a_word_of_a_project_qualifies_parameters() -> None:
    text = (
        "void f(row_t *no_alias rows, const int *n,\n       int *const no_alias sums)\n{\n    rows[0] = sums[%s];\n}\n"
    )
    assert_findings(text % "*n")
    assert_findings(text % "*m", "undefined-variable m")


@pytest.mark.parametrize("head", ["static SAYS(pure) code_t f(", "void x_section\nf (", "int late_word\nf ("])
def test_words_beside_the_type_of_a_function_are_no_declaration(head: str) -> None:
    text = head + "int n, row *r)\n{\n    r->n = n%s;\n}\n"
    assert_findings(text % "")
    assert_findings(text % " + m", "undefined-variable m")


@pytest.mark.parametrize(
    "declaration", ["g_autofree const char **names = NULL;", "g_autofree RowPtr names = NULL;", "auto_close fd names;"]
)
def test_what_is_done_at_the_end_of_a_scope_stands_before_any_type(declaration: str) -> None:
    text = "int f(row *r)\n{\n    int n = 0;\n    %s\n\n    if (get(r, &%s, &n))\n        return 1;\n    return n;\n}\n"
    assert_findings(text % (declaration, "names"))
    assert_findings(text % (declaration, "nmaes"), "undefined-variable nmaes")


@pytest.mark.parametrize("end", [")", ");"])
def test_a_jump_is_given_to_a_macro_behind_values(end: str) -> None:
    text = "int f(char *at, int value)\n{\n    NEXT_BYTE(value, *%s++, return -1;" + end + "\n    return value;\n}\n"
    assert_findings(text % "at")
    assert_findings(text % "ta", "undefined-variable ta")
