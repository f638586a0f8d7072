"""The engine for a GPU: several steps with their draws in one captured graph.

On a CUDA device the work is recorded once per batch size and settings, and replayed; elsewhere the
same work runs as it is, which is how it is tested without a GPU. Random numbers are those of
draw.py, made on the device for a whole chunk at a time. The state stays on the device. What one
stream costs is the number of kernels per symbol, so those are few. Not yet measured on a card.

Shapes: N streams, T time, V vocabulary, H hidden, L layers, R rows of gates (see weights.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnlab.model.cuda_graph import Replayed
from rnnlab.model.sampling.device_draw import draw, uniform
from rnnlab.model.sampling.draw import TOP
from rnnlab.model.sampling.engine import Drawn, Engine, Ids, State
from rnnlab.model.sampling.settings import SamplingSettings
from rnnlab.model.sampling.weights import Floats, FoldedLayer, Weights

_UNROLLED = 16
"""Steps in one graph: enough that starting it costs little per step."""
_KEPT = 8
"""Captured graphs kept; each owns memory on the device."""
_FEW = 64


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
        self._cell, self._skip = weights.cell, weights.skip
        self._own = [self._stored(layer.matrix[:, lower:]) for layer, lower in _with(weights)]
        self._below = [self._stored(layer.matrix[:, :lower]) if lower else None for layer, lower in _with(weights)]
        self._tables = [torch.from_numpy(layer.table).to(device) for layer in weights.layers]
        self._nothing = torch.zeros(weights.layers[0].rows, device=device)
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

    def chunk(self, streams: int) -> int:
        """Some graphs, after which the host looks at the result: fewer where each makes many symbols."""
        return (16 if streams <= _FEW else 4) * _UNROLLED

    @torch.inference_mode()
    def step(self, state: State, ids: Ids) -> State:
        """See `Engine.step`."""
        symbols = torch.from_numpy(ids.astype(np.int64)).to(self._device)
        hidden, cell, logits = self._advance([*state.hidden], [*state.cell], symbols)
        return replace(state, hidden=torch.stack(hidden), cell=torch.stack(cell), logits=logits)

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
        stream, position = (torch.from_numpy(part).to(self._device) for part in (state.stream, state.position))
        steps = torch.arange(count, device=self._device)[:, None]
        numbers = uniform(settings.seed, stream[None, :], position[None, :] + steps)  # (T, N)
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
                hidden, cell, logits = [*buffers.hidden], [*buffers.cell], buffers.logits
                for t in range(length):
                    symbols = draw(logits, settings, buffers.numbers[t])
                    buffers.ids[t] = symbols
                    if inspection:
                        _inspect(logits, symbols, buffers, t)
                    hidden, cell, logits = self._advance(hidden, cell, symbols)
                buffers.hidden.copy_(torch.stack(hidden))
                buffers.cell.copy_(torch.stack(cell))
                buffers.logits.copy_(logits)

            self._ready[key] = buffers, Replayed(work, self._device)
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

    def _advance(
        self, hidden: list[Tensor], cell: list[Tensor], symbols: Tensor
    ) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """New hidden and cell, each L tensors (N, H), and logits (N, V), after reading symbols (N,)."""
        outputs: list[Tensor] = []
        cells: list[Tensor] = []
        for layer, table in enumerate(self._tables):
            own = self._product(hidden[layer], self._own[layer])
            below, bias = self._below[layer], self._nothing
            if below is None:
                seen = table.index_select(0, symbols if len(table) > 1 else torch.zeros_like(symbols))
            elif len(table) > 1:
                seen = table.index_select(0, symbols) + self._product(outputs[-1], below)
            else:
                seen, bias = self._product(outputs[-1], below), table[0]
            output, kept = self._cell_step(seen, own, bias, hidden[layer], cell[layer])
            outputs.append(output)
            cells.append(kept)
        features = torch.cat(outputs, dim=1) if self._skip else outputs[-1]
        return outputs, cells, self._product(features, self._output) + self._bias

    def _product(self, values: Tensor, matrix: Tensor) -> Tensor:
        """float32 (N, R) from values (N, K) and a matrix (K, R) in the engine's format."""
        if self._format is torch.float32:
            return values @ matrix
        return torch.mm(values.to(self._format), matrix, out_dtype=torch.float32)

    def _cell_step(
        self, seen: Tensor, own: Tensor, bias: Tensor, hidden: Tensor, cell: Tensor
    ) -> tuple[Tensor, Tensor]:
        """New hidden and cell state from both parts of the gates, (N, R) each, and a bias (R,)."""
        if self._cell == "lstm" and seen.is_cuda:  # one kernel instead of nine
            output, kept, _ = torch.ops.aten._thnn_fused_lstm_cell(seen, own, cell, bias, self._nothing)
            return output, kept
        gates = seen + own if bias is self._nothing else seen + own + bias
        if self._cell == "rnn":
            return torch.tanh(gates), cell
        if self._cell == "gru":
            reset, update, below, above = gates.chunk(4, dim=1)
            fresh = torch.tanh(below + torch.sigmoid(reset) * above)
            return fresh + torch.sigmoid(update) * (hidden - fresh), cell
        take, forget, new, give = gates.chunk(4, dim=1)
        kept = torch.sigmoid(forget) * cell + torch.sigmoid(take) * torch.tanh(new)
        return torch.sigmoid(give) * torch.tanh(kept), kept


def _with(weights: Weights) -> list[tuple[FoldedLayer, int]]:
    """Every layer with the number of its inputs from the layer below."""
    return list(zip(weights.layers, weights.lower, strict=True))


def _inspect(logits: Tensor, symbols: Tensor, buffers: _Buffers, t: int) -> None:
    chances = torch.softmax(logits, dim=1)
    buffers.chance[t] = chances.gather(1, symbols[:, None])[:, 0]
    best = chances.topk(min(TOP, chances.shape[1]), dim=1)
    buffers.top[t, :, : best.indices.shape[1]] = best.indices
    buffers.chances[t, :, : best.values.shape[1]] = best.values
