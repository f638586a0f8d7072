"""The judges of a run's previews: evaluators in processes beside the training, and the real corpus under the same ones.

Once per run as many pieces of held-out text as make a steady rate are cut to the previews'
length and judged; every score is then told with the real corpus's beside it.
"""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Iterator

from rnnlab.config import RunConfig
from rnnlab.corpus import Corpus
from rnnlab.evaluation import Source
from rnnlab.evaluation.baseline import corpus_samples, steadily
from rnnlab.evaluation.judge import Judgement, JudgeProcess
from rnnlab.events import NoteEvent, Score, ScoreEvent
from rnnlab.training.verdicts import Drawn, News

_CORPUS = "corpus"


class RunJudge:
    """A `Judge` for previews.

    Args:
        config: which evaluators, with which options, and how long the previews are.
        corpus: whose held-out part stands beside the scores.
    """

    def __init__(self, config: RunConfig, corpus: Corpus) -> None:
        self._process = JudgeProcess(config.evaluation.plugins, config.evaluation.settings)
        part = next(p for p in (corpus.parts.validation, corpus.parts.test, corpus.parts.train) if len(p) > 1)
        sizes = steadily([config.training.preview_length], part.length)
        self._pieces = list(corpus_samples(part, corpus.vocabulary, sizes, seed=config.training.seed))
        self._held: list[ScoreEvent] = []
        self._corpus: dict[str, tuple[Score, ...]] = {}
        self._submitted = False
        self._step = 0
        self._before = self._process.processor_seconds  # loading them went before the training

    @property
    def processor_seconds(self) -> float:
        """See `Judge`; with what the corpus's pieces took."""
        return max(0.0, self._process.processor_seconds - self._before)

    def submit(self, step: int, samples: list[Drawn]) -> None:
        """Take the samples of one preview; the first time, the corpus's pieces as well."""
        self._step = step
        if not self._submitted:
            self._process.submit(self._pieces, _CORPUS)
            self._submitted = True
        sources = [
            Source(text=sample.prompt + sample.text, name=sample.file, step=step, prompt=sample.prompt)
            for sample in samples
        ]
        self._process.submit(sources, step)

    def poll(self) -> list[News]:
        """Verdicts that have come in and whose corpus rates are known, and troubles that no verdict tells yet."""
        return self._take(self._process.poll())

    def drain(self, seconds: float) -> Iterator[News]:
        """The verdicts still out as they come, for so long at most; then without the corpus's rates if need be."""
        end = time.monotonic() + seconds
        yield from self.poll()
        while self._process.busy and (left := end - time.monotonic()) > 0:
            yield from self._take(self._process.poll(min(left, 0.25)))
        held, self._held = self._held, []
        yield from held
        late = Counter(plugin for plugin, tag in self._process.under_way if tag != _CORPUS)
        for plugin, count in late.items():
            steps = f"{count} step{'' if count == 1 else 's'}"
            yield self._warning(plugin, f"has not judged the previews of {steps} yet; rnnlab eval of this run does")

    def close(self) -> None:
        """End the evaluators' processes."""
        self._process.close()

    def _take(self, judgements: list[Judgement]) -> list[News]:
        for judgement in judgements:
            if judgement.tag == _CORPUS:
                self._corpus[judgement.plugin] = judgement.scores
            else:
                self._held.append(_event(judgement))
        ready = self._ready()
        told = {(event.plugin, failure) for event in ready for failure in event.failures}
        troubles = [trouble for trouble in self._process.troubles() if trouble not in told]
        return [*(self._warning(*trouble) for trouble in troubles), *ready]

    def _ready(self) -> list[ScoreEvent]:
        """Of each evaluator in order: those that have the corpus's rates beside them, or no rates of their own."""
        ready, held = [], []
        waiting: set[str] = set()
        for event in self._held:
            corpus = self._corpus.get(event.plugin)
            if event.plugin in waiting or (corpus is None and event.samples):
                waiting.add(event.plugin)
                held.append(event)
            else:
                ready.append(dataclasses.replace(event, corpus_scores=corpus or ()))
        self._held = held
        return ready

    def _warning(self, plugin: str, text: str) -> NoteEvent:
        return NoteEvent(step=self._step, level="warning", text=f"{plugin}: {text}")


def _event(judgement: Judgement) -> ScoreEvent:
    return ScoreEvent(
        step=int(str(judgement.tag)),
        plugin=judgement.plugin,
        samples=judgement.samples,
        scores=judgement.scores,
        failures=judgement.failures,
    )
