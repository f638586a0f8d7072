"""Several processes that train one run: who is who, and how they talk.

Rank 0 leads: it decides, writes, prints and judges. The others follow its orders, so all of them
do the same work in the same order and stop at the same step. Knows torch's process groups and
nothing of models or runs; ``torchrun`` says through the environment who takes part.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait
from enum import IntEnum
from typing import Any

import safetensors.torch
import torch
import torch.distributed as dist
from torch import Tensor

from rnnlab.errors import FailedError
from rnnlab.model.tensor_tree import put_together, take_apart

_PATIENCE = datetime.timedelta(minutes=30)
_GLANCE = 0.2  # seconds between two looks whether Ctrl-C was pressed
_LOST_WORDS = ("connect", "gloo", "nccl", "peer", "timed out", "socket")


class Order(IntEnum):
    """What the leader tells all others to do."""

    END = 0
    WAIT = 1
    BEGIN = 2
    STEP = 3
    RESTORE = 4
    GATHER = 5
    MEASURE = 6


class LostRankError(FailedError):
    """Another process of this training is gone."""

    def __init__(self) -> None:
        super().__init__(
            "training",
            "another process that took part is gone",
            "The last checkpoint is intact: start again with --resume.",
        )


class LostLeaderError(LostRankError):
    """The leading process was killed and could not say so itself."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.thing, self.reason = name, "the process that led its training was killed"


class Ranks:
    """The processes of this training; a single one needs no process group.

    ``rank`` of ``world`` processes, ``local_rank`` of ``local_world`` on this machine.
    """

    def __init__(self, rank: int = 0, world: int = 1, local_rank: int = 0, local_world: int = 1) -> None:
        self.rank, self.world = rank, world
        self.local_rank, self.local_world = local_rank, local_world

    @property
    def leads(self) -> bool:
        """Whether this process decides and writes."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """Which of ``count`` rows are this rank's: contiguous, all within one of the same number."""
        return slice(count * self.rank // self.world, count * (self.rank + 1) // self.world)

    def order(self, order: Order, number: int = 0, value: float = 0.0) -> None:
        """Tell all followers; does nothing where there are none.

        Raises:
            LostRankError: where one of them is gone. So for all that talks.
        """
        if self.world > 1:
            with told_lost():
                dist.broadcast(torch.tensor([order, number, value], dtype=torch.float64), 0)

    def next_order(self) -> tuple[Order, int, float]:
        """What the leader wants next."""
        told = torch.zeros(3, dtype=torch.float64)
        with told_lost():
            dist.broadcast(told, 0)
        order, number, value = told.tolist()
        return Order(int(order)), int(number), value

    def broadcast(self, tree: Any = None) -> Any:
        """The leader's tree of tensors and plain values, at every rank; tensors come on the CPU."""
        tensors: dict[str, Tensor] = {}
        data = b""
        if self.leads:
            plain = take_apart(tree, "tree", tensors)
            stored = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
            head = json.dumps(plain).encode()
            data = len(head).to_bytes(8, "little") + head + safetensors.torch.save(stored)
        with told_lost():
            size = torch.tensor([len(data)])
            dist.broadcast(size, 0)
            message = torch.frombuffer(bytearray(data), dtype=torch.uint8) if self.leads else _room(int(size))
            dist.broadcast(message, 0)
        if self.leads:
            return tree
        data = message.numpy().tobytes()
        end = 8 + int.from_bytes(data[:8], "little")
        return put_together(json.loads(data[8:end]), safetensors.torch.load(data[end:]))

    def sum(self, numbers: Tensor) -> Tensor:
        """The sum over all ranks, in place; the same bits at every rank."""
        with told_lost():
            dist.all_reduce(numbers)
        return numbers

    def gather(self, tensor: Tensor) -> list[Tensor]:
        """The tensors of all ranks (alike in shape and type, on the CPU), at the leader; empty at the others."""
        places = [torch.empty_like(tensor) for _ in range(self.world)] if self.leads else None
        with told_lost():
            dist.gather(tensor.contiguous(), places)
        return places or []

    def quit(self, code: int) -> None:
        """End this process at once where it is one of several; does nothing where it is alone.

        Everything must be closed. Taking gloo's threads down in order sometimes aborts the process
        ("terminate called without an active exception", torch 2.13), which torchrun takes for a failure.
        """
        if self.world > 1:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


ALONE = Ranks()


def _room(size: int) -> Tensor:
    return torch.empty(size, dtype=torch.uint8)


@contextlib.contextmanager
def told_lost() -> Iterator[None]:
    """Turn what torch says of a broken connection into `LostRankError`."""
    try:
        yield
    except RuntimeError as error:
        if not any(word in str(error).lower() for word in _LOST_WORDS):
            raise
        raise LostRankError from error


def launched() -> Ranks:
    """Which of the processes that torchrun started this one is; alone where it did not. Nobody is called yet."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1 or "RANK" not in os.environ:
        return ALONE
    local = (int(os.environ.get(name, "0")) for name in ("LOCAL_RANK", "LOCAL_WORLD_SIZE"))
    return Ranks(int(os.environ["RANK"]), world, *local)


@contextlib.contextmanager
def joined(ranks: Ranks) -> Iterator[None]:
    """Inside, the processes talk; waits until all are there.

    A leader that leaves in good order dismisses the followers. One that fails may have left them in
    the middle of something: it just ends, which they notice.
    """
    if ranks.world == 1:
        yield
        return
    with told_lost():
        _meet()
    yield
    if ranks.leads:
        with contextlib.suppress(LostRankError):  # gone a moment early: the work is done
            ranks.order(Order.END)


def _meet() -> None:
    """Wait for the others in a thread: torch would keep Ctrl-C waiting as long as they are.

    Waiting has an end, time and again: a signal that comes when Python has looked for one and does not
    sleep yet would otherwise be heard only when the others are there.
    """
    met: Future[None] = Future()

    def meet() -> None:
        try:
            dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo", timeout=_PATIENCE)
        except BaseException as error:  # noqa: BLE001  # raised by whoever waits
            met.set_exception(error)
        else:
            met.set_result(None)

    threading.Thread(target=meet, name="meeting", daemon=True).start()
    while not met.done():
        wait([met], _GLANCE)
    met.result()
