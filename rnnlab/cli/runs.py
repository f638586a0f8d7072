"""``rnnlab runs``: list runs, look at them, compare, export, remove, rename, steer."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rnnlab.cli import console
from rnnlab.cli.run_names import AsJson, RunName, RunNames, RunsDir
from rnnlab.errors import RunError

if TYPE_CHECKING:
    from rnnlab.runs.layout import RunFolder
    from rnnlab.runs.summary import RunSummary

EPILOG = """\b
Examples:
  rnnlab runs
  rnnlab runs show linux
  rnnlab runs compare linux linux-2
  rnnlab runs control linux learning-rate 0.0005
"""
app = typer.Typer(
    name="runs",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    epilog=EPILOG,
    help="List the runs, newest first; or look at them, compare, export, remove, rename and steer them.",
)


@app.callback()
def runs(ctx: typer.Context, runs_dir: RunsDir = None, as_json: AsJson = False) -> None:
    """List the runs, newest first; or look at them, compare, export, remove, rename and steer them."""
    ctx.obj = runs_dir
    if ctx.invoked_subcommand is None:
        list_(ctx, runs_dir, as_json)


def _folder(ctx: typer.Context, given: Path | None) -> Path:
    """The folder of runs: the option may stand before or after the subcommand."""
    from rnnlab.runs.layout import runs_dir

    return runs_dir(given or ctx.obj)


@app.command("list", epilog="\b\nExamples:\n  rnnlab runs list\n  rnnlab runs list --json | jq '.[].best_bits'\n")
def list_(ctx: typer.Context, runs_dir: RunsDir = None, as_json: AsJson = False) -> None:
    """List the runs, newest first. Losses are bits per character."""
    from rnnlab.cli import runs_view
    from rnnlab.runs.layout import list_runs
    from rnnlab.runs.summary import summarize

    folder = _folder(ctx, runs_dir)
    summaries = [summarize(run, budget=None) for run in list_runs(folder)]
    if as_json:
        console.data(json.dumps([runs_view.as_json(summary) for summary in summaries], indent=1) + "\n")
        return
    print_list(summaries, folder)


def print_list(summaries: Sequence[RunSummary], folder: Path) -> None:
    """The runs as a table on stdout: in a terminal the columns that fit, else all of them."""
    from rnnlab.cli import runs_view

    if not summaries:
        console.say(f"There are no runs in {folder} yet. Start one: rnnlab train CORPUS")
        return
    out = console.out()
    runs_view.draw(out, runs_view.runs_table(summaries, out.width if out.is_terminal else None))
    for summary in summaries:
        if summary.problem:
            console.say(f"{summary.name}: {summary.problem}")


@app.command(epilog="\b\nExamples:\n  rnnlab runs show linux\n  rnnlab runs show linux --json\n")
def show(
    ctx: typer.Context,
    name: RunName,
    runs_dir: RunsDir = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show the settings that have their usual value, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a run: its state, settings, results, checkpoints and newest sample."""
    from rnnlab.cli import run_page
    from rnnlab.runs.layout import find_run

    page = run_page.read(find_run(name, _folder(ctx, runs_dir)))
    if as_json:
        console.data(json.dumps(page.as_json(), indent=1) + "\n")
    else:
        page.draw(console.out(), everything=everything)


@app.command(epilog="\b\nExamples:\n  rnnlab runs compare linux linux-2\n  rnnlab runs compare a b c --json\n")
def compare(ctx: typer.Context, names: RunNames, runs_dir: RunsDir = None, as_json: AsJson = False) -> None:
    """Compare runs: what differs in their settings, their curves over each other, their best values."""
    from rnnlab.cli import run_comparison

    runs = _find_all(ctx, names, runs_dir)
    if len(runs) < 2:
        raise RunError("runs compare", "one run is nothing to compare", "Name two or more.")
    if as_json:
        console.data(json.dumps(run_comparison.as_json(runs), indent=1) + "\n")
    else:
        run_comparison.draw(console.out(), runs)


