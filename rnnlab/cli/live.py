"""The live display of a run in a terminal: progress, numbers, a small curve, the last sample.

Drawn with Rich on stderr. It keeps only what it shows, and draws a few times a second however
fast the events come.
"""

from __future__ import annotations

import math
import time

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from rnnlab.cli.sinks import describe, score_line
from rnnlab.display import safe
from rnnlab.events import (
    ControlEvent,
    DivergenceEvent,
    EndEvent,
    Event,
    NoteEvent,
    SampleEvent,
    ScoreEvent,
    StartEvent,
    StepEvent,
    TestEvent,
    ValidationEvent,
)
from rnnlab.quantities import duration, sparkline
from rnnlab.runs.standing import time_left

_LN2 = math.log(2)
_DRAWS_PER_SECOND = 5.0
_SAMPLE_LINES = 12


class LiveDisplay:
    """A sink that draws."""

    def __init__(self, console: Console, name: str) -> None:
        self._console = console
        self._name = name
        self._start = StartEvent()
        self._step: StepEvent | None = None
        self._validation: ValidationEvent | None = None
        self._best = math.inf
        self._sample: SampleEvent | None = None
        self._score: ScoreEvent | None = None
        self._curve: list[float] = []
        self._drawn = 0.0
        self._live = Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop")
        self._live.start()

    def handle(self, event: Event) -> None:
        """Take one event; draw if it is time to."""
        match event:
            case StartEvent():
                self._start = event
                self._print(describe(event, event))
            case StepEvent():
                self._step = event
                self._curve.append(event.loss / _LN2)
            case ValidationEvent():
                self._validation = event
                self._best = min(self._best, event.bits_per_character)
            case SampleEvent() if event.index == 0 or event.requested:
                self._sample = event
            case ScoreEvent():
                self._score = event
            case DivergenceEvent() | ControlEvent() | NoteEvent() | TestEvent() | EndEvent():
                self._print(describe(event, self._start))
        now = time.monotonic()
        if now - self._drawn > 1 / _DRAWS_PER_SECOND:
            self._drawn = now
            self._live.update(self._picture(), refresh=True)

    def close(self) -> None:
        """Leave the terminal as it was, with the last sample standing."""
        self._live.stop()
        if self._step is not None:
            self._console.print(self._numbers())
        if self._sample is not None:
            self._console.print(self._sample_panel(self._sample, lines=None))
        if self._score is not None:
            self._console.print(Text(f"{self._score.plugin}: {score_line(self._score)}"))

    def _print(self, line: str) -> None:
        self._live.console.print(Text(safe(line)))

    def _picture(self) -> RenderableType:
        parts: list[RenderableType] = [self._bar()]
        if self._step is not None:
            parts += [self._numbers(), self._curve_line()]
        if self._score is not None:
            parts.append(Text(f"{self._score.plugin}: {score_line(self._score)}", style="dim", overflow="ellipsis"))
        if self._sample is not None:
            room = max(3, min(_SAMPLE_LINES, self._console.height - 9))
            parts.append(self._sample_panel(self._sample, lines=room))
        return Group(*parts)

    def _bar(self) -> RenderableType:
        step = self._step
        done = 0.0
        if step is not None and self._start.total_steps:
            done = max(done, step.step / self._start.total_steps)
        if step is not None and self._start.total_seconds:
            done = max(done, step.seconds / self._start.total_seconds)
        left = time_left(self._start, step) if step is not None else None
        row = Table.grid(padding=(0, 1), expand=True)
        row.add_column(no_wrap=True)
        row.add_column(ratio=1)
        row.add_column(justify="right", no_wrap=True)
        row.add_column(justify="right", no_wrap=True)
        eta = f"{duration(left)} left" if left is not None else "no limit"
        if done >= 1.0:
            eta = "measuring"
        row.add_row(
            Text(safe(self._name, multiline=False), style="bold"),
            ProgressBar(total=1.0, completed=min(1.0, done)),
            f"{min(1.0, done):.0%}",
            eta if step is not None else "starting",
        )
        return row

    def _numbers(self) -> RenderableType:
        step = self._step
        assert step is not None
        parts = [f"step {step.step:,}", f"epoch {step.epoch:.2f}", f"train {step.loss / _LN2:.3f}"]
        if self._validation is not None:
            parts.append(f"validation {self._validation.bits_per_character:.4f} (best {self._best:.4f})")
        parts += ["bits per character", f"{step.chars_per_second:,.0f} characters/s", f"lr {step.learning_rate:.2g}"]
        return Text("  ".join(parts))

    def _curve_line(self) -> RenderableType:
        width = max(10, self._console.width - 22)
        if len(self._curve) > 50_000:
            self._curve = [sum(pair) / 2 for pair in zip(self._curve[::2], self._curve[1::2], strict=False)]
        first, last = self._curve[0], self._curve[-1]
        return Text(f"{first:6.2f} {sparkline(self._curve, width)} {last:.2f}", style="cyan", no_wrap=True)

    def _sample_panel(self, sample: SampleEvent, *, lines: int | None) -> RenderableType:
        text = safe(sample.text).expandtabs(8).splitlines()
        shown = text if lines is None else text[:lines]
        title = f"sample at step {sample.step:,}, temperature {sample.temperature:g}"
        return Panel(Text("\n".join(shown), no_wrap=True, overflow="crop"), title=title, title_align="left")
