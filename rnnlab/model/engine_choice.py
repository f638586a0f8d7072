"""Which engine computes the layers of a run, and on how many threads: chosen by timing, then kept.

The choice is made once, on this model and this shape of batch, and is recorded with the run, so
that resuming computes the same bits. torch's own float32 kernels are always among the candidates
and win unless another is clearly faster.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field
from typing import Any

import torch

from rnnlab.config import Precision
from rnnlab.cores import usable_threads
from rnnlab.errors import ConfigError
from rnnlab.model.cpu_timing import time_on_cpu
from rnnlab.model.cudnn_engine import FORMATS, LAYOUTS, CudnnEngine, set_float32_products
from rnnlab.model.gpu_choice import candidates, time_engines
from rnnlab.model.kernel_layer import KernelEngine
from rnnlab.model.layer import LayerEngine
from rnnlab.model.native.build import NativeUnavailable
from rnnlab.model.native_engine import NativeEngine
from rnnlab.model.network import CharModel
from rnnlab.model.portable_layer import PortableEngine
from rnnlab.model.reference_layer import ReferenceEngine

ENGINES: dict[str, Callable[[], LayerEngine]] = {
    "kernel": KernelEngine,
    "native": NativeEngine,
    "portable": PortableEngine,
    "reference": ReferenceEngine,
    **{
        engine.name: functools.partial(CudnnEngine, engine.format, engine.layout)
        for engine in itertools.starmap(CudnnEngine, itertools.product(FORMATS, LAYOUTS))
    },
}
LOW_PRECISION = ("native", "portable")
"""Engines whose products are bfloat16; their state and sums are float32."""
_WINDOW = 24  # steps timed; a longer window only favours the engines that prepare more
_CLEARLY = 0.95  # share of the kernels' time below which another engine wins


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine by name, a number of threads, and why."""

    engine: str
    threads: int
    chars_per_second: dict[str, float] = field(default_factory=dict)
    """What was measured for each candidate, as "engine/threads"; forward and backward, no optimizer."""
    notes: tuple[str, ...] = ()
    """Why a candidate was left out."""

    def apply(self, model: CharModel) -> None:
        """Let the model compute with this engine, and torch with these threads.

        Raises:
            ConfigError: where the engine does not run on this machine.
        """
        model.engine = make_engine(self.engine)
        set_float32_products(model.engine)
        torch.set_num_threads(self.threads)

    @property
    def speed(self) -> float:
        """Characters per second that were measured for it; 0 where there was no choice and so no timing."""
        return self.chars_per_second.get(self.engine, self.chars_per_second.get(f"{self.engine}/{self.threads}", 0.0))

    def promising(self) -> frozenset[str]:
        """Formats that came within half the speed of the fastest, which another size of batch may turn round."""
        least = max(self.chars_per_second.values(), default=0.0) / 2
        return frozenset(precision_of(name) for name, rate in self.chars_per_second.items() if rate >= least)

    @property
    def precision(self) -> str:
        """The format of the matrix products, as `rnnlab.config.Precision` calls it."""
        return precision_of(self.engine)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, for a run's ``resolved``."""
        return {**asdict(self), "notes": list(self.notes)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> EngineChoice:
        """The inverse of `to_json`."""
        return cls(values["engine"], values["threads"], dict(values["chars_per_second"]), tuple(values["notes"]))


def precision_of(engine: str) -> str:
    """The format of the products of the engine of that name."""
    if engine in LOW_PRECISION:
        return "bfloat16"
    return engine.split("-")[1] if engine.startswith("cudnn-") else "float32"


def make_engine(name: str) -> LayerEngine:
    """The engine of that name.

    Raises:
        ConfigError: where there is none, or it does not run on this machine.
    """
    if name not in ENGINES:
        raise ConfigError("layer engine", f"{name!r} is not known", f"Use one of: {', '.join(ENGINES)}.")
    try:
        return ENGINES[name]()
    except NativeUnavailable as reason:
        raise ConfigError("layer engine", f"{name} does not run here: {reason}", "Use kernel or portable.") from None


def choose_layer_engine(
    model: CharModel,
    streams: int,
    window: int,
    *,
    precision: Precision = "auto",
    threads: int | None = None,
    scaled: bool = True,
    among: Collection[str] | None = None,
    timed: bool = False,
) -> EngineChoice:
    """Time the engines that may compute ``model`` and return the fastest; the model is left as it was.

    Args:
        streams: N of the training batches.
        window: T of them.
        precision: float32 admits only torch's kernels, whose threads are timed; auto and bfloat16 also those
            with bfloat16 products, and on a GPU auto admits all.
        threads: a fixed number, or None to try all cores and one.
        scaled: on a GPU, whether losses can be scaled, as float16 needs.
        among: on a GPU, the formats worth timing; None for all.
        timed: measure also where there is nothing to choose.

    Raises:
        ConfigError: for a precision that this device does not compute in.
    """
    device = model.output_bias.device
    if device.type == "cuda":
        engines = candidates(model, streams, precision, scaled=scaled)
        engines = [each for each in engines if among is None or each.format in among]
        return _choose_on_gpu(model, engines, streams, window, threads or usable_threads(), timed=timed)
    check_precision(device.type, precision)
    # One thread first: beside other work several may take a thousand times as long, and then only one pass does.
    counts = [threads] if threads else sorted({1, usable_threads()})
    if device.type != "cpu":
        counts = counts[-1:]
    kernel_only = device.type != "cpu" or precision == "float32"
    if kernel_only and len(counts) == 1 and not timed:
        return EngineChoice("kernel", counts[0])
    return _choose_on_cpu(model, streams, window, counts, kernel_only=kernel_only)


def _choose_on_cpu(
    model: CharModel, streams: int, window: int, counts: list[int], *, kernel_only: bool
) -> EngineChoice:
    engines: dict[str, LayerEngine] = {}
    notes: tuple[str, ...] = ()
    if not kernel_only:
        try:
            engines["native"] = NativeEngine()
        except NativeUnavailable as reason:
            notes = (f"native: {reason}",)
            engines["portable"] = PortableEngine()
    engines["kernel"] = KernelEngine()  # the slowest of a large model comes last, for what is known by then
    seconds = time_on_cpu(model, engines, counts, streams, min(window, _WINDOW))
    slowest_allowed = _CLEARLY * min(value for (name, _), value in seconds.items() if name == "kernel")
    fast = {key: value for key, value in seconds.items() if key[0] == "kernel" or value < slowest_allowed}
    name, count = min(fast, key=lambda key: fast[key])
    chars = streams * min(window, _WINDOW)
    rates = {f"{name}/{count}": round(chars / value, 1) for (name, count), value in seconds.items()}
    return EngineChoice(name, count, rates, notes)


def check_precision(device: str, precision: Precision) -> None:
    """Refuse what a kind of device does not compute in.

    Raises:
        ConfigError: says what it does compute in.
    """
    possible = {"cpu": ("auto", "float32", "bfloat16"), "mps": ("auto", "float32")}.get(device)
    if possible is not None and precision not in possible:
        raise ConfigError(
            "precision", f"{precision} needs another device than {device}", f"Use {' or '.join(possible)}."
        )


def _choose_on_gpu(
    model: CharModel, engines: list[CudnnEngine], streams: int, window: int, threads: int, *, timed: bool
) -> EngineChoice:
    if len(engines) == 1 and not timed:
        return EngineChoice(engines[0].name, threads)
    rates, notes = time_engines(model, engines, streams, window)
    if not rates:
        raise ConfigError("precision", f"nothing runs on this GPU: {'; '.join(notes) or 'no way'}", "Use float32.")
    exact = [rate for name, rate in rates.items() if name.startswith("cudnn-float32-")]
    fast = {name: rate for name, rate in rates.items() if not exact or rate * _CLEARLY > max(exact)}
    chosen = max(fast or rates, key=lambda name: rates[name])
    return EngineChoice(chosen, threads, rates, tuple(notes))
