"""The engine of compiled layers: whole windows in bfloat16 products with float32 state and sums.

`native/training.c` is compiled at first use; `NativeEngine` raises `NativeUnavailable`, with the
reason, where there is no compiler or where the processor lacks AVX-512 BF16. What it cannot
compute (another device, another format) it leaves to torch's kernels.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from rnnlab.model.kernel_layer import KernelEngine
from rnnlab.model.layer import LayerInput, LayerState, RecurrentLayer
from rnnlab.model.native_job import NativeLibrary
from rnnlab.model.native_layer import NativeLayer
from rnnlab.model.native_loss import NativeLoss


class NativeEngine:
    """Compiled layers for float32 parameters on a CPU with AVX-512 BF16.

    Raises:
        NativeUnavailable: says why there is none here.
    """

    name = "native"
    embed = staticmethod(functional.embedding)

    def __init__(self) -> None:
        self._native = NativeLibrary()
        self._fallback = KernelEngine()

    def run(self, layer: RecurrentLayer, inputs: LayerInput, state: LayerState) -> tuple[Tensor, LayerState]:
        """See `LayerEngine`."""
        if layer.bias.device.type != "cpu" or layer.bias.dtype != torch.float32:
            return self._fallback.run(layer, inputs, state)
        scale = None if inputs.symbol_scale is None else inputs.symbol_scale.contiguous()
        output, *final = NativeLayer.apply(  # type: ignore[no-untyped-call]  # torch leaves it untyped
            self._native,
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

    def loss(self, features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        """See `LayerEngine`."""
        if bias.device.type != "cpu" or bias.dtype != torch.float32:
            return self._fallback.loss(features, weight, bias, targets)
        learning = torch.is_grad_enabled()
        loss: Tensor = NativeLoss.apply(self._native, learning, features, weight, bias, targets.contiguous())  # type: ignore[no-untyped-call]  # likewise
        return loss
