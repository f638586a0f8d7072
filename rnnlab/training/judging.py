"""The judges of a run's previews: evaluators in processes beside the training, and the real corpus under the same ones.

Once per run as many pieces of held-out text as make a steady rate are cut to the previews'
length and judged; every score is then told with the real corpus's beside it.
"""

from __future__ import annotations

import dataclasses

from rnnlab.config import RunConfig
from rnnlab.corpus import Corpus
from rnnlab.evaluation import Source
from rnnlab.evaluation.baseline import corpus_samples, steadily
from rnnlab.evaluation.judge import Judgement, JudgeProcess
from rnnlab.events import Score, ScoreEvent
from rnnlab.training.previews import Drawn

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
        self._before = self._process.processor_seconds  # loading them went before the training

    @property
    def processor_seconds(self) -> float:
        """See `Judge`; with what the corpus's pieces took."""
        return max(0.0, self._process.processor_seconds - self._before)

    def submit(self, step: int, samples: list[Drawn]) -> None:
        """Take the samples of one preview; the first time, the corpus's pieces as well."""
        if not self._submitted:
            self._submitted = self._process.submit(self._pieces, _CORPUS)
        sources = [
            Source(text=sample.prompt + sample.text, name=sample.file, step=step, prompt=sample.prompt)
            for sample in samples
        ]
        self._process.submit(sources, step)

    def poll(self) -> list[ScoreEvent]:
        """Verdicts that have come in and whose corpus rates are known."""
        return self._take(self._process.poll())

    def drain(self, seconds: float) -> list[ScoreEvent]:
        """The verdicts still out, waiting at most so long; then without the corpus's rates if need be."""
        events = self._take(self._process.wait(seconds))
        held, self._held = self._held, []
        return events + held

    def close(self) -> None:
        """End the evaluators' processes."""
        self._process.close()

    def _take(self, judgements: list[Judgement]) -> list[ScoreEvent]:
        for judgement in judgements:
            if judgement.tag == _CORPUS:
                self._corpus[judgement.plugin] = judgement.scores
            else:
                self._held.append(_event(judgement))
        ready = [event for event in self._held if event.plugin in self._corpus]
        self._held = [event for event in self._held if event.plugin not in self._corpus]
        return [dataclasses.replace(event, corpus_scores=self._corpus[event.plugin]) for event in ready]


def _event(judgement: Judgement) -> ScoreEvent:
    return ScoreEvent(
        step=int(str(judgement.tag)),
        plugin=judgement.plugin,
        samples=judgement.samples,
        scores=judgement.scores,
        failures=judgement.failures,
    )
