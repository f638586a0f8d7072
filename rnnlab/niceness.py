"""Letting everything else on the machine go first: a training has hours, a key press has milliseconds.

Where nothing else wants the processor this costs nothing. Knows the operating system and nothing of training.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

USUAL = 5
"""As much as a training steps back that was told nothing: beside one that does not it gets about a quarter."""
_GROUP = Path("/proc/self/autogroup")


def step_back(niceness: int | None) -> None:
    """Take this niceness, 0 to 19, unless the process has a greater one; to be called before threads begin.

    None means the usual, but only where nobody (``nice``, a service manager) chose one for this process.

    Linux may schedule by sessions (``sched(7)``, autogroup): a process's own niceness then counts only among the
    processes of its session. One that leads its session, as a training that the dashboard started, takes the whole of
    it back; one among others, in a shell, leaves them alone.
    """
    now = os.getpriority(os.PRIO_PROCESS, 0)
    wanted = max(now, niceness if niceness is not None else USUAL if now == 0 else now)
    with contextlib.suppress(OSError):  # politeness is no reason to fail
        os.nice(wanted - now)
        if wanted > 0 and os.getsid(0) == os.getpid():
            _GROUP.write_text(str(wanted))  # not there on other systems
