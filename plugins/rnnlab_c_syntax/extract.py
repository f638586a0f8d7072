"""Functions taken out of a text and put together: what only another branch of ``#if`` shows is read there.

Most of a text reads the same in every world of conditions. A second reading of the whole
would cost as much as the first; an extract costs as much as it is long. Here offsets of
the extract become offsets of the text again.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from rnnlab_c_syntax.bodies import Body, header_start
from rnnlab_c_syntax.facts import Context, Function, Issue


class Extract:
    """The functions ``bodies`` of ``code``, whose text as written is ``text``."""

    def __init__(self, text: str, code: bytes, bodies: list[Body]) -> None:
        self._from: list[int] = []  # where each piece begins in the text
        self._to: list[int] = []  # and where in the extract
        self.bodies: list[Body] = []
        texts: list[str] = []
        codes: list[bytes] = []
        length = 0
        for body in bodies:
            start = header_start(code, body)
            shift = length - start
            self._from.append(start)
            self._to.append(length)
            self.bodies.append(Body(length, body.brace + shift, body.end + shift, body.closed))
            texts.append(text[start : body.end])
            codes.append(code[start : body.end])
            length += body.end - start + 1
        self.text = "\n".join(texts)
        self.code = b"\n".join(codes)

    def original(self, position: int) -> int:
        """Give where in the text the extract's ``position`` stands."""
        index = max(bisect_right(self._to, position) - 1, 0)
        return self._from[index] + position - self._to[index]

    def context(self, context: Context) -> Context:
        """Let scopes ask about the text in offsets of the extract."""
        original = self.original
        return replace(
            context,
            is_hidden=lambda name, start, end: context.is_hidden(name, original(start), original(start) + end - start),
            is_declared_hidden=lambda name, start, end: context.is_declared_hidden(
                name, original(start), original(start) + end - start
            ),
            is_read_unseen=lambda name, start, end: context.is_read_unseen(
                name, original(start), original(start) + end - start
            ),
            is_excused=lambda start: context.is_excused(original(start)),
            may_vanish=lambda start: context.may_vanish(original(start)),
            label_like=lambda start, end: context.label_like(original(start), original(start) + end - start),
        )

    def restore(self, function: Function) -> None:
        """Give a function that was read here its places in the text."""
        length = function.end - function.start
        function.start = self.original(function.start)
        function.end = function.start + length
        function.issues = [Issue(issue.rule, self.original(issue.start), issue.name) for issue in function.issues]
