"""What c-syntax leaves out of its reading (blank lines, branches that say nothing new) changes no verdict."""

from __future__ import annotations

import re

import pytest
from c_syntax.asking import assert_findings, found
from hypothesis import given, settings
from hypothesis import strategies as st
from rnnlab_c_syntax import CSyntax

from rnnlab.evaluation import Source

LICENCE = "/*\n" + " * You may do with this text what you like, and nobody promises anything.\n" * 30 + " */\n"
FAULTY = (
    "static int twice(int n)\n{\n\tint unused_one;\n\n\treturn n + missing;\n}\n",
    "void g(void)\n{\n\tgoto nowhere;\n}\n",
    "int h(int n)\n{\n\tif (n)\n\t\tg()\n\treturn n;\n}\n",
    "static int table[] = { 1, 2, 3 };\n",
)


def places(text: str) -> list[tuple[str, str, int, int]]:
    source = Source(text=text, start_cut=False, end_cut=False)
    return [(f.rule, f.symbol, f.line, f.column) for f in CSyntax().evaluate(source).findings]


@given(st.lists(st.integers(0, 3), min_size=len(FAULTY), max_size=len(FAULTY)))
def test_long_comments_between_functions_move_every_finding_by_their_lines(comments: list[int]) -> None:
    text, expected, lines = "", [], 0
    for number, function in zip(comments, FAULTY, strict=True):
        text += LICENCE * number
        lines += LICENCE.count("\n") * number
        start = text.count("\n")
        plain = [place for place in places("".join(FAULTY)) if _within(place[2], function)]
        expected += [
            (rule, symbol, line - _first_line(function) + start + 1, column) for rule, symbol, line, column in plain
        ]
        text += function
    assert places(text) == expected
    assert expected


def _first_line(function: str) -> int:
    return "".join(FAULTY[: FAULTY.index(function)]).count("\n") + 1


def _within(line: int, function: str) -> bool:
    return _first_line(function) <= line < _first_line(function) + function.count("\n")


def test_a_long_comment_in_a_function_moves_what_stands_behind_it() -> None:
    text = (
        "int f(int n)\n{\n\tn++;\n"
        + "\t/* counted up once more, as was asked for in the year before */\n" * 9
        + "\treturn m;\n}\n"
    )
    assert places(text) == [("undefined-return", "m", 13, 9)]


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        ("\tg(n);\n\tn = 2;\n", []),
        ("\tg(other);\n", ["undefined-variable other"]),
        ("\tother = n;\n", ["undefined-variable other"]),
        ("\tint other;\n", ["unused-variable other"]),
        ("\treturn other;\n", ["undefined-return other"]),
        ("\tgoto out;\n", ["undefined-label out"]),
        ("\tg(n->other);\n", []),
        ("\tg(LIMIT);\n", []),
    ],
)
def test_a_branch_is_judged_for_what_it_says_that_the_other_does_not(branch: str, expected: list[str]) -> None:
    assert_findings(f"int f(struct s *n)\n{{\n#ifdef A\n\th(n);\n#else\n{branch}#endif\n\treturn 0;\n}}\n", *expected)


def test_a_function_of_another_branch_is_judged_whatever_is_wrong_with_one_that_both_share() -> None:
    shared = "int f(int n)\n{\n\tif (n {\n\t\tg();\n\t}\n\treturn n;\n}\n"
    text = (
        f"#ifdef A\nint k(void)\n{{\n\treturn 0;\n}}\n#else\n{shared}int k(void)\n{{\n\treturn missing;\n}}\n#endif\n"
    )
    assert "undefined-return missing" in found(text)
    text = f"{shared}#ifdef A\n#else\nint k(void)\n{{\n\treturn missing;\n}}\n#endif\n"
    assert "undefined-return missing" in found(text)


def test_each_of_very_many_static_functions_is_looked_for() -> None:
    many = range(3000)
    text = "".join(f"static int f{n}_(void)\n{{\n\treturn 0;\n}}\n" for n in many)
    text += "int g(void)\n{\n" + "".join(f"\tf{n}_();\n" for n in many if n % 3) + "\treturn 0;\n}\n"
    unused = [symbol for rule, symbol, _, _ in places(text) if rule == "unused-function"]
    assert unused == [f"f{n}_" for n in many if not n % 3]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["", "call", "table", "comment", "longer word", "before"]), min_size=1, max_size=40))
@pytest.mark.parametrize("gap", [0, 15_970, 60_000])
def test_a_static_function_is_unused_if_its_name_stands_nowhere_else_however_far_away(
    gap: int, uses: list[str]
) -> None:
    above = "".join(f"static int f{n}(void);\n" for n, use in enumerate(uses) if use == "before")
    text = above + "".join(f"static int f{n}(void)\n{{\n\treturn 0;\n}}\n" for n in range(len(uses)))
    text += "/*" + " a" * (gap // 2) + " */\nint g(void)\n{\n\treturn 0"
    text += "".join(f" + f{n}()" for n, use in enumerate(uses) if use == "call") + ";\n}\n"
    text += "".join(f"int f{n}_more;\n" for n, use in enumerate(uses) if use == "longer word")
    text += "struct ops table[] = {" + ", ".join(f"f{n}" for n, use in enumerate(uses) if use == "table") + "};\n"
    text += "".join(f"// f{n}\n" for n, use in enumerate(uses) if use == "comment")
    unused = [symbol for rule, symbol, _, _ in places(text) if rule == "unused-function"]
    code = re.sub(r"//.*", "", text)
    assert unused == [f"f{n}" for n in range(len(uses)) if len(re.findall(rf"\bf{n}\b", code)) == 1]


def test_a_longer_word_uses_no_static_function_at_whatever_distance() -> None:
    for gap in range(15_900, 16_010):
        text = f"static int f(void)\n{{\n\treturn 0;\n}}\n/*{' ' * gap}*/\nint f_more;\n"
        assert [symbol for _, symbol, _, _ in places(text)] == ["f"]


@pytest.mark.parametrize("above", ["", LICENCE * 3])
def test_a_long_name_that_functions_share_below_headers_is_the_headers_whatever_comments_stand_above(
    above: str,
) -> None:
    text = f'{above}#include "box.h"\n\n{above}'
    text += "".join(f"int {name}(int n)\n{{\n\treturn n + shared_box_table[n];\n}}\n\n" for name in "fgh")
    assert places(text) == []
    assert places(text.replace("#include", "#pragma")) != []