@app.command(
    epilog="""\b
Examples:
  rnnlab runs export linux --csv linux.csv
  rnnlab runs export linux --csv - --kind validation
  rnnlab runs export linux --csv linux.csv --force
"""
)
def export(
    ctx: typer.Context,
    name: RunName,
    target: Annotated[str, typer.Option("--csv", metavar="FILE|-", help="Where the table goes; - is stdout.")],
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", help="step, validation, score, sample, ...; may be repeated. [default: step, validation]"
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace the file if it exists.")] = False,
    runs_dir: RunsDir = None,
) -> None:
    """Write a run's events as CSV: one row each, without what was superseded by going back."""
    from rnnlab.cli.progress import Progress
    from rnnlab.cli.writing import refuse_existing
    from rnnlab.runs.durable import told
    from rnnlab.runs.export import columns, write_csv
    from rnnlab.runs.layout import find_run

    run = find_run(name, _folder(ctx, runs_dir))
    kinds = kind or ["step", "validation"]
    columns(kinds)  # refuses an unknown kind before a file is made
    refuse_existing(target, force)
    with Progress("read bytes") as progress:
        if target == "-":
            write_csv(run, sys.stdout, kinds, progress)
            return
        with told(Path(target)), Path(target).open("w", encoding="utf-8", newline="") as file:
            rows = write_csv(run, file, kinds, progress)
    console.say(f"wrote {rows:,} rows to {target}")


@app.command(epilog="\b\nExamples:\n  rnnlab runs rm old-run older-run\n  rnnlab runs rm old-run --yes\n")
def rm(
    ctx: typer.Context,
    names: RunNames,
    runs_dir: RunsDir = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove runs with their checkpoints and samples; asks first. A run that is training is refused."""
    from rnnlab.runs.layout import remove_run
    from rnnlab.runs.lock import RunLock

    runs = _find_all(ctx, names, runs_dir)
    for run in runs:
        _refuse_training(run)
    if not yes:
        _ask(runs)
    for run in runs:
        with RunLock(run):
            remove_run(run)
        console.say(f"removed {run.path}")


def _refuse_training(run: RunFolder) -> None:
    from rnnlab.runs.heartbeat import lock_state

    state = lock_state(run)
    if state is not None and state.alive:
        raise RunError(run.name, f"is being trained by {state}", f"Stop it first: rnnlab runs control {run.name} stop")


def _ask(runs: list[RunFolder]) -> None:
    size = sum(path.stat().st_size for run in runs for path in run.path.rglob("*") if path.is_file())
    what = ", ".join(run.name for run in runs)
    if not sys.stdin.isatty():
        raise RunError(what, "would be removed, and nobody is here to ask", "Say --yes to remove without asking.")
    if not typer.confirm(f"Remove {what} ({size / 1e6:,.1f} MB)?", err=True):
        raise typer.Exit(1)


@app.command(epilog="\b\nExample:\n  rnnlab runs rename linux linux-3x700\n")
def rename(
    ctx: typer.Context,
    name: RunName,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="The new name.")],
    runs_dir: RunsDir = None,
) -> None:
    """Give a run another name. A run that is training is refused."""
    from rnnlab.runs.layout import find_run, rename_run
    from rnnlab.runs.lock import RunLock

    run = find_run(name, _folder(ctx, runs_dir))
    _refuse_training(run)
    with RunLock(run):
        renamed = rename_run(run, new_name)
    console.say(f"{run.name} is now {renamed.path}")


Action = Literal["pause", "resume", "stop", "checkpoint", "sample", "learning-rate"]


@app.command(
    epilog="""\b
Examples:
  rnnlab runs control linux pause --reason "the GPU is needed"
  rnnlab runs control linux learning-rate 0.0005
  rnnlab runs control linux sample --prompt "static int " --temperature 0.5
"""
)
def control(
    ctx: typer.Context,
    name: RunName,
    action: Annotated[
        Action, typer.Argument(metavar="ACTION", help="pause, resume, stop, checkpoint, sample or learning-rate.")
    ],
    value: Annotated[float | None, typer.Argument(help="The learning rate.", show_default=False)] = None,
    prompt: Annotated[str, typer.Option(help="sample: what it starts from; empty: the run's own.")] = "",
    temperature: Annotated[float, typer.Option(help="sample: its temperature.")] = 0.8,
    length: Annotated[int, typer.Option(help="sample: characters.")] = 400,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the run's events.")] = "",
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait for the trainer; 0: do not wait.")] = 60.0,
    runs_dir: RunsDir = None,
    as_json: AsJson = False,
) -> None:
    """Steer a run that is training, and wait until its trainer has answered."""
    from rnnlab.cli.run_control import make_command, steer
    from rnnlab.runs.layout import find_run

    command = make_command(action, value=value, prompt=prompt, temperature=temperature, length=length, reason=reason)
    steer(find_run(name, _folder(ctx, runs_dir)), command, timeout=timeout, as_json=as_json)


def _find_all(ctx: typer.Context, names: list[str], runs_dir: Path | None) -> list[RunFolder]:
    """The runs of those names, each once."""
    from rnnlab.runs.layout import find_run

    folder = _folder(ctx, runs_dir)
    return list({run.path.resolve(): run for run in (find_run(name, folder) for name in names)}.values())
