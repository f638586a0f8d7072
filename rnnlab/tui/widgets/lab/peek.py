"""The run under the lab's cursor in four lines: what it is, how far, what is wrong, its scores."""

from __future__ import annotations

import textwrap

from rich.text import Text
from textual.reactive import reactive
from textual.widgets import Static

from rnnlab.display import safe
from rnnlab.evaluation.totals import wilson
from rnnlab.runs.summary import RunSummary
from rnnlab.tui.reading.words import trouble
from rnnlab.tui.widgets.run.header import first_line, second_line

LINES = 4


class Peek(Static):
    """Draws one summary."""

    DEFAULT_CSS = "Peek { height: 4; width: 1fr; background: $panel; padding: 0 1; }"

    summary: reactive[RunSummary | None] = reactive(None)

    def watch_summary(self) -> None:
        """Draw."""
        self._draw()

    def on_resize(self) -> None:
        """As wide as there is room."""
        self._draw()

    def _draw(self) -> None:
        if self.summary is None or not self.size.width:
            self.update(Text(""))
            return
        width = self.size.width - 2
        rows = [first_line(self.summary, "", width), second_line(self.summary, width)]
        rows += [*why(self.summary, width, rows[0].plain), *details(self.summary, width)]
        self.update(Text("\n").join(rows[:LINES]), layout=False)


def why(summary: RunSummary, width: int, said: str) -> list[Text]:
    """What a run failed of and what is wrong with its folder, where the first line, ``said``, had no room for it."""
    words = [trouble(summary)]
    if summary.state in ("failed", "stale"):
        words.insert(0, safe(summary.reason, multiline=False))
    text = ". ".join(word for word in words if word not in said)
    lines = textwrap.wrap(text, max(8, width), max_lines=LINES - 2, placeholder=" …")
    return [Text(line, "red", no_wrap=True) for line in lines]


def details(summary: RunSummary, width: int) -> list[Text]:
    """The newest scores with their 95 % interval and the real corpus; else what the run was started as."""
    if not summary.scores:
        settings = summary.settings
        shown = ("preset", "training.streams", "training.window", "training.optimizer", "training.learning_rate")
        words = "  ".join(f"{name.rpartition('.')[2]} {settings[name]}" for name in shown if settings.get(name))
        row = Text(safe(words, multiline=False), "dim", no_wrap=True)
        row.truncate(width, overflow="ellipsis")
        return [row]
    rows, row = [], Text(no_wrap=True)
    for metric, score in summary.scores.items():
        part = _score(metric, score.count, score.total)
        real = summary.corpus_scores.get(metric)
        if real is not None and real.total:
            part.append(f" (real {100 * real.count / real.total:.0f}%)", "dim")
        if row and row.cell_len + part.cell_len + 3 > width:
            rows.append(row)
            row = Text(no_wrap=True)
        row.append("   " if row else "").append_text(part)
    rows.append(row)
    for each in rows:
        each.truncate(width, overflow="ellipsis")
    return rows


def _score(metric: str, count: int, total: int) -> Text:
    text = Text(safe(metric.partition(".")[2] or metric, multiline=False) + " ", "dim")
    if not total:
        return text.append("–")
    low, high = wilson(count, total)
    text.append(f"{100 * count / total:.0f}%", "bold")
    return text.append(f" [{100 * low:.0f}–{100 * high:.0f}]", "dim")
