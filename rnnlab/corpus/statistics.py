"""Figures of an open corpus: lines, entropy, rare symbols, and how far a compressor gets.

Knows an open corpus; nothing of how it is shown.
"""

from __future__ import annotations

import lzma
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnnlab.corpus.corpus import Corpus

_PIECES = 8  # the sample is taken at so many places, evenly spread
_FEED = 1 << 18


@dataclass(frozen=True, slots=True)
class Compressed:
    """What a compressor makes of a sample: an upper bound that a model should beat."""

    compressor: str
    sample_characters: int
    compressed_bytes: int

    @property
    def bits_per_character(self) -> float:
        """Bits of the compressed sample for each of its characters."""
        return 8 * self.compressed_bytes / self.sample_characters


@dataclass(frozen=True, slots=True)
class SymbolCount:
    """A symbol and how often it occurs."""

    label: str
    """Safe to show."""
    code: int
    """Byte value or code point."""
    count: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of a corpus that its description does not hold."""

    lines: int
    entropy: float
    """Bits per character of a model that knows only how often each symbol occurs."""
    symbols: tuple[SymbolCount, ...]
    """All symbols, the rarest first."""


def statistics(corpus: Corpus) -> Statistics:
    """The figures that follow from the counts alone, at once."""
    vocabulary, counts = corpus.vocabulary, corpus.counts
    shares = counts / counts.sum()  # (V,)
    breaks = vocabulary.symbols.index(10) if 10 in vocabulary.symbols else None
    return Statistics(
        lines=int(counts[breaks]) if breaks is not None else 0,
        entropy=float(-(shares * np.log2(shares)).sum()),
        symbols=tuple(
            SymbolCount(vocabulary.label(int(number)), vocabulary.symbols[number], int(counts[number]))
            for number in np.argsort(counts, kind="stable")
        ),
    )


def compress(corpus: Corpus, sample: int, progress: Callable[[int, int], None] | None = None) -> Compressed:
    """Compress a sample of about so many characters (the whole text where it is shorter), taken at eight places.

    ``progress`` is told how many of how many characters are done.
    """
    total = min(sample, corpus.length)
    pieces = 1 if total == corpus.length else _PIECES
    size = total // pieces
    compressor = lzma.LZMACompressor(preset=6)
    done = written = 0
    for number in range(pieces):
        first = (corpus.length - size) * number // max(1, pieces - 1)
        for start in range(first, first + size, _FEED):
            ids = corpus.whole.read(start, min(start + _FEED, first + size))
            written += len(compressor.compress(corpus.vocabulary.decode_bytes(ids)))
            done += len(ids)
            if progress:
                progress(done, size * pieces)
    return Compressed("xz -6", done, written + len(compressor.flush()))
