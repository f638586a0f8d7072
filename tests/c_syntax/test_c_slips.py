"""Names that are wrong by a letter, and names that headers seem to declare: what of them is said, and where."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, assert_findings_within, found, judge


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("int old_version = n; show(old_version, old_versionx);", ["undefined-variable old_versionx"]),
        ("int server_version = n; show(server_version, server_versio);", ["undefined-variable server_versio"]),
        ("int block_size = n; n = MULTIPLY(block_size, block_size_ptr);", ["undefined-variable block_size_ptr"]),
        ("n = MULTIPLY(n, n2);", ["undefined-variable n2"]),
        ("int low1 = n; n = MULTIPLY(low1, low15);", ["undefined-variable low15"]),
        ("show(new_p, Pp);", ["undefined-variable Pp", "undefined-variable new_p"]),
        ("show(png_struct_p, Point);", []),
        ("int node = n; p = LIST_NEXT(node, nodes);", []),
        ("request_handler(n, handle_request_now);", []),
        ("n = bsearch(p, nn, by_name);", ["undefined-variable nn"]),
        ("struct box *L = g(n); n = put(Ls4, n) + L->n;", ["undefined-variable Ls4"]),
        ("struct box *L = g(n); n = put(List, n) + L->n;", []),
        ("report(n, variable_name);", ["undefined-variable variable_name"]),
        ("report(n, get_variable_name);", []),
        ("LIST_HEAD(old_p);", ["undefined-variable old_p"]),
        ("LIST_HEAD(old_p); g(old_p);", []),
    ],
)
def test_a_name_like_that_of_a_variable_is_a_slip_and_not_what_a_header_declares(
    statements: str, expected: list[str]
) -> None:
    assert_findings_within(statements, *expected)


def test_a_slip_in_a_damaged_function_is_found_among_the_arguments_of_a_macro() -> None:
    statements = "if (n\n\t\treturn 0;\n\tif (SAME(n, size2))\n\t\tn = EQUAL(n, q->n);\n\treturn n;"
    expected = ("unbalanced-bracket (", "undefined-variable q", "undefined-variable size2")
    assert_findings(f"int f(int size, int n)\n{{\n\t{statements}\n}}\n", *expected)


def test_the_address_of_a_name_is_a_value_among_the_arguments_of_a_macro_in_a_damaged_function() -> None:
    text = "int f(int n)\n{\n\tif (n\n\t\treturn 0;\n\tADD_ITEM(n, &flags);\n\tADD_ITEM(n, member);\n\treturn n;\n}\n"
    assert_findings(text, "unbalanced-bracket (", "undefined-variable flags")
    ignored = "#define ADD_ITEM(list, item)\n" + text.replace("member", "n")
    assert_findings(ignored, "unbalanced-bracket (")


def test_what_an_assertion_lacks_is_told_where_it_is_lacking_without_assertions_too() -> None:
    text = "int f(int n)\n{\n\tassert(size > n);\n\tCHECK_IT(n, size->n);\n\tn = size + 1;\n\treturn n;\n}\n"
    assert [(finding.symbol, finding.line) for finding in judge(text).findings] == [("size", 5)]
    text = "int f(int n)\n{\n\tassert(size > n);\n\treturn n;\n}\n"
    assert [(finding.symbol, finding.line) for finding in judge(text).findings] == [("size", 3)]


FUNCTIONS = "int f(void)\n{\n\treturn first_entry + low + 1;\n}\n\nint g(void)\n{\n\treturn first_entry * low;\n}\n"
IN_BOTH = ["undefined-variable first_entry", "undefined-variable low"] * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FUNCTIONS, sorted(IN_BOTH)),
        ('#include "a.h"\n\n' + FUNCTIONS, ["undefined-variable low"] * 2),
        ('#include "a.h"\n\n' + FUNCTIONS + '\n#include "b.h"\n', sorted(IN_BOTH)),
    ],
)
def test_a_long_name_that_functions_share_below_the_headers_is_the_headers(text: str, expected: list[str]) -> None:
    assert found(text, whole=True) == expected


def test_an_argument_that_a_macro_of_the_text_hands_to_another_as_a_value_is_one() -> None:
    macros = "#define LENGTH(z) ((z)->length)\n#define GROW(zl, by) do { LENGTH(zl) = LENGTH(zl) + by; } while (0)\n"
    assert_findings(macros + "void f(struct node *p)\n{\n\tGROW(q, -p->n);\n}\n", "undefined-variable q")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (
            "unsigned long y\n\n\tif (n) {\n\t\ty = get(n, &z, 0);\n\t\treturn y;\n\t}",
            ["syntax-error", "undefined-variable z"],
        ),
        ("free(p)\n\treturn (y);", ["syntax-error", "undefined-variable y"]),
        ("char *y    /* what is made of it */\n\n\ty = p->name;\n\tshow(y);", ["syntax-error"]),
        (
            "struct line *line = NULL\n\tlist_t *list = NULL;\n\tint z = 1;\n\n\tline->list = list;",
            ["syntax-error", "unused-variable z"],
        ),
    ],
)
def test_a_forgotten_semicolon_hides_no_name_and_no_declaration(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize("rest", ["", "\treturn;\n"])
def test_a_macro_that_is_a_line_without_its_semicolon_uses_what_it_says(rest: str) -> None:
    macros = "#define ALL ONE(first) ONE(second)\n#define ONE(name) note(#name, &val);\n"
    function = f"void f(void)\n{{\n\tint val;\n\n\tALL\n{rest}}}\n"
    assert [finding for finding in found(macros + function) if finding != "syntax-error"] == []


@pytest.mark.parametrize(
    "declaration", ["DIR *dir", "va_list dir", "int err, *dir", "struct stream *dir", "u32 dir[2]"]
)
@pytest.mark.parametrize(
    "below", ["struct entry *next;", "\n\tif (n)\n\t\tn = 1;", "if ((dir = start(n)) == NULL)\n\t\tn = 1;"]
)
def test_a_declaration_without_its_semicolon_at_the_end_of_a_line_still_declares(declaration: str, below: str) -> None:
    statements = f"{declaration}\n\t{below}\n\tn = use(dir);\n\treturn m + n;"
    text = f"int f(int n)\n{{\n\tint spare;\n\t{statements}\n}}\n"
    names = {"unused-variable spare", "undefined-variable m"}
    places = {(finding.rule, finding.line) for finding in judge(text).findings}
    assert ("syntax-error", 4) in places
    allowed = names | {"syntax-error", "unused-variable err", "unused-variable next"}
    assert names <= set(found(text)) <= allowed


@pytest.mark.parametrize("lines", ["unsigned long\n\t\tcount = 1;", "struct point\n\t{\n\t\tint x;\n\t} p = { 1 };"])
def test_a_declaration_that_goes_on_in_the_next_line_lacks_nothing(lines: str) -> None:
    statements = f"int f(int n)\n{{\n\t{lines}\n\treturn n + (int)sizeof(n);\n}}\n"
    assert not [finding for finding in judge(statements).findings if finding.rule == "syntax-error"]


@pytest.mark.parametrize("statement", ["lock(&q->lock)", "n = q->size + 1", "q->data[n] = (n >> 8) & 0xff"])
@pytest.mark.parametrize("between", ["", "\n", "\t/* and so on */\n\n"])
def test_a_forgotten_semicolon_is_told_at_its_own_line_however_far_the_next_statement_is(
    statement: str, between: str
) -> None:
    text = f"int f(struct queue *q, int n)\n{{\n\t{statement}\n{between}\tn = n + 1;\n\treturn n;\n}}\n"
    assert [(finding.rule, finding.line) for finding in judge(text).findings] == [("syntax-error", 3)]


def test_in_a_damaged_function_an_assignment_with_an_operator_declares_nothing() -> None:
    text = "int f(int n)\n{\n\twhile (1 {\n\t\tif (n)\n\t\t\treturn n;\n\t\tsize *= 2;\n\t}\n}\n"
    assert_findings(text, "unbalanced-bracket (", "undefined-variable size")


def test_a_long_name_like_one_that_is_as_undefined_is_no_function() -> None:
    assert_findings_within(
        "avail_idx_addr = n; show(n, avail_idx_addrx);",
        "undefined-variable avail_idx_addr",
        "undefined-variable avail_idx_addrx",
    )


def test_what_does_not_go_on_in_the_next_line_lacks_something_at_the_end_of_this_one() -> None:
    text = 'void f(int n)\n{\n\tsay(_("one \\\n two\\n"))\n\n\n\tn = 1;\n}\n'
    assert [(finding.rule, finding.line) for finding in judge(text).findings] == [("syntax-error", 4)]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("p->f = do_up; p->g = do_tab; n = p->f == do_paste || p->g != do_cut;", []),
        ("p->a[1] = actionQuit; p->a[2] = actionHelp; p->a[3] = actionSort; show(actionTag);", []),
        ("p->f = do_up; p->g = do_tab; n = p->f == do_paste;", ["do_paste", "do_tab", "do_up"]),
        ("p->f = do_up; p->g = do_tab; n = p->f == do_paste || do_cut;", ["do_cut", "do_paste", "do_tab", "do_up"]),
        ("p->a = old_a; p->b = old_b; p->c = old_c; p->d = old_d;", ["old_a", "old_b", "old_c", "old_d"]),
    ],
)
def test_names_of_one_family_that_are_only_handed_on_or_compared_are_a_header_s(
    statements: str, expected: list[str]
) -> None:
    assert_findings_within(statements, *(f"undefined-variable {name}" for name in expected))


def test_a_family_of_several_functions_is_believed_below_headers_only() -> None:
    """In a text that many functions were put together in, unrelated names begin alike."""
    first = "void f(struct s *p)\n{\n\tp->f = do_up;\n\tp->g = do_tab;\n}\n"
    second = "void g(struct s *p)\n{\n\tp->f = do_paste;\n\tp->g = do_cut;\n}\n"
    assert found('#include "s.h"\n' + first + second, whole=True) == []
    names = ("do_cut", "do_paste", "do_tab", "do_up")
    assert found(first + '#include "s.h"\n' + second) == [f"undefined-variable {name}" for name in names]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("set_sizewidth, 1);", []),  # set_size(width, 1);
        ("set_sizewidt, 1);", []),
        ("n = set_sizewidt, 1);", []),
        ("if (n)\n\t\tset_sizeLIMIT, 1);", []),
        ("assertlimit > 0);", []),
        ("set_sizewidth,\n\t\t1);", []),
        ("n = set_sizelimit,\n\t\t1);", []),
        ("n = limit + 1;\n\tset_sizewidth,\n\t\t1);", ["undefined-variable limit"]),
        ("set_size(limit,\n\t\twidth));", ["undefined-variable limit"]),
        ("n = copylist.n);", []),
        ("n = (lists.n);\n\tset(1));", ["undefined-variable lists"]),
        ("int word;\n\tset_sizeword, 1);", []),
        ("int word = 1;\n\tset_sizeword);", []),
        ("n = limit > 0 + set(1);", ["undefined-variable limit"]),
        ("return set_sizeLIMIT, n, widt);", ["undefined-variable widt"]),
        ("return set_size(width), widt));", []),
        ("int (*call)int, char *);\n\tg(call);", []),
        ("int (*call)(int, char *;\n\tint word = 1;\n\tset(call, word);", []),
        ("int call(int, char *b;\n\tint word = 1;\n\tset(wrd);", ["undefined-variable wrd", "unused-variable word"]),
        ("n = old_width + set(1);", ["undefined-variable old_width"]),
        ("n = set_sizewidth);", []),
        ("return new_width & old_width-1);", ["undefined-variable new_width", "undefined-variable old_width"]),
        ("void)width;", []),
        ("quote nam);", ["undefined-variable nam"]),
        ("typedef int word;\n\tword *w = height;\n\tn += *w;\n\tset(n));", []),
        ("if n & heigh)\n\t\treturn 0;", ["undefined-variable heigh"]),
        ("clear &list, 1);", []),
        ("n = lower *height);", []),
        ("n = lower * height + set(1);", ["undefined-variable lower"]),
        ("if (width\n\t\t*height = width;", []),
        ("list->action = board_action_open;", []),
    ],
)
def test_a_line_without_its_bracket_still_means_what_it_says(line: str, expected: list[str]) -> None:
    broken = "" if line.count("(") != line.count(")") else "\tg((n);\n"
    text = f"int f(int n, int width, int *height, struct list *list)\n{{\n\t{line}\n{broken}\treturn n + width;\n}}\n"
    assert [finding for finding in found(text) if "bracket" not in finding] == expected


def test_a_loop_that_declares_its_names_does_so_in_a_damaged_function_too() -> None:
    text = "int f(int n)\n{\n\tg((n);\n\tarray_foreach(n, i, one) {\n\t\tg(i, one);\n\t}\n\treturn n;\n}\n"
    assert found(text) == ["unbalanced-bracket ("]


@pytest.mark.parametrize(
    "loop", ["LIST_FOREACH_SAFE(one, tree, next) {", "LIST_FOREACH_SAFE(one, tree, next) {\n\t\tg((n);"]
)
def test_a_loop_that_keeps_what_comes_next_wants_a_variable_for_it(loop: str) -> None:
    text = f"int f(int n)\n{{\n\tstruct list *one;\n\n\t{loop}\n\t\tg(n, one);\n\t}}\n\treturn n;\n}}\n"
    assert "undefined-variable next" in found(text)


def test_what_is_returned_without_a_semicolon_is_returned() -> None:
    text = "int f(int n)\n{\n\tif (n)\n\t\treturn wrong\n\telse\n\t\treturn n;\n}\n"
    assert_findings(text, "syntax-error", "undefined-return wrong")
    text = "int f(int n)\n{\n\tif (n)\n\t\treturn wrong\n\n\tn = 1;\n\treturn n;\n}\n"
    assert_findings(text, "syntax-error", "undefined-return wrong")


@pytest.mark.parametrize("statement", ["return NULL", "n = NULL"])
def test_a_constant_that_is_all_of_a_value_lacks_its_semicolon(statement: str) -> None:
    text = f"int f(int n)\n{{\n\tif (n)\n\t\t{statement}\n\tn = 4;\n\treturn n;\n}}\n"
    assert [(finding.rule, finding.line) for finding in judge(text).findings] == [("syntax-error", 4)]


def test_a_call_whose_name_ends_in_cleanup_excuses_nothing() -> None:
    text = "int f(int n)\n{\n\tint x = list_cleanup(n);\n\n\treturn n;\nnever:\n\tlist_cleanup(n);\n\treturn 0;\n}\n"
    assert_findings(text, "unused-variable x", "unused-label never")


def test_a_damaged_function_whose_braces_are_both_indented_is_read() -> None:
    text = "int f(int n)\n  {\n  if (n)\n    {\n    n = low;\n    }\n  g(n));\n  return n;\n  }\n"
    assert_findings(text, "unbalanced-bracket )", "undefined-variable low")
    again = text.replace("int f", "\nint h").replace("low", "high")
    assert_findings(text + again, *["unbalanced-bracket )"] * 2, "undefined-variable low", "undefined-variable high")
