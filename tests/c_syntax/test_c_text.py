"""What c-syntax says about characters: brackets, strings, comments, cut ends, syntax errors, counts."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, assert_findings_within, found, judge

from rnnlab.evaluation import Finding

FUNCTION = """static int f(struct x *a, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (a->b[i]) {
			g(a, i);
			h(a->c[(i + 1) & 3]);
		} else {
			n--;
		}
	}
	return n;
}
"""


def brackets(text: str) -> list[Finding]:
    return [finding for finding in judge(text).findings if finding.rule == "unbalanced-bracket"]


def test_a_whole_function_is_balanced() -> None:
    assert_findings(FUNCTION)


def test_each_bracket_that_is_taken_away_is_missed_within_a_few_lines() -> None:
    exact = 0
    places = [i for i, character in enumerate(FUNCTION) if character in "()[]{}"]
    for place in places:
        text = FUNCTION[:place] + FUNCTION[place + 1 :]
        line = FUNCTION[:place].count("\n") + 1
        distances = [abs(finding.line - line) for finding in brackets(text)]
        assert distances, text
        assert min(distances) <= 3, text
        exact += min(distances) == 0
    assert exact >= 0.9 * len(places)


#: A function that lacks a closing brace in its fifth line, and one that has one too many in its fourth.
LACKS, EXCEEDS = (
    "int f(int n)\n{\n\tif (n) {\n\t\tn++;\n\treturn n;\n}\n",
    "int g(int n)\n{\n\tn++;\n\t}\n\treturn n;\n}\n",
)


@pytest.mark.parametrize("header", ["int g(", "static struct x *g("])
def test_a_brace_too_few_here_and_one_too_many_there_make_no_balance(header: str) -> None:
    text = FUNCTION + LACKS + EXCEEDS.replace("int g(", header) + FUNCTION
    assert text.count("{") == text.count("}")
    assert [(finding.line, finding.symbol) for finding in brackets(text)] == [(19, "{"), (23, "}")]


def test_functions_within_other_braces_than_a_functions_are_balanced() -> None:
    for text in (
        'extern "C" {\n' + FUNCTION + FUNCTION + "}\n",
        FUNCTION + 'extern "C" {\n' + FUNCTION + "}\n" + FUNCTION,
    ):
        assert not brackets(text)
    within = FUNCTION.replace("static int f", "int g").replace("\n", "\n\t")
    assert not brackets(FUNCTION.replace("\treturn", f"\t{within}\n\treturn"))


def test_a_brace_that_is_missing_is_told_where_it_would_stand_with_the_line_of_its_partner() -> None:
    (finding,) = brackets(LACKS)
    assert (finding.line, finding.column, finding.message) == (5, 2, "'{' of line 3 is never closed")


def test_braces_whose_indentation_lies_are_matched_all_the_same() -> None:
    text = "void f(void)\n{\n\t{ (\n\t\t\t{ {\n\t{\n\t\t}\n\t}\n}\n"
    assert brackets(text)
    assert brackets(text.replace("\t", "") + text)


@pytest.mark.parametrize("bracket", list("()[]{}"))
def test_each_bracket_that_is_one_too_many_is_found_on_its_line(bracket: str) -> None:
    for place in [i for i, character in enumerate(FUNCTION) if character in ";=+-&<"]:
        text = FUNCTION[:place] + bracket + FUNCTION[place:]
        line = FUNCTION[:place].count("\n") + 1
        assert line in [finding.line for finding in brackets(text)], text


def test_one_slip_is_one_function_s_and_the_next_starts_afresh() -> None:
    text = FUNCTION + FUNCTION.replace("g(a, i)", "g(a, i") + FUNCTION + FUNCTION.replace("n--;", "n--;}") + FUNCTION
    assert [finding.line for finding in brackets(text)] == [21, 52]


@pytest.mark.parametrize(
    "text",
    [
        'char a[] = "({[";\n',
        "char a = '{', b = '\\'', c = '\\\\';\n",
        "/* ({[ */ int a; // }])\n",
        "#define BEGIN {\n#define END }\n",
        "#define A(x) \\\n\t({ (x); \\\n\tint b;\nint c;\n",
        "struct x a[] = {\n{ 1, 2 },\n{ 3, 4 },\n};\n",
        'char a[] = "x\\\n{";\n',
        "// a comment that goes on \\\n ({[\nint a;\n",
        "#error it's not (right\nint a;\n",
        "int a = 1'000'000;\n",
        'extern "C" {\nint f(int);\n}\n',
    ],
)
def test_brackets_count_only_where_they_are_code(text: str) -> None:
    assert_findings(text)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ('g("never closed);', ["unterminated-string"]),
        ("g('a);", ["unterminated-char"]),
        ('g("a\\"b");', []),
        ("g('\\'');", []),
    ],
)
def test_literals_end_on_their_line(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


def test_a_comment_that_begins_on_a_line_of_the_preprocessor_must_end_too() -> None:
    findings = judge("int f(int n)\n{\n#if A\n\tn++;\n#endif /* A\n\n\treturn n;\n}\n").findings
    assert [finding.line for finding in findings if finding.rule == "unterminated-comment"] == [5]


def test_a_comment_without_end_hides_the_rest() -> None:
    (finding,) = judge("int a;\n/* never closed\nint f(void)\n{\n\treturn x;\n}\n").findings
    assert (finding.rule, finding.line, finding.column, finding.edge) == ("unterminated-comment", 2, 1, False)


@pytest.mark.parametrize(
    "text",
    [
        "\t\tx = y;\n\t}\n\treturn z;\n}\n\nint f(int a)\n{\n\treturn a;\n}\n",
        "int a, int b)\n{\n\treturn c;\n}\n\nint f(int a)\n{\n\treturn a;\n}\n",
        " * the rest of a comment ({[ don't */\nint f(int a)\n{\n\treturn a;\n}\n",
        "\tdo { \\\n\t\tx(y); \\\n\t} while (0)\n\nint f(int a)\n{\n\treturn a;\n}\n",
        "\tint x;\n};\n\nint f(int a)\n{\n\treturn a;\n}\n",
        "\tx = y;\n\tif (z) {\n\t\tg(",
        "int f(int a)\n{\n\tint later;\n\tif (a) {\n\t\tgoto out;",
        "int f(int a)\n{\n\treturn a;\n}\n\nint g(int",
        "int f(int a)\n{\n\treturn a;\n}\n\n/* a comment that is cut",
        'int f(int a)\n{\n\tg("a string that is cut',
        'int f(int a)\n{\n\tg("a string that is cut } [',
        "ut (here %d) and it's odd\\n\", x);\n\t}\n}\n\nint f(int a)\n{\n\treturn a;\n}\n",
        "lse if (x) {\n\t\ty();\n\t}\n}\n\nint f(int a)\n{\n\treturn a;\n}\n",
        ") {\n\t\ty();\n\t}\n\tz();\n}\n\nint f(int a)\n{\n\treturn a;\n}\n",
        "urn z(x, y);\n}\n\nint f(int a)\n{\n\treturn a;\n}\n",
        "ne SIZE (1 << 3)\n};\n\nint f(int a)\n{\n\treturn a;\n}\n",
        "e comment shows\n *\n *\tint a;\n *\tf(\n * and ends */\nint f(int a)\n{\n\treturn a;\n}\n",
        "e is only\n * comment, and doesn't (\n * end",
        "\t{ 1, 2 },\n\t{ 3, 4 } };\n\nint a[] = {\n{ 1, 2 },\n{ 3, 4 } };\n\nint b[] = {\n{ 1, 2 },\n{ 3,",
    ],
)
def test_a_text_that_is_cut_off_does_not_count_the_cut(text: str) -> None:
    assert [finding for finding in judge(text).findings if not finding.edge] == []


def test_half_a_word_at_the_end_of_a_cut_text_is_no_variable() -> None:
    text = "int f(int buffer)\n{\n\tbuffer = unknown;\n\tg(buffer, buff"
    assert [finding.symbol for finding in judge(text).findings if not finding.edge] == ["unknown"]
    whole = judge(text, whole=True).findings
    assert {finding.symbol for finding in whole if finding.rule == "undefined-variable"} == {"unknown", "buff"}
    text = "int e(int buff)\n{\n\treturn buff;\n}\n\n" + text  # it may be half a word all the same
    assert [finding.symbol for finding in judge(text).findings if not finding.edge] == ["unknown"]
    assert [finding.symbol for finding in judge(text + " +").findings if not finding.edge] == ["unknown", "buff"]


def test_the_parameters_of_a_prototype_that_was_not_read_declare_nothing() -> None:
    text = (
        "int g(void)\n{\n\treturn adapter->irq;\n}\n\nstatic void q(struct ql *adapter, u8 __iomem *address,\n\t u32 n,"
    )
    assert [finding.symbol for finding in judge(text).findings if not finding.edge] == ["adapter"]


def test_a_cut_does_not_excuse_what_is_broken_behind_the_first_function_or_before_the_last() -> None:
    text = "\t}\n}\n\n" + FUNCTION.replace("n--;", "n--; }") + FUNCTION.replace("if (a", "if a") + FUNCTION + "int g("
    assert [finding.line for finding in judge(text).findings if not finding.edge] == [13, 23]


def test_a_list_that_is_too_long_tells_how_much_it_leaves_out() -> None:
    text = "int f(void)\n{\n\tg" + ")" * 12_000 + ";\n}\n"
    found = brackets(text)
    assert len(found) == 10_000
    assert "2,000 more" in found[-1].message
    assert next(metric for metric in judge(text).metrics if metric.name == "bracket-balance").count == 4
    text = "int f(int n)\n{\n" + "\tn = = 2;\n" * 600 + "}\n"
    assert "100 more" in [f for f in judge(text).findings if f.rule == "syntax-error"][-1].message


def test_a_whole_text_is_not_cut_off() -> None:
    rules = [
        finding.rule for finding in judge("int f(int a)\n{\n\tif (a) {\n", whole=True).findings if not finding.edge
    ]
    assert rules.count("unbalanced-bracket") == 2


@pytest.mark.parametrize(
    ("statements", "line"),
    [
        ("g(n)\n\th(n);", 3),
        ("n = 1\n\tg(n);", 3),
        ("int a = n\n\tg(a);", 3),
        ("g(n,\n\t  2)\n\th(n);", 4),
        ("while (n) {\n\t\tbreak\n\t}", 4),
        ("n = = 2;", 3),
    ],
)
def test_a_syntax_error_is_found_where_the_grammar_ends(statements: str, line: int) -> None:
    text = f"int f(int n)\n{{\n\t{statements}\n\treturn n;\n}}\n"
    lines = [finding.line for finding in judge(text).findings if finding.rule == "syntax-error"]
    assert lines
    assert min(abs(found - line) for found in lines) <= 1


def test_a_function_with_a_semicolon_behind_it_is_judged() -> None:
    names = {finding.symbol for finding in judge("static int f(int n)\n{\n\treturn n + lim;\n};\n").findings}
    assert names == {"lim"}


def test_a_block_at_the_margin_behind_a_statement_begins_no_function() -> None:
    text = "\t\tg(n);\n\t}\n\n\th(n);\n{\n\tint i;\n\n\tfor (i = 0; i < n; i++)\n\t\tg(i);\n}\n\treturn n;\n}\n\n"
    found = [finding for finding in judge(text + FUNCTION).findings if finding.rule == "unbalanced-bracket"]
    assert [finding.edge for finding in found] == [True, True]


def test_names_of_a_damaged_function_are_judged_all_the_same() -> None:
    text = "int f(int n)\n{\n\tint spare, i;\n\n"
    text += "\tif n > 1) {\n\t\tfor (i = 0; i < lim; i++)\n\t\t\tg(i);\n\t}\n\tgoto out;\n}\n"
    rules = {(finding.rule, finding.symbol) for finding in judge(text).findings if finding.rule != "syntax-error"}
    assert rules == {
        ("unbalanced-bracket", ")"),
        ("unused-variable", "spare"),
        ("undefined-variable", "lim"),
        ("undefined-label", "out"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "int f(int n) \n\tint spare;\n\treturn n + lim;\n}\n",  # without its brace
        "static int\nf(int n)\n  int spare;\n\n  return n + lim;\n}\n",
        "int f(int n\n{\n\tint spare;\n\treturn n + lim;\n}\n",
        "int f(int n)\n{\n\tint spare;\n\treturn n + lim;\n(\n",  # the last brace is another
        "int f(int n)\n{\n\tint spare, ]i;\n\tfor (i = 0; i < n; i++)\n\t\tg(n);\n\treturn n + lim;\n}\n",
        "int f(int n)\n{\n\tint spare;\n\tvoid (*h)(int a, char *b) = 0;\n\tif n)\n\t\treturn h + lim;\n}\n",
        "int f(int n)\n{\n\tint spare;\n\ttypeof(n + 1) b = n;\n\tif n)\n\t\treturn b + lim;\n}\n",
        'int f(int n)\n{\n\tint spare;\n\tasm("x" : [out]"=r" (n));\n\tif n)\n\t\treturn n + lim;\n}\n',
        "int f(int n)\n{\n\tint spare;\n\tif n)\n\t\treturn g((u8[4]){ 9 }) + lim;\n}\n",
        "int f(int n)\n{\n\tint spare;\n\tif n)\n\t\treturn from_timer(n, n, member) + lim;\n}\n",
    ],
)
def test_what_a_slip_leaves_of_a_function_is_judged(text: str) -> None:
    rules = {f"{finding.rule} {finding.symbol}" for finding in judge(text + FUNCTION).findings}
    names = {rule for rule in rules if not rule.startswith(("syntax-error", "unbalanced-bracket"))}
    assert names == {"unused-variable spare", "undefined-variable lim"}
    assert "unbalanced-bracket" in {rule.split()[0] for rule in rules}


@pytest.mark.parametrize(
    "statement",
    [
        'print"%d", n);',
        "n = read_it);",
        "n = (read_it));",
        "if (!test&n, n))",
        "NOTE*n, 1);",
        "n = stop1);",
        "for size_t k = 0; k < n; k++)",
        'n = open"/dev/null", O_FLAG);',
    ],
)
def test_a_call_that_lost_its_bracket_is_no_undefined_variable(statement: str) -> None:
    text = f"int f(int n)\n{{\n\tconst wide *w = (void *)0;\n\t{statement}\n\t\tn++;\n\tg(w);\n\treturn n + lim;\n}}\n"
    names = {finding.symbol for finding in judge(text).findings if finding.rule.startswith(("undefined", "unused"))}
    assert names == {"lim"}


def test_metrics_are_counts_out_of_totals() -> None:
    text = FUNCTION
    text += 'int g(int n)\n{\n\tint unused, x = n;\n\n\th("a", "b", /* c */ y);\n\treturn z;\n}\n'
    text += "int h(void)\n{\n\tk(\n}\n"
    counts = {metric.name: (metric.count, metric.total, metric.better) for metric in judge(text).metrics}
    brackets_of_text = sum(text.count(bracket) for bracket in "()[]{}")
    assert counts["bracket-balance"] == (brackets_of_text - 1, brackets_of_text, "higher")
    assert counts["unused-declarations"] == (2, 3, "lower")
    assert counts["undefined-returns"] == (1, 2, "lower")
    assert counts["clean-functions"] == (1, 3, "higher")
    assert counts["strings-closed"] == (2, 2, "higher")
    assert counts["comments-closed"] == (1, 1, "higher")
    undefined, uses, better = counts["undefined-variables"]
    assert (undefined, better) == (2, "lower")
    assert uses > 10


def test_a_text_may_begin_in_the_middle_of_a_header() -> None:
    rest = "        const struct s *p) {\n\tg(p);\n}\n\n"
    function = "static int\nh(int a, int b,\n        const struct s *p) {\n\treturn lost;\n}\n"
    assert found(rest + function) == ["unbalanced-bracket )", "undefined-return lost"]


def test_a_label_behind_a_jump_without_its_semicolon_is_a_label() -> None:
    text = "int f(int n)\n{\n\tif (n)\n\t\tgoto out;\n\treturn\nout:\n\tlog(n);\n\treturn 0;\n}\n"
    assert found(text) == ["syntax-error"]


def test_a_cast_that_is_not_closed_has_no_variable_for_a_type() -> None:
    assert found("int f(char *q)\n{\n\treturn *(u16 *q;\n}\n") == ["unbalanced-bracket ("]


def test_a_condition_that_lost_its_parenthesis_still_asks_for_a_variable() -> None:
    text = "struct block *f(int n)\n{\n\tif !lost)\n\t\tfail();\n\tblock = g(n);\n\treturn block;\n}\n"
    assert found(text) == [
        "unbalanced-bracket )",
        "undefined-return block",
        "undefined-variable block",
        "undefined-variable lost",
    ]
