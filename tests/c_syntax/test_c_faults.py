"""What is a syntax error and what only a grammar without a preprocessor takes for one."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, assert_findings_within, found, judge


@pytest.mark.parametrize(
    "statements",
    [
        "FOR_EACH_WARD(n,\n\t\tfor (n = 0; n < 3; n++) {\n\t\t\tg(n);\n\t\t}\n\t);",
        "Protect(\n\t\tif (!call(p))\n\t\t\tn = 1;\n\t)",
        "if (n)\n\t\tp = NULL;\n\telse walk(n, len, ({\n\t\tnext(len);\n\t})\n\t)",
        "switch (n) {\n\tdefault: {\n\t\tProtect(\n\t\t\tif (!call(p))\n\t\t\t\tg(n);\n\t\t)\n\t}\n\t}",
        "LOCAL_ALIGNED(int16_t, block, [64]);\n\tg(block);",
        "n = make(n, ROUTINE(.read = NULL,\n\t\t.write = NULL), p);",
        "add(modes(n), supported, 10000baseT_Full);",
        "n = get(p, IF_STATUS(n,) n);",
        "n = (typeof(p->n))(unsigned long)p;",
        "OPTION(shift);\n\tOPTION(swap);\n\n\telse\n\t\tg(n);",
        'n = write(STR(CODE)" Ok") + f(n, STR(CODE)"a"\n\t\t"b");',
        "DECL_THREAD(int key);\n\tdecl_thread(int key);",
        "if (timercmp(p, &n, >=) || timercmp(p, &n, <))\n\t\tn = 1;",
        "goto out;\nout:\n\tCLEAR(n)\n\tg(n);",
        "is_op(n, ==, 3);\n\tis_op(n, ==, 3, <);",
        "pr_warn(FW_BUG PREFIX,\n\t\tn);",
        'pr_warn(FW_BUG PREFIX "no %d", n);',
        "if (is_version(n, REVISION, 102A))\n\t\tn = 1;",
        "wait_until(n,\n\t\tint m = g(n);\n\t\tif (m)\n\t\t\tcontinue;\n\t);",
        "bool ATTR_UNUSED is_idle = false;",
        "for_each_ward(n, p)\n\t\t++n;",
        "if (n)\n\t\tgoto *labels[1];\n\tlabels[1] = p;",
        "if (n == 'h'\n\t\tIF_MORE(&& n != 3)\n\t\t) {\n\t\tg(n);\n\t}",
        'say(n, T("one") T("two")\n\t\tT(MANY) T("d"), n);',
        "node_t (*all[3])__P(NOTHING);\n\tg(all);",
        "p = (struct node *)\n\tget(p, sizeof(struct node));",
        "FOR_ALL_WARDS(p)\n\t\t// those that are\n\t\t// not needed\n\t\tif (p->n)\n\t\t\tn = 1;",
        "IGNORE(n)\n\tIGNORE(p)\n\tn = 1;",
        "if (n) {\n\t\tn = 1;\nIGNORE_END\n\t}",
        "IF_DEBUG\n\t{\n\t\tg(n);\n\t}",
        "if (n > 1 && p)\n\t\tD_COUNT = n;",
        "uint32 most ONLY_IN_ASSERTIONS = f(n, p);\n\tAssert(most > 0);\n\tn = most;",
    ],
)
def test_what_a_macro_may_make_of_its_arguments_is_no_syntax_error(statements: str) -> None:
    rules = {
        finding.split()[0] for finding in found(f"int f(int n, struct node *p)\n{{\n\t{statements}\n\treturn n;\n}}\n")
    }
    assert not rules & {"syntax-error", "unused-variable"}


def test_a_number_with_letters_is_a_syntax_error_where_no_macro_can_make_a_name_of_it() -> None:
    assert_findings_within("n = 10000baseT_Full;", "syntax-error")


@pytest.mark.parametrize(
    "declaration",
    [
        "file_t* FAST open_it(int n)",
        "static file_t *INTERNAL\nopen_it(int n)",
        "struct ward* FAST open_it(int n)",
        "Ward FAR * EXPORT open_it(int n)",
    ],
)
def test_capitals_between_a_pointer_and_a_function_s_name_decorate_it(declaration: str) -> None:
    assert_findings(f"{declaration}\n{{\n\treturn get(n);\n}}\n")


def test_a_macro_that_hides_a_prototype_ends_in_of() -> None:
    assert_findings("void *take _Z_OF((void *, unsigned));\n\nint f(void)\n{\n\treturn 1;\n}\n")


@pytest.mark.parametrize("name", ["new0 (struct ward)", "new0(struct ward)"])
def test_a_type_alone_is_an_argument_of_a_macro_with_and_without_a_blank_before_it(name: str) -> None:
    assert_findings(f"struct ward *f(void)\n{{\n\tstruct ward *w = {name};\n\n\treturn w;\n}}\n")


@pytest.mark.parametrize(
    "statement", ["memset(p, 0, sizeof(struct node))", "n = show((const uchar *)p, n) == TRUE", "n = a[n >= 2] != 0"]
)
def test_a_semicolon_is_missing_behind_what_no_macro_is_and_behind_a_comparison(statement: str) -> None:
    text = f"int f(int n, struct node *p, int *a)\n{{\n\t{statement}\n\tn = n + 1;\n\treturn n + p->n + *a;\n}}\n"
    assert [(finding.rule, finding.line) for finding in judge(text).findings] == [("syntax-error", 3)]


def test_a_semicolon_is_missing_behind_what_is_returned_of_a_macro() -> None:
    text = "int f(struct node *p)\n{\n\tif (IS_ERR(p))\n\t\treturn PTR_ERR(p)\n\n\tg(p, 1);\n\treturn 0;\n}\n"
    assert [(finding.rule, finding.line) for finding in judge(text).findings] == [("syntax-error", 4)]


def test_a_last_call_without_its_semicolon_still_uses_its_arguments() -> None:
    text = "void f(struct node *p)\n{\n\tlet_go(p);\n\tlet_go(q)\n}\n"
    assert_findings(text, "syntax-error", "undefined-variable q")


def test_an_index_that_lost_its_bracket_is_one_of_a_variable() -> None:
    text = "int f(struct node *all)\n{\n\treturn get(&new_all[0);\n}\n"
    assert_findings(text, "unbalanced-bracket [", "undefined-variable new_all")
    text = "int f(struct node *all)\n{\n\treturn get[all);\n}\n"
    assert_findings(text, "unbalanced-bracket )", "undefined-variable get")


def test_a_jump_in_a_branch_that_is_not_read_does_not_make_the_label() -> None:
    text = "int f(int n)\n{\n\tif (n)\n\t\tgoto out;\n#ifdef A\n\tn = 2;\n#else\n\tgoto out;\n#endif\n\treturn n;\n}\n"
    assert "undefined-label out" in found(text)
    assert "undefined-label out" not in found(text.replace("\tgoto out;\n#endif", "out:\n#endif"))


def test_a_macro_that_calls_one_with_its_own_end_needs_no_semicolon() -> None:
    macros = (
        "#define walk(n, step) walk_on(n, step, 1)\n#define walk_on(n, step, by) do { step; n += by; } while (0);\n"
    )
    function = "int f(int n)\n{\n\twalk(n,\n\t\tg(n)\n\t)\n\n\treturn n;\n}\n"
    assert_findings(macros + function)
    assert_findings(function.replace("walk(n,", "walk_to(n,"), "syntax-error")


def test_the_last_enumerator_lacks_nothing() -> None:
    assert_findings("enum {\n\tFIRST = 0\n};\n\nint f(void)\n{\n\treturn FIRST;\n}\n")


BROKEN_LINE = "\tif (n {\n"
BLOCKS = (
    "\t\tint a = 1;\n\t\tg(a);\n\t}\n\tfor (int i = 0; i < n; i++) {\n"
    "\t\tstruct { int x; } y = { .x = 1 };\n\t\tg(i, y.x);\n\t}\n"
)


def test_a_damaged_function_whose_braces_match_has_its_blocks() -> None:
    rest = "\tg(a, y);\n\tdo {\n\t\tint c = n;\n\t} while (n);\n\treturn c;\n"
    text = f"int f(int n)\n{{\n{BROKEN_LINE}{BLOCKS}{rest}}}\n"
    names = ("undefined-return c", "undefined-variable a", "undefined-variable y", "unused-variable c")
    assert_findings(text, "unbalanced-bracket (", *names)


def test_a_damaged_function_whose_braces_do_not_match_is_one_scope() -> None:
    text = f"int f(int n)\n{{\n\tif (n)\n{BLOCKS}\tg(a, y, z);\n\treturn n;\n}}\n"
    assert [finding for finding in found(text) if not finding.startswith("unbalanced")] == ["undefined-variable z"]


def test_a_macro_in_the_first_column_of_a_function_begins_no_other_one() -> None:
    text = (
        "int f(struct node *p, int *q)\n{\n\tint n = 0;\n\n\tif (!p)\n\t\tgoto out;\nNO_WARNINGS_ABOUT_OLD\n"
        "\tif (p->old && (*q & 1)) {\n\t\tn = p->old;\n\t}\nWARNINGS_ABOUT_OLD\n\tn++;\nout:\n\treturn n;\n}\n"
    )
    assert_findings(text)


def test_labels_of_a_block_are_no_variables() -> None:
    labels = "__label__ again, out;\n\nagain:\n\tif (n--)\n\t\tgoto again;\n\tgoto out;\nout:"
    assert_findings(f"int f(int n)\n{{\n\t{labels}\n\treturn n;\n}}\n")


@pytest.mark.parametrize("declaration", ["av_unused int a = n;", "Context av_unused *a = &n;"])
def test_a_variable_that_a_macro_calls_unused_may_be_it(declaration: str) -> None:
    assert_findings(f"int f(int n)\n{{\n\t{declaration}\n\n\treturn n;\n}}\n")
    named_so = "int f(int n)\n{\n\tint is_unused;\n\n\treturn n;\n}\n"
    assert_findings(named_so, "unused-variable is_unused")


def test_in_a_damaged_function_parameters_of_a_macro_are_no_uses() -> None:
    line = "declare_func(void, int *first, uint8_t second[3], struct node *third);\n\tg(n * fourth);"
    text = f"int f(int n)\n{{\n{BROKEN_LINE}\t\treturn 1;\n\t}}\n\t{line}\n\treturn n;\n}}\n"
    assert_findings(text, "unbalanced-bracket (", "undefined-variable fourth")


def test_operands_of_a_macro_among_the_literals_of_assembly_are_no_variables() -> None:
    assembly = '"a"\n\t\tLOAD(%[one], %[two], 0x08)\n\t\t"b"\n\t\t: : [one]"r"(n)'
    assert_findings(f"void f(int n)\n{{\n\tasm volatile (\n\t\t{assembly});\n}}\n")


def test_capitals_between_the_type_and_the_name_of_a_variable_decorate_it() -> None:
    tables = "local code_t FAR first[256];\nlocal code_t FAR second;\nlocal code_t FAR third = 3;\n"
    assert_findings(tables + "int f(void)\n{\n\treturn first[1] + second + third;\n}\n")


def test_a_macro_without_semicolon_that_opens_a_block_may_declare_its_argument() -> None:
    text = "void f(struct node *p)\n{\n\tWARNING_PARAMETERS(a)\n\n\tput(a, 1, p);\n\tput(a, 2, p);\n}\n"
    assert_findings(text)
    assert_findings(text.replace("(a)\n", "(a);\n"), "undefined-variable a")


@pytest.mark.parametrize(("parameters", "expected"), [("VOID_PARAM", ["undefined-variable pos"]), ("PARAMETERS", [])])
def test_a_macro_for_no_parameters_declares_none(parameters: str, expected: list[str]) -> None:
    other = "void add(int pos)\n{\n\tg(pos);\n}\n\n"
    assert_findings(other + f"void scan({parameters})\n{{\n\tg(pos + 1);\n}}\n", *expected)


def test_a_parameter_on_a_line_of_its_own_may_be_called_unused_there() -> None:
    lines = "struct Curl_cfilter *cf UNUSED_PARAM,\n                       struct Curl_easy *data UNUSED_PARAM"
    assert_findings(f"int Curl_none_shutdown({lines})\n{{\n\treturn 0;\n}}\n")


def test_in_a_damaged_function_a_pointer_to_a_pointer_is_declared() -> None:
    text = "void f(int n)\n{\n\tNODE **val = clear(n;\n\tg(val, *val);\n}\n"
    assert_findings(text, "unbalanced-bracket (")


def test_an_address_behind_a_call_that_lost_its_parenthesis_is_one_of_a_variable() -> None:
    text = "void *f(struct node *p)\n{\n\tp->pool = make_pool&parameters);\n\treturn p->pool;\n}\n"
    assert_findings(text, "unbalanced-bracket )", "undefined-variable parameters")
    assert_findings(text.replace("&para", "&p->a[3], &para"), "unbalanced-bracket )", "undefined-variable parameters")


@pytest.mark.parametrize("label", ["out_free:", "case 1:", "default:"])
def test_a_semicolon_is_missing_between_labels(label: str) -> None:
    body = f"\tswitch (n) {{\n\tcase 0:\n\t\tgoto out_free;\n{label}\n\t\tlet_go(q)\n\tcase 2:\n\t\tg(n);\n\t}}\n"
    text = f"void f(int n)\n{{\n{body}}}\n"
    assert {"syntax-error", "undefined-variable q"} <= set(found(text))


def test_va_dcl_declares_what_comes_behind_the_parameters_of_an_old_function() -> None:
    body = "{\n\tva_list args;\n\n\tva_start(args);\n\tg(args);\n}\n"
    assert_findings(f"void\nshow(va_alist)\nva_dcl\n{body}")
    assert_findings(
        f"void\nshow(a, va_alist)\n\tint a;\n\tva_dcl\n{body.replace('args);', 'a);')}", "unused-variable args"
    )


def test_new_and_old_before_a_letter_make_no_type() -> None:
    assert_findings_within("show(new_t, own_t);", "undefined-variable new_t")


@pytest.mark.parametrize(
    "text",
    [
        "static int f(lib_unused void *a, lib_unused unsigned int b, size_t const c)\n{\n\treturn get(a, b, c);\n}\n",
        "static void av_cold close_it(Context *ctx)\n{\n\tgo(ctx);\n}\n",
        "static void *align_arguments run(void *v)\n{\n\treturn v;\n}\n",
        "static struct ward *align_arguments run(void *v)\n{\n\treturn v;\n}\n",
        "static int most __ro_after_this = 1;\n\nint f(void)\n{\n\tu32 __n = most;\n\n\treturn __n;\n}\n",
        "static void f(ATTR_UNUSED const Object* cast, ATTR_UNUSED Meter* this)\n{\n\tgo(cast, this);\n}\n",
        "static INLINE\nint\nlog_of(int n) {\n\treturn n;\n}\n",
        "char *build = VERSION BUILD_ID DIRTY;\n\nint f(void)\n{\n\treturn build[0];\n}\n\nNO_EMPTY_FILE\n",
    ],
)
def test_words_side_by_side_of_which_one_is_a_decoration_are_read(text: str) -> None:
    assert_findings(text)


def test_a_macro_that_ends_in_buf_declares_its_argument() -> None:
    assert_findings("void f(int n)\n{\n\tSPRINT_BUF(b1);\n\n\tput(name(n, b1));\n}\n")
    assert_findings("void f(int n)\n{\n\tFREE_BUF(b1);\n\n\tput(name(n, b1));\n}\n", "undefined-variable b1")


def test_a_declarator_behind_one_that_lost_its_bracket_declares() -> None:
    text = 'int f(int n)\n{\n\tchar a[] = "one", b[ = "two", c[] = "three";\n\n\treturn g(a, b, c, n);\n}\n'
    assert_findings(text, "unbalanced-bracket [")
    assert_findings("int f(int n)\n{\n\tlong a = get(n, old;\n\n\treturn a;\n}\n", *OLD_LOST)


OLD_LOST = ("unbalanced-bracket (", "undefined-variable old")


def test_in_a_damaged_function_a_product_of_a_cast_declares_nothing() -> None:
    condition = "if ((double)n <= (double)m * big) {\n\t\treturn *p;\n\t}"
    text = f"int f(int n, int m)\n{{\n\tint *p = get(n;\n\tint big = 2;\n\n\t{condition}\n\treturn 1;\n}}\n"
    assert_findings(text, "unbalanced-bracket (")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("let_go p);", []),
        ("show old_p, p->n, 1);", ["undefined-variable old_p"]),
        ("p = struct node *)q;", ["undefined-variable q"]),
        ("let_go(Node)q);", ["undefined-variable q"]),
        ("switch q) {\n\tcase 1:\n\t\tg(p);\n\t}", ["undefined-variable q"]),
    ],
)
def test_a_call_or_a_cast_that_lost_its_parenthesis_uses_its_arguments(statement: str, expected: list[str]) -> None:
    assert_findings(f"void f(struct node *p)\n{{\n\t{statement}\n}}\n", "unbalanced-bracket )", *expected)


def test_a_macro_that_reserves_declares() -> None:
    text = "void f(int n)\n{\n\twhile (n) {\n\t\tRESERVE_BUFFER(b, 40);\n\t\tn = get(b, 40);\n\t\tput(b);\n\t}\n}\n"
    assert_findings(text)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("SETUP_FIXTURE();", []),
        ("setup_fixture();", ["undefined-variable box"]),
        ("DUMP();", ["undefined-variable box"]),
    ],
)
def test_a_macro_that_sets_up_without_arguments_may_declare_for_its_function(first: str, expected: list[str]) -> None:
    assert_findings(f"void f(void)\n{{\n\t{first}\n\tif (!get(box->n))\n\t\tbox->n = 1;\n}}\n", *expected)


def test_what_asks_for_android_is_not_read_first() -> None:
    text = (
        "#if !defined(A) || defined(__ANDROID_API__) && __ANDROID_API__ < 21\n\treturn 1;\n#else\n\treturn m;\n#endif\n"
    )
    assert_findings(f"int f(int n)\n{{\n{text}}}\n", "undefined-return m")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("for (; n < 3; n++)\n\t\tg(n);\n\telse\n\t\tg(p);", []),
        ("if (n)\n\t\tg(n);\n\t\tg(p);\n\telse\n\t\tg(n);", []),
        ("if (n)\n\t\tg(n);\n\telse\n\t\tg(p);\n\telse\n\t\tsize = 3;", ["undefined-variable size"]),
        ("else\n\t\tn = lost;", ["undefined-variable lost"]),
        ("n = else;", []),
        ("n = 3 + while;", []),
    ],
)
def test_a_keyword_without_what_it_belongs_to_is_a_syntax_error(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, "syntax-error", *expected)


@pytest.mark.parametrize(
    "statements",
    [
        "IF_ANY(n) g(n); else g(p);",
        "IF_ANY(n) {\n\t\tg(n);\n\t} else\n\t\tg(p);",
        "#ifndef HAVE_ANY\n\tif (n)\n\t\tg(n);\n\telse\n#endif\n\t\tg(p);",
        "#ifdef HAVE_ANY\n\tif (n)\n#else\n\tif (p)\n#endif\n\t\tg(n);\n\telse\n\t\tg(p);",
        "#ifndef __ANY__\n\tif (n)\n#endif\n\t{\n\t\tg(n);\n\t}\n\telse\n\t\tg(p);",
        "run(else, n);",
    ],
)
def test_an_else_whose_if_is_a_macro_s_or_in_a_branch_is_none(statements: str) -> None:
    assert_findings_within(statements)


def test_a_macro_of_the_text_may_bring_the_condition_of_an_else() -> None:
    assert_findings("#define when(x) if (x)\nint f(int n)\n{\n\twhen(n) g(n); else g(n);\n\treturn n;\n}\n")


@pytest.mark.parametrize(
    "mistake", ["do {\n\t\tg(n);\n\t}", "enum {\n\t\tA = (1\n\t\t\t? 1):\n\t};", "struct {\n\t\tint = 3;\n\t};"]
)
def test_a_mistake_in_one_function_hides_nothing_in_those_behind_it(mistake: str) -> None:
    whole = "\nstatic void h{0}(int n)\n{{\n\tint i;\n\tint i;\n\n\tfor (i = 0; i < n; i++)\n\t\tg(i);\n}}\n"
    text = f"int f(int n)\n{{\n\t{mistake}\n\n\treturn n;\n}}\n" + "".join(map(whole.format, range(20)))
    assert found(text).count("redeclared i") == 20
    share = next(metric for metric in judge(text).metrics if metric.name == "syntax-errors")
    assert 0 < share.count < len(text) / 10


def test_a_mistake_in_the_members_of_a_type_hides_nothing_behind_it() -> None:
    members = "struct s {\n\tunion u = {\n\t\t+ A;\n\t};\n};\n"
    text = (
        members
        + "\nint f(int n)\n{\n\tint n;\n\n\treturn n;\n}\n\nint g(int n)\n{\n\telse\n\t\tg(n);\n\treturn n;\n}\n" * 3
    )
    findings = [finding for finding in judge(text).findings if finding.line > members.count("\n")]
    assert [(finding.rule, finding.line) for finding in findings] == [
        (rule, line + 14 * i) for i in range(3) for rule, line in (("redeclared", 9), ("syntax-error", 16))
    ]


def test_a_brace_too_many_behind_a_function_hides_nothing_in_the_next() -> None:
    functions = [
        "int f(int n)\n{\n\tif (n)\n\t\tg(n);\n\t}\n}\n",
        "int h(int n, int n)\n{\n\treturn n;\n}\n",
        "int k(int n)\n{\n\tdo {\n\t\tn++;\n\t}\n\treturn n;\n}\n",
    ]
    for text in ("\n}\n\n".join(functions), "\n".join(functions), "\n".join([functions[2], *functions])):
        assert "redeclared n" in found(text)
        names = {part.name for part in judge(text).parts}
        assert names == {"f", "h", "k"}


@pytest.mark.parametrize(
    "parameters",
    [
        "struct s *p, int p.n",
        "int n, const char *p * size_t m",
        "struct s *p void *q",
        "int n->m",
        "int n; int m",
        "n + m",
    ],
)
def test_what_is_no_parameter_is_a_syntax_error_in_a_header(parameters: str) -> None:
    rules = [finding.rule for finding in judge(f"int f({parameters})\n{{\n\treturn g();\n}}\n").findings]
    assert rules == ["syntax-error"]


@pytest.mark.parametrize(
    "parameters",
    [
        "int n UNUSED",
        "int n unused, char *p attribute_hidden",
        "void (*g)(int, ...), int n",
        "OPTION(int n,) char *p",
        "T (n), int m",
    ],
)
def test_what_macros_make_of_parameters_is_none(parameters: str) -> None:
    assert "syntax-error" not in found(f"int f({parameters})\n{{\n\treturn g();\n}}\n")


def test_a_label_may_end_a_block_as_c23_has_it() -> None:
    assert_findings("int f(int n)\n{\n\tif (n)\n\t\tgoto out;\n\tg(n);\nout:\n}\n")


def test_a_path_of_members_in_a_call_that_lost_its_parenthesis_is_no_variable() -> None:
    text = "int f(struct node *p)\n{\n\ttable.size = 0;\n\tfreetable.size);\n\treturn p->a;\n}\n"
    assert found(text) == ["unbalanced-bracket )", "undefined-variable table"]


def test_in_a_damaged_function_a_macro_among_declarations_declares_its_word() -> None:
    text = "int f(int n)\n{\n\tint k;\n\tREQUEST_ARGS(args);\n\tint m;\n\n\tk = args.size;\n\tm = (k;\n\treturn m;\n}\n"
    assert found(text) == ["unbalanced-bracket ("]


def test_a_header_of_several_lines_without_the_brace_behind_it_is_one() -> None:
    text = "int f(struct node *p,\n      int n)\n\n\tint gap;\n\treturn n + hole;\n}\n"
    assert {"unused-variable gap", "undefined-variable hole"} <= set(found(text))


def test_in_a_damaged_function_a_call_and_its_argument_may_have_become_one_word() -> None:
    calls = "\tp->day = clock_readDAY_REG) & 31;\n\tclock_free&p->clock,\n\t\tDAY_REG);\n"
    assert set(found(f"int f(struct node *p)\n{{\n{calls}\treturn p->a;\n}}\n")) == {"unbalanced-bracket )"}


def test_in_a_damaged_function_a_long_name_that_is_compared_may_be_a_constant() -> None:
    text = "int f(int n)\n{\n\tif (n == rather_long_name || another_long_name == 0)\n\t\tn = (n;\n\treturn n;\n}\n"
    assert found(text) == ["unbalanced-bracket (", "undefined-variable another_long_name"]
