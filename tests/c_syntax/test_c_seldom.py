"""Shapes that few texts have and the parser gives up on: they are read like others, whatever stands beside them."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, found, judge

#: Statements of a function whose parameter is ``n``, all of which are C once macros are known.
SHAPES = (
    "switch (n) case 1: stop();",
    "switch (n) {\n\tcase 1 ... 3:\n\t\tstop();\n\t}",
    "if (n)\n\t\tgoto again;\n\tIF_RETRY(again:)\n\tstop();",
    "double complex z = n;\n\tuse(z);",
    "IF_FIXED(const) int mode = n;\n\tuse(mode);",
    "int rc;\n\tIF_DEBUG(rc =) save(n);\n\tuse(rc);",
    "static count = 0;\n\tcount += n;\n\tuse(count);",
    "switch (n) {\n\tcase 1:\n\t\tstop();\n\t\tdeliberate_fall_through\n\tcase 2:\n\t\tstop();\n\t}",
    'char x[4] SEC("maps") = { n };\n\tuse(x);',
    "node_t *last\n\t\tSILENCE_INIT(NULL);\n\tuse(last, n);",
    "switch (n) {\n\tcase 1:\n\t\tstop();\n\t\tFALLTHROUGH\n\tcase 2:\n\t\tstop();\n\t}",
    "switch (n) {\n\tcase 1:\n\t\tNOT_REACHED\n\t}",
    "if (n) {\n\t\tstop();\n\t\tEND_WORK\n\t}",
    "MACRO_ALONE\n\tint k = n;\n\tuse(k);",
    "Try {\n\t\tuse(n);\n\t}",
    'printk(KERN_ERR PREFIX "lost", n);',
    "get(&n IF_MORE(, &n));",
    "get(IF_MORE(&n,) &n);",
    'use(STR(CODE)" Ok", n);',
    "IF_DEBUG(int depth; depth = n; use(depth);)",
    "if LIKELY(n)\n\t\tstop();",
    "code FAR *next = n;\n\tuse(next);",
    "register const cell FAR *next;\n\tnext = (const cell FAR *)n;\n\tuse(next);",
    "{\treg cell_t **s, **end = n;\n\t\tuse(s, end);\n\t}",
    "struct PAIR_OF(struct cell, CELL_SIZE) pair;\n\tset(&pair, n);",
    "local unsigned char c = n;\n\tuse(c);",
    "_cleanup_(closep) FILE *f = n;\n\tuse(f);",
    'asm volatile(SAVE_ALL "nop" TABLE(0b, 1b) : "+m" (n));',
    "use(n, offsetof(struct a, b.c[1]));",
    "use(CONFIG(.event = 1, .mask = n));",
    "u8 all[4] ALIGNED(4) = { n };\n\tuse(all);",
    "for (EACH_ROW(n, n)) {\n\t\tstop();\n\t}",
    "do {\n\t\tstop();\n\t} while_each_thread(n, n);",
)
LOST = "int lost(int n)\n{\n\tint m = n;\n\n\tm = = n + gone;\n\treturn m;\n}\n\n"


def function(shape: str, name: str = "f") -> str:
    return f"void {name}(int n)\n{{\n\t{shape}\n}}\n\n"


@pytest.mark.parametrize("shape", SHAPES)
def test_a_function_with_a_rare_shape_has_no_findings(shape: str) -> None:
    assert_findings(function(shape))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_rare_shape_hides_nothing_in_its_function(shape: str) -> None:
    text = function(f"{shape}\n\tuse(missing);")
    assert found(text) == ["undefined-variable missing"], text


@pytest.mark.parametrize("shape", SHAPES)
def test_a_rare_shape_between_broken_functions_costs_and_saves_them_nothing(shape: str) -> None:
    both = LOST + LOST.replace("lost", "late")
    assert found(LOST + function(shape) + LOST.replace("lost", "late")) == found(both)
    assert len(found(both)) == 4


def test_all_rare_shapes_in_one_text_have_no_findings() -> None:
    assert_findings("".join(function(shape, f"f{number}") for number, shape in enumerate(SHAPES)))


def test_what_stands_beside_a_rare_shape_in_file_scope_is_known_behind_it() -> None:
    table = "static int limits[] = { offsetof(struct a, b.c), offsetof(struct a, b[1].c) };\nstatic int most;\n\n"
    first = "int first(int n)\n{\n\treturn n + limits[0] + most;\n}\n\n"
    second = function("switch (n) case 1: most = limits[n];", "second")
    third = "int third(void)\n{\n\treturn limits[1] + most + missing;\n}\n"
    assert_findings(table + first + second + third, "undefined-variable missing")


def test_a_static_function_beside_its_type_has_one_name() -> None:
    text = "#include <a.h>\nstatic long FAST\nwork(int n)\n{\n\treturn n;\n}\n\nint f(int n)\n{\n\treturn work(n);\n}\n"
    assert not found(text, whole=True)


def test_of_very_many_syntax_errors_the_last_that_is_listed_tells_how_many_there_are() -> None:
    statements = "".join(f"\tx{i} = = n;\n" for i in range(900))
    findings = [f for f in judge(f"void f(int n)\n{{\n{statements}}}\n").findings if f.rule == "syntax-error"]
    assert len(findings) == 500
    assert "400 more syntax errors that are not listed" in findings[-1].message


@pytest.mark.parametrize("shape", ["code FAR *next{i};", "IF_RETRY(again{i}:)", "double complex z{i} = n;"])
def test_very_many_functions_that_do_not_parse_get_a_verdict(shape: str) -> None:
    text = "".join(function(shape.format(i=i) + f"\n\tn = = {i};", f"f{i}") for i in range(700))
    assert found(text).count("syntax-error") == 500


def test_a_word_before_a_structure_without_a_tag_hides_nothing_behind_its_table() -> None:
    table = "private_data struct {\n\tint size;\n} rows[] = {\n\t{ 1 },\n};\n\nprivate_data int wide;\n\n"
    assert_findings(table + "int f(void)\n{\n\twide = rows[0].size;\n\treturn gone;\n}\n", "undefined-return gone")


def test_of_two_words_that_begin_with_underscores_before_a_function_the_last_is_its_type() -> None:
    assert_findings("static __maybe_unused __kernel_time_t __now(__kernel_time_t *now)\n{\n\treturn gone(now);\n}\n")


def test_operands_of_assembly_have_names_of_their_own() -> None:
    text = 'int f(int n)\n{\n\tasm("x %0" : [ sum ] "=r"(n) : [part] "r"(n), [ of ] "r" (gone));\n\treturn n;\n}\n'
    assert_findings(text, "undefined-variable gone")


def test_a_name_that_begins_with_an_underscore_is_pasted_to_like_others() -> None:
    text = (
        "DECLARE_WAYS(_sum_rows, rows_function)\n\nvoid f(int n)\n{\n\t_sum_rows_way = n;\n\t_sum_columns_way = n;\n}\n"
    )
    assert_findings(text, "undefined-variable _sum_columns_way")


def test_the_labels_of_a_long_switch_are_no_endless_expression() -> None:
    cases = "".join(f"\tcase REGISTER_{i}:\n" for i in range(6000))
    switch = f"\tswitch (n) {{\n{cases}\t\treturn table[gone];\n\t}}\n"
    text = f"static int table[] = {{ 1 }};\n\nint f(int n)\n{{\n{switch}\treturn 0;\n}}\n"
    assert_findings(text, "undefined-variable gone")


def test_the_parameters_of_a_pointer_to_a_function_may_stand_in_a_macro_for_old_compilers() -> None:
    header = "int each(list, call)\n  List *list;\n  void (*call)_ARG((Text));\n"
    assert_findings(header + "{\n\t(*call)(list->text);\n\treturn gone;\n}\n", "undefined-return gone")


def test_the_block_of_a_loop_in_the_first_column_is_no_function() -> None:
    loop = "while(row != NULL)\n{\nif(row->size > n)\n{\n\tn = row->size;\n}\nsum = sum + gone;\nrow = row->next;\n}\n"
    text = f"int widest(struct row *row)\n\t\t\n{{\nint n = 0;\nint sum = 0;\n\n{loop}\nreturn n + sum;\n}}\n"
    assert_findings(text, "undefined-variable gone")


def test_the_type_of_a_cast_may_stand_before_const_in_a_damaged_function() -> None:
    text = "int f(char const *text)\n{\n\tcall((u8_view const *) text);\n\tcall(gone;\n\treturn 0;\n}\n"
    assert_findings(text, "unbalanced-bracket (", "undefined-variable gone")


def test_a_function_of_a_branch_that_is_not_read_may_have_its_type_in_a_macro() -> None:
    taker = "LOCAL(void_p)\ntake_room(size_t n)\n{\n\treturn malloc(n);\n}\n"
    branches = f"#if defined(BIG)\n#define hold 1\n#else\n{taker}#endif\n\n"
    assert_findings(branches + "void reset(void)\n{\n\ttake = take_room;\n}\n", "undefined-variable take")


def test_a_function_with_a_name_of_capitals_may_have_its_type_in_a_macro() -> None:
    header = "IMPLEMENT(void) _FREE_LOCK(struct lock *lock)\n"
    assert_findings(header + "{\n\tdestroy(&lock->mutex);\n\tuse(gone + 1);\n}\n", "undefined-variable gone")


def test_a_macro_may_be_given_the_end_of_a_local_name_that_it_makes() -> None:
    tables = "static const int list_latin[] = { 1 };\n\tstatic const int list_greek[] = { 2 };\n\tint idle_rows;"
    text = f"int f(struct hook *hooks)\n{{\n\t{tables}\n\tadd(hooks, MAKE_LINE(latin));\n\treturn 0;\n}}\n"
    findings = [finding for finding in found(text) if finding.startswith("unused")]
    assert findings == ["unused-variable idle_rows", "unused-variable list_greek"]


def test_a_variable_with_the_name_of_a_truth_value_is_used_as_it_seems() -> None:
    text = "int f(void)\n{\n\tBYTE true = 1;\n\tint idle;\n\treturn ask(&true);\n}\n"
    assert_findings(text, "unused-variable idle")


def test_assembly_of_other_compilers_is_no_c_but_uses_its_operands() -> None:
    blocks = "  asm{\n\tpush\tsi\n\tmov\tdi, size\n\tjmp\tshort out\n  }\n  _asm {\n\tmov ax, n\n  }\n"
    lines = "  __asm mov eax, used\n  __asm int 3;\n"
    text = f"int f(int n)\n{{\n  int size, used, idle;\n{blocks}{lines}out:\n  return gone;\n}}\n"
    assert_findings(text, "undefined-return gone", "unused-variable idle")


def test_what_is_given_operators_is_a_macro_and_leaves_the_rest_of_the_function_plain() -> None:
    text = 'void f(int n)\n{\n\tautoptr (Row) row = NULL;\n\trow = find(1);\n\tcheck_text(get(row), ==, "W");\n%s}\n'
    assert_findings(text % "\tcheck(n, >, 3);\n\tcheck(n, != , gone + 1);\n", "undefined-variable gone")


def test_a_macro_may_be_the_beginning_of_a_call() -> None:
    macros = "#ifdef MAX\n#define FAIL error(\n#else\n#define FAIL warn(self,\n#endif\n\n"
    body = '\tif (n > 3)\n\t{\n\t\tFAIL "out of space");\n\t\treturn;\n\t}\n\tFAIL "cannot %d", gone);\n'
    assert_findings(f"{macros}void f(struct row *self, int n)\n{{\n{body}}}\n", "undefined-variable gone")
    assert "unbalanced-bracket )" in found(f'{macros}void f(int n)\n{{\n\tFAIL "out of space"));\n}}\n')


def test_a_static_function_without_a_type_has_its_parameters() -> None:
    for header in ("static Test_Sum (int n)\n", "static\nsum_all (n, all)\n    int n;\n    struct row *all;\n"):
        assert_findings(header + "{\n\tif (n == 1)\n\t\tuse(gone + 1);\n\treturn n;\n}\n", "undefined-variable gone")
