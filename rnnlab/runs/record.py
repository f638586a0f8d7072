"""The writing end of ``events.jsonl``: append-only, one whole line at a time.

The writer holds the run's lock. Lines reach the kernel at once, so that a killed process loses
none; :meth:`Recorder.sync` makes them survive a power cut.
"""

from __future__ import annotations

import contextlib
import os
from types import TracebackType

from rnnlab.events import Event, to_line
from rnnlab.runs.durable import sync_folder, told
from rnnlab.runs.layout import RunFolder

_BLOCK = 1 << 16


class Recorder:
    """Appends events to a run.

    Raises:
        RunError: where the file cannot be opened or written (disk full, read-only). A line that
            could not be written whole is taken back, so that the file stays readable.
    """

    def __init__(self, run: RunFolder) -> None:
        self._path = run.events_path
        with told(self._path):
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
            self._size = _cut_torn_line(self._file)
            sync_folder(self._path.parent)

    def append(self, event: Event) -> None:
        """Write one event; readers see it when this returns."""
        line = to_line(event).encode("ascii")
        with told(self._path):
            try:
                written = os.write(self._file, line)
                while written < len(line):
                    written += os.write(self._file, line[written:])
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._file, self._size)
                raise
        self._size += len(line)

    def sync(self) -> None:
        """Make all that was appended survive a power cut."""
        with told(self._path):
            os.fsync(self._file)

    def close(self) -> None:
        """Sync and close; further calls do nothing."""
        if self._file >= 0:
            descriptor, self._file = self._file, -1
            with contextlib.suppress(OSError):  # the events are with the kernel already
                os.fsync(descriptor)
            os.close(descriptor)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _cut_torn_line(file: int) -> int:
    """Cut off what stands behind the last line break; gives the size that stays."""
    size = os.fstat(file).st_size
    end = size
    while end > 0:
        start = max(0, end - _BLOCK)
        found = os.pread(file, end - start, start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end < size:
        os.ftruncate(file, end)
    return end
