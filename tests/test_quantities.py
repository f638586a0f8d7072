"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.quantities import decimals, duration, percent, short, sparkline


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, "–"), (0, "0"), (950, "950"), (999.4, "999"), (999.6, "1.0 k"), (12_345, "12.3 k"), (99_960, "100 k"),
     (999_600, "1.0 M"), (10_212_598, "10.2 M"), (3.2e9, "3.2 G"), (7e15, "7000 T"),
     (-1500, "-1.5 k"), (math.nan, "nan")],
)  # fmt: skip
def test_counts(count: float | None, text: str) -> None:
    assert short(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (math.inf, "–"), (0, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"),
     (3599.7, "1 h 00 min"), (7800, "2 h 10 min"), (86400 * 3 + 3600 * 4 + 5, "3 d 4 h"), (-3, "0 s")],
)  # fmt: skip
def test_durations(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_a_share_is_a_hundred_percent_only_when_it_is_done() -> None:
    assert (percent(0.999), percent(1.0), percent(0.29), percent(None)) == ("99 %", "100 %", "29 %", "–")
    assert (decimals(1.23456), decimals(None), decimals(math.nan)) == ("1.235", "–", "nan")


def test_a_sparkline_rises_with_its_values_and_shows_a_gap_where_there_is_none() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([1, math.nan, 8], 8) == "▁ █"
    assert sparkline([3, 3, 3], 8) == "▁▁▁"
    assert sparkline([1, 1, 8, 8], 2) == "▁█"
    assert sparkline([2], 4, low=0, high=4) == "▅"
    assert sparkline([], 5) == ""


@given(st.lists(st.floats()), st.integers(1, 50))
def test_a_sparkline_is_never_wider_than_it_may_be(values: list[float], width: int) -> None:
    assert len(sparkline(values, width)) == min(width, len(values))
