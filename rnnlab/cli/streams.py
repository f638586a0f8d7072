"""Standard streams as a command may rely on them, whatever it was started with.

Closed ones (``>&-``) get a stand-in, so that no file opened later takes their number: standard
input is empty, standard error is lost, and writing to standard output fails as it should.
"""

from __future__ import annotations

import io
import os
import sys


def prepare() -> None:
    """Stand in for closed streams; what the encoding of an output cannot say becomes a question mark."""
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        if (sys.stdin, sys.stdout, sys.stderr)[number] is None:
            nothing = os.open(os.devnull, flags)  # takes the lowest number that is free
            if nothing != number:
                os.dup2(nothing, number)
                os.close(nothing)
            os.set_inheritable(number, True)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115  # as Python leaves its own: open to the end
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
    for output in (sys.stdout, sys.stderr):  # whatever it does else: `surrogateescape`, of LC_ALL=C, raises as well
        if isinstance(output, io.TextIOWrapper):
            output.reconfigure(errors="replace")
