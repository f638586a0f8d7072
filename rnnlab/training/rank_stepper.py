"""An update made by several processes: each computes its share of the streams, gradients are averaged.

The averaging is `DistributedDataParallel`'s. A rank with fewer streams weighs less, so the
gradient is that of the mean loss over all N streams, whatever the number of ranks, and clipping
and the optimizers see the same at every rank. The hidden state is a value that each rank holds
for its own streams; the leader gathers it for checkpoints. Each rank's text is read ahead by a thread.

N streams over all ranks, n of them here, T characters in a window, H hidden, L layers.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from rnnlab.config import TrainingConfig
from rnnlab.errors import ConfigError
from rnnlab.model.layer import State
from rnnlab.model.network import CharModel
from rnnlab.training.batches import Batch, Batches, Streams
from rnnlab.training.ranks import Order, Ranks, told_lost
from rnnlab.training.step import Stepper
from rnnlab.training.validation import Measured, Part, sum_losses
from rnnlab.training.windows import StreamedWindows, windows_on

PARTS = ("validation", "test")
_WAIT_SECONDS = 60.0


class _Loss(nn.Module):
    """The network's loss as a module's forward, which is all that DistributedDataParallel watches."""

    def __init__(self, network: CharModel) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: Tensor, targets: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Mean loss and the state."""
        return self.network.loss(inputs, targets, state)


class _Rows:
    """Some of several streams."""

    def __init__(self, streams: Streams, rows: slice) -> None:
        self.length = streams.length
        self._streams, self._rows = streams, rows

    def read(self, start: int, stop: int) -> np.ndarray:
        """Symbols (n, stop - start)."""
        return self._streams.read(start, stop)[self._rows]


