"""Pieces read where they lie: on disk or in the spool, whole where small, in blocks where large.

Knows one file at a time; the order, the copies and the count are :mod:`rnnlab.corpus.collect`'s.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Set
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from rnnlab.corpus import looks
from rnnlab.corpus.sources import Piece, Source
from rnnlab.errors import CorpusError

BLOCK = 1 << 20
JUDGED = 32
"""Files of a source by which it is judged before the long work."""
LARGE = 4 << 20
"""Bytes from which on a file is never held in memory whole."""
_HEAD = 4096  # bytes by which a file of a folder or archive is judged to be text
_BATCH_FILES = 64


class Spool:
    """An unnamed file for what can be read only once; gone when closed or when the process dies."""

    def __init__(self, folder: Path) -> None:
        self._file = cast(BinaryIO, tempfile.TemporaryFile(dir=folder, buffering=BLOCK))  # noqa: SIM115  # see __exit__

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def add(self, name: str, blocks: Iterator[bytes], report: Callable[[], None]) -> tuple[Piece, bytes]:
        """Append the blocks; gives the piece they make and its first bytes."""
        offset, size, head, digest = self._file.tell(), 0, b"", hashlib.sha256()
        for block in blocks:
            head = head if len(head) >= _HEAD else (head + block)[:_HEAD]
            digest.update(block)
            size += self._file.write(block)
            if size > BLOCK:
                report()
        return Piece(name, "", offset, size, digest=digest.digest()), head

    def fileno(self) -> int:
        """The descriptor, with everything that was added behind it."""
        self._file.flush()
        return self._file.fileno()


class Loaded(NamedTuple):
    """A piece that was read."""

    piece: Piece
    data: bytes | None
    """Its bytes; None where it is large and to be read again, in blocks."""
    digest: bytes
    """Digest of its bytes; empty where no other piece can be a copy."""
    binary: bool = False


def batches(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Neighbouring pieces that make about a block together."""
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


def load(batch: list[Piece], spool: int, alone: Set[int]) -> list[Loaded]:
    """Read and hash the pieces of a batch; large ones of a size in ``alone`` have no copy and need no digest."""
    return [
        _load_small(piece, spool) if piece.size < LARGE else _load_large(piece, spool, piece.size in alone)
        for piece in batch
    ]


def _load_small(piece: Piece, spool: int) -> Loaded:
    data = b"".join(blocks_of(piece, spool))
    if piece.digest:
        return Loaded(piece, data, piece.digest)
    return Loaded(piece, data, hashlib.sha256(data).digest(), looks.not_text(data[:_HEAD]) is not None)


def _load_large(piece: Piece, spool: int, alone: bool) -> Loaded:
    if piece.digest:
        return Loaded(piece, None, piece.digest)
    digest, head = hashlib.sha256(), b""
    for block in blocks_of(piece, spool):
        head = head or block[:_HEAD]
        if alone:
            return Loaded(piece, None, b"", looks.not_text(head) is not None)
        digest.update(block)
    return Loaded(piece, None, digest.digest(), looks.not_text(head) is not None)


def blocks_of(piece: Piece, spool: int) -> Iterator[bytes]:
    """The bytes of a piece.

    Raises:
        CorpusError: where the file is unreadable or no longer the one that was found.
    """
    if not piece.folder:
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
    if left or status.st_size != piece.size or status.st_ctime_ns != piece.changed_ns:
        raise CorpusError(piece.path, "it changed while it was being read", "Start again when nothing writes to it.")


def judge(source: Source) -> None:
    """Look at the modes of all the source's files and into a few of them, before the long work.

    Raises:
        CorpusError: where one may not be read, or where none of those looked into is text.
    """
    for piece in source.pieces:
        if not os.access(piece.path, os.R_OK):
            raise CorpusError(piece.path, "it may not be read (permission denied)", "Exclude it, or change its mode.")
    few = source.pieces[:: len(source.pieces) // JUDGED + 1]
    whys = [looks.not_text(next(blocks_of(piece, -1))[: looks.SAMPLE_BYTES]) for piece in few]
    if few and (why := whys[0]) and all(whys):
        raise CorpusError(few[0].path, why[0], why[1].replace("FILE", few[0].path))
