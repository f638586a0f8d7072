"""How runs look on the command line: the list, one run, several side by side.

Makes text and JSON values out of summaries and events; reads nothing itself but what it is given.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rnnlab.display import safe
from rnnlab.events import Score, StepEvent
from rnnlab.quantities import decimals, duration, percent, short, short_metric, sparkline

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from rnnlab.runs.summary import RunSummary

STATE_STYLES = {
    "training": "bold green",
    "paused": "yellow",
    "finished": "green",
    "stopped": "blue",
    "stale": "red",
    "failed": "bold red",
}
_CURVE = 16
_GAP = 2  # cells between two columns
_MARKS = "●○■□▲△◆◇"


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One column of the list: what it shows, and how gladly it is left out where the terminal is narrow."""

    title: str
    text: Callable[[RunSummary], str]
    right: bool = False
    spare: int = 0
    least: int = 0
    """Cells that it may be shortened to, with an ellipsis in the middle; 0: it is whole or not there."""


def _progress(summary: RunSummary) -> str:
    of = f"/{summary.total_steps:,}" if summary.total_steps else ""
    share = f" {percent(summary.progress)}" if summary.progress is not None else ""
    return f"{summary.step:,}{of}{share}"


COLUMNS = (
    Column("run", lambda one: one.name, least=24),
    Column("state", lambda one: one.state, spare=1),
    Column("corpus", lambda one: one.corpus, spare=6, least=16),
    Column("model", lambda one: one.model, spare=4),
    Column("params", lambda one: short(one.parameters or None), right=True, spare=7),
    Column("step", _progress, right=True, spare=2),
    Column("train", lambda one: decimals(one.train_bits), right=True, spare=5),
    Column("valid", lambda one: decimals(one.validation_bits), right=True, spare=0),
    Column("best", lambda one: decimals(one.best_bits), right=True, spare=3),
    Column("chars/s", lambda one: short(one.chars_per_second), right=True, spare=8),
    Column("left", lambda one: duration(one.eta_s), right=True, spare=9),
    Column("age", lambda one: duration(time.time() - one.created) if one.created else "–", right=True, spare=10),
    Column("curve", lambda one: sparkline(one.curve, _CURVE), spare=11),
)


def _score_columns(summaries: Sequence[RunSummary]) -> list[Column]:
    """A column for every score that any of the runs has."""

    def text(metric: str, summary: RunSummary) -> str:
        score = summary.scores.get(metric)
        return percent(score.count / score.total) if score is not None and score.total else "–"

    metrics = dict.fromkeys(metric for summary in summaries for metric in summary.scores)
    return [
        Column(
            safe(short_metric(metric), multiline=False), functools.partial(text, metric), right=True, spare=12 + place
        )
        for place, metric in enumerate(metrics)
    ]


def runs_table(summaries: Sequence[RunSummary], width: int | None) -> Table:
    """The list of runs; where it would be wider than ``width``, long names are shortened and the least
    needed columns left out, so that a run is always one line."""
    from rich.cells import cell_len
    from rich.text import Text

    shown = [*COLUMNS, *_score_columns(summaries)]
    cells = {column: [safe(column.text(one), multiline=False) for one in summaries] for column in shown}
    if width is not None:
        wide = {column: max(map(cell_len, [column.title, *texts])) for column, texts in cells.items()}
        shown, given = _fitting(wide, width)
        cells = {column: [shortened(text, given[column]) for text in cells[column]] for column in shown}
    table = plain_table()
    for column in shown:
        table.add_column(column.title, justify="right" if column.right else "left", no_wrap=True)
    for number, summary in enumerate(summaries):
        table.add_row(
            *(
                Text(cells[column][number], style=STATE_STYLES[summary.state] if column.title == "state" else "")
                for column in shown
            )
        )
    return table


def _fitting(wide: dict[Column, int], width: int) -> tuple[list[Column], dict[Column, int]]:
    """Which columns fit next to each other, and how many cells each of them gets."""
    shown = list(wide)
    given = {column: min(cells, column.least or cells) for column, cells in wide.items()}

    def room() -> int:
        return width - sum(given[column] + _GAP for column in shown) + _GAP

    while room() < 0 and len(shown) > 1:
        shown.remove(max(shown[1:], key=lambda column: column.spare))
    given[shown[0]] += min(0, room())  # one column alone, and still too wide
    for column in shown:
        given[column] += max(0, min(wide[column] - given[column], room()))
    return shown, given


