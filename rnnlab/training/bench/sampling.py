"""Characters drawn, against the obvious loop.

The loop and the comparison are `rnnlab.model.sampling.benchmark`'s; here only the cases are
chosen. Ours uses one thread, so its speed is that of one core; the loop gets all cores where
that makes it faster.
"""

from __future__ import annotations

import torch

from rnnlab.cores import usable_threads
from rnnlab.model.sampling.benchmark import PlainSampler, measure_sampling
from rnnlab.model.sampling.choice import EngineName
from rnnlab.training.bench.training import VOCABULARY
from rnnlab.training.bench.turns import Effort, Measurement, faster_threads

_PROBE = 8  # characters that the loop draws to find its number of threads


def cases(device: torch.device) -> list[tuple[EngineName, int]]:
    """Which engines are measured, with how many streams."""
    if device.type == "cuda":
        return [("auto", 1), ("exact", 1), ("auto", 1024)]
    return [("auto", 1), ("exact", 1), ("portable-int8", 1), ("auto", 64)]


def measure_case(
    layers: int, hidden: int, device: torch.device, effort: Effort, engine: EngineName, streams: int
) -> Measurement:
    """One engine with one number of streams."""
    before = torch.get_num_threads()
    plain = PlainSampler(layers, hidden, VOCABULARY).to(device).eval()
    on_cpu = device.type == "cpu"
    plain_threads = faster_threads(lambda: plain.sample(streams, _PROBE)) if on_cpu else usable_threads()
    try:
        torch.set_num_threads(plain_threads)
        speed = measure_sampling(
            layers,
            hidden,
            streams=streams,
            vocabulary_size=VOCABULARY,
            engine=engine,
            device=device,
            rounds=effort.rounds,
            seconds=effort.seconds,
        )
    finally:
        torch.set_num_threads(before)
    return Measurement(
        {
            "model": speed.model,
            "device": device.type,
            "engine": engine if engine.startswith("portable") else speed.engine,
            "streams": streams,
        },
        "chars",
        speed.chars_per_second,
        speed.baseline_chars_per_second,
        {"threads": 1, "baseline_threads": plain_threads},
    )
