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
_SETTING, _RESULT = 14, 28  # cells that a value may be shortened to on a terminal


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
    whole = console.width if console.is_terminal else None
    parts = _tables("settings", summaries, differing or {"no setting differs": [""] * len(summaries)}, whole, _SETTING)
    parts += _tables("results", summaries, _results(summaries), whole, _RESULT)
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


def _tables(
    title: str, summaries: Sequence[RunSummary], rows: dict[str, list[str]], whole: int | None, least: int
) -> list[Any]:
    """The rows with a column per run; where they do not fit side by side, several tables below each other."""
    from rich.cells import cell_len

    columns = [
        [safe(summary.name, multiline=False), *(row[place] for row in rows.values())]
        for place, summary in enumerate(summaries)
    ]
    names = [title, *(safe(name, multiline=False) for name in rows)]
    if whole is None:
        return [_table(names, columns)]
    room = whole - max(map(cell_len, names))
    longest = max(1, min(max(least, room // len(columns) - 2), room - 2))
    columns = [[runs_view.shortened(cell, longest) for cell in column] for column in columns]
    tables, begin, used = [], 0, 0
    for place, column in enumerate(columns):
        wide = max(map(cell_len, column)) + 2
        if used + wide > room and place > begin:
            tables.append(_table(names, columns[begin:place]))
            begin, used = place, 0
        used += wide
    return [*tables, _table(names, columns[begin:])]


def _table(names: list[str], columns: list[list[str]]) -> Any:
    from rich.text import Text

    table = runs_view.plain_table()
    for head, *_ in (names, *columns):
        table.add_column(Text(head), no_wrap=True)
    for row in list(zip(names, *columns, strict=True))[1:]:
        table.add_row(*map(Text, row))
    return table
