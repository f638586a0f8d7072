"""Learning rates, limits and milestones follow from how far a run has come."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.config import TrainingConfig
from rnnlab.training.schedule import Horizon, Milestones, learning_rate


def test_cosine_rises_to_the_peak_over_the_warm_up_and_falls_to_its_floor() -> None:
    config = TrainingConfig(learning_rate=0.01, warmup=0.1, final_learning_rate=0.05)
    assert learning_rate(config, 0.05, 0) == pytest.approx(0.005)
    assert learning_rate(config, 0.1, 0) == pytest.approx(0.01)
    assert learning_rate(config, 0.55, 0) == pytest.approx(0.01 * (0.05 + 0.95 / 2))
    assert learning_rate(config, 1.0, 0) == pytest.approx(0.0005)


def test_the_first_update_of_a_warm_up_is_not_wasted_on_a_rate_of_zero() -> None:
    assert learning_rate(TrainingConfig(warmup=0.1), 0.0, 0) > 0


@pytest.mark.parametrize(("epoch", "factor"), [(0, 1), (9.99, 1), (10, 0.95), (11.5, 0.95**2), (49.9, 0.95**40)])
def test_the_paper_schedule_decays_by_five_percent_an_epoch_after_the_tenth(epoch: float, factor: float) -> None:
    config = TrainingConfig(schedule="paper", learning_rate=2e-3)
    assert learning_rate(config, 0.5, epoch) == pytest.approx(2e-3 * factor)


@given(done=st.floats(0, 1), warmup=st.floats(0, 0.9), floor=st.floats(0, 1))
def test_a_rate_is_never_negative_nor_above_the_peak(done: float, warmup: float, floor: float) -> None:
    config = TrainingConfig(learning_rate=0.1, warmup=warmup, final_learning_rate=floor)
    assert 0 <= learning_rate(config, done, 0) <= 0.1 * (1 + 1e-9)


def test_a_run_ends_by_whichever_limit_comes_first() -> None:
    horizon = Horizon.of(TrainingConfig(steps=100, epochs=3, time=60), per_epoch=20)
    assert horizon.steps == 60
    assert not horizon.over(59, 59.0)
    assert "60 steps" in horizon.over(60, 1.0)
    assert "60 seconds" in horizon.over(1, 60.0)
    assert horizon.done(30, 45.0) == 0.75


def test_without_a_limit_a_run_is_never_over() -> None:
    horizon = Horizon.of(TrainingConfig(), per_epoch=20)
    assert horizon.done(10**9, 1e9) == 0.0
    assert horizon.over(10**9, 1e9) == ""


def test_milestones_by_share_come_about_twenty_times_and_each_once() -> None:
    horizon = Horizon.of(TrainingConfig(steps=1000), per_epoch=100)
    milestones = Milestones(0, horizon)
    due = [s for s in range(1, 1001) if milestones.due(s, (s - 1) / 1000, s / 1000)]
    assert due == [5, 10, 20, *range(50, 1000, 50)]


@given(every=st.integers(1, 50), steps=st.integers(1, 500))
def test_milestones_with_an_interval_come_at_its_multiples(every: int, steps: int) -> None:
    milestones = Milestones(every, Horizon.of(TrainingConfig(steps=steps), per_epoch=7))
    due = [s for s in range(1, steps + 1) if milestones.due(s, (s - 1) / steps, s / steps)]
    assert due == list(range(every, steps + 1, every))
    assert not math.isnan(len(due))
