"""The program's root: global options, and the one place where errors become exit codes."""

from __future__ import annotations

import errno
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from rnnlab import __version__
from rnnlab.cli import commands, console
from rnnlab.cli.at_once import leaving_at_once, leaving_in_order
from rnnlab.errors import ConfigError, RnnlabError


class Commands(TyperGroup):
    """Runs a command and turns what it raises into one or two lines and an exit code."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # the signature is Typer's
        """The everyday ones first."""
        return list(commands.COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, from its module; for a word that is none all of them, so that the nearest can be named."""
        known = cmd_name in commands.COMMANDS
        for name in [cmd_name] if known else commands.COMMANDS:
            if name not in self.commands:
                with leaving_at_once():
                    self.commands[name] = commands.load(name)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: Any) -> Any:
        """Run; ``--debug`` (or RNNLAB_DEBUG) lets tracebacks through."""
        debug = bool(ctx.params.get("debug")) or bool(os.environ.get("RNNLAB_DEBUG"))
        try:
            with leaving_in_order():
                return super().invoke(ctx)
        except RnnlabError as error:
            if debug:
                raise
            if isinstance(error, ConfigError):
                from rnnlab.cli.options import option_name

                error.thing = option_name(error.thing)
            raise typer.Exit(console.report(error)) from None
        except BrokenPipeError:  # here and not in `run`: the vendored click would turn it into exit code 1
            _silence_stdout()
            raise typer.Exit(141) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except OSError as error:
            if debug or error.filename is None:
                raise
            plain = RnnlabError(str(error.filename), (error.strerror or str(error)).lower())
            raise typer.Exit(console.report(plain)) from None


app = typer.Typer(
    cls=Commands,
    name="rnnlab",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Train, watch, steer and measure character-level recurrent networks in a terminal.",
    epilog="""\b
Examples:
  rnnlab train corpus.c
  rnnlab tui
  rnnlab sample RUN
  rnnlab eval samples.c --plugin c-syntax
""",
)


def _version(value: bool) -> None:
    if value:
        console.data(f"rnnlab {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    _version_: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks instead of short errors.")] = False,
) -> None:
    """Train, watch, steer and measure character-level recurrent networks in a terminal."""


def run() -> None:
    """Run the program and leave; a closed pipe is no error, as for any Unix filter, and a full disk is one line."""
    try:
        try:
            app(prog_name="rnnlab")
        finally:
            sys.stdout.flush()  # here it can still be told that it fails
    except BrokenPipeError:
        _silence_stdout()
        sys.exit(141)
    except OSError as error:
        if error.errno not in _FULL or "--debug" in sys.argv or os.environ.get("RNNLAB_DEBUG"):
            raise
        _silence_stdout()
        sys.exit(console.report(_unwritable(error)))


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


def _unwritable(error: OSError) -> RnnlabError:
    """Why standard output takes no more, and what helps: more room does not open what is closed."""
    if error.errno == errno.EBADF:
        return RnnlabError("standard output", "it is closed", "Start it without >&-, or send it to a file.")
    reason = f"it cannot be written ({(error.strerror or str(error)).lower()})"
    return RnnlabError("standard output", reason, "Choose a place with more room.")


def _silence_stdout() -> None:
    """Let what is still buffered go nowhere, so that closing stdout does not fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
