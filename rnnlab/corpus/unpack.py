"""Archives, compressed files and pipes as one forward stream: what lies inside, in one pass.

Knows formats (gzip, xz, zstd, bzip2, tar) by their first bytes, not by their names; knows
nothing of shuffling or vocabularies. Decompression runs one thread ahead of the reader.
Whatever is damaged or cut short is an error, never a shorter corpus.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import zstandard

from rnnlab.corpus import xz
from rnnlab.corpus.ahead import ahead
from rnnlab.errors import CorpusError

_MAGIC = {b"\x1f\x8b": "gz", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst", b"BZh": "bz2"}
_BLOCK = 1 << 20
_SPOILT = (EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError, tarfile.TarError)


def is_packed(head: bytes) -> bool:
    """Whether a file that begins so is compressed or an archive."""
    return bool(_compression(head)) or _is_tar(head)


def _compression(head: bytes) -> str:
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), "")


def _is_tar(head: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")  # its checksum must be right
    except tarfile.TarError:
        return False
    return True


def members(file: BinaryIO, given: str, takes: Callable[[str], bool]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """What lies in the stream: the path of each file and the blocks of its bytes, to be read before the next one.

    A stream that holds no archive is one file with an empty path. ``takes`` chooses among the paths of an archive.

    Raises:
        CorpusError: where the stream is damaged or cut short.
    """
    with _naming(given), ahead(_decompressed(file)) as blocks:
        reader = ForwardReader(blocks)
        found = _tar_members(reader, takes) if _is_tar(reader.peek(512)) else iter([("", reader.rest())])
        for name, content in found:
            yield name, _named(given, content)


def _named(given: str, blocks: Iterator[bytes]) -> Iterator[bytes]:
    with _naming(given):
        yield from blocks


@contextlib.contextmanager
def _naming(given: str) -> Iterator[None]:
    """Turn what the formats' libraries raise into an error that names the file."""
    try:
        yield
    except _SPOILT as error:
        reason = "it ends too early" if isinstance(error, EOFError) else str(error).rstrip(".").lower()
        raise CorpusError(given, f"the file is damaged: {reason}", "Fetch or make it again.") from None
    except OSError as error:
        if error.errno is not None:
            raise CorpusError(given, f"it cannot be read ({(error.strerror or str(error)).lower()})") from None
        raise CorpusError(given, f"the file is damaged: {str(error).lower()}", "Fetch or make it again.") from None


def _decompressed(file: BinaryIO) -> Iterator[bytes]:
    """Blocks of the stream without its compression."""
    head = file.read(512)
    buffered = io.BufferedReader(_PutBack(head, file), _BLOCK)
    kind = _compression(head)
    if kind == "zst":
        yield from _zstd(buffered)
        return
    if kind == "xz" and (parts := xz.parallel_blocks(file)):
        yield from xz.decompressed(file, parts)
        return
    if kind == "xz":
        yield from _streams(buffered, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ))
    elif kind == "bz2":
        yield from _streams(buffered, bz2.BZ2Decompressor)
    else:
        plain: io.BufferedIOBase = gzip.GzipFile(fileobj=buffered) if kind == "gz" else buffered
        while block := plain.read(_BLOCK):
            yield block


def _streams(
    file: io.BufferedIOBase, make: Callable[[], lzma.LZMADecompressor | bz2.BZ2Decompressor]
) -> Iterator[bytes]:
    """Blocks of a file of compressed streams; the libraries' own readers stop without a word at a spoilt second one."""
    stream, piece = None, b""
    while stream or (piece := (piece or file.read(_BLOCK))):
        if stream is None:
            piece = piece.lstrip(b"\0")  # padding between streams
            if not piece:
                continue
            stream = make()
        if block := stream.decompress(piece, _BLOCK):
            yield block
        piece = b""
        if stream.eof:
            piece, stream = stream.unused_data, None
        elif stream.needs_input and not (piece := file.read(_BLOCK)):
            raise EOFError


def _zstd(file: io.BufferedIOBase) -> Iterator[bytes]:
    """Blocks of a file of zstd frames; the library's own reader takes a cut-off frame for the end."""
    frame = None
    while piece := file.read(4096):  # a few KB at a time bound what one call can unfold to
        while piece:
            frame = frame or zstandard.ZstdDecompressor().decompressobj()
            if block := frame.decompress(piece):
                yield block
            piece = frame.unused_data if frame.eof else b""
            frame = None if frame.eof else frame
    if frame is not None:
        raise EOFError


def _tar_members(reader: ForwardReader, takes: Callable[[str], bool]) -> Iterator[tuple[str, Iterator[bytes]]]:
    with tarfile.open(fileobj=reader, mode="r:", errors="surrogateescape") as tar:  # type: ignore[call-overload]  # reads, tells, seeks
        while member := tar.next():
            tar.members = []  # or it would remember every member
            if member.isreg() and not member.issparse() and member.size and takes(member.name.removeprefix("./")):
                yield member.name.removeprefix("./"), reader.blocks(member.size)
    # tarfile stops without a word at a header that it cannot read, and at the end of the file.
    if len(reader.last) < tarfile.BLOCKSIZE:
        raise EOFError
    if reader.last.strip(b"\0"):
        raise tarfile.ReadError("a header inside it is unreadable")
    for _ in reader.rest():  # to the end, where compressed formats keep their checks
        pass


class _PutBack(io.RawIOBase):
    """A file whose beginning was read already and is given again."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head = head
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head[: len(buffer)] or self._file.read(len(buffer))
        self._head = self._head[len(data) :]
        buffer[: len(data)] = data
        return len(data)


class ForwardReader:
    """A file to read, tell and seek forward in, made of blocks: as much of a file as tarfile needs."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._block = memoryview(b"")
        self._place = 0
        self.last = b""
        """What the last :meth:`read` gave."""

    def peek(self, count: int) -> bytes:
        """The first bytes, which stay unread; only before the first read."""
        head = self.read(count)
        self._block = memoryview(head + bytes(self._block))
        self._place = 0
        return head

    def read(self, count: int) -> bytes:
        """The next ``count`` bytes, or fewer at the end."""
        self.last = b"".join(self._take(count))
        return self.last

    def blocks(self, count: int) -> Iterator[bytes]:
        """The next ``count`` bytes block by block; EOFError where the stream is shorter."""
        stop = self._place + count
        yield from map(bytes, self._take(count))
        if self._place < stop:
            raise EOFError

    def rest(self) -> Iterator[bytes]:
        """Everything that is left, block by block."""
        yield bytes(self._block)
        yield from self._blocks

    def tell(self) -> int:
        """How many bytes were read or skipped so far."""
        return self._place

    def seek(self, place: int) -> int:
        """Skip forward to ``place``."""
        for _ in self._take(place - self._place):
            pass
        return self._place

    def _take(self, count: int) -> Iterator[memoryview]:
        while count > 0:
            if not self._block:
                self._block = memoryview(next(self._blocks, b""))
                if not self._block:
                    return
            part, self._block = self._block[:count], self._block[count:]
            self._place += len(part)
            count -= len(part)
            yield part
