"""``rnnlab tui``: the dashboard."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from rnnlab.errors import RnnlabError

EPILOG = """\b
Examples:
  rnnlab tui                  every run in ./runs
  rnnlab tui my-run           straight to one run
  rnnlab tui --runs-dir /data/runs
"""


def tui(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="Name or path of a run to open at once.")] = None,
    runs_dir: Annotated[
        Path | None, typer.Option("--runs-dir", help="Folder of runs (default: RNNLAB_RUNS, else runs).")
    ] = None,
) -> None:
    """Watch and steer runs in a dashboard."""
    from rnnlab import runs

    folder = runs.runs_dir(runs_dir)
    opened = runs.find_run(run, folder) if run is not None else None
    need_terminal()
    from rnnlab.tui.app import Dashboard

    app = Dashboard(folder if opened is None else opened.path.parent, opened)
    app.run()
    raise typer.Exit(app.return_code or 0)


def need_terminal() -> None:
    """Refuse where no screen can be drawn.

    Raises:
        RnnlabError: where stdin or stdout is no terminal, or one that cannot place its cursor.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") in ("dumb", "unknown", ""):
        raise RnnlabError("rnnlab tui", "needs a real terminal", "For a plain list: rnnlab runs")
