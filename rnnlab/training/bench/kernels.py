"""Which kernels a piece of work spends its time in, by torch's profiler: where to look when a figure falls short."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

_TIMES = 2
_SHOWN = 12


def kernels_of(work: Callable[[], object], device: torch.device) -> tuple[float, dict[str, Any]]:
    """Milliseconds that the device is busy in one call of ``work``, with the wall's and the heaviest kernels' share.

    ``work`` must have been warmed up: captured graphs are then seen as the kernels in them.
    """
    on_card = device.type == "cuda"
    activities = [ProfilerActivity.CUDA] if on_card else [ProfilerActivity.CPU]
    finish(device)
    with profile(activities=activities) as seen:
        begin = time.perf_counter()
        for _ in range(_TIMES):
            work()
        finish(device)
        wall = (time.perf_counter() - begin) * 1e3 / _TIMES
    found = [
        (float(event.self_device_time_total if on_card else event.self_cpu_time_total), event.key, event.count)
        for event in seen.key_averages()
    ]
    found.sort(reverse=True)
    heaviest = [
        {"kernel": name[:80], "milliseconds": spent / 1e3 / _TIMES, "calls": count / _TIMES}
        for spent, name, count in found[:_SHOWN]
    ]
    busy = sum(spent for spent, _, _ in found) / 1e3 / _TIMES
    return busy, {"wall_milliseconds": wall, "calls": sum(count for *_, count in found) / _TIMES, "kernels": heaviest}


def finish(device: torch.device) -> None:
    """Wait until all work on the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
