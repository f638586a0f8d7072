"""Rows of numbers that only grow, read as arrays that are never changed under the reader."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Columns:
    """Named float64 columns; :meth:`view` stays valid and unchanged while rows are added or cut off."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._store: Floats = np.empty((len(self.names), 256))
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def extend(self, rows: Floats) -> None:
        """Add rows, (n, columns)."""
        wanted = self._length + len(rows)
        if wanted > self._store.shape[1]:
            larger = np.empty((len(self.names), max(wanted, 2 * self._store.shape[1])))
            larger[:, : self._length] = self._store[:, : self._length]
            self._store = larger
        self._store[:, self._length : wanted] = rows.T
        self._length = wanted

    def keep_until(self, name: str, last: float) -> None:
        """Drop the rows after the one whose ``name`` (a column that does not decrease) is at most ``last``."""
        column = self._store[self.names.index(name), : self._length]
        length = int(np.searchsorted(column, last, side="right"))
        if length < self._length:
            self._store = self._store.copy()  # published views keep the old one
            self._length = length

    def view(self) -> dict[str, Floats]:
        """The columns as they are now, by name; each is (n,) and must not be written to."""
        return {name: self._store[index, : self._length] for index, name in enumerate(self.names)}
