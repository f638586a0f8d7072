"""What the user named, as a list of files: found, stamped, not yet read.

Knows file systems and names; opens nothing but the first bytes of files named directly.
A *piece* is one file of the corpus. Pieces of folders and plain files are known here; those inside
archives, compressed files and pipes come to light when :mod:`rnnlab.corpus.unpack` reads them.
"""

from __future__ import annotations

import collections
import hashlib
import itertools
import os
import stat
import time
from array import array
from dataclasses import dataclass, field
from typing import NamedTuple

from rnnlab.corpus import looks, unpack
from rnnlab.corpus.names import Names
from rnnlab.corpus.progress import Reporter
from rnnlab.errors import CorpusError

STDIN = "-"
_CLOCK_TICK = 0.02  # seconds; file times of the kernel step by its timer tick, at most 10 ms


class Piece(NamedTuple):
    """One file of the corpus and where its bytes lie. A tuple: there are tens of thousands."""

    name: str
    """Path inside its source."""
    folder: str
    """What the path starts from; empty where the bytes lie in the spool."""
    offset: int
    """Where they begin there."""
    size: int
    modified_ns: int = 0
    changed_ns: int = 0
    inode: int = 0
    digest: bytes = b""
    """Digest of its bytes where it is known already."""

    @property
    def path(self) -> str:
        """The file that holds the bytes."""
        return os.path.join(self.folder, self.name)  # noqa: PTH118  # a Path for each of many files takes seconds


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
    changed_ns: int = 0
    """Time of the last change of any file of it."""


def find_sources(given: tuple[str, ...], names: Names, report: Reporter) -> list[Source]:
    """Look up everything that was named.

    Raises:
        CorpusError: for what is missing, unreadable, not a file or folder, of a kind that is no
            text, or a folder without a matching file.
    """
    if not given:
        raise CorpusError("corpus", "no file, folder or archive was given", "Name at least one, or - for stdin.")
    if given.count(STDIN) > 1:
        raise CorpusError("-", "standard input was given twice", "Give - once.")
    sources = [Source(STDIN, packed=True) if one == STDIN else _find(one, names, report) for one in given]
    _wait_out_clock_tick(sources)
    return sources


def _find(given: str, names: Names, report: Reporter) -> Source:
    try:
        status = os.stat(given)  # noqa: PTH116  # pathlib would hide which of many million paths is slow
        if stat.S_ISDIR(status.st_mode):
            return _folder(given, names, report)
        if stat.S_ISFIFO(status.st_mode):
            return Source(given, packed=True)
        if not stat.S_ISREG(status.st_mode):
            raise CorpusError(given, "it is neither a file nor a folder nor a pipe")
        return _file(given, status)
    except FileNotFoundError:
        raise CorpusError(given, "there is no such file or folder", "Check the path.") from None
    except OSError as error:
        where = os.fsdecode(error.filename or given).rstrip("/")
        raise CorpusError(where, f"it cannot be read ({(error.strerror or str(error)).lower()})") from None


def _file(given: str, status: os.stat_result) -> Source:
    with open(given, "rb", buffering=0) as file:  # noqa: PTH123  # `given` may be /dev/fd/N
        packed = unpack.is_packed(file.read(looks.SAMPLE_BYTES))
        if not packed:
            for place in (0, status.st_size // 2, status.st_size - looks.SAMPLE_BYTES):
                refuse_what_is_no_text(given, os.pread(file.fileno(), looks.SAMPLE_BYTES, max(0, place)))
    folder, name = os.path.split(os.path.abspath(given))  # noqa: PTH100  # not resolve(): a link keeps its name
    piece = _piece(name, folder, status)
    listed = [] if packed or not status.st_size else [piece]
    identity = _identity(folder, [piece])
    return Source(given, listed, packed, identity, status.st_size, changed_ns=status.st_ctime_ns)


def _piece(name: str, folder: str, status: os.stat_result) -> Piece:
    return Piece(name, folder, 0, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _identity(root: str, pieces: list[Piece]) -> str:
    """Digest of names, sizes, times and inodes. The change time moves even where an edit puts the other one back."""
    names = "\0".join([root, *(piece.name for piece in pieces)]).encode("utf-8", "surrogateescape")
    stamps = array("Q", itertools.chain.from_iterable(piece[3:7] for piece in pieces))
    return hashlib.sha256(names + stamps.tobytes()).hexdigest()


def refuse_what_is_no_text(given: str, sample: bytes) -> None:
    """Raise CorpusError where the sample of the file is not text."""
    why = looks.not_text(sample)
    if why:
        raise CorpusError(given, why[0], why[1].replace("FILE", given))


def _folder(given: str, names: Names, report: Reporter) -> Source:
    source = Source(given)
    suffixes: collections.Counter[str] = collections.Counter()
    root = os.path.abspath(given)  # noqa: PTH100  # as above
    found: list[Piece] = []
    below = [""]
    while below:
        prefix = below.pop()
        report("scanning", done_files=len(found))
        with os.scandir(root + "/" + prefix) as entries:
            for entry in entries:
                name = prefix + entry.name
                if entry.is_symlink():
                    source.links += 1
                elif entry.is_dir(follow_symlinks=False):
                    if not names.excludes_folder(name):
                        below.append(name + "/")
                elif entry.is_file(follow_symlinks=False):
                    if names.takes(name):
                        found.append(_piece(name, root, entry.stat(follow_symlinks=False)))
                    else:
                        suffixes[os.path.splitext(entry.name)[1]] += 1  # noqa: PTH122  # as in Piece.path
    found.sort()
    source.identity = _identity(root, found)
    source.pieces = [piece for piece in found if piece.size]
    source.size = sum(piece.size for piece in found)
    source.changed_ns = max((piece.changed_ns for piece in found), default=0)
    if not source.pieces:
        raise CorpusError(given, *_nothing_matches(suffixes, bool(found), source.links))
    return source


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


def _wait_out_clock_tick(sources: list[Source]) -> None:
    """Let the file system's clock step past the newest change, so that a later one gets a later time."""
    newest = max(source.changed_ns for source in sources) / 1e9
    if 0 <= time.time() - newest < _CLOCK_TICK:
        time.sleep(_CLOCK_TICK)
