"""Scores while a model learns: batches of previews go in, scores come out some steps later.

Beside a training loop nothing may wait, so every call here returns at once; the plugins run
in processes of their own at low priority. Knows nothing of models and run folders.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from rnnlab.evaluation.contract import Source
from rnnlab.evaluation.discovery import find_all
from rnnlab.evaluation.lane import Verdict
from rnnlab.evaluation.pool import Pool
from rnnlab.evaluation.process import Limits
from rnnlab.evaluation.totals import add_up, scores
from rnnlab.events import Score

NICE = 10


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one plugin says about one batch: sums over the ``samples`` texts that it could judge."""

    tag: Hashable
    plugin: str
    samples: int
    scores: tuple[Score, ...]
    failures: tuple[str, ...] = ()  # causes, each once


@dataclass(slots=True)
class _Batch:
    tag: Hashable
    missing: int
    verdicts: list[Verdict] = field(default_factory=list)


class JudgeProcess:
    """Evaluators beside a training loop.

    Args:
        plugins: names or files, as on the command line.
        settings: ``PLUGIN.OPTION=VALUE``.
        timeout: seconds that a plugin has for one text.
        nice: how far behind the training the plugins' processes stand.
        queue: batches that may be under way; more are refused, never waited for.

    Raises:
        EvaluatorError: when a plugin is not found, cannot be loaded or refuses its options.
    """

    def __init__(
        self,
        plugins: Sequence[str],
        settings: Sequence[str] = (),
        *,
        timeout: float = 10.0,
        nice: int = NICE,
        queue: int = 8,
    ) -> None:
        self._pool = Pool(find_all(plugins), settings, Limits(timeout=timeout, nice=nice))
        self._queue = queue
        self._batches: dict[int, _Batch] = {}  # by ticket: one entry per text under way
        self._early: list[Verdict] = []
        try:
            self._pool.start(every=True)
        except BaseException:
            self._pool.close()
            raise

    def __enter__(self) -> JudgeProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def busy(self) -> bool:
        """Whether a batch is under way."""
        return bool(self._batches)

    @property
    def processor_seconds(self) -> float:
        """What the plugins' processes have taken, in seconds of one core; one that has died counts no more."""
        return sum(worker.processor_seconds for lane in self._pool.lanes.values() for worker in lane.workers)

    def submit(self, sources: Sequence[Source], tag: Hashable) -> bool:
        """Hand over a batch; False, and nothing done, where too many are under way already."""
        if len({id(batch) for batch in self._batches.values()}) >= self._queue:
            return False
        batch = _Batch(tag, len(sources) * len(self._pool.lanes))
        for source in sources:
            self._batches[self._pool.submit(source)] = batch
        self._early += self._pool.step()  # sets the work going; what it brings back belongs to the next poll
        return True

    def poll(self) -> list[Judgement]:
        """Batches that are finished since the last call, one judgement per plugin; never waits."""
        return self._take(0.0) if self._batches else []

    def wait(self, seconds: float) -> list[Judgement]:
        """Poll until nothing is under way or the time is over: for the end of a training."""
        judgements: list[Judgement] = []
        end = time.monotonic() + seconds
        while self._batches and (left := end - time.monotonic()) > 0:
            judgements += self._take(min(left, 0.25))
        return judgements

    def close(self) -> None:
        """End the processes at once; batches under way are lost."""
        self._batches.clear()
        self._pool.close()

    def _take(self, seconds: float) -> list[Judgement]:
        judgements: list[Judgement] = []
        early, self._early = self._early, []
        for verdict in early + self._pool.step(0.0 if early else seconds):
            batch = self._batches[verdict.ticket]
            batch.verdicts.append(verdict)
            batch.missing -= 1
            if batch.missing == 0:
                self._batches = {ticket: other for ticket, other in self._batches.items() if other is not batch}
                judgements += [_judgement(batch, name) for name in self._pool.lanes]
        return judgements


def _judgement(batch: _Batch, plugin: str) -> Judgement:
    verdicts = [verdict for verdict in batch.verdicts if verdict.plugin == plugin]
    evaluations = [verdict.evaluation for verdict in verdicts if verdict.evaluation is not None]
    totals = add_up((plugin, metric) for evaluation in evaluations for metric in evaluation.metrics)
    causes = tuple(dict.fromkeys(verdict.cause for verdict in verdicts if verdict.evaluation is None))
    return Judgement(batch.tag, plugin, len(evaluations), scores(totals), causes)
