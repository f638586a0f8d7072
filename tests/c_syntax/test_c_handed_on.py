"""Names that nothing declares and that stand as functions, types and enumerators do, not as variables."""

from __future__ import annotations

import pytest
from c_syntax.asking import assert_findings, assert_findings_within


@pytest.mark.parametrize(
    "statements",
    [
        "static const struct table steps = { step_on, step_off };",
        "static void (*const steps[])(int) = { [0] = step_on, [1] = step_off };",
    ],
)
def test_what_a_static_variable_is_initialised_with_is_no_variable(statements: str) -> None:
    assert_findings_within(f"{statements} n += steps.x + steps[0];")
    assert_findings_within("int steps[] = { n, step_on }; n += steps[0];", "undefined-variable step_on")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("sort(p, n, strcmp);", []),
        ("atexit(flush_it);", []),
        ("set_handler(p, caught);", []),
        ("signal(SIG_END, caught);", []),
        ("qsort(list, n, 4, by_name);", ["undefined-variable list"]),
        ("set_hook(caught, flag);", ["undefined-variable flag"]),  # one of them is the function
        ("set_handlers(begin, end);", []),
        ("n = BUF_CB(block);", ["undefined-variable block"]),
        ("set_handler(px, n);", ["undefined-variable px"]),  # a slip of p
        ("set_level(caught, n);", ["undefined-variable caught"]),
    ],
)
def test_who_takes_functions_by_its_name_is_given_one(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("p->handler = caught;", []),
        ("p->compare = p->a ? strcmp : (order) strcoll;", []),
        ("p->compare_fn = by_name;", []),
        ("p->end = end;", ["undefined-variable end"]),
        ("p->end = end; p->next = next; p->open = open;", []),
        ("p->end = &block_end;", []),
        ("p->end = &block_decoder_open;", []),
        ("p->end = &block;", ["undefined-variable block"]),
        ("p->next = &block_end;", ["undefined-variable block_end"]),
        ("p->level = caught;", ["undefined-variable caught"]),
        ("p->handler = caught; n += caught;", ["undefined-variable caught"]),
        ("p->handler = px;", ["undefined-variable px"]),
    ],
)
def test_a_member_that_is_a_function_by_its_name_is_set_to_one(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("g(p, board_probe);", []),
        ("g(p, chunk_free);", []),
        ("g(p, &chunk_free);", []),
        ("g(p, &chunk_size);", ["undefined-variable chunk_size"]),
        ("g(p, is_open);", ["undefined-variable is_open"]),
        ("g(p, bytes_read);", ["undefined-variable bytes_read"]),
        ("g(p, board_probe); n += board_probe;", ["undefined-variable board_probe"]),
    ],
)
def test_a_name_that_ends_as_functions_do_and_is_only_handed_on_is_none_of_a_variable(
    statements: str, expected: list[str]
) -> None:
    assert_findings_within(statements, *expected)


