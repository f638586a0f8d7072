"""Lines as dots: a cell of braille holds 2 x 4 of them.

A curve over C = 2 x width dot columns is given as the lowest and highest place per column;
what comes out is one byte of dots per cell, to be added to U+2800.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnlab.tui.widgets.chart.figure import Floats

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
BLANK = 0x2800


def dots(low: Floats, high: Floats, height: int) -> NDArray[np.uint8]:
    """The curve's cells (height, width), top row first; places are 0 (bottom) to 1 (top).

    Neighbouring columns are joined, so that a steep fall is a line and not a scatter.
    Places outside 0 to 1 are cut off.
    """
    rows = height * 4
    with np.errstate(invalid="ignore"):
        bottom, top = np.floor(low * rows), np.floor(high * rows)
        bottom, top = _joined(np.where(bottom == rows, rows - 1, bottom), np.where(top == rows, rows - 1, top))
        row = np.arange(rows - 1, -1, -1)[:, None]
        grid = (row >= bottom) & (row <= top)
    cells = grid.reshape(height, 4, len(low) // 2, 2).astype(np.uint8)
    result: NDArray[np.uint8] = (cells * _BITS[None, :, None, :]).sum(axis=(1, 3), dtype=np.uint8)
    return result


def _joined(bottom: Floats, top: Floats) -> tuple[Floats, Floats]:
    """Stretch each column so that it touches the one before it."""
    if len(bottom) < 2:
        return bottom, top
    bottom, top = bottom.copy(), top.copy()
    before_top, before_bottom = top[:-1].copy(), bottom[:-1].copy()
    rises = bottom[1:] > before_top + 1
    falls = top[1:] < before_bottom - 1
    bottom[1:] = np.where(rises, before_top + 1, bottom[1:])
    top[1:] = np.where(falls, before_bottom - 1, top[1:])
    return bottom, top
