"""An LSTM layer in plain torch operations that take bfloat16 products and keep float32 state.

Needs no compiler: it is what a CPU with fast bfloat16 products uses where `native_engine` is not
to be had. All that does not wait for the recurrence is done for the whole window at once; what
is left for each step is one product and a few operations in place. GRU and RNN layers, and
formats other than float32, are left to torch's kernels.

Shapes as in `layer`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from rnnlab.model.kernel_layer import KernelEngine
from rnnlab.model.layer import LayerInput, LayerState, RecurrentLayer, mean_loss

_LOW = torch.bfloat16


class PortableEngine:
    """bfloat16 products with torch alone."""

    name = "portable"
    embed = staticmethod(functional.embedding)
    loss = staticmethod(mean_loss)

    def __init__(self) -> None:
        self._fallback = KernelEngine()

    def run(self, layer: RecurrentLayer, inputs: LayerInput, state: LayerState) -> tuple[Tensor, LayerState]:
        """See `LayerEngine`."""
        if layer.cell != "lstm" or layer.bias.dtype != torch.float32:
            return self._fallback.run(layer, inputs, state)
        gates = _Inputs.apply(  # type: ignore[no-untyped-call]  # torch leaves it untyped
            inputs.dense, inputs.symbols, inputs.symbol_scale, layer.input_weight, layer.symbol_weight, layer.bias
        )
        output, hidden, carry = _Recurrence.apply(gates, layer.recurrent_weight, *state)  # type: ignore[no-untyped-call]  # likewise
        return output, (hidden, carry)


class _Inputs(torch.autograd.Function):
    """What `gate_inputs` computes, with the product in bfloat16: gates (T, N, 4·H)."""

    @staticmethod
    def forward(
        ctx: Any,
        dense: Tensor | None,
        symbols: Tensor | None,
        scale: Tensor | None,
        input_weight: Tensor | None,
        symbol_weight: Tensor | None,
        bias: Tensor,
    ) -> Tensor:
        """Bias, dense product and looked-up symbols, summed in float32."""
        gates: Tensor | None = None
        low = None if dense is None else dense.to(_LOW)
        if symbols is not None:
            assert symbol_weight is not None
            gates = functional.embedding(symbols, symbol_weight.t().contiguous())
            gates = gates if scale is None else gates.mul_(scale.unsqueeze(-1))
        if low is not None:
            assert input_weight is not None
            product = low @ input_weight.to(_LOW).t()
            gates = product.float() if gates is None else gates.add_(product)
        assert gates is not None
        ctx.save_for_backward(low, symbols, scale, input_weight, symbol_weight)
        return gates.add_(bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_gates: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients in the order of `forward`'s arguments."""
        low, symbols, scale, input_weight, symbol_weight = ctx.saved_tensors
        flat = d_gates.flatten(0, 1)
        d_dense = d_input = d_symbol = None
        if low is not None:
            narrow = flat.to(_LOW)
            d_input = (narrow.t() @ low.flatten(0, 1)).float()
            if ctx.needs_input_grad[0]:
                d_dense = (narrow @ input_weight.to(_LOW)).float().view(low.shape)
        if symbols is not None:
            scaled = flat if scale is None else flat * scale.reshape(-1, 1)
            d_table = flat.new_zeros(symbol_weight.shape[1], flat.shape[1])
            d_symbol = d_table.index_add_(0, symbols.reshape(-1), scaled).t()
        return d_dense, None, None, d_input, d_symbol, flat.sum(0)


class _Recurrence(torch.autograd.Function):
    """The recurrence of an LSTM over a window; overwrites ``gates`` (T, N, 4·H), which nobody else holds."""

    @staticmethod
    def forward(
        ctx: Any, gates: Tensor, weight: Tensor, hidden: Tensor, carry: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Outputs (T, N, H), last hidden state and last cell state."""
        length, streams, size = gates.shape[0], gates.shape[1], hidden.shape[1]
        turned = weight.to(_LOW).t()  # (H, 4·H)
        outputs = gates.new_empty(length, streams, size)
        low = torch.empty(length + 1, streams, size, dtype=_LOW)  # hidden states before each step, and the last
        carries = gates.new_empty(length + 1, streams, size)
        shapes = gates.new_empty(length, streams, size)  # tanh of the cell states
        low[0], carries[0] = hidden, carry
        for t in range(length):
            step = gates[t].add_(low[t] @ turned)
            step[:, : 2 * size].sigmoid_()
            step[:, 2 * size : 3 * size].tanh_()
            step[:, 3 * size :].sigmoid_()
            take, forget, new, give = step.view(streams, 4, size).unbind(1)
            torch.mul(forget, carries[t], out=carries[t + 1]).addcmul_(take, new)
            torch.tanh(carries[t + 1], out=shapes[t])
            torch.mul(give, shapes[t], out=outputs[t])
            low[t + 1] = outputs[t]
        ctx.save_for_backward(gates, weight, low, carries, shapes)
        return outputs, outputs[-1].clone(), carries[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_outputs: Tensor, d_hidden: Tensor, d_carry: Tensor) -> tuple[Tensor, ...]:
        """Gradients in the order of `forward`'s arguments."""
        gates, weight, low, carries, shapes = ctx.saved_tensors
        length, streams, size = d_outputs.shape
        take, forget, new, give = gates.view(length, streams, 4, size).unbind(2)
        # What each gate's gradient is per unit of d_carry (the first three) or of d_hidden (the last).
        factors = torch.stack(
            [
                new * take * (1 - take),
                carries[:-1] * forget * (1 - forget),
                take * (1 - new * new),
                shapes * give * (1 - give),
            ],
            dim=2,
        )  # (T, N, 4, H)
        through = give * (1 - shapes * shapes)
        narrow = weight.to(_LOW)
        low_gates = torch.empty(length, streams, 4 * size, dtype=_LOW)
        d_carry = d_carry.clone()
        for t in range(length - 1, -1, -1):
            d_hidden = d_hidden + d_outputs[t]
            d_carry.addcmul_(d_hidden, through[t])
            factors[t, :, :3].mul_(d_carry.unsqueeze(1))
            factors[t, :, 3].mul_(d_hidden)
            d_carry.mul_(forget[t])
            low_gates[t] = factors[t].flatten(1)
            d_hidden = (low_gates[t] @ narrow).float()
        d_weight = (low_gates.flatten(0, 1).t() @ low[:-1].flatten(0, 1)).float()
        return factors.flatten(2), d_weight, d_hidden, d_carry
