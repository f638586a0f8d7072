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
_ONE, _HIGHEST, _LOWEST = _F(1), _F(88), _F(-87)
_BIAS, _MANTISSA = np.int32(127), np.int32(23)


def exponential(x: Floats) -> Floats:
    """e to the x, elementwise."""
    x = np.minimum(x, _HIGHEST)
    np.maximum(x, _LOWEST, out=x)
    whole = x * _LOG2_E
    np.rint(whole, out=whole)
    part = whole * _LN2_HIGH
    x -= part  # what is left of x
    np.multiply(whole, _LN2_LOW, out=part)
    x -= part
    p = x * _POLYNOMIAL[0]
    p += _POLYNOMIAL[1]
    for coefficient in _POLYNOMIAL[2:]:
        p *= x
        p += coefficient
    np.multiply(x, x, out=part)
    p *= part
    p += x
    p += _ONE
    exponent = whole.astype(np.int32)
    exponent += _BIAS
    exponent <<= _MANTISSA
    p *= exponent.view(np.float32)
    return p


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + e^-x), elementwise."""
    p = exponential(-x)
    p += _ONE
    result: Floats = np.divide(_ONE, p, out=p)
    return result


def hyperbolic(x: Floats) -> Floats:
    """tanh, elementwise; absolute error below 2e-7."""
    fall = np.abs(x)
    fall *= _F(-2)
    fall = exponential(fall)
    rise = _ONE - fall
    fall += _ONE
    rise /= fall
    result: Floats = np.copysign(rise, x, out=rise)
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
    smooth = sigmoid(gates)  # one call for three gates; the fourth's share is not used
    fresh = hyperbolic(gates[:, 2 * width : 3 * width])
    kept = smooth[:, width : 2 * width] * state + smooth[:, :width] * fresh
    return smooth[:, 3 * width :] * hyperbolic(kept), kept
