"""``rnnlab eval``: judge texts with evaluator plugins and say how good they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnnlab.cli import console
from rnnlab.cli.at_once import leaving_at_once
from rnnlab.cli.progress import Progress
from rnnlab.display import safe
from rnnlab.errors import RnnlabError, RunError, ThresholdError

if TYPE_CHECKING:
    from rnnlab.corpus.progress import Progress as CorpusProgress
    from rnnlab.evaluation.outputs import Output
    from rnnlab.evaluation.report import Report
    from rnnlab.evaluation.session import Result

EPILOG = """\b
Examples:
  rnnlab eval samples.c --plugin c-syntax
  rnnlab eval samples/ --plugin c-syntax --against linux/ -o table -o sarif:out.sarif
  rnnlab sample RUN | rnnlab eval - --plugin c-syntax --fail-under bracket-balance=0.95
  rnnlab eval RUN          every preview of a run, by step
  rnnlab eval RUN --fail-under clean-functions=0.8     by its newest step
  rnnlab eval samples.c --plugin ./mine.py        or ./mine.py:NAME, of several in a file
  rnnlab eval samples.c --tui

\b
Of a run, --fail-under and --fail-on look at the newest step that was judged: the first previews
come from a network that has learnt nothing. Of files and folders they look at all.

\b
Exit codes: 0 judged; 1 a --fail-under or --fail-on was not met, or something could not be
judged; 2 wrong usage or input; 130 interrupted. A file that cannot be read or is no text is
refused where it was named; inside a folder it is told, the others are judged, and the end is 2.
"""


def evaluate(
    inputs: Annotated[list[str], typer.Argument(metavar="FILE|FOLDER|RUN|-...", help="What to judge.")],
    plugin: Annotated[
        list[str] | None,
        typer.Option(
            "--plugin",
            "-p",
            metavar="NAME|FILE.py[:NAME]",
            help="Evaluator; may be repeated.",
        ),
    ] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", "-S", metavar="PLUGIN.OPTION=VALUE", help="Option of an evaluator.")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", "-f", help="table, concise, json, jsonl, sarif, junit, github or markdown."),
    ] = None,
    output: Annotated[
        list[str] | None, typer.Option("--output", "-o", metavar="FORMAT[:FILE]", help="A report; may be repeated.")
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="CORPUS", help="Real text, cut to the same lengths, in a column beside; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Where the real text is cut.")] = 0,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC=RATE",
            help="Fail when a rate is worse than this, in a run at the newest step that was judged; may be repeated.",
        ),
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option(metavar="SEVERITY", help="Fail on a finding so grave: error, warning or info; in a run likewise."),
    ] = "",
    include: Annotated[
        list[str] | None, typer.Option(metavar="PATTERN", help="Files taken from folders; default: the plugin's.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="The texts are whole: nothing is cut off at their ends.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0.01, max=86_400, help="Seconds that a plugin has for one text; to load it has 30.")
    ] = 10.0,
    memory: Annotated[
        int, typer.Option(min=0, max=10**9, metavar="MB", help="Memory of a plugin's process; 0: any.")
    ] = 4096,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes per plugin; 0: one a core.")] = 0,
    record: Annotated[
        bool, typer.Option("--record/--no-record", help="Write missing scores into the run's events.")
    ] = True,
    runs_dir: Annotated[Path | None, typer.Option(help="Folder of runs; else RNNLAB_RUNS, else runs.")] = None,
    tui: Annotated[bool, typer.Option("--tui", help="Look at findings and source side by side.")] = False,
) -> None:
    """Judge generated text: files, folders, the samples of a run, or standard input."""
    if tui:
        from rnnlab.cli.tui import judge_and_show

        reports = {"--format": form, "--output": output, "--against": against, "--fail-under": fail_under}
        _refuse_reports({**reports, "--fail-on": fail_on})
        plugins, settings = tuple(plugin or ()), tuple(setting or ())
        judge_and_show(inputs, plugins, settings, include or (), runs_dir, whole=whole)
    with leaving_at_once(f"{console.INTERRUPTED}\n"):
        from rnnlab.evaluation import outputs, session
        from rnnlab.evaluation.process import START_SECONDS, Limits

    asked = [*([form] if form is not None else ()), *(output or ())] or ["table"]
    wanted = outputs.parse_outputs(asked, keep=[*inputs, *(plugin or ()), *(against or ())])
    request = session.Request(
        inputs=inputs,
        plugins=plugin or (),
        settings=setting or (),
        against=against or (),
        seed=seed,
        include=include or (),
        whole=whole,
        limits=Limits(timeout, memory << 20),
        jobs=jobs,
        fail_under=fail_under or (),
        fail_on=fail_on,
        runs_dir=runs_dir,
    )
    with (
        console.telling_of_ctrl_c(),
        Progress("started plugins", START_SECONDS) as starting,
        Progress("judged", timeout) as judging,
        Progress("compared", timeout) as comparing,
        Progress("read MB") as reading,
    ):

        def corpus(now: CorpusProgress) -> None:
            reading(now.done_bytes >> 20, (now.total_bytes or 0) >> 20)

        result = session.judge(request, session.Watch(starting, judging, comparing, corpus, console.say))
    _write(wanted, result.report)
    if record:
        _record(result)
    _verdict(result, fail_on, shown=any(one.form == "table" and one.path is None for one in wanted))


def _refuse_reports(given: Mapping[str, object]) -> None:
    """The dashboard writes no report and sets no exit code; who asks for one would wait in vain."""
    if useless := [option for option, value in given.items() if value]:
        raise RnnlabError(f"--tui with {useless[0]}", "the dashboard makes no report", "Leave one of the two out.")


def _write(wanted: list[Output], report: Report) -> None:
    from rnnlab.evaluation.formats.table import table
    from rnnlab.evaluation.outputs import write_file

    for output in wanted:
        if output.path is not None:
            write_file(output, report)
            console.say(f"wrote {output.path}")
        else:
            console.data(table(report, console.columns()) if output.form == "table" else output.text(report))


def _record(result: Result) -> None:
    """Fill in the scores that the run does not have."""
    if result.run is None:
        return
    from rnnlab.evaluation import history

    events = history.score_events(result.report, result.scored)
    if not events:
        return
    try:
        history.record(result.run, events)
    except RunError as error:
        console.say(f"{len(events)} scores were not written into the run: {error.thing}: {error.reason}")
    else:
        console.say(f"wrote missing scores into {result.run.events_path}: {len(events)}")


def _verdict(result: Result, fail_on: str, *, shown: bool) -> None:
    """Leave with 2 where something could not be read, with 1 where a demand was not met or something not judged."""
    from rnnlab.evaluation.gates import unmet

    report = result.report
    if not shown:
        _say_what_is_missing(result)
    reasons = unmet(report, result.gates, fail_on)
    if result.unread:
        count = len(result.unread)
        left_out = "one file or folder" if count == 1 else f"{count:,} files or folders"
        reasons.append(f"{left_out} could not be read, and only the others were judged")
        raise RnnlabError("", "; ".join(reasons), 'The lines above that begin with "left out" say why.')
    if reasons:
        raise ThresholdError("", "; ".join(reasons))
    if report.failures:
        raise ThresholdError("", _missing(report), "The report says why." if shown else "The lines above say why.")


def _say_what_is_missing(result: Result) -> None:
    """What the report in a terminal would say of verdicts and findings that it lacks."""
    for failure in result.report.failures:
        if failure.source in result.unread:  # said when it was met
            continue
        console.say(f"could not judge: {failure.plugin} on {safe(failure.texts, multiline=False)}: {failure.cause}")
    if left_out := result.report.left_out:
        console.say(f"{left_out:,} further findings, none graver, are left out of texts with very many")


def _missing(report: Report) -> str:
    """How many verdicts there are not; those on real text are apart, as no text of the user's is behind them."""
    judged, beside = (sum(f.count for f in report.failures if f.real == real) for real in (False, True))
    if not judged:
        return f"{beside:,} {'verdict is' if beside == 1 else 'verdicts are'} missing, on the real text beside"
    more = f", and {beside:,} on the real text beside" if beside else ""
    return f"{judged:,} {'verdict is' if judged == 1 else 'verdicts are'} missing{more}"
