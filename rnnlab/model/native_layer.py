"""A whole layer over a whole window in one call of compiled code: bfloat16 products, float32 state and sums.

Numbers do not depend on the number of threads. Gradients of all parameters, of the dense input
and of the state; not twice differentiable.

Shapes as in `layer`; Q gate blocks, Hp and Dp as in training.c.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from rnnlab.config import Cell
from rnnlab.model.native_job import CELLS, PANEL, NativeLibrary, rounded


class NativeLayer(torch.autograd.Function):
    """One layer over one window."""

    @staticmethod
    def forward(
        ctx: Any,
        native: NativeLibrary,
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
        numbers = _numbers(cell, dense, symbols, symbol_weight, recurrent_weight)
        hidden = numbers["H"]
        kept = _kept(native, numbers, symbols, scale, state, learning=learning)
        packed = native.borrow(_gates(numbers), rounded(numbers["D"]) + rounded(hidden), dtype=torch.bfloat16)
        out = torch.empty(numbers["T"], numbers["N"], hidden)
        given = {
            "input_weight": input_weight,
            "recurrent_weight": recurrent_weight,
            "bias": _to_packed(cell, bias, new_bias),
            "table": None if symbol_weight is None else _to_packed(cell, symbol_weight, None).t().contiguous(),
            "dense": None if dense is None else dense.contiguous(),
        }
        native.call("layer_forward", numbers, kept | given | {"packed": packed, "out": out})
        native.give_back(packed)
        last = kept["carry"]
        assert last is not None
        final = (out[-1].clone(), last[-1, :, :hidden].clone()) if cell == "lstm" else (out[-1].clone(),)
        if learning:
            ctx.save_for_backward(input_weight, recurrent_weight)
            ctx.native, ctx.cell, ctx.numbers, ctx.kept = native, cell, numbers, kept
        else:
            native.give_back(kept["h"], last, kept["x"])
        return out, *final

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_out: Tensor, d_last: Tensor, *d_carry: Tensor) -> tuple[Any, ...]:
        """Gradients in the order of `forward`'s arguments."""
        native, cell, numbers, kept = ctx.native, ctx.cell, ctx.numbers, ctx.kept
        if kept is None:
            raise RuntimeError("a window was differentiated twice; its scratch is gone after the first time")
        ctx.kept = None
        input_weight, recurrent_weight = ctx.saved_tensors
        length, streams, hidden, width = (numbers[name] for name in "TNHD")
        gates, beside = _gates(numbers), rounded(width) + rounded(hidden)
        d_dense = torch.empty(length, streams, rounded(width)) if width and ctx.needs_input_grad[3] else None
        d_state = [_padded(part) for part in (d_last, *d_carry)]
        d_state += [torch.zeros_like(d_state[0])] * (len(d_state) == 1)
        packed = native.borrow(gates, beside, dtype=torch.bfloat16)
        d_gates = native.borrow(length, streams, gates, dtype=torch.bfloat16)
        pairs = native.borrow(length * streams + 1, beside, dtype=torch.bfloat16)
        given = {"input_weight": input_weight, "recurrent_weight": recurrent_weight, "d_out": d_out.contiguous()}
        scratch = {"packed": packed, "d_gates": d_gates, "pairs": pairs}
        d_gate_bias = torch.empty(gates)
        made = {
            "d_h": d_state[0],
            "d_carry": d_state[1],
            "d_x": d_dense,
            "d_input_weight": None if input_weight is None else torch.empty_like(input_weight),
            "d_recurrent_weight": torch.empty_like(recurrent_weight),
            "d_bias": d_gate_bias,
            "d_table": torch.zeros(numbers["V"], gates) if numbers["V"] else None,
        }
        native.call("layer_backward", numbers, kept | given | scratch | made)
        native.give_back(packed, d_gates, pairs, *(kept[name] for name in ("h", "carry", "x", "gates")))
        d_bias, d_new_bias = _from_packed(cell, d_gate_bias, hidden)
        d_symbol = None if made["d_table"] is None else _from_packed(cell, made["d_table"].t(), hidden)[0]
        d_dense = None if d_dense is None else d_dense[:, :, :width]
        d_initial = (part[:, :hidden] for part in d_state[: 1 + len(d_carry)])
        d_weights = (made["d_input_weight"], d_symbol, made["d_recurrent_weight"])
        return None, None, None, d_dense, None, None, *d_weights, d_bias, d_new_bias, *d_initial


