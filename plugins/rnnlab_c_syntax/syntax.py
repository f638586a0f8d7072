"""Where the grammar gives up: the ERROR and MISSING nodes of a tree, made into places.

It knows that a macro may need no semicolon, and keeps silent about what may be one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from time import process_time

import tree_sitter_c
from tree_sitter import Language, Node, Parser, Tree

from rnnlab_c_syntax.places import Lines

_ONLY_MACROS = re.compile(rb"[\s(),\"]*+(?:[A-Z_][A-Z0-9_]++[\s(),\"]*+)++")
_CALL = re.compile(rb"[ \t]*(?:else[ \t]+)?([A-Za-z_]\w*)[ \t]*\(")
_CHUNK = 1 << 16
_EVERY = 32
#: C takes a tenth of a second a megabyte.
_SECONDS, _SECONDS_A_BYTE = 1.0, 2e-6
#: Where a text is no C at all, the first places tell that as well as all of them.
_MOST = 500


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """A place where the grammar does not go on."""

    start: int
    end: int
    message: str


@lru_cache(maxsize=1)
def language() -> Language:
    """Give the grammar of C."""
    return Language(tree_sitter_c.language())


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser(language())


def parse(code: bytes) -> Tree | None:
    """Parse ``code``; None for the rare text that the parser's error recovery cannot get through in time.

    A few shapes that are no C (``.a=.a=.a=`` …) cost it time and memory that grow with the square
    of the length. What it spends is processor time, so that a busy machine changes nothing.
    """
    parser = _parser()
    try:
        return parser.parse(lambda offset, _: code[offset : offset + _CHUNK], progress_callback=_Watch(len(code)))
    except ValueError:
        parser.reset()
        return None


class _Watch:
    """Says when the parser has had its time; it is asked every few hundred characters."""

    def __init__(self, length: int) -> None:
        self.limit = process_time() + _SECONDS + length * _SECONDS_A_BYTE
        self.asked = 0

    def __call__(self, *_: object) -> bool:
        self.asked += 1
        return self.asked % _EVERY == 0 and process_time() > self.limit  # the clock is slow to read


class Faults:
    """Collects the faults of a tree while it is walked."""

    def __init__(self, code: bytes, lines: Lines) -> None:
        self.code = code
        self.lines = lines
        self.found: list[SyntaxFault] = []
        #: How many characters ERROR nodes cover.
        self.covered = 0
        self._reach = 0

    def error(self, node: Node, *, in_function: bool) -> None:
        """Take an ERROR node; nodes come in the order of the text."""
        start, end = node.start_byte, node.end_byte
        if end > self._reach:
            self.covered += end - max(start, self._reach)
            self._reach = end
        # In file scope it may be any macro, and capitals may stand for anything.
        if in_function and not _ONLY_MACROS.fullmatch(self.code, start, min(end, start + 400)):
            self._add(SyntaxFault(start, min(end, start + 40), "no C goes on like this"))

    def unended(self, end: int) -> None:
        """Take a call that a line's end follows where its semicolon should."""
        if not self._may_need_none(end):
            self._add(SyntaxFault(max(end - 1, 0), end, "';' is missing here"))

    def missing(self, node: Node, *, in_function: bool) -> None:
        """Take a node that the parser made up."""
        end = node.start_byte
        while end and self.code[end - 1] in b" \t\r\n":
            end -= 1
        after_call = self.code[end - 1 : end] == b")"
        if not in_function and (node.type != ";" or after_call):
            return
        if node.type == ";" and after_call and self._may_need_none(end):
            return
        self._add(SyntaxFault(max(end - 1, 0), end, f"'{node.type}' is missing here"))

    def _add(self, fault: SyntaxFault) -> None:
        if len(self.found) < _MOST:
            self.found.append(fault)

    def _may_need_none(self, end: int) -> bool:
        """Tell whether a call without its semicolon may be a macro: a loop's head, or one that brings its own."""
        lines = self.lines
        line = lines.line(self._statement(end))
        call = _CALL.match(self.code, lines.starts[line])
        if call and (call[1].isupper() or b"for_each" in call[1]):
            return True
        following = end
        while following < len(self.code) and self.code[following] in b" \t\r\n" and following < end + 400:
            following += 1
        if self.code[following : following + 1] == b"{":
            return True
        return lines.indent(lines.line(min(following, len(self.code)))) > lines.indent(line)

    def _statement(self, end: int) -> int:
        """Give where the statement that ends at ``end`` starts: after the last one before it."""
        start = max(self.code.rfind(mark, max(0, end - 2000), end) for mark in (b";", b"{", b"}")) + 1
        while start < end and self.code[start] in b" \t\r\n":
            start += 1
        return start
