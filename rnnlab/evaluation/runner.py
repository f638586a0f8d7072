"""A pile of texts through a pool, in order, with progress: what ``rnnlab eval`` does in between."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat

from rnnlab.evaluation.contract import Source
from rnnlab.evaluation.lane import Verdict
from rnnlab.evaluation.pool import Pool, Progress
from rnnlab.evaluation.report import Failure, Judged


@dataclass(slots=True)
class Outcome:
    """What came of some texts: those judged, in order, and the failures, told once per cause."""

    judged: list[Judged] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def judge_all(
    pool: Pool,
    sources: Sequence[Source],
    progress: Progress | None = None,
    takers: Iterable[Container[str] | None] = repeat(None),
) -> Outcome:
    """Judge every text; failures cost only their own verdict.

    Args:
        pool: of the plugins.
        sources: the texts.
        progress: is told how many verdicts there are, of how many.
        takers: text by text the plugins that judge it, else all of the pool.
    """
    verdicts: dict[int, dict[str, Verdict]] = {}
    tickets = {pool.submit(source, names): source for source, names in zip(sources, takers, strict=False)}
    everything = pool.outstanding
    while pool.outstanding:
        for verdict in pool.step(0.25):
            verdicts.setdefault(verdict.ticket, {})[verdict.plugin] = verdict
        if progress is not None:
            progress(everything - pool.outstanding, everything)
    counts: dict[tuple[str, str], Failure] = {}
    judged = []
    for ticket, source in tickets.items():
        mine = {name: verdicts[ticket][name] for name in pool.lanes if name in verdicts[ticket]}
        judged.append(_judged(source, mine))
        for verdict in mine.values():
            if verdict.evaluation is None:
                _count(counts, verdict, source.name)
    return Outcome(judged, list(counts.values()))


def _judged(source: Source, verdicts: Mapping[str, Verdict]) -> Judged:
    return Judged(
        source,
        {name: one.evaluation for name, one in verdicts.items() if one.evaluation is not None},
        sum(one.dropped for one in verdicts.values()),
        {name: one.cause + one.place for name, one in verdicts.items() if one.evaluation is None},
        {name: one.seconds for name, one in verdicts.items()},
    )


def _count(counts: dict[tuple[str, str], Failure], verdict: Verdict, source: str) -> None:
    key = (verdict.plugin, verdict.cause)
    before = counts.get(key)
    counts[key] = (
        replace(before, count=before.count + 1)
        if before
        else Failure(verdict.plugin, verdict.cause + verdict.place, source)
    )
