"""A pile of texts through a pool, in order, with progress: what ``rnnlab eval`` does in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rnnlab.evaluation.contract import Evaluation, Source
from rnnlab.evaluation.pool import Pool, Progress, Verdict
from rnnlab.evaluation.report import Failure, Judged


@dataclass(slots=True)
class Outcome:
    """What came of some texts: those judged, in order, and the failures, told once per cause."""

    judged: list[Judged] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def judge_all(pool: Pool, sources: Sequence[Source], progress: Progress | None = None) -> Outcome:
    """Judge every text with every plugin of the pool; failures cost only their own verdict."""
    verdicts: dict[int, dict[str, Verdict]] = {}
    tickets = {pool.submit(source): source for source in sources}
    everything = pool.outstanding
    while pool.outstanding:
        for verdict in pool.step(0.25):
            verdicts.setdefault(verdict.ticket, {})[verdict.plugin] = verdict
        if progress is not None:
            progress(everything - pool.outstanding, everything)
    outcome = Outcome()
    counts: dict[tuple[str, str], Failure] = {}
    for ticket, source in tickets.items():
        evaluations: dict[str, Evaluation] = {}
        causes: dict[str, str] = {}
        dropped = 0
        for name in pool.lanes:
            verdict = verdicts[ticket][name]
            if verdict.evaluation is not None:
                evaluations[name] = verdict.evaluation
                dropped += verdict.dropped
            else:
                causes[name] = verdict.cause + verdict.place
                _count(counts, verdict, source.name)
        outcome.judged.append(Judged(source, evaluations, dropped, causes))
    outcome.failures = list(counts.values())
    return outcome


def _count(counts: dict[tuple[str, str], Failure], verdict: Verdict, source: str) -> None:
    key = (verdict.plugin, verdict.cause)
    before = counts.get(key)
    counts[key] = (
        replace(before, count=before.count + 1)
        if before
        else Failure(verdict.plugin, verdict.cause + verdict.place, source)
    )
