"""The recurrent cells in NumPy, in as few calls as possible: a call costs as much as hundreds of elements.

A sigmoid is half a tanh: s(x) = 1/2 + 1/2 tanh(x/2). With the halving put into the weights, one
tanh over all gates does what four nonlinearities would. Elementwise: a stream's values never
depend on which other streams are computed beside it.

Shapes: N streams, H hidden, R rows of gates (see weights.py).
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rnnlab.config import Cell
from rnnlab.model.sampling.weights import Floats

_HALF = np.float32(0.5)


def order(cell: Cell, hidden: int) -> NDArray[np.int64]:
    """Which row of the weights each row of a stepper's gates is, (R,): the sigmoids come first."""
    rows = np.arange({"lstm": 4, "gru": 4, "rnn": 1}[cell] * hidden)
    if cell != "lstm":
        return rows
    return np.concatenate([rows[: 2 * hidden], rows[3 * hidden :], rows[2 * hidden : 3 * hidden]])


def factor(cell: Cell, hidden: int) -> Floats:
    """What each row of the weights and the table is multiplied by beforehand, (R,), in that order; powers of two."""
    sigmoids = {"lstm": 3, "gru": 2, "rnn": 0}[cell] * hidden
    return np.where(np.arange(len(order(cell, hidden))) < sigmoids, np.float32(0.5), np.float32(1))


def stepper(cell: Cell, gates: Floats, hidden: Floats, state: Floats | None) -> Callable[[], None]:
    """What replaces hidden state and cell state (N, H) by the new ones, and uses up ``gates`` (N, R), at each call."""
    width = hidden.shape[1]
    if cell == "rnn":
        return functools.partial(_rnn, gates, hidden)
    first, second, third, fourth = (gates[:, at * width : (at + 1) * width] for at in range(4))
    if cell == "gru":
        return functools.partial(_gru, gates[:, : 2 * width], first, second, third, fourth, hidden)
    assert state is not None
    return functools.partial(_lstm, gates, gates[:, : 3 * width], first, second, third, fourth, hidden, state)


def _rnn(gates: Floats, hidden: Floats) -> None:
    np.tanh(gates, hidden)


def _lstm(
    gates: Floats,
    smooth: Floats,
    take: Floats,
    forget: Floats,
    give: Floats,
    fresh: Floats,
    hidden: Floats,
    state: Floats,
) -> None:
    np.tanh(gates, gates)
    np.multiply(smooth, _HALF, smooth)
    np.add(smooth, _HALF, smooth)
    np.multiply(state, forget, state)
    np.multiply(fresh, take, fresh)
    np.add(state, fresh, state)
    np.tanh(state, hidden)
    np.multiply(hidden, give, hidden)


def _gru(smooth: Floats, reset: Floats, update: Floats, fresh: Floats, own: Floats, hidden: Floats) -> None:
    np.tanh(smooth, smooth)
    np.multiply(smooth, _HALF, smooth)
    np.add(smooth, _HALF, smooth)
    np.multiply(own, reset, own)
    np.add(fresh, own, fresh)
    np.tanh(fresh, fresh)
    np.subtract(hidden, fresh, hidden)
    np.multiply(hidden, update, hidden)
    np.add(hidden, fresh, hidden)
