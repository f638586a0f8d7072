"""The loss of a whole part, read once: sum of losses over characters, with a state of its own.

For speed the part is read as several streams at once. So that their number does not change
the figure, each stream first reads the characters before its beginning without counting them;
every character but the very first of the part is predicted exactly once.

N streams, T characters in a window, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch.nn import functional

_STREAMS = 64
_GPU_STREAMS = 512
_WINDOW = 128
_WARM_CHARS = 512
_LEAST_SHARE = 4 * _WARM_CHARS


class Part(Protocol):
    """A part of a corpus, read in place."""

    def __len__(self) -> int:
        """Characters in the part."""
        ...

    def read(self, start: int, stop: int) -> np.ndarray:
        """Symbols start to stop."""
        ...


class Network(Protocol):
    """What is measured: logits (N, T, V) and the next state from ids (N, T) and a state."""

    def __call__(self, ids: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        """One window."""
        ...


@dataclass(frozen=True, slots=True)
class Measured:
    """``loss`` in nats per character over ``chars`` predicted characters."""

    loss: float
    chars: int

    @property
    def bits_per_character(self) -> float:
        """Nats over ln 2."""
        return self.loss / math.log(2)


def measure(
    network: Network,
    part: Part,
    device: torch.device,
    *,
    most: int = 0,
    keep_going: Callable[[], bool] = lambda: True,
) -> Measured | None:
    """Read the part (or its first ``most`` characters) once; None if ``keep_going`` said stop.

    The network must be in evaluation mode; gradients are not recorded.
    """
    sums = sum_losses(network, part, device, most=most, keep_going=keep_going)
    return None if sums is None else Measured(loss=sums[0] / max(1, sums[1]), chars=sums[1])


def sum_losses(
    network: Network,
    part: Part,
    device: torch.device,
    *,
    most: int = 0,
    keep_going: Callable[[], bool] = lambda: True,
    share: tuple[int, int] = (0, 1),
) -> tuple[float, int] | None:
    """Sum of losses in nats, and characters predicted; None if ``keep_going`` said stop.

    Args:
        share: (rank, ranks): only that share of the streams, so that the sums over all ranks are the whole's.
    """
    length = min(len(part), most) if most else len(part)
    most_streams = _GPU_STREAMS if device.type == "cuda" else _STREAMS
    count = max(1, min(most_streams, length // _LEAST_SHARE))
    warm = _WARM_CHARS if count > 1 else 0
    each = (length - warm) // count
    lead = length - (count - 1) * each  # what each stream reads: its share and the characters before it
    rows = range(count * share[0] // share[1], count * (share[0] + 1) // share[1])
    ends = [lead + row * each for row in rows]
    if not ends:
        return 0.0, 0
    total = torch.zeros((), dtype=torch.float64, device=device)
    chars = 0
    state: Any = None
    with torch.inference_mode():
        for at in range(0, lead - 1, _WINDOW):
            if not keep_going():
                return None
            width = min(_WINDOW, lead - 1 - at)
            ids, counted = _window(part, ends, lead, each, at, width, rows.start == 0)
            inputs = torch.from_numpy(ids[:, :-1]).to(device)
            logits, state = network(inputs, state)
            losses = functional.cross_entropy(
                logits.flatten(0, 1).float(), torch.from_numpy(ids[:, 1:].copy()).to(device).flatten(), reduction="none"
            )
            total += losses[torch.from_numpy(counted).to(device).flatten()].double().sum()
            chars += int(counted.sum())
    return float(total), chars


def _window(
    part: Part, ends: list[int], lead: int, each: int, at: int, width: int, first: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Symbols (N, width + 1) of all streams, and which of the predicted ones count, (N, width).

    Every stream reads ``lead`` characters up to its end. The part's first stream, which comes
    first here if ``first``, counts all of them, the others the last ``each``: what lies before
    belongs to the stream before.
    """
    ids = np.stack([part.read(end - lead + at, end - lead + at + width + 1) for end in ends]).astype(np.int64)
    counted = np.ones((len(ends), width), dtype=bool)
    predicted = np.arange(at + 1, at + width + 1)
    counted[int(first) :] = predicted >= lead - each
    return ids, counted
