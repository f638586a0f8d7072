"""What the judges of previews say, told as it comes, and the checkpoint that writes best, kept.

Judges work in processes beside the training; their verdicts come in some steps later, each judge's when it is ready.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from rnnlab.events import CheckpointEvent, Event, NoteEvent, Score, ScoreEvent
from rnnlab.training.state import Progress
from rnnlab.training.store import Store

News = ScoreEvent | NoteEvent
_LAST_VERDICTS_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One sample, as the judges get it."""

    text: str
    file: str
    prompt: str


class Judge(Protocol):
    """Somebody who scores samples in a process of their own."""

    @property
    def processor_seconds(self) -> float:
        """What judging has taken from the machine so far, in seconds of one core."""
        ...

    def submit(self, step: int, samples: list[Drawn]) -> None:
        """Take the samples of one preview; never waits."""
        ...

    def poll(self) -> Iterable[News]:
        """Verdicts that have come in, and what has gone wrong; never waits."""
        ...

    def drain(self, seconds: float) -> Iterable[News]:
        """The verdicts still out as they come, waiting at most so long, and what is missing then."""
        ...


class Verdicts:
    """Takes what a judge says.

    Args:
        store: of the checkpoints that the previews were drawn from.
        judge: who scores them, if anybody.
        keep_best: the score ``plugin.metric`` whose best checkpoint is kept, or empty.
    """

    def __init__(self, store: Store, judge: Judge | None = None, keep_best: str = "") -> None:
        self._store, self._judge, self._keep_best = store, judge, keep_best
        self._told: dict[str, frozenset[str]] = {}  # by plugin: why it has judged nothing of late

    @property
    def keeps_best(self) -> bool:
        """Whether a checkpoint must stand beside every preview."""
        return bool(self._keep_best)

    def come(self, progress: Progress) -> Iterator[Event]:
        """What has come in; keeps the checkpoint that writes best."""
        if self._judge is not None:
            yield from self._take(self._judge.poll(), progress)

    def left(self, progress: Progress) -> Iterator[Event]:
        """What has come in when training is broken off, where nobody waits, and which verdicts are missing."""
        if self._judge is not None:
            yield from self._take(self._judge.drain(0.0), progress)

    def last(self, progress: Progress) -> Iterator[Event]:
        """The scores still out, awaited for half a minute at most; says so where none chose a checkpoint to keep."""
        if self._judge is not None:
            yield from self._take(self._judge.drain(_LAST_VERDICTS_SECONDS), progress)
        if self._keep_best and progress.best_score is None:
            text = f"no checkpoint is kept for {self._keep_best}: no preview had anything to count for it"
            if progress.vain_total:
                vain = _counts(progress.vain_count, progress.vain_total)
                text = f"no checkpoint is kept for {self._keep_best}: no preview did better than {vain}"
            yield NoteEvent(step=progress.step, level="warning", text=text)

    def _take(self, news: Iterable[News], progress: Progress) -> Iterator[Event]:
        for event in news:
            if isinstance(event, NoteEvent):
                yield event
                continue
            if self._is_new(event):
                yield event
            plugin, _, metric = self._keep_best.rpartition(".")
            for score in event.scores:
                if plugin == event.plugin and metric == score.name and score.total:
                    yield from self._keep(event.step, score, progress)
            if plugin == event.plugin:
                self._store.take_verdict(event.step)

    def _is_new(self, event: ScoreEvent) -> bool:
        """Whether it says more than an earlier one did: a judge that was set aside says the same of every preview."""
        before, causes = self._told.get(event.plugin, frozenset[str]()), frozenset(event.failures)
        self._told[event.plugin] = causes if event.samples else before | causes
        return bool(event.samples or not causes or causes - before)

    def _keep(self, step: int, score: Score, progress: Progress) -> Iterator[Event]:
        if score.count == (0 if score.better == "higher" else score.total):
            progress.vain_count += score.count  # no weights write worse, so there is nothing to recommend
            progress.vain_total += score.total
            return
        rate = score.count / score.total
        good = rate if score.better == "higher" else -rate
        if progress.best_score is not None and good <= progress.best_score:
            return
        name = f"best-{score.name}"
        if self._store.name(step, (name,)):
            progress.best_score = good
            reason = f"{score.name} {_counts(score.count, score.total)}"
            yield CheckpointEvent(step=step, folder=self._store.folder(step), names=(name,), reason=reason)
        else:
            yield NoteEvent(step=step, level="warning", text=f"{name}: the checkpoint of step {step} is already gone")


def _counts(count: int, total: int) -> str:
    return f"{count / total:.1%} ({count:,} of {total:,})"
