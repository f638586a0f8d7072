"""Texts to judge, from files, folders and standard input.

Bytes that are not UTF-8 become U+FFFD, and the byte order mark that some editors of Windows begin a file with is no
part of its text; nothing else changes, line ends included. Files named
by the user are always taken; from folders, those that match. Runs are read elsewhere.
"""

from __future__ import annotations

import fnmatch
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from rnnlab.errors import RnnlabError
from rnnlab.evaluation.contract import Source

_PLAIN = bytes([*range(32, 127), *b"\t\n\v\f\r\b\x1b"])
SIZE_LIMIT = 64 << 20  # bytes of one text; a larger one is a corpus, not a sample


def _refuse(error: RnnlabError) -> None:
    raise error


def collect(
    names: Iterable[str], include: Sequence[str], unread: Callable[[RnnlabError], None] = _refuse
) -> list[Path]:
    """The files that the names stand for, in order, each once.

    Args:
        names: files and folders.
        include: patterns of the files that are taken from folders.
        unread: is told of a folder inside one of the names that cannot be read; by default that is refused.

    Raises:
        RnnlabError: for a name that is no file or folder, or a folder that cannot be read or has nothing that matches.
    """
    files: dict[Path, None] = {}
    for name in names:
        path = Path(name)
        if path.is_dir():
            found = list(_walk(path, include, unread))
            if not found:
                raise RnnlabError(name, f"no file in it matches {' '.join(include) or '*'}", "Set --include PATTERN.")
            files.update(dict.fromkeys(found))
        elif path.exists():
            files[path] = None
        else:
            raise RnnlabError(name, "there is no such file, folder or run", "Check the path.")
    return list(files)


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a file of that name is taken from a folder; without patterns every file is."""
    return not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def unreadable(name: str, error: OSError) -> RnnlabError:
    """Why a file or folder cannot be read, and what to do."""
    return RnnlabError(
        name, f"cannot be read ({(error.strerror or str(error)).lower()})", "Check the path and its permissions."
    )


def _walk(folder: Path, include: Sequence[str], unread: Callable[[RnnlabError], None]) -> Iterator[Path]:
    def told(error: OSError) -> None:
        what = unreadable(str(error.filename), error)
        if Path(error.filename) == folder:  # the user named it himself
            raise what from None
        unread(what)

    for place, folders, names in os.walk(folder, onerror=told):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith(".") or not matches(name, include):
                continue
            path = Path(place) / name
            if path.is_file():  # and no link to nowhere, no pipe
                yield path


def read(path: Path, *, whole: bool = False) -> Source:
    """The text of a file.

    Raises:
        RnnlabError: where it is too large for one text, not a file, or cannot be read.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise unreadable(str(path), error) from None
    if not stat.S_ISREG(status.st_mode):
        raise RnnlabError(str(path), "is not a regular file", "Pipe its text into: rnnlab eval -")
    size = status.st_size
    if size > SIZE_LIMIT:
        raise RnnlabError(
            str(path), f"{size >> 20} MB are too much for one text (at most {SIZE_LIMIT >> 20})", "Cut it into files."
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(str(path), error) from None
    return _source(data, str(path), whole)


def read_stream(stream: BinaryIO, *, whole: bool = False) -> Source:
    """The text on standard input.

    Raises:
        RnnlabError: where it is too large for one text, empty (what should have written it has failed), or a terminal.
    """
    if stream.isatty():
        raise RnnlabError("-", "standard input is a terminal", "Pipe text into it, or name a file.")
    data = stream.read(SIZE_LIMIT + 1)
    if len(data) > SIZE_LIMIT:
        raise RnnlabError("-", f"more than {SIZE_LIMIT >> 20} MB are too much for one text", "Cut it into files.")
    if not data:
        raise RnnlabError("-", "standard input is empty", "Pipe text into it: did the command before it fail?")
    return _source(data, "<stdin>", whole)


def _source(data: bytes, name: str, whole: bool) -> Source:
    if data[:512].translate(None, _PLAIN):  # only then: knowing formats takes long to import
        _refuse_other_formats(data, name)
    return Source(text=data.decode("utf-8-sig", "replace"), name=name, start_cut=not whole, end_cut=not whole)


def _refuse_other_formats(data: bytes, name: str) -> None:
    """Whose bytes taken as text would give rates that mean nothing. What a model wrote may hold any character."""
    from rnnlab.corpus.looks import SAMPLE_BYTES, other_format
    from rnnlab.corpus.unpack import is_packed

    other = other_format(data[:SAMPLE_BYTES])
    if other is None and is_packed(data[:512]):
        other = "it is compressed or an archive, not text", "Unpack it and give the files or their folder."
    if other is not None:
        raise RnnlabError(name, *other)
