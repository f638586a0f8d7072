"""The engine for a GPU: several steps with their draws in one captured graph.

On a CUDA device `_captured` records the work once per batch size and settings, and replays it;
elsewhere it runs the very same work as it is, which is how it is tested without a GPU. Random
numbers are those of draw.py, made for a whole chunk at a time. The state stays on the device.
Speed on a GPU: not yet measured.

Shapes: N streams, T time, V vocabulary, H hidden, L layers, R rows of gates (see weights.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnlab.model.sampling.draw import TOP, uniform
from rnnlab.model.sampling.engine import Drawn, Engine, Ids, State
from rnnlab.model.sampling.settings import SamplingSettings
from rnnlab.model.sampling.weights import Floats, Weights

_UNROLLED = 16
"""Steps in one graph: enough that starting it costs little per step."""
_KEPT = 8
"""Captured graphs kept; each owns memory on the device."""


@dataclass(slots=True)
class _Buffers:
    """What a captured graph reads and writes: always the same memory."""

    hidden: Tensor
    cell: Tensor
    logits: Tensor
    numbers: Tensor  # (T, N) float64, uniform
    ids: Tensor  # (T, N) int64
    chance: Tensor  # (T, N)
    top: Tensor  # (T, N, 5) int64
    chances: Tensor  # (T, N, 5)


class GraphEngine(Engine):
    """Runs on any torch device; captured on CUDA.

    Args:
        weights: the network.
        device: where.
        exact: float32 throughout; otherwise matrices and what they multiply are float16 on CUDA.
    """

    name = "graph"
    batch = 1024
    rigid = True

    def __init__(self, weights: Weights, *, device: torch.device, exact: bool = False) -> None:
        super().__init__(weights)
        self._device = device
        self._format = torch.float16 if device.type == "cuda" and not exact else torch.float32
        self._cell, self._lower, self._skip = weights.cell, weights.lower, weights.skip
        self._matrices = [self._stored(layer.matrix) for layer in weights.layers]
        self._tables = [torch.from_numpy(layer.table).to(device) for layer in weights.layers]
        self._output = self._stored(weights.output)
        self._bias = torch.from_numpy(weights.output_bias).to(device)
        self._ready: dict[Any, tuple[_Buffers, Callable[[], None]]] = {}

    def _stored(self, matrix: Floats) -> Tensor:
        return torch.from_numpy(matrix).to(self._device, self._format).t().contiguous()  # (K, R)

    def start(self, streams: int = 1) -> State:
        """See `Engine.start`; the arrays are tensors on the device."""
        state = super().start(streams)
        return replace(
            state,
            hidden=torch.from_numpy(state.hidden).to(self._device),
            cell=torch.from_numpy(state.cell).to(self._device),
            logits=torch.from_numpy(state.logits).to(self._device),
        )

    def chunk(self, streams: int) -> int:  # noqa: ARG002  # graphs have one length at every batch size
        """Four graphs: the host looks at the result while the device is still fast."""
        return 4 * _UNROLLED

    @torch.inference_mode()
    def step(self, state: State, ids: Ids) -> State:
        """See `Engine.step`."""
        symbols = torch.from_numpy(ids.astype(np.int64)).to(self._device)
        hidden, cell, logits = self._advance(state.hidden, state.cell, symbols)
        return replace(state, hidden=hidden, cell=cell, logits=logits)

    @torch.inference_mode()
    def feed(self, state: State, ids: Ids) -> tuple[State, Floats]:
        """See `Engine.feed`."""
        nats = np.zeros(ids.shape, np.float32)
        for t in range(ids.shape[1]):
            chances = torch.log_softmax(state.logits.double(), dim=1).cpu().numpy()
            nats[:, t] = -chances[np.arange(len(ids)), ids[:, t]]
            state = self.step(state, ids[:, t])
        return state, nats

    @torch.inference_mode()
    def generate(
        self, state: State, settings: SamplingSettings, count: int, *, inspection: bool = False
    ) -> tuple[State, Drawn]:
        """See `Engine.generate`."""
        steps = np.arange(count, dtype=np.int64)[:, None]
        numbers = torch.from_numpy(uniform(settings.seed, state.stream[None, :], state.position[None, :] + steps))
        current = (state.hidden, state.cell, state.logits)
        parts: list[tuple[Tensor, ...]] = []
        for begin in range(0, count, _UNROLLED):
            length = min(_UNROLLED, count - begin)
            buffers, replay = self._work(state.streams, length, settings, inspection)
            inside = (buffers.hidden, buffers.cell, buffers.logits)
            for place, value in zip(inside, current, strict=True):
                place.copy_(value)  # onto itself from one graph to the next
            buffers.numbers.copy_(numbers[begin : begin + length])
            replay()
            current = inside
            made = (buffers.ids, buffers.chance, buffers.top, buffers.chances) if inspection else (buffers.ids,)
            parts.append(tuple(tensor.clone() for tensor in made))
        result = [torch.cat(tensors).transpose(0, 1).cpu().numpy() for tensors in zip(*parts, strict=True)]
        hidden, cell, logits = (value.clone() for value in current)
        new = replace(state, hidden=hidden, cell=cell, logits=logits, position=state.position + count)
        ids = result[0].astype(np.int32)
        return new, Drawn(ids, result[1], result[2].astype(np.int32), result[3]) if inspection else Drawn(ids)

    def _work(
        self, streams: int, length: int, settings: SamplingSettings, inspection: bool
    ) -> tuple[_Buffers, Callable[[], None]]:
        """Buffers, and what draws ``length`` symbols in them; captured the first time."""
        asked = (settings.temperature, settings.top_k, settings.top_p, settings.min_p)
        key = (streams, length, asked, inspection)
        if key not in self._ready:
            if len(self._ready) >= _KEPT:
                del self._ready[next(iter(self._ready))]
            buffers = self._buffers(streams, length)

            def work() -> None:
                hidden, cell, logits = buffers.hidden, buffers.cell, buffers.logits
                for t in range(length):
                    symbols = _draw(logits, settings, buffers.numbers[t])
                    buffers.ids[t] = symbols
                    if inspection:
                        _inspect(logits, symbols, buffers, t)
                    hidden, cell, logits = self._advance(hidden, cell, symbols)
                buffers.hidden.copy_(hidden)
                buffers.cell.copy_(cell)
                buffers.logits.copy_(logits)

            self._ready[key] = buffers, _captured(work, self._device)
        return self._ready[key]

    def _buffers(self, streams: int, length: int) -> _Buffers:
        state, device = self.start(streams), self._device
        top = torch.full((length, streams, TOP), -1, dtype=torch.int64, device=device)
        return _Buffers(
            state.hidden,
            state.cell,
            state.logits,
            torch.zeros(length, streams, dtype=torch.float64, device=device),
            torch.zeros(length, streams, dtype=torch.int64, device=device),
            torch.zeros(length, streams, device=device),
            top,
            torch.zeros(length, streams, TOP, device=device),
        )

    def _advance(self, hidden: Tensor, cell: Tensor, symbols: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """New hidden (L, N, H), cell and logits (N, V) after reading symbols (N,)."""
        outputs: list[Tensor] = []
        cells: list[Tensor] = []
        for layer, (matrix, table, lower) in enumerate(zip(self._matrices, self._tables, self._lower, strict=True)):
            own = hidden[layer].to(self._format)
            seen = torch.cat([outputs[-1].to(self._format), own], dim=1) if lower else own
            gates = (seen @ matrix).float() + (table[symbols] if len(table) > 1 else table)
            output, kept = self._cell_step(gates, hidden[layer], cell[layer])
            outputs.append(output)
            cells.append(kept)
        features = torch.cat(outputs, dim=1) if self._skip else outputs[-1]
        logits = (features.to(self._format) @ self._output).float() + self._bias
        return torch.stack(outputs), torch.stack(cells), logits

    def _cell_step(self, gates: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        if self._cell == "rnn":
            return torch.tanh(gates), cell
        if self._cell == "gru":
            reset, update, below, own = gates.chunk(4, dim=1)
            fresh = torch.tanh(below + torch.sigmoid(reset) * own)
            return fresh + torch.sigmoid(update) * (hidden - fresh), cell
        take, forget, new, give = gates.chunk(4, dim=1)
        kept = torch.sigmoid(forget) * cell + torch.sigmoid(take) * torch.tanh(new)
        return torch.sigmoid(give) * torch.tanh(kept), kept


def _captured(work: Callable[[], None], device: torch.device) -> Callable[[], None]:
    """What runs ``work`` once per call: a CUDA graph of it, or elsewhere the work itself."""
    if device.type != "cuda":
        return work
    side = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    side.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(side):  # libraries choose their algorithms and take their memory before the capture
        for _ in range(2):
            work()
    torch.cuda.current_stream(device).wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


def _draw(logits: Tensor, settings: SamplingSettings, numbers: Tensor) -> Tensor:
    """One symbol per stream (N,): draw.py's rule, with nothing that waits for the host."""
    if settings.temperature == 0.0:
        return logits.argmax(dim=1)
    greatest = logits.amax(dim=1, keepdim=True)
    weights = torch.exp((logits - greatest) / settings.temperature).double()
    weights = _cut(logits, weights, settings)
    sums = weights.cumsum(dim=1)
    symbols = (sums <= (numbers[:, None] * sums[:, -1:])).sum(dim=1)
    return symbols.clamp(max=logits.shape[1] - 1)


