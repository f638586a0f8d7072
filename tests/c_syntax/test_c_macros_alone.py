"""Macros of headers on lines of their own, in the place of parameters and beside declarators."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, found


def test_a_macro_with_a_prefix_alone_on_its_line_is_no_type() -> None:
    text = (
        "int f(int fd)\n{\n\tint rc;\n\n\tdo {\n\t\tXy_BEGIN_QUIET\n\t\t_Xy_BEGIN_SAFE\n\t\trc = shut(fd);\n"
        "\t\t_Xy_END_SAFE\n\t\tXy_END_QUIET\n\t} while (rc < 0);\n\treturn %s;\n}\n"
    )
    assert_findings(text % "rc")
    assert_findings(text % "rd", "undefined-return rd")
    first_column = (
        "int f(int n)\n{\n_Xy_HINT_PUSH\n_Xy_HINT_QUIET\n\tif (n)\n\t\treturn 1;\n\treturn 0;\n_Xy_HINT_POP\n}\n"
    )
    assert_findings(first_column)


def test_a_line_that_goes_on_is_no_macro_alone() -> None:
    assert_findings("enum kind {\n\tXy_ONE_KIND\n};\n\nint f(int n)\n{\n\tn = Xy_ONE_KIND;\n\treturn n;\n}\n")
    assert_findings("int f(int n)\n{\n\tXy_BIG_WORD\n\t\tsum = n;\n\n\treturn sum;\n}\n")
    assert "unused-variable sum" in found("int f(int n)\n{\n\tXy_BIG_WORD\n\t\tsum = n;\n\n\treturn n;\n}\n")


def test_a_statement_below_a_macro_alone_is_no_variable() -> None:
    assert_findings("int f(int n)\n{\n\tENTER_LIBRARY\n\tgo(n);\n\tLEAVE_LIBRARY\n\n\tXy_RETURN_NOTHING;\n}\n")


def test_macros_below_each_other_need_no_semicolons() -> None:
    text = (
        "int f(struct list *l)\n{\n\tlong n = 0, deep = 1;\n\n\tTAKE_START(1, 3)\n\t\tTAKE_LIST(l)\n\t\tTAKE_MORE\n"
        "\t\tTAKE_LONG(n)\n\t\tTAKE_LONG(deep)\n\tTAKE_END();\n\n\tif (deep)\n\t\tgo(l);\n\treturn %s;\n}\n"
    )
    assert_findings(text % "n + deep")
    assert_findings(text % "m", "undefined-return m")
    assert_findings("int f(int n)\n{\n\tint m = 1;\n\tTAKE_A(1)\n\tTAKE_LONG(n, m)\n\tTAKE_MORE\n\n\treturn m;\n}\n")


def test_a_macro_that_is_all_parameters_hides_what_several_functions_lack() -> None:
    text = "Row\nrow_%s(XY_FUNCTION_ARGS)\n{\n\tint n = 1;\n\n\tXY_RETURN(common(callinfo, n));\n}\n"
    assert_findings(text % "in" + text % "out")
    assert "undefined-variable m" in found(text % "in" + (text % "out").replace(", n)", ", m + 1)"))
    assert "undefined-variable callinfo" in found(text.replace("XY_FUNCTION_ARGS", "int n") * 2)


def test_a_macro_among_parameters_declares_what_it_is_given() -> None:
    header = "static VALUE\ntake_i(ITEM_FUNC_ARGLIST(item, rest))\n"
    text = header + "{\n\tVALUE *list = (VALUE *)%s;\n\n\treturn put(list, item);\n}\n"
    assert "undefined-variable rest" not in found(text % "rest")
    assert "undefined-variable arg" in found(text % "arg")
    typed = "int f(VALUE v, MAY_STAY_UNUSED(size_t digits), int n)\n{\n\treturn n ? g(v, digits) : %s;\n}\n"
    assert_findings(typed % "digits")
    assert_findings(typed % "digit", "undefined-variable digit")


def test_capitals_behind_a_declarator_are_not_declared() -> None:
    text = "int f(int n)\n{\n\tunsigned long sum UNSET;\n\tint ok = look(n, &sum);\n\n\treturn ok ? sum : 0;\n}\n"
    assert_findings(text)
    unused = "int f(int n)\n{\n\tunsigned long sum UNSET;\n\n\treturn n;\n}\n"
    assert_findings(unused, "unused-variable sum")
    listed = "\tchar_t **first UNSET, **last UNSET;\n\n\tfirst = get(&last);\n"
    assert_findings(f"int f(int n)\n{{\n{listed}\treturn first[0] + last[n];\n}}\n")


def test_a_document_string_is_made_by_a_macro_with_a_prefix() -> None:
    text = 'XyDoc_STRVAR(row_doc,\n"text\\n"\n"more\\n");\n\nvoid f(struct row *r)\n{\n\tr->doc = row_%s;\n}\n'
    assert_findings(text % "doc")
    assert_findings(text % "dog", "undefined-variable row_dog")


def test_a_reserved_prefix_before_capitals_is_a_macro() -> None:
    assert_findings("int f(struct row *r)\n{\n\t_Xy_IDENTIFIER(_looped);\n\tint n = 1;\n\n\treturn go(r, n);\n}\n")


@pytest.mark.parametrize("macro", ["list_container(Item, link, r->at)", "XyOffsetOf(struct item, link)"])
def test_what_is_given_a_type_is_given_its_member(macro: str) -> None:
    assert_findings(f"int f(struct row *r)\n{{\n\tr->last = {macro};\n\treturn r->n;\n}}\n")


def test_a_macro_may_make_a_tag_or_a_type_behind_a_blank() -> None:
    text = (
        "int f(char *text)\n{\n\tstruct WIDE(header) *first = (struct WIDE(header) *)text;\n"
        "\tWide (Part) *part = next(first);\n\n\treturn first->n + part->n;\n}\n"
    )
    assert_findings(text)


def test_a_macro_may_make_an_automatic_variable() -> None:
    block = '{\n\t\tAUTO_STRING(format, "%d");\n\t\treturn apply(format, v);\n\t}'
    assert_findings(f"value f(value v)\n{{\n\tif (v) {block}\n\treturn v;\n}}\n")


def test_macros_below_each_other_in_a_table_are_no_statements() -> None:
    table = "static const row_t rows[] = {\n\tROW_OF(one)\n\tROW_OF(two)\n\tROW_LAST\n};\n"
    assert_findings(f"{table}\nint f(int n)\n{{\n\treturn rows[n].n;\n}}\n")


def test_what_three_names_lack_a_macro_for_a_header_declares() -> None:
    body = "\tint n = old_on_change(entry, stage, way, 1);\n\n\treturn n ? n : other + stage + way;\n"
    text = f"static XY_MESSAGE(on_change)\n{{\n{body}}}\n"
    assert_findings(text)
    other = "\nint g(int n)\n{\n\treturn n;\n}\n"
    assert found(text.replace("return n", "if (n)\n\t\treturn lost;\n\treturn n") + other) == ["undefined-return lost"]
    assert "undefined-variable stage" in found(text.replace("XY_MESSAGE", "XY_TEST"))
    assert "undefined-variable stage" in found(text.replace("XY_MESSAGE(on_change)", "int f(int n)"))
    assert_findings("XY_API XY_HANDLER(rows_done)\n{\n\tif (take(1))\n\t\treturn;\n\tgo();\n}\n")


def test_where_the_last_branch_is_an_error_one_before_it_is_read() -> None:
    text = (
        "#ifdef XY_OLD\nint g(void)\n{\n\treturn 1;\n}\n#else\nint f(int n)\n{\n#if defined(XY_A)\n\tif (take(n)) {\n"
        "#elif defined(XY_B)\n\tif (look(n)) {\n#else\n%s\n#endif\n\t\treturn 1;\n\t}\n\treturn n;\n}\n#endif\n"
    )
    assert_findings(text % "#error no way to take")
    assert "unbalanced-bracket }" in found(text % "\tgo();")


def test_a_macro_of_the_text_may_be_the_body_of_a_function() -> None:
    macro = "#define NOTHING(x) \\\n{ \\\n\tcheck(); \\\n\treturn get(x); \\\n}\n"
    text = f"{macro}static int\none(int n)\nNOTHING(one)\n\nint two(int n)\n{{\n\treturn one(n) + %s;\n}}\n"
    assert_findings(text % "n")
    assert_findings(text % "m", "undefined-variable m")
    text = text.replace("static int\none(int n)\n", "static int one(int n) ").replace("\nint two", "\n   int two")
    assert_findings(text % "n")
    assert_findings(text % "m", "undefined-variable m")


def test_a_macro_of_the_text_pastes_labels() -> None:
    macro = "#define WAIT(n) do { at = n; again_ ## n:; } while (0)\n"
    body = "\tswitch (at) {\n\tcase 1: goto again_%s;\n\t}\n\tWAIT(1);\n\treturn at;\n"
    assert_findings(f"{macro}int f(int at)\n{{\n{body % '1'}}}\n")
    assert "undefined-label aga_1" in found(f"{macro}int f(int at)\n{{\n{body.replace('again_%s', 'aga_1')}}}\n")


def test_a_calling_convention_in_small_letters_or_before_a_line_end() -> None:
    pointer = "\tDWORD (__stdcall *get_it)(int) =\n\t\tlook(n);\n\n"
    assert_findings(f"int f(int n)\n{{\n{pointer}\tif (get_it)\n\t\tn = 1;\n\treturn n;\n}}\n")
    kind = "\ttypedef BOOL (WINAPI *set_func)\n\t\t(HANDLE, int);\n\tset_func set = (set_func)n;\n\n"
    assert_findings(f"int f(int n)\n{{\n{kind}\treturn set(n);\n}}\n")


def test_a_macro_may_open_a_block_that_begins_with_a_declaration() -> None:
    text = (
        "void f(list *l)\n{\n\tint sum = 0;\n\trow *outer;\n\n\tLIST_FOREACH(l, outer)\n\t\trow *inner = outer->next;\n"
        "\t\tint n = inner->n;\n\n\t\tsum += n;\n\tLIST_FOREACH_END();\n\tuse(%s);\n}\n"
    )
    assert_findings(text % "sum")
    assert "undefined-variable sun" in found(text % "sun + 1")


def test_a_macro_that_is_given_a_pointer_and_set_declares_it() -> None:
    text = "void f(list *l)\n{\n\tROW_FUNCS(*tab) = &row_funcs;\n\n\tpush(l, tab->n);\n}\n"
    assert "undefined-variable tab" not in found(text)
    assert "undefined-variable tab" in found(text.replace("ROW_FUNCS(*tab)", "l->tab"))


def test_a_label_before_a_macro_alone_does_not_end_its_block() -> None:
    body = "\tif (n)\n\t\tgoto out;\n\tgo();\nout:\n\tXy_LAST_END\n"
    assert_findings(f"void f(int n)\n{{\n{body}}}\n\nint g(int n)\n{{\n\treturn n;\n}}\n")


def test_what_stands_a_blank_from_the_margin_below_a_type_is_no_local() -> None:
    types = " struct\nrow {\n\tstruct row *next;\n\tint n;\n\t};\n\n static struct row *rows[8];\n\n"
    assert_findings(f"{types}int f(int n)\n{{\n\tstruct row *r = rows[n];\n\n\treturn r->n;\n}}\n")


def test_what_stands_a_blank_from_the_margin_behind_an_indented_brace_is_no_local() -> None:
    function = (
        " static int\none(int n)\n{\n\tif (n) {\n\t\tn++;\n\t\t}\n\treturn n;\n\t}\n\n static struct row *rows;\n\n"
    )
    assert_findings(f"{function}int f(int n)\n{{\n\tstruct row *r = rows;\n\n\treturn r->n + one(n);\n\t}}\n")


def test_macros_that_bring_a_comma_stand_beside_arguments() -> None:
    text = (
        'void f(pCTX_ heap_t *h, size_t size)\n{\n\twarn(aCTX_ "%%lu", size);\n\tif (look(aCTX_ h))\n'
        "\t\tresize(h, size);\n\tsum(aCTX_ &h->n, %s);\n}\n"
    )
    assert_findings(text % "size")
    assert_findings(text % "sizes", "undefined-variable sizes")


def test_capitals_behind_a_type_are_variables() -> None:
    text = "int f(int n)\n{\n\tsize_t L_S1, L_S2, i;\n\n\tL_S1 = L_S2 = n1];\n\ti = L_S1 + L_S2;\n\treturn i;\n}\n"
    assert "undefined-return i" not in found(text)
    assert "undefined-variable i" not in found(text)


def test_a_word_in_small_letters_before_a_block_is_a_statement() -> None:
    text = (
        "int f(int n)\n{\n\txy_try {\n\t\tint k = n;\n\n\t\tgo(k);\n\t} xy_catch {\n\t\tstop(%s);\n\t} xy_end_try();\n"
        "\t{\n\t\txy_try{\n\t\t\tgo(n);\n\t\t} xy_end_try();\n\t}\n\treturn n;\n}\n"
    )
    assert_findings(text % "n")
    assert_findings(text % "m", "undefined-variable m")


def test_calls_of_macros_stand_before_literals() -> None:
    body = '\tappend(p, AsString(OPEN) ",");\n\tappend(p, AsString(OPEN) ","\n\t\tAsString(SHUT) ",");\n'
    assert_findings(f"int f(char *p, int n)\n{{\n{body}\treturn n;\n}}\n")
    assert_findings(f"int f(char *p, int n)\n{{\n{body}\treturn m;\n}}\n", "undefined-return m")


def test_a_cast_may_end_its_line() -> None:
    assert_findings("int f(int n)\n{\n\tRow row = (Row)\n\tget(n);\n\n\treturn row->n;\n}\n")


def test_a_bare_condition_and_a_declaring_macro_in_mixed_letters() -> None:
    body = "\tREi_GET_DECL(r, ri);\n\n\tif isDIGIT(*s) {\n\t\tgo(ri->n);\n\t}\n"
    text = f"int f(struct regex *r, char *s)\n{{\n{body}\treturn %s;\n}}\n"
    assert_findings(text % "ri->n")
    assert_findings(text % "rj", "undefined-return rj")


def test_a_loop_counts_with_what_it_is_given_last() -> None:
    loop = "\trow_array_for(l->rows, at) {\n\t\tuse(get(l->rows, at));\n\t}\n"
    assert_findings(f"void f(list *l)\n{{\n{loop}\tif (&send_fast != NULL)\n\t\tgo(l);\n}}\n")


def test_a_macro_behind_a_words_type_is_no_variable_where_capitals_are() -> None:
    assert_findings(
        "int f(int n)\n{\n\tunsigned REG_T A0, A1;\n\n\tA0 = A1 = n;\n\treturn A0 + A1 + gone;\n}\n",
        "undefined-variable gone",
    )


def test_a_pointer_to_an_array_may_have_a_type_that_the_text_defines() -> None:
    text = "typedef int limb;\ntypedef limb felem[9];\n\nint f(int n)\n{\n"
    text += "\tfelem(*before)[3] = NULL;\n\n\tbefore = look(n);\n"
    assert_findings(f"{text}\treturn use(before, gone);\n}}\n", "undefined-variable gone")


def test_constant_sizes_are_those_of_an_array() -> None:
    text = "int f(int n)\n{\n\treal(*block)[2][ROWS * COLUMNS] = get(n);\n\n\treturn use(block, gone);\n}\n"
    assert_findings(text, "undefined-variable gone")


def test_an_attribute_may_stand_behind_the_last_of_several_names() -> None:
    text = "int f(int n)\n{\n\tsize_t first, last __our_unused;\n\n\tfirst = n;\n\treturn first + gone;\n}\n"
    assert_findings(text, "undefined-variable gone")


def test_an_address_that_a_macro_of_the_text_drops_needs_no_declaration() -> None:
    macro = "#define SHOW(title, value, place) show(title, value)\n"
    text = f"{macro}int f(int n)\n{{\n\tSHOW(1, CAST(int, n), &place);\n\tSHOW(1, &gone, &place);\n\treturn n;\n}}\n"
    assert_findings(text, "undefined-variable gone")


def test_a_macro_may_say_what_it_declares() -> None:
    text = "int f(int n)\n{\n\tDeclareThis(row_t);\n\n\tThis->n = n;\n\treturn This->m + That->m;\n}\n"
    assert_findings(text, "undefined-variable That")


def test_a_pointer_to_an_array_of_arrays_is_declared() -> None:
    text = "int f(int n)\n{\n\tFLOAT(*sums)[3][SIZE_s];\n\n\tsums = get(n);\n\treturn use(sums, gone);\n}\n"
    assert_findings(text, "undefined-variable gone")


def test_a_prototype_without_a_type_declares_nothing() -> None:
    text = "__try_it(struct row *s, int cmd, int way);\n\nint f(int n)\n{\n\treturn n + cmd + way;\n}\n"
    assert_findings(text, "undefined-variable cmd", "undefined-variable way")
    text = "__own_mask(unsigned long cmd);\n\nint f(int n)\n{\n\treturn n + cmd + way;\n}\n"
    assert_findings(text, "undefined-variable way")


def test_a_last_name_that_begins_with_underscores_is_a_name() -> None:
    assert_findings(
        "int f(int n)\n{\n\tint i, __ret;\n\n\t__ret = i = n;\n\treturn __ret + i + gone;\n}\n",
        "undefined-variable gone",
    )


def test_a_name_may_end_as_those_that_stay_unused() -> None:
    text = "const volatile int bypass_unused = 1;\n\nint f(int n)\n{\n\treturn bypass_unused + gone%s\n}\n"
    assert_findings(text % ";", "undefined-variable gone")
    assert "undefined-variable bypass_unused" not in found(text % " n)")


def test_a_macro_that_is_given_types_at_the_margin_declares_what_it_is_given_first() -> None:
    text = "own_map(all_rows, TABLE, int, struct row, 1);\n\nint f(int n)\n{\n\treturn look(&all_rows, &gone);\n}\n"
    assert_findings(text, "undefined-variable gone")


def test_what_a_macro_of_the_text_prints_may_be_dropped() -> None:
    text = "#ifdef DEBUG\n#define SHOW(x...) print(x)\n#else\n#define SHOW(x...)\n#endif\n\n"
    assert_findings(text + 'int f(int n)\n{\n\tSHOW("%d: %d", n, gone_with_it_all);\n\treturn n;\n}\n')
