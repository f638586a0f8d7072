"""Brackets that are really wrong: which one of several to distrust.

The text is taken in pieces that end at a ``}`` in the first column, and within a damaged piece
the indentation tells which brace lost its partner. One slip in one function is then one
finding or two, and the next function starts afresh.
"""

from __future__ import annotations

from rnnlab_c_syntax.brackets import (
    CLOSE_BRACE,
    CLOSER,
    OPEN_BRACE,
    OPENER,
    Brackets,
    depth_and_balance,
    list_brackets,
)
from rnnlab_c_syntax.cuts import Cuts
from rnnlab_c_syntax.outline import Outline
from rnnlab_c_syntax.places import Lines


def match_brackets(code: bytes, lines: Lines, *, start_cut: bool = True, end_cut: bool = True) -> Brackets:
    """Match the brackets of ``code``, in time linear in its length."""
    result, balanced = depth_and_balance(code)
    outline = Outline(code, lines, start_cut=start_cut)
    if balanced and not outline.has_function_within():
        return result
    cuts = Cuts(outline, list_brackets(code), result, end_cut=end_cut)
    if balanced or not cuts.explain_all():
        _Matcher(cuts).run(cuts.take_head() if start_cut else 0)
    result.finish()
    return result


class _Matcher:
    """Goes over the brackets of one text, piece by piece."""

    def __init__(self, cuts: Cuts) -> None:
        self.outline, self.found, self.result = cuts.outline, cuts.found, cuts.result
        self.cuts = cuts

    def run(self, index: int) -> None:
        """Match from ``index`` on; a piece that does not work out alone is joined to the next until it does."""
        hopeless = 0  # up to this index no piece can be joined to the next
        while index < len(self.found):
            end, works = self._plain(index, hopeless)
            if works:
                index = end
            else:
                hopeless = max(hopeless, end)
                stop = self._piece_end(index)
                _Piece(self.cuts, index, stop).run()
                index = stop

    def _plain(self, index: int, hopeless: int) -> tuple[int, bool]:
        stack: list[int] = []
        for i in range(index, len(self.found)):
            position, kind = self.found[i]
            if kind in CLOSER:
                if kind == OPEN_BRACE and i > index and self.outline.begins_function(position):
                    return i, not stack
                stack.append(kind)
            elif not stack or stack.pop() != OPENER[kind]:
                return i, False
            elif kind == CLOSE_BRACE and self.outline.in_first_column(position):
                if not stack:
                    return i + 1, True
                if i < hopeless:
                    return i, False
        return len(self.found), not stack

    def _piece_end(self, index: int) -> int:
        opened = False
        for i in range(index, len(self.found)):
            position, kind = self.found[i]
            if kind == OPEN_BRACE and self.outline.begins_function(position):
                if opened:
                    return i
                opened = True
            if kind == CLOSE_BRACE and self.outline.in_first_column(position):
                return i + 1
        return len(self.found)


