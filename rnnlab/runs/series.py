"""The step events of a run as columns of numbers, for charts: a million of them in seconds.

Our own writer makes every step line in one form, so a block of such lines needs no JSON parser:
take away all that is not a number, see that what was taken is the same for every line, and read
the numbers. Any line of another form goes through JSON. Knows nothing of who draws.
"""

from __future__ import annotations

import functools
import json
import re

import numpy as np
from numpy.typing import NDArray

from rnnlab.events import StepEvent

Column = NDArray[np.float64]

FIELDS = (
    "time",
    "step",
    "chars",
    "epoch",
    "loss",
    "loss_low",
    "loss_high",
    "span",
    "learning_rate",
    "gradient_norm",
    "chars_per_second",
    "seconds",
)
STEP_LINES = re.compile(rb'(?m)^(?:\{"event":"step",[^\n]*\n)+')
"""A block of step lines, as they stand in the file."""

_DIGITS = b"0123456789.+-EINFA"
_REST = bytes(set(range(256)) - set(_DIGITS + b","))


class _View:
    """A column of a series, by its field's name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._row = FIELDS.index(name)

    def __get__(self, series: StepSeries, owner: type) -> Column:
        column: Column = series.table[self._row]
        return column


class StepSeries:
    """Columns of float64, one entry per step event, in the order of the steps.

    A column is a read-only view that stays as it is when the series changes; ask anew for the newest.
    One thread may extend while others read; they take :attr:`table` for columns of equal length.
    """

    time = _View()
    step = _View()
    chars = _View()
    epoch = _View()
    loss = _View()
    loss_low = _View()
    loss_high = _View()
    span = _View()
    learning_rate = _View()
    gradient_norm = _View()
    chars_per_second = _View()
    seconds = _View()

    def __init__(self) -> None:
        self._values = np.empty((len(FIELDS), 0))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def table(self) -> Column:
        """All columns at one moment, (fields, events): rows as in ``FIELDS``."""
        view = self._values[:, : self._count]
        view.flags.writeable = False
        return view

    def extend(self, rows: Column) -> None:
        """Append events: one row each, columns as in ``FIELDS``."""
        end = self._count + len(rows)
        if end > self._values.shape[1]:
            # Twice as much: copies stay rare, and where pages are huge a reserve is taken at once.
            grown = np.empty((len(FIELDS), max(4096, end * 2)))
            grown[:, : self._count] = self._values[:, : self._count]
            self._values = grown
        self._values[:, self._count : end] = rows.T
        self._count = end

    def drop_after(self, step: int) -> bool:
        """Forget what lies behind a step that training went back to; says whether there was anything."""
        kept = int(np.searchsorted(self.step, step, side="right"))
        if kept == self._count:
            return False
        self._values = self._values[:, :kept].copy()  # views given out before stay as they are
        self._count = kept
        return True


def parse_steps(lines: bytes) -> tuple[Column, int]:
    """The numbers of a block of whole step lines, (events, fields), and how many lines were no step events."""
    rows = _parse_alike(lines)
    return (rows, 0) if rows is not None else _parse_each(lines)


def _parse_alike(lines: bytes) -> Column | None:
    """The fast way; None where the lines are not all of one form."""
    names = _names(lines[: lines.index(b"\n")])
    if names is None:
        return None
    form = _form(names) * lines.count(b"\n")
    if lines.translate(None, _DIGITS) != form:
        # Exponents and numbers that are not finite: letters that count. In a name "e" stands before no sign.
        for text, number in (
            (b"e-", b"E-"),
            (b"e+", b"E+"),
            (b'"nan"', b"NAN"),
            (b'"inf"', b"INF"),
            (b'"-inf"', b"-INF"),
        ):
            lines = lines.replace(text, number)
        if lines.translate(None, _DIGITS) != form:
            return None
    try:
        numbers = np.fromstring(lines.translate(None, _REST)[1:].decode("ascii"), sep=",")
        table = numbers.reshape(-1, len(names))
    except ValueError:
        return None
    if len(table) != len(form) // len(_form(names)):
        return None
    return table if names == FIELDS else table[:, [names.index(field) for field in FIELDS]]


def _parse_each(lines: bytes) -> tuple[Column, int]:
    """The sure way: JSON, line by line."""
    rows, damaged = [], 0
    for line in lines.split(b"\n")[:-1]:
        try:
            values = json.loads(line)
            rows.append([float(values[field]) for field in FIELDS])
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            damaged += 1
    return np.array(rows, dtype=np.float64).reshape(-1, len(FIELDS)), damaged


def _names(line: bytes) -> tuple[str, ...] | None:
    """The fields of a step line in their order, if it holds all that we want and nothing but numbers."""
    try:
        values = json.loads(line)
        names = tuple(values)[1:]
        numbers = [float(values[name]) for name in names]
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    usable = set(FIELDS) <= set(names) and not any(isinstance(values[name], bool) for name in names)
    return names if usable and len(numbers) == len(names) else None


@functools.cache
def _form(names: tuple[str, ...]) -> bytes:
    """A step line without its numbers."""
    return ('{"event":"step",' + ",".join(f'"{name}":' for name in names) + "}\n").encode()


def row_of(event: StepEvent) -> Column:
    """A step event as one row, (1, fields)."""
    return np.array([[float(getattr(event, field)) for field in FIELDS]])
