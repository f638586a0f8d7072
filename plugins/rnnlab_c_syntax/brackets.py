"""Brackets: which of ``()[]{}`` have no partner, and where a reader would look for the mistake.

Plain matching runs over the text first and is believed wherever it works out. Where it
does not, the text is taken in pieces that end at a ``}`` in the first column, and within a
damaged piece the indentation tells which brace lost its partner. One slip in one function
is then one finding or two, and the next function starts afresh.

It sees code without comments, literals and directives, and knows no grammar beyond them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rnnlab_c_syntax.places import Lines

_BRACKET = re.compile(rb"[()\[\]{}]")
_NO_BRACKETS = bytes(c for c in range(256) if c not in b"()[]{}")
#: A text with more than these has no mistake in its brackets, it is one.
_MOST_LISTED = 10_000
#: For so many mistakes their probable places are looked for; further ones stay where they are.
_MOST_SEARCHES = 1000
_OPENER = {0x29: 0x28, 0x5D: 0x5B, 0x7D: 0x7B}
_CLOSER = {0x28: ")", 0x5B: "]", 0x7B: "}"}
_OPEN_BRACE, _CLOSE_BRACE, _CLOSE_ROUND = 0x7B, 0x7D, 0x29
#: A line in the first column that begins a function or gives it a name.
_HEADER = re.compile(
    rb"^[A-Za-z_]\w*+[ \t*]++[A-Za-z_][\w \t*]*+\(|^[A-Za-z_][\w \t*]*+\n[A-Za-z_]\w*+[ \t]*+\(", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A bracket without a partner. ``edge``: a cut at the start or the end of the text explains it."""

    start: int
    end: int
    symbol: str
    message: str
    edge: bool = False


@dataclass(slots=True)
class Brackets:
    """How the brackets of a text match."""

    total: int = 0
    #: How deep brackets nest, give or take those without a partner.
    depth: int = 0
    #: How many have no partner that no cut explains; the list stops at some point, the count does not.
    lonely: int = 0
    unmatched: list[Unmatched] = field(default_factory=list)
    #: Up to here the text is the rest of a function whose head was cut off.
    head_end: int = 0


def match_brackets(code: bytes, lines: Lines, *, start_cut: bool = True, end_cut: bool = True) -> Brackets:
    """Match the brackets of ``code``, in time linear in its length."""
    kinds = code.translate(None, _NO_BRACKETS)
    result = Brackets(total=len(kinds), depth=_depth(kinds))
    if _balanced(kinds):
        return result
    found = [(m.start(), code[m.start()]) for m in _BRACKET.finditer(code)]
    matcher = _Matcher(code, lines, found, result, end_cut)
    matcher.run(matcher.head() if start_cut else 0)
    result.unmatched.sort(key=lambda u: u.start)
    return result


def _depth(kinds: bytes) -> int:
    deepest = depth = 0
    for kind in kinds:
        if kind in _CLOSER:
            depth += 1
            deepest = max(deepest, depth)
        elif depth:
            depth -= 1
    return deepest


def _balanced(kinds: bytes) -> bool:
    stack: list[int] = []
    for kind in kinds:
        if kind in _CLOSER:
            stack.append(kind)
        elif not stack or stack.pop() != _OPENER[kind]:
            return False
    return not stack


