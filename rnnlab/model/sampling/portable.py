"""Engines that need no compiler: NumPy, and torch's integer products.

What a step costs here is calls, not arithmetic: all arrays are made once for a batch of streams
and then overwritten. `PortableExact` multiplies stream by stream, always the same shape from the
same buffer, since a BLAS adds in another order for another batch. `PortableInt8` adds whole
numbers, which is exact (see int8.py), so whole batches go through one product; it differs from
the compiled int8 engine in the last bits of its nonlinearities alone.

Shapes: N streams, T time, V vocabulary, H hidden, K inputs of a product, R its rows.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from rnnlab.model.sampling import cells
from rnnlab.model.sampling.draw import draw, inspect, surprise, uniform
from rnnlab.model.sampling.engine import Drawn, Engine, Ids, State, empty
from rnnlab.model.sampling.int8 import IntegerMatrix, quantize, quantize_finely, quantize_recurrent
from rnnlab.model.sampling.settings import SamplingSettings
from rnnlab.model.sampling.weights import Floats, Weights

_BELOW_ONE = 1 - 2.0**-50


class PortableEngine(Engine):
    """Steps in NumPy, whatever way the products are computed.

    All that a layer's hidden state is multiplied with lies in one matrix: the layer's own
    recurrent weights, the input weights of the layer above, its share of the output weights.
    """

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self.cell = weights.cell
        rows, factor = cells.order(weights.cell, weights.hidden), cells.factor(weights.cell, weights.hidden)
        self.tables = tuple(np.ascontiguousarray(layer.table[:, rows] * factor) for layer in weights.layers)
        self.output_bias = weights.output_bias
        self.readers: list[list[tuple[int, Floats]]] = [[] for _ in weights.layers]
        """By layer: who reads it (a layer, or L for the output), with what matrix (R, H)."""
        for index, (layer, lower) in enumerate(zip(weights.layers, weights.lower, strict=True)):
            matrix = layer.matrix[rows] * factor[:, None]
            self.readers[index].extend((index, part) for part in self.recurrent_parts(matrix[:, lower:]))
            if lower:
                self.readers[index - 1].extend((index, part) for part in self.recurrent_parts(matrix[:, :lower]))
        seen = self.readers[-(weights.output.shape[1] // self.hidden) :]
        for readers, part in zip(seen, np.split(weights.output, len(seen), axis=1), strict=True):
            readers.extend((self.layers, matrix) for matrix in self.output_parts(part))

    def recurrent_parts(self, matrix: Floats) -> list[Floats]:
        """Matrices that add up to a layer's matrix."""
        return [matrix]

    def output_parts(self, matrix: Floats) -> list[Floats]:
        """Matrices that add up to an output matrix."""
        return [matrix]

    @abstractmethod
    def multiplier(self, layer: int, hidden: Floats, out: Floats) -> Callable[[], None]:
        """What multiplies a layer's hidden state (N, H) with the matrices of all its readers, into ``out`` (N, R)."""

    def chunk(self, streams: int) -> int:
        """See `Engine.chunk`."""
        return max(1, 128 // max(1, streams))

    def step(self, state: State, ids: Ids) -> State:
        """See `Engine.step`."""
        return self.read(state, ids[:, None])

    def read(self, state: State, ids: Ids) -> State:
        """See `Engine.read`."""
        with _Steps(self, state) as steps:
            for t in range(ids.shape[1]):
                steps.advance(ids[:, t])
        return steps.state

    def feed(self, state: State, ids: Ids) -> tuple[State, Floats]:
        """See `Engine.feed`."""
        nats = np.zeros(ids.shape, np.float32)
        with _Steps(self, state) as steps:
            for t in range(ids.shape[1]):
                nats[:, t] = surprise(steps.state.logits, ids[:, t])
                steps.advance(ids[:, t])
        return steps.state, nats

    def generate(
        self, state: State, settings: SamplingSettings, count: int, *, inspection: bool = False
    ) -> tuple[State, Drawn]:
        """See `Engine.generate`."""
        drawn = empty(state.streams, count, inspection)
        numbers = uniform(settings.seed, state.stream[:, None], state.position[:, None] + np.arange(count))
        np.minimum(numbers, _BELOW_ONE, out=numbers)  # so that a share of a sum stays below the sum
        with _Steps(self, state) as steps:
            logits = steps.state.logits
            for t in range(count):
                symbols = draw(logits, settings, numbers[:, t])
                drawn.ids[:, t] = symbols
                if inspection:
                    drawn.note(t, *inspect(logits, symbols))
                steps.advance(symbols)
        return replace(steps.state, position=state.position + count), drawn


class _Steps:
    """A state of its own whose arrays are overwritten, with everything made ready to step it; a context manager.

    Inside, torch has one thread: products this small gain nothing from more, and on a busy
    machine wait for them.
    """

    def __init__(self, engine: PortableEngine, state: State) -> None:
        self.state = State(*(np.array(getattr(state, name), order="C") for name in State.__slots__))
        self._threads = torch.get_num_threads()
        self._bias = engine.output_bias
        sums: list[list[Floats]] = [[] for _ in range(engine.layers + 1)]  # what each reader adds up
        self._multiply: list[Callable[[], None]] = []
        for layer, readers in enumerate(engine.readers):
            ends = np.cumsum([len(matrix) for _, matrix in readers])
            out = np.empty((state.streams, ends[-1]), np.float32)
            self._multiply.append(engine.multiplier(layer, self.state.hidden[layer], out))
            for (reader, matrix), end in zip(readers, ends, strict=True):
                sums[reader].append(out[:, end - len(matrix) : end])
        self._output = sums.pop()
        self._layers = [
            (table, parts[0], parts[1:], self._stepper(engine, layer, parts[0]), multiply)
            for layer, (table, parts, multiply) in enumerate(zip(engine.tables, sums, self._multiply, strict=True))
        ]

    def _stepper(self, engine: PortableEngine, layer: int, gates: Floats) -> Callable[[], None]:
        memory = self.state.cell[layer] if engine.has_cell_state else None
        return cells.stepper(engine.cell, gates, self.state.hidden[layer], memory)

    def __enter__(self) -> _Steps:
        torch.set_num_threads(1)
        for multiply in self._multiply:
            multiply()
        return self

    def __exit__(self, *_: object) -> None:
        torch.set_num_threads(self._threads)

    def advance(self, ids: Ids) -> None:
        """Read one symbol per stream, ids (N,)."""
        rows = ids.item() if len(ids) == 1 else ids
        for table, gates, others, step, multiply in self._layers:
            for other in others:
                np.add(gates, other, gates)
            np.add(gates, table[rows] if len(table) > 1 else table, gates)
            step()
            multiply()
        logits = self.state.logits
        np.add(self._output[0], self._bias, logits)
        for other in self._output[1:]:
            np.add(logits, other, logits)


class PortableExact(PortableEngine):
    """float32, one matrix-vector product per stream."""

    name = "exact"
    batch = 16

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._matrices = [np.concatenate([matrix for _, matrix in readers]) for readers in self.readers]

    def multiplier(self, layer: int, hidden: Floats, out: Floats) -> Callable[[], None]:
        """See `PortableEngine.multiplier`."""
        matrix, vector, result = self._matrices[layer], np.empty(self.hidden, np.float32), np.empty_like(out[0])

        def product() -> None:
            for stream in range(len(hidden)):
                vector[:] = hidden[stream]
                np.dot(matrix, vector, result)
                out[stream] = result

        return product


class PortableInt8(PortableEngine):
    """int8 weights and hidden states."""

    name = "int8"

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self._matrices = [IntegerMatrix([quantize(matrix) for _, matrix in readers]) for readers in self.readers]

    def recurrent_parts(self, matrix: Floats) -> list[Floats]:
        """See `PortableEngine.recurrent_parts`."""
        return [part.floats() for part in quantize_recurrent(self.cell, matrix)]

    def output_parts(self, matrix: Floats) -> list[Floats]:
        """See `PortableEngine.output_parts`."""
        return [part.floats() for part in quantize_finely(matrix)]

    def multiplier(self, layer: int, hidden: Floats, out: Floats) -> Callable[[], None]:
        """See `PortableEngine.multiplier`."""
        return self._matrices[layer].multiplier(hidden, out)
