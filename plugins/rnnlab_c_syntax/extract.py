"""Code taken out of a text and put together: what is read of it, and no more.

Half of a text that comments and directives were taken out of is blank lines, and most of a text
reads the same in every world of conditions. Whoever reads an extract reads neither again. Here
offsets of the extract become offsets of the text, and those of the text offsets of the extract.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from typing import Final

from rnnlab_c_syntax.bodies import Body, header_start
from rnnlab_c_syntax.facts import Context
from rnnlab_c_syntax.places import Range, contains
from rnnlab_c_syntax.scopes import Names

#: What is left of comments and directives, from a line's end on: many of its lines are worth their leaving out.
_RUN: Final = re.compile(rb"\n(?=\s{20})\s*+")


class Extract:
    """The ``pieces`` of ``code``, whose text as written is ``text``, and the functions in them."""

    def __init__(self, text: str, code: bytes, pieces: list[Range], bodies: list[Body]) -> None:
        self._from: list[int] = []  # where each piece begins in the text
        self._to: list[int] = []  # and where in the extract
        texts: list[str] = []
        codes: list[bytes] = []
        length = 0
        for start, end in pieces:
            self._from.append(start)
            self._to.append(length)
            texts.append(text[start:end])
            codes.append(code[start:end])
            length += end - start
        self.text = "".join(texts)
        self.code = b"".join(codes)
        #: Whether it is the text itself: then all places are the same.
        self._is_all = pieces == [(0, len(code))]
        self.bodies = bodies if self._is_all else [self._body_here(body) for body in bodies]

    @classmethod
    def whole(cls, text: str, code: bytes, bodies: list[Body]) -> Extract:
        """Take all of a text."""
        return cls(text, code, _dense(code, 0, len(code)), bodies)

    @classmethod
    def functions(cls, text: str, code: bytes, bodies: list[Body]) -> Extract:
        """Take some functions of a text, each with the line's end behind it."""
        found = [Body(header_start(code, body), body.brace, body.end, body.closed) for body in bodies]
        ends = [body.end + (code[body.end : body.end + 1] == b"\n") for body in found]
        pieces = [piece for body, end in zip(found, ends, strict=True) for piece in _dense(code, body.begin, end)]
        return cls(text, code, pieces, found)

    def part(self, code: bytes, ranges: list[Range]) -> Extract:
        """Take some ranges of ``code``, which is the extract's, changed or not; no function is in two of them."""
        bodies = [body for body in self.bodies if contains(ranges, body.brace)]
        return Extract(self.text, code, ranges, bodies)

    def original(self, position: int) -> int:
        """Give where in the text the extract's ``position`` stands."""
        index = max(bisect_right(self._to, position) - 1, 0)
        return self._from[index] + position - self._to[index]

    def original_end(self, end: int) -> int:
        """Give where in the text ends what ends here at ``end``."""
        return self.original(end - 1) + 1 if end else 0

    def original_range(self, start: int, end: int) -> Range:
        """Give where in the text a range of the extract stands; an empty one stands before its end."""
        return (self.original(start), self.original_end(end)) if start < end else (self.original_end(end),) * 2

    def here(self, position: int) -> int:
        """Give where in the extract the text's ``position`` stands, or what follows it if that was left out."""
        index = max(bisect_right(self._from, position) - 1, 0)
        here = self._to[index] + position - self._from[index]
        return min(here, self._to[index + 1]) if index + 1 < len(self._to) else here

    def put_back(self, code: bytes, changed: bytes) -> bytes:
        """Put the extract's code, as it is after a change that keeps all places, back into ``code``."""
        pieces: list[bytes] = []
        done = 0
        for start, here, behind in zip(self._from, self._to, [*self._to[1:], len(changed)], strict=True):
            if start < done:  # the line's end between two functions stands in both
                start, here = done, here + done - start
            pieces += [code[done:start], changed[here:behind]]
            done = start + behind - here
        return b"".join([*pieces, code[done:]])

    def here_all(self, ranges: list[Range]) -> list[Range]:
        """Give where in the extract ranges of the text stand."""
        return ranges if self._is_all else [(self.here(start), self._end_here(end)) for start, end in ranges]

    def _end_here(self, end: int) -> int:
        return self.here(end - 1) + 1 if end else 0

    def _body_here(self, body: Body) -> Body:
        return Body(self.here(body.begin), self.here(body.brace), self._end_here(body.end), body.closed)

    def context(self, context: Context) -> Context:
        """Let scopes ask about the text in offsets of the extract."""
        if self._is_all:
            return context
        spans: dict[Range, Range] = {}

        def span(start: int, end: int) -> Range:
            """Give where a function of the extract stands: of each, many names are asked for."""
            known = spans.get((start, end))
            if known is None:
                known = spans[start, end] = self.original_range(start, end)
            return known

        return replace(
            context,
            is_parted=lambda start, end: context.is_parted(*span(start, end)),
            is_hidden=lambda name, start, end: context.is_hidden(name, *span(start, end)),
            is_declared_hidden=lambda name, start, end: context.is_declared_hidden(name, *span(start, end)),
            is_read_unseen=lambda name, start, end: context.is_read_unseen(name, *span(start, end)),
            pastes=lambda name, start, end: context.pastes(name, *span(start, end)),
            may_hide_any=lambda start, end: context.may_hide_any(*span(start, end)),
            has_macro_header=lambda start, end: context.has_macro_header(*span(start, end)),
            holds=lambda word, start, end: context.holds(word, *span(start, end)),
            may_jump_to=lambda label, start, end: context.may_jump_to(label, *span(start, end)),
            is_excused=lambda start: context.is_excused(self.original(start)),
            may_vanish=lambda start: context.may_vanish(self.original(start)),
            may_open_loop=lambda start, end: context.may_open_loop(*span(start, end)),
            label_like=lambda start, end: context.label_like(*span(start, end)),
            headers_end=max(0, self.here(context.headers_end)) if context.headers_end >= 0 else -1,
        )

    def restore(self, names: Names) -> None:
        """Give what was read here its places in the text."""
        if self._is_all:
            return
        for function in names.functions:
            function.start, function.end = self.original(function.start), self.original_end(function.end)
            for issue in function.issues:
                issue.start = self.original(issue.start)
        names.static_functions = {name: self.original(start) for name, start in names.static_functions.items()}


def _dense(code: bytes, start: int, end: int) -> list[Range]:
    """Give a range of ``code`` without its many blank lines: of those that stand together one stays."""
    pieces: list[Range] = []
    begin = start
    for run in _RUN.finditer(code, start, end):
        first, last = run.start(), code.rfind(b"\n", run.start(), run.end())
        if first < last - 1:
            pieces.append((begin, first + 1))
            begin = last
    pieces.append((begin, end))
    return pieces
