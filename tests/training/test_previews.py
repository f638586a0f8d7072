"""What previews may cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.config import ModelConfig, TrainingConfig
from rnnlab.cores import usable_cores
from rnnlab.corpus import Vocabulary
from rnnlab.events import ScoreEvent
from rnnlab.model.network import CharModel
from rnnlab.training.clock import Clock
from rnnlab.training.previews import Previews
from rnnlab.training.schedule import Horizon, Milestones
from rnnlab.training.verdicts import Drawn

STEPS, STEP_SECONDS = 2000, 0.1


class Strict:
    """A judge who takes his time, on all cores."""

    def __init__(self, seconds: float) -> None:
        self.processor_seconds = 0.0
        self._seconds = seconds * usable_cores()

    def submit(self, step: int, samples: list[Drawn]) -> None:  # noqa: ARG002  # the signature is the protocol's
        self.processor_seconds += self._seconds

    def poll(self) -> list[ScoreEvent]:
        return []

    def drain(self, seconds: float) -> list[ScoreEvent]:  # noqa: ARG002  # the signature is the protocol's
        return []


@pytest.mark.parametrize(
    ("every", "drawing", "judging", "least"),
    [(0, 0.01, 0.01, 22), (0, 0.2, 0.0, 12), (0, 0.1, 0.1, 12), (0, 1.0, 0.0, 2), (0, 60.0, 0.0, 1), (100, 3.0, 0, 20)],
)
def test_previews_and_judges_take_two_percent_of_the_time_unless_an_interval_was_asked_for(
    every: int, drawing: float, judging: float, least: int, tmp_path: Path
) -> None:
    now = 0.0
    clock = Clock(now=lambda: now)
    horizon = Horizon(steps=STEPS, seconds=None, per_epoch=STEPS)
    network = CharModel(ModelConfig(layers=1, hidden=4), 2)
    config = TrainingConfig(steps=STEPS, preview_every=every)
    judge = Strict(judging)
    vocabulary = Vocabulary("bytes", [97, 98])
    previews = Previews(config, network, vocabulary, tmp_path, Milestones(every, horizon), "a", judge)
    steps = []
    for step in range(1, STEPS + 1):
        now += STEP_SECONDS
        if previews.due(step, horizon.done(step - 1, 0), horizon.done(step, 0), clock):
            steps.append(step)
            with clock.aside(preview=True):
                now += drawing
            judge.submit(step, [])
    assert len(steps) >= least
    if not every and drawing < 2:  # the first one is drawn whatever it costs, and the last one, at the end, as well
        assert (len(steps) + 1) * (drawing + judging) <= 0.02 * clock.seconds
    assert steps[0] <= 0.05 * STEPS
