"""Text as it streams by: measured once, and turned into ids.

Knows blocks of bytes and descriptors. A :class:`Meter` watches the raw text (digest, byte
counts); for ``chars`` the text is then read twice more, first to find the code points that
occur, then to write their ids.
"""

from __future__ import annotations

import codecs
import hashlib
import os
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from rnnlab.corpus.vocabulary import CODE_POINTS, Vocabulary

BLOCK = 1 << 20
Counts = npt.NDArray[np.int64]


class Meter:
    """Digest, length and byte counts of a text that is given block by block."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.length = 0
        self._bytes: Counts = np.zeros(256, np.int64)
        self._pairs: Counts = np.zeros(65536, np.int64)

    def update(self, block: bytes) -> None:
        """Take the next block."""
        self.digest.update(block)
        self.length += len(block)
        # Counting pairs of bytes is three times as fast as counting bytes; their sums are the same.
        even = len(block) & ~1
        pairs = np.frombuffer(block, np.uint16, even // 2)
        for start in range(0, len(pairs), BLOCK // 8):
            self._pairs += np.bincount(pairs[start : start + BLOCK // 8], minlength=65536)
        if even < len(block):
            self._bytes[block[-1]] += 1

    @property
    def counts(self) -> Counts:
        """How often each byte value occurred, (256,)."""
        square = self._pairs.reshape(256, 256)
        counts: Counts = self._bytes + square.sum(axis=0) + square.sum(axis=1)
        return counts


def character_blocks(file: int, length: int, block: int = BLOCK) -> Iterator[str]:
    """The text of ``length`` bytes as code points; a sequence of bytes across a block's edge stays whole."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for start in range(0, length, block):
        yield decoder.decode(os.pread(file, min(block, length - start), start))
    yield decoder.decode(b"", final=True)


def count_characters(file: int, meter: Meter, progress: Callable[[int], None], block: int = BLOCK) -> Counts:
    """How often each code point occurs in the measured text, (0x110000,)."""
    counts: Counts = np.zeros(CODE_POINTS, np.int64)
    for number, text in enumerate(character_blocks(file, meter.length, block), 1):
        progress(min(number * block, meter.length))
        if not text.isascii():
            codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
            found = np.bincount(codes[codes >= 128])
            counts[: len(found)] += found
    counts[:128] = meter.counts[:128]  # an ASCII byte is an ASCII character wherever it stands, also in broken UTF-8
    return counts


def encode_characters(
    file: int, length: int, vocabulary: Vocabulary, block: int = BLOCK
) -> Iterator[tuple[int, bytes]]:
    """The ids of the text, little-endian in the vocabulary's type, each time with the bytes that are done."""
    stored = vocabulary.dtype.newbyteorder("<")
    for number, text in enumerate(character_blocks(file, length, block), 1):
        yield min(number * block, length), vocabulary.encode(text).astype(stored, copy=False).tobytes()
