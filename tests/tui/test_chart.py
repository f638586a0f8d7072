"""The chart keeps its promises: nothing is lost between points and cells, at any zoom."""

from __future__ import annotations

import math
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from rnnlab.tui.widgets.chart import ticks
from rnnlab.tui.widgets.chart.band import band
from rnnlab.tui.widgets.chart.binning import columns
from rnnlab.tui.widgets.chart.braille import dots
from rnnlab.tui.widgets.chart.figure import Figure, Floats, Mark, Series
from rnnlab.tui.widgets.chart.legend import legend
from rnnlab.tui.widgets.chart.plot import Lines, plot
from rnnlab.tui.widgets.chart.scale import Scale
from rnnlab.tui.widgets.chart.smoothing import smooth
from rnnlab.tui.widgets.chart.view import View

finite = st.floats(-1e6, 1e6)


def curve(count: int, *, spike: int | None = None, lost: int | None = None) -> Figure:
    rng = np.random.default_rng(0)
    x = np.arange(1, count + 1, dtype=np.float64)
    y = 1.3 + 3 * np.exp(-x / (count * 0.1)) + rng.normal(0, 0.03, count)
    if spike is not None:
        y[spike] = 50.0
    if lost is not None:
        y[lost] = math.nan
    return Figure((Series("train", x, y, y - 0.05, y + 0.05, smooth=True),))


@given(st.lists(st.tuples(st.floats(0, 100), finite | st.just(math.nan)), max_size=60), st.integers(1, 20))
def test_each_column_holds_the_extremes_of_its_points(points: list[tuple[float, float]], count: int) -> None:
    points.sort(key=lambda point: point[0])
    x, y = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    edges = np.linspace(10, 90, count + 1)
    got = columns(x, y, y, edges)
    for index in range(count):
        last = index == count - 1
        inside = [b for a, b in points if edges[index] <= a and (a < edges[index + 1] or (last and a <= edges[-1]))]
        clean = [value for value in inside if not math.isnan(value)]
        assert got.lost[index] == (len(clean) < len(inside))
        if clean:
            assert (got.low[index], got.high[index]) == (min(clean), max(clean))
        else:
            assert math.isnan(got.low[index])


@given(st.lists(finite | st.just(math.nan), max_size=150), st.sampled_from([0.5, 0.9, 0.99, 0.995]))
def test_smoothing_equals_the_naive_running_mean(values: list[float], weight: float) -> None:
    expected = []
    for here in range(len(values)):
        pairs = [(weight ** abs(here - at), value) for at, value in enumerate(values) if not math.isnan(value)]
        total = sum(share for share, _ in pairs)
        expected.append(sum(share * value for share, value in pairs) / total if total else math.nan)
    got = smooth(np.array(values), weight)
    np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-4)


