"""Work on a GPU recorded once and replayed with a single call, which spares thousands of calls from the host.

What may be recorded: work on tensors that stay where they are, whose shapes never change and whose
values the host never asks for. Elsewhere than on CUDA the same work runs as it is. Not yet
measured on a card.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import torch

_WARM_UPS = 3
"""Runs before the recording, in which libraries choose their algorithms and take their memory."""


class Replayed:
    """Runs ``work`` at each call; from the fourth on, on CUDA, as one captured graph.

    The first runs are real ones, not rehearsals: nothing that they change has to be undone. Where
    the work cannot be captured it goes on as it is, and `trouble` says why.

    Args:
        work: what is to be done; see above for what it may contain.
        device: where.
        capturing: whether to capture at all.
    """

    def __init__(self, work: Callable[[], None], device: torch.device, *, capturing: bool = True) -> None:
        self._work, self._device, self._capturing = work, device, capturing
        self._graph: torch.cuda.CUDAGraph | None = None
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]  # torch leaves it untyped
        self._runs = 0
        self.trouble = ""
        """Why there is no graph, in one line; empty while there is no trouble."""

    @property
    def captured(self) -> bool:
        """Whether the work is replayed as a graph now."""
        return self._graph is not None

    def __call__(self) -> None:
        """Do the work; on CUDA the host does not wait for it."""
        if self._stream is None:
            self._work()
            return
        if self._capturing and self._graph is None and self._runs >= _WARM_UPS and not self.trouble:
            self._capture()
        if self._graph is not None:
            self._graph.replay()
            return
        with _beside(self._stream, self._device):
            self._work()
        self._runs += 1

    def forget(self) -> None:
        """Capture anew before the next replay: a tensor that the work uses has been replaced."""
        self._graph = None

    def _capture(self) -> None:
        graph = torch.cuda.CUDAGraph()
        try:
            # Other threads may use the GPU meanwhile, and none of what they do belongs to the graph.
            with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
                self._work()
        except RuntimeError as error:  # torch.OutOfMemoryError and torch.AcceleratorError are such
            self.trouble = str(error).strip().partition("\n")[0] or type(error).__name__
            torch.cuda.synchronize(self._device)
        else:
            self._graph = graph


@contextlib.contextmanager
def _beside(stream: torch.cuda.Stream, device: torch.device) -> Iterator[None]:
    """Inside, work goes to another stream, after what came before and before what comes after."""
    current = torch.cuda.current_stream(device)
    stream.wait_stream(current)
    with torch.cuda.stream(stream):
        yield
    current.wait_stream(stream)