def test_a_long_name_that_begins_as_the_function_around_it_is_a_function_s() -> None:
    text = "int ring_probe(struct ring *p)\n{\n\treturn ask(p, ring_rx_work);\n}\n"
    assert_findings(text)
    assert_findings(text.replace("ring_probe", "find"), "undefined-variable ring_rx_work")
    assert_findings(text.replace("ring_rx_work", "ring_work"), "undefined-variable ring_work")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("n = mode_slow; if (p->a) n = mode_fast; if (p->b) n = mode_off; if (p->c) n = mode_on;", []),
        ("n = a_b + a_c * a_d; a_e = a_f; a_g++;", []),
        ("n = p->a ? mode_slow : mode_fast; int x = mode_off; if (x == mode_on) n++;", []),
        (
            "n = mode_slow + 1; if (p->a) n = mode_fast; if (p->b) n = mode_off; if (p->c) n = mode_on;",
            ["undefined-variable " + name for name in ("mode_fast", "mode_off", "mode_on", "mode_slow")],
        ),
    ],
)
def test_names_of_a_family_that_are_only_given_are_enumerators(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("if (p->state == LinkStateUp) n++;", []),
        ("n = LinkStateUp;", []),
        ("n = LinkStateUp + 1;", ["undefined-variable LinkStateUp"]),
        ("n = G_unit + chunk_IDAT;", []),
        ("n = L_len;", ["undefined-variable L_len"]),
        ("int ListLen = n; g(ListLen); return ListLen7;", ["undefined-return ListLen7"]),
    ],
)
def test_names_that_are_written_as_no_local_is_are_constants(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("record *r = make(sizeof(record)); n += r->x;", []),
        ("p = make(n * sizeof(record));", []),
        ("p = make(sizeof(record) * n);", []),
        ("p = make(sizeof(index_record) + sizeof(lib_Number) + sizeof(i64));", []),
        ("p = make(sizeof(record));", ["undefined-variable record"]),
        ("p = make(sizeof(index_len));", ["undefined-variable index_len"]),
        ("p = make(n * sizeof(px));", ["undefined-variable px"]),
    ],
)
def test_what_is_measured_as_types_are_is_a_type(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("add_entry(ward); add_entry(bed); add_entry(floor);", []),
        ("COMPARE(ward->size); COMPARE(bed.size); COMPARE(floor); COMPARE(px);", []),
        ("COMPARE(ward->size); COMPARE(bed.size); COMPARE(floor); n += bed.x;", ["undefined-variable bed"]),
        ("COMPARE(ward->size); COMPARE(bed.size); COMPARE(floor); SHOW(bed.x);", []),
        (
            "add_entry(ward); add_entry(old_n); add_entry(floor);",
            ["undefined-variable " + name for name in ("floor", "old_n", "ward")],
        ),
        ("add_entry(ward); add_entry(bed);", ["undefined-variable bed", "undefined-variable ward"]),
        (
            "add_entry(p, ward); add_entry(p, bed); add_entry(p, floor);",
            ["undefined-variable " + name for name in ("bed", "floor", "ward")],
        ),
    ],
)
def test_what_takes_several_names_that_nothing_declares_is_a_macro(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)
    assert_findings_within(f"{statements} g((n);", "unbalanced-bracket (", *expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("WRITE_FIELD(p, ctrl[n], 1);", []),
        ("n += READ_FIELD(p, ctrl[n]);", []),
        ("n += READ_FIELD(ctrl[n]);", ["undefined-variable ctrl"]),
        ("n += read_field(p, ctrl[n]);", ["undefined-variable ctrl"]),
        ("p = RB_NEXT(tree, &head->root, p);", []),
        ("p = RB_MIN(tree, &p->root);", []),
        ("GET_WORD(word, n); n = word;", ["undefined-variable word"]),
    ],
)
def test_a_macro_may_be_given_an_element_of_a_member(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    "statements",
    [
        "n = compute(+, n, 1);",
        "switch (n) {\n\tCASE_ANY(CODE):\n\t\tn++;\n\t\tNEXT();\n\tCASE_ANY(OTHER):\n\t\tn--;\n\t}",
        "switch (n) {\n\tcase FIRST_OF_ALL\n\t\t... LAST_OF_ALL:\n\t\tn++;\n\t}",
        "IF_FIXED(const) int mode = 0;\n\tn += mode;",
        "double complex z = g(n);\n\tn += h(z);",
    ],
)
def test_what_macros_make_of_operators_labels_and_qualifiers_is_read(statements: str) -> None:
    assert_findings_within(statements)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("p->code = &block_decode;", []),
        ("p->zalloc = pool_alloc;", []),
        ("own_handler = answer;", ["undefined-variable own_handler"]),
        ("own_handler = sk;", ["undefined-variable own_handler", "undefined-variable sk"]),
        ("p->close = close_folder;", []),
        ("p->limit = limit_folder;", ["undefined-variable limit_folder"]),
        (
            "struct node next = { .close = close_folder, .size = size_folder };\n\tg(next);",
            ["undefined-variable size_folder"],
        ),
        ("g(p, OPTION_WRITEFUNCTION, take);", []),
        ("g(p, OPTION_WRITE, take);", ["undefined-variable take"]),
        ("g(p, (void (*)(void *))let);", []),
        ("g(p, (void *)let);", ["undefined-variable let"]),
        ("g(p, (Deleter)list_dtor);", []),
        ("int (*call)(int) = twice;\n\tn = call(n);", []),
        ("int call = twice;\n\tn = call;", ["undefined-variable twice"]),
        ("n = p->x ? audio_route_input_mic : audio_route_input_line;", []),
        ("n = audio_route_input_mic + 1;", ["undefined-variable audio_route_input_mic"]),
        ("n += p->call == crypt_process_block64;", []),
        ("g(lazyFreeQueuedItems, 1, p);", []),
        ("qsort(p, n, 1, cmp_pattern);", []),
        ("g(p, cmp_pattern);", []),
        ("parse(n, p, trim_longopts);", ["undefined-variable trim_longopts"]),
        ("parse(n, p, trim_all_of_it);", []),
        ("parse(n, p, trim_all_of_it);\n\tfree(trim_all_of_it);", ["undefined-variable trim_all_of_it"]),
        ("parse(n, p, new_node_p);", ["undefined-variable new_node_p"]),
        ("n = cmp_pattern * 2;", ["undefined-variable cmp_pattern"]),
    ],
)
def test_what_is_cast_set_or_given_as_functions_are_is_a_function(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("n = alloc_hash(symbol, n) + alloc_hash(symbol_name, n);", []),
        (
            "n = alloc_hash(symbol, n) + alloc_hash(other, n);",
            ["undefined-variable other", "undefined-variable symbol"],
        ),
        ("n = take(symbol, n) + take(symbol_name, n) + symbol;", ["undefined-variable symbol"]),
        ("n = take(page, n) + take(page_len, n);", ["undefined-variable page", "undefined-variable page_len"]),
        ("return copy_to_struct_member(p, label, n);", []),
        ("return copy_to_place(p, label, n);", ["undefined-variable label"]),
        ("p->row = void_cast(row_pointer, n);", []),
        ("GET_FIELD(reply, n, unicast.packets);", ["undefined-variable reply"]),
        ("GET_FIELD(p, n, unicast.packets);", ["undefined-variable unicast"]),
        ("ASSIGN_COPY(folder, p);\n\tfree(folder);", ["undefined-variable folder"]),
    ],
)
def test_names_that_macros_by_their_looks_take_are_no_variables(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("int (*step)(int); step = by_two; n += step(1);", []),
        ("step_type step = by_two; n += (*step)(1);", []),
        ("int step = by_two; n += step;", ["undefined-variable by_two"]),
        ("step_type step; step = by_two_len; n += step(1);", ["undefined-variable by_two_len"]),
        ("step_type step; step = pp; n += step(1);", ["undefined-variable pp"]),
        ("step_type step; step = node_id; n += step(1);", ["undefined-variable node_id"]),
    ],
)
def test_what_is_called_further_on_is_set_to_a_function(statements: str, expected: list[str]) -> None:
    if "by_two_len" in statements:
        statements = f"int by_two = n; {statements} n += by_two;"
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("p->u.fn = n ? one_way : two_way;", []),
        ("p->fn = n == 2 ? one_way : two_way;", []),
        ("p->size = n ? one_way : two_way;", ["undefined-variable one_way", "undefined-variable two_way"]),
        ("p->fn = node_id;", ["undefined-variable node_id"]),
        ("line_fn get_fn = n ? one_way : two_way; n += get_fn(p);", []),
        ("line_type get = n ? one_way : two_way; n += get(p);", []),
        ("struct action act = { .sa_handler = caught }; use(&act);", []),
        ("p->map[n].function = insert_it; n += p->size;", []),
        ("struct action act = { .sa_mask = caught }; use(&act);", ["undefined-variable caught"]),
    ],
)
def test_a_function_may_be_chosen(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("timer_setup(clock, rx_fixup);", ["undefined-variable clock"]),
        ("request_irq(irq, uart_isr, p);", ["undefined-variable irq"]),
        ("search(n, &key_less, &pp);", ["undefined-variable key_less", "undefined-variable pp"]),
        ("binsearch(n, &restart_key_less, &pp);", ["undefined-variable pp"]),
        ("signal_strength(p, level);", ["undefined-variable level"]),
        ("for_each_object(p, prune_cruft, prune_subdir, &n);", []),
    ],
)
def test_of_what_one_that_takes_functions_is_given_the_longest_is_one(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize(
    ("name", "is_function"),
    [
        ("tree_walk_poll", True),
        ("chip_stop", True),
        ("uintCollFunc", True),
        ("i2s_dma_isr", True),
        ("first_byte_offset", False),
        ("expected_footer_magic", False),
        ("wide_null_string", False),
        ("node_to_string", True),
    ],
)
def test_names_say_by_their_first_and_last_words_whether_they_are_functions(name: str, is_function: bool) -> None:
    assert_findings_within(f"g(p, {name});", *([] if is_function else [f"undefined-variable {name}"]))


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("n += n == fan_power && n != fan_power_cap_max;", []),
        ("n += n == fan_power;", ["undefined-variable fan_power"]),
        ("n += n == fan_len && n != fan_len_of_max;", ["undefined-variable fan_len"]),
        ("n = p->flags & PResizeInc;", []),
        ("n |= (PBaseSize|PMinSize);", []),
        ("n = PMinSize && n;", ["undefined-variable PMinSize"]),
        ("*ChipCmd = read(p->a + ChipCtl); n = *ChipCmd;", ["undefined-variable ChipCmd"]),
        ("n = AD714x_SPI_READ;", []),
        ("n += n == two_long_words;", []),
        ("n += two_long_words == 0;", ["undefined-variable two_long_words"]),
        ("n += two_long_words != true;", ["undefined-variable two_long_words"]),
        ("n = sizeof(tableFileEvent) + sizeof(tableFileSize);", ["undefined-variable tableFileSize"]),
        ("n += PBaseSize * 2;", ["undefined-variable PBaseSize"]),
        ("n = iflag + vflag; xflag = n > other;", ["undefined-variable other"]),
        ("n = iflag + vflag;", ["undefined-variable iflag", "undefined-variable vflag"]),
        ("put(p, &vp_segment_update_all_e);", []),
        ("put(p, &segment);", ["undefined-variable segment"]),
        (
            "n = rg_tile_e | rg_mode_e | rg_type_e | rg_out_e | rg_in_e | rg_line_e; put(&rg_stream_len, &rg_len);",
            ["undefined-variable rg_len"],
        ),
        ("n = sizeof(u8[4]);", []),
        ("n = sizeof(buf[4]);", ["undefined-variable buf"]),
    ],
)
def test_enumerators_bits_and_types_are_known_by_their_company(statements: str, expected: list[str]) -> None:
    assert_findings_within(statements, *expected)


@pytest.mark.parametrize("slip", ["statsu", "staus", "sttaus", "statuss"])
def test_a_letter_lost_doubled_or_swapped_makes_no_other_name(slip: str) -> None:
    assert_findings(
        f"int f(int status)\n{{\n\tset_handler({slip});\n\treturn status;\n}}\n", f"undefined-variable {slip}"
    )


def test_names_that_end_in_capitals_as_the_members_do_that_they_are_set_to_are_functions() -> None:
    several = "\th->startDocument = sax2StartDocument;\n\th->endDocument = sax2EndDocument;\n\th->cdata = sax2Cdata;\n"
    assert_findings(f"void f(handler *h)\n{{\n{several}}}\n")
    assert_findings("void f(handler *h)\n{\n\th->size = wantedSize;\n}\n", "undefined-variable wantedSize")
    mixed = "\th->size = wantedSize;\n\th->most = allowedMost;\n"
    assert_findings(
        f"void f(handler *h)\n{{\n{mixed}}}\n", "undefined-variable allowedMost", "undefined-variable wantedSize"
    )
