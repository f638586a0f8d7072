"""Macros of the text that stand for no value: each a text, and all the findings that it has."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, found


def test_macros_that_are_nothing_but_attributes_may_stand_where_those_may() -> None:
    define = "#define unused __attribute__((unused))\n#define noret __attribute__((noreturn))\n#define nothing\n"
    text = "void noret stop(int n) nothing;\nint f(int n) nothing\n{\n\tint a unused, b;\n\n\treturn n;\n}\n"
    assert_findings(define + text)
    text = text.replace("a unused, b", "a unused;\n\tint b")
    assert_findings(define + text, "unused-variable b")
    assert_findings("#define nothing\nint f(int n)\n{\n\treturn g(n, nothing) + m;\n}\n", "undefined-variable m")


def test_macros_that_are_signs_no_longer_than_their_names_are_put_in() -> None:
    define = "#define BEGIN {\n#define END }\n#define OPEN (\n#define CLOSE )\n#define forever for (;;)\n"
    text = "int f(int n)\nBEGIN\n\tforever\n\t\tif OPEN n++ > 3 CLOSE\n\t\t\treturn n;\nEND\n"
    assert_findings(define + text)
    assert_findings(define + text.replace("return n", "return m"), "undefined-return m")


def test_no_macro_that_opens_a_block_is_put_in_where_another_cannot_be() -> None:
    text = "#define L for (;;) {\n#define ENDLOOP }\nint f(int n)\n{\n\tL if (n++ > 3) return n; ENDLOOP\n}\n"
    assert not [finding for finding in found(text) if finding != "syntax-error"]


@pytest.mark.parametrize(
    ("macro", "use"),
    [
        ("unless(c) if (!(c))", "unless (n) g(1); unless (n > 2) { g(2); }"),
        ("foreach(p, h) for (p = h; p; p = p->next)", "foreach(p, n) g(p); foreach(p, n) { g(p); }"),
        ("until(c) while (!(c))", "until (n) { n++; } until(n > 2) n++;"),
    ],
)
def test_the_head_of_a_loop_or_a_condition_may_stand_anywhere_in_a_line(macro: str, use: str) -> None:
    text = f"#define {macro}\nint f(int n) {{ struct l *p = n; {use} return p->n; }}\n"
    assert_findings(text)
    assert_findings(text.replace("(n > 2)", "(m)").replace("(p, n) {", "(p, m) {"), "undefined-variable m")


def test_what_a_loop_only_sets_and_compares_it_does_not_declare() -> None:
    text = "void f(struct l *h)\n{\n\tstruct l *p;\n\n\teach_item(p, h)\n\t\tg(p);\n}\n"
    assert_findings("#define each_item(p, h) for (p = h; p != 0; p = p->next)\n" + text)
    text = text.replace("struct l *p;\n\n", "")
    assert_findings("#define each_item(p, h) for (p = h; p != 0; p = p->next)\n" + text, "undefined-variable p")
    assert_findings("#define each_item(p, h) for (struct l *p = h; p != 0; p = p->next)\n" + text)


@pytest.mark.parametrize("body", ["print(#v, v)", "({ typeof(v) _v = (v); _v; })", "g(sizeof(v), v)"])
def test_an_argument_that_is_quoted_or_measured_is_a_value_if_it_is_one_besides(body: str) -> None:
    text = f"#define show(v) {body}\nvoid f(int n)\n{{\n\tshow(n);\n\tshow(count);\n}}\n"
    assert_findings(text, "undefined-variable count")
    assert_findings(text.replace(body, "print(#v)"))


def test_a_macro_that_jumps_to_its_argument_needs_a_label() -> None:
    text = "#define FAIL(l) do { if (1) goto l; } while (0)\n"
    text += "int f(int n)\n{\n\tFAIL(out);\n\treturn n;\nout:\n\treturn 1;\n}\n"
    assert_findings(text)
    assert_findings(text.replace("out:", "oot:"), "undefined-label out", "unused-label oot")
    assert_findings("#define OUT goto out\nint f(int n) { if (n) OUT; return 1; out: return 0; }\n")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("puts(x)", ["syntax-error"]),
        ("do { puts(x); } while (0)", ["syntax-error"]),
        ("puts(x);", []),
        ("{ puts(x); }", []),
        ("if (x) puts(x)", []),
    ],
)
def test_a_macro_of_the_text_needs_a_semicolon_if_its_body_brings_none(body: str, expected: list[str]) -> None:
    text = f"#define SAY(x) {body}\nvoid f(int n)\n{{\n\tSAY(n)\n\tSAY(2);\n}}\n"
    assert_findings(text, *expected)
    assert_findings(text.replace("#define", "//"))


def test_lists_of_names_are_enumerators_where_an_enumeration_takes_them() -> None:
    text = "#define LIST X(alpha) X(beta)\nenum {\n#define X(n) n,\n\tLIST\n#undef X\n};\n"
    text += "int f(int n)\n{\n\treturn n == alpha || n == beta;\n}\n"
    assert_findings(text)
    assert_findings(text.replace("== beta", "== gamma"), "undefined-variable gamma")


def test_names_are_made_by_a_macro_that_another_is_given() -> None:
    text = "#define COLOURS(X) X(red) X(green)\n#define AS_ENUM(n) c_##n,\nenum colour { COLOURS(AS_ENUM) };\n"
    text += "int f(int n)\n{\n\treturn n == c_red;\n}\n"
    assert_findings(text)
    assert_findings(text.replace("== c_red", "== c_blue"), "undefined-variable c_blue")
