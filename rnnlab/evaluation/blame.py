"""Which line of a plugin was at work when it raised, crashed or was too slow, for those who have to mend it.

Knows tracebacks and what Python's fault handler writes: blocks of ``File "…", line N in …``, the innermost
call first, the main thread last.
"""

from __future__ import annotations

import re
import sysconfig
import traceback
from collections.abc import Sequence
from pathlib import Path

_THREAD = re.compile(r"^(?:Current thread|Thread) .*$", re.MULTILINE)
_CALL = re.compile(r'^ +File "([^"]+)", line (\d+) in ', re.MULTILINE)
_OWN = (str(Path(__file__).parent), "<")
END = "the worker ends: "
_LIBRARY = sysconfig.get_path("stdlib")


def raised_at(error: BaseException) -> str:
    """`` (file, line N)`` where the plugin raised; nothing where it did not get so far."""
    frames = traceback.extract_tb(error.__traceback__)
    return _named([(frame.filename, frame.lineno or 0) for frame in reversed(frames)])


def dumped_at(said: bytes, heading: str) -> str:
    """`` (file, line N)`` of the last dump under such a heading; nothing where there is none."""
    _, found, dump = said.decode("utf-8", "replace").rpartition(heading)
    calls = _CALL.findall(_THREAD.split(dump)[-1]) if found else []
    return _named([(file, int(line)) for file, line in calls])


def ended_by(said: bytes) -> str:
    """``: `` and what made the worker process end that could not go on; nothing where it did not say so."""
    found = said.decode("utf-8", "replace").rpartition(END)
    return f": {found[2].splitlines()[0]}" if found[1] else ""


def _named(calls: Sequence[tuple[str, int]]) -> str:
    """The innermost call that is neither ours nor Python's own."""
    return next((f" ({Path(file).name}, line {line})" for file, line in calls if not _is_library(file)), "")


def _is_library(file: str) -> bool:
    return file.startswith(_OWN) or (file.startswith(_LIBRARY) and "-packages" not in file)
