"""The files of the sources as one text: in order, without copies, block by block.

Memory does not grow with the corpus: what can only be read once (archives, pipes) is spooled to
an unnamed temporary file on disk, and every file is then read where it lies, in its final
order. Files of ordinary size are read and hashed by a few threads, large ones in blocks.
Knows nothing of vocabularies or caches.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from rnnlab.config import CorpusConfig
from rnnlab.corpus import looks, unpack
from rnnlab.corpus.names import Names
from rnnlab.corpus.progress import Reporter
from rnnlab.corpus.sources import STDIN, Piece, Source
from rnnlab.errors import CorpusError

BLOCK = 1 << 20
_LARGE = 16 << 20  # a file from here on is never held in memory whole
_HEAD = 4096  # bytes by which a file of a folder or archive is judged to be text
_BATCH_FILES = 64
_THREADS = min(8, 2 * (os.cpu_count() or 1))
_JUDGED = 32  # files that are judged before the long work begins


@dataclass(slots=True)
class Tally:
    """What came of the files."""

    files: int = 0
    bytes: int = 0
    duplicates: int = 0
    duplicate_bytes: int = 0
    binary: int = 0
    """Files of folders and archives left out because they are no text."""
    binary_names: list[str] = field(default_factory=list)
    """The first few of them."""
    links: int = 0
    """Symbolic links in folders, which are not followed."""


class Collector:
    """Reads the sources once and gives their text.

    Args:
        folder: where the spool may lie; it needs room for what the archives hold.
    """

    def __init__(
        self, config: CorpusConfig, sources: list[Source], folder: Path, report: Reporter, stdin: BinaryIO | None = None
    ) -> None:
        self.config = config
        self.tally = Tally(links=sum(source.links for source in sources))
        self._sources = sources
        self._folder = folder
        self._report = report
        self._stdin = stdin
        self._names = Names(config.include, config.exclude)

    def blocks(self) -> Generator[bytes]:
        """The text in its final order.

        Raises:
            CorpusError: where a file is unreadable, damaged, or changes while it is read.
        """
        for source in self._sources:
            if not source.packed:
                _refuse_unreadable(source)
        with open_spool(self._folder) as spool:
            for source in self._sources:
                if source.packed:
                    self._unpack(source, spool)
            spool.flush()
            pieces = [piece for source in self._sources for piece in source.pieces]
            if self.config.shuffle:
                random.Random(self.config.shuffle_seed).shuffle(pieces)
            yield from self._texts(pieces, spool.fileno())

    def _unpack(self, source: Source, spool: BinaryIO) -> None:
        """Append what lies in the source to the spool and list it among its pieces."""
        refused = 0
        with _opened(source.given, self._stdin) as file:

            def report() -> None:
                self._report("unpacking", _place(file), source.size, len(source.pieces))

            for name, blocks in unpack.members(file, source.given, self._names.takes):
                report()
                piece, head = _spooled(name, blocks, spool, report)
                why = looks.not_text(head)
                if why and not name:
                    raise CorpusError(source.given, *why)
                if why:
                    refused += 1
                    self._leave_out(name)
                    if refused == _JUDGED and not source.pieces:
                        break
                elif piece.size:
                    source.pieces.append(piece)
        if not source.pieces:
            raise CorpusError(source.given, *self._nothing(source, refused))
        source.pieces.sort(key=lambda piece: piece.name)

    def _nothing(self, source: Source, refused: int) -> tuple[str, str]:
        if refused:
            return "it holds no text", "Every file in it that was asked for is binary."
        if source.given == STDIN:
            return "standard input is empty", "Pipe text, an archive or a compressed file into it."
        patterns = ", ".join(self.config.include)
        return f"it is empty, or no file in it matches {patterns}", "Say which names to take: --include '*.txt'"

    def _texts(self, pieces: list[Piece], spool: int) -> Iterator[bytes]:
        """Blocks of the pieces' text; batches are loaded by threads, a few ahead."""
        total, done, files = sum(piece.size for piece in pieces), 0, 0
        seen: set[bytes] = set()
        waiting: deque[Future[list[_Loaded]]] = deque()
        batches = _batches(pieces)
        with ThreadPoolExecutor(_THREADS, "read files") as pool:
            try:
                while True:
                    while len(waiting) < _THREADS + 2 and (batch := next(batches, None)):
                        waiting.append(pool.submit(_load, batch, spool))
                    if not waiting:
                        return
                    loaded = waiting.popleft().result()
                    yield from self._kept(loaded, seen, spool)
                    done += sum(one.piece.size for one in loaded)
                    files += len(loaded)
                    self._report("collecting", done, total, files, len(pieces))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _kept(self, loaded: list[_Loaded], seen: set[bytes], spool: int) -> Iterator[bytes]:
        """The blocks of the loaded pieces that are text and no copies."""
        small: list[bytes] = []
        for one in loaded:
            if one.binary:
                self._leave_out(one.piece.name)
            elif self.config.deduplicate and one.digest in seen:
                self.tally.duplicates += 1
                self.tally.duplicate_bytes += one.piece.size
            else:
                seen.add(one.digest)
                self.tally.files += 1
                self.tally.bytes += one.piece.size
                if one.data is None:
                    yield from _blocks_of(one.piece, spool)
                else:
                    small.append(one.data)
        if small:
            yield b"".join(small)

    def _leave_out(self, name: str) -> None:
        self.tally.binary += 1
        if len(self.tally.binary_names) < 5:
            self.tally.binary_names.append(name)


