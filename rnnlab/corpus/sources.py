"""What the user named, as a list of files: found, stamped, not yet read.

Knows file systems and names; opens nothing but the first bytes of files named directly.
A *piece* is one file of the corpus. Pieces of folders and plain files are known here; those inside
archives, compressed files and pipes come to light when :mod:`rnnlab.corpus.unpack` reads them.
"""

from __future__ import annotations

import collections
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rnnlab.corpus import looks, unpack
from rnnlab.corpus.names import Names
from rnnlab.errors import CorpusError

STDIN = "-"
_CLOCK_TICK = 0.02  # seconds; file times of the kernel step by its timer tick, at most 10 ms


@dataclass(slots=True)
class Piece:
    """One file of the corpus and where its bytes lie."""

    name: str
    """Path inside its source."""
    path: str
    """The file that holds the bytes; empty for the spool."""
    offset: int
    size: int
    changed: int = 0
    """Time of its last change in ns (0: cannot change)."""
    digest: bytes = b""
    """Digest of its bytes where it is known already."""


@dataclass(slots=True)
class Source:
    """One thing the user named."""

    given: str
    pieces: list[Piece] = field(default_factory=list)
    packed: bool = False
    """Whether its pieces come to light only by reading it as a stream."""
    identity: str = ""
    """Differs whenever a file of it was changed, added or removed; empty for a pipe, which has none."""
    size: int | None = None
    """Bytes on disk; None for a pipe."""
    links: int = 0
    """Symbolic links in the folder; they are not followed."""


def find_sources(given: tuple[str, ...], names: Names) -> list[Source]:
    """Look up everything that was named.

    Raises:
        CorpusError: for what is missing, unreadable, not a file or folder, of a kind that is no
            text, or a folder without a matching file.
    """
    if not given:
        raise CorpusError("corpus", "no file, folder or archive was given", "Name at least one, or - for stdin.")
    if given.count(STDIN) > 1:
        raise CorpusError("-", "standard input was given twice", "Give - once.")
    sources = [Source(STDIN, packed=True) if one == STDIN else _find(one, names) for one in given]
    _wait_out_clock_tick(sources)
    return sources


def _find(given: str, names: Names) -> Source:
    try:
        status = os.stat(given)  # noqa: PTH116  # pathlib would hide which of many million paths is slow
        if stat.S_ISDIR(status.st_mode):
            return _folder(given, names)
        if stat.S_ISFIFO(status.st_mode):
            return Source(given, packed=True)
        if not stat.S_ISREG(status.st_mode):
            raise CorpusError(given, "it is neither a file nor a folder nor a pipe")
        return _file(given, status)
    except FileNotFoundError:
        raise CorpusError(given, "there is no such file or folder", "Check the path.") from None
    except OSError as error:
        raise CorpusError(given, f"it cannot be read ({(error.strerror or str(error)).lower()})") from None


def _file(given: str, status: os.stat_result) -> Source:
    changed = max(status.st_mtime_ns, status.st_ctime_ns)
    with open(given, "rb", buffering=0) as file:  # noqa: PTH123  # `given` may be /dev/fd/N
        head = file.read(looks.SAMPLE_BYTES)
        packed = unpack.is_packed(head)
        if not packed:
            for place in (0, status.st_size // 2, status.st_size - looks.SAMPLE_BYTES):
                refuse_what_is_no_text(given, os.pread(file.fileno(), looks.SAMPLE_BYTES, max(0, place)))
    piece = Piece(Path(given).name, given, 0, status.st_size, changed)
    identity = f"{os.path.abspath(given)}\0{status.st_size}\0{_times(status)}"  # noqa: PTH100  # keeps links
    return Source(given, [] if packed or not status.st_size else [piece], packed, identity, status.st_size)


def refuse_what_is_no_text(given: str, sample: bytes) -> None:
    """Raise CorpusError where the sample of the file is not text."""
    why = looks.not_text(sample)
    if why:
        raise CorpusError(given, why[0], why[1].replace("FILE", given))


def _folder(given: str, names: Names) -> Source:
    source = Source(given, size=0)
    suffixes: collections.Counter[str] = collections.Counter()
    root = os.path.abspath(given)  # noqa: PTH100  # not resolve(): links the user wrote are the user's
    lines: list[str] = []
    for entry, name in _walk(root, "", names, source):
        if not names.takes(name):
            suffixes[os.path.splitext(name)[1]] += 1  # noqa: PTH122  # a Path for each file takes seconds
            continue
        status = entry.stat(follow_symlinks=False)
        lines.append(f"{name}\0{status.st_size}\0{_times(status)}\n")
        if status.st_size:
            changed = max(status.st_mtime_ns, status.st_ctime_ns)
            source.pieces.append(Piece(name, entry.path, 0, status.st_size, changed))
    if not source.pieces:
        raise CorpusError(given, *_nothing_matches(suffixes, bool(lines), source.links))
    source.pieces.sort(key=lambda piece: piece.name)
    source.size = sum(piece.size for piece in source.pieces)
    digest = hashlib.sha256("".join(sorted(lines)).encode("utf-8", "surrogateescape")).hexdigest()
    source.identity = f"{root}\0{digest}"
    return source


def _walk(folder: str, prefix: str, names: Names, source: Source) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Every regular file below the folder with its path inside the source; links are counted, not followed."""
    below: list[tuple[str, str]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            name = prefix + entry.name
            if entry.is_symlink():
                source.links += 1
            elif entry.is_dir(follow_symlinks=False):
                if not names.excludes_folder(name):
                    below.append((entry.path, name + "/"))
            elif entry.is_file(follow_symlinks=False):
                yield entry, name
    for path, name in below:
        yield from _walk(path, name, names, source)


def _nothing_matches(suffixes: collections.Counter[str], empty: bool, links: int) -> tuple[str, str]:
    """Reason and next step for a folder without a usable file."""
    if empty:
        return "all its matching files are empty", "Give a folder with text in it."
    common = [f"{count:,} named *{suffix}" for suffix, count in suffixes.most_common(3) if suffix]
    if common:
        first = next(suffix for suffix, _ in suffixes.most_common() if suffix)
        return f"no file in it matches (it holds {', '.join(common)})", f"Say which to take: --include '*{first}'"
    if links:
        return "it holds only symbolic links, which are not followed", "Give the folder that they point to."
    return "no file in it matches", "Say which names to take, for example --include '*.txt'."


def _times(status: os.stat_result) -> str:
    # The inode's change time too: it moves even where an edit puts the old modification time back.
    return f"{status.st_mtime_ns}\0{status.st_ctime_ns}\0{status.st_ino}"


def _wait_out_clock_tick(sources: list[Source]) -> None:
    """Let the file system's clock step past the newest change, so that a later one gets a later time."""
    newest = max((piece.changed for source in sources for piece in source.pieces), default=0) / 1e9
    if 0 <= time.time() - newest < _CLOCK_TICK:
        time.sleep(_CLOCK_TICK)
