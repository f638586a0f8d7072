"""The words and signs of a function that has no tree, one after the other.

They are told apart and looked up here; what they mean is for others to say. How far ahead may be
looked is bounded in all, so that the work grows with the length of the text only.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Final

from rnnlab_c_syntax.keywords import KEYWORDS
from rnnlab_c_syntax.mask import Masked
from rnnlab_c_syntax.places import Range, line_start

#: That there is something is asked first: most of a text's blanks stand together.
_TOKEN: Final = re.compile(rb"(?=\S)([A-Za-z_]\w*+|\.?\d[\w.]*+|->|\.\.\.|&&|[=!<>]=|\"\s*\"|'\s*'|.)")
#: Where a parenthesis was: ``set&name)``, ``set(int)name)``, ``while name)``, and in ``return setfirst, name);``.
_LOST_BEFORE: Final = re.compile(
    rb"[a-z_]&[A-Za-z_]|\w\(\w++\)[A-Za-z_]|\b(?:if|while|for|switch)\b[ \t]*+[^( \t]"
    rb"|(?<=[;{}]\n)[ \t]*+(?:return[ \t]++|[\w.>-]++[ \t]*+=[ \t]*+)?[A-Za-z_]\w*+[ \t]*+,"
)
_FIRST: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
#: A comment behind a declaration is longer than most blanks.
_LONGEST_GAP: Final = 200
_LONGEST_STATEMENT: Final = 1000
_MOST_KEPT: Final = 1 << 16


class _Named(dict[bytes, bool]):
    """Whether a token is a name: found out once, for they come again in every function."""

    def __missing__(self, token: bytes) -> bool:
        is_name = self[token] = token[0] in _FIRST and token not in KEYWORDS
        return is_name


_NAMED: Final = _Named()
_EQUALITY = (b"==", b"!=")
_BEHIND_VALUE = frozenset((b")", b";", b",", b"&&", b"|", b"?", b":"))
_OF_MEMBER = (b"->", b".")
_TRUTHS = (b"true", b"false", b"TRUE", b"FALSE", b"NULL")


class Words:
    """The tokens of the range ``start`` to ``end`` of a text."""

    def __init__(self, text: str, masked: Masked, start: int, end: int, slips: list[int]) -> None:
        self.text = text
        self.code = masked.code
        pieces = _TOKEN.split(masked.code[start:end])  # blanks and tokens in turn
        self.tokens = pieces[1::2]
        self.at = list(accumulate(map(len, pieces), initial=start))[1:-1:2]
        if len(_NAMED) > _MOST_KEPT:
            _NAMED.clear()
        #: Whether each is a name.
        self.named = list(map(_NAMED.__getitem__, self.tokens))
        #: How many tokens may be looked at ahead, in all.
        self.budget = 8 * len(self.tokens) + 1000
        #: Those that are part of a declaration, and no uses.
        self.declared: set[int] = set()
        #: Where brackets without a partner stand, and the lines that hold them: there much is anybody's guess.
        self.slips = frozenset(slips)
        self.broken: list[Range] = []
        self._lost_before: dict[Range, bool] = {}
        #: The last closing parenthesis too many of each of these lines, by the line's end.
        self.strays: dict[int, int] = {}
        for slip in slips:
            if not self.broken or slip >= self.broken[-1][1]:
                self.broken.append(self._line(slip))
            if text[slip] == ")":
                self.strays[self.broken[-1][1]] = slip
        #: What stands before such a parenthesis in its statement, which may have begun lines before.
        self.torn: list[Range] = []
        for slip in slips:
            if text[slip] == ")":
                self._tear(slip)

    def lost_its_bracket(self, i: int, after: bytes) -> bool:
        """Tell whether the bracket that a line lacks may have stood behind a word: it was a call then."""
        end = self.at[i] + len(self.tokens[i])
        if after in (b"&", b"*"):
            sign = self.at[i + 1]
            if sign == end:
                return True
            return self.at[i + 2 : i + 3] == [sign + 1] and self.lacks_opener_behind(end)  # ``clear &state, 0);``
        if after in (b"!", b"~") or after[:1] == b'"' or after[:1].isalnum():
            return not self.breaks_before(i + 1)
        while end not in self.slips and self.text[end : end + 1] == ")":
            end += 1
        if end not in self.slips or (i and self.named[i - 1] and not self.breaks_before(i)):
            return False  # of ``quote name)`` it is the argument
        if i and self.tokens[i - 1] == b"*" and after in _OF_MEMBER:
            return False  # ``*name)->value``
        line = self._broken_line(end)
        if self.text[end] == "[":
            return line[1] in self.strays
        known = self._lost_before.get(line)
        if known is None:  # once for a line, however many brackets it lacks
            known = self._lost_before[line] = _LOST_BEFORE.search(self.code, *line) is not None
        return not known

    def is_compared(self, i: int) -> bool:
        """Tell whether a word is asked to be equal to something that is no number, truth or NULL."""
        before, after = (self.tokens[i - 1] if i else b""), self.tokens[i + 1 : i + 2]
        if after and after[0] in _EQUALITY:
            other = self.tokens[i + 2 : i + 3]
        elif before in _EQUALITY and (not after or after[0] in _BEHIND_VALUE):
            other = self.tokens[max(i - 2, 0) : i - 1]
        else:
            return False
        return not (other and (other[0][:1].isdigit() or other[0] in _TRUTHS))

    def touches_next(self, i: int) -> bool:
        """Tell whether nothing stands between a word, what is next, and what comes then: ``free&list``."""
        return self.at[i + 1 : i + 3] == [self.end(i), self.end(i) + 1]

    def _tear(self, slip: int) -> None:
        first = max(slip - _LONGEST_STATEMENT, self.torn[-1][1] if self.torn else 0)
        start = max(self.code.rfind(mark, first, slip) for mark in (b";", b"{", b"}")) + 1
        self.torn.append((max(start, first), slip))

    def lacks_opener_behind(self, position: int) -> bool:
        """Tell whether a closing parenthesis too many stands behind ``position`` in its line."""
        return self.strays.get(self._broken_line(position)[1], 0) > position

    def _broken_line(self, position: int) -> Range:
        """Give the line that holds the slip at ``position``."""
        return self.broken[bisect_right(self.broken, (position, len(self.code))) - 1]

    def has_blocks(self, body: int) -> bool:
        """Tell whether the braces from the token ``body`` on can be believed."""
        if any(self.text[slip] in "{}" for slip in self.slips):
            return False
        return self.tokens.count(b"{") == self.tokens.count(b"}") and self.tokens[body : body + 1] == [b"{"]

    def index(self, position: int) -> int:
        """Give the index of the first token at or behind ``position``."""
        return bisect_left(self.at, position)

    def is_word(self, i: int) -> bool:
        """Tell whether a token is a name."""
        return self.named[i]

    def names(self, first: int) -> list[int]:
        """List the indices of the names from ``first`` on."""
        return [i for i in range(first, len(self.named)) if self.named[i]]

    def name(self, i: int) -> str:
        """Give a token as written."""
        start = self.at[i]
        return self.text[start : start + len(self.tokens[i])]

    def end(self, i: int) -> int:
        """Give where a token ends."""
        return self.at[i] + len(self.tokens[i])

    def is_line_end(self, i: int) -> bool:
        """Tell whether a token is the last of its line."""
        end = self.end(i)
        return self.code[end : end + _LONGEST_GAP].lstrip(b" \t")[:1] in (b"\n", b"")

    def column(self, i: int) -> int:
        """Give how far from the margin a token stands, in characters."""
        return self.at[i] - line_start(self.code, self.at[i], _LONGEST_GAP)

    def breaks_before(self, i: int) -> bool:
        """Tell whether a token stands on another line than the one before it."""
        return i > 0 and b"\n" in self.code[self.end(i - 1) : self.at[i]]

    def is_in_parentheses(self, i: int) -> bool:
        """Tell whether a parenthesis is open before a token in its line: ``for (n = 0; n; n++)``."""
        before = self.code[line_start(self.code, self.at[i], _LONGEST_GAP) : self.at[i]]
        return before.count(b"(") > before.count(b")")

    def wrapped_name(self, j: int) -> int:
        """Give the index of the name that a macro among declarators is given, or 0: ``int n, no_warning(m);``."""
        is_call = self.tokens[j + 1 : j + 2] == [b"("] and self.tokens[j + 3 : j + 4] == [b")"]
        return j + 2 if is_call and self.is_word(j + 2) and self.tokens[j + 4 : j + 5] in ([b","], [b";"]) else 0

    def is_glued(self, j: int) -> bool:
        """Tell whether what looks like a declarator may have been an argument: ``CALL*name, other)``."""
        type_end = self.at[j - 2] + len(self.tokens[j - 2])
        return self.tokens[j - 1] == b"*" and self.is_word(j - 2) and type_end == self.at[j - 1] == self.at[j] - 1

    def behind(self, j: int) -> int:
        """Give the index after the parenthesis that closes the one at ``j``."""
        depth = 0
        for k in range(j, len(self.tokens)):
            self.budget -= 1
            depth += (self.tokens[k] == b"(") - (self.tokens[k] == b")")
            if depth == 0 or self.budget < 0:
                return k + 1
        return len(self.tokens)

    def closing(self, j: int) -> int:
        """Give the index of the brace that closes the one at ``j``, or where to stop looking."""
        depth = 0
        last = len(self.tokens)
        for k in range(j, last):
            self.budget -= 1
            if self.budget < 0:
                return k
            depth += (self.tokens[k] == b"{") - (self.tokens[k] == b"}")
            if depth == 0:
                return k
        return last

    def _line(self, position: int) -> Range:
        end = self.code.find(b"\n", position)
        return self.code.rfind(b"\n", 0, position) + 1, len(self.code) if end < 0 else end + 1