@dataclass(slots=True)
class _Loaded:
    piece: Piece
    data: bytes | None
    """Its bytes; None where it is large and read later, in blocks."""
    digest: bytes
    binary: bool


def judge(sources: list[Source]) -> None:
    """Look at the beginnings of a few files of each folder.

    Raises:
        CorpusError: where none of them is text.
    """
    for source in sources:
        few = source.pieces[:: len(source.pieces) // _JUDGED + 1]
        whys = [looks.not_text(next(_blocks_of(piece, -1))[: looks.SAMPLE_BYTES]) for piece in few]
        if whys and all(whys):
            why = whys[0] or ("", "")
            raise CorpusError(few[0].path, why[0], why[1].replace("FILE", few[0].path))


def _refuse_unreadable(source: Source) -> None:
    for piece in source.pieces:
        if not os.access(piece.path, os.R_OK):
            raise CorpusError(piece.path, "it may not be read (permission denied)", "Exclude it, or change its mode.")


def _opened(given: str, stdin: BinaryIO | None) -> BinaryIO:
    if given != STDIN:
        return open(given, "rb", buffering=0)  # noqa: PTH123  # /dev/fd/N
    if stdin is not None:
        return stdin
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        raise CorpusError("-", "standard input is a terminal", "Pipe text into it, or name a file.")
    return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)


def _place(file: BinaryIO) -> int:
    """How much of the file was read; 0 for a pipe. Asked of the descriptor: a thread reads the object."""
    try:
        return os.lseek(file.fileno(), 0, os.SEEK_CUR)
    except OSError:
        return 0


def _spooled(name: str, blocks: Iterator[bytes], spool: BinaryIO, report: Callable[[], None]) -> tuple[Piece, bytes]:
    """Write the blocks to the spool; gives the piece and its first bytes."""
    offset, size, head, digest = spool.tell(), 0, b"", hashlib.sha256()
    for block in blocks:
        head = head if len(head) >= _HEAD else (head + block)[:_HEAD]
        digest.update(block)
        size += spool.write(block)
        if size > BLOCK:
            report()
    return Piece(name, "", offset, size, digest=digest.digest()), head


def _batches(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Neighbouring pieces that make about a block together; a large piece is alone."""
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        if batch and (size + piece.size > BLOCK or len(batch) == _BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(piece)
        size += piece.size
    if batch:
        yield batch


def _load(batch: list[Piece], spool: int) -> list[_Loaded]:
    return [_load_large(piece, spool) if piece.size >= _LARGE else _load_small(piece, spool) for piece in batch]


def _load_small(piece: Piece, spool: int) -> _Loaded:
    if not piece.path:
        return _Loaded(piece, os.pread(spool, piece.size, piece.offset), piece.digest, binary=False)
    data = b"".join(_blocks_of(piece, spool))
    return _Loaded(piece, data, hashlib.sha256(data).digest(), looks.not_text(data[:_HEAD]) is not None)


def _load_large(piece: Piece, spool: int) -> _Loaded:
    if piece.digest:
        return _Loaded(piece, None, piece.digest, binary=False)
    digest, head = hashlib.sha256(), b""
    for block in _blocks_of(piece, spool):
        head = head or block[:_HEAD]
        digest.update(block)
    return _Loaded(piece, None, digest.digest(), looks.not_text(head) is not None)


def _blocks_of(piece: Piece, spool: int) -> Iterator[bytes]:
    """The bytes of a piece, read where they lie; an error where the file is no longer the one that was found."""
    if not piece.path:
        for start in range(0, piece.size, BLOCK):
            yield os.pread(spool, min(BLOCK, piece.size - start), piece.offset + start)
        return
    try:
        file = os.open(piece.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            left = piece.size
            while left and (block := os.read(file, min(left, BLOCK))):
                left -= len(block)
                yield block
            status = os.fstat(file)
        finally:
            os.close(file)
    except OSError as error:
        raise CorpusError(piece.path, f"it cannot be read ({(error.strerror or str(error)).lower()})") from None
    if left or status.st_size != piece.size or max(status.st_mtime_ns, status.st_ctime_ns) != piece.changed:
        raise CorpusError(piece.path, "it changed while it was being read", "Start again when nothing writes to it.")


def open_spool(folder: Path) -> BinaryIO:
    """An unnamed file in the folder, gone when closed or when the process dies."""
    return cast(BinaryIO, tempfile.TemporaryFile(dir=folder, buffering=BLOCK))
