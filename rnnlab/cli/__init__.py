"""The command line: one module per command; ``commands`` lists them.

A command module defines plain functions and imports what is heavy inside them.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of ``rnnlab``; Ctrl-C leaves with 130 at any moment, also while modules are imported."""
    try:
        from rnnlab.cli.at_once import leave_at_once

        leave_at_once()
        import gc

        gc.set_threshold(25_000)  # Python's 700 would make the start, which drops nothing, a tenth longer

        from rnnlab.cli.streams import prepare

        prepare()

        from rnnlab.cli.app import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
