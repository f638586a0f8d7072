"""What headers would have said: macros of the text, macros of nobody knows where, conditions, looks."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, assert_findings_within, found

IF_ELSE = "int f(int n)\n{\n\tif (n)\n\t\tg();\n#ifdef A\n\telse {\n\t\th();\n\t}\n#endif\n\treturn 1;\n}\n"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("n = SOME_CONSTANT | MEM_Null | NR_syscalls;", []),
        ("n = lower_case;", ["undefined-variable lower_case"]),
        ("undefined_function(n);", []),
        ("list_for_each_entry(p, head, member) {\n\t\tg(p);\n\t}", ["undefined-variable head"]),
        ("list_for_each_entry(p, &p->list, member.deep) {\n\t\tg(p);\n\t}", []),
        ("list_for_each_entry(p, &q->list, member) {\n\t\tg(p);\n\t}", ["undefined-variable q"]),
        ("list_for_each_entry(p, &p->list, member)\n\t\tg(p);", []),
        ("for_each_possible_cpu(i)\n\t\tg(i);", ["undefined-variable i"]),
        ("RB_FOREACH(p, nodes, &p->tree) {\n\t\tg(p);\n\t}", []),
        ("RB_FOREACH(q, nodes, &p->tree) {\n\t\tg(q);\n\t}", ["undefined-variable q"]),
        ("DECLARE_BITMAP(map, 10);\n\tg(map);", []),
        ("LIBBPF_OPTS(load_opts, opts);\n\topts.kind = n;", []),
        ("LIST_HEAD(pending);\n\tg(&pending);", []),
        ("XA_STATE(xas, p, n);\n\tg(&xas);", []),
        ("g(list_entry_is_head(p, &p->list, member));", []),
        ("p = container_of(p, struct node, member);", []),
        ("p = container_of(q, struct node, member.deep);", ["undefined-variable q"]),
        ("n = min_t(u32, n, y);", ["undefined-variable y"]),
        ("n = va_arg(p->args, char *);", []),
        ("fallthrough;", []),
        ("char *text = p->text;\n\tRELEASE_LOCK\n\twrite_out(p, text);\n\tGET_LOCK\n\tn = 1;", []),
        ("EACH_UNIT(p)\n\tcase 1;", ["syntax-error"]),
        ("list_for_each_entry_rcu(p, &p->l, member, held()) {\n\t\tg(p);\n\t}", []),
        ("hash_for_each_possible(p->t, p, member, n) {\n\t\tg(p);\n\t}", []),
        ("int a IF_LINT ( = 0);\n\tg(a);", []),
        ("n = alloc (char, n);", []),
        ('printf("%" PRIdMAX "\\n", n);', []),
        ("request_irq(n, some_interrupt_handler, 0);", []),
        ("p->open = some_device_open;", []),
        ("DECLARE_COMMAND(*command, struct begin) =\n\t\tg(n);\n\tn = command->id;", []),
        ("static const u8\n\tkind[2] = { 1, 2 };\n\tn = kind[n];", []),
        ("create_file(n, &queue_stat_fops);", []),
        ("create_file(n, &queue_stat);", ["undefined-variable queue_stat"]),
        ("n = some_device_open + 1;", ["undefined-variable some_device_open"]),
        ("p = this_cpu_ptr(&p->pcpu);", []),
        ("static const __net_initconst struct limit { int most; } limits[] = { { 1 } };\n\tn = limits[n].most;", []),
    ],
)
def test_what_only_a_header_could_tell_is_decided_by_stated_rules(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    "text",
    [
        "static DEVICE_ATTR_RO(state);\nvoid f(void) { g(&dev_attr_state); }\n",
        "FILE_OPS(stats);\nvoid f(void) { g(&_stats_file_ops); }\n",
        "static DEFINE_SPINLOCK(lock);\nvoid f(void) { g(&lock); }\n",
        "DEFINE_PER_CPU(struct node, nodes);\nvoid f(void) { g(&nodes); }\n",
        "DEFINE_SHOW_ATTRIBUTE(stat);\nvoid f(void) { g(&stat_fops); }\n",
        "FIXTURE(socket)\n{\n\tint fd;\n\tint other;\n};\n",
        "static BIN_ATTR(port2, 0444);\nvoid f(void) { bin_attr_port2.size = 1; }\n",
        "static APB_DEVICE(uart2, 0x1, { IRQ_2 }, &rows);\nint f(void) { return add_it(&uart2_device); }\n",
        'struct {\n\tint a;\n} table SEC(".maps");\nvoid f(void) { g(&table); }\n',
        "extern const u8 box[4] __alias(other);\nint f(void) { return box[0]; }\n",
        "static u8 ____cacheline_aligned row[] = { 1 };\nint f(void) { return row[0]; }\n",
        'char text[] SEC("license") = "GPL";\nvoid f(void) { g(text); }\n',
        "void f(void)\n{\n\tIF_DEBUG(int depth = 0;)\n\tIF_X(int opts =) h();\n\tg(depth, opts);\n}\n",
        "int f(struct d *d)\n{\n\treturn wait(d, 2,\n\t\tu32 now = g(d);\n\t\tif (now)\n\t\t\tbreak;\n\t);\n}\n",
        "module_init(start);\nint f(void)\n{\n\treturn 1;\n}\nEXPORT_SYMBOL(f);\n",
    ],
)
def test_macros_in_file_scope_may_make_names_of_their_arguments(text: str) -> None:
    assert [rule for rule in found(text) if rule != "syntax-error"] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#define ADD(a) ((a) + 1)\nint f(void) { return ADD(x); }", ["undefined-variable x"]),
        ("#define GET(m) (p->m)\nint f(struct s *p) { return GET(field); }", []),
        ("#define SAME(m) (a->m == b->m)\nint f(struct s *a, struct s *b) { return SAME(chain->nr); }", []),
        ("#define STR(a) #a\nvoid f(void) { g(STR(words)); }", []),
        ("#define CAT(a) pre_##a\nvoid f(void) { CAT(words)(); }", []),
        ("#define SIZE(t) sizeof(t)\nint f(void) { return SIZE(foo); }", []),
        ("#define NOTHING(a)\nvoid f(void) { NOTHING(x); }", []),
        ("#define USE_CTX (ctx->a)\nvoid f(void) { struct c *ctx = h(); g(USE_CTX); }", []),
        ("#define DECL int i\nint f(void) { DECL; i = 1; return i; }", []),
        ("#define each(i, n) for (i = 0; i < (n); i++)\nvoid f(int n)\n{\n\tint i;\n\teach(i, n)\n\t\tg(i);\n}\n", []),
        ("#define exit_code status\nvoid f(void) { exit_code = 1; }", []),
        ("#define A B\n#define B A\nvoid f(void) { g(A); }", []),
        ("#define P(x) static int num_##x\nP(lines);\nint f(void) { return num_lines; }", []),
        (
            "#define P(x) static int num_##x\nP(lines);\nint f(void) { return num_words; }",
            ["undefined-return num_words"],
        ),
        (
            "#define key(a, b) bool a##_##b(void) { return b; }\nkey(old, on)\nvoid f(struct s *t) { t->k = &old_on; }",
            [],
        ),
        ("#define P(x) Q(x, y)\n#define Q(a, b) int a##b\nP(lines);\nint f(void) { return linesy; }", []),
        ("#define ACT(n) int f_##n(char *name USED, int a)\nACT(print)\n{\n\treturn name[a];\n}\n", []),
        (
            "#define DEF(n) int n(int a) { int b = a; return b; }\nDEF(f)\nint g(void) { return b; }",
            ["undefined-return b"],
        ),
        ("#define next(x) (x)->next\nvoid f(void) { int x; SOME_MACRO(1); }", ["unused-variable x"]),
        ("#define GLOBALS int depth; int width;\nGLOBALS\nint f(void) { return depth + width; }", []),
    ],
)
def test_macros_of_the_text_are_read(text: str, expected: list[str]) -> None:
    assert_findings(text, *expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int f(void)\n{\n#if 0\n\treturn x;\n#endif\n\treturn y;\n}\n", ["undefined-return y"]),
        (
            "int f(void)\n{\n#ifdef A\n\treturn x;\n#else\n\treturn y;\n#endif\n}\n",
            ["undefined-return x", "undefined-return y"],
        ),
        ("int f(int n)\n{\n#ifdef A\n\tif (n) {\n#else\n\tif (!n) {\n#endif\n\t\tg();\n\t}\n\treturn n;\n}\n", []),
        ("#ifdef A\nint f(int n)\n#else\nint f(int m, int n)\n#endif\n{\n\treturn n;\n}\n", []),
        ("int f(void)\n{\n\tint x;\n#ifdef A\n\tg(&x);\n#else\n\th();\n#endif\n\treturn 1;\n}\n", []),
        ("int f(void)\n{\n#ifndef A\n\tint x = 1;\n#else\n\tint x = 2;\n#endif\n\treturn x;\n}\n", []),
        (f"#define A 1\n{IF_ELSE}", []),
        (
            "#ifndef A\n#ifdef _WIN32\n#define A 1\n#else\n#define A 0\n#endif\n#endif\n"
            "#if !A\nint f(void)\n{\n\treturn x;\n}\n#endif\n",
            ["undefined-return x"],
        ),
        (  # what another function declares in a branch that is not read is no concern of this one
            "int f(void)\n{\n\treturn x;\n}\n#if 0\nint g(void)\n{\n\tint x = 1;\n\treturn x;\n}\nint y;\n#endif\n"
            "int h(void)\n{\n\treturn y;\n}\n",
            ["undefined-return x"],
        ),
        (
            "int f(void)\n{\n\treturn x;\n}\nint g(void)\n{\n#if 0\n\tint x = 1;\n\th(x);\n#endif\n\treturn 1;\n}\n",
            ["undefined-return x"],
        ),
        ("#ifndef A\nint b;\nint f(void)\n{\n\treturn b;\n}\n#endif\n", []),
        ("#ifdef _WIN32\nint f(void) { return x; }\n#endif\n", []),  # a GNU system does not read it
        ("#ifdef X\n{\n#endif\nint f(void)\n{\n\treturn y;\n}\n#ifdef X\n}\n#endif\n", ["undefined-return y"]),
        ("int f(void)\n{\n#ifdef A\n\tg(b);\n#endif\n#ifndef A\n\tint b;\n#endif\n\treturn 1;\n}\n", []),
    ],
)
def test_all_branches_of_conditions_are_judged_and_none_against_another(text: str, expected: list[str]) -> None:
    assert_findings(text, *expected)


def test_a_name_that_a_header_may_have_declared_before_the_text_does_is_known() -> None:
    text = "int f(void) { return limit; }\nint limit;\n"
    assert found(text) == ["undefined-return limit"]
    assert found('#include "limits.h"\n' + text) == []
    assert found('#include "limits.h"\n' + text.replace("int limit", "static int limit")) == ["undefined-return limit"]


WARD = "struct ward { int lock; int bed[4]; };\n"
UNKNOWN = ["undefined-variable gone"]
UNKNOWN_SIZE = ["undefined-return size", "undefined-variable size"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the argument of a macro of the text becomes a member, by itself or through another one
        (
            "#define at(m) read(base + offsetof(struct ward, m))\nint f(void)\n{\n\treturn at(bed) + at(bed[2]);\n}\n",
            [],
        ),
        (
            "#define at(m) offsetof(struct ward, m)\n#define of(p, m) read(p, at(m))\n"
            "int f(int p)\n{\n\treturn of(p, bed) + of(q, bed);\n}\n",
            ["undefined-variable q"],
        ),
        # a macro that is defined again with other parameters is any of them
        (
            "int f(int *p)\n{\n\tint c = *p;\n#define e(n) if (c & n) g()\n\te(1);\n#undef e\n"
            "#define e(n, m) p->count_##m += n\n\te(1, lost);\n\treturn 0;\n}\n",
            [],
        ),
        ("int f(struct ward *p)\n{\n\tguard(mutex)(&p->lock);\n\treturn 0;\n}\n", []),
        ("int f(struct ward *p)\n{\n\tguard(mutex)(&q->lock);\n\treturn 0;\n}\n", ["undefined-variable q"]),
        ("void *f(int *q)\n{\n\treturn container_of(q, struct ward, bed[0]);\n}\n", []),
        (
            "int f(struct ward *p)\n{\n\treturn v4l2_subdev_call(p, pad, get_fmt, count);\n}\n",
            ["undefined-variable count"],
        ),
        # macros in the first column that take no semicolon, before a function in two lines
        (
            "module_init(start)\nmodule_exit(stop)\n\n"
            "static int\nopen_it(struct ward *p, int n)\n{\n\treturn p->lock + n + m;\n}\n",
            ["undefined-variable m"],
        ),
        ("int main(argc, argv)\nint argc;\nchar **argv;\n{\n\treturn argc + (argv != 0);\n}\n", []),
        ("static int\nmain(argc, argv)\n\tint argc;\n\tchar **argv;\n{\n\treturn argc + (argv != 0);\n}\n", []),
        ("int g(int a) __alias(f);\nint f(int a)\n{\n\treturn a;\n}\n", []),
        ("int f(struct ward *p)\n\tREQUIRES(p->lock)\n{\n\treturn p->lock;\n}\n", []),
        # a macro in capitals among the declarations may be one
        ("int f(void)\n{\n\tint a = 1;\n\tLOOKUP_ARGS(args);\n\n\targs.id = a;\n\treturn g(&args);\n}\n", []),
        ("int f(void)\n{\n\tint a = 1;\n\tBUG_ON(args);\n\treturn g(a, args);\n}\n", ["undefined-variable args"]),
        ("int f(void)\n{\n\tint a = 1;\n\tg(a);\n\tHANDLE(args);\n\tg(args);\n}\n", ["undefined-variable args"]),
        # one without arguments says that it declares, and may say what
        ("int f(void)\n{\n\tint a;\n\tDECLARE_MBSTATE;\n\n\ta = g(&state_bak);\n\treturn a;\n}\n", []),
        (
            "int f(void)\n{\n\tint a;\n\tDECLARE_MBSTATE;\n\n\ta = g(size);\n\treturn a;\n}\n",
            ["undefined-variable size"],
        ),
        ("int f(void)\n{\n\tint a;\n\n\tINTOFF;\n\ta = g(args);\n\treturn a;\n}\n", ["undefined-variable args"]),
        # a condition is no type, and a macro of any name is an attribute
        ("int f(int *p)\n{\n\tif( p ) *p = 1;\n\treturn 0;\n}\n", []),
        ("int f(int *p)\n{\n\tif( p ) *q = 1;\n\treturn 0;\n}\n", ["undefined-variable q"]),
        (
            "static ret f(void *a,\n\tint *b xz_attribute((__unused__)),\n\tint *c)\n{\n\treturn g(a, c + 1);\n}\n",
            [],
        ),
        ("void f(struct ward *w)\n{\n\tcode const FAR *next;\n\tnext = g(w);\n\th(next);\n}\n", []),
        (
            "#ifdef NO_BEDS\n#else\nint f(n)\nint n;\n{\n\treturn g(m);\n}\n#endif\n",
            ["undefined-variable m"],
        ),
        (
            "#ifndef NO_BEDS\ntypedef\n  struct {\n    int n;\n  }\n  bed;\n"
            "int f(void)\n{\n  return g(sizeof(bed));\n}\n#endif\n",
            [],
        ),
        (
            "#if !defined (NO_BEDS) && defined (BEDS)\nint f(int n)\n{\n\treturn g(m);\n}\n#endif\n",
            ["undefined-variable m"],
        ),
        # a function whose header is a macro has parameters that only the macro tells
        (
            "void g(struct ward *regs) { h(regs); }\nDEFINE_ENTRY(common)\n{\n\th(regs);\n\th(gone);\n}\n",
            ["undefined-variable gone"],
        ),
        ("int f(struct ward *p)\n{\n\tfor_beds(p) {\n\t\tg(bed);\n\t} endfor_beds(p);\n\treturn 0;\n}\n", []),
        ("int f(void)\n{\n\tint near *p = g();\n\tconstant char *s = h();\n\treturn *p + *s;\n}\n", []),
        ("int f(int *l)\n{\n\tarray_foreach(l, i, item) {\n\t\tg(i, item);\n\t}\n\treturn 0;\n}\n", []),
        ("int f(struct ward *p)\n{\n\ttypeof(p->lock) key;\n\tkey = g(p);\n\treturn key;\n}\n", []),
        ("int f(void)\n{\n\ttypeof_member(struct ward, bed) b;\n\n\tg(b);\n\treturn 0;\n}\n", []),
        ("DEFINE_SHOW_ATTRIBUTE(ep);\nvoid f(void)\n{\n\tg(&ep_fops);\n}\n", []),
        ("int f(int a$b)\n{\n\treturn a$b + c$d;\n}\n", ["undefined-variable c$d"]),
        ("int f(struct ward *p)\n{\n\tfor_each_bed_scoped(p, bed) {\n\t\tg(bed);\n\t}\n\treturn 0;\n}\n", []),
        ("int f(void)\n{\n\tLIST_HEAD(list), *pos;\n\n\tpos = g(&list, gone);\n\treturn h(pos);\n}\n", UNKNOWN),
        ("#define CRC_INIT(x) x = 7\nint f(void)\n{\n\tint CRC_INIT(crc);\n\treturn crc + gone;\n}\n", UNKNOWN),
        ("static DECLARE_BITMAP(map, 64) __initdata;\nint f(void)\n{\n\treturn map[0] + gone;\n}\n", UNKNOWN),
        ("int f(void)\n{\n\tstatic DEFINE_ARRAY(bed, 8);\n\treturn array__bed + gone;\n}\n", UNKNOWN),
        ("int f(void)\n{\n\tCHECK_V(size, g(1));\n\treturn size + gone;\n}\n", UNKNOWN),
        ("int f(void)\n{\n\tsize = g(1);\n\tCHECK_V(size, g(1));\n\treturn size;\n}\n", UNKNOWN_SIZE),
        (
            "#define CONFIG_MP(ic, txt) g_##ic##txt()\n#define CONFIG CONFIG_MP\n"
            "void f(void)\n{\n\tCONFIG(b, _radio);\n}\n",
            [],
        ),
        (
            "#define put(w, field, v) write_field(&(w)->m, 0, struct ward, field, v)\n"
            "void f(struct ward *p)\n{\n\tput(p, beds.count, 1);\n}\n",
            [],
        ),
        (
            "#define put(w, field) fit(w, field)\n"
            "void f(struct ward *p)\n{\n\tp->size = 1;\n\tput(p, size);\n\tput(p, gone);\n}\n",
            UNKNOWN,
        ),
        (
            "#define check(size) g(&val_##size)\nvoid f(void)\n{\n\tint val_u8, val_u16;\n\n\tcheck(u8);\n}\n",
            ["unused-variable val_u16"],
        ),
        (  # what two functions behind such macros use and neither declares comes from the macro
            "SHOW(ward)\n{\n\tint n = g(buf);\n\treturn n + gone;\n}\nSHOW(bed)\n{\n\treturn g(buf);\n}\n",
            UNKNOWN,
        ),
        ("TEST_F(ward, bed)\n{\n\tg(self->bed, gone);\n}\n", UNKNOWN),
        ("void f(struct ward *p)\n{\n\tstruct bed *hw = &p->hw;\n\n\tew32(CTRL, 1);\n}\n", []),
        ("void f(struct ward *p)\n{\n\tstruct bed *hw = &p->hw;\n\n\tg(CTRL, 1);\n}\n", ["unused-variable hw"]),
        ("int f(void)\n{\n\tCLASS(get_fd, fd)(FLAGS);\n\n\treturn fd + gone;\n}\n", UNKNOWN),
        ("static const uuid_t id __aligned(4) = UUID(1, 2);\nint f(void)\n{\n\treturn id.b + gone;\n}\n", UNKNOWN),
        ("uct bed {\n\tint size;\n\tint count;\n} beds[] = {\n\t{ 1, 2 },\n};\n", []),
        (
            "void f(void)\n{\n\tstruct ward w, *p = (typeof(p))BEDS;\n"
            "\tint n = offsetof(typeof(w), bed);\n\tg(n);\n}\n",
            [],
        ),
        (  # a branch that is not read uses it, through a macro
            "#define LAST (t2[0])\nint f(int *q)\n{\n\tint *t1 = q, *t2 = q + 1;\n"
            "#ifdef A\n\tg(t1);\n#else\n\tg(t1 + LAST);\n#endif\n\treturn 0;\n}\n",
            [],
        ),
    ],
)
def test_what_macros_make_of_their_arguments_and_declare_is_allowed_for(text: str, expected: list[str]) -> None:
    assert_findings(WARD + text, *expected)


def test_a_declaration_among_the_arguments_of_a_macro_declares() -> None:
    text = "int f(void)\n{\n\tIF_DESK(long long total = 0;)\n\tg();\n\treturn total + other;\n}\n"
    assert [finding for finding in found(text) if "undefined" in finding] == ["undefined-variable other"]


@pytest.mark.parametrize(
    "text",
    [
        "int f(int n)\n{\n\tirq_t (*handler)(int, void *);\n\n\thandler = g(n);\n\treturn handler(n, 0);\n}\n",
        "int f(int n)\n{\n\tvoid FAST_CALL (*run)(FILE *from, int flags);\n\n\trun = g(n);\n\treturn run(0, n);\n}\n",
        "int f(int n)\n{\n\tu8 (*row)[3], last;\n\n\trow = g(&last);\n\treturn row[n][last];\n}\n",
        "static call0(char *, serial)\nstatic call1(int, rate, int, n)\n\nvoid f(char *to, int n)\n{\n\tg(to, n);\n}\n",
        "int f(int n)\n{\n\tlocal unsigned char *p = g(n);\n\n\treturn *p;\n}\n",
        "int f(int n)\n{\n\tcode FAR *next = g(n);\n\n\treturn next->n;\n}\n",
        "int f(int n)\n{\n\tunsigned char IOMEM *at = g(n);\n\n\treturn *at;\n}\n",
        "int f(int n)\n{\n\tObject * CONST *all = g(n);\n\n\treturn all[0]->n;\n}\n",
        "int f(char *p)\n{\n\tchar *same FIX_ALIASING;\n\tsame = p;\n\treturn g(same);\n}\n",
        "int f(int n)\n{\n\tstatic DECLARE_WORK(ready, set_ready);\n\n\treturn g(&ready, n);\n}\n",
        'void f(int n)\n{\n\tprintk("most " __stringify(LIMIT) " of %d", n);\n}\n',
        "int f(int n)\n{\n\tif LIKELY(n)\n\t\treturn 1;\n\treturn 2;\n}\n",
        "int f(int n)\n{\n\tIF_DEBUG(char *from, *to;)\n\n\tfrom = to = g(n);\n\treturn h(from, to);\n}\n",
        "int f(int n)\n{\n\tif (n)\n\t\tIF_DEBUG(\n\t\t\tchar **p;\n\t\t\th(p = g(n));\n\t\t)\n\treturn n;\n}\n",
        "int f(int n)\n{\nINITIAL (static int none;)\nint now INITIAL (= none);\n\treturn n + now;\n}\n",
        "extern LZ_API(void)\ntake(size_t size)\n{\n\tg(size);\n\treturn;\n}\n",
        "extern void *attribute((malloc)) sized(1)\ntake(size_t size)\n{\n\treturn g(size);\n}\n",
        "extern LZ_API(int)\ntake(size_t size)\n{\n\treturn g(size);\n}\n",
        "u32 (API\nread_it)(char *from)\n{\n\treturn g(from);\n}\n",
        "extern weak hidden void (*const begin)(void);\nint f(void)\n{\n\treturn g(&begin);\n}\n",
        "static u64 (*sum)(char *p, u64 n)\n\tSUM_INIT;\nvoid f(void)\n{\n\tsum = g();\n}\n",
        "static void\n\nf(to, n)\n\n\tstruct node *to;\n\n\tint n;\n\n\t{\n\tg(to, n);\n}\n",
        "\tpublic char *\nfirst(n)\n\tint n;\n{\n\treturn g(n);\n}\n",
        "public struct place first_place;\nint f(void)\n{\n\treturn first_place.x;\n}\n",
        "local int begin OF((state_p));\nvoid check   OF((Byte *from, Long length,\n    Byte *to));\n",
        "START {\n\tchar **p;\n\n\tg(p);\n}\n",
        "static\nIF_LONG(long long) int put(stream *to, void *from)\n{\n\treturn g(to, from);\n}\n",
        "static const char * _GL_PURE\nname_of (FILE *from)\n{\n  return g(from);\n}\n",
        "void take(NORETURN_PTR report_fn how)\n{\n\tg(how);\n}\n",
        "int take(\n  Box *box,\n  Object *CONST all[]\n){\n  return g(box, all[0]);\n}\n",
        'int f(int a, int b)\n{\n\tg("x",\n\t\t&a, &b\n\t\tIF_MORE(, &a, &b));\n\treturn 0 IF_MORE( + a);\n}\n',
        "void f(char *a, char *b)\n{\n\tif (a)\n\t\tswap(long, a, b)\n\telse\n\t\tswap(char, a, b)\n}\n",
        'int f(box *b)\n{\n\tTRACE(("enter"))\n\n\tb->n = (g(b) == 0);\n\treturn b->n;\n}\n',
        "void f(box *b, char *s)\n{\n\tb->in  = (z_const unsigned char *)s;\n\tb->out = (z_const Byte *)s;\n}\n",
        "static int lib_cdecl\nname_of(const void *one)\n{\n\treturn g(one);\n}\n",
        "void LIB_INTERNAL fail(m)\n    char *m;\n{\n    g(m);\n}\n",
        "static void\nhandle (int n, _GL_UNUSED context_t context)\n{\n  g(n);\n}\n",
        "void f(int n)\n{\n\tbyte x[SIZE] ALIGNED_long;\n\n\tg(x, n);\n}\n",
        "int f(int n)\n{\n\tswitch (n) {\n\tcase 1:\n\t\tmeant_to_fall\n\tcase 2:\n\t\tn++;\n\t}\n\treturn n;\n}\n",
        "EXTENSION_INIT\n\n/* what follows */\ntypedef struct place Place;\nint f(Place *p)\n{\n\treturn p->x;\n}\n",
        "int f(int n)\n{\n\tIF_A(char *a;)\n\tIF_B(char *b = 0;)\n\tint c;\n\n\tc = g(&a, b);\n\treturn c + *a;\n}\n",
    ],
)
def test_declarations_that_macros_decorate_or_hide_are_read(text: str) -> None:
    assert_findings(text)


def test_a_label_below_a_macro_without_semicolon_is_a_label() -> None:
    text = (
        "int f(int n)\n{\n\tif (n)\n\t\tgoto bad;\n\tswitch (n) {\nALL_CASES\nbad:\n\tdefault:\n\t\treturn n;\n\t}\n}\n"
    )
    assert_findings(text, "syntax-error")


LOOP = "#define for_each_ward(ward, floor, n) for ((floor) = 0; (floor) < (n); ++(floor)) walk((ward), (floor))\n"


def test_an_iteration_macro_of_the_text_with_its_argument_in_parentheses_does_not_declare_it() -> None:
    body = "\tint floor;\n\n\tfor_each_ward(ward, floor, n) {\n\t\tg(ward->bed);\n\t}\n"
    assert_findings(f"{LOOP}void f(int n)\n{{\n{body}}}\n", "undefined-variable ward")
    declaring = (
        "#define for_each_ward(ward, floor, n) for (struct ward *ward = start(floor); ward; ward = ward->next)\n"
    )
    assert_findings(f"{declaring}void f(int n)\n{{\n{body}}}\n")


def test_a_macro_that_makes_an_attribute_of_a_word_does_not_declare_the_word() -> None:
    text = "int f(void)\n{\n\treturn rate_limit + g(&dev_attr_rate_limit);\n}\nstatic DEVICE_ATTR_RW(rate_limit);\n"
    assert_findings(text, "undefined-variable rate_limit")


def test_a_macro_that_declares_unnamed_globals_declares_no_short_name() -> None:
    text = "MODULE_GLOBALS();\nint f(int n)\n{\n\ttotal_tests++;\n\treturn ringx[n];\n}\n"
    assert_findings(text, "undefined-variable ringx")


def test_a_table_of_devices_declares_no_word_for_functions() -> None:
    text = "int f(int n)\n{\n\treturn n + i2c;\n}\nMODULE_DEVICE_TABLE(i2c, boards);\n"
    assert_findings(text, "undefined-variable i2c")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("int uninitialized_var(count);\n\n\tcount = n;\n\tn = count;", []),
        ("int take(int count);\n\n\tcount = n;", ["undefined-variable count"]),
        ("once_define(static, once);\n\trun(once, n);", []),
        ("once_define(n, once);\n\trun(once, n);", ["undefined-variable once"]),
        ("FOR_ALL(item, free(item);)\n\tn++;", []),
        ("if (n) {\n\t\tfind_head(true, 3);\n\t\thash_calc();\n\t\tint m = hash_value + pos;\n\t\tn = m;\n\t}", []),
        ("hash_calc();\n\tint m = hash_value + pos;\n\tn = m;", ["undefined-variable pos"]),
        ("hash_calc();\n\tn = hash_value;", ["undefined-variable hash_value"]),
        ("hash_calc(n);\n\tint m = hash_value;\n\tn = m;", ["undefined-variable hash_value"]),
    ],
)
def test_a_macro_in_small_letters_declares_where_nothing_else_could_stand_so(
    statements: str, expected: list[str]
) -> None:
    assert_findings_within(statements, *expected)


def test_a_macro_in_file_scope_declares_what_its_own_name_says() -> None:
    use = "int f(void)\n{\n\treturn set(&copy_limit) + rate_limit;\n}\n"
    assert_findings(f'DECLARE_COPY_LIMIT_WITH_PARAMETER(most, "most");\n{use}', "undefined-variable rate_limit")


def test_a_star_in_parentheses_declares_only_what_is_called_or_an_array() -> None:
    macro = "#define SHOW() switch (n) { case sizeof(*part): show(part); }\n"
    assert_findings(f"{macro}void f(int n)\n{{\n\tpart = n;\n\tSHOW();\n}}\n", "undefined-variable part")
    macro = "#define CALL() int (*part)(int) = first(); part(1)\n"
    assert_findings(f"{macro}void f(int n)\n{{\n\tCALL();\n\tpart = n;\n}}\n")


def test_a_macro_that_is_given_a_size_declares_what_it_does_not_name() -> None:
    statements = "switch (n) {\n\tcase 8: {\n\t\tHEADER_VAR(8,s);\n\t\treturn sh->size;\n\t}\n\t}\n\treturn 0;"
    assert_findings(f"int f(int n, char *s)\n{{\n\t{statements}\n}}\n")
    assert_findings(
        f"int f(int n, char *s)\n{{\n\t{statements.replace('HEADER_VAR(8,s)', 'HEADER_SET(8,s)')}\n}}\n",
        "undefined-variable sh",
    )


def test_an_option_s_macro_may_hold_a_declaration_and_statements_and_its_opposite_another() -> None:
    statements = (
        "IF_LINKS(\n\t\tunsigned set;\n\t\tset = n;\n\t)\n\tIF_NOT_LINKS(\n\t\tconst unsigned set = 0;\n\t\tn++;\n\t)\n"
    )
    assert_findings_within(f"{statements}\n\tn += set & 4;")
    assert_findings_within(f"{statements}\n\tn += sets & 4;", "undefined-variable sets")


def test_what_a_dead_branch_defines_is_believed_where_the_text_defines_nothing_else() -> None:
    call = 'void f(int n)\n{\n\tshow("%d", p, n);\n}\n'
    dead, other = "#define show(...) print(__VA_ARGS__)\n", "#define show(...) ((void)0)\n"
    assert_findings(f"#if 0\n{dead}#else\n{other}#endif\n{call}")
    assert_findings(f"#if 1\n{other}#else\n{dead}#endif\n{call}")
    assert_findings(f"#if 0\n{other}#endif\n{dead}{call}", "undefined-variable p")
    assert_findings(f"#if 0\n{dead}#endif\n{call}", "undefined-variable p")
    assert_findings(f"#if QUIET\n{dead}#else\n{other}#endif\n{call}", "undefined-variable p")


@pytest.mark.parametrize(
    "text",
    [
        'int f(struct table *p)\n{\n\tCHECK_OR((p->n != 0), "none",\n\t\treturn -1);\n\treturn 0;\n}\n',
        "int f(struct table *p)\n{\n\tunsigned int i = p->n, base = p->at * PLACES_A_ROW;\n\treturn i + base;\n}\n",
        "asmlinkage void __trap_section on_trap(struct regs *regs)\n{\n\tenter(regs);\n}\n",
        "asmlinkage struct regs * __trap_section on_trap(struct regs *regs)\n{\n\treturn regs;\n}\n",
        "struct TYPE(list) {\n\tvoid *first;\n\tint count;\n};\nint f(struct node *p)\n{\n\treturn p->n;\n}\n",
        'define_machine(board) {\n\t.name = "b",\n\t.probe = probe_it,\n};\n',
        "define_machine(board)\n{\n\t.name = board_name,\n};\nint f(struct node *p)\n{\n\treturn p->n;\n}\n",
    ],
)
def test_what_macros_stand_for_beside_types_and_among_arguments_is_no_mistake(text: str) -> None:
    assert_findings(text)


def test_only_a_macro_is_given_a_statement() -> None:
    text = "int f(struct table *p)\n{\n\tcheck(p->n, return - 1);\n\treturn 0;\n}\n"
    assert [rule.split()[0] for rule in found(text)] == ["syntax-error"]


@pytest.mark.parametrize(
    "statement",
    [
        'asm volatile(CLEAR_ALL(%0, %1)\n\t\t: : "r" (n), "r" (p) : "memory");',
        'asm volatile(CLEAR_ALL() ::: "memory");',
        'asm volatile("0: nop"\n\t\tTABLE(0b, 1b)\n\t\t: "+d" (n));',
        'asm volatile(IF_OLD("tl %0,0", NEW(%1, %0), 2) : : "r" (n), "r" (p));',
        "asm(STOP);",
        '__asm__ __volatile__("flag 1");',
        '__asm__ __volatile__ ("flag 1" : : "r" (n));',
        "n = offsetof(struct table, rows[n].cell);",
        "n = offsetof(struct table, rows[2].cell);",
        "p->mask = CONFIG(.event = 1, .mask = n);",
    ],
)
def test_what_macros_bring_into_assembly_and_what_names_members_is_c(statement: str) -> None:
    assert_findings_within(statement)


@pytest.mark.parametrize(
    "statement",
    ['asm volatile(CLEAR_ALL : : "r" (lost));', "n = offsetof(struct table, rows[lost]);", "g(CONFIG(.event = lost));"],
)
def test_a_missing_name_is_told_there_too(statement: str) -> None:
    assert_findings_within(statement, "undefined-variable lost")


def test_the_parameters_in_a_header_that_a_macro_makes_are_its_function_s_own() -> None:
    first = (
        "static PAGE_CALLBACK(void, warn_twice, (page_type page_ptr, text_type text))\n{\n\tuse(page_ptr, text);\n}\n"
    )
    second = "int f(int n)\n{\n\tuse_again(warn_twice);\n\treturn n + page_ptr->size;\n}\n"
    assert found(f'#include "page.h"\n{first}{second}', whole=True) == ["undefined-variable page_ptr"]


def test_of_a_macro_whose_members_are_known_the_other_arguments_are_values() -> None:
    assert_findings_within("n = MLX5_GET(table_out, p, table_id);")
    assert_findings_within("n = MLX5_GET(table_out, list, table_id);", "undefined-variable list")


def test_what_a_loop_of_a_well_known_macro_goes_over_is_a_value() -> None:
    loop = "struct node *q;\n\tRB_FOREACH(q, tree, %s) {\n\t\tn += q->a;\n\t}"
    assert_findings_within(loop % "&p->tree")
    assert_findings_within(loop % "list", "undefined-variable list")


def test_a_member_of_what_a_call_gives_may_begin_a_line() -> None:
    assert_findings_within("list_append(p, n)\n\t\t->util = p;")