class _Piece:
    """A damaged stretch, up to a closing brace in the first column or the next function."""

    def __init__(self, cuts: Cuts, start: int, stop: int) -> None:
        self.code, self.lines = cuts.code, cuts.outline.lines
        self.gaps, self.result = cuts.gaps, cuts.result
        self.found = cuts.found[start:stop]
        #: Whether the text goes on behind it; if not, whether its end is a cut.
        self.last = stop == len(cuts.found)
        self.cut = self.last and cuts.end_cut
        kinds = [kind for _, kind in self.found]
        #: How many more braces are opened than closed: which of the two to distrust.
        self.surplus = kinds.count(OPEN_BRACE) - kinds.count(CLOSE_BRACE)
        self.stack: list[tuple[int, int]] = []

    def run(self) -> None:
        """Match what can be matched and report the rest."""
        for position, kind in self.found:
            if kind in CLOSER:
                self.stack.append((position, kind))
            elif kind == CLOSE_BRACE:
                self._brace(position)
            else:
                self._bracket(position, kind)
        for position, kind in self.stack:
            if kind == OPEN_BRACE and not self.cut:
                self._unclosed(position)
            elif self.last and kind == OPEN_BRACE:
                self._report(position, "is still open where the text ends", at=self.gaps.block_end(position), edge=True)
            else:
                self._unclosed(position, edge=self.cut)

    def _same_line(self, one: int, other: int) -> bool:
        return self.lines.start(one) == self.lines.start(other)

    def _indent(self, position: int) -> int:
        return self.lines.indent(position)

    def _bracket(self, position: int, kind: int) -> None:
        """Take a ``)`` or ``]``."""
        stack = self.stack
        if stack and stack[-1][1] == OPENER[kind]:
            stack.pop()
        elif stack and stack[-1][1] != OPEN_BRACE:
            if len(stack) > 1 and stack[-2][1] == OPENER[kind]:
                self._unclosed(stack.pop()[0])
            else:
                self._wrong(position, stack[-1][1])
            stack.pop()
        elif stack and self.lines.is_first(position) and self._indent(position) == self._indent(stack[-1][0]):
            self._wrong(position, OPEN_BRACE)
            stack.pop()
            self.surplus -= 1
        else:
            self._stray(position)

    def _brace(self, position: int) -> None:
        """Take a ``}``: distrust it, or the braces above the one at its indentation."""
        stack = self.stack
        first = self.lines.is_first(position)
        indent = self._indent(position)
        if stack and stack[-1][1] != OPEN_BRACE and self._replaced(position, first, indent):
            return
        if not any(kind == OPEN_BRACE for _, kind in stack[-200:]):
            if self.surplus < 0 and first:
                self.surplus += 1
                self._unopened(position, indent)
            else:
                self._stray(position)
            return
        if self._distrusted(position, first, indent):
            return
        if first and self.surplus > 0:
            self._close_deeper(indent)
        while stack and stack[-1][1] != OPEN_BRACE:
            self._unclosed(stack.pop()[0])
        if stack:
            stack.pop()

    def _replaced(self, position: int, first: bool, indent: int) -> bool:
        """Pair a brace with a round or square bracket if one stands for the other."""
        opened, kind = self.stack[-1]
        line_end = self.code[opened + 1 : opened + 80].lstrip(b" \t")[:1] in (b"\n", b"\r", b"")
        if first and line_end and self._indent(opened) == indent and self.surplus < 0:
            self._report(opened, "is closed by '}'")
            self.surplus += 1
        elif not first and self._same_line(opened, position) and self.surplus < 0:
            self._wrong(position, kind)
            self.surplus += 1
        else:
            return False
        self.stack.pop()
        return True

    def _distrusted(self, position: int, first: bool, indent: int) -> bool:
        """Report a ``}`` that does not fit the indentation while there are too many of them."""
        if self.surplus >= 0:
            return False
        opened = next(p for p, kind in reversed(self.stack) if kind == OPEN_BRACE)
        if first and indent > self._indent(opened):
            self._unopened(position, indent)
        elif not first and not self._same_line(opened, position):
            self._stray(position)
        else:
            return False
        self.surplus += 1
        return True

    def _close_deeper(self, indent: int) -> None:
        """Give up the braces that were opened deeper than the one which is closed at ``indent``."""
        braces = [p for p, kind in self.stack[-200:] if kind == OPEN_BRACE]
        if not any(self._indent(p) == indent for p in braces):
            return
        while self.surplus > 0 and braces and self._indent(braces[-1]) > indent:
            position, kind = self.stack.pop()
            self._unclosed(position)
            if kind == OPEN_BRACE:
                braces.pop()
                self.surplus -= 1

    def _report(self, position: int, what: str, *, at: int | None = None, edge: bool = False) -> None:
        symbol = chr(self.code[position])
        self.result.report(position, symbol, f"'{symbol}' {what}", at=at, edge=edge)

    def _stray(self, position: int) -> None:
        self._report(position, "closes nothing")

    def _unopened(self, position: int, indent: int) -> None:
        self._report(position, "closes nothing: its '{' is missing", at=self.gaps.header_of(position, indent))

    def _wrong(self, position: int, opened: int) -> None:
        self._report(position, f"stands where '{CLOSER[opened]}' should")

    def _unclosed(self, position: int, *, edge: bool = False) -> None:
        at = None
        if self.code[position] == OPEN_BRACE and self.gaps.opens_block(position):
            at = self.gaps.block_end(position)
        self._report(position, "is never closed", at=at, edge=edge)
