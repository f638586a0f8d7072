"""xz files decompressed by several threads at once, where they were made of several blocks.

``xz -T`` (and so every Debian source package) writes blocks of some 24 MB that do not depend on each
other; the index at the file's end says where they lie. Each block is handed to liblzma as a
little xz file of its own, so its check is verified like any other. Format: The .xz File Format,
version 1.2.1 (tukaani.org). Knows nothing of archives.
"""

from __future__ import annotations

import lzma
import os
import stat
import struct
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, NamedTuple

from rnnlab.cores import usable_cores

_HEADER = 12  # bytes of a stream's header, and of its footer
_MEMORY = 256 << 20  # blocks in flight take at most about so much
_SLICE = 1 << 20


class Block(NamedTuple):
    """A compressed block of the file."""

    offset: int
    unpadded: int
    """Its length with its check and without padding."""
    size: int
    """Its length decompressed."""


def parallel_blocks(file: BinaryIO) -> list[Block]:
    """The independent blocks of an xz file; none where it is a pipe, one block, several streams or not quite sound."""
    try:
        handle = file.fileno()
        status = os.fstat(handle)
    except OSError:
        return []
    if not stat.S_ISREG(status.st_mode) or status.st_size < 4 * _HEADER:
        return []
    footer = os.pread(handle, _HEADER, status.st_size - _HEADER)
    length = 4 * (struct.unpack_from("<I", footer, 4)[0] + 1)
    start = status.st_size - _HEADER - length
    index = os.pread(handle, length, start) if start > 0 else b""
    if footer[-2:] != b"YZ" or len(index) != length or zlib.crc32(index[:-4]) != int.from_bytes(index[-4:], "little"):
        return []
    numbers = _numbers(index[1:-4])
    blocks, offset = [], _HEADER
    for _ in range(next(numbers, 0)):
        block = Block(offset, next(numbers, 0), next(numbers, 0))
        blocks.append(block)
        offset += _padded(block.unpadded)
    fits = all(block.unpadded + block.size < _MEMORY // 4 for block in blocks)
    return blocks if len(blocks) > 1 and fits and offset == start else []


def decompressed(file: BinaryIO, blocks: list[Block]) -> Iterator[bytes]:
    """The text of the blocks in order; the file's position follows, for whoever shows progress.

    Raises:
        lzma.LZMAError: where a block is damaged.
        EOFError: where the file has become shorter.
    """
    handle, threads = file.fileno(), usable_cores()
    largest = max(block.unpadded + block.size for block in blocks)
    ahead = max(2, min(threads + 1, _MEMORY // largest))
    head = os.pread(handle, _HEADER, 0)
    waiting: deque[Future[list[bytes]]] = deque()
    with ThreadPoolExecutor(min(threads, ahead), "xz") as pool:
        try:
            for number, block in enumerate(blocks):
                while len(waiting) < ahead and number + len(waiting) < len(blocks):
                    waiting.append(pool.submit(_decompress, handle, head, blocks[number + len(waiting)]))
                yield from waiting.popleft().result()
                os.lseek(handle, block.offset + block.unpadded, os.SEEK_SET)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _decompress(handle: int, head: bytes, block: Block) -> list[bytes]:
    """The text of a block in slices, by way of an xz file with that block alone."""
    body = os.pread(handle, _padded(block.unpadded), block.offset)
    index = b"\0\1" + _number(block.unpadded) + _number(block.size)
    index += bytes(-len(index) % 4)
    index += zlib.crc32(index).to_bytes(4, "little")
    tail = struct.pack("<I", len(index) // 4 - 1) + head[6:8]
    foot = zlib.crc32(tail).to_bytes(4, "little") + tail + b"YZ"
    decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ)
    slices = [decompressor.decompress(head + body + index + foot, _SLICE)]
    while not decompressor.eof:
        if decompressor.needs_input:
            raise EOFError
        slices.append(decompressor.decompress(b"", _SLICE))
    return slices


def _padded(length: int) -> int:
    return length + -length % 4


def _numbers(data: bytes) -> Iterator[int]:
    """The format's variable-length integers: seven bits a byte, the lowest first."""
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0


def _number(value: int) -> bytes:
    data = bytearray()
    while value >= 0x80:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    data.append(value)
    return bytes(data)
