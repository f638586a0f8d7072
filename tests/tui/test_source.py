"""Generated text on the screen: every character in its column, every finding under its characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from rnnlab.display import safe
from rnnlab.evaluation.contract import Finding
from rnnlab.tui.widgets.source import Document
from rnnlab.tui.widgets.source.document import counted, difference
from rnnlab.tui.widgets.source.highlight import Ink, inks
from rnnlab.tui.widgets.source.text import LONGEST, cell_of, runs, width

lines = st.text(st.characters(blacklist_characters="\n"), max_size=60).map(lambda text: safe(text))


@given(lines, st.integers(0, 60))
def test_pieces_take_the_cells_that_were_promised(line: str, column: int) -> None:
    pieces = runs(line, [index % 3 for index in range(len(line))])
    assert sum(cell_len(text) for text, _ in pieces) == width(line) == cell_of(line, len(line))
    assert cell_of(line, column) <= width(line)


def test_tabs_go_to_the_next_eighth_column_also_behind_wide_characters() -> None:
    assert cell_of("\tx", 1) == 8
    assert cell_of("ab\tx", 3) == 8
    assert cell_of("漢字漢字\tx", 5) == 16
    assert "".join(text for text, _ in runs("a\tb", [0, 0, 0])) == "a       b"


def test_a_very_long_line_is_cut_and_counted() -> None:
    pieces = runs("x" * (LONGEST + 1234), [0] * (LONGEST + 1234))
    assert pieces[-1][0].endswith("1,234 more characters")


def a_finding(line: int, column: int, end: int, *, rule: str = "r", edge: bool = False) -> Finding:
    return Finding(rule=rule, message="m", line=line, column=column, end_line=line, end_column=end, edge=edge)


def test_a_finding_marks_its_characters_and_no_others() -> None:
    document = Document("a = 1;\n\tmissing = a;\n", "c", (a_finding(2, 2, 9),))
    codes = document.codes(1, None)
    marked = "".join(sign for sign, code in zip(document.lines[1], codes, strict=True) if code >> 4 & 3)
    assert marked == "missing"
    assert not any(code >> 4 & 3 for code in document.codes(0, None))


@given(st.integers(-3, 9), st.integers(-3, 40), st.integers(-3, 40))
def test_findings_with_wrong_places_do_no_harm(line: int, column: int, end: int) -> None:
    document = Document("ab\ncd", "c", (a_finding(line, column, end),))
    for number in range(2):
        assert len(document.codes(number, None)) == 2


@given(st.text(max_size=200))
def test_highlighting_gives_every_character_one_ink(text: str) -> None:
    assert len(inks(text, "c")) == len(text)
    assert len(Document(text, "c").inks) == len(Document(text).lines)


def test_keywords_strings_and_comments_have_inks_of_their_own() -> None:
    found = inks('return "a"; /* b */', "c")
    assert (found[0], found[7], found[-2]) == (Ink.KEYWORD, Ink.STRING, Ink.COMMENT)


def test_rules_are_counted_without_those_that_a_cut_made() -> None:
    findings = [a_finding(1, 1, 2, rule="a"), a_finding(1, 1, 2, rule="b"), a_finding(2, 1, 2, rule="b")]
    assert counted([*findings, a_finding(3, 1, 2, rule="c", edge=True)]) == [("b", 2), ("a", 1)]


def test_a_difference_keeps_what_is_the_same_and_signs_what_is_not() -> None:
    document = difference("a\nb\nc", "a\nx\nc")
    assert list(zip(document.signs, document.lines, strict=True)) == [(" ", "a"), ("-", "b"), ("+", "x"), (" ", "c")]
