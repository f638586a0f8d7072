"""Output layer, softmax and loss in one call of compiled code, so that no logits are ever stored.

bfloat16 products, float32 logits; the loss is summed in float64. Shapes as in `layer`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from rnnlab.model.native_job import BLOCK, CELLS, NativeLibrary, rounded


class NativeLoss(torch.autograd.Function):
    """Output layer, softmax and mean loss; the gradients are computed on the way forward."""

    @staticmethod
    def forward(
        ctx: Any,
        native: NativeLibrary,
        learning: bool,
        features: Tensor,
        weight: Tensor,
        bias: Tensor,
        targets: Tensor,
    ) -> Tensor:
        """Mean loss in nats per character; arguments as `mean_loss`."""
        (length, streams, width), size = features.shape, weight.shape[0]
        rows, columns, depth = length * streams, rounded(size), rounded(width)
        numbers = {"cell": CELLS["rnn"], "T": length, "N": streams, "H": size, "D": width, "V": 0}
        losses = torch.empty(-(-rows // BLOCK), dtype=torch.float64)
        scratch = {
            "x": native.borrow(rows, depth, dtype=torch.bfloat16),
            "packed": native.borrow(columns, depth + columns, dtype=torch.bfloat16),
        }
        gradients: dict[str, Tensor] = {}
        if learning:
            gradients = {
                "d_x": torch.empty(length, streams, depth),
                "d_input_weight": torch.empty_like(weight),
                "d_bias": torch.empty(columns),
            }
            scratch |= {
                "d_gates": native.borrow(rows, columns, dtype=torch.bfloat16),
                "turned": native.borrow(columns, depth, dtype=torch.bfloat16),
                "pairs": native.borrow(rows + 1, depth, dtype=torch.bfloat16),
            }
        given = {
            "input_weight": weight,
            "bias": functional.pad(bias, (0, columns - size)),
            "dense": features.contiguous(),
            "symbols": targets,
            "losses": losses,
        }
        native.call("output_loss", numbers, given | scratch | gradients)
        native.give_back(*scratch.values())
        ctx.gradients, ctx.width, ctx.size = gradients, width, size
        return (losses.sum() / rows).float()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_loss: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients in the order of `forward`'s arguments."""
        d_features, d_weight, d_bias = ctx.gradients.values()
        gradients = [d_features[:, :, : ctx.width], d_weight, d_bias[: ctx.size]]
        if float(d_loss) != 1.0:
            gradients = [gradient * d_loss for gradient in gradients]
        return None, None, *gradients, None
