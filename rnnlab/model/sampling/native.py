"""Engines in C: native/sampling.c, with the whole loop of drawing and stepping inside.

The model is handed over once and never changes, every call works on copies of the state, and
ctypes lets go of the interpreter while C runs: any number of threads may use one engine. With
more than one thread, streams are dealt out over them; which thread computes a stream changes
nothing about it.
"""

from __future__ import annotations

import ctypes
import itertools
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnlab.model.native.build import library
from rnnlab.model.sampling.engine import Drawn, Engine, Ids, State, empty
from rnnlab.model.sampling.int8 import Quantized, quantize_finely, quantize_recurrent
from rnnlab.model.sampling.settings import SamplingSettings
from rnnlab.model.sampling.weights import Floats, Weights

_CELLS = {"lstm": 0, "gru": 1, "rnn": 2}
_LEAST = 6  # streams that a thread is worth starting for: what the kernel computes together


class _Settings(ctypes.Structure):
    _fields_ = (
        ("seed", ctypes.c_uint64),
        ("temperature", ctypes.c_float),
        ("top_k", ctypes.c_int32),
        ("top_p", ctypes.c_double),
        ("min_p", ctypes.c_float),
    )


def _functions() -> ctypes.CDLL:
    code = library("sampling")
    pointer, integer = ctypes.c_void_p, ctypes.c_int
    code.rnnlab_new.restype = pointer
    code.rnnlab_new.argtypes = [integer] * 6
    code.rnnlab_free.restype = None
    code.rnnlab_free.argtypes = [pointer]
    code.rnnlab_layer.argtypes = [pointer, integer, integer, integer, integer, pointer]
    code.rnnlab_output.argtypes = [pointer, pointer]
    code.rnnlab_matrix.argtypes = [pointer, integer, integer, integer, integer, pointer, pointer]
    code.rnnlab_generate.argtypes = [pointer] * 4 + [integer] * 3 + [pointer] * 7
    code.rnnlab_feed.argtypes = [pointer] * 4 + [integer] * 3 + [pointer] * 2
    return code


def _address(array: NDArray[Any] | None, row: int = 0, axis: int = 0) -> int | None:
    return None if array is None else array.ctypes.data + row * array.strides[axis]


