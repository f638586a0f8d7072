"""The train part as N contiguous streams, cut into windows of T characters.

Stream i is the i-th of N equal, contiguous shares of the part. Window w of every stream
together is one batch (N × T); the hidden state that window w leaves is what window w + 1
starts from, so the order is the text's own. When an epoch ends every stream starts again
at its beginning, from a zero state. Everything follows from the number of windows read so
far, which is all that a checkpoint has to remember.

N streams, T characters in a window.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import torch

from rnnlab.errors import ConfigError


class Streams(Protocol):
    """N contiguous texts of equal length, read in place."""

    @property
    def length(self) -> int:
        """Characters in each stream."""
        ...

    def read(self, start: int, stop: int) -> np.ndarray:
        """Symbols start to stop of every stream, (N, stop - start)."""
        ...


class Batch(NamedTuple):
    """Inputs and targets of one step, both (N, T) int64; ``first``: the hidden state starts from zero.

    ``number``: how many batches lie before it, counted over all epochs.
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    first: bool
    number: int = 0


class Batches:
    """Cuts streams into windows.

    Args:
        streams: the N texts.
        count: N.
        window: T.

    Raises:
        ConfigError: if a stream is too short for a single window.
    """

    def __init__(self, streams: Streams, count: int, window: int) -> None:
        self.streams = streams
        self.count = count
        self.window = window
        self.per_epoch = (streams.length - 1) // window
        if self.per_epoch < 1:
            raise ConfigError(
                "streams and window",
                f"each of the {count} streams has {streams.length:,} characters, too few for a window of {window}",
                "Use fewer --streams, a shorter --window, or more text.",
            )

    @property
    def chars(self) -> int:
        """Characters that one step learns from, N · T."""
        return self.count * self.window

    def first(self, index: int) -> bool:
        """Whether the streams begin anew with the batch after ``index`` others."""
        return index % self.per_epoch == 0

    def read(self, index: int) -> np.ndarray:
        """Symbols (N, T + 1) of the batch after ``index`` others, counted over all epochs."""
        start = index % self.per_epoch * self.window
        return self.streams.read(start, start + self.window + 1)

    def at(self, index: int) -> Batch:
        """The batch after ``index`` others, counted over all epochs."""
        ids = torch.from_numpy(self.read(index).astype(np.int64))
        return Batch(inputs=ids[:, :-1], targets=ids[:, 1:], first=self.first(index), number=index)
