"""The recurrent cells in float32 NumPy, rounding by rounding as native/sampling.c computes them.

Both use the same short polynomial for the exponential, so an engine that gets the same gates
from its products gets the same text, with or without a compiler. Elementwise: a stream's
values never depend on which other streams are computed beside it.

Shapes: N streams, H hidden, R rows of gates (see weights.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Cell

Floats = NDArray[np.float32]
_F = np.float32
_LOG2_E, _LN2_HIGH, _LN2_LOW = _F(1.44269504088896341), _F(0.693359375), _F(-2.12194440e-4)
_POLYNOMIAL = tuple(
    _F(c)
    for c in (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
)  # Cephes' expf: relative error below 2e-7


def exponential(x: Floats) -> Floats:
    """e to the x, elementwise."""
    x = np.clip(x, _F(-87), _F(88))
    whole = np.rint(x * _LOG2_E)
    rest = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    p = _POLYNOMIAL[0] * rest + _POLYNOMIAL[1]
    for coefficient in _POLYNOMIAL[2:]:
        p = p * rest + coefficient
    p = (p * (rest * rest) + rest) + _F(1)
    # NaN has no integer: it stays NaN through p, whatever its power of two is.
    exponent = np.nan_to_num(whole).astype(np.int32) + np.int32(127)
    power: Floats = (exponent << np.int32(23)).view(np.float32)
    result: Floats = p * power
    return result


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + e^-x), elementwise."""
    return _F(1) / (_F(1) + exponential(-x))


def hyperbolic(x: Floats) -> Floats:
    """tanh, elementwise; absolute error below 2e-7."""
    fall = exponential(_F(-2) * np.abs(x))
    result: Floats = np.copysign((_F(1) - fall) / (_F(1) + fall), x)
    return result


def advance(cell: Cell, gates: Floats, hidden: Floats, state: Floats | None) -> tuple[Floats, Floats | None]:
    """New hidden state and cell state (N, H) from the gates (N, R), table included."""
    width = hidden.shape[1]
    if cell == "rnn":
        return hyperbolic(gates), None
    if cell == "gru":
        smooth = sigmoid(gates[:, : 2 * width])
        reset, update = smooth[:, :width], smooth[:, width:]
        fresh = hyperbolic(gates[:, 2 * width : 3 * width] + reset * gates[:, 3 * width :])
        return fresh + update * (hidden - fresh), None
    assert state is not None
    take_forget = sigmoid(gates[:, : 2 * width])
    fresh = hyperbolic(gates[:, 2 * width : 3 * width])
    kept = take_forget[:, width:] * state + take_forget[:, :width] * fresh
    return sigmoid(gates[:, 3 * width :]) * hyperbolic(kept), kept