class _Matcher:
    """Goes over the brackets of one text."""

    def __init__(
        self, code: bytes, lines: Lines, found: list[tuple[int, int]], result: Brackets, end_cut: bool
    ) -> None:
        self.code = code
        self.lines = lines
        self.found = found
        self.result = result
        self.end_cut = end_cut
        self.searches = 0

    def _first_column(self, position: int) -> bool:
        return position > 0 and self.code[position - 1] == 0x0A  # the first line may be cut

    def _begins_function(self, position: int) -> bool:
        """Tell whether the brace at ``position`` opens a function's body."""
        before = self.code[max(0, position - 200) : position].rstrip()
        if self._first_column(position):
            return before[-1:] in (b")", b";") or (not before and position > 0)
        start = self.lines.starts[self.lines.line(position)]
        if self.code[start] == _CLOSE_ROUND:
            return before[-1:] == b")"
        return before[-1:] == b")" and position - start < 400 and _HEADER.match(self.code, start) is not None

    def head(self) -> int:
        """Take the rest of a function whose start was cut off; give the index of the first bracket after it."""
        depth: list[int] = []
        strays: list[int] = []
        for index, (position, kind) in enumerate(self.found):
            if kind in _CLOSER:
                if kind == _OPEN_BRACE and self._begins_function(position):
                    return self._head_before(position, strays)
                depth.append(kind)
            elif depth and depth[-1] == _OPENER[kind]:
                depth.pop()
            elif depth:
                return 0
            else:
                strays.append(index)
                if kind == _CLOSE_BRACE and self._first_column(position):
                    if _HEADER.search(self.code, 0, position):
                        return 0
                    self._edges(strays)
                    self.result.head_end = position + 1
                    return index + 1
        if strays and not _HEADER.search(self.code):
            self._edges(strays)
            self.result.head_end = len(self.code)
            self._at_end(self._left_open(strays[-1] + 1))
            return len(self.found)
        return 0

    def _head_before(self, brace: int, strays: list[int]) -> int:
        """End the head before the first function: what closes there was opened before the text began."""
        if not strays or _HEADER.search(self.code, 0, self.found[strays[-1]][0]):
            return 0
        self._edges(strays)
        last, kind = self.found[strays[-1]]
        self.result.head_end = last + 1
        if kind == _CLOSE_ROUND and not self.code[last + 1 : brace].strip():
            # It was this function's header that was cut.
            end = self.code.find(b"\n}", brace)
            self.result.head_end = len(self.code) if end < 0 else end + 2
        return strays[-1] + 1

    def _left_open(self, index: int) -> list[int]:
        stack: list[int] = []
        for i in range(index, len(self.found)):
            if self.found[i][1] in _CLOSER:
                stack.append(i)
            elif stack:
                stack.pop()
        return stack

    def _edges(self, strays: list[int]) -> None:
        for index in strays:
            position, kind = self.found[index]
            self._report(position, f"'{chr(kind)}' closes what was opened before the text began", edge=True)

    def _at_end(self, indices: list[int]) -> None:
        for index in indices:
            position, kind = self.found[index]
            self._report(position, f"'{chr(kind)}' is still open where the text ends", edge=self.end_cut)

    def _report(self, position: int, message: str, *, at: int | None = None, edge: bool = False) -> None:
        self.result.lonely += not edge
        if len(self.result.unmatched) >= _MOST_LISTED:
            return
        symbol = chr(self.code[position])
        start = position if at is None else at
        self.result.unmatched.append(Unmatched(start, start + (at is None), symbol, message, edge))

    def run(self, index: int) -> None:
        """Go piece by piece; a piece that does not work out alone is joined to the next until it does."""
        hopeless = 0  # up to this index no piece can be joined to the next
        while index < len(self.found):
            end, works = self._plain(index, hopeless)
            if works:
                index = end
            else:
                hopeless = max(hopeless, end)
                stop = self._piece_end(index)
                _Piece(self, index, stop).run()
                index = stop

    def _plain(self, index: int, hopeless: int) -> tuple[int, bool]:
        stack: list[int] = []
        for i in range(index, len(self.found)):
            position, kind = self.found[i]
            if kind in _CLOSER:
                if kind == _OPEN_BRACE and stack and self._begins_function(position):
                    return i, False
                stack.append(kind)
            elif not stack or stack.pop() != _OPENER[kind]:
                return i, False
            elif kind == _CLOSE_BRACE and self._first_column(position):
                if not stack:
                    return i + 1, True
                if i < hopeless:
                    return i, False
        return len(self.found), not stack

    def _piece_end(self, index: int) -> int:
        opened = False
        for i in range(index, len(self.found)):
            position, kind = self.found[i]
            if kind == _OPEN_BRACE and self._begins_function(position):
                if opened:
                    return i
                opened = True
            if kind == _CLOSE_BRACE and self._first_column(position):
                return i + 1
        return len(self.found)


