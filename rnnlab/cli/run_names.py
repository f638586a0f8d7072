"""Arguments that name runs, with shell completion: for every command that takes one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def complete_run(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names of runs that begin so, newest first; a folder with an odd name is left out."""
    from rnnlab.errors import RnnlabError
    from rnnlab.runs.layout import is_name, list_runs, runs_dir

    given: Any = None
    look: Any = ctx
    while look is not None and given is None:
        given, look = look.params.get("runs_dir"), look.parent
    try:
        names = [run.name for run in list_runs(runs_dir(given))]
    except RnnlabError:
        return []
    return [name for name in names if name.startswith(incomplete) and is_name(name)]


RunName = Annotated[
    str, typer.Argument(metavar="RUN", help="Name or folder of a run.", autocompletion=complete_run, show_default=False)
]
RunNames = Annotated[
    list[str],
    typer.Argument(metavar="RUN...", help="Names or folders of runs.", autocompletion=complete_run, show_default=False),
]
RunsDir = Annotated[
    Path | None,
    # The variable is read where the folder is used: as envvar it would win over an option before the subcommand.
    typer.Option(
        "--runs-dir", help="Folder of runs; else RNNLAB_RUNS, else runs.", show_default=False, file_okay=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
