"""Every branch of an #if is judged somewhere, and what no world reads accuses nobody."""

from __future__ import annotations

import time
import timeit

import pytest
from c_syntax.asking import assert_findings, found, judge


def in_branches(first: str, further: str, last: str, *, again: str = "") -> str:
    return (
        "int f(int n, struct node *p)\n{\n\tint x = n;\n\n"
        f"#if defined(CONFIG_A)\n\t{first}\n#elif defined(CONFIG_B)\n\t{further}\n{again}#else\n\t{last}\n#endif\n"
        "\treturn x + p->a;\n}\n"
    )


@pytest.mark.parametrize("branch", [0, 1, 2])
def test_an_undefined_name_is_found_in_whichever_branch_it_stands(branch: int) -> None:
    statements = ["x++;", "x--;", "x = 0;"]
    statements[branch] = "x = missing;"
    assert found(in_branches(*statements)) == ["undefined-variable missing"]


@pytest.mark.parametrize("branch", range(6))
def test_every_elif_of_a_long_chain_is_read(branch: int) -> None:
    statements = ["x++;"] * 6
    statements[branch] = "x = g(missing;"
    more = "".join(f"#elif defined(CONFIG_{i})\n\t{statement}\n" for i, statement in enumerate(statements))
    assert "unbalanced-bracket (" in found(in_branches("x++;", "x--;", "x = 0;", again=more))
    statements[branch] = "x = missing;"
    more = "".join(f"#elif defined(CONFIG_{i})\n\t{statement}\n" for i, statement in enumerate(statements))
    assert found(in_branches("x++;", "x--;", "x = 0;", again=more)) == ["undefined-variable missing"]


def test_a_finding_in_a_later_branch_has_its_place_in_the_whole_text() -> None:
    text = "int first(void)\n{\n\treturn 0;\n}\n\n" * 3 + in_branches("x++;", "x = missing;", "x = gone;")
    places = {finding.symbol: (finding.line, finding.column) for finding in judge(text).findings}
    lines = text.split("\n")
    for name in ("missing", "gone"):
        line, column = places[name]
        assert lines[line - 1][column - 1 :].startswith(name)


def test_what_stands_in_a_branch_that_no_world_reads_is_not_judged_and_excuses_what_it_uses() -> None:
    never_read = "#elif 0\n\tx = missing + only_there;\n"
    text = in_branches("x++;", "x--;", "x = 0;", again=never_read).replace("int x = n;", "int x = n, only_there;")
    assert found(text) == []


def test_a_function_of_a_later_branch_is_counted_once() -> None:
    text = (
        "#ifdef CONFIG_A\nint f(int n)\n{\n\treturn n;\n}\n"
        "#elif defined(CONFIG_B)\nint f(int n)\n{\n\treturn n + 1;\n}\n"
        "#else\nint f(int n)\n{\n\treturn m;\n}\n#endif\n"
    )
    metrics = {metric.name: metric for metric in judge(text).metrics}
    assert (metrics["clean-functions"].count, metrics["clean-functions"].total) == (2, 3)
    assert found(text) == ["undefined-return m"]


def test_a_bracket_too_many_in_one_branch_is_found_there() -> None:
    text = in_branches("x++;", "x = n);", "x = 0;")
    assert [name for name in found(text, whole=True) if "bracket" in name] == ["unbalanced-bracket )"]


def test_the_enumerators_of_another_branch_are_declared_there() -> None:
    listed = "typedef enum mode {\n\tmode_none,\n\tmode_some = 2,\n\tmode_all\n} mode;\n"
    function = "int f(int n)\n{\n\treturn n == mode_some ? mode_all : mode_none;\n}\n"
    assert found(f"#ifdef CONFIG_A\nint a;\n#else\n{listed}\n{function}#endif\n", whole=True) == []


def test_code_that_needs_one_name_and_lacks_another_is_judged() -> None:
    text = "#ifndef A\n#ifdef B\nint f()\n{\n\treturn c;\n}\n#else\nint f()\n{\n\treturn d;\n}\n#endif\n#endif\n"
    assert_findings(text, "undefined-return c", "undefined-return d")


def test_a_syntax_error_is_told_in_the_branch_that_only_another_world_reads() -> None:
    text = "#ifndef A\nvoid f(struct box *b)\n{\n\tg(&b->n);\n\tg(&b->m)\n}\n#endif\n"
    assert [(finding.rule, finding.line) for finding in judge(text).findings] == [("syntax-error", 5)]


def test_a_header_that_each_branch_writes_otherwise_is_no_syntax_error() -> None:
    text = (
        "static void\n#if defined(NEW)\nsay(const char *format, ...)\n#else\nsay(format, va_alist)\n"
        "\tconst char *format;\n\tva_dcl\n#endif\n{\n\tva_list args;\n\n\tva_start(args, format);\n\tva_end(args);\n}\n"
    )
    assert "syntax-error" not in found(text)


