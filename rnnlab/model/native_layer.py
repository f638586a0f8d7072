"""A whole layer over a whole window in compiled code: bfloat16 products, float32 state and sums.

`native/training.c` is compiled at first use; `NativeEngine` raises `NativeUnavailable`, with the
reason, where there is no compiler or where the processor lacks AVX-512 BF16. What it cannot
compute (another device, another format) it leaves to torch's kernels.

Numbers do not depend on the number of threads. Gradients of all parameters, of the dense input
and of the state; not twice differentiable. Scratch is kept between windows, since getting fresh
memory costs as much as filling it.

Shapes as in `layer`; Q gate blocks, Hp and Dp as in training.c.
"""

from __future__ import annotations

import ctypes
from collections import defaultdict
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from rnnlab.config import Cell
from rnnlab.model.kernel_layer import KernelEngine
from rnnlab.model.layer import LayerInput, LayerState, RecurrentLayer
from rnnlab.model.native.build import NativeUnavailable, library

_CELLS: dict[Cell, int] = {"lstm": 0, "gru": 1, "rnn": 2}
_NUMBERS = ("cell", "T", "N", "H", "D", "V", "threads")
_POINTERS = (
    "input_weight",
    "recurrent_weight",
    "bias",
    "table",
    "symbols",
    "scale",
    "dense",
    "packed",
    "x",
    "h",
    "carry",
    "gates",
    "out",
    "d_out",
    "d_h",
    "d_carry",
    "d_gates",
    "d_x",
    "pairs",
    "d_input_weight",
    "d_recurrent_weight",
    "d_bias",
    "d_table",
)
_PANEL = 32


class _Job(ctypes.Structure):
    """``Job`` of training.c, field by field."""

    _fields_ = [(name, ctypes.c_int64) for name in _NUMBERS] + [(name, ctypes.c_void_p) for name in _POINTERS]


class NativeEngine:
    """Compiled layers for float32 parameters on a CPU with AVX-512 BF16.

    Raises:
        NativeUnavailable: says why there is none here.
    """

    name = "native"

    def __init__(self) -> None:
        self._library = library("training")
        if not self._library.layer_supported():
            raise NativeUnavailable("this processor has no AVX-512 BF16")
        self._fallback = KernelEngine()
        self._scratch: defaultdict[tuple[tuple[int, ...], torch.dtype], list[Tensor]] = defaultdict(list)

    def run(self, layer: RecurrentLayer, inputs: LayerInput, state: LayerState) -> tuple[Tensor, LayerState]:
        """See `LayerEngine`."""
        if layer.bias.device.type != "cpu" or layer.bias.dtype != torch.float32:
            return self._fallback.run(layer, inputs, state)
        scale = None if inputs.symbol_scale is None else inputs.symbol_scale.contiguous()
        output, *final = _NativeLayer.apply(  # type: ignore[no-untyped-call]  # torch leaves it untyped
            self,
            layer.cell,
            torch.is_grad_enabled(),
            inputs.dense,
            None if inputs.symbols is None else inputs.symbols.contiguous(),
            scale,
            layer.input_weight,
            layer.symbol_weight,
            layer.recurrent_weight,
            layer.bias,
            layer.new_bias,
            *state,
        )
        return output, tuple(final)

    def call(self, function: str, numbers: dict[str, int], tensors: dict[str, Tensor | None]) -> None:
        """Run one function of training.c."""
        pointers = {name: None if tensor is None else tensor.data_ptr() for name, tensor in tensors.items()}
        getattr(self._library, function)(ctypes.byref(_Job(**numbers, **pointers)))

    def borrow(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """A tensor with any content; give it back when it is no longer needed, or let it go."""
        kept = self._scratch[shape, dtype]
        return kept.pop() if kept else torch.empty(shape, dtype=dtype)

    def give_back(self, *tensors: Tensor | None) -> None:
        """Keep borrowed tensors for the next window."""
        for tensor in tensors:
            if tensor is not None:
                self._scratch[tuple(tensor.shape), tensor.dtype].append(tensor)


class _NativeLayer(torch.autograd.Function):
    """One layer over one window."""

    @staticmethod
    def forward(
        ctx: Any,
        engine: NativeEngine,
        cell: Cell,
        learning: bool,
        dense: Tensor | None,
        symbols: Tensor | None,
        scale: Tensor | None,
        input_weight: Tensor | None,
        symbol_weight: Tensor | None,
        recurrent_weight: Tensor,
        bias: Tensor,
        new_bias: Tensor | None,
        *state: Tensor,
    ) -> tuple[Tensor, ...]:
        """Output (T, N, H) and the final state; keeps what `backward` needs if ``learning``."""
        some = dense if symbols is None else symbols
        assert some is not None
        (length, streams), hidden = some.shape[:2], recurrent_weight.shape[1]
        width = 0 if dense is None else dense.shape[2]
        numbers = {
            "cell": _CELLS[cell],
            "T": length,
            "N": streams,
            "H": hidden,
            "D": width,
            "V": 0 if symbol_weight is None else symbol_weight.shape[1],
            "threads": torch.get_num_threads(),
        }
        gates = (1 if cell == "rnn" else 4) * _rounded(hidden)
        kept: dict[str, Tensor | None] = {
            "symbols": symbols,
            "scale": scale,
            "h": _with_first(engine, length, streams, hidden, state[0], torch.bfloat16),
            "carry": _with_first(engine, length, streams, hidden, state[-1], torch.float32),
            "x": engine.borrow(length, streams, _rounded(width), dtype=torch.bfloat16) if width else None,
            "gates": engine.borrow(length, streams, gates) if learning else None,
        }
        packed = engine.borrow(gates, _rounded(width) + _rounded(hidden), dtype=torch.bfloat16)
        out = torch.empty(length, streams, hidden)
        engine.call(
            "layer_forward",
            numbers,
            kept
            | {
                "input_weight": input_weight,
                "recurrent_weight": recurrent_weight,
                "bias": _to_packed(cell, bias, new_bias),
                "table": None if symbol_weight is None else _to_packed(cell, symbol_weight, None).t().contiguous(),
                "dense": None if dense is None else dense.contiguous(),
                "packed": packed,
                "out": out,
            },
        )
        last = kept["carry"]
        assert last is not None
        final = (out[-1].clone(), last[-1, :, :hidden].clone()) if cell == "lstm" else (out[-1].clone(),)
        engine.give_back(packed)
        if learning:
            ctx.save_for_backward(input_weight, recurrent_weight)
            ctx.engine, ctx.cell, ctx.numbers, ctx.kept = engine, cell, numbers, kept
        else:
            engine.give_back(kept["h"], last, kept["x"])
        return out, *final

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_out: Tensor, d_last: Tensor, *d_carry: Tensor) -> tuple[Any, ...]:
        """Gradients in the order of `forward`'s arguments."""
        engine, cell, numbers, kept = ctx.engine, ctx.cell, ctx.numbers, ctx.kept
        if kept is None:
            raise RuntimeError("a window was differentiated twice; its scratch is gone after the first time")
        ctx.kept = None
        input_weight, recurrent_weight = ctx.saved_tensors
        length, streams, hidden, width = (numbers[name] for name in "TNHD")
        gates = kept["gates"].shape[2]
        d_dense = torch.empty(length, streams, _rounded(width)) if width and ctx.needs_input_grad[3] else None
        d_state = [_padded(part) for part in (d_last, *d_carry)]
        d_state += [torch.zeros_like(d_state[0])] * (len(d_state) == 1)
        packed = engine.borrow(gates, _rounded(width) + _rounded(hidden), dtype=torch.bfloat16)
        d_gates = engine.borrow(length, streams, gates, dtype=torch.bfloat16)
        pairs = engine.borrow(length * streams + 1, _rounded(width) + _rounded(hidden), dtype=torch.bfloat16)
        d_input = None if input_weight is None else torch.empty_like(input_weight)
        d_recurrent, d_bias = torch.empty_like(recurrent_weight), torch.empty(gates)
        d_table = torch.zeros(numbers["V"], gates) if numbers["V"] else None
        engine.call(
            "layer_backward",
            numbers,
            kept
            | {
                "input_weight": input_weight,
                "recurrent_weight": recurrent_weight,
                "packed": packed,
                "d_out": d_out.contiguous(),
                "d_h": d_state[0],
                "d_carry": d_state[1],
                "d_gates": d_gates,
                "d_x": d_dense,
                "pairs": pairs,
                "d_input_weight": d_input,
                "d_recurrent_weight": d_recurrent,
                "d_bias": d_bias,
                "d_table": d_table,
            },
        )
        engine.give_back(packed, d_gates, pairs, *(kept[name] for name in ("h", "carry", "x", "gates")))
        d_bias, d_new_bias = _from_packed(cell, d_bias, hidden)
        d_symbol = None if d_table is None else _from_packed(cell, d_table.t(), hidden)[0]
        d_dense = None if d_dense is None else d_dense[:, :, :width]
        d_initial = (part[:, :hidden] for part in d_state[: 1 + len(d_carry)])
        return None, None, None, d_dense, None, None, d_input, d_symbol, d_recurrent, d_bias, d_new_bias, *d_initial


