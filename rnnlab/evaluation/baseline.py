"""Real text cut as samples are cut: as long as they, and from the start of a line.

What an evaluator says about these is what a model's score is measured against. Knows the
corpus only through a function that reads characters.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from rnnlab.evaluation.contract import Source

LOOK = 2000  # characters in which a line start is looked for
#: How much real text makes a steady rate. Pieces of 500 characters of the kernel hold one use of a variable each: of
#: a hundred pieces, 15 to 44 % of the uses were undefined; of eight hundred, 20 to 27 %.
STEADY_PIECES = 800
STEADY_CHARS = 400_000
Ids = TypeVar("Ids")
Read = TypeVar("Read", covariant=True)
Decoded = TypeVar("Decoded", contravariant=True)


class Readable(Protocol[Read]):
    """A part of a corpus: ``length`` symbols, of which any stretch can be read."""

    @property
    def length(self) -> int:
        """How many symbols there are."""
        ...

    def read(self, start: int, stop: int) -> Read:
        """Symbols from ``start`` up to ``stop``."""
        ...


class Decoder(Protocol[Decoded]):
    """A vocabulary: symbols to text."""

    def decode(self, ids: Decoded) -> str:
        """The text."""
        ...


def steadily(sizes: Sequence[int], length: int) -> list[int]:
    """The lengths, in characters, as often as it takes for a steady rate beside a few short texts.

    Together no longer than the ``length`` of the real text, but for one piece: what is counted again says nothing
    new, and would make an interval look narrower than the text allows. Where the texts are longer than that, only
    every second or third of them has its piece.
    """
    total = max(1, sum(sizes))
    often = min(STEADY_PIECES // max(1, len(sizes)), min(STEADY_CHARS, length) // total)
    return list(sizes) * often if often else list(sizes[:: max(1, -(-total // max(1, length)))])


def cut_like(
    read: Callable[[int, int], str], length: int, sizes: Sequence[int], *, seed: int = 0, name: str = "corpus"
) -> list[Source]:
    """One piece of real text per size, from seeded random places, each from the start of a line.

    Args:
        read: gives the text from one symbol up to another.
        length: symbols that there are; a size beyond it gets the whole text.
        sizes: characters of each piece.
    """
    generator = random.Random(seed)
    pieces = []
    for index, size in enumerate(sizes):
        start = generator.randint(0, max(0, length - size - LOOK))
        text = read(start, min(length, start + size + LOOK))
        line = text.find("\n", 0, LOOK) + 1 if start > 0 else 0
        piece = text[line : line + size]
        pieces.append(Source(text=piece, name=f"{name}-{index}", start_cut=start > 0, end_cut=True))
    return pieces


def corpus_samples(
    part: Readable[Ids], vocabulary: Decoder[Ids], sizes: Sequence[int], *, seed: int = 0
) -> list[Source]:
    """:func:`cut_like` over a part of a corpus, such as the held-out one of a run.

    A part is a share of a longer text: also its first character stands in mid-air.
    """
    pieces = cut_like(lambda start, stop: vocabulary.decode(part.read(start, stop)), part.length, sizes, seed=seed)
    return [dataclasses.replace(piece, start_cut=True) for piece in pieces]
