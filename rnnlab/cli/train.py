"""``rnnlab train``: from a pile of text to a trained model, with everything to watch on the way."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnlab.cli import console
from rnnlab.cli.at_once import leaving_at_once
from rnnlab.cli.options import given_settings, with_config_options
from rnnlab.cli.signals import EARLY, Signals, be_deaf, die_at_once, left_early
from rnnlab.errors import ConfigError
from rnnlab.niceness import step_back
from rnnlab.quantities import short

if TYPE_CHECKING:
    from rnnlab.cli.sinks import Sink
    from rnnlab.events import EndEvent
    from rnnlab.runs.layout import RunFolder
    from rnnlab.training.ranks import Ranks
    from rnnlab.training.session import Session

_EXAMPLES = """\b
Examples:
  rnnlab train corpus.c
  rnnlab train linux/ --gpu --preset essay --name linux
  rnnlab train linux-6.1.tar.xz --time 8h --plugin c-syntax
  rnnlab train shakespeare.txt --split 90/10/0 --time 3m
  rnnlab train --resume linux
  rnnlab train corpus.c --gpu --tui
  rnnlab train corpus.c --layers 3 --hidden 512 --show-config
"""


def _epilog() -> str:
    """The examples, and every preset with its purpose and size."""
    from rnnlab.presets import PRESETS, preset_parameters

    lines = [
        f"  {name:<8}{short(preset_parameters(name)):>8} parameters  {preset.purpose}"
        for name, preset in PRESETS.items()
    ]
    return _EXAMPLES + "\n\b\nPresets (parameters for 100 symbols):\n" + "\n".join(lines) + "\n"


EPILOG = _epilog()


@with_config_options
def train(
    corpus: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CORPUS...", help="Files, folders, archives, or - for standard input.", show_default=False
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option("--preset", help="Settings to start from; see below.", show_default="by device and corpus"),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="The run's name.", show_default=False)] = None,
    runs: Annotated[
        Path | None, typer.Option("--runs-dir", help="Folder of runs.", envvar="RNNLAB_RUNS", show_default="runs")
    ] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="RUN", help="Go on with a run, exactly.", show_default=False)
    ] = None,
    gpu: Annotated[bool, typer.Option("--gpu", help="Train on a GPU; an error where there is none.")] = False,
    device: Annotated[
        str | None, typer.Option("--device", help="auto, cpu, cuda, cuda:1 or mps.", show_default="auto")
    ] = None,
    tui: Annotated[
        bool, typer.Option("--tui", help="Train in a process of its own and open the dashboard on it.")
    ] = False,
    show_config: Annotated[
        bool, typer.Option("--show-config", help="Print the resolved configuration as JSON and leave.")
    ] = False,
    nice: Annotated[
        int | None,
        typer.Option(
            "--nice",
            min=0,
            max=19,
            help="How far to stand back where others want the processor: 0 not at all, 19 for idle time only.",
            show_default="5, or as started by nice",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    json_lines: Annotated[
        bool, typer.Option("--json", help="Print the events on stdout, one JSON object a line.")
    ] = False,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write TensorBoard files into the run's folder as well.")
    ] = False,
    **settings: Any,
) -> None:
    """Train a network on a corpus, or go on with a run."""
    follows = os.environ.get("RANK", "0") != "0"  # and is silent; `launched` cannot be asked before torch is there
    early = "" if follows else f"{EARLY}\n"
    with leaving_at_once(early):
        from rnnlab.runs.layout import find_run, runs_dir

    given = given_settings(settings)
    asked = _device(gpu, device)
    if asked is not None:
        given["training"]["device"] = asked
    _refuse_contradictions(corpus, preset, name, resume)
    if tui:
        from rnnlab.cli.tui import start_and_watch

        start_and_watch(corpus or [], preset, name, resume, runs_dir(runs))
    step_back(nice)
    with leaving_at_once(early):
        from rnnlab.cli.collecting import Collecting
        from rnnlab.training import opening, planning
        from rnnlab.training.ranks import joined, launched

    folder, collecting = runs_dir(runs), functools.partial(Collecting, quiet=quiet)
    signals, ranks = Signals(), launched()
    if not ranks.leads:
        _follow(ranks)
        return
    with left_early(signals, ranks.quit), joined(ranks):
        if resume is not None:
            run = find_run(resume, folder)
            if done := _finished(run, given):
                console.say(done)
                return
            made = opening.resume(run, given, signals.reason, collecting, ranks)
        else:
            plan = planning.plan(corpus or [], preset, given, name, folder, collecting)
            if show_config:
                console.data(plan.to_json() + "\n")
                return
            if not quiet:
                console.say(_of_the_corpus(plan.corpus.fingerprint))
            made = opening.begin(plan, signals.reason, tuple(sys.argv), ranks)
        end = _trained(made, signals, lambda: _sinks(made, quiet=quiet, json_lines=json_lines, tensorboard=tensorboard))
    code = _leave(made, end, quiet=quiet)
    ranks.quit(code)
    if code:
        raise typer.Exit(code)


def _refuse_contradictions(corpus: list[str] | None, preset: str | None, name: str | None, resume: str | None) -> None:
    """Refuse a command that names neither something to learn from nor a run to go on with, or both."""
    if resume is not None and (corpus or preset or name):
        raise ConfigError("--resume", "a run is resumed with its own corpus, preset and name", "Leave those out.")
    if resume is None and not corpus:
        raise ConfigError("CORPUS", "nothing to learn from", "Name a file or a folder: rnnlab train corpus.c")


def _trained(made: Session, signals: Signals, sinks: Callable[[], list[Sink]]) -> EndEvent | None:
    """Train to the end, or until a signal asks to leave; gives the end, if it came to one."""
    from rnnlab.training.ranks import LostRankError

    try:
        with signals.installed(), made:
            return _drive(made, sinks())
    except (KeyboardInterrupt, LostRankError) as error:
        # At Ctrl-C in the very beginning the other processes are gone first, and that is no loss to tell of. After
        # SIGTERM it is: torchrun sends it to those that are left when one has died.
        if isinstance(error, LostRankError) and "SIGINT" not in signals.reason():
            raise
        console.say(f"left at once; go on from the last checkpoint with: rnnlab train --resume {_word(made.run)}")
        raise KeyboardInterrupt from None


def _finished(run: RunFolder, given: Mapping[str, Mapping[str, Any]]) -> str:
    """What to say of a run that is finished and is not asked to go further; empty for any other."""
    from rnnlab.runs.summary import summarize

    summary = summarize(run, budget=None)
    if any(given.values()) or summary.state != "finished":
        return ""
    return f"{run.name} is finished: {summary.reason}\nto go further: rnnlab train --resume {_word(run)} --steps N"


def _of_the_corpus(fingerprint: Mapping[str, Any]) -> str:
    """What was collected, and what was left out of it."""
    files, copies, binary = (int(fingerprint[key]) for key in ("files", "duplicates", "binary_files"))
    text = f"corpus: {fingerprint['characters']:,} characters of {files:,} file{'s' if files != 1 else ''}"
    text += f", {copies:,} exact cop{'ies' if copies != 1 else 'y'} dropped" if copies else ""
    return text + (f", {binary:,} file{'s' if binary != 1 else ''} left out that hold no text" if binary else "")


def _word(run: RunFolder) -> str:
    """What names the run on a command line: its name, or its path where it lies in no usual place."""
    import shlex

    from rnnlab.runs.layout import runs_dir

    usual = run.path.parent.resolve() == runs_dir().resolve()
    return shlex.quote(run.name if usual else str(run.path))


def _follow(ranks: Ranks) -> None:
    """Be one of the processes that do not lead: silent, and in training deaf to signals; the leader obeys for all."""
    die_at_once()
    from rnnlab.training.follower import follow
    from rnnlab.training.ranks import LostLeaderError, LostRankError, joined

    try:
        with joined(ranks):
            follow(ranks, be_deaf)
    except LostLeaderError as error:
        ranks.quit(console.report(error))
    except LostRankError:
        ranks.quit(1)  # the leader says what there is to say
    ranks.quit(0)


def _device(gpu: bool, device: str | None) -> str | None:
    if gpu and device is not None and not device.startswith("cuda"):
        raise ConfigError("--gpu", f"and --device {device} exclude each other", "Use one of them.")
    return device or ("cuda" if gpu else None)


def _sinks(made: Session, *, quiet: bool, json_lines: bool, tensorboard: bool) -> list[Sink]:
    from rnnlab.cli.sinks import JsonLines, PlainLines

    sinks: list[Sink] = []
    if tensorboard:
        from rnnlab.training.tensorboard import TensorBoardSink

        sinks.append(TensorBoardSink(made.run.path / "tensorboard"))
    if json_lines:
        sinks.append(JsonLines())
    if not quiet and not json_lines:
        if console.is_terminal():
            from rnnlab.cli.live import LiveDisplay

            sinks.append(LiveDisplay(console.err(), made.run.name))
        else:
            sinks.append(PlainLines())
    return sinks


def _drive(made: Session, sinks: list[Sink]) -> EndEvent | None:
    """Record every event first, then tell the sinks; gives the last event if it is an end."""
    from rnnlab.events import EndEvent

    end = None
    try:
        for event in made.events():
            if isinstance(event, EndEvent):
                end = event
            for sink in sinks:
                sink.handle(event)
    finally:
        for sink in sinks:
            sink.close()
    return end


def _leave(made: Session, end: EndEvent | None, *, quiet: bool) -> int:
    """Say where the run lies and how to go on; gives the exit code."""
    name = _word(made.run)
    if not quiet:
        console.say(f"run: {made.run.path}")
    if end is not None and end.state == "interrupted":
        console.say(f"go on with: rnnlab train --resume {name}")
        return 130
    if not quiet:
        console.say(f"read what it writes: rnnlab sample {name}")
        writing = [link for link in sorted(made.run.checkpoint_links()) if link.startswith("best-")]
        for link in writing:
            console.say(f"from the checkpoint that writes best: rnnlab sample {name} --checkpoint {link}")
    return 0
