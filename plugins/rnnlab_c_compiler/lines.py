"""Where the lines of a text begin."""

from __future__ import annotations

import re
from bisect import bisect_right


class Lines:
    """Line numbers, from 1, of offsets in a text."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def number(self, offset: int) -> int:
        """The line of an offset."""
        return bisect_right(self._starts, offset)

    def before(self, offset: int) -> int:
        """How many characters of its line stand before an offset."""
        return offset - self._starts[self.number(offset) - 1]
