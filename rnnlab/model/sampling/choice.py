"""Which engine runs a network here.

Never depends on how many streams there will be: the same seed must give the same text for one
sample and for a thousand. On a CPU `auto` is int8, compiled where a compiler is there and
portable where not; the two differ in the last bits of a float32 and so, after a while, in the text.
"""

from __future__ import annotations

import typing
from typing import Literal

import torch

from rnnlab.errors import ConfigError
from rnnlab.model.native.build import NativeUnavailable
from rnnlab.model.sampling.engine import Engine
from rnnlab.model.sampling.graph import GraphEngine
from rnnlab.model.sampling.native import NativeExact, NativeInt8
from rnnlab.model.sampling.portable import PortableExact, PortableInt8
from rnnlab.model.sampling.weights import Weights

EngineName = Literal["auto", "exact", "int8", "portable-exact", "portable-int8", "graph", "graph-exact"]
ENGINES: tuple[str, ...] = typing.get_args(EngineName)


def make_engine(weights: Weights, name: EngineName = "auto", *, device: torch.device, threads: int = 1) -> Engine:
    """The engine of that name.

    auto            graph on a CUDA device, else int8
    exact           float32: compiled, or portable where there is no compiler; on a CUDA device graph-exact
    int8            8-bit integers: compiled, or portable
    portable-exact  float32 in NumPy (portable-int8 likewise)
    graph           16-bit floats on a CUDA device, captured in a graph; graph-exact: 32-bit ones

    Raises:
        ConfigError: for an unknown name, or one that does not go with the device.
    """
    if name not in ENGINES:
        raise ConfigError("engine", f"{name!r} is not known", f"Use one of: {', '.join(ENGINES)}.")
    cuda = device.type == "cuda"
    if name in ("graph", "graph-exact") or (cuda and name in ("auto", "exact")):
        return GraphEngine(weights, device=device, exact=name in ("exact", "graph-exact"))
    if cuda:
        raise ConfigError("engine", f"{name} runs on a CPU", "Use --device cpu, or --engine graph.")
    if name.startswith("portable-"):
        return PortableExact(weights) if name == "portable-exact" else PortableInt8(weights)
    try:
        return (NativeExact if name == "exact" else NativeInt8)(weights, threads=threads)
    except NativeUnavailable:
        return (PortableExact if name == "exact" else PortableInt8)(weights)
