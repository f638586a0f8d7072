"""Several runs side by side: ``rnnlab runs compare``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnlab.cli import runs_view
from rnnlab.display import safe
from rnnlab.quantities import decimals, duration, short
from rnnlab.runs.summary import RunSummary, summarize
from rnnlab.runs.tail import spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from rnnlab.events import StepEvent
    from rnnlab.runs.layout import RunFolder

_PLACES = 300  # points of each curve


def as_json(runs: Sequence[RunFolder]) -> dict[str, Any]:
    """The runs' summaries, what differs, and their training curves, as strict JSON values."""
    summaries = [summarize(run, budget=None) for run in runs]
    values: dict[str, Any] = runs_view.strict(
        {
            "runs": [runs_view.as_json(summary) for summary in summaries],
            "differences": {
                name: dict(zip([summary.name for summary in summaries], row, strict=True))
                for name, row in runs_view.differences(summaries).items()
            },
            "curves": {
                summary.name: [{"step": step.step, "chars": step.chars, "loss": step.loss} for step in _curve(summary)]
                for summary in summaries
            },
        }
    )
    return values


def draw(console: Console, runs: Sequence[RunFolder]) -> None:
    """Print what differs, the results and the curves over each other."""
    from rich.text import Text

    summaries = [summarize(run, budget=None) for run in runs]
    differing = {name: list(map(runs_view.shown, row)) for name, row in runs_view.differences(summaries).items()}
    parts: list[Any] = [_table("settings", summaries, differing or {"no setting differs": [""] * len(summaries)})]
    parts.append(_table("results", summaries, _results(summaries)))
    curves = [(summary.name, _curve(summary)) for summary in summaries]
    width = min(100, console.width - 10) if console.is_terminal else 72
    parts.append(Text("\ntraining loss, bits per character", style="bold"))
    parts.append(Text("\n".join(runs_view.plot(curves, width=max(20, width)))))
    runs_view.draw(console, *parts)


def _curve(summary: RunSummary) -> list[StepEvent]:
    return spread(summary.run.events_path, _PLACES) if summary.run.events_path.exists() else []


def _results(summaries: Sequence[RunSummary]) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {
        "state": [one.state for one in summaries],
        "parameters": [f"{one.parameters:,}" for one in summaries],
        "step": [f"{one.step:,}" for one in summaries],
        "trained for": [duration(one.seconds) for one in summaries],
        "characters per second": [short(one.chars_per_second) for one in summaries],
        "train, bits": _starred([one.train_bits for one in summaries]),
        "validation, bits": _starred([one.validation_bits for one in summaries]),
        "best validation, bits": _starred([one.best_bits for one in summaries]),
        "test, bits": _starred([one.test_bits for one in summaries]),
    }
    names = dict.fromkeys(name for one in summaries for name in one.scores)
    for name in names:
        scores = [one.scores.get(name) for one in summaries]
        rows[name] = ["–" if score is None else runs_view.rate(score) for score in scores]
    return {name: row for name, row in rows.items() if set(row) != {"–"}}


def _starred(values: list[float | None]) -> list[str]:
    """The numbers, the smallest with a star where there are several."""
    known = [value for value in values if value is not None]
    best = min(known) if len(known) > 1 else None
    return [decimals(value, 4) + (" *" if value is not None and value == best else "") for value in values]


def _table(title: str, summaries: Sequence[RunSummary], rows: dict[str, list[str]]) -> Any:
    from rich.text import Text

    table = runs_view.plain_table()
    table.add_column(title, no_wrap=True)
    for summary in summaries:
        table.add_column(Text(safe(summary.name, multiline=False)), overflow="fold")
    for name, row in rows.items():
        table.add_row(Text(safe(name, multiline=False)), *map(Text, row))
    return table
