"""What a compiler judged otherwise in functions of real projects, each made as short as it can be."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, assert_findings_within, found, judge


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("n = 8 MB;", []),
        ("n = (u32)((5 MB) / (n + 1)) + 1;", []),
        ("n = look(BAD_CAST p);", []),
        ("n = look(AS_TEXT p, n);", []),
        ("n = 8 n;", ["syntax-error"]),
    ],
)
def test_a_macro_may_bring_an_operator_or_a_cast_with_it(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


def test_a_macro_that_casts_what_follows_it_does_not_cost_a_function_its_blocks() -> None:
    assert_findings_within("{ int one = n; look(BAD_CAST p, one); } n = one;", "undefined-variable one")


def test_a_macro_alone_above_a_statement_needs_no_semicolon() -> None:
    statements = "int i;\n\tshow(p);\n\tTEST_VERSION\n\tfor (i = 1; i < n; i++)\n\t\tshow(q);"
    assert_findings_within(statements, "undefined-variable q")


def test_a_type_in_capitals_above_the_name_of_an_old_function_lacks_no_semicolon() -> None:
    text = "\tpublic ROW_POINTER\nmake(count)\n\tint count;\n{\n\treturn get(count, size);\n}\n"
    assert_findings("void f(void)\n{\n\tg();\n}\n\n" + text, "undefined-variable size")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("n = &*first)->next;", ["unbalanced-bracket )", "undefined-variable first"]),
        ("n = *first)->next;", ["unbalanced-bracket )", "undefined-variable first"]),
        ("n = first)->next;", ["unbalanced-bracket )"]),
    ],
)
def test_what_a_star_stands_before_and_a_member_behind_is_no_call_that_lost_its_parenthesis(
    line: str, expected: list[str]
) -> None:
    assert_findings_within(line, *expected)


@pytest.mark.parametrize("damage", ["", "\tg(a;\n"])
def test_the_number_of_an_element_in_a_table_is_a_constant(damage: str) -> None:
    elements = "[transmit] = MODE_TX,\n\t\t[receive] = MODE_RX,\n\t\t[2 ... last] = 0,\n"
    table = "static const u8 modes[] = {\n\t\t" + elements + "\t};\n"
    text = "int f(int a)\n{\n\t" + table + damage + "\treturn modes[a] + modes[b];\n}\n"
    expected = ["undefined-variable b", *(["unbalanced-bracket ("] if damage else [])]
    assert_findings(text if not damage else text.replace("\t\t[2 ... last] = 0,\n", ""), *expected)


def test_functions_among_which_a_call_chooses_are_a_headers() -> None:
    assert_findings_within("n = (n == 3 ? load_text : load_code)(p, size);", "undefined-variable size")
    assert_findings_within("n = (m ? load_text : load_code)(p);", "undefined-variable m")


def test_several_names_that_begin_alike_and_are_only_returned_are_enumerators() -> None:
    text = "int f(int n)\n{\n\tif (n)\n\t\treturn row_none;\n\tif (n > 2)\n\t\treturn row_sse;\n\treturn row_x87;\n}\n"
    assert_findings(text)
    two = ("undefined-return row_none", "undefined-return row_sse", "undefined-return old_n")
    assert_findings(text.replace("row_x87", "old_n"), *two)


def test_names_of_truths_with_a_prefix_are_constants() -> None:
    assert_findings_within("if (p->last == n)\n\t\treturn awk_true;\n\tn = awk_truth;", "undefined-variable awk_truth")


def test_three_capitals_before_small_letters_make_an_enumerator_that_is_given_or_compared() -> None:
    assert_findings_within("if (p->state == GCSsweep)\n\t\tp->state = GCSpause;")
    assert_findings_within("n = GCSpause * 2;", "undefined-variable GCSpause")


def test_what_a_library_for_events_calls_is_given_by_name() -> None:
    assert_findings_within("p->term = evsignal_new(p, SIGINT, do_term, p); n = pcap_loop(p, -1, countme, p);")


def test_a_label_to_which_the_macros_of_a_library_for_tests_jump_is_used() -> None:
    text = 'void f(void)\n{\n\ttt_abort_msg("no");\nend:\n\tstop();\n}\n'
    assert_findings(text)
    assert_findings(text.replace("tt_abort_msg", "abort_msg"), "unused-label end")


def test_a_test_that_a_macro_begins_has_no_parameters() -> None:
    text = "TEST_IMPL(spawn) {\n\tint n = 1;\n\n\tr = start(n);\n\treturn r;\n}\n"
    assert_findings(text, "undefined-variable r", "undefined-return r")
    assert_findings(text.replace("TEST_IMPL", "ACTION"))


def test_behind_the_rest_of_a_function_whose_braces_are_indented_the_next_is_read() -> None:
    rest = "  if( n == 1 )\n    { fail( n ); return 0; }\n  return 0;\n  }\n\n\n"
    whole = (
        "const char * get( const char ** const from )\n  {\n  if( mark == 1 )\n    return 0;\n  return *from;\n  }\n"
    )
    evaluation = judge(rest + whole)
    assert [(finding.symbol, finding.line) for finding in evaluation.findings if not finding.edge] == [("mark", 9)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("user_list_all_names == NULL", ["undefined-variable user_list_all_names"]),
        ("NULL != user_list_all_names", ["undefined-variable user_list_all_names"]),
        ("p->call == user_list_all_names", []),
        ("find(p, n) ==\n\t    ParseFailed", []),
        ("n == Max_Int", []),
        ("n == OpArgN", []),
    ],
)
def test_what_is_compared_with_null_is_no_function_and_what_else_is_compared_may_stand_on_the_next_line(
    condition: str, expected: list[str]
) -> None:
    assert_findings_within(f"if ({condition})\n\t\treturn 1;", *expected)


def test_a_local_with_an_underscore_more_is_a_slip() -> None:
    statements = "const char *user_list = get(n);\n\tshow(user_list_);\n\tn = find_all(user_list);"
    assert_findings_within(statements, "undefined-variable user_list_")


def test_the_condition_of_a_loop_whose_parenthesis_was_mistaken_is_no_call() -> None:
    text = "int f(int n)\n{\n\tint i;\n\n\tfor [i = 0; size < n; i++) {\n\t\tshow(i);\n\t}\n\treturn i;\n}\n"
    assert_findings(text, "unbalanced-bracket )", "undefined-variable size")


@pytest.mark.parametrize("call", ["compute(>>, n, n)", "compute(<<, n, -n)", "check(q[n], !=, 0)", "check(n, &&, n)"])
def test_an_operator_may_be_what_a_macro_is_given(call: str) -> None:
    assert_findings_within(f"int q[2];\n\tshow(q);\n\tfor (n = 0; n < 9; ++n) {{\n\t\t{call};\n\t}}")


@pytest.mark.parametrize("value", ["(const struct address *) &n", "sizeof(struct address)", "sizeof (int)"])
def test_a_call_is_no_macros_because_a_type_is_cast_to_or_measured_in_it(value: str) -> None:
    assert_findings_within(f"n = send(n,\n\t    {value},\n\t    n)\n\tASSERT(n == 0);", "syntax-error")


def test_a_semicolon_is_missing_in_a_second_branch_too() -> None:
    text = "void f(void)\n{\n#ifdef OLD\n\tshow(1);\n#else\n\tshow(2)\n#endif\n}\n"
    assert [(finding.rule, finding.line) for finding in judge(text).findings] == [("syntax-error", 6)]
    assert_findings(text.replace("show(2)", "show(2);"))


@pytest.mark.parametrize(
    "statement",
    [
        "table->gawk_fwrite = reverse_fwrite;",
        "digest(p, (nettle_cipher_func *) aes256, n);",
        "qsort(p, n, 8, (qsort_cmpf)cmpe);",
        "tputs(p, 1, putcha);",
        "exchange(read, n, p);",
    ],
)
def test_what_is_made_or_taken_for_a_function_is_a_headers(statement: str) -> None:
    assert_findings(
        f"int f(int n, struct node *p, struct table *table)\n{{\n\t{statement}\n\treturn n + p->a + table->b;\n}}\n"
    )


def test_a_handler_of_signals_is_set_by_its_address() -> None:
    assert_findings_within("struct sigaction action;\n\taction.sa_sigaction = &reacts;\n\tset(&action);")


def test_a_missing_brace_is_missed_behind_all_lines_of_a_functions_parameters() -> None:
    header = "int next(const char *text, char **end,\n\t int *result)\n"
    text = header + "\n\tint n = 0;\n\n\t*result = n + *text;\n\treturn end != 0;\n}\n"
    assert [(finding.rule, finding.line) for finding in judge(text).findings] == [("unbalanced-bracket", 3)]


def test_the_parameters_of_a_function_that_a_branch_leaves_out_declare_nothing_elsewhere() -> None:
    hidden = "#ifndef WITHOUT_ROWS\nstatic void\ninit_rows(state_t *rows, void *all)\n{\n\tstart(rows);\n}\n#endif\n\n"
    text = "state_t *\nopen_rows(int n)\n{\n\tif (rows == NULL)\n\t\treturn NULL;\n\treturn get(rows, n);\n}\n"
    assert_findings(hidden + text, "undefined-variable rows")


def test_a_macros_call_that_only_begins_a_statement_is_no_reason_for_none_of_its_semicolon() -> None:
    assert_findings_within("ROWS(p)[1] = (char)(n >> 24)\n\tROWS(p)[2] = (char)(n >> 32);", "syntax-error")
    assert_findings_within("ROWS(p)\n\tROWS(p);")


@pytest.mark.parametrize(
    "declaration", ["_cleanup_x509_key_ key_t _key = NULL;", "const Row *_key _unused_ = (const Row *)p;"]
)
def test_an_attribute_between_underscores_is_no_part_of_a_declaration(declaration: str) -> None:
    assert_findings_within(f"{declaration}\n\tn = show(&_key, one);", "undefined-variable one")


def test_what_is_given_to_several_members_that_end_alike_is_functions() -> None:
    assert_findings_within("p->add = sum_add;\n\tp->finish = sum_finish;\n\tp->twice = sum_twice;")
    three = "p->add = old_add;\n\tp->low = old_low;\n\tp->twice = old_twice;"
    assert_findings_within(three, *(f"undefined-variable old_{name}" for name in ("add", "low", "twice")))


def test_a_global_that_is_called_the_one_is_a_headers_and_what_is_called_in_parentheses_is_a_function() -> None:
    assert_findings_within(
        "n = the_index.cache_nr;\n\tcall_t *f = p->f;\n\tif (!f)\n\t\tf = take;\n\t(f)(p);\n\tn = protect(p, begin);"
    )


def test_a_hook_of_a_header_may_be_compared_with_null() -> None:
    assert_findings_within("if (error_log_hook != NULL)\n\t\tn = 1;")


def test_a_macro_that_is_a_condition_may_stand_before_a_call_that_casts() -> None:
    assert_findings_within('DEBUG(FULL) show("%ld %ld",\n\t    (long int)n, (long int)n, p);')


def test_labels_of_which_one_function_tells_that_macros_jump_there_are_all_used() -> None:
    one = "void f(void)\n{\n\ttt_assert(1);\nend:\n\tstop();\n}\n\n"
    assert_findings(one + one.replace("f(void)", "g(void)").replace("tt_assert", "CHECK_IT"))


def test_what_is_printed_is_no_function_of_a_header_however_long_its_name() -> None:
    assert_findings_within("note_it(n, dropped_filedir);")
    assert_findings_within('show("%s: %d", p, dropped_filedir);', "undefined-variable dropped_filedir")


def test_a_slip_of_a_local_behind_a_type_is_no_member() -> None:
    assert_findings_within("int data; p = Make_It(p, struct cell, member); n = data;")
    assert_findings_within("int data; p = Make_It(p, struct cell, daat); n = data;", "undefined-variable daat")
    assert_findings_within('int data; audit("a", Py_None, dat); n = data;', "undefined-variable dat")


def test_a_type_of_pointers_to_functions_may_be_defined_in_a_broken_function() -> None:
    statements = "typedef size_t (*compress)(void*, int);\n\tcompress it = n;\n\tuse(it);\n\t{\n\t} }\n"
    assert_findings_within(statements, "unbalanced-bracket }")


def test_attributes_alone_above_a_static_function_are_none_of_its_types() -> None:
    header = (
        "__attribute_maybe_unused__ __attribute_warn_unused_result__\n__attribute_nonnull__ ((1, 2))\nstatic bool\n"
    )
    assert_findings(
        f"{header}NAME (end) (struct LIST *list)\n{{\n\treturn finish(list, gone);\n}}\n", "undefined-variable gone"
    )


def test_values_of_interpreters_are_constants() -> None:
    assert_findings_within("if (n == Qnil) n = Qtrue; p = make(Qsymbol_p, n);")
    assert_findings_within("n = qnil;", "undefined-variable qnil")


def test_a_call_of_which_the_address_is_taken_is_a_macros_and_makes_a_name() -> None:
    assert_findings_within("p = call(p, &_Py_NAME(enable));")
    assert_findings_within("int data; p = call(p, &_Py_NAME(daat)); n = data;", "undefined-variable daat")
    assert_findings_within("n = n & BIT(enable);", "undefined-variable enable")
    assert_findings_within("p = call(p, &look(enable)->a);", "undefined-variable enable")


@pytest.mark.parametrize(
    ("header", "bracket"),
    [
        ("int f int n, struct node *p) {", ")"),
        ("int f(int n, struct node *p {", "("),
        ("int f(int n, struct node *p}) {", "}"),
        ("int f {int n, struct node *p) {", "{"),
        ("int f(int n, struct node *p) ({", "("),
        ("int f(int n, struct node *p} {", "}"),
        ("int f(int n, struct node *p) }", "}"),
        ("int f(int n, struct node *p)\n]", "]"),
        ("int f(int n,\n      struct node *p)\n}", "}"),
    ],
)
def test_a_bracket_that_is_wrong_in_a_header_hides_nothing_in_the_function(header: str, bracket: str) -> None:
    one, two = (f"int {name}(int n) {{\n\treturn n;\n}}\n" for name in ("one", "two"))
    findings = found(f"{one}\n{header}\n\tint idle;\n\tif (n)\n\t\tgoto out;\nout:\n\treturn gone;\n}}\n\n{two}")
    assert [finding for finding in findings if not finding.startswith("unbalanced")] == [
        "undefined-return gone",
        "unused-variable idle",
    ]
    assert f"unbalanced-bracket {bracket}" in findings