class RankStepper(Stepper):
    """A `Stepper` that is one of several. The leader's methods give orders; followers carry them out.

    Raises:
        ConfigError: where there are fewer streams than ranks.
    """

    def __init__(
        self, network: CharModel, config: TrainingConfig, device: torch.device, batches: Batches, ranks: Ranks
    ) -> None:
        check_streams(config, ranks)
        super().__init__(network, config, device)
        self.ranks = ranks
        self._rows, self._count = ranks.share(config.streams), config.streams
        own = self._rows.stop - self._rows.start
        self._weight = own / config.streams
        text = Batches(_Rows(batches.streams, self._rows), own, config.window)
        # In a host's memory the text has no place as a whole.
        self._windows = windows_on(device, text) if device.type == "cuda" else StreamedWindows(text, device)
        self._seed = config.seed + ranks.rank
        self._waited = time.monotonic()
        self._told_slow = False
        with told_lost():
            # The network has no buffers: DistributedDataParallel would replace them with the leader's.
            device_ids = [device.index or 0] if device.type == "cuda" else None
            self._parallel = DistributedDataParallel(_Loss(network), device_ids=device_ids)
        torch.manual_seed(self._seed)  # each rank drops other components

    def learn(self, batches: Batches, index: int, learning_rate: float) -> None:
        """Make one update, from this rank's streams of the batch after ``index`` others."""
        if self.ranks.leads:
            self.ranks.order(Order.STEP, index, learning_rate)
        self._windows.aim(index)
        ids = self._windows.ids()  # (n, T + 1)
        with told_lost():
            self.step(Batch(ids[:, :-1], ids[:, 1:], batches.first(index), index), learning_rate)

    def close(self) -> None:
        """See `Stepper`."""
        self._windows.close()

    def _forward(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, State]:
        loss, state = self._parallel(inputs, targets, self.state)
        return loss * (self._weight * self.ranks.world), state

    def _told(self, loss: Tensor) -> Tensor:
        return self.ranks.sum(loss.detach() / self.ranks.world)

    def troubles(self) -> list[str]:
        """See `Stepper`: gradients are averaged between the parts of an update."""
        told, self._told_slow = self._told_slow, True
        if told or self.device.type != "cuda":
            return []
        return ["no CUDA graph, updates are slower: several processes wait for one another within each update"]

    def idle(self) -> None:
        """Keep the followers from giving up while a person lets the run pause."""
        if time.monotonic() - self._waited > _WAIT_SECONDS:
            self._waited = time.monotonic()
            self.ranks.order(Order.WAIT)

    def gather(self) -> dict[str, Any]:
        """See `Stepper`; every rank's random state comes along."""
        if self.ranks.leads:
            self.ranks.order(Order.GATHER)
        own = super().gather()
        random = [{"cpu": state} for state in self.ranks.gather(own["random"]["cpu"])]
        if self.device.type == "cuda":
            for tree, state in zip(random, self.ranks.gather(own["random"]["cuda"]), strict=True):
                tree["cuda"] = state
        return {"hidden": self._gathered_hidden(), "random": {**own["random"], "ranks": random}}

    def _gathered_hidden(self) -> State | None:
        if self.state is None:  # then every rank's is: a text begins for all streams at once
            return None
        widths = [len(layer) for layer in self.state]
        flat = torch.cat([part for layer in self.state for part in layer], dim=1).cpu()  # (n, L·parts·H)
        most = math.ceil(self._count / self.ranks.world)
        shares = self.ranks.gather(functional.pad(flat, (0, 0, 0, most - flat.shape[0])))
        if not shares:
            return None
        counts = [Ranks(rank, self.ranks.world).share(self._count) for rank in range(self.ranks.world)]
        whole = torch.cat([share[: part.stop - part.start] for share, part in zip(shares, counts, strict=True)])
        parts = list(torch.split(whole, self.state[0][0].shape[1], dim=1))
        return tuple(tuple(parts.pop(0).contiguous() for _ in range(width)) for width in widths)

    def share(self, weights: Mapping[str, Any], optimizer: Any, tree: Any) -> None:
        """Let the followers go back to the same checkpoint."""
        if self.ranks.leads:
            self.ranks.order(Order.RESTORE)
            self.ranks.broadcast({"weights": dict(weights), "optimizer": optimizer, "trainer": tree})

    def set_hidden(self, hidden: State | None) -> None:
        """Take this rank's rows of the state of all streams."""
        super().set_hidden(hidden and tuple(tuple(part[self._rows] for part in layer) for layer in hidden))

    def set_random(self, random: Mapping[str, Any]) -> None:
        """Take this rank's random state; where the number of ranks was another one, the followers start anew."""
        saved = random.get("ranks", [])
        if len(saved) == self.ranks.world:
            super().set_random(saved[self.ranks.rank])
        elif self.ranks.leads:
            super().set_random(random)
        else:
            torch.manual_seed(self._seed)

    def measure(self, part: Part, name: str, most: int, keep_going: Callable[[], bool]) -> Measured | None:
        """See `Stepper`; every rank reads its share of the part, and sums and counts are added up."""
        self.ranks.order(Order.MEASURE, PARTS.index(name), most)
        self.ranks.broadcast(self.network.state_dict())
        return self.measure_share(part, most, keep_going)

    def measure_share(self, part: Part, most: int, keep_going: Callable[[], bool] = lambda: True) -> Measured | None:
        """What `measure` does at every rank."""
        place = (self.ranks.rank, self.ranks.world)
        own = sum_losses(self.network, part, self.device, most=most, keep_going=keep_going, share=place)
        total, chars = own or (0.0, 0)
        sums = self.ranks.sum(torch.tensor([total, chars, own is None], dtype=torch.float64)).tolist()
        return None if sums[2] else Measured(loss=sums[0] / max(1, int(sums[1])), chars=int(sums[1]))


def check_streams(config: TrainingConfig, ranks: Ranks) -> None:
    """Refuse more ranks than streams.

    Raises:
        ConfigError: where some rank would have none.
    """
    if ranks.world > config.streams:
        raise ConfigError(
            "streams", f"{config.streams} cannot be dealt out over {ranks.world} processes", "Use more --streams."
        )
