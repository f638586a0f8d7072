"""Starts ``rnnlab train`` as a process of its own: it survives the dashboard, the terminal and the connection.

It gets a session of its own, no terminal, and a log file beside the runs. Knows no widget.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.display import safe
from rnnlab.errors import RunError
from rnnlab.runs import RunFolder
from rnnlab.runs.durable import told
from rnnlab.runs.layout import slug
from rnnlab.runs.summary import RunSummary

LOGS = ".logs"
_TAIL = 4096
STARTED: list[subprocess.Popen[bytes]] = []
"""Every process that was started: they go on, and Python would complain of each that it forgets while it runs."""


@dataclass(slots=True)
class Launch:
    """A training that was started, or is about to be."""

    run: RunFolder
    arguments: tuple[str, ...]
    resumes: bool = False
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the trainer says."""
        return self.run.path.parent / LOGS / f"{self.run.name}.log"

    def start(self) -> None:
        """Begin.

        Raises:
            RunError: where the log cannot be written or the process not be made.
        """
        command = [sys.executable, "-m", "rnnlab", "train", *self.arguments]
        environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
        with told(self.log):
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with self.log.open("wb") as log:
                self.process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
                )
        STARTED.append(self.process)

    @property
    def failed(self) -> bool:
        """Whether the process left with an error."""
        return self.process is not None and self.process.poll() not in (None, 0)

    @property
    def ended(self) -> bool:
        """Whether the process has left."""
        return self.process is not None and self.process.poll() is not None

    def last_words(self, lines: int = 3) -> str:
        """Why the process failed: the signal that ended it, or the end of its log, safe to show."""
        if self.process is not None and (code := self.process.poll() or 0) < 0:
            return f"its process was ended by {signal.Signals(-code).name}"
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, self.log.stat().st_size - _TAIL))
                text = log.read().decode("utf-8", "replace")
        except OSError:
            return ""
        said = [line for line in text.replace("\r", "\n").split("\n") if line.strip()]
        errors = [place for place, line in enumerate(said) if line.startswith("error:")]
        said = said[errors[-1] :] if errors else said
        return safe("\n".join(said[-lines:]))


def resume(run: RunFolder, more: Sequence[str] = ()) -> Launch:
    """Go on with a run; ``more`` are options such as ``--epochs 20``."""
    return Launch(run, ("--resume", run.name, "--runs-dir", str(run.path.parent.resolve()), *more), resumes=True)


def begin(folder: Path, arguments: Sequence[str], name: str) -> Launch:
    """A new run of this name; ``arguments`` as after ``rnnlab train``, without name and folder."""
    return Launch(RunFolder(folder / name), (*arguments, "--name", name, "--runs-dir", str(folder.resolve())))


def free_name(folder: Path, hint: str, taken: Collection[str] = ()) -> str:
    """A name near the hint that no run has yet, and none of those that are about to begin."""
    names = itertools.chain([slug(hint)], (f"{slug(hint)}-{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken and not os.path.lexists(folder / name))


def check_free(folder: Path, name: str, taken: Collection[str] = ()) -> None:
    """Refuse a name that a run has, or one that is about to begin.

    Raises:
        RunError: with what to do.
    """
    if name in taken:
        raise RunError(name, "is being started already", "Wait until it opens, or choose another name.")
    if os.path.lexists(folder / name):
        raise RunError(name, f"there is already something of that name in {folder}", "Choose another name.")


def limit_of(summary: RunSummary) -> tuple[str, str, str]:
    """What ended a run, as its option's name; twice as much of it; and how far it came, in words."""
    settings = summary.settings
    if settings.get("training.time"):
        return "time", f"{2 * settings['training.time']:.0f}", f"{summary.seconds:.0f} seconds"
    if settings.get("training.steps"):
        return "steps", f"{2 * settings['training.steps']}", f"{summary.step:,} steps"
    epochs = settings.get("training.epochs") or summary.epoch or 1
    return "epochs", f"{2 * epochs:.3g}", f"{summary.epoch or 0:.3g} epochs"


def positive(text: str) -> str:
    """What is wrong with a number above zero, or nothing."""
    try:
        return "" if 0 < float(text) < float("inf") else "must be above zero"
    except ValueError:
        return "is not a number"
