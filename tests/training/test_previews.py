"""What previews may cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.config import ModelConfig, TrainingConfig
from rnnlab.corpus import Vocabulary
from rnnlab.model.network import CharModel
from rnnlab.training.clock import Clock
from rnnlab.training.previews import Previews
from rnnlab.training.schedule import Horizon, Milestones

STEPS, STEP_SECONDS = 2000, 0.1


@pytest.mark.parametrize(("every", "cost", "drawn"), [(0, 0.01, 22), (0, 2.0, 2), (0, 60.0, 1), (100, 3.0, 20)])
def test_previews_take_two_percent_of_the_time_unless_an_interval_was_asked_for(
    every: int, cost: float, drawn: int, tmp_path: Path
) -> None:
    now = 0.0
    clock = Clock(now=lambda: now)
    horizon = Horizon(steps=STEPS, seconds=None, per_epoch=STEPS)
    network = CharModel(ModelConfig(layers=1, hidden=4), 2)
    config = TrainingConfig(steps=STEPS, preview_every=every)
    previews = Previews(config, network, Vocabulary("bytes", [97, 98]), tmp_path, Milestones(every, horizon), "a")
    count = 0
    for step in range(1, STEPS + 1):
        now += STEP_SECONDS
        if previews.due(step, horizon.done(step - 1, 0), horizon.done(step, 0), clock):
            count += 1
            with clock.aside(preview=True):
                now += cost
    assert count == drawn
    if not every:  # the first one is drawn whatever it costs, and the last one at the end of the run as well
        assert clock.previews <= 0.015 * clock.seconds + 0.1 + cost
