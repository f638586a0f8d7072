"""Where the texts of ``rnnlab sample`` go: the terminal, a pipe, one file, or a file each.

Files and pipes get the exact bytes; only what a terminal shows is made safe. Every piece is
written when it comes, so an interruption loses nothing.
"""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

from rnnlab.cli import console
from rnnlab.display import safe


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

    def put(self, text: bytes, last: bool = False) -> None:
        """Show the next bytes; with ``last``, end the line and begin anew."""
        shown = safe(self._decoder.decode(text, last))
        if shown:
            self._at_line_start = shown.endswith("\n")
        if last and not self._at_line_start:
            shown, self._at_line_start = shown + "\n", True
        console.data(shown)
        sys.stdout.flush()
        if last:
            self._decoder.reset()


class Exact:
    """Writes bytes to a pipe or a file; a line break parts two texts where the first does not end with one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._parted = True
        self._pending = b""

    def put(self, text: bytes, last: bool = False) -> None:
        """Write the next bytes."""
        if text:
            self._file.write(self._pending + text)
            self._file.flush()
            self._parted, self._pending = text.endswith(b"\n"), b""
        if last and not self._parted:
            self._pending = b"\n"  # written only if another text follows: one text alone is exact


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
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._suffix = folder, suffix
        self._digits = max(3, len(str(count)))
        self._begun: set[int] = set()

    def write(self, number: int, text: bytes, finished: bool) -> None:  # noqa: ARG002  # files end by themselves
        """See `Writer`."""
        path = self._folder / f"sample-{number + 1:0{self._digits}}{self._suffix}"
        with path.open("ab" if number in self._begun else "wb") as file:
            file.write(text)
        self._begun.add(number)

    def close(self) -> None:
        """See `Writer`."""


class Destination:
    """The right writer for ``--out``, as a context manager.

    Args:
        out: a folder (it exists, ends with a slash, or ``each``), a file, or None for standard output.
        count: how many texts there will be.
        suffix: of the files in a folder.
    """

    def __init__(self, out: str, count: int, suffix: str) -> None:
        self.is_folder = bool(out) and (out.endswith("/") or Path(out).is_dir())
        self._file: BinaryIO | None = None
        if self.is_folder:
            self._writer: Writer = FileEach(Path(out), count, suffix)
        elif out:
            Path(out).parent.mkdir(parents=True, exist_ok=True)
            self._file = Path(out).open("wb")  # noqa: SIM115  # closed in __exit__
            self._writer = InOrder(Exact(self._file))
        else:
            sys.stdout.flush()
            self._writer = InOrder(Terminal() if sys.stdout.isatty() else Exact(sys.stdout.buffer))

    def __enter__(self) -> Writer:
        return self._writer

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, OSError):
            self._writer.close()
        if self._file is not None:
            self._file.close()
