"""The two lines at the top of a run: what it is, and how far it is."""

from __future__ import annotations

import math

from rich.text import Text
from textual.reactive import reactive
from textual.widgets import Static

from rnnlab.display import safe
from rnnlab.runs.summary import RunSummary
from rnnlab.tui.figures import bits, count, duration, nats_of
from rnnlab.tui.reading.words import trouble

STATE_SIGNS = {
    "training": ("●", "green"),
    "paused": ("‖", "yellow"),
    "finished": ("✓", "green"),
    "stopped": ("■", "yellow"),
    "failed": ("✗", "red"),
    "stale": ("?", "red"),
}


class RunHeader(Static):
    """Draws a summary; ``waiting`` names the commands that were sent and not answered yet."""

    DEFAULT_CSS = "RunHeader { height: 2; width: 1fr; background: $panel; padding: 0 1; }"

    summary: reactive[RunSummary | None] = reactive(None, repaint=False)
    waiting: reactive[str] = reactive("", repaint=False)
    damaged: reactive[int] = reactive(0, repaint=False)
    """How many lines of the events could not be read."""
    nats: reactive[bool] = reactive(False, repaint=False)
    """Whether losses are told in nats per character instead of bits."""

    def watch_summary(self) -> None:
        """Draw."""
        self._draw()

    def watch_waiting(self) -> None:
        """Draw."""
        self._draw()

    def watch_damaged(self) -> None:
        """Draw."""
        self._draw()

    def watch_nats(self) -> None:
        """Draw."""
        self._draw()

    def on_resize(self) -> None:
        """The bar takes what room there is."""
        self._draw()

    def _draw(self) -> None:
        if self.summary is not None and self.size.width:
            width = self.size.width - 2
            first = first_line(self.summary, self.waiting, width, damaged=self.damaged)
            lines = [first, second_line(self.summary, width, nats=self.nats)]
            self.update(Text("\n").join(lines), layout=False)


def first_line(summary: RunSummary, waiting: str, width: int, *, damaged: int = 0) -> Text:
    """Name, state, model, device; what is waited for, or what is wrong, at the right."""
    sign, colour = STATE_SIGNS.get(summary.state, ("?", "red"))
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(safe(summary.name, multiline=False), "bold")
    line.append(f"  {sign} {summary.state}", colour)
    if summary.reason and summary.state not in ("training", "paused"):
        line.append(f" ({safe(summary.reason, multiline=False)})", "dim")
    size = f"{count(summary.parameters)} parameters" if summary.parameters else ""
    facts = [summary.model, size, summary.device, summary.corpus]
    line.append("  " + " · ".join(safe(fact, multiline=False) for fact in facts if fact), "dim")
    problem = trouble(summary, damaged)
    tail = f"… {waiting}" if waiting else problem[: max(width // 2, width - line.cell_len - 2)]
    line.truncate(max(8, width - len(tail) - 2), overflow="ellipsis")
    if tail:
        line.append(" " * max(2, width - line.cell_len - len(tail)))
        line.append(tail, "yellow")
    return line


def second_line(summary: RunSummary, width: int, *, nats: bool = False) -> Text:
    """A bar, the step, what is left; then losses and speed as far as they fit."""
    words = [f"step {summary.step:,}" + (f"/{summary.total_steps:,}" if summary.total_steps else "")]
    if summary.eta_s is not None:
        words.append(f"{duration(summary.eta_s)} left")
    measures = []
    loss = nats_of if nats else bits
    train = summary.train_bits
    smooth = "~" if train is not None and math.isfinite(train) else ""  # as the chart's legend marks what is smoothed
    for name, value in (
        ("train", smooth + loss(train)),
        ("valid", loss(summary.validation_bits)),
        ("best", loss(summary.best_bits)),
        ("test", loss(summary.test_bits) if summary.test_bits is not None else ""),
        ("char/s", count(summary.chars_per_second)),
        ("epoch", f"{summary.epoch:.2f}" if summary.epoch is not None else ""),
    ):
        if value:
            measures.append(f"{name} {value}")
    bar = max(6, min(24, width // 8)) if summary.progress is not None else 0
    room = width - bar - 6 - sum(len(word) + 2 for word in words)
    while measures and sum(len(measure) + 2 for measure in measures) > room:
        measures.pop()
    line = Text(no_wrap=True, overflow="ellipsis")
    if summary.progress is not None:
        full = round(bar * min(max(summary.progress, 0.0), 1.0))
        line.append("━" * full, "green" if summary.state in ("training", "finished") else "yellow")
        line.append("━" * (bar - full), "bright_black")
        line.append(f" {math.floor(100 * summary.progress + 1e-9):3d}% ")  # 100 % means done
    line.append("  ".join(words))
    line.append("  ")
    for index, measure in enumerate(measures):
        name, _, value = measure.partition(" ")
        line.append(("  " if index else "") + name + " ", "dim")
        line.append(value, "bold" if name in ("train", "valid") else "")
    return line
