"""A run's previews as texts to judge, and their scores as events of the run.

Knows the run folder; nothing of training. Previews that somebody asked for by hand are left
out: their prompts and temperatures are not the run's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnnlab.errors import RunError
from rnnlab.evaluation.contract import Source
from rnnlab.evaluation.report import Report, totals
from rnnlab.evaluation.totals import Total, scores
from rnnlab.events import SampleEvent, Score, ScoreEvent
from rnnlab.runs import Recorder, RunFolder, RunLock, effective
from rnnlab.runs.tail import all_other_events


@dataclass(frozen=True, slots=True)
class RunTexts:
    """The texts of a run, how many sample files are gone, and the (plugin, step) pairs that have scores."""

    sources: tuple[Source, ...]
    missing: int
    scored: frozenset[tuple[str, int]]


def run_texts(run: RunFolder) -> RunTexts:
    """Every preview of the run that still counts, by step.

    Raises:
        RunError: where the run has drawn none.
    """
    events = effective(all_other_events(run.events_path))
    samples = [event for event in events if isinstance(event, SampleEvent) and not event.requested]
    if not samples:
        raise RunError(run.name, "has no samples yet", "Draw some: rnnlab sample RUN, or wait for its first preview.")
    sources, missing = [], 0
    for event in sorted(samples, key=lambda event: (event.step, event.index)):
        try:
            data = (run.samples / event.file).read_bytes()
        except OSError:
            missing += 1
            continue
        name = str(run.samples / event.file)
        prompt = "" if event.prompt == "\n" else event.prompt  # a line start: lines count as in the file
        text = prompt + data.decode("utf-8", "replace")  # as it was judged beside the training
        sources.append(Source(text=text, name=name, step=event.step, prompt=prompt))
    if not sources:
        raise RunError(run.name, "its sample files are gone", f"They belong into {run.samples}.")
    scored = frozenset((event.plugin, event.step) for event in events if isinstance(event, ScoreEvent))
    return RunTexts(tuple(sources), missing, scored)


def score_events(report: Report, scored: frozenset[tuple[str, int]]) -> list[ScoreEvent]:
    """One event per plugin and step that has none yet; nothing where a plugin could judge no text."""
    events = []
    for step in sorted({judged.source.step for judged in report.sources if judged.source.step is not None}):
        here = tuple(judged for judged in report.sources if judged.source.step == step)
        for plugin in report.plugins:
            samples = sum(plugin in judged.evaluations for judged in here)
            if samples == 0 or (plugin, step) in scored:
                continue
            events.append(
                ScoreEvent(
                    step=step,
                    plugin=plugin,
                    samples=samples,
                    scores=_scores(totals(here), plugin),
                    corpus_scores=_scores(report.beside[0].totals if report.beside else (), plugin),
                )
            )
    return events


def _scores(found: Sequence[Total], plugin: str) -> tuple[Score, ...]:
    return scores(total for total in found if total.plugin == plugin)


def record(run: RunFolder, events: Sequence[ScoreEvent]) -> None:
    """Add score events to a run that nobody trains at the moment.

    Raises:
        RunError: where somebody trains, or the file cannot be written.
    """
    with RunLock(run), Recorder(run) as recorder:
        for event in events:
            recorder.append(event)
        recorder.sync()
