"""Which commands there are, and in which order help lists them.

A command's module is imported when the command is asked for: the start pays for no other.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import typer
from typer.main import get_command

if TYPE_CHECKING:
    from typer.core import TyperCommand, TyperGroup

COMMANDS = {
    "train": "train",
    "sample": "sample",
    "eval": "evaluate",
    "plugins": "app",
    "corpus": "app",
    "tui": "tui",
    "runs": "app",
    "bench": "bench",
}
"""By name, which is also the module's: its function, or its own commands as a Typer program."""


def load(name: str) -> TyperCommand | TyperGroup:
    """The command of that name, ready to run."""
    module = importlib.import_module(f"rnnlab.cli.{name}")
    made = getattr(module, COMMANDS[name])
    if not isinstance(made, typer.Typer):
        program = typer.Typer(add_completion=False, rich_markup_mode=None)
        program.command(name, epilog=module.EPILOG)(made)
        made = program
    command: TyperCommand | TyperGroup = get_command(made)  # type: ignore[assignment]  # Typer makes nothing else
    command.name = name
    return command
