"""Where the parts of a corpus begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config import CorpusConfig
from rnnlab.corpus import parse_split
from rnnlab.corpus.split import boundaries, show_split
from rnnlab.errors import ConfigError, CorpusError


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("90/5/5", (0.90, 0.05, 0.05)),
        ("80/10/10", (0.8, 0.1, 0.1)),
        ("90/10/0", (0.9, 0.1, 0.0)),
        ("90/10", (0.9, 0.1, 0.0)),
        ("100", (1.0, 0.0, 0.0)),
        ("0.9/0.05/0.05", (0.90, 0.05, 0.05)),
        ("1", (1.0, 0.0, 0.0)),
        ("33.3/33.3/33.4", (0.333, 0.333, 0.334)),
    ],
)
def test_a_split_is_read_as_percentages_or_shares(text: str, shares: tuple[float, float, float]) -> None:
    assert parse_split(text) == pytest.approx(shares)
    CorpusConfig(split=parse_split(text))


@pytest.mark.parametrize(
    "text", ["", "90", "90/5/6", "a/b/c", "90/5/5/0", "0/50/50", "110/-10/0", "nan/1/0", "inf/0/0"]
)
def test_what_is_no_split_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_split(text)
    assert "/" in caught.value.next_step


def test_a_split_is_shown_as_it_is_written() -> None:
    assert show_split(parse_split("92.5/5/2.5")) == "92.5/5/2.5"


@settings(deadline=None)
@given(length=st.integers(1000, 10**13), parts=st.tuples(st.integers(1, 99), st.integers(1, 99), st.integers(1, 99)))
def test_parts_cover_the_text_without_gap_or_overlap(length: int, parts: tuple[int, int, int]) -> None:
    total = sum(parts)
    split = (parts[0] / total, parts[1] / total, parts[2] / total)
    begin, first, second, end = boundaries(length, split)
    assert (begin, end) == (0, length)
    assert abs(first - length * split[0]) <= 1 + length * 1e-6
    assert abs(second - first - length * split[1]) <= 1 + length * 2e-6


def test_the_last_tenth_begins_where_integer_arithmetic_puts_it() -> None:
    # In floating point 10 × (0.7 + 0.2) is less than 9.
    assert boundaries(10, (0.7, 0.2, 0.1)) == (0, 7, 9, 10)
    assert boundaries(1_115_394, (0.9, 0.1, 0.0)) == (0, 1_003_854, 1_115_394, 1_115_394)
    assert boundaries(3_258_246, (0.8, 0.1, 0.1)) == (0, 2_606_596, 2_932_421, 3_258_246)


@pytest.mark.parametrize(
    ("split", "places"),
    [
        ((1.0, 0.0, 0.0), (0, 101, 101, 101)),
        ((0.9, 0.1, 0.0), (0, 90, 101, 101)),
        ((0.9, 0.0, 0.1), (0, 90, 90, 101)),
    ],
)
def test_parts_that_were_not_asked_for_are_empty_and_lose_nothing(
    split: tuple[float, float, float], places: tuple[int, int, int, int]
) -> None:
    assert boundaries(101, split) == places


@pytest.mark.parametrize(("length", "part"), [(9, "validation"), (1, "train")])
def test_a_part_that_was_asked_for_and_would_be_empty_is_refused(length: int, part: str) -> None:
    with pytest.raises(CorpusError, match=f"the {part} part of {length} characters"):
        boundaries(length, (0.9, 0.05, 0.05))
