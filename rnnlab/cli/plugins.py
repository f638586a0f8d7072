"""``rnnlab plugins``: which evaluators there are, what they measure, and tools for their authors."""

from __future__ import annotations

import shlex
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rnnlab.cli import console
from rnnlab.cli.progress import Progress
from rnnlab.errors import FailedError, RnnlabError

if TYPE_CHECKING:
    from rnnlab.evaluation.session import Request

EXAMPLES = """\b
Examples:
  rnnlab plugins list
  rnnlab plugins info c-syntax
  rnnlab plugins new my-rule && pip install -e rnnlab-my-rule
  rnnlab plugins dev rnnlab-my-rule/rnnlab_my_rule.py samples.c
  rnnlab plugins check my-rule samples.c
"""

app = typer.Typer(
    name="plugins",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="List, describe and write evaluators.",
    epilog=EXAMPLES,
)
Settings = Annotated[
    list[str] | None, typer.Option("--set", "-S", metavar="PLUGIN.OPTION=VALUE", help="Option of the evaluator.")
]
Timeout = Annotated[float, typer.Option(min=0.01, max=86_400, help="Seconds for one text; to load, a plugin has 30.")]


@app.command("list", epilog="Example: rnnlab plugins list")
def list_plugins() -> None:
    """List the installed evaluators; none of them is imported for it."""
    from rnnlab.display import safe
    from rnnlab.evaluation import discovery
    from rnnlab.evaluation.formats.table import align

    rows = [["name", "package", "version", "entry point"]]
    for name, plugins in discovery.installed().items():
        for plugin in plugins:
            conflict = " (the name is announced twice)" if len(plugins) > 1 else ""
            rows.append([name, plugin.distribution, plugin.version, plugin.target + conflict])
    console.data("".join(f"{safe(line, multiline=False)}\n" for line in align(rows)))
    for package in discovery.unreadable():
        console.say(f"{package} is damaged: its list of entry points cannot be read")


@app.command("info", epilog="Example: rnnlab plugins info c-syntax")
def info(plugin: Annotated[str, typer.Argument(metavar="NAME|FILE.py[:NAME]", help="Which evaluator.")]) -> None:
    """Show the rules, metrics and options of an evaluator."""
    from rnnlab.display import safe
    from rnnlab.evaluation import discovery
    from rnnlab.evaluation.formats.table import align
    from rnnlab.evaluation.pool import Pool

    found = discovery.find(plugin)
    with Pool([found]) as pool:
        described = pool.start()[found.name]
    origin = f"{found.distribution} {found.version}".strip() or "a file"
    lines = [f"{found.name}: {described.summary or 'no description'}", f"from {origin}, {found.target}"]
    if described.files:
        lines.append(f"takes from folders: {' '.join(described.files)}")
    for heading, mapping in (("rules", described.rules), ("metrics", described.metrics)):
        rows = [[f"  {name}", text] for name, text in mapping.items()]
        lines += ["", heading, *(align(rows) if rows else ["  none"])]
    options = [[f"  {one['name']}", one["type"], one["default"], one["help"]] for one in described.options]
    lines += ["", f"options (-S {found.name}.OPTION=VALUE)"]
    lines += align([["  name", "type", "default", ""], *options]) if options else ["  none"]
    console.data(safe("\n".join(lines)) + "\n")


@app.command(
    "new",
    epilog="\b\nExample:\n  rnnlab plugins new balanced-quotes && pip install -e rnnlab-balanced-quotes\n",
)
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the evaluator, in kebab-case.")],
    into: Annotated[Path, typer.Option(help="Folder in which the package's folder is made.")] = Path(),
) -> None:
    """Write a working plugin package with a passing test."""
    from rnnlab.evaluation.template import write_package

    for path in write_package(name, into):
        console.data(f"{path}\n")
    folder = shlex.quote(str(into / f"rnnlab-{name}"))
    console.say(f"Next: pip install -e {folder} && rnnlab plugins check {name}")


