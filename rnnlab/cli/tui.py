"""``rnnlab tui``: the dashboard."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from rnnlab.cli import console
from rnnlab.errors import CorpusError, FailedError, RnnlabError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnlab.runs import RunFolder

EPILOG = """\b
Examples:
  rnnlab tui                  every run in ./runs
  rnnlab tui my-run           straight to one run
  rnnlab tui --runs-dir /data/runs
  rnnlab tui --once           the lab as a plain table, and leave
  rnnlab tui --web            in a browser, from this machine only

\b
Keys, theme and alerts are set in tui.toml in the user's configuration folder; ? lists the keys' names.
"""


def tui(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="Name or path of a run to open at once.")] = None,
    runs_dir: Annotated[
        Path | None, typer.Option("--runs-dir", help="Folder of runs (default: RNNLAB_RUNS, else runs).")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Print the lab as a plain table and leave.")] = False,
    web: Annotated[bool, typer.Option("--web", help="Serve it to a browser on this machine (extra: web).")] = False,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port of --web.")] = 8000,
) -> None:
    """Watch and steer runs in a dashboard."""
    from rnnlab import runs

    folder = runs.runs_dir(runs_dir)
    opened = runs.find_run(run, folder) if run is not None else None
    if once:
        print_lab(folder, opened)
        return
    if web:
        serve(folder, opened, port)
        return
    need_terminal("rnnlab tui", "For a plain table: rnnlab tui --once")
    from rnnlab.tui.app import Dashboard

    app = Dashboard(folder if opened is None else opened.path.parent, opened)
    app.run()
    raise typer.Exit(app.return_code or 0)


def print_lab(folder: Path, only: RunFolder | None) -> None:
    """The lab on stdout, every column that fits; for pipes, all of them."""
    from rnnlab.cli.runs import print_list
    from rnnlab.runs import list_runs
    from rnnlab.runs.summary import summarize

    summaries = [summarize(run, budget=None) for run in ([only] if only is not None else list_runs(folder))]
    print_list(summaries, folder)


def serve(folder: Path, opened: RunFolder | None, port: int) -> None:
    """The dashboard in a browser, until Ctrl-C; reachable from this machine only.

    Raises:
        RnnlabError: where textual-serve is not installed.
    """
    try:
        from textual_serve.server import Server
    except ImportError:
        raise RnnlabError("--web", "needs textual-serve", "Install it: pip install 'rnnlab[web]'") from None
    command = [sys.executable, "-m", "rnnlab", "tui", "--runs-dir", str(folder.resolve())]
    command += [] if opened is None else [str(opened.path.resolve())]
    Server(shlex.join(command), host="localhost", port=port, title="rnnlab").serve()


def start_and_watch(
    corpus: Sequence[str], preset: str | None, name: str | None, resume: str | None, folder: Path
) -> NoReturn:
    """What ``rnnlab train ... --tui`` does: the same command line as a process of its own, and the dashboard on it.

    Raises:
        RnnlabError: where there is no terminal, or what can be seen before the start is wrong.
    """
    need_terminal("rnnlab train --tui", "Without --tui it trains and says how it goes.")
    from rnnlab import runs
    from rnnlab.corpus.opening import name_of
    from rnnlab.runs.layout import check_name
    from rnnlab.tui import launching

    given = [word for word in sys.argv[sys.argv.index("train") + 1 :] if word != "--tui"]
    if resume is not None:
        run = runs.find_run(resume, folder)
        start = launching.Launch(run, (*given, "--runs-dir", str(run.path.parent.resolve())), resumes=True)
    else:
        for source in corpus:
            if source == "-" or not Path(source).exists():
                reason = "standard input cannot be read" if source == "-" else "there is no such file or folder"
                raise CorpusError(source, reason, "Name a file, a folder or an archive.")
        hint = name_of(tuple(corpus)) + (f"-{preset}" if preset else "")
        chosen = check_name(name) if name is not None else launching.free_name(folder, hint)
        launching.check_free(folder, chosen)
        start = launching.begin(folder, given, chosen)
    start.start()
    from rnnlab.tui.app import Dashboard

    app = Dashboard(start.run.path.parent, started=start)
    app.run()
    if not start.run.exists and start.failed:
        raise FailedError(start.run.name, "could not be started", start.last_words())
    console.say(f"{start.run.name} goes on without the dashboard; its words are in {start.log}")
    raise typer.Exit(app.return_code or 0)


def judge_and_show(
    inputs: Sequence[str],
    plugins: tuple[str, ...],
    settings: tuple[str, ...],
    include: Sequence[str],
    folder: Path | None,
    *,
    whole: bool,
) -> NoReturn:
    """What ``rnnlab eval ... --tui`` does: the texts with their findings, side by side.

    Raises:
        RnnlabError: where there is no terminal, no text or no evaluator.
    """
    need_terminal("rnnlab eval --tui", "Without --tui it writes a report.")
    from rnnlab import runs
    from rnnlab.corpus.language import language_of
    from rnnlab.evaluation import discovery, history, session, sources
    from rnnlab.tui.app import Dashboard
    from rnnlab.tui.reading.judging import usual_plugins

    run = session.find_run_input(inputs, folder, include)
    if run is not None:
        config = runs.read_manifest(run).config
        texts, language = history.run_texts(run).sources, language_of(config.corpus.sources, config.corpus.include)
        plugins, settings = plugins or config.evaluation.plugins, settings or config.evaluation.settings
    elif "-" in inputs:
        raise RnnlabError("-", "standard input is the keyboard here", "Name files, folders or a run.")
    else:
        texts = tuple(sources.read(path, whole=whole) for path in sources.collect(inputs, include))
        language = language_of(text.name for text in texts)
    if not texts:
        raise RnnlabError(inputs[0], "there is no text in it yet", "Wait for its first previews.")
    chosen = usual_plugins(plugins, language)
    discovery.find_all(chosen)  # refuses one that is not there
    app = Dashboard(
        runs.runs_dir(folder) if run is None else run.path.parent,
        then=lambda lab: lab.open_judge(texts, chosen, settings, language),
    )
    app.run()
    raise typer.Exit(app.return_code or 0)


def need_terminal(asked: str, instead: str) -> None:
    """Refuse where no screen can be drawn; let the terminal alone say how large it is.

    Raises:
        RnnlabError: where stdin, stdout or stderr (Textual draws there) is none, or one that cannot place its cursor.
    """
    if os.environ.get("TEXTUAL_DRIVER"):  # --web draws in a browser
        return
    terminals = all(file.isatty() for file in (sys.stdin, sys.stdout, sys.stderr))
    if not terminals or os.environ.get("TERM", "dumb") in ("dumb", "unknown", ""):
        raise RnnlabError(asked, "needs a real terminal", instead)
    for stale in ("COLUMNS", "LINES"):  # readline and some shells leave them behind; then no resize would be followed
        os.environ.pop(stale, None)
