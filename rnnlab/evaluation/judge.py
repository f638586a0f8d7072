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
    """One plugin's work on one batch: plugins do not wait for one another."""

    tag: Hashable
    plugin: str
    size: int
    verdicts: list[Verdict] = field(default_factory=list)


class JudgeProcess:
    """Evaluators beside a training loop.

    Args:
        plugins: names or files, as on the command line.
        settings: ``PLUGIN.OPTION=VALUE``.
        timeout: seconds that a plugin has for one text.
        nice: how far behind the training the plugins' processes stand.
        queue: batches that may be under way for one plugin; more are refused, never waited for.

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
        self._batches: dict[tuple[int, str], _Batch] = {}  # by ticket and plugin: one entry per verdict to come
        self._early: list[Verdict] = []
        self._troubles: list[tuple[str, str]] = []
        self._told: set[tuple[str, str]] = set()  # plugins, each with the kind of trouble that was told of it
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
    def under_way(self) -> set[tuple[str, Hashable]]:
        """Whose verdict on which batch is still to come."""
        return {(batch.plugin, batch.tag) for batch in self._batches.values()}

    @property
    def processor_seconds(self) -> float:
        """What the plugins' processes have taken, in seconds of one core; one that has died counts no more."""
        return sum(worker.processor_seconds for lane in self._pool.lanes.values() for worker in lane.workers)

    def submit(self, sources: Sequence[Source], tag: Hashable) -> list[str]:
        """Hand over a batch; gives the plugins that took it, which are not those too far behind already."""
        batches = [_Batch(tag, name, len(sources)) for name in self._pool.lanes if self._has_room(name)]
        taken = [batch.plugin for batch in batches]
        for source in sources if taken else ():
            ticket = self._pool.submit(source, taken)
            self._batches |= {(ticket, batch.plugin): batch for batch in batches}
        self._early += self._pool.step()  # sets the work going; what it brings back belongs to the next poll
        return taken

    def _has_room(self, plugin: str) -> bool:
        if len({id(batch) for batch in self._batches.values() if batch.plugin == plugin}) < self._queue:
            return True
        self._notice(plugin, "behind", f"is slow: what is drawn while {self._queue} previews wait for it is not judged")
        return False

    def poll(self, seconds: float = 0.0) -> list[Judgement]:
        """What plugins have finished since the last call, a judgement per batch and plugin.

        Never waits, unless it is given ``seconds``: so long at most, until something comes.
        """
        return self._take(seconds) if self._batches else []

    def wait(self, seconds: float) -> list[Judgement]:
        """Poll until nothing is under way or the time is over."""
        judgements: list[Judgement] = []
        end = time.monotonic() + seconds
        while self._batches and (left := end - time.monotonic()) > 0:
            judgements += self._take(min(left, 0.25))
        return judgements

    def troubles(self) -> list[tuple[str, str]]:
        """What has gone wrong since the last call, as plugin and cause, long before a batch may be finished.

        Told once a plugin: its first failure, that it was set aside, that it is too far behind.
        """
        troubles, self._troubles = self._troubles, []
        return troubles

    def close(self) -> None:
        """End the processes at once; batches under way are lost."""
        self._batches.clear()
        self._pool.close()

    def _take(self, seconds: float) -> list[Judgement]:
        judgements: list[Judgement] = []
        early, self._early = self._early, []
        for verdict in early + self._pool.step(0.0 if early else seconds):
            batch = self._batches.pop((verdict.ticket, verdict.plugin))
            batch.verdicts.append(verdict)
            if verdict.evaluation is None:
                aside = verdict.cause == self._pool.lanes[verdict.plugin].broken
                self._notice(verdict.plugin, "aside" if aside else "failed", verdict.cause)
            if len(batch.verdicts) == batch.size:
                judgements.append(_judgement(batch))
        return judgements

    def _notice(self, plugin: str, kind: str, cause: str) -> None:
        if (plugin, kind) not in self._told:
            self._told.add((plugin, kind))
            self._troubles.append((plugin, cause))


def _judgement(batch: _Batch) -> Judgement:
    evaluations = [verdict.evaluation for verdict in batch.verdicts if verdict.evaluation is not None]
    totals = add_up((batch.plugin, metric) for evaluation in evaluations for metric in evaluation.metrics)
    causes = tuple(dict.fromkeys(verdict.cause for verdict in batch.verdicts if verdict.evaluation is None))
    return Judgement(batch.tag, batch.plugin, len(evaluations), scores(totals), causes)
