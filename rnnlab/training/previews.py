"""Samples drawn while the model learns, so that a person can watch it learn.

Every preview of a run starts from the same prompt and seeds, so that two of them can be
compared. Drawing reads the weights and nothing else: training is not disturbed. What is drawn
goes to the judges, whose verdicts are `rnnlab.training.verdicts`' business.
"""

from __future__ import annotations

from pathlib import Path

from rnnlab.config import TrainingConfig
from rnnlab.cores import usable_cores
from rnnlab.corpus.vocabulary import Vocabulary
from rnnlab.errors import FailedError, RnnlabError
from rnnlab.events import Event, NoteEvent, SampleEvent
from rnnlab.model.network import CharModel
from rnnlab.model.sampling import Sampler, SamplingSettings
from rnnlab.runs.durable import atomic_write
from rnnlab.training.clock import Clock
from rnnlab.training.schedule import Milestones
from rnnlab.training.verdicts import Drawn, Judge

# Of the time that has passed and, as most is to be seen early, of the time that the run will take as far as that is
# known; together so little that the last one, drawn whatever was spent, keeps them under two per cent.
_SHARE, _SHARE_AHEAD = 0.01, 0.004


class Previews:
    """Draws, writes to ``samples/``, and passes on to the judge.

    Args:
        config: how often, how many, how long, from what.
        network: sampled as it is at the time.
        vocabulary: of the prompt and the text.
        folder: the run's ``samples`` folder.
        milestones: when previews are due.
        default_prompt: what a preview starts from where nothing else was asked for.
        judge: who scores them, if anybody.
    """

    def __init__(
        self,
        config: TrainingConfig,
        network: CharModel,
        vocabulary: Vocabulary,
        folder: Path,
        milestones: Milestones,
        default_prompt: str,
        judge: Judge | None = None,
    ) -> None:
        self._config, self._network, self._vocabulary = config, network, vocabulary
        self._folder, self._milestones, self._judge = folder, milestones, judge
        self._default_prompt = config.preview_prompt or default_prompt
        self._drawn_at = -1

    def due(self, step: int, before: float, after: float, clock: Clock) -> bool:
        """Whether to draw now. Where no interval was asked for, previews and judges take at most 2 % of the time.

        The first is drawn whatever it costs; any other only where one as dear as the last still has room.
        """
        if not self._config.preview_count or not self._milestones.due(step, before, after):
            return False
        if self._milestones.every or not clock.previews:
            return True
        judged = self._judge.processor_seconds / usable_cores() if self._judge is not None else 0.0
        whole = clock.seconds / after if after else 0.0
        return clock.previews + clock.last_preview + judged <= _SHARE * clock.seconds + _SHARE_AHEAD * whole

    def draw(self, step: int) -> list[Event]:
        """The samples of this step, written and submitted; nothing where they are already drawn."""
        config = self._config
        if not config.preview_count or step == self._drawn_at:
            return []
        self._drawn_at = step
        prompt = self._default_prompt
        settings = SamplingSettings(
            temperature=config.preview_temperature, length=config.preview_length, seed=config.seed
        )
        try:
            events = self._draw(step, prompt, settings, config.preview_count, requested=False)
        except FailedError as error:
            return [_lost(step, error)]
        if self._judge is not None:
            self._judge.submit(step, [Drawn(event.text, event.file, event.prompt) for event in events])
        return list(events)

    def draw_requested(self, step: int, prompt: str, temperature: float, length: int) -> list[Event]:
        """One sample that somebody asked for."""
        settings = SamplingSettings(temperature=temperature, length=length, seed=self._config.seed)
        try:
            return list(self._draw(step, prompt or self._default_prompt, settings, 1, requested=True))
        except FailedError as error:
            return [_lost(step, error)]

    def refusal(self, prompt: str) -> str:
        """Why a prompt cannot be used, or an empty string."""
        try:
            self._vocabulary.encode(prompt)
        except RnnlabError as error:
            return error.reason
        return ""

    def _draw(
        self, step: int, prompt: str, settings: SamplingSettings, count: int, *, requested: bool
    ) -> list[SampleEvent]:
        sampler = Sampler.of(self._network, self._vocabulary)
        texts = sampler.sample(self._vocabulary.encode(prompt), settings, count)
        events = []
        for index, ids in enumerate(texts):
            name = f"step-{step:08d}-{index}.txt" if not requested else self._free_name(step)
            atomic_write(self._folder / name, self._vocabulary.decode_bytes(ids))
            events.append(
                SampleEvent(
                    step=step,
                    file=name,
                    index=index,
                    prompt=prompt,
                    temperature=settings.temperature,
                    seed=settings.seed,
                    text=self._vocabulary.decode(ids),
                    requested=requested,
                )
            )
        return events

    def _free_name(self, step: int) -> str:
        number = 0
        while (self._folder / f"step-{step:08d}-asked-{number}.txt").exists():
            number += 1
        return f"step-{step:08d}-asked-{number}.txt"


def _lost(step: int, error: FailedError) -> NoteEvent:
    """A preview that could not be drawn is told, and training goes on: a divergence has its own remedy."""
    return NoteEvent(step=step, level="warning", text=f"no preview: {error.thing}: {error.reason}")