class NativeEngine(Engine):
    """The compiled engine.

    Args:
        weights: the network.
        threads: how many threads share the streams of a batch.

    Raises:
        NativeUnavailable: there is no compiled library, with the reason.
    """

    quantized = False

    def __init__(self, weights: Weights, *, threads: int = 1) -> None:
        super().__init__(weights)
        self._code = _functions()
        self._threads = max(1, threads)
        self._pool = ThreadPoolExecutor(self._threads, "sampling") if self._threads > 1 else None
        self._model = self._code.rnnlab_new(
            _CELLS[weights.cell], self.layers, self.hidden, self.vocabulary_size, weights.skip, self.quantized
        )
        _checked(self._model)
        weakref.finalize(self, self._code.rnnlab_free, self._model)
        self._hand_over(weights)

    def _hand_over(self, weights: Weights) -> None:
        code, model = self._code, self._model
        for index, (layer, lower) in enumerate(zip(weights.layers, weights.lower, strict=True)):
            table = np.ascontiguousarray(layer.table, np.float32)
            _checked(code.rnnlab_layer(model, index, lower, layer.rows, len(table), table.ctypes.data))
            if self.quantized:
                parts = [part for part in (layer.matrix[:, :lower], layer.matrix[:, lower:]) if part.shape[1]]
                for place, part in enumerate(parts):
                    self._quantized(index, place, quantize_recurrent(weights.cell, part))
            else:
                self._matrix(index, 0, layer.matrix, None)
        bias = np.ascontiguousarray(weights.output_bias, np.float32)
        _checked(code.rnnlab_output(model, bias.ctypes.data))
        if self.quantized:
            self._quantized(self.layers, 0, quantize_finely(weights.output))
        else:
            self._matrix(self.layers, 0, weights.output, None)

    def _quantized(self, index: int, place: int, matrices: Sequence[Quantized]) -> None:
        for matrix in matrices:
            self._matrix(index, place, matrix.integers, matrix.scale)

    def _matrix(self, index: int, place: int, values: NDArray[Any], scale: Floats | None) -> None:
        """The next matrix of a layer, or of the output behind them, over input ``place`` of its sum."""
        values = np.ascontiguousarray(values)
        code = self._code.rnnlab_matrix(self._model, index, place, *values.shape, values.ctypes.data, _address(scale))
        _checked(code)

    def chunk(self, streams: int) -> int:
        """A hundredth of a second or so of work."""
        return max(8, min(512, 1_000_000_000 // (streams * self.layers * self.hidden * self.hidden * 8 + 1)))

    def step(self, state: State, ids: Ids) -> State:
        """See `Engine.step`."""
        return self._fed(state, ids[:, None], None)

    def feed(self, state: State, ids: Ids) -> tuple[State, Floats]:
        """See `Engine.feed`."""
        nats = np.zeros(ids.shape, np.float32)
        return self._fed(state, ids, nats), nats

    def read(self, state: State, ids: Ids) -> State:
        """See `Engine.read`."""
        return self._fed(state, ids, None)

    def generate(
        self, state: State, settings: SamplingSettings, count: int, *, inspection: bool = False
    ) -> tuple[State, Drawn]:
        """See `Engine.generate`."""
        new, drawn = _copied(state), empty(state.streams, count, inspection)
        top_k = min(settings.top_k, self.vocabulary_size)
        asked = _Settings(settings.seed, settings.temperature, top_k, settings.top_p, settings.min_p)

        def part(first: int, n: int) -> None:
            _checked(
                self._code.rnnlab_generate(
                    *self._arguments(new, first, n, count),
                    _address(new.stream, first),
                    _address(new.position, first),
                    ctypes.byref(asked),
                    _address(drawn.ids, first),
                    _address(drawn.probability, first),
                    _address(drawn.likeliest, first),
                    _address(drawn.likeliest_probability, first),
                )
            )

        self._share(state.streams, part)
        return replace(new, position=new.position + count), drawn

    def _fed(self, state: State, ids: Ids, nats: Floats | None) -> State:
        new, ids = _copied(state), np.ascontiguousarray(ids, np.int32)
        if ids.shape[1] == 0:
            return new

        def part(first: int, n: int) -> None:
            arguments = self._arguments(new, first, n, ids.shape[1])
            _checked(self._code.rnnlab_feed(*arguments, _address(ids, first), _address(nats, first)))

        self._share(state.streams, part)
        return new

    def _arguments(self, state: State, first: int, n: int, count: int) -> tuple[int | None, ...]:
        cell = _address(state.cell, first, axis=1) if self.has_cell_state else None
        places = (_address(state.hidden, first, axis=1), cell, _address(state.logits, first))
        return (self._model, *places, state.streams, n, count)

    def _share(self, streams: int, part: Callable[[int, int], None]) -> None:
        """Call ``part(first, count)`` for shares of the streams, each in its own thread."""
        shares = min(self._threads, -(-streams // _LEAST))
        if self._pool is None or shares <= 1:
            part(0, streams)
            return
        edges = [streams * index // shares for index in range(shares + 1)]
        list(self._pool.map(part, edges, [end - begin for begin, end in itertools.pairwise(edges)]))


class NativeExact(NativeEngine):
    """float32 in C."""

    name = "exact"


class NativeInt8(NativeEngine):
    """int8 weights and hidden states in C."""

    name = "int8"
    quantized = True


def _copied(state: State) -> State:
    return State(*(np.array(getattr(state, name), order="C") for name in State.__slots__))


def _checked(result: int | None) -> None:
    if not result:
        raise MemoryError("the sampling kernel could not get memory")
