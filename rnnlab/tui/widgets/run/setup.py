"""What the run was set up with, and how that differs from another run."""

from __future__ import annotations

import contextlib
from typing import Any

from rich.text import Text
from textual.message import Message

from rnnlab.config import RunConfig, flatten
from rnnlab.display import safe
from rnnlab.errors import RnnlabError
from rnnlab.runs import Manifest, RunFolder, list_runs, read_manifest
from rnnlab.tui.base import hand_over
from rnnlab.tui.widgets.lines import Lines


class SetupPanel(Lines):
    """The configuration; settings that differ from the defaults stand out."""

    class Read(Message):
        """Another run's manifest was read (None: it cannot be)."""

        def __init__(self, name: str, manifest: Manifest | None) -> None:
            super().__init__()
            self.name, self.manifest = name, manifest

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._mine: Manifest | None = None
        self._other = ""

    def show(self, manifest: Manifest) -> None:
        """Draw the configuration."""
        self._mine = manifest
        self.rows = setup_rows(manifest)

    def beside(self, run: RunFolder, on: bool) -> None:
        """Draw the differences to the next other run of the same lab, or the configuration alone."""
        if not on and self._mine is not None:
            self._other = ""
            self.show(self._mine)
        elif on:
            before = self._other
            self.run_worker(
                lambda: self._read(run, before), thread=True, group="beside", exclusive=True, exit_on_error=False
            )

    def _read(self, run: RunFolder, before: str) -> None:
        """In a thread: find and read the run after ``before``."""
        name, manifest = "", None
        with contextlib.suppress(RnnlabError, OSError):  # the folder may go while it is listed
            others = [other for other in list_runs(run.path.parent) if other.name != run.name]
            if others:
                names = [other.name for other in others]
                chosen = others[(names.index(before) + 1) % len(names) if before in names else 0]
                name = chosen.name
                manifest = read_manifest(chosen)
        hand_over(self.Read(name, manifest), self)

    def on_setup_panel_read(self, message: Read) -> None:
        """Draw the differences."""
        message.stop()
        self._other = message.name
        if message.manifest is None:
            words = f"{safe(message.name, multiline=False)} cannot be read (v: the next run)."
            words = words if message.name else "There is no other run."
            self.rows = [Text(words, "dim")]
        elif self._mine is not None:
            self.rows = difference_rows(self._mine, message.manifest, message.name)


def setup_rows(manifest: Manifest) -> list[Text]:
    """Every setting by its dotted name, then what was found out at the start."""
    usual = flatten(RunConfig())
    rows = [Text("$ " + safe(" ".join(manifest.command), multiline=False), "dim")] if manifest.command else []
    for name, value in flatten(manifest.config).items():
        rows.append(_row(name, value, changed=usual.get(name) != value))
    for title, values in (
        ("corpus", manifest.corpus),
        ("resolved", manifest.resolved),
        ("versions", manifest.versions),
    ):
        rows += [_row(f"{title}.{name}", value, changed=False) for name, value in flatten(values).items()]
    return rows


def difference_rows(manifest: Manifest, other: Manifest, name: str) -> list[Text]:
    """The settings that differ, this run's value first."""
    mine, theirs = flatten(manifest.config), flatten(other.config)
    names = [key for key in dict.fromkeys((*mine, *theirs)) if mine.get(key) != theirs.get(key)]
    head = Text(f"Differences to {safe(name, multiline=False)} (v: the next run, V: all settings)", "dim")
    if not names:
        return [head, Text("None: both have the same settings.")]
    rows = [head]
    for key in names:
        row = _row(key, mine.get(key), changed=True)
        rows.append(row.append("   there: ", "dim").append(_word(theirs.get(key))))
    return rows


def _row(name: str, value: Any, *, changed: bool) -> Text:
    row = Text(no_wrap=True)
    row.append(safe(name, multiline=False).ljust(30) + " ", "dim")
    return row.append(_word(value), "bold" if changed else "")


def _word(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        text = " ".join(map(str, value)) or "–"
        return safe(text if len(text) < 200 else f"{len(value)} values", multiline=False)
    return safe("–" if value in (None, "") else str(value), multiline=False)