def test_the_elements_of_a_table_in_the_first_column_are_no_functions() -> None:
    table = "\tstatic const int all[][2] = {\n\n/* one */\n{\n\t1, 2\n},\n\n/* two */\n{\n\t3, 4\n},\n\n};\n"
    text = f"int f(int n)\n{{\n#ifdef A\n\treturn 0;\n#else\n{table}\treturn all[n][0];\n#endif\n}}\n"
    assert_findings(text)


def test_a_group_within_the_else_of_another_is_read() -> None:
    inner = "# if MAYBE\n\tif (](long) n)\n\t\tn = x;\n# endif\n"
    text = f"#if FIRST\nint f(int n)\n{{\n\treturn n;\n}}\n#else\nint f(int n)\n{{\n{inner}\treturn n;\n}}\n#endif\n"
    assert "unbalanced-bracket ]" in found(text)
    assert found(text.replace("](", "((")) == ["unbalanced-bracket (", "undefined-variable x"]
    assert found(text.replace("](", "(")) == ["undefined-variable x"]
    against_itself = text.replace("](", "(").replace("MAYBE", "FIRST")
    assert found(against_itself) == []


def test_the_else_of_a_group_within_another_is_read() -> None:
    inner = "# if SECOND\n\treturn n;\n# else\n\treturn x;\n# endif\n"
    text = f"int f(int n)\n{{\n#if !ZERO && FIRST\n{inner}#else\n\treturn n;\n#endif\n}}\n"
    assert found(text) == ["undefined-return x"]


def _seconds(text: str) -> float:
    return min(timeit.repeat(lambda: judge(text), number=1, repeat=2, timer=time.process_time))


def test_the_work_for_thousands_of_groups_in_one_function_grows_with_their_number_only() -> None:
    group = "#if A\n# if B\n\tg(n);\n# else\n\tg(1);\n# endif\n#else\n\tg(2);\n#endif\n"
    texts = [f"int f(int n)\n{{\n{group * count}\treturn n;\n}}\n" for count in (4_000, 16_000)]
    taken = [_seconds(text) for text in texts]
    assert taken[1] < 8 * taken[0]


def test_the_names_that_a_macro_is_given_cost_no_more_than_their_number() -> None:
    short, long = (
        "int f(int n)\n{\n" + "".join(f"\tadd(name{i});\n" for i in range(count)) + "}\n" for count in (1_000, 4_000)
    )
    taken = [_seconds(text) for text in (short, long)]
    assert taken[1] < 8 * taken[0]


def test_the_last_else_of_a_chain_that_begins_with_a_lack_is_judged() -> None:
    branches = "#if !A\n\tn = 1;\n#elif B || C\n\tn = 2;\n#else\n\tn = missing;\n#endif\n"
    assert_findings(f"int f(int n)\n{{\n{branches}\treturn n;\n}}\n", "undefined-variable missing")
    assert_findings(
        f"int f(int n)\n{{\n{branches.replace('missing', 'n + (1')}\treturn n;\n}}\n", "unbalanced-bracket ("
    )


def test_an_else_around_a_group_within_another_group_is_read_in_a_world_that_chooses_the_way_to_it() -> None:
    """No choice that is the same for all names leads there: it wants X, and not A, and B."""
    text = """#if X
# if A
int old(int a)
{
	return a;
}
# else
int kept(int a)
{
#  if B
	return a + lost;
#  elif C
	return a + 1;
#  else
	return a + gone;
#  endif
}
# endif
#elif Y
int other(int a)
{
	return a;
}
#endif
"""
    assert found(text, whole=True) == ["undefined-variable gone", "undefined-variable lost"]


def test_branches_that_no_choice_leads_to_are_not_read() -> None:
    text = "#if X\n#if 0\nint f(void) { return lost; }\n#else\nint g(int a) { return a; }\n#endif\n#endif\n"
    assert found(text, whole=True) == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("&& *p == *(u16 *)q", "&& *(u16 *)p == *(u16 *q", ["unbalanced-bracket ("]),
        ("&& p[0] == q[0]", "&& p[0 == q[0]", ["unbalanced-bracket ["]),
        ("&& g(p,", "&& g(", []),  # both are completed below
        ("", "&& g(p", []),  # what closes it may stand in a branch of the same name
    ],
)
def test_a_bracket_is_missed_in_a_branch_whose_partner_stands_around_it_where_the_other_branch_is_whole(
    first: str, second: str, expected: list[str]
) -> None:
    text = f"int f(char *p, char *q)\n{{\n\tif (p\n#if A\n\t    {first}\n#else\n\t    {second}\n#endif\n\t    )\n"
    if first.endswith(","):
        text = text.replace("\t    )\n", "\t    1))\n")
    text += "\t{\n\t\treturn 1;\n\t}\n\treturn 0;\n}\n"
    assert found(text, whole=True) == expected


def test_an_undefined_name_is_told_where_every_branch_is_read_if_it_stands_there() -> None:
    text = "int f(int n)\n{\n#ifdef A\n\tgap = n;\n#else\n\tn++;\n#endif\n\treturn use(n, gap);\n}\n"
    (finding,) = judge(text).findings
    assert (finding.symbol, finding.line) == ("gap", 8)
