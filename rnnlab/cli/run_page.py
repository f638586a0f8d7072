"""One run on a page: ``rnnlab runs show``."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnlab.cli import runs_view
from rnnlab.config import RunConfig, flatten
from rnnlab.display import safe
from rnnlab.events import DivergenceEvent, Event, NoteEvent, SampleEvent
from rnnlab.quantities import decimals, duration, percent, short, sparkline
from rnnlab.runs.manifest import Manifest, read_manifest
from rnnlab.runs.summary import RunSummary, summarize
from rnnlab.runs.supersede import effective
from rnnlab.runs.tail import all_other_events

if TYPE_CHECKING:
    from rich.console import Console

    from rnnlab.runs.layout import RunFolder

_CHECKPOINTS = 8  # so many of the newest are listed
_NOTES = 5


@dataclass(frozen=True, slots=True)
class Page:
    """What there is to show of a run."""

    summary: RunSummary
    manifest: Manifest
    events: list[Event]

    def as_json(self) -> dict[str, Any]:
        """Everything as strict JSON values."""
        run, sample = self.summary.run, self._sample()
        values = runs_view.as_json(self.summary) | {
            "versions": self.manifest.versions,
            "command": list(self.manifest.command),
            "resolved": self.manifest.resolved,
            "corpus_fingerprint": self.manifest.corpus,
            "checkpoints": run.checkpoint_names(),
            "checkpoint_links": run.checkpoint_links(),
            "sample": None if sample is None else {"step": sample.step, "prompt": sample.prompt, "text": sample.text},
        }
        strict: dict[str, Any] = runs_view.strict(values)
        return strict

    def draw(self, console: Console, *, everything: bool) -> None:
        """Print the page; text of the model and of the user is made safe."""
        runs_view.draw(console, self._heading(), self._settings(everything), *self._after())

    def _heading(self) -> Any:
        one = self.summary
        age = f"{duration(time.time() - one.created)} ago"
        rows = [
            ("run", f"{one.name}  ({one.run.path})"),
            ("state", f"{one.state}{': ' + one.reason if one.reason else ''}"),
            ("begun", f"{time.strftime('%Y-%m-%d %H:%M', time.localtime(one.created))}, {age}, on {one.device}"),
            ("command", " ".join(self.manifest.command)),
            ("corpus", one.corpus),
            ("model", f"{one.model}, {one.parameters:,} parameters"),
            ("step", self._position()),
            ("train", f"{decimals(one.train_bits, 4)} bits per character  {sparkline(one.curve, 40)}"),
            ("validation", f"{decimals(one.validation_bits, 4)}, best {self._best()}"),
        ]
        if one.test_bits is not None:
            rows.append(("test", decimals(one.test_bits, 4)))
        return _grid("", rows)

    def _scores(self) -> Any:
        rows = []
        for name, score in self.summary.scores.items():
            real = self.summary.corpus_scores.get(name)
            rows.append((name, runs_view.rate(score) + (f"; the corpus: {runs_view.rate(real)}" if real else "")))
        return _grid("scores", rows)

    def _position(self) -> str:
        one = self.summary
        of = f" of {one.total_steps:,}" if one.total_steps else ""
        left = f", {duration(one.eta_s)} left" if one.eta_s is not None else ""
        epoch = f", epoch {one.epoch:.2f}" if one.epoch is not None else ""
        done = f" ({percent(one.progress)})" if one.progress is not None else ""
        speed = f", {short(one.chars_per_second)} characters per second" if one.chars_per_second else ""
        return f"{one.step:,}{of}{done}{epoch}, trained for {duration(one.seconds)}{left}{speed}"

    def _best(self) -> str:
        one = self.summary
        return "–" if one.best_step is None else f"{decimals(one.best_bits, 4)} at step {one.best_step:,}"

    def _settings(self, everything: bool) -> Any:
        usual = flatten(RunConfig())
        changed = {
            name: value for name, value in self.summary.settings.items() if everything or value != usual.get(name)
        }
        title = "settings" if everything else "settings that are not the usual ones (all: --all)"
        return _grid(title, [(name, runs_view.shown(value)) for name, value in changed.items()])

    def _after(self) -> list[Any]:
        from rich.text import Text

        parts: list[Any] = [self._scores()] if self.summary.scores else []
        parts.append(_grid("checkpoints", self._checkpoints()))
        notes = [event for event in self.events if isinstance(event, (NoteEvent, DivergenceEvent))][-_NOTES:]
        if notes:
            parts.append(_grid("notes", [(f"step {event.step:,}", _note(event)) for event in notes]))
        sample = self._sample()
        if sample is not None:
            title = f"\nsample at step {sample.step:,}, temperature {sample.temperature:g}\n"
            parts.append(Text.assemble((title, "bold"), safe(sample.text)))
        return parts

    def _checkpoints(self) -> list[tuple[str, str]]:
        names = self.summary.run.checkpoint_names()
        links = self.summary.run.checkpoint_links()
        rows = [
            (name, ", ".join(sorted(link for link, target in links.items() if target == name)))
            for name in names
            if name in names[-_CHECKPOINTS:] or name in links.values()
        ]
        return rows or [("none yet", "")]

    def _sample(self) -> SampleEvent | None:
        return next((event for event in reversed(self.events) if isinstance(event, SampleEvent)), None)


def read(run: RunFolder) -> Page:
    """Read what there is to show.

    Raises:
        RunError: where run.json is damaged.
    """
    events = effective(all_other_events(run.events_path))
    return Page(summarize(run, budget=None), read_manifest(run), events)


def _note(event: Event) -> str:
    if isinstance(event, DivergenceEvent):
        back = f"back to step {event.restored_step:,}, learning rate × {event.learning_rate_factor:g}"
        return f"diverged ({event.reason}); {back}"
    return event.text if isinstance(event, NoteEvent) else ""


def _grid(title: str, rows: list[tuple[str, str]]) -> Any:
    from rich.text import Text

    grid = runs_view.plain_table()
    grid.show_header = False
    if title:
        grid.title, grid.title_justify, grid.title_style = f"\n{title}", "left", "bold"
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in rows:
        grid.add_row(Text(safe(name, multiline=False)), Text(safe(value, multiline=False)))
    return grid
