"""Which of cuDNN's ways computes the layers of a run on a GPU: chosen by timing, as a graph, then kept.

float32 with all its bits is always among the candidates, and wins unless another is clearly faster.
What does not run on the card at hand is left out, and the reason recorded. Not yet measured on a card.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import torch

from rnnlab.config import Precision
from rnnlab.model.cuda_graph import Replayed
from rnnlab.model.cudnn_engine import FORMATS, LAYOUTS, CudnnEngine, Format, set_float32_products
from rnnlab.model.network import CharModel

_MOST_STEPS = 64  # of a window are timed
_ROUNDS = 5
_REPLAYS = 3
_MOST_PERSISTENT = 1024  # units
_SHARE = 0.3  # of the memory, that the values of one update may take


def candidates(model: CharModel, streams: int, precision: Precision, *, scaled: bool) -> list[CudnnEngine]:
    """The engines worth timing for this network, the safest first.

    Args:
        model: whose layers they compute.
        streams: N.
        precision: what the user allows.
        scaled: whether losses can be scaled, without which float16 loses small gradients.
    """
    formats: tuple[Format, ...] = FORMATS if precision == "auto" else (precision,)
    if precision == "auto" and not torch.backends.cudnn.is_acceptable(model.output_bias.bfloat16()):  # type: ignore[no-untyped-call]  # torch leaves it untyped
        formats = tuple(wanted for wanted in formats if wanted != "bfloat16")  # torch's own loop is far slower
    found = []
    for wanted in reversed(formats):
        if wanted == "float16" and not scaled:
            continue
        for layout in LAYOUTS:
            engine = CudnnEngine(wanted, layout)
            if layout == "persistent" and (
                wanted != "float16" or model.config.hidden > _MOST_PERSISTENT or streams > engine.unit
            ):
                continue
            if layout == "stacked" and (
                model.config.layers == 1 or model.config.skip or model.config.dropout_between > 0
            ):
                continue
            found.append(engine)
    return found


def time_engines(
    model: CharModel, engines: list[CudnnEngine], streams: int, window: int
) -> tuple[dict[str, float], list[str]]:
    """Characters per second of one forward and backward for each engine, and why others were left out.

    The model is left as it was, and so are the random states.
    """
    device = model.output_bias.device
    before, random = model.engine, torch.get_rng_state()
    card = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
    steps = min(window, _MOST_STEPS)
    drawn = torch.randint(model.vocabulary_size, (streams, steps), generator=torch.Generator().manual_seed(0))
    ids = drawn.to(device)  # zeros would be computed faster than text
    rates: dict[str, float] = {}
    notes: list[str] = []
    try:
        for engine in engines:
            try:
                seconds, trouble = _seconds(model, engine, ids)
                rates[engine.name] = round(streams * steps / seconds, 1)
                if trouble:
                    notes.append(f"{engine.name}: no graph: {trouble}")
            except RuntimeError as error:  # torch.OutOfMemoryError is one
                notes.append(f"{engine.name}: {str(error).strip().partition(chr(10))[0]}")
    finally:
        model.engine = before
        torch.set_rng_state(random)
        if card is not None:
            torch.cuda.set_rng_state(card, device)
    return rates, notes


def memory_trouble(model: CharModel, engine: CudnnEngine, streams: int, window: int) -> str:
    """Why one forward and backward of a whole window leaves too little of the GPU's memory, or an empty string.

    A captured update holds its memory for good, besides what was taken before the capture; and the text
    wants room.
    """
    device = model.output_bias.device
    if device.type != "cuda":
        return ""
    before, model.engine = model.engine, engine
    ids = torch.zeros(streams, window, dtype=torch.int64, device=device)
    torch.cuda.reset_peak_memory_stats(device)
    try:
        loss, _ = model.loss(ids, ids)
        torch.autograd.grad(loss, list(model.parameters()))
        _finish(device)
        full = torch.cuda.max_memory_allocated(device) > _SHARE * torch.cuda.get_device_properties(device).total_memory
    except torch.OutOfMemoryError:
        full = True
    finally:
        model.engine = before
        torch.cuda.empty_cache()
    return f"{streams} take too much of the GPU's memory" if full else ""


def _seconds(model: CharModel, engine: CudnnEngine, ids: torch.Tensor) -> tuple[float, str]:
    """The median of one forward and backward, as a graph where that works; and why it does not."""
    device = ids.device
    model.engine = engine
    set_float32_products(engine)
    weights = list(model.parameters())

    def work() -> None:
        loss, _ = model.loss(ids, ids)
        torch.autograd.grad(loss, weights)

    replayed = Replayed(work, device)
    for _ in range(4):
        replayed()
    return statistics.median(_timed(replayed, device)), replayed.trouble


def _timed(replayed: Replayed, device: torch.device) -> Iterator[float]:
    for _ in range(_ROUNDS):
        _finish(device)
        begin = time.perf_counter()
        for _ in range(_REPLAYS):
            replayed()
        _finish(device)
        yield (time.perf_counter() - begin) / _REPLAYS


def _finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
