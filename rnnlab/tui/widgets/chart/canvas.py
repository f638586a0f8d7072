"""A grid of cells with one character and two colours each, and its rows as Textual strips.

Colours are small numbers, indices into a list of names ("$primary", "#ff8800", "" for none),
so that two pictures can be compared quickly: only what changed is sent to the terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

Styles = Callable[[str, str], Style]
"""Foreground and background names to a style."""


class Canvas:
    """``height`` x ``width`` cells; ``signs`` are code points."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.signs: NDArray[np.int32] = np.full((height, width), 32, dtype=np.int32)
        self.front: NDArray[np.int16] = np.zeros((height, width), dtype=np.int16)
        self.back: NDArray[np.int16] = np.zeros((height, width), dtype=np.int16)
        self.names: list[str] = [""]

    def colour(self, name: str) -> int:
        """The number of a colour."""
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)

    def write(self, x: int, y: int, text: str, colour: str = "") -> None:
        """Put text (one cell per character) at a place; what sticks out is cut off."""
        if not 0 <= y < self.height:
            return
        skipped = max(0, -x)
        codes = [ord(sign) for sign in text[skipped : skipped + max(0, self.width - max(x, 0))]]
        start = max(x, 0)
        self.signs[y, start : start + len(codes)] = codes
        self.front[y, start : start + len(codes)] = self.colour(colour)

    def shade(self) -> None:
        """Backgrounds as signs, for a terminal without colours."""
        self.signs[(self.back > 0) & (self.signs == 32)] = 0x2591

    def copy(self) -> Canvas:
        """A copy that can be drawn on."""
        other = Canvas(0, 0)
        other.width, other.height = self.width, self.height
        other.signs, other.front, other.back = self.signs.copy(), self.front.copy(), self.back.copy()
        other.names = list(self.names)
        return other

    def changes(self, before: Canvas | None) -> list[Region] | None:
        """One region per row that differs from ``before``; None where all of it has to be drawn."""
        if before is None or before.signs.shape != self.signs.shape or before.names != self.names[: len(before.names)]:
            return None
        different = (self.signs != before.signs) | (self.front != before.front) | (self.back != before.back)
        regions = []
        for y in np.flatnonzero(different.any(axis=1)).tolist():
            at = np.flatnonzero(different[y])
            regions.append(Region(int(at[0]), y, int(at[-1] - at[0]) + 1, 1))
        return regions

    def strip(self, y: int, styles: Styles) -> Strip:
        """Row ``y``; neighbours of one style share a segment."""
        signs, front, back = self.signs[y], self.front[y].copy(), self.back[y]
        if self.width == 0:
            return Strip.blank(0)
        blank = signs == 32
        if blank.any() and not blank.all():  # a space has no foreground: let it join what is before it
            source = np.maximum.accumulate(np.where(blank, 0, np.arange(self.width)))
            front = front[source]
        key = front.astype(np.int32) * 4096 + back
        starts = np.concatenate(([0], np.flatnonzero(np.diff(key)) + 1))
        text = signs.astype("<u4").tobytes().decode("utf-32-le")
        stops = [*starts[1:].tolist(), self.width]
        segments = [
            Segment(text[start:stop], styles(self.names[front[start]], self.names[back[start]]))
            for start, stop in zip(starts.tolist(), stops, strict=True)
        ]
        return Strip(segments, self.width)

    def text(self) -> str:
        """The characters alone, one line per row."""
        return "\n".join(row.astype("<u4").tobytes().decode("utf-32-le").rstrip() for row in self.signs)


@lru_cache(maxsize=4096)
def style_of(front: str, back: str, bold: bool = False) -> Style:
    """A Rich style from two Rich colour names; cached, as making one costs more than using it."""
    return Style(color=front or None, bgcolor=back or None, bold=bold or None)
