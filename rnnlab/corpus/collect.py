"""The files of the sources as one text: in order, without copies, block by block.

Memory does not grow with the corpus: what can only be read once (archives, pipes) is spooled to
an unnamed temporary file on disk, and every file is then read where it lies, in its final
order. Files of ordinary size are read and hashed by a few threads, large ones in blocks.
Knows nothing of vocabularies or caches.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
from collections import Counter, deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from rnnlab.config import CorpusConfig
from rnnlab.corpus import looks, unpack
from rnnlab.corpus.names import Names
from rnnlab.corpus.pieces import JUDGED, LARGE, Loaded, Spool, batches, blocks_of, load
from rnnlab.corpus.progress import Reporter
from rnnlab.corpus.sources import STDIN, Piece, Source
from rnnlab.errors import CorpusError

_THREADS = min(8, 2 * (os.cpu_count() or 1))


@dataclass(slots=True)
class Tally:
    """What came of the files."""

    files: int = 0
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
        self._progress = self._total = (0, 0)  # bytes and files

    def blocks(self) -> Generator[bytes]:
        """The text in its final order.

        Raises:
            CorpusError: where a file is unreadable, damaged, or changes while it is read.
        """
        with Spool(self._folder) as spool:
            for source in self._sources:
                if source.packed:
                    self._unpack(source, spool)
            pieces = [piece for source in self._sources for piece in source.pieces]
            if self.config.shuffle:
                random.Random(self.config.shuffle_seed).shuffle(pieces)
            yield from self._texts(pieces, spool.fileno())

    def _unpack(self, source: Source, spool: Spool) -> None:
        """Append what lies in the source to the spool and list it among its pieces."""
        refused = 0
        with _opened(source.given, self._stdin) as file:

            def report() -> None:
                self._report("unpacking", _place(file), source.size, len(source.pieces))

            for name, blocks in unpack.members(file, source.given, self._names.takes):
                report()
                piece, head = spool.add(name, blocks, report)
                why = looks.not_text(head)
                if why and not name:
                    raise CorpusError(source.given, *why)
                if why:
                    refused += 1
                    self._leave_out(name)
                    if refused == JUDGED and not source.pieces:
                        break
                elif piece.size:
                    source.pieces.append(piece)
            if source.identity and os.fstat(file.fileno()).st_ctime_ns != source.changed_ns:
                raise CorpusError(source.given, "it changed while being read", "Start again when it is complete.")
        if not source.pieces:
            raise CorpusError(source.given, *self._nothing(source, refused))
        source.pieces.sort()

    def _nothing(self, source: Source, refused: int) -> tuple[str, str]:
        if refused:
            return "it holds no text", "Every file in it that was asked for is binary."
        if source.given == STDIN:
            return "standard input is empty", "Pipe text, an archive or a compressed file into it."
        patterns = ", ".join(self.config.include)
        return f"it is empty, or no file in it matches {patterns}", "Say which names to take: --include '*.txt'"

    def _texts(self, pieces: list[Piece], spool: int) -> Iterator[bytes]:
        """Blocks of the pieces' text; batches are loaded by threads, a few ahead."""
        self._total = (sum(piece.size for piece in pieces), len(pieces))
        sizes = Counter(piece.size for piece in pieces if piece.size >= LARGE)
        alone = {size for size, count in sizes.items() if count == 1 or not self.config.deduplicate}
        seen: set[bytes] = set()
        waiting: deque[Future[list[Loaded]]] = deque()
        ahead = batches(pieces)
        with ThreadPoolExecutor(_THREADS, "read files") as pool:
            try:
                while True:
                    while len(waiting) < _THREADS + 2 and (batch := next(ahead, None)):
                        waiting.append(pool.submit(load, batch, spool, alone))
                    if not waiting:
                        return
                    yield from self._kept(waiting.popleft().result(), seen, spool)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _kept(self, loaded: list[Loaded], seen: set[bytes], spool: int) -> Iterator[bytes]:
        """The blocks of the loaded pieces that are text and no copies."""
        small: list[bytes] = []
        for piece, data, digest, binary in loaded:
            if binary:
                self._leave_out(piece.name)
            elif self.config.deduplicate and digest and digest in seen:
                self.tally.duplicates += 1
                self.tally.duplicate_bytes += piece.size
            else:
                seen.add(digest)
                self.tally.files += 1
                if data is None:
                    yield from self._in_blocks(piece, spool)
                    continue
                small.append(data)
            self._done(piece.size)
        if small:
            yield b"".join(small)

    def _in_blocks(self, piece: Piece, spool: int) -> Iterator[bytes]:
        for block in blocks_of(piece, spool):
            yield block
            self._done(len(block), 0)
        self._done(0, 1)

    def _done(self, size: int, files: int = 1) -> None:
        self._progress = (self._progress[0] + size, self._progress[1] + files)
        self._report("collecting", self._progress[0], self._total[0], self._progress[1], self._total[1])

    def _leave_out(self, name: str) -> None:
        self.tally.binary += 1
        if len(self.tally.binary_names) < 5:
            self.tally.binary_names.append(name)


def _opened(given: str, stdin: BinaryIO | None) -> contextlib.AbstractContextManager[BinaryIO]:
    if given != STDIN:
        return open(given, "rb", buffering=0)  # noqa: PTH123  # it may be /dev/fd/N
    if stdin is not None:
        return contextlib.nullcontext(stdin)
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        raise CorpusError("-", "standard input is a terminal", "Pipe text into it, or name a file.")
    return contextlib.nullcontext(sys.stdin.buffer)


def _place(file: BinaryIO) -> int:
    """How much of the file was read; 0 for a pipe. Asked of the descriptor: a thread reads the object."""
    try:
        return os.lseek(file.fileno(), 0, os.SEEK_CUR)
    except OSError:
        return 0
