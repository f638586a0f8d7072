"""Windows of text on a device, for an update that never waits for the host.

The train part lies on the device where it fits, and an update takes its window out of it at a
place that the host only names. Where it does not fit, a thread reads windows ahead into memory
that the device fetches by itself, while it still works on earlier ones. Both keep their tensors in
place, as a captured graph needs.

N streams, T characters in a window, L characters in a stream.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from rnnlab.corpus.ahead import ahead
from rnnlab.training.batches import Batches

_PIECE = 1 << 24  # symbols that are read at a time
_DEPTH = 28  # windows that wait in the host's memory
_SLOTS = _DEPTH + 4
"""Places for them: besides those that wait one is being filled, one waits for room and one is being sent."""
_SHARE = 0.4  # of the free memory, which a resident part may take


class Windows(Protocol):
    """Where an update finds its symbols."""

    def aim(self, index: int) -> None:
        """Make ``ids`` give the window after ``index`` others, counted over all epochs; never waits for the device."""
        ...

    def ids(self) -> Tensor:
        """(N, T + 1) int64: inputs, and one more for the targets. Work for the device alone."""
        ...

    def close(self) -> None:
        """Let go of what else is at work; `aim` starts it again."""
        ...


class ResidentWindows:
    """Takes windows out of a part that lies on the device as a whole, (N, L)."""

    def __init__(self, batches: Batches, device: torch.device) -> None:
        self._batches = batches
        self._text = _text_on(device, batches)
        self._columns = torch.arange(batches.window + 1, device=device)
        self._start = torch.zeros((), dtype=torch.int64, device=device)

    def aim(self, index: int) -> None:
        """See `Windows`: a number is written, nothing is copied."""
        self._start.fill_(index % self._batches.per_epoch * self._batches.window)

    def ids(self) -> Tensor:
        """See `Windows`."""
        return self._text.index_select(1, self._columns + self._start).long()

    def close(self) -> None:
        """See `Windows`; nothing else is at work."""


class StreamedWindows:
    """Windows that a thread reads ahead, into memory that the device can read by itself.

    The thread changes nothing but what waits: the next window is the one that `aim` names, whatever
    was read before. Nobody else may read the batches meanwhile.
    """

    def __init__(self, batches: Batches, device: torch.device) -> None:
        self._batches = batches
        self._pinned = device.type == "cuda"
        first = batches.read(0)
        shape, dtype = first.shape, _stored(first.dtype)
        self._window = torch.zeros(shape, dtype=dtype, device=device)
        self._slots = [torch.zeros(shape, dtype=dtype, pin_memory=self._pinned) for _ in range(_SLOTS)]
        self._sent: list[torch.cuda.Event | None] = [None] * _SLOTS
        self._reading = contextlib.ExitStack()
        self._ready: Iterator[Tensor] = iter(())
        self._next = -1
        self._lock = threading.Lock()
        self._begun = 0

    def aim(self, index: int) -> None:
        """See `Windows`; waits only where reading is slower than learning.

        Raises:
            CorpusError: where the text could not be read.
        """
        if index != self._next:
            self._begin(index)
        self._next = -1  # where reading failed, it begins anew
        slot = next(self._ready)
        self._window.copy_(slot, non_blocking=True)
        if self._pinned:
            event = torch.cuda.Event()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            event.record()
            self._sent[index % _SLOTS] = event
        self._next = index + 1

    def ids(self) -> Tensor:
        """See `Windows`."""
        return self._window.long()

    def close(self) -> None:
        """See `Windows`."""
        self._reading.close()
        self._next = -1

    def _begin(self, index: int) -> None:
        """Read on from the window after ``index`` others."""
        self.close()
        with self._lock:
            self._begun += 1
        self._ready = self._reading.enter_context(ahead(self._filled(index, self._begun), _DEPTH))

    def _filled(self, index: int, begun: int) -> Iterator[Tensor]:
        """The windows from ``index`` on, each in its slot, which keeps it until `_SLOTS` later ones; in a thread."""
        while True:
            slot, sent = self._slots[index % _SLOTS], self._sent[index % _SLOTS]
            if sent is not None:
                sent.synchronize()
            with self._lock:
                if begun != self._begun:  # closed in the middle of a slow read, and others read by now
                    return
                # Not torch's copy, which would share it out over as many threads again.
                np.copyto(slot.numpy(), self._batches.read(index), casting="unsafe")
            yield slot
            index += 1


def windows_on(device: torch.device, batches: Batches) -> Windows:
    """Resident windows where the part takes no more than a share of the free memory, else streamed ones."""
    if device.type == "cuda":
        width = _stored(batches.read(0).dtype).itemsize
        free, _ = torch.cuda.mem_get_info(device)
        if batches.count * batches.streams.length * width > _SHARE * free:
            return StreamedWindows(batches, device)
    return ResidentWindows(batches, device)


def _text_on(device: torch.device, batches: Batches) -> Tensor:
    """All streams as one tensor (N, L), copied piece by piece."""
    streams, count = batches.streams, batches.count
    piece = max(1, _PIECE // count)
    dtype = _stored(streams.read(0, 1).dtype)
    text = torch.empty(count, streams.length, dtype=dtype, device=device)
    for start in range(0, streams.length, piece):
        stop = min(streams.length, start + piece)
        text[:, start:stop] = torch.from_numpy(streams.read(start, stop).astype(_numpy(dtype)))
    return text


def _stored(dtype: np.dtype[np.generic]) -> torch.dtype:
    """The narrowest format of torch that indexing works well with and that holds such symbols."""
    return torch.uint8 if dtype.itemsize == 1 else torch.int32


def _numpy(dtype: torch.dtype) -> type[np.generic]:
    return np.uint8 if dtype is torch.uint8 else np.int32
