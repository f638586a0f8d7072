"""How fast layer engines compute a network on a CPU, measured in a second or so.

Knows engines by name only; which of them is taken is `engine_choice`'s business.

N streams, T characters in a window.
"""

from __future__ import annotations

import itertools
import time

import torch

from rnnlab.model.layer import LayerEngine
from rnnlab.model.network import CharModel

_BUDGET = 0.5  # seconds of timing
_FIRST_SHARE = 4  # of the window are timed first
_BEHIND = 2.0  # times the best time in that round: not tried again
_MANY = 16  # streams
_LARGE = 0.1  # seconds of that round
_HOPELESS = 4.0  # times the best time so far: not tried again
_HOPELESS_WHEN_LATE = 1.25  # where one round of a large model has taken all the time there is


def time_on_cpu(
    model: CharModel, engines: dict[str, LayerEngine], counts: list[int], streams: int, window: int
) -> dict[tuple[str, int], float]:
    """The least seconds of one forward and backward for each engine and number of threads, taken in turns.

    A first round over few steps warms up and drops what is far behind, at the speed that it showed there. Of a
    large model that round alone takes a good part of a second: a number of threads that is far behind with one
    engine is not tried with the next.
    """
    before = model.engine, torch.get_num_threads(), torch.random.get_rng_state()
    ids = torch.zeros(streams, window, dtype=torch.int64)
    few = ids[:, : max(1, window // _FIRST_SHARE)]
    running = list(itertools.product(engines, counts))
    end = time.perf_counter() + _BUDGET

    def taken(key: tuple[str, int], ids: torch.Tensor) -> float:
        model.engine = engines[key[0]]
        torch.set_num_threads(key[1])
        return _one_pass(model, ids)

    try:
        for name in engines:  # what is computed first pays for what is loaded then
            taken((name, min(counts)), ids[:, :2])
        first: dict[tuple[str, int], float] = {}
        for name, count in running:
            others = {threads: seconds for (_, threads), seconds in first.items()}
            if others.get(count, 0.0) > max(_LARGE, _BEHIND * min(others.values(), default=0.0)):
                continue
            first[name, count] = taken((name, count), few)
        # What prepares more is behind over few steps where there is little besides to compute.
        behind = _BEHIND if streams >= _MANY else _HOPELESS
        best = {key: seconds * window / few.shape[1] for key, seconds in first.items()}
        running = [key for key in first if first[key] < behind * min(first.values())]
        for rounds in itertools.count():
            if (rounds >= 2 or (rounds and len(running) == 1)) and time.perf_counter() > end:
                return best
            for key in running:
                seconds = taken(key, ids)
                best[key] = min(seconds, best[key]) if rounds else seconds
            late = time.perf_counter() > end
            hopeless = (_HOPELESS_WHEN_LATE if late else _HOPELESS) * min(best[key] for key in running)
            running = [key for key in running if best[key] < hopeless]
        raise AssertionError("unreachable")
    finally:
        model.engine = before[0]
        torch.set_num_threads(before[1])
        torch.random.set_rng_state(before[2])


def _one_pass(model: CharModel, ids: torch.Tensor) -> float:
    start = time.perf_counter()
    loss, _ = model.loss(ids, ids)
    torch.autograd.grad(loss, list(model.parameters()))
    return time.perf_counter() - start
