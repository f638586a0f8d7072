"""A corpus, open: its parts are read in place from the cached file, by character.

Reads with ``pread``: a memory map would kill the process where a file shrinks beneath it. Knows the
cached file's payload and the vocabulary, not where the text came from.

N streams, T characters of a window, V vocabulary size, L characters of a part.
"""

from __future__ import annotations

import os
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnlab.corpus.vocabulary import Ids, Vocabulary
from rnnlab.errors import CorpusError

_READ_AHEAD = 8192  # characters of each stream that are read at a time


class Payload:
    """The symbols of the whole text in an open file; closed when nobody holds it any more."""

    def __init__(self, file: int, name: str, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._file = file
        self._name = name
        # For bytes the file holds the text itself, and reading looks the ids up.
        self._stored = np.dtype(np.uint8) if vocabulary.kind == "bytes" else vocabulary.dtype.newbyteorder("<")
        weakref.finalize(self, os.close, file)

    def read(self, start: int, stop: int) -> Ids:
        """Ids (stop - start,) of the characters; the array belongs to the caller.

        Raises:
            CorpusError: where the file was cut short since it was opened.
        """
        width = self._stored.itemsize
        data = bytearray((stop - start) * width)
        view, place = memoryview(data), start * width
        while view:
            count = os.preadv(self._file, [view], place)
            if count == 0:
                raise CorpusError(
                    self._name, "the cached corpus was cut short while in use", "Start again: it is then rebuilt."
                )
            view, place = view[count:], place + count
        if self.vocabulary.kind == "bytes":
            return self.vocabulary.encode(data)
        return np.frombuffer(data, self._stored).astype(self.vocabulary.dtype, copy=False)


class Part:
    """A contiguous part of the text: train, validation or test. Its length L is in characters."""

    def __init__(self, payload: Payload, name: str, start: int, stop: int) -> None:
        self.name = name
        self.length = stop - start
        self._payload = payload
        self._start = start

    def __len__(self) -> int:
        return self.length

    def __repr__(self) -> str:
        return f"Part({self.name}, {self.length:,} characters)"

    def read(self, start: int, stop: int) -> Ids:
        """Ids (stop - start,) of the characters from ``start`` up to ``stop``, counted within the part.

        Raises:
            IndexError: where that reaches outside the part.
            CorpusError: where the cached file was cut short since it was opened.
        """
        if not 0 <= start <= stop <= self.length:
            raise IndexError(f"characters {start} to {stop} of a {self.name} part of {self.length}")
        return self._payload.read(self._start + start, self._start + stop)

    def streams(self, count: int) -> Streams:
        """N = ``count`` streams: equal contiguous shares of the part; up to N - 1 characters at the end stay unread."""
        return Streams(self, count)


class Streams:
    """N parallel contiguous texts: stream i is characters ``[i * length, (i + 1) * length)`` of the part."""

    def __init__(self, part: Part, count: int) -> None:
        if count < 1 or part.length < count:
            raise CorpusError(
                f"{part.name} part", f"{part.length:,} characters make no {count:,} streams", "Use fewer streams."
            )
        self.count = count
        self.length = part.length // count
        """Characters of each stream."""
        self._part = part
        self._held: Ids = np.empty((count, 0), part._payload.vocabulary.dtype)
        self._start = 0

    def read(self, start: int, stop: int) -> Ids:
        """Ids (N, stop - start) of these characters of every stream; the array belongs to the caller.

        Reading on from where the last call ended costs no system call most of the time.

        Raises:
            IndexError: where that reaches outside the streams.
        """
        if not 0 <= start <= stop <= self.length:
            raise IndexError(f"characters {start} to {stop} of streams of {self.length}")
        if not (self._start <= start and stop <= self._start + self._held.shape[1]):
            self._fetch(start, min(self.length, max(stop, start + _READ_AHEAD)))
        return self._held[:, start - self._start : stop - self._start].copy()

    def _fetch(self, start: int, stop: int) -> None:
        held = np.empty((self.count, stop - start), self._held.dtype)
        for stream in range(self.count):
            first = stream * self.length
            held[stream] = self._part.read(first + start, first + stop)
        self._held, self._start = held, start


@dataclass(frozen=True, slots=True)
class Parts:
    """The three parts of a corpus; one that the split leaves out has length 0."""

    train: Part
    validation: Part
    test: Part


class Corpus:
    """A text that is ready to learn from.

    Attributes:
        name: after its first source, for run names.
        vocabulary: its V symbols.
        parts: train, validation and test.
        counts: how often each symbol occurs, (V,).
        fingerprint: what decides whether two corpora are the same, and what came of the files, as JSON values.
        built: whether this opening had to collect it; False where the cache already had it.
    """

    def __init__(
        self,
        name: str,
        payload: Payload,
        places: tuple[int, int, int, int],
        counts: npt.NDArray[np.int64],
        fingerprint: dict[str, Any],
        *,
        built: bool,
    ) -> None:
        self.name = name
        self.vocabulary = payload.vocabulary
        self.length = places[-1]
        self.parts = Parts(
            Part(payload, "train", places[0], places[1]),
            Part(payload, "validation", places[1], places[2]),
            Part(payload, "test", places[2], places[3]),
        )
        self.whole = Part(payload, "whole", 0, places[-1])
        self.counts = counts
        self.fingerprint = fingerprint
        self.built = built

    def __repr__(self) -> str:
        return f"Corpus({self.name}, {self.length:,} characters, {self.vocabulary.size} symbols)"