def _cut(logits: Tensor, weights: Tensor, settings: SamplingSettings) -> Tensor:
    """Weights (N, V), zero where a symbol may not be drawn."""
    vocabulary = logits.shape[1]
    limit = settings.top_k if 0 < settings.top_k < vocabulary else vocabulary
    least = settings.min_p
    if limit < vocabulary or settings.top_p < 1.0:
        order = logits.sort(dim=1, descending=True, stable=True).indices
        ordered = weights.gather(1, order)
        ordered = torch.where(torch.arange(vocabulary, device=logits.device) < limit, ordered, 0.0)
        sums = ordered.cumsum(dim=1)
        # A symbol stays while those before it have not yet the share.
        ordered = torch.where(sums - ordered < settings.top_p * sums[:, -1:], ordered, 0.0)
        weights = torch.zeros_like(weights).scatter(1, order, ordered)
    return torch.where(weights >= least, weights, 0.0) if least > 0.0 else weights


def _inspect(logits: Tensor, symbols: Tensor, buffers: _Buffers, t: int) -> None:
    chances = torch.softmax(logits, dim=1)
    buffers.chance[t] = chances.gather(1, symbols[:, None])[:, 0]
    best = chances.topk(min(TOP, chances.shape[1]), dim=1)
    buffers.top[t, :, : best.indices.shape[1]] = best.indices
    buffers.chances[t, :, : best.values.shape[1]] = best.values
