"""Which brackets without a partner the cut ends of a text explain.

What is cut out of balanced code leaves closers at its start and openers at its end, and
nothing else. They are the cut's unless the first column contradicts: a function begins before the
closer, or after the opener, or a brace in the first column closes what was opened deeper.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.brackets import CLOSE_BRACE, CLOSE_ROUND, CLOSER, OPEN_BRACE, OPENER, Brackets, left_over
from rnnlab_c_syntax.gaps import Gaps
from rnnlab_c_syntax.outline import Outline

#: A function's header in the first column behind an indented brace, with its own brace indented, too.
_NEXT_FUNCTION = re.compile(rb"[ \t]*+\n\s*+(?<=\n)[A-Za-z_][^;{}=]{0,400}?\)[ \t\n]*+\{")


class Cuts:
    """Reports, of the brackets in ``found``, those that the cut ends of the text explain."""

    def __init__(self, outline: Outline, found: list[tuple[int, int]], result: Brackets, *, end_cut: bool) -> None:
        self.outline = outline
        self.code = outline.code
        self.gaps = Gaps(outline.code, outline.lines)
        self.found = found
        self.result = result
        self.end_cut = end_cut

    def explain_all(self) -> bool:
        """Report all brackets without a partner, if the cuts explain every one; else tell that they do not."""
        left = left_over(self.found)
        if left is None:
            return False
        strays, still_open = left
        if strays and (not self.outline.start_cut or self._function_before(strays[-1])):
            return False
        if still_open and (not self.end_cut or self._contradicted(still_open[0])):
            return False
        if strays:
            self._report_strays(strays)
            self.result.head_end = self._head_end(strays[-1])
        self._report_open(still_open)
        return True

    def _function_before(self, index: int) -> bool:
        return self.outline.has_header(self.found[index][0]) or any(
            kind == OPEN_BRACE and self.outline.begins_function(position) for position, kind in self.found[:index]
        )

    def _contradicted(self, index: int) -> bool:
        """Tell whether what follows the opener at ``index`` cannot stand inside of its brackets."""
        lines = self.outline.lines
        stack: list[int] = []
        for position, kind in self.found[index:]:
            if kind in CLOSER:
                if kind == OPEN_BRACE and stack and self.outline.begins_function(position):
                    return True
                stack.append(position)
                continue
            opened = stack.pop()
            ends_first = kind == CLOSE_BRACE and self.outline.in_first_column(position)
            if ends_first and lines.indent(opened) and (lines.start(opened) or not self.outline.start_cut):
                return True
        return False

    def _head_end(self, last: int) -> int:
        """Give where the rest of the function ends whose last bracket, of those that lack a partner, is ``last``."""
        position, kind = self.found[last]
        if kind == CLOSE_BRACE and self.outline.in_first_column(position):
            return position + 1
        for brace, kind_after in self.found[last + 1 : last + 2]:
            if (kind, kind_after) == (CLOSE_ROUND, OPEN_BRACE) and not self.code[position + 1 : brace].strip():
                return self._head_before(position, kind, brace)  # the last line of a header
        for brace, kind_after in self.found[last + 1 :]:
            if kind_after == OPEN_BRACE and self.outline.begins_function(brace):
                return self._head_before(position, kind, brace)
        if kind == CLOSE_BRACE and _NEXT_FUNCTION.match(self.code, position + 1):
            return position + 1
        return len(self.code)

    def _head_before(self, position: int, kind: int, brace: int) -> int:
        if kind != CLOSE_ROUND or self.code[position + 1 : brace].strip():
            return position + 1
        end = self.code.find(b"\n}", brace)  # it was this function's header that was cut
        return len(self.code) if end < 0 else end + 2

    def take_head(self) -> int:
        """Report the rest of a function whose start was cut off; give the index of the first bracket after it."""
        depth: list[int] = []
        strays: list[int] = []
        for index, (position, kind) in enumerate(self.found):
            if kind in CLOSER:
                if kind == OPEN_BRACE and self.outline.begins_function(position):
                    return self._take_strays(strays, position)
                depth.append(kind)
            elif depth and depth[-1] == OPENER[kind]:
                depth.pop()
            elif depth:
                return 0
            else:
                strays.append(index)
                if kind == CLOSE_BRACE and self.outline.in_first_column(position):
                    return self._take_strays(strays, None)
        if not strays or self.outline.has_header(len(self.code)):
            return 0
        self._report_strays(strays)
        self.result.head_end = len(self.code)
        self._report_open(self._left_open(strays[-1] + 1))
        return len(self.found)

    def _take_strays(self, strays: list[int], brace: int | None) -> int:
        """Take ``strays`` as the end of the first function's rest; ``brace`` opens the next function."""
        if not strays or self.outline.has_header(self.found[strays[-1]][0]):
            return 0
        self._report_strays(strays)
        position, kind = self.found[strays[-1]]
        self.result.head_end = position + 1 if brace is None else self._head_before(position, kind, brace)
        return strays[-1] + 1

    def _left_open(self, index: int) -> list[int]:
        stack: list[int] = []
        for i in range(index, len(self.found)):
            if self.found[i][1] in CLOSER:
                stack.append(i)
            elif stack:
                stack.pop()
        return stack

    def _report_strays(self, strays: list[int]) -> None:
        for index in strays:
            position, kind = self.found[index]
            symbol = chr(kind)
            self.result.report(position, symbol, f"'{symbol}' closes what was opened before the text began", edge=True)

    def _report_open(self, indices: list[int]) -> None:
        for index in indices:
            position, kind = self.found[index]
            symbol = chr(kind)
            message = f"'{symbol}' is still open where the text ends"
            at = self.gaps.block_end(position) if kind == OPEN_BRACE else None
            self.result.report(position, symbol, message, at=at, edge=self.end_cut)
