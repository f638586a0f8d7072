"""The only owner of stdout, stderr and exit codes: stdout is data, stderr is narration.

Rich is imported when something is drawn, so that ``--help`` does not pay for it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rnnlab.display import safe
from rnnlab.errors import RnnlabError

if TYPE_CHECKING:
    from rich.console import Console


def out() -> Console:
    """A Rich console on stdout; colours where stdout is a terminal and NO_COLOR is not set."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def err() -> Console:
    """A Rich console on stderr, for progress and narration."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def data(text: str) -> None:
    """Write text to stdout exactly as it is."""
    sys.stdout.write(text)


def data_bytes(text: bytes) -> None:
    """Write bytes to stdout exactly as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()


def say(text: str) -> None:
    """One line of narration on stderr, made safe."""
    sys.stderr.write(safe(text) + "\n")
    sys.stderr.flush()


def report(error: RnnlabError) -> int:
    """Show an error in one or two lines on stderr; gives its exit code."""
    what = f"{error.thing}: {error.reason}" if error.thing else error.reason
    lines = [safe(what, multiline=False), *safe(error.next_step).splitlines()]
    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    head = "\x1b[1;31merror:\x1b[0m " if colour else "error: "
    sys.stderr.write(head + lines[0] + "\n" + "".join(f"  {line}\n" for line in lines[1:]))
    sys.stderr.flush()
    return error.exit_code


INTERRUPTED = "interrupted"


@contextlib.contextmanager
def telling_of_ctrl_c() -> Iterator[None]:
    """Inside, Ctrl-C says in a line that the work was not finished."""
    try:
        yield
    except KeyboardInterrupt:
        say(INTERRUPTED)
        raise


def columns() -> int | None:
    """How wide the terminal on stdout is; None where there is none."""
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def is_terminal() -> bool:
    """Whether a person sits at stderr: progress displays go there or nowhere."""
    return sys.stderr.isatty() and os.environ.get("TERM", "") != "dumb"