def shortened(text: str, width: int) -> str:
    """The text in at most so many cells: the middle of a longer one becomes an ellipsis, as names end in numbers."""
    from rich.cells import cell_len

    if cell_len(text) <= width:
        return text
    head, tail = text[: len(text) // 2], text[len(text) // 2 :]
    while (head or tail) and cell_len(head) + cell_len(tail) + 1 > width:
        head, tail = (head[:-1], tail) if cell_len(head) >= cell_len(tail) else (head, tail[1:])
    return f"{head}…{tail}"


def plain_table() -> Table:
    """A table without lines."""
    from rich.table import Table

    return Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")


def draw(console: Console, *things: Any) -> None:
    """Print tables to a terminal as they fit, elsewhere at their full width and without trailing blanks."""
    if console.is_terminal:
        console.print(*things, sep="\n")
        return
    console.width = 10_000
    with console.capture() as captured:
        console.print(*things, sep="\n")
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def as_json(summary: RunSummary) -> dict[str, Any]:
    """A summary as strict JSON values; a number that is not finite becomes null."""
    values = {
        item.name: getattr(summary, item.name)
        for item in dataclasses.fields(summary)
        if item.name not in ("run", "holder", "divergence", "scores", "corpus_scores", "complete")
    }
    values |= {
        "name": summary.name,
        "path": str(summary.run.path),
        "scores": {name: _score(score) for name, score in summary.scores.items()},
        "corpus_scores": {name: _score(score) for name, score in summary.corpus_scores.items()},
        "trainer": None if summary.holder is None else dataclasses.asdict(summary.holder),
    }
    return {name: strict(value) for name, value in values.items()}


def strict(value: Any) -> Any:
    """The value with every number that JSON does not know as null."""
    if isinstance(value, dict):
        return {name: strict(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _score(score: Score) -> dict[str, Any]:
    return {"count": score.count, "total": score.total, "better": score.better}


def rate(score: Score) -> str:
    """A score as it is read: its rate, and the counts behind it."""
    if score.total == 0:
        return "none seen"
    return f"{100 * score.count / score.total:.1f} % ({score.count:,} of {score.total:,})"


def plot(curves: Sequence[tuple[str, Sequence[StepEvent]]], *, width: int = 72, height: int = 12) -> list[str]:
    """Training losses over each other as lines of text: bits per character against characters read.

    The highest tenth of the values is cut off at the top, so that the first steps do not flatten the rest.
    """
    points = {
        name: [(step.chars, step.loss / math.log(2)) for step in steps if math.isfinite(step.loss)]
        for name, steps in curves
    }
    everything = sorted(bits for series in points.values() for _, bits in series)
    if not everything:
        return ["no training loss yet"]
    low, high = everything[0], everything[min(len(everything) - 1, len(everything) * 9 // 10)]
    high = max(high, low + 1e-3)
    last = max(chars for series in points.values() for chars, _ in series) or 1
    grid = [[" "] * width for _ in range(height)]
    for mark, series in zip(_MARKS * len(points), points.values(), strict=False):
        for chars, bits in series:
            row = round((high - min(bits, high)) / (high - low) * (height - 1))
            grid[row][min(width - 1, int(chars / last * width))] = mark
    lines = []
    for number, row_cells in enumerate(grid):
        value = high - (high - low) * number / (height - 1)
        label = f"{value:7.3f}" if number % 4 == 0 or number == height - 1 else " " * 7
        lines.append(f"{label} ┤{''.join(row_cells)}".rstrip())
    lines.append(f"{'':7} └{'─' * width}")
    lines.append(f"{'':9}0{f'{short(last)} characters':>{width - 1}}")
    marks = zip(_MARKS * len(points), points, strict=False)
    return [*lines, f"{'':9}" + "   ".join(f"{mark} {safe(name, multiline=False)}" for mark, name in marks)]


def differences(summaries: Sequence[RunSummary]) -> dict[str, list[Any]]:
    """The settings that are not the same in all runs, with each run's value (None where it has none)."""
    names = dict.fromkeys(name for summary in summaries for name in summary.settings)
    values = {name: [summary.settings.get(name) for summary in summaries] for name in names}
    return {name: row for name, row in values.items() if any(value != row[0] for value in row)}


def shown(value: Any) -> str:
    """A setting as it is typed."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return safe(" ".join(map(str, value)), multiline=False) or "–"
    return f"{value:g}" if isinstance(value, float) else safe(str(value), multiline=False) or "–"