def _rounded(size: int) -> int:
    return -(-size // _PANEL) * _PANEL


def _padded(state: Tensor) -> Tensor:
    """(N, H) as (N, Hp), a fresh copy."""
    return functional.pad(state, (0, -state.shape[1] % _PANEL)).clone()


def _with_first(
    engine: NativeEngine, length: int, streams: int, hidden: int, first: Tensor, dtype: torch.dtype
) -> Tensor:
    """Room for the states (T + 1, N, Hp), the first filled in."""
    states = engine.borrow(length + 1, streams, _rounded(hidden), dtype=dtype)
    states[0, :, hidden:] = 0
    states[0, :, :hidden] = first
    return states


def _to_packed(cell: Cell, rows: Tensor, extra: Tensor | None) -> Tensor:
    """Rows (G·H, ...) of a parameter in packed order (Q·Hp, ...); ``extra`` (H,) is the gru's fourth block."""
    blocks = rows.reshape({"lstm": 4, "gru": 3, "rnn": 1}[cell], -1, *rows.shape[1:])
    if cell == "gru":
        fourth = torch.zeros_like(blocks[:1]) if extra is None else extra.unsqueeze(0)
        blocks = torch.cat([blocks, fourth])
    pad = (0, 0) * (blocks.dim() - 2) + (0, -blocks.shape[1] % _PANEL)
    blocks = functional.pad(blocks, pad)
    groups = blocks.reshape(blocks.shape[0], -1, _PANEL, *blocks.shape[2:])
    return groups.transpose(0, 1).flatten(0, 2)


def _from_packed(cell: Cell, rows: Tensor, hidden: int) -> tuple[Tensor, Tensor | None]:
    """The inverse of `_to_packed`."""
    groups = rows.reshape(-1, 1 if cell == "rnn" else 4, _PANEL, *rows.shape[1:])
    blocks = groups.transpose(0, 1).flatten(1, 2)[:, :hidden]
    if cell == "gru":
        return blocks[:3].flatten(0, 1), blocks[3]
    return blocks.flatten(0, 1), None
