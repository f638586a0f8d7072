"""Where the texts of ``rnnlab sample`` go: the terminal, a pipe, one file, or a file each.

Files and pipes get the exact bytes; only what a terminal shows is made safe. Every piece is
written when it comes, so an interruption loses nothing. Two texts in one file are parted by a
line with a form feed, which is white space to C and to Python.
"""

from __future__ import annotations

import codecs
import contextlib
import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

from rnnlab.cli import console
from rnnlab.display import safe
from rnnlab.errors import RnnlabError

PARTING = b"\f\n"
_SAMPLE = re.compile(r"sample-\d{3,}(\.\w+)?")


class WriteError(RnnlabError):
    """An output that cannot be written, or not to its end."""


@contextlib.contextmanager
def _told(path: Path, others: str = "") -> Iterator[None]:
    """Turn a write that failed into an error that names the file, and what is left there."""
    try:
        yield
    except OSError as error:
        left = path.stat().st_size if path.is_file() else 0
        stays = f"Its first {left:,} bytes stay{others}. " if left else ""
        reason = (error.strerror or str(error)).lower()
        step = f"{stays}Choose a place that has room and may be written to."
        raise WriteError(str(path), f"it cannot be written ({reason})", step) from None


def refuse_existing(out: str, force: bool) -> None:
    """Refuse an ``--out`` where texts would be replaced or mixed with old ones; before any work.

    Raises:
        RnnlabError: without ``force``, for a file that exists or a folder that holds samples.
    """
    path = Path(out)
    if out.endswith("/") and path.exists() and not path.is_dir():
        raise RnnlabError(out, "it is a file, not a folder", "Leave the slash out, or name another.")
    if force or not out:
        return
    if path.is_file():
        raise RnnlabError(out, "it exists already", "Choose another name, or replace it with --force.")
    old = _samples(path)
    if old:
        held = f"{old[0].name}, the only one" if len(old) == 1 else f"{len(old):,}, the first {old[0].name}"
        step = "Choose another folder, or replace them all with --force."
        raise RnnlabError(out, f"it holds samples already ({held})", step)


def _samples(folder: Path) -> list[Path]:
    """The files in a folder that an earlier ``--out`` has written."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _SAMPLE.fullmatch(path.name) and path.is_file())


class Writer(Protocol):
    """Takes pieces of numbered texts in any order."""

    def write(self, number: int, text: bytes, finished: bool) -> None:
        """The next piece of text ``number``."""
        ...

    def close(self) -> None:
        """Write what is held back."""
        ...


class Terminal:
    """Shows text safely as it comes; a sequence of bytes is shown when it is complete."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._at_line_start = True
        self._pending = ""

    def put(self, text: bytes, last: bool = False) -> None:
        """Show the next bytes; with ``last``, end the line and begin anew."""
        shown = safe(self._decoder.decode(text, last))
        if shown:
            self._at_line_start = shown.endswith("\n")
            shown, self._pending = self._pending + shown, ""
        if last and not self._at_line_start:
            shown, self._at_line_start = shown + "\n", True
        console.data(shown)
        sys.stdout.flush()
        if last:
            self._decoder.reset()
            self._pending += safe(PARTING.decode())


class Exact:
    """Writes bytes to a pipe or a file; before every text but the first stands a line with a form feed."""

    def __init__(self, file: BinaryIO, path: Path | None = None) -> None:
        self._file = file
        self._telling = contextlib.nullcontext if path is None else functools.partial(_told, path)
        self._line_ended = True
        self._pending = b""

    def put(self, text: bytes, last: bool = False) -> None:
        """Write the next bytes."""
        if text:
            with self._telling():
                self._file.write(self._pending + text)
                self._file.flush()
            self._line_ended, self._pending = text.endswith(b"\n"), b""
        if last:  # written only if another text follows: one text alone is exact
            self._pending += PARTING if self._line_ended else b"\n" + PARTING
            self._line_ended = True


class InOrder:
    """One text after the other: the first unfinished one is written live, those behind it wait."""

    def __init__(self, sink: Terminal | Exact) -> None:
        self._sink = sink
        self._current = 0
        self._waiting: dict[int, tuple[list[bytes], bool]] = {}

    def write(self, number: int, text: bytes, finished: bool) -> None:
        """See `Writer`."""
        if number != self._current:
            parts, _ = self._waiting.setdefault(number, ([], False))
            parts.append(text)
            self._waiting[number] = parts, finished
            return
        self._sink.put(text, last=finished)
        while finished:
            self._current += 1
            if self._current not in self._waiting:
                return
            parts, finished = self._waiting.pop(self._current)
            self._sink.put(b"".join(parts), last=finished)

    def close(self) -> None:
        """See `Writer`."""
        for number in sorted(self._waiting):
            self._sink.put(b"", last=True)
            self._sink.put(b"".join(self._waiting[number][0]))
        self._waiting.clear()
        if isinstance(self._sink, Terminal):
            self._sink.put(b"", last=True)


class FileEach:
    """One file per text: ``sample-001.c`` and so on."""

    def __init__(self, folder: Path, count: int, suffix: str) -> None:
        with _told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for old in _samples(folder):  # only with --force: see refuse_existing
                old.unlink()
        self._folder, self._suffix = folder, suffix
        self._digits = max(3, len(str(count)))
        self._begun: set[int] = set()

    def write(self, number: int, text: bytes, finished: bool) -> None:  # noqa: ARG002  # files end by themselves
        """See `Writer`."""
        path = self._folder / f"sample-{number + 1:0{self._digits}}{self._suffix}"
        mode = "ab" if number in self._begun else "wb"
        self._begun.add(number)
        others = f", and {len(self._begun) - 1:,} other texts as far as they were" if len(self._begun) > 1 else ""
        with _told(path, others), path.open(mode) as file:
            file.write(text)

    def close(self) -> None:
        """See `Writer`."""


class Destination:
    """The right writer for ``--out``, as a context manager; old samples in a folder are removed.

    Args:
        out: a folder (it exists or ends with a slash), a file, or empty for standard output.
        count: how many texts there will be.
        suffix: of the files in a folder.
    """

    def __init__(self, out: str, count: int, suffix: str) -> None:
        self.is_folder = bool(out) and (out.endswith("/") or Path(out).is_dir())
        self._file: BinaryIO | None = None
        if self.is_folder:
            self._writer: Writer = FileEach(Path(out), count, suffix)
        elif out:
            with _told(Path(out)):
                Path(out).parent.mkdir(parents=True, exist_ok=True)
                self._file = Path(out).open("wb")  # noqa: SIM115  # closed in __exit__
            self._writer = InOrder(Exact(self._file, Path(out)))
        else:
            sys.stdout.flush()
            self._writer = InOrder(Terminal() if sys.stdout.isatty() else Exact(sys.stdout.buffer))

    def __enter__(self) -> Writer:
        return self._writer

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failed = isinstance(error, (OSError, WriteError))
        if not failed:
            self._writer.close()
        if self._file is not None:
            with contextlib.suppress(*[OSError] if failed else []):  # it would try to write the same once more
                self._file.close()