@app.command(
    "check",
    short_help="Check that an evaluator keeps the contract.",
    epilog="Example: rnnlab plugins check ./my_plugin.py samples.c",
)
def check(
    plugin: Annotated[str, typer.Argument(metavar="NAME|FILE.py[:NAME]", help="Which evaluator.")],
    samples: Annotated[
        list[str] | None, typer.Argument(metavar="FILE|FOLDER", help="Texts of the kind that it is for.")
    ] = None,
    setting: Settings = None,
    timeout: Timeout = 10.0,
) -> None:
    """Check that an evaluator keeps the contract, with empty, huge and hostile texts among others."""
    from rnnlab.display import safe
    from rnnlab.evaluation import conformance, discovery, sources
    from rnnlab.evaluation.process import Limits

    found = discovery.find(plugin)
    texts = [sources.read(path).text for path in sources.collect(samples or [], ())]
    failed = 0
    with console.telling_of_ctrl_c():
        for one in conformance.check(found, setting or (), Limits(timeout=timeout), texts):
            failed += one.state == "failed"
            detail = f": {one.detail}" if one.detail else ""
            console.data(safe(f"{one.state:<8} {one.name}{detail}", multiline=False) + "\n")
            sys.stdout.flush()
    if failed:
        raise FailedError(found.name, f"{failed} checks failed" if failed > 1 else "one check failed")


@app.command(
    "dev",
    short_help="Judge samples again whenever something is saved.",
    epilog="Example: rnnlab plugins dev ./my_plugin.py sample.c",
)
def dev(
    plugin: Annotated[str, typer.Argument(metavar="NAME|FILE.py[:NAME]", help="The evaluator that you are writing.")],
    samples: Annotated[list[str], typer.Argument(metavar="FILE|FOLDER...", help="What it is to judge.")],
    setting: Settings = None,
    timeout: Timeout = 10.0,
) -> None:
    """Judge the samples again whenever the plugin or a sample is saved; Ctrl-C leaves, with exit code 0."""
    from rnnlab.evaluation import discovery, session
    from rnnlab.evaluation.process import Limits

    if "-" in samples:
        raise RnnlabError("-", "can be read only once", "Name a file to judge again and again.")
    watched = [discovery.place(discovery.find(plugin)), *map(Path, samples)]
    request = session.Request(samples, [plugin], setting or (), limits=Limits(timeout=timeout))
    try:
        while True:
            before = _stamps(watched)
            try:
                _show(request, watched, before)
            except _SavedError:
                continue
            console.say("waiting for a change; Ctrl-C leaves")
            while _stamps(watched) == before:
                time.sleep(0.15)
    except KeyboardInterrupt:
        sys.stderr.write("\n")


class _SavedError(Exception):
    """What is being judged was saved again."""


Stamps = list[tuple[int, int]]


def _stamps(paths: list[Path]) -> Stamps:
    """When each file, also in folders, was last saved; an editor may be replacing it right now."""
    stamps = []
    inside = [file for path in paths if path.is_dir() for file in sorted(path.rglob("*.*")) if file.suffix != ".pyc"]
    for path in paths + inside:
        try:
            status = path.stat()
            stamps.append((status.st_mtime_ns, status.st_size))
        except OSError:
            stamps.append((0, 0))
    return stamps


def _show(request: Request, watched: list[Path], before: Stamps) -> None:
    """Judge, and leave at once where something is saved meanwhile: a plugin may hang that its author has mended."""
    from rnnlab.errors import RnnlabError
    from rnnlab.evaluation import session
    from rnnlab.evaluation.formats.table import table
    from rnnlab.evaluation.process import START_SECONDS

    if sys.stdout.isatty():
        console.data("\x1b[2J\x1b[H")
        sys.stdout.flush()
    began = time.monotonic()
    try:
        with Progress("started", START_SECONDS) as starting, Progress("judged", request.limits.timeout) as judging:

            def look(progress: Progress, done: int, everything: int) -> None:
                if _stamps(watched) != before:
                    raise _SavedError
                progress(done, everything)

            watch = session.Watch(partial(look, starting), partial(look, judging), say=console.say)
            report = session.judge(request, watch).report
    except RnnlabError as error:
        console.report(error)
        return
    console.data(table(report, console.columns()))
    console.data(f"judged in {time.monotonic() - began:.2f} s\n")
    sys.stdout.flush()
