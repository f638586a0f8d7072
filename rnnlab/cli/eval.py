"""``rnnlab eval``: judge texts with evaluator plugins and say how good they are."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rnnlab.cli import console
from rnnlab.cli.progress import Progress
from rnnlab.errors import EvaluatorError, RnnlabError, ThresholdError

EPILOG = """\b
Examples:
  rnnlab eval samples.c --plugin c-syntax
  rnnlab eval samples/ --plugin c-syntax --format json
"""


def evaluate(
    inputs: Annotated[list[str], typer.Argument(metavar="FILE|FOLDER|RUN|-", help="What to judge.")],
    plugin: Annotated[
        list[str] | None, typer.Option("--plugin", "-p", metavar="NAME|FILE.py", help="Evaluator; may be repeated.")
    ] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", "-S", metavar="PLUGIN.OPTION=VALUE", help="Option of an evaluator.")
    ] = None,
    form: Annotated[str, typer.Option("--format", "-f", help="What to write to stdout.")] = "table",
    include: Annotated[
        list[str] | None, typer.Option(help="File names taken from folders; default: what the plugins ask for.")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="The texts are whole files: nothing is cut off.")] = False,
    timeout: Annotated[float, typer.Option(min=0.01, help="Seconds that a plugin has for one text.")] = 10.0,
    memory: Annotated[int, typer.Option(min=0, metavar="MB", help="Memory of a plugin's process; 0: any.")] = 4096,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes per plugin; 0: one a core.")] = 0,
) -> None:
    """Judge generated text: files, folders, a run's samples, or standard input."""
    import os

    from rnnlab.evaluation import discovery, runner, sources
    from rnnlab.evaluation.formats import FORMATS
    from rnnlab.evaluation.pool import Pool
    from rnnlab.evaluation.process import Limits
    from rnnlab.evaluation.report import Report

    if form not in FORMATS:
        raise RnnlabError(f"--format {form}", "there is no such format", f"There are {', '.join(FORMATS)}.")
    if not plugin:
        names = ", ".join(discovery.installed()) or "none installed"
        raise EvaluatorError("", "no evaluator was named", f"Add --plugin NAME; there are: {names}.")
    plugins = discovery.find_all(plugin)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with Pool(plugins, setting or (), Limits(timeout, memory << 20), jobs or cores) as pool:
        described = pool.start()
        patterns = include or [pattern for name in described for pattern in described[name].files]
        texts = []
        for name in inputs:
            if name == "-":
                texts.append(sources.read_stream(sys.stdin.buffer, whole=whole))
            else:
                texts += [sources.read(path, whole=whole) for path in sources.collect([name], patterns)]
        with Progress("judged") as progress:
            outcome = runner.judge_all(pool, texts, progress)
    report = Report(tuple(outcome.judged), described, tuple(outcome.failures))
    console.data(FORMATS[form](report))
    if report.failures:
        if form != "table":
            for failure in report.failures:
                more = f" and {failure.count - 1} more" if failure.count > 1 else ""
                console.say(f"could not judge: {failure.plugin} on {failure.source}{more}: {failure.cause}")
        missing = sum(failure.count for failure in report.failures)
        raise ThresholdError(
            "", f"{missing} of {len(texts) * len(plugins)} verdicts are missing", "The report says why."
        )