@given(st.integers(1, 12), st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=40))
def test_a_line_has_a_dot_at_every_place_it_was_given(height: int, spans: list[tuple[float, float]]) -> None:
    spans = spans[: len(spans) // 2 * 2]
    low, high = np.array([min(s) for s in spans]), np.array([max(s) for s in spans])
    cells = dots(low, high, height)
    bits = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    for column in range(len(spans)):
        for place in (low[column], high[column]):
            row = height * 4 - 1 - min(int(place * height * 4), height * 4 - 1)
            assert cells[row // 4, column // 2] & bits[row % 4][column % 2]


@given(st.integers(1, 20), st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_a_band_fills_what_lies_between_its_ends(height: int, a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    cells = band(np.array([low]), np.array([high]), height)
    expected = max(0.0, min(high, 1.0) - max(low, 0.0)) * height * 8
    filled = int(cells.eighths.sum())
    assert filled == 0 if high < 0 or low > 1 else expected - 1e-6 <= filled <= expected + 2


@given(st.floats(1e-9, 1e9), st.floats(1.001, 1e6), st.booleans(), st.integers(2, 12))
def test_ticks_are_inside_rise_and_are_told_apart(low: float, factor: float, log: bool, count: int) -> None:
    scale = Scale(low, low * factor, log)
    values = ticks.ticks(scale, count)
    assert values == sorted(set(values))
    assert all(low * (1 - 1e-6) <= value <= low * factor * (1 + 1e-6) for value in values)
    words = ticks.labels(values)
    assert len(set(words)) == len(words)
    assert all(math.isclose(float(word), value, rel_tol=2e-2) for word, value in zip(words, values, strict=True))


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.floats(0, 1))
def test_a_scale_and_its_inverse_agree(low: float, width: float, place: float) -> None:
    scale = Scale(low, low + width)
    assert scale.place(np.array([scale.value(place)]))[0] == pytest.approx(place, abs=1e-6)


def top_row(figure: Figure, view: View) -> str:
    drawn = plot(figure, view, 80, 20)
    return drawn.canvas.text().split("\n")[0]


@pytest.mark.parametrize("count", [100, 5_000, 100_000])
@pytest.mark.parametrize("width", [1.0, 0.3, 0.01])
def test_a_spike_of_one_step_and_a_lost_number_are_seen_at_every_zoom(count: int, width: float) -> None:
    half = max(count * width / 2, 5)
    at, lost = count // 2, count // 2 + int(half / 2)
    figure = curve(count, spike=at, lost=lost)
    view = View() if width == 1.0 else View(x=(at - half, at + half))
    row = top_row(figure, view)
    assert "×" in row
    narrow = plot(figure, view, 80, 20)
    reaches_up = "▲" in row or narrow.y.high >= 50
    assert reaches_up


def test_an_outlier_does_not_flatten_the_curve_unless_asked_to() -> None:
    figure = curve(5_000, spike=2_500)
    assert plot(figure, View(), 80, 20).y.high < 6
    assert plot(figure, View(whole_y=True), 80, 20).y.high >= 50


@given(st.integers(1, 6), st.integers(1, 160), st.booleans())
def test_the_legend_shows_whole_values_or_none_and_counts_the_curves_that_do_not_fit(
    count: int, width: int, smoothed: bool
) -> None:
    x = np.arange(1.0, 4.0)
    names = [f"run-{number}" for number in range(count)]
    series = tuple(Series(name, x, x + 0.2843 * place, smooth=smoothed) for place, name in enumerate(names, 1))
    figure = Figure(series, y_name="train, bits/char")
    row = legend(figure, View(), Lines(), None, width, lambda _colour: Style())
    assert row.cell_length == width
    entries = [entry.split("  ")[0].rstrip() for entry in row.text.split("━ ")[1:]]
    for entry, one in zip(entries, series, strict=False):
        assert "…" in entry or width < 40 or entry.split(" ")[:2] == [one.name, figure.y_format(float(one.y[-1]))]
    if len(entries) < count and width >= 40:
        assert f"+{count - len(entries)}" in row.text


@pytest.mark.parametrize("log_x", [False, True])
@pytest.mark.parametrize("log_y", [False, True])
def test_every_figure_can_be_drawn_at_every_size(log_x: bool, log_y: bool) -> None:
    empty: Floats = np.empty(0)
    figures = [
        Figure(),
        Figure((Series("a", empty, empty),)),
        Figure((Series("a", np.array([5.0]), np.array([1.0])),)),
        Figure((Series("a", np.array([0.0, 0.0]), np.array([math.nan, math.inf])),)),
        Figure((Series("a", np.array([1.0, 2.0]), np.array([-1.0, 0.0])),)),
        Figure((Series("a", np.array([1e-300, 1e300]), np.array([1e300, -1e300])),)),
        Figure((Series("a", np.arange(9.0), np.zeros(9), reference=0.5),), (Mark(3, "divergence"),)),
        curve(1000, spike=3, lost=4),
    ]
    for figure in figures:
        for width, height in ((4, 3), (12, 4), (80, 20), (200, 60)):
            canvas = plot(figure, View(log_x=log_x, log_y=log_y), width, height).canvas
            assert canvas.signs.shape == (height, width)


def test_zoom_pan_follow_and_fit() -> None:
    figure = curve(1000)
    near = View().zoom(figure, 0.5, 1000)
    low, high = near.limits(figure)
    assert high - low == pytest.approx((View().limits(figure)[1] - 1) / 2, rel=0.01)
    back = near.zoom(figure, 4.0, 1000)
    assert back.x is None
    moved = near.pan(figure, -0.5)
    assert moved.limits(figure)[0] < low
    assert View().pan(figure, 0.5) == View()  # there is nothing beyond the data
    following = near.followed(figure)
    longer = curve(2000)
    assert following.limits(longer)[1] >= 2000
    assert near.limits(longer) == near.limits(figure)
    assert following.fit().x is None


def test_marks_stand_under_their_steps_and_the_weightier_one_wins() -> None:
    marks = (Mark(500, "checkpoint"), Mark(500, "divergence"), Mark(500, "sample"), Mark(10_000, "best"))
    figure = Figure(curve(1000).series, marks)
    drawn = plot(figure, View(), 80, 20)
    lane = drawn.canvas.text().split("\n")[18]
    assert lane[drawn.column(500) or 0] == "✗"
    assert "★" not in lane
    assert "◇" not in lane


@pytest.mark.parametrize("count", [100_000, 1_000_000])
def test_many_points_are_redrawn_quickly(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    figure = curve(count, spike=5_000)
    lines = Lines()
    plot(figure, View(), 118, 30, lines)
    best = math.inf
    for _ in range(5):
        begun = time.perf_counter()
        plot(figure, View(), 118, 30, lines)
        best = min(best, time.perf_counter() - begun)
    begun = time.perf_counter()
    plot(figure, View(), 118, 30)
    first = time.perf_counter() - begun
    with capsys.disabled():
        sys.stdout.write(
            f"\n{count:,} points at 118 × 30: redraw {best * 1000:.1f} ms, with smoothing {first * 1000:.1f} ms\n"
        )
    assert best < 0.5  # the budget is 50 ms; ten times that on any machine is a mistake
