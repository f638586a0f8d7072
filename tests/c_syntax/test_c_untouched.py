"""Shapes of real code of many projects in which nothing is wrong, each beside what would be."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, found, judge


def test_a_word_in_small_letters_behind_a_prototype_decorates_it() -> None:
    text = "static int walk (const tree *t,\n\t\t int idx)\n     internal_function;\n\n"
    body = "int\nsearch (\n\tconst char *__restrict text,\n\tint flags)\n{\n  return text[flags] + %s;\n}\n"
    assert_findings(text + body % "1")
    assert_findings(text + body % "flag", "undefined-variable flag")
    variables = "LIST_OF(int) names;\nstatic __typeof__(int) other;\n\nint f(void)\n{\n\treturn names + other;\n}\n"
    assert_findings(variables)


def test_a_word_alone_between_a_type_and_a_name_decorates_the_function() -> None:
    assert_findings("char *\nweak_function\nsearch (s, n)\n     char *s;\n     int n;\n{\n  return s + n;\n}\n")
    assert_findings("static\nrow_t\nsearch (s)\n     char *s;\n{\n  return row (s);\n}\n")
    assert "undefined-return m" in found("int\nlook_up (s)\n     char *s;\n{\n  int n;\n\n  n = *s;\n  return m;\n}\n")


def test_a_macro_behind_a_declarator_gives_the_first_value() -> None:
    text = (
        "row_t *f(int n)\n{\n\trow_t *last%sSILENCE_INIT(NULL);\n\n\tif (n)\n\t\tlast = take(n);\n\treturn last;\n}\n"
    )
    assert_findings(text % " ")
    assert_findings(text % "\n\t    ")
    lacking = "int f(int n)\n{\n\tint last\n\tSILENCE_INIT(NULL);\n\tlast = n;\n\treturn last;\n}\n"
    assert "syntax-error" in found(lacking)


def test_nullptr_is_a_name_where_it_is_declared() -> None:
    assert_findings("void f(struct list *l)\n{\n\tstatic char *const nullptr = 0;\n\n\tpush(l, &nullptr);\n}\n")
    assert_findings("char *f(void)\n{\n\treturn nullptr;\n}\n")


def test_a_macro_may_hold_a_part_of_a_declaration_or_of_a_statement() -> None:
    assert_findings("static IF_WIDE(long long) int f(int n)\n{\n\tIF_WIDE(long long) int m = n;\n\n\treturn m;\n}\n")
    assert_findings("int f(int n)\n{\n\tIF_LOUD(return) fail(n);\n\treturn n;\n}\n")
    assert_findings("int f(int n)\n{\n\tint m = 0;\n\tIF_SMALL (const) int k = 0;\n\n\treturn n + m + k;\n}\n")


def test_of_an_option_and_its_opposite_one_declares() -> None:
    options = "\tIF_NOT_RUN (const int run = 0;)\n\tIF_RUN     (char **run = 0;)\n"
    assert_findings(f"int f(int n)\n{{\n\tint m = n;\n{options}\n\treturn m + run;\n}}\n")
    assert_findings(
        "int f(int n)\n{\n\tFOR_MMU(IF_WIDE(long long) int FAST (*job)(job_t *j);)\n\tFOR_OTHERS(const char *prog;)\n\n"
        "\tjob = take(n);\n\treturn work(job, prog);\n}\n"
    )


def test_what_would_hide_a_local_at_the_end_of_a_block_is_a_macro() -> None:
    text = "void f(struct store *s, int n)\n{\n\tlog_it(s, n);\n\t{\n\t\t%s s;\n\t}\n}\n"
    assert_findings(text % "Throw")
    assert_findings(text % "int", "unused-variable s")


def test_a_word_before_a_block_is_a_statement() -> None:
    block = "\tTry\n\t{\n\t\tARRAY_OF(int) rows;\n\n\t\tm = fill(&rows, n);\n\t}\n"
    text = f"int f(int n)\n{{\n\tint m = 0;\n\n{block}\treturn m;\n}}\n"
    assert_findings(text)
    assert_findings(text.replace("Try\n\t{", "T_BEGIN {"))
    macro = "#define Begin more++;\n"
    assert_findings(
        f"{macro}int f(int n)\n{{\n\tint more = n;\n\n\tn++;\n\tBegin {{\n\t\tn++;\n\t}}\n\treturn n;\n}}\n"
    )


def test_a_macro_before_a_declaration_decorates_it() -> None:
    text = "int f(struct unit *u)\n{\n\t_cleanup_(unit_freep) Unit *n = 0;\n"
    text += "\t_unused_ _cleanup_(rowp) const char *s = row(u);\n"
    assert_findings(text + "\n\tn = take(u);\n\treturn n->a;\n}\n")
    assert_findings(text + "\n\tn = take(v);\n\treturn n->a;\n}\n", "undefined-variable v")


def test_loops_that_declare_what_they_go_through_with() -> None:
    text = "void f(char **all, int mask)\n{\n\t%s {\n\t\tuse(%s);\n\t}\n}\n"
    assert_findings(text % ("STRV_FOREACH(s, all)", "*s"))
    assert_findings(text % ("FOREACH_BIT(i, mask)", "i + 1"))
    assert_findings(text % ("u_foreach_bit(b, mask)", "b + 1"))
    assert_findings(text % ("TAILQ_FOREACH(c, &all, entry)", "c->a"), "undefined-variable c")
    assert_findings(text % ("list_for_each_entry(p, &all, list)", "p->a"), "undefined-variable p")


def test_a_macro_alone_at_the_head_of_a_block_may_declare_what_it_is_given() -> None:
    text = "int f(int n)\n{\n\twhile (n--) {\n\t\tTIMEOUT(end_time);\n%s\t\twork(n + end_time);\n\t}\n\treturn n;\n}\n"
    assert_findings(text % "\n")
    assert_findings(text % "", "undefined-variable end_time")


def test_old_c_has_declarations_without_a_type() -> None:
    loop = "\tfor (i = 0; i < n; i++)\n\t\tc = tries++;\n"
    assert_findings(f"int f(int n)\n{{\n\tstatic tries = 0;\n\tregister i, c;\n\n{loop}\treturn c;\n}}\n")


def test_a_label_may_end_a_block() -> None:
    assert_findings("void f(int n)\n{\n\twhile (n--) {\n\t\tif (n > 3)\n\t\t\tgoto next;\n\t\tuse(n);\nnext:\n\t}\n}\n")


def test_what_says_where_a_variable_is_to_stand_hides_no_macro_that_makes_it() -> None:
    text = (
        "static DEFINE_PER_UNIT(struct row, row_state) __aligned(64);\n\nint f(void)\n{\n\treturn get(&%s) + %s.a;\n}\n"
    )
    assert_findings(text % ("row_state", "row_state"))
    assert_findings(text % ("other", "row_state"), "undefined-variable other")


def test_an_indented_branch_outside_of_functions_declares_for_all() -> None:
    text = "#ifndef HELPER\n#ifdef LOUD\n  static int loud = 1;\n#else\n  static int loud = -1;\n#endif\n#endif\n\n"
    assert_findings(text + "int f(int n)\n{\n\tif (loud)\n\t\tn++;\n\treturn n;\n}\n")
    other = "int g(int n)\n{\n#ifdef LOUD\n  int hush = 1;\n  n += hush;\n#endif\n\treturn n;\n}\n\n"
    assert_findings(other + "int f(int n)\n{\n\tif (hush)\n\t\tn++;\n\treturn n;\n}\n", "undefined-variable hush")


def test_a_label_is_found_behind_blocks_in_the_first_column() -> None:
    filler = "\tn += work(n, 1);\n" * 1200
    text = (
        "int f(int n)\n{\n#ifdef A\n\tn++;\n#else\n\tgoto out;\n#endif\n\tswitch (n)\n{\ncase 1:\n\tn++;\n}\n"
        f"\tif (n) {{\n\tn--;\n}}\n{filler}out:\n\treturn n;\n}}\n\nint g(void)\n{{\n{filler.replace('n', 'm')}}}\n"
    )
    assert "undefined-label out" not in found(text)


def test_a_value_that_is_thrown_away_may_be_returned_from_where_none_is() -> None:
    assert_findings("void f(int n)\n{\n\treturn (void)fail(n);\n}\n")
    assert_findings("void f(int n)\n{\n\treturn (long)n;\n}\n", "void-returns-value")


def test_what_an_assembly_jumps_to_is_no_variable_though_macros_stand_among_its_literals() -> None:
    asm = '\tasm goto("1: on %[p]\\n\\t"\n\t\t  TABLE_OF(1b, %l[fault])\n\t\t  : : [p] "m"(p)\n\t\t  : : fault);\n'
    text = f"int f(long p)\n{{\n{asm}\treturn 0;\nfault:\n\treturn 1;\n}}\n"
    assert_findings(text)
    assert_findings(text.replace("fault:\n", ""), "undefined-label fault")


def test_a_name_with_two_underscores_behind_a_qualifier_is_no_attribute() -> None:
    text = "long __low_ref __low = 1;\nstruct row * volatile __row = 0;\nstatic int most __after_boot = 3;\n\n"
    assert_findings(text + "int f(void)\n{\n\treturn __low + __row->a + most;\n}\n")
    assert_findings(text + "int f(void)\n{\n\treturn __high + 1;\n}\n", "undefined-variable __high")


def test_a_loop_over_a_list_whose_links_are_named_first_declares_its_variable() -> None:
    text = "void f(struct all *c)\n{\n\tLIST_FOREACH(%s) {\n\t\tuse(p->a);\n\t}\n}\n"
    assert_findings(text % "links, p, c->rows")
    assert_findings(text % "p, &c->rows, links", "undefined-variable p")


def test_a_loop_that_goes_on_names_the_links_second() -> None:
    text = "void f(struct row *p)\n{\n\thlist_for_each_entry_from_rcu(p, links) {\n\t\tuse(p->a);\n\t}\n}\n"
    assert_findings(text)
    assert_findings(text.replace("_from", ""), "undefined-variable links")


def test_a_calling_convention_stands_in_the_parentheses_of_a_pointer() -> None:
    text = "int f(int n, void (STD_CALL *use)(int))\n{\n\tRESULT (STD_CALL  *get)(const row *r) = take(n);\n\n"
    assert_findings(text + "\tuse(n);\n\treturn get(0) + n;\n}\n")
    assert_findings(text + "\tuse(n);\n\treturn got(0) + m;\n}\n", "undefined-variable m")


def test_capitals_before_a_declaration_decorate_it() -> None:
    text = "static int f(int n, UNUSED row_t args[3])\n{\n\tMAYBE_UNUSED uint_t lo;\n\tUNUSED row_t err = take(n);\n\n"
    assert_findings(text + "\tuse(&lo);\n\treturn n;\n}\n")
    text = "static OWN_THREAD Place last_place;\n\nint f(void)\n{\n\tstart(&%s);\n\treturn last_place.a;\n}\n"
    assert_findings(text % "last_place")
    assert_findings(text % "place", "undefined-variable place")
    assert_findings("extern LONG volatile kind;\n\nint f(void)\n{\n\treturn kind;\n}\n")


def test_a_macro_may_be_given_the_target_of_an_assignment() -> None:
    text = "int f(int n, row g)\n{\n\tTESTONLY( int rc; )\n\tTESTONLY( rc = ) save(n, 1);\n"
    text += "\tIF_ASK(g.err |=) save(%s, 2);\n\tcheck(rc);\n"
    assert_findings(text % "n" + "\treturn n;\n}\n")
    assert_findings(text % "m" + "\treturn n;\n}\n", "undefined-variable m")


def test_what_shows_or_hides_a_variable_is_no_syntax_error() -> None:
    text = "extern weak hidden const row_t rows[];\nextern const char name[] attribute_hidden;\n\n"
    assert_findings(text + "int f(int n)\n{\n\treturn rows[n].a + name[n];\n}\n")
    assert_findings(
        "int f(int attribute_a)\n{\n\tint attribute_b;\n\n\tattribute_b = attribute_a;\n\treturn attribute_b;\n}\n"
    )


def test_a_call_before_another_in_a_line_is_a_macro_s_condition() -> None:
    text = "int f(int n)\n{\n\trun_every(1000)%slook(n);\n\treturn n;\n}\n"
    assert_findings(text % " ")
    assert_findings(text % "\n\t", "syntax-error")


def test_a_macro_before_inline_above_a_name_decorates_the_function() -> None:
    assert_findings("STATIC inline char *\nf(char *n)\n{\n\treturn n + 1;\n}\n")


def test_a_local_may_get_its_value_behind_a_macro() -> None:
    text = "int f(int n)\n{\n\tint rows;\n\tint most;\n\n\tCHECK_ERROR rows = all(n);\n\tDEBUG(D_rows) most = 1;\n"
    assert_findings(text + "\treturn rows + most;\n}\n")
    assert_findings(text + "\treturn rows;\n}\n", "set-but-unused most")
    assert_findings("int f(int n)\n{\n\tint m = 1;\n\tint m = 2;\n\n\treturn n + m;\n}\n", "redeclared m")


def test_parameters_in_one_macro_are_no_second_declaration() -> None:
    assert_findings(
        "object *f(object *MAY_BE_UNUSED(a), object *not_used(self), object *not_used(args))\n{\n\treturn g();\n}\n"
    )
    assert_findings("int f(int a, int *a)\n{\n\treturn 1;\n}\n", "redeclared a")


def test_a_macro_that_is_given_a_label_may_jump_there() -> None:
    text = "int f(int n)\n{\n\tif (n)\n\t\tQUIT_IF(n < 0, %s, 1);\n\tn++;\nf_quit:\n\treturn n;\n}\n"
    assert_findings(text % "f_quit")
    assert_findings(text % "other_quit", "unused-label f_quit")


def test_what_stands_behind_case_or_a_cast_is_no_label() -> None:
    text = "void f(int n)\n{\n\tswitch (n) {\n\tcase UNIT_A:\n\t\tFALLTHROUGH\n\tcase UNIT_B:\n\t\tg(n);\n\t}\n}\n"
    assert not [finding for finding in found(text) if "label" in finding]
    assert_findings("void *f(struct row *r, struct row *d)\n{\n\treturn r->a & 1 ? (void *)d : d->all;\n}\n")


def test_a_label_that_three_functions_of_a_file_have_for_nothing_is_a_macros() -> None:
    one = "int f%d(int n)\n{\n\tTAKE_2(n);\n\treturn n;\ntrunc:\n\treturn -1;\n}\n"
    head = "#include <a.h>\n\n"
    assert found(head + "".join(one % i for i in range(3)), whole=True) == []
    assert found(head + "".join(one % i for i in range(2)), whole=True) == ["unused-label trunc"] * 2
    assert_findings(one % 1, "unused-label trunc")


def test_a_macro_for_a_type_declares_the_pointer_behind_it() -> None:
    text = "int f(void *c)\n{\nLIST_OF(NAME) * san = (LIST_OF(NAME) *)\n  take(c);\n\nif (!%s) return 0;\n"
    text += "return use(san);\n}\n"
    assert_findings(text % "san")
    assert "undefined-variable sam" in found(text % "sam")
    text = "int f(int n)\n{\n\tCALL_FUNC((*work)) = g(n);\n\n\tif (n)\n\t\t%s = h(n);\n\treturn k(work);\n}\n"
    assert_findings(text % "work")
    assert_findings(text % "other", "undefined-variable other")


def test_a_declaration_stands_below_a_macro_without_a_semicolon() -> None:
    text = "int f(struct unit *q)\n{\n    DBG_BUFF\n    elem_type *elem;\n\n    elem = q->a;\n    return g(%s);\n}\n"
    assert [finding for finding in found(text % "elem") if "syntax" not in finding] == []
    assert "undefined-variable other" in found(text % "other")


def test_a_name_in_parentheses_before_an_address_is_a_type() -> None:
    assert_findings("void f(int n)\n{\n\tg((pointer) &n);\n}\n")
    assert_findings("void f(int n)\n{\n\tg((width) & n);\n}\n", "undefined-variable width")
    text = "typedef void * (*read_func)(BIO *, void **,\n\t\tint *u);\n\nint f(void *n)\n{\n"
    text += "\treturn g((read_func)n, %s);\n}\n"
    assert_findings(text % "(read_func) &n")
    assert_findings(text % "read_fund", "undefined-variable read_fund")


def test_a_table_may_follow_an_indented_brace() -> None:
    table = "static const struct {\n\tconst char *name;\n    } Rows[] = {\n\tROW(A),\n\tmakerow(B)\n};\n\n"
    text = "#define makerow(x) { #x }\n" + table + "const char *f(int n)\n{\n\treturn %s[n].name;\n}\n"
    assert_findings(text % "Rows")
    assert_findings(text % "Sows", "undefined-variable Sows")


def test_a_word_that_is_a_statement_in_a_damaged_function_is_a_macro() -> None:
    text = "int f(struct row *p)\n{\n\tint n;\n\n\t{\n\t\tdSP; ENTER;\n\n\t\tn = g(p);\n\t}\n\tif (n) {\n"
    assert "undefined-variable dSP" not in found(text)


def test_an_old_function_may_follow_a_macro_without_a_semicolon() -> None:
    text = "hidden_def (get_long)\n\nint\nmain (argc, argv)\n     int argc;\n     char **argv;\n{\n"
    text += "  return get (argc, %s);\n}\n"
    assert_findings(text % "argv")
    assert_findings(text % "args", "undefined-variable args")


def test_a_function_may_end_in_an_indented_brace() -> None:
    text = "void\nf(int a,\n  int b) {\n  int x = a;\n  if (x) {\n    g(b);\n  }\n  }\n\nvoid\nset(q)\n"
    text += "    int q;\n{\n    g(%s);\n}\n"
    assert_findings(text % "q")
    assert_findings(text % "r", "undefined-variable r")


def test_what_a_cut_leaves_open_has_no_unused_names_though_its_brace_is_indented() -> None:
    text = "int\nmain( argc, argv )\n    int argc;\n    char* argv[];\n    {\n    FILE* ifp;\n    int n;\n\n"
    text += "    init( &argc, argv );\n"
    assert not [finding for finding in found(text) if "unused" in finding]
    assert "unused-variable n" in found(text + "    return use( ifp );\n    }\n")


def test_code_in_a_comment_that_a_cut_leaves_open_is_no_function() -> None:
    text = "int f(int n)\n{\n\treturn n;\n}\n\n/*\nstatic int mode_val[] = {\n    0x00,\n    0x01,\n"
    assert not [finding for finding in judge(text).findings if not finding.edge]
    text = "int f(int n)\n{\n\treturn n;\n}\n\n/* Give n.\nint g(int n)\n{\n\treturn n;\n}\n"
    assert [finding.rule for finding in judge(text).findings if not finding.edge] == ["unterminated-comment"]


def test_a_macro_that_implements_a_function_has_any_parameters() -> None:
    text = "#include <a.h>\n\n%s(lock)\n{\n    int rv;\n    lock_t *l = (lock_t *)thelock;\n\n"
    text += "    rv = set(l, perms, uid);\n    return rv;\n}\n\nint f(int n)\n{\n    return n;\n}\n"
    assert found(text % "PERMS_SET_IMPLEMENT", whole=True) == []
    assert "undefined-variable uid" in found(text % "PERMS_SET", whole=True)


def test_an_indented_function_below_its_type_keeps_its_name() -> None:
    text = "  void\n  dump( T*  p )\n  {\n    g( p );\n\n  }\n\n  int\n  dummy_get( const char*  name )\n  {\n"
    text += "    return *name;\n  }\n\n"
    text += "  int\n  parse( T*  p )\n  {\n    p->get = %s;\n    return use( p );\n  }\n"
    assert_findings(text % "dummy_get")
    assert_findings(text % "row_len + 1", "undefined-variable row_len")


def test_a_macro_beside_functions_that_are_as_indented_declares_what_it_is_given() -> None:
    text = "  static int\n  move( row_t*  p )\n  {\n    return p->x;\n  }\n\n\n  DEFINE_FUNCS(\n    move_funcs,\n\n"
    text += "    (call_f)move,\n    0\n  )\n\n\n"
    text += "  int\n  go( row_t*  p )\n  {\n    return walk( p, &%s ) + %s.a;\n  }\n"
    assert_findings(text % ("move_funcs", "move_funcs"))
    assert_findings(text % ("moving_funcs", "moving_funcs"), "undefined-variable moving_funcs")


def test_members_in_a_branch_that_is_read_second_are_no_locals() -> None:
    text = "#if A\nint g(int n)\n{\n    return n;\n}\n#else\nstatic struct\n{\n    int (*get)(int n);\n} rows;\n\n"
    text += "typedef struct\n{\n    int most;\n    LONG last;\n} row_t;\n\nint f(int n)\n{\n    return %s;\n}\n#endif\n"
    assert_findings(text % "rows.get(n)")
    assert_findings(text % "cows.get(n)", "undefined-variable cows")


def test_a_word_before_a_type_is_no_type_itself() -> None:
    text = "int f(int n)\n{\n\tint i;\n\tsmall_ALIGN word_t rows[ 2 ][ MOST ];\n\tword_t sums[ MOST ];\n\n"
    text += "\tfill(&i, %s, sums);\n\treturn rows[0][n] + sums[i];\n}\n"
    assert [finding for finding in found(text % "rows") if "syntax" not in finding] == []
    assert [finding for finding in found(text % "cows") if "syntax" not in finding] == ["undefined-variable cows"]
    assert_findings(
        "int f(int n)\n{\n\tint m;\n\tint k ;\n\n\treturn n;\n}\n", "unused-variable k", "unused-variable m"
    )


def test_capitals_before_a_pointer_that_is_listed_decorate_it() -> None:
    text = "int f(int n)\n{\n\trow *first, MAY_BE_UNUSED *last = 0;\n"
    text += "\tconst char *name, *path, MAY_BE_UNUSED *other;\n\n"
    text += "\tfor (first = g(n); first; first = last)\n\t\th(first, name, path, &other);\n\treturn %s;\n}\n"
    assert [finding for finding in found(text % "n") if "syntax" not in finding] == []
    assert "undefined-return m" in found(text % "m")


def test_capitals_behind_the_members_of_a_type_are_an_attribute() -> None:
    text = "int f(int n)\n{\n\tstruct entry {\n\t\tint a;\n\t} %s;\n\tstruct entry *e;\n\n\te = g(n);\n"
    text += "\treturn e->a;\n}\n"
    assert_findings(text % "MY_PACKED")
    assert_findings(text % "packed", "unused-variable packed")


def test_a_macro_may_have_an_x_between_numbers() -> None:
    text = "int f(int n)\n{\n    LOAD_8x8_TOP\n    LOAD_8x8_LEFT\n    LOAD_8x8_TOPLEFT\n    int p1 = pack(n);\n"
    text += "    COPY8x8\n    return p1;\n}\n"
    assert [finding for finding in found(text) if "syntax" not in finding] == []


def test_a_macro_behind_declarations_may_declare_what_looks_like_a_type() -> None:
    text = "void f( row_t *p, int n )\n{\n    int size = n;\n\n    OPTIONAL_TABLE( TagList );\n"
    text += "    OPTIONAL_TABLE( MaxCoord );\n\n"
    text += "    NAME( p );\n    if ( TagList )\n      g( p + %s, size );\n}\n"
    assert_findings(text % "MaxCoord")
    assert "undefined-variable mincoord" in found(text % "mincoord * 2")


def test_a_macro_that_is_given_nothing_may_be_a_type() -> None:
    text = "int f(struct unit *p)\n{\n\tBIG_ROW () bi ;\n\n\tclear (&bi, 0, sizeof (bi)) ;\n"
    text += "\treturn set (p, &%s) ;\n}\n"
    assert_findings(text % "bi")
    assert "undefined-variable other" in found((text % "other.a[0]").replace("&other", "other"))


def test_a_label_that_a_macro_makes_is_missed_by_nobody() -> None:
    text = "void f(int n)\n{\n\tif (n)\n\t\tgoto su_OUT_LABEL;\n\tif (n > 2)\n\t\tgoto L_OP_BODY;\n\tgoto %s;\n}\n"
    assert_findings(text % "L_OP_BODY")
    assert_findings(text % "OUT", "undefined-label OUT")
    text = "#define F(x) { #x, &&case_##x },\nvoid f(char *s)\n{\n\tstatic const struct e rows[] = { F(Size) };\n\n"
    text += "\tgoto *rows[*s].to;\n%s:\n\tg(s, rows);\n}\n"
    assert "unused-label case_Size" not in found(text % "case_Size")
    assert "unused-label case_Kind" in found(text % "case_Kind")


def test_macros_with_a_prefix_hold_declarations_and_stand_for_types() -> None:
    text = "int f(int n)\n{\n\tn_WIDE_CHAR( char const *hb; )\n\tmx_COLOUR( static uz most; )\n"
    text += "\tENUM_IS(u32,state) shs;\n"
    text += "\tWide2(32,Row) *r;\n\n\thb = g(n);\n\tshs = g(hb);\n\tr = h(hb, shs, ++most);\n\treturn %s;\n}\n"
    assert_findings(text % "r->a")
    assert "undefined-variable s" in found(text % "s->a")


def test_parameters_that_a_macro_holds_may_have_any_names() -> None:
    text = "#include <a.h>\n\nint f(\n\t%s, bool x)\n{\n\tint ret = g(in, out, stop + x);\n\treturn ret;\n}\n\n"
    text += "int g(int n)\n{\n\treturn n;\n}\n"
    assert found(text % "ROW_BIN_PARAMS", whole=True) == []
    assert "undefined-variable stop" in found(text % "ROW_BIN *in", whole=True)


def test_an_old_function_may_declare_its_parameters_in_its_first_line() -> None:
    text = "void error(s1, s2) char *s1, *s2;\n{\n\tg(s1, %s);\n}\n"
    assert_findings(text % "s2")
    assert_findings(text % "s3", "undefined-variable s3")


def test_a_macro_of_the_text_or_of_its_own_line_stands_before_no_declaration() -> None:
    text = "#define TODO g(__FILE__);\n#define CHECK if (ret < 0) { return -1; }\nint f(int n)\n{\n"
    text += "\tint ret = 0;\n\n\tif (n) {\n"
    text += "\t\tTODO ret = -1;\n\t}\n\telse {\n\t\tCHECK\n\t\tret = n;\n\t}\n\treturn ret;\n}\n"
    assert_findings(text)
    text = "int f(int n)\n{\n\tint ret = 0;\n\n\tif (n) {\n\t\tLONG ret = -1;\n\t\tg(n);\n\t}\n\treturn ret;\n}\n"
    assert_findings(text, "unused-variable ret")


def test_a_cast_to_what_is_written_as_a_type_begins_no_declaration_in_a_damaged_function() -> None:
    text = "double f(int n)\n{\n\tdouble m;\n\n\tm = (double)\n\t\t\t((Tcl_WideInt)n * tens[n]);\n\tx(;\n"
    text += "\treturn m;\n}\n"
    assert [finding for finding in found(text) if "bracket" not in finding] == ["undefined-variable tens"]


def test_a_name_behind_a_cast_in_a_choice_is_no_label() -> None:
    text = "void f(char *s, int n)\n{\n\tsize_t m = (n > 0) ? (size_t) n : length(s);\n\n\tg(m;\n\th(s);\n}\n"
    assert not [finding for finding in found(text) if "label" in finding]


def test_a_macro_of_the_text_in_mixed_letters_is_a_statement_on_its_line() -> None:
    text = "void f(int n)\n{\n#define mkFIND { g(n); }\n\tint ofs = 1;\n\n\tif (n > ofs) {\n\t\th(ofs);\n"
    text += "\t} else {\tmkFIND\n"
    assert_findings(text + "\t\tofs = 0;\n\t}\n\tk(ofs);\n}\n")
    assert_findings(text + "\t\tlong ofs = 0;\n\t}\n\tk(ofs);\n}\n", "unused-variable ofs")


def test_a_macro_jumps_to_no_label_that_it_makes_of_its_argument() -> None:
    text = "#define RUN(name) { if (bs) goto name%s; }\nvoid f(void)\n{\n\tRUN(first);\n}\n"
    assert_findings(text % "##fail; name##fail:")
    assert_findings(text % "", "undefined-label first")


def test_a_type_stands_above_what_is_deeper_and_new() -> None:
    text = "int f(int n)\n{\n\tDWORD\n\t\tmost = n * 2,\n\t\tleast =\n#ifdef U\n\t\tmost / 2;\n#else\n\t\tmost;\n"
    text += "#endif\n\n"
    assert_findings(text + "\treturn g(most, least);\n}\n")
    assert_findings("int f(int n)\n{\n\tEACH\n\t\tn = g(n);\n\treturn n;\n}\n")


def test_a_calling_convention_may_stand_behind_the_star() -> None:
    text = "int f(int n)\n{\n\tUINT (*STD_CALL get)(WORD what, PLACE where);\n\n\tget = g(n);\n"
    text += "\treturn get(%s, 0);\n}\n"
    assert [finding for finding in found(text % "n") if "syntax" not in finding] == []
    assert "undefined-variable m" in found(text % "m")


def test_capitals_behind_a_declarator_decorate_it_in_a_damaged_function_too() -> None:
    text = "int f(int n)\n{\n\tint row AU = n & 7;\n\tint cell AU = n;\n\n\tx(;\n\tg(row, cell, %s);\n\treturn 0;\n}\n"
    assert [finding for finding in found(text % "n") if "bracket" not in finding] == []
    assert "undefined-variable sell" in found(text % "sell + 1")


def test_a_pointer_may_be_what_a_macro_of_the_text_is_given() -> None:
    text = "#define STORE(chr) do { *d++ = chr; } while (0);\nint f(char *d, char *s)\n{\n\tchar *p;\n\n"
    text += "\tfor (p = s; *p; p++) {\n"
    text += "\t\tif (*p != '%') {\n\t\t\tSTORE(*p)\n\t\t} else {\n\t\t\td++;\n\t\t}\n\t}\n\treturn *d;\n}\n"
    assert_findings(text.replace("'%'", "'a'"))


def test_capitals_within_the_parentheses_of_a_pointer_to_a_function() -> None:
    text = "int f(int n)\n{\n\tconst char *(GLENTRY *get)(HDC hdc)\n\t\t= g(n);\n\tEGLDisplay (GLENTRYP show)\n"
    text += "\t\t(GLenum, void *) =\n\t\t(void *)g(n);\n\n\tif (!get)\n\t\tn++;\n\treturn show(n, %s);\n}\n"
    assert [finding for finding in found(text % "get") if "syntax" not in finding] == []
    assert "undefined-variable got" in found(text % "got + 1")


def test_a_choice_in_lines_has_no_labels() -> None:
    text = "int f(int n)\n{\n    int m;\n\n    m =\n      n == A ? RES_PASS :\n      n == B ?\n"
    text += "       n == C ? RES_ERROR :\n"
    assert_findings(text + "       RES_UNKNOWN :\n      RES_UNKNOWN;\n    return m;\n}\n")
    assert_findings("int f(int n)\n{\n\tg(n);\nCLEAN_UP:\n\treturn n;\n}\n", "unused-label CLEAN_UP")


def test_what_ends_as_assembly_does_is_none() -> None:
    text = "void\nunit_init_asm (UNIT_DESC cd)\n{\n  init_table (%s);\n}\n"
    assert_findings(text % "cd")
    assert_findings(text % "cx", "undefined-variable cx")
    assert_findings('void f(int n)\n{\n\t__asm__ volatile(SAVE "nop" TABLE(0b, 1b) : "+m" (n));\n}\n')


def test_a_macro_may_be_all_of_a_loops_head() -> None:
    assert_findings(
        "int f(struct t *t)\n{\n\tstruct n *n;\n\tint k = 0;\n\n"
        "\tfor (EACH_ROW(t, n)) {\n\t\tif (n->a)\n\t\t\tk += gone;\n\t}\n"
        "\tfor (EachRow(t, n))\n\t\tk += n->a;\n\treturn k;\n}\n",
        "undefined-variable gone",
    )


def test_the_name_of_a_table_whose_head_was_cut_off_is_declared() -> None:
    table = "    double inv[4];\n} inverses[] = {\n    { .mat = {{1,0}, {0,1}}, .inv = {1,0} },\n};\n"
    assert_findings(f"{table}\nint f(int n)\n{{\n\treturn n + sizeof(inverses);\n}}\n", "unbalanced-bracket }")


@pytest.mark.parametrize(
    "body",
    [
        "\t_unused_ int m = g(n);\n",
        "\tSHADER(vec2 m = g(n);)\n\tSHADER(vec3 k = 2;)\n",
    ],
)
def test_what_a_macro_says_or_takes_may_stay_unused(body: str) -> None:
    assert_findings(f"int f(int n)\n{{\n{body}\treturn n;\n}}\n")


def test_a_macro_for_a_header_may_have_text_in_parentheses_of_its_own() -> None:
    parameters = "void go_back (PANE *pane, int count);\n\n"
    text = 'COMMAND (go_on, _("Go on"))\n{\n  if (count < 0)\n    go_back (pane, -count);\n  move (pane, %s);\n}\n'
    assert_findings(parameters + text % "count")
    assert_findings(parameters + text % "missing", "undefined-variable missing")
    handler = "static void\nforget (table *t, CALL_PARAMETERS)\n{\n\t(void) call_data;\n\tdrop (t);\n}\n"
    assert_findings(handler)


def test_a_macro_before_all_else_may_declare() -> None:
    assert_findings("int f (text *str)\n{\n  STRING_PREAMBLE (str);\n\n  return real->length;\n}\n")
    assert_findings("void f(machine_t *m)\n{\n    dVAR; dXSARGS;\n    if (items != 1)\n\tusage(m);\n}\n")
    logged = "void f(const char *message, ...)\n{\n\t%s(message);\n\tif (vbuffer)\n\t\tput(vbuffer);\n}\n"
    assert_findings(logged % "text_va_format")
    assert_findings(logged % "format", "undefined-variable vbuffer")


def test_what_is_handed_on_by_value_before_all_else_a_macro_declares() -> None:
    text = "void f(int n)\n{\n\t%s(line);\n\tput_text(&line, n);\n}\n"
    assert_findings(text % "Text_begin")
    assert_findings(text % "TEXT_CLEAR", "undefined-variable line")
    assert_findings("void f(int n)\n{\n\tText_put(line);\n\tput_text(line, n);\n}\n", "undefined-variable line")


def test_a_type_of_the_text_is_no_variable() -> None:
    text = "static row first[1];\n\nint f(void)\n{\n\tmemset(first, 0, sizeof(%s));\n\treturn 0;\n}\n"
    assert_findings(text % "row")
    assert_findings(text % "raw", "undefined-variable raw")
    assert_findings("void f(list *l)\n{\n\tl->head = (node) { 0 };\n\tfree_it((handle)&l->head);\n}\n")


def test_a_macro_of_the_text_may_stand_for_a_qualifier_or_declare_in_parentheses() -> None:
    either = "#ifdef OLD\n# define vqualifier volatile\n#else\n# define vqualifier\n#endif\n\n"
    assert_findings(either + "int f(const char *s)\n{\n\tconst char *vqualifier p;\n\n\tp = s;\n\treturn *p;\n}\n")
    macro = "#define take_name(from, name)  const char *(name);  (name) = find(from)\n\n"
    text = "int f(int n)\n{\n\ttake_name(n, label);\n\treturn length(%s);\n}\n"
    assert_findings(macro + text % "label")
    assert_findings(macro + text % "lable", "undefined-variable lable")


def test_a_prototype_of_several_lines_may_end_in_capitals() -> None:
    head = "do_exec (int                       fd,\n\t char             * const *argv%s"
    text = f"static void {head % ') NO_RETURN;'}\n\nstatic void\n{head % ')'}\n{{\n  use (fd, argv);\n}}\n"
    assert_findings(text)
    assert_findings(text.replace("use (fd,", "use (df,"), "undefined-variable df")


def test_a_local_may_be_the_first_value_that_a_macro_gives() -> None:
    text = "int f(void)\n{\n\tstatic value_t other;\n\tvalue_t value FIRST_VALUE(%s);\n\n\treturn value;\n}\n"
    assert_findings(text % "other")
    assert_findings(text % "0", "unused-variable other")


def test_a_function_within_a_function_is_no_loop() -> None:
    inner = "  %s\n  inner_function (int first, int last)\n  {\n    return first + last;\n  }\n"
    text = "int outer (void)\n{\n" + inner + "\n  return inner_function (1, 2);\n}\n"
    assert_findings(text % "int")
    assert_findings(text % "auto inline unsigned int\n  __attribute__ ((always_inline))")


def test_loops_of_headers_may_declare_what_they_go_through_with() -> None:
    assert_findings("void f(header *this)\n{\n   Header_forEachColumn(this, col) {\n      draw(this, col);\n   }\n}\n")
    assert_findings("void f(void)\n{\n  FOR_ALL_TAB_WINDOWS(tp, wp) {\n    close(tp, wp->buffer);\n  }\n}\n")
    item = "void f(rows_t rows)\n{\n  EACH_ITEM(rows, item, {\n    put(item.name);\n    end(%s);\n  });\n}\n"
    assert_findings(item % "item.size")
    assert_findings(item % "itme", "undefined-variable itme")


def test_macros_for_types_declare_values() -> None:
    text = "int f(void)\n{\n  vector_of(row) rows = EMPTY;\n  Keys(of_row) keys[1] = { 0 };\n\n"
    text += "  return rows.n + keys[0].%s;\n}\n"
    assert_findings(text % "n")
    assert_findings(text % "n + lost", "undefined-variable lost")
    assert_findings('int f(char *s)\n{\n  static const char *(names[]) = { "one" };\n\n  return find(names, s);\n}\n')


def test_capitals_stand_before_register_and_behind_the_star_of_a_parameter() -> None:
    assert_findings(
        "int f(Display *d)\n{\n    _X_UNUSED register xReq *req;\n\n    req = take(d);\n    return req->n;\n}\n"
    )
    head = "int f(const matrix* LIB_RESTRICT const m, int rows[][16])\n"
    assert_findings(head + "{\n  int (* const c)[16] = &rows[1];\n\n  return c[0][0] + m->n;\n}\n")
    assert_findings("void f(void)\n{\n\tint my_unused __ret;\n\n\t__ret = close_it();\n}\n")


def test_a_macro_that_is_given_a_jump_may_have_its_label() -> None:
    text = "int f(int n)\n{\n  %s (n, if (n)\n    goto cut_it;\n  , n++);\n  return n;\n}\n"
    assert_findings(text % "ROUND_GENERAL")
    assert_findings("int f(int n)\n{\n  if (n)\n    goto cut_it;\n  return n;\n}\n", "undefined-label cut_it")


def test_a_pointer_to_a_function_may_stand_in_the_first_column() -> None:
    text = "#include <a.h>\n\nthread_t (*own_thread)(void) = first;\n\nint f(void)\n{\n\treturn own_%s == 0;\n}\n"
    assert_findings(
        text % "thread",
    )
    assert_findings(text % "tread", "undefined-variable own_tread")
