"""What can be done with a text that a network wrote: judge it, keep it."""

from __future__ import annotations

from pathlib import Path

from rnnlab.corpus.language import language_of
from rnnlab.errors import RnnlabError
from rnnlab.evaluation.contract import Source
from rnnlab.runs import RunFolder, atomic_write, read_manifest
from rnnlab.tui.base import LabApp
from rnnlab.tui.reading.judging import usual_plugins
from rnnlab.tui.screens.ask import AskScreen, Field


def judge(lab: LabApp, run: RunFolder, source: Source) -> None:
    """Findings and source side by side, by the run's own evaluators."""
    try:
        config = read_manifest(run).config
    except RnnlabError as error:
        lab.notice(str(error), "error")
        return
    language = language_of(config.corpus.sources, config.corpus.include)
    plugins = usual_plugins(config.evaluation.plugins, language)
    lab.open_judge([source], plugins, config.evaluation.settings, language)


def keep(lab: LabApp, raw: bytes, name: str) -> None:
    """Ask where to, with a name to begin with, and write the exact bytes; never over a file that is there."""

    def check(given: str) -> str:
        path = Path(given).expanduser()
        return "is there already" if path.exists() else "" if path.parent.is_dir() else "has no such folder"

    def write(values: dict[str, str] | None) -> None:
        if values is None:
            return
        path = Path(values["file"]).expanduser()
        try:
            atomic_write(path, raw)
        except (OSError, RnnlabError) as error:
            lab.notice(str(error), "error")
        else:
            lab.notice(f"wrote {len(raw):,} bytes to {path}")

    lab.push_screen(AskScreen("Keep the text", [Field("file", "file", name, check)], yes="Write"), write)
