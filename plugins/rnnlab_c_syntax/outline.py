"""Where functions begin, told from the first column: what holds also where brackets cannot be believed.

It sees code without comments, literals and directives, and no tree. Of the first line of a
text that may be cut it believes nothing but a whole header.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS
from rnnlab_c_syntax.places import Lines

_CLOSE_ROUND = 0x29
#: A line in the first column that begins a function or gives it a name.
_HEADER = re.compile(
    rb"^[A-Za-z_]\w*+[ \t*]++[A-Za-z_][\w \t*]*+\(|^[A-Za-z_][\w \t*]*+\n[A-Za-z_]\w*+[ \t]*+\(", re.MULTILINE
)
#: The names of parameters in parentheses at a line's end: their types stand below.
_OLD_HEADER = re.compile(rb"\([\w\s,.]*+\)[ \t]*+\n")
#: Parameters and what stands behind them where a whole header does.
_WHOLE = re.compile(rb"(?=\(\s*(?:\)|[A-Za-z_]\w*[\s*,)]))" + ARGUMENTS + rb"[\w \t]*(?:\n\s*[A-Za-z_{]|\{|\s*\Z)")
#: Where a function's body begins as most do.
_BODY = b")\n{"
#: C++ has functions within the braces of ``extern "C"``.
_LINKAGE = re.compile(rb"extern\s*+\"")
#: Words of a statement, which a cut may move into the first column.
_STATEMENT = re.compile(rb"\b(?:if|else|while|for|do|switch|case|return|goto|sizeof)\b")
_LONGEST_HEADER = 400
#: Comments are blanks here.
_LONGEST_GAP = 4000


class Outline:
    """The functions of one text by their looks."""

    def __init__(self, code: bytes, lines: Lines, *, start_cut: bool) -> None:
        self.code = code
        self.lines = lines
        self.start_cut = start_cut
        self._begins: dict[int, bool] = {}

    def in_first_column(self, position: int) -> bool:
        """Tell whether ``position`` begins a line; the first line may be cut and counts for nothing."""
        return position > 0 and self.code[position - 1] == 0x0A

    def begins_function(self, position: int) -> bool:
        """Tell whether the brace at ``position`` opens a function's body."""
        known = self._begins.get(position)
        if known is None:
            known = self._begins[position] = self._begins_function(position)
        return known

    def _begins_function(self, position: int) -> bool:
        before = self._before(position)
        if self.in_first_column(position):
            return before == b")" or (before == b";" and self._follows_old_header(position))
        start = self.lines.start(position)
        if self.code[start] == _CLOSE_ROUND and (start or not self.start_cut):
            return before == b")" and self.code[position + 1 : position + 80].lstrip(b" \t")[:1] in (b"\n", b"")
        if before != b")" or position - start >= _LONGEST_HEADER:
            return False
        match = _HEADER.match(self.code, start)
        return match is not None and self._is_header(match)

    def _follows_old_header(self, position: int) -> bool:
        """Tell whether since the last brace before ``position`` there stand names in parentheses and their types."""
        reach = max(0, position - _LONGEST_GAP)
        begin = max(self.code.rfind(b"{", reach, position), self.code.rfind(b"}", reach, position), reach - 1) + 1
        first = self.code.find(b";", begin, position)
        return _OLD_HEADER.search(self.code, begin, first) is not None

    def _before(self, position: int) -> bytes:
        """Give the last character before ``position`` that is no blank."""
        for reach in (200, _LONGEST_GAP):
            if before := self.code[max(0, position - reach) : position].rstrip():
                return before[-1:]
        return b""

    def has_header(self, stop: int) -> bool:
        """Tell whether a function's header begins before ``stop``."""
        return any(self._is_header(match) for match in _HEADER.finditer(self.code, 0, stop))

    def has_function_within(self) -> bool:
        """Tell whether a function begins before the one above has ended: its braces may have partners all the same."""
        above = self.code.find(_BODY)
        brace = self.code.find(_BODY, above + 1)
        while brace >= 0:
            if self.code.count(b"{", above, brace) > self.code.count(b"}", above, brace):
                header = _HEADER.match(self.code, self.lines.start(brace))
                if header is not None and self._is_header(header) and not _LINKAGE.search(self.code, above, brace):
                    return True
            above, brace = brace, self.code.find(_BODY, brace + 1)
        return False

    def _is_header(self, match: re.Match[bytes]) -> bool:
        if _STATEMENT.search(match[0]):
            return False
        return bool(match.start()) or not self.start_cut or _WHOLE.match(self.code, match.end() - 1) is not None
