"""The command line: one module per command, added here in the order in which help lists them.

A command module defines plain functions and imports what is heavy inside them.
"""

from __future__ import annotations


def main() -> None:
    """Entry point of ``rnnlab``."""
    from rnnlab.cli import commands
    from rnnlab.cli.app import run

    commands.add_all()
    run()