class _Piece:
    """A damaged stretch, up to a closing brace in the first column or the next function."""

    def __init__(self, matcher: _Matcher, start: int, stop: int) -> None:
        self.m = matcher
        self.lines = matcher.lines
        self.start, self.stop = start, stop
        kinds = [kind for _, kind in matcher.found[start:stop]]
        #: How many more braces are opened than closed: which of the two to distrust.
        self.surplus = kinds.count(_OPEN_BRACE) - kinds.count(_CLOSE_BRACE)
        self.stack: list[tuple[int, int]] = []

    def run(self) -> None:
        """Match what can be matched and report the rest."""
        for position, kind in self.m.found[self.start : self.stop]:
            if kind in _CLOSER:
                self.stack.append((position, kind))
            elif kind == _CLOSE_BRACE:
                self._brace(position)
            else:
                self._bracket(position, kind)
        last = self.stop == len(self.m.found)
        cut = last and self.m.end_cut
        for position, kind in self.stack:
            if kind == _OPEN_BRACE and not cut:
                self._unclosed(position)
            elif last and kind == _OPEN_BRACE:
                self.m._report(
                    position, "'{' is still open where the text ends", at=self._block_end(position), edge=True
                )
            else:
                self._unclosed(position, edge=cut)

    def _same_line(self, one: int, other: int) -> bool:
        return self.lines.line(one) == self.lines.line(other)

    def _indent(self, position: int) -> int:
        return self.lines.indent(self.lines.line(position))

    def _bracket(self, position: int, kind: int) -> None:
        """Take a ``)`` or ``]``."""
        stack = self.stack
        if stack and stack[-1][1] == _OPENER[kind]:
            stack.pop()
        elif stack and stack[-1][1] != _OPEN_BRACE:
            if len(stack) > 1 and stack[-2][1] == _OPENER[kind]:
                self._unclosed(stack.pop()[0])
            else:
                self._wrong(position, stack[-1][1])
            stack.pop()
        elif stack and self.lines.is_first(position) and self._indent(position) == self._indent(stack[-1][0]):
            self._wrong(position, _OPEN_BRACE)
            stack.pop()
            self.surplus -= 1
        else:
            self._stray(position)

    def _brace(self, position: int) -> None:
        """Take a ``}``: distrust it, or the braces above the one at its indentation."""
        stack = self.stack
        first = self.lines.is_first(position)
        indent = self._indent(position)
        if stack and stack[-1][1] != _OPEN_BRACE and self._replaced(position, first, indent):
            return
        if not any(kind == _OPEN_BRACE for _, kind in stack[-200:]):
            if self.surplus < 0 and first:
                self.surplus += 1
                self.m._report(position, "'}' closes nothing: its '{' is missing", at=self._header_of(position, indent))
            else:
                self._stray(position)
            return
        if self._distrusted(position, first, indent):
            return
        if first and self.surplus > 0:
            self._close_deeper(indent)
        while stack and stack[-1][1] != _OPEN_BRACE:
            self._unclosed(stack.pop()[0])
        if stack:
            stack.pop()

    def _replaced(self, position: int, first: bool, indent: int) -> bool:
        """Pair a brace with a round or square bracket if one stands for the other."""
        opened, kind = self.stack[-1]
        line_end = self.m.code[opened + 1 : opened + 80].lstrip(b" \t")[:1] in (b"\n", b"\r", b"")
        if first and line_end and self._indent(opened) == indent and self.surplus < 0:
            self.m._report(opened, f"'{chr(kind)}' is closed by '}}'")
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
        opened = next(p for p, kind in reversed(self.stack) if kind == _OPEN_BRACE)
        if first and indent > self._indent(opened):
            self.m._report(position, "'}' closes nothing: its '{' is missing", at=self._header_of(position, indent))
        elif not first and not self._same_line(opened, position):
            self._stray(position)
        else:
            return False
        self.surplus += 1
        return True

    def _close_deeper(self, indent: int) -> None:
        """Give up the braces that were opened deeper than the one which is closed at ``indent``."""
        braces = [p for p, kind in self.stack[-200:] if kind == _OPEN_BRACE]
        if not any(self._indent(p) == indent for p in braces):
            return
        while self.surplus > 0 and braces and self._indent(braces[-1]) > indent:
            position, kind = self.stack.pop()
            self._unclosed(position)
            if kind == _OPEN_BRACE:
                braces.pop()
                self.surplus -= 1

    def _stray(self, position: int) -> None:
        self.m._report(position, f"'{chr(self.m.code[position])}' closes nothing")

    def _wrong(self, position: int, opened: int) -> None:
        self.m._report(position, f"'{chr(self.m.code[position])}' stands where '{_CLOSER[opened]}' should")

    def _unclosed(self, position: int, *, edge: bool = False) -> None:
        kind = self.m.code[position]
        at = None
        if kind == _OPEN_BRACE and self._opens_block(position):
            at = self._block_end(position)
        self.m._report(position, f"'{chr(kind)}' is never closed", at=at, edge=edge)

    def _opens_block(self, position: int) -> bool:
        """Tell whether a ``{`` stands where one is expected, so that its ``}`` is what is missing."""
        code = self.m.code
        if code[position + 1 : position + 80].lstrip(b" \t")[:1] not in (b"\n", b"\r", b""):
            return False
        before = code[max(0, position - 200) : position].rstrip()
        return (
            before[-1:] in (b")", b"=", b",", b"{", b":", b"")
            or before.endswith((b"else", b"do"))
            or (not self.lines.is_first(position) and before[-1:].isalnum())
        )

    def _block_end(self, position: int) -> int:
        """Give where a block's indentation ends: there its ``}`` would stand."""
        lines = self.lines
        self.m.searches += 1
        if self.m.searches > _MOST_SEARCHES:
            return position
        line = lines.line(position)
        indent = lines.indent(line)
        last = line
        limit = min(len(lines.starts), line + 2000)
        for number in range(line + 1, limit):
            if lines.is_blank(number):
                continue
            if lines.indent(number) <= indent and not lines.text(number).startswith(b"#"):
                if lines.text(number).lstrip().startswith((b"else", b"while")) or last + 1 == number:
                    return lines.starts[number] + min(indent, len(lines.text(number)))
                break
            last = number
        if last + 1 < len(lines.starts):
            return lines.starts[last + 1]
        return lines.starts[last] + len(lines.text(last))

    def _header_of(self, position: int, indent: int) -> int:
        """Give the end of the line that a block without ``{`` belongs to."""
        lines = self.lines
        self.m.searches += 1
        if self.m.searches > _MOST_SEARCHES:
            return position
        line = lines.line(position)
        for number in range(line - 1, max(-1, line - 2000), -1):
            text = lines.text(number)
            if not text.strip() or lines.indent(number) > indent:
                continue
            if lines.indent(number) == indent:
                if number + 1 < line and lines.is_blank(number + 1):
                    return lines.starts[number + 1]
                return lines.starts[number] + len(text.rstrip())
            break
        return position