def _numbers(
    cell: Cell, dense: Tensor | None, symbols: Tensor | None, symbol_weight: Tensor | None, recurrent_weight: Tensor
) -> dict[str, int]:
    """The sizes, by their names in training.c."""
    some = dense if symbols is None else symbols
    assert some is not None
    return {
        "cell": CELLS[cell],
        "T": some.shape[0],
        "N": some.shape[1],
        "H": recurrent_weight.shape[1],
        "D": 0 if dense is None else dense.shape[2],
        "V": 0 if symbol_weight is None else symbol_weight.shape[1],
    }


def _gates(numbers: dict[str, int]) -> int:
    """Q·Hp."""
    return (1 if numbers["cell"] == CELLS["rnn"] else 4) * rounded(numbers["H"])


def _kept(
    native: NativeLibrary,
    numbers: dict[str, int],
    symbols: Tensor | None,
    scale: Tensor | None,
    state: tuple[Tensor, ...],
    *,
    learning: bool,
) -> dict[str, Tensor | None]:
    """What the way back needs from the way there, with room for it."""
    length, streams, hidden, width = (numbers[name] for name in "TNHD")
    return {
        "symbols": symbols,
        "scale": scale,
        "h": _with_first(native, length, streams, hidden, state[0], torch.bfloat16),
        "carry": _with_first(native, length, streams, hidden, state[-1], torch.float32),
        "x": native.borrow(length, streams, rounded(width), dtype=torch.bfloat16) if width else None,
        "gates": native.borrow(length, streams, _gates(numbers)) if learning else None,
    }


def _padded(state: Tensor) -> Tensor:
    """(N, H) as (N, Hp), a fresh copy."""
    return functional.pad(state, (0, -state.shape[1] % PANEL)).clone()


def _with_first(
    native: NativeLibrary, length: int, streams: int, hidden: int, first: Tensor, dtype: torch.dtype
) -> Tensor:
    """Room for the states (T + 1, N, Hp), the first filled in."""
    states = native.borrow(length + 1, streams, rounded(hidden), dtype=dtype)
    states[0, :, hidden:] = 0
    states[0, :, :hidden] = first
    return states


def _to_packed(cell: Cell, rows: Tensor, extra: Tensor | None) -> Tensor:
    """Rows (G·H, ...) of a parameter in packed order (Q·Hp, ...); ``extra`` (H,) is the gru's fourth block."""
    blocks = rows.reshape({"lstm": 4, "gru": 3, "rnn": 1}[cell], -1, *rows.shape[1:])
    if cell == "gru":
        fourth = torch.zeros_like(blocks[:1]) if extra is None else extra.unsqueeze(0)
        blocks = torch.cat([blocks, fourth])
    pad = (0, 0) * (blocks.dim() - 2) + (0, -blocks.shape[1] % PANEL)
    blocks = functional.pad(blocks, pad)
    groups = blocks.reshape(blocks.shape[0], -1, PANEL, *blocks.shape[2:])
    return groups.transpose(0, 1).flatten(0, 2)


def _from_packed(cell: Cell, rows: Tensor, hidden: int) -> tuple[Tensor, Tensor | None]:
    """The inverse of `_to_packed`."""
    groups = rows.reshape(-1, 1 if cell == "rnn" else 4, PANEL, *rows.shape[1:])
    blocks = groups.transpose(0, 1).flatten(1, 2)[:, :hidden]
    if cell == "gru":
        return blocks[:3].flatten(0, 1), blocks[3]
    return blocks.flatten(0, 1), None
