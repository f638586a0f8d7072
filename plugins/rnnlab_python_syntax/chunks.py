"""A text in top-level pieces, each parsed on its own, so that one fault does not hide the rest.

A piece starts with a statement in column 0 and ends before the next one. A text that is cut
starts with the indented rest of something and ends in the middle of something: those two ends
are nobody's fault. Knows nothing of names.
"""

from __future__ import annotations

import ast
import re
import symtable
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rnnlab_python_syntax import bounds

_NEW = re.compile(r"(?!else\b|elif\b|except\b|finally\b|case\b)[^\s#)\]}]")
_OPEN = ("was never closed", "unterminated", "unexpected EOF", "expected an indented block", "expected 'except'")
_CLOSER = re.compile(r"[)\]}]")
_PIECE = 2000  # lines that are parsed at a time, or as many as their last statement has
_SHORT = 80  # characters of a piece whose verdict is remembered
_MERGED = 400  # pieces that one string may run over


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a piece does not parse: line and column in it, from 1. Holds no traceback, since there may be a million."""

    message: str
    line: int
    column: int


@dataclass(slots=True)
class Chunk:
    """Lines ``first`` (0-based) up to ``last`` of the text, and why they do not parse, if they do not."""

    first: int
    last: int
    error: Fault | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Statements:
    """Lines ``first`` (0-based) up to ``last`` of a text, which parse, and their symbols."""

    first: int
    last: int
    table: symtable.SymbolTable


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text that parses, in pieces: all trees at once would take 1.8 KB for each line ``x``."""

    lines: list[str]
    pieces: list[Statements]

    def trees(self) -> Iterator[tuple[int, ast.Module]]:
        """The tree of each piece, and how many lines stand above it.

        Raises:
            RecursionError: where expressions stand in each other a thousand times.
        """
        for piece in self.pieces:
            yield piece.first, ast.parse(_text(self.lines, piece.first, piece.last))


def parse(lines: list[str]) -> Parsed:
    """The symbols of a text, and the way to its trees.

    Raises:
        SyntaxError: for anything that CPython would refuse to compile at this stage.
        TooManyScopesError: for what would keep it busy for too long.
    """
    try:
        return Parsed(lines, list(_statements(lines)))
    except SyntaxError:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(f"cannot be parsed: {error}") from None


def _statements(lines: list[str]) -> Iterator[Statements]:
    """What parses as a whole parses in pieces that begin with statements at the margin, and none ends in a string."""
    starts = _starts(lines)
    first, size = 0, _PIECE
    while first < len(lines):
        at = bisect_left(starts, first + size)
        last = starts[at] if at < len(starts) else len(lines)
        try:
            table = _symbols(_text(lines, first, last))
        except SyntaxError:
            if last == len(lines):
                raise
            size = 2 * (last - first)  # a string or a bracket may go on over the margin
        else:
            yield Statements(first, last, table)
            first, size = last, _PIECE


def _symbols(text: str) -> symtable.SymbolTable:
    bounds.check(text)
    return symtable.symtable(text, "<text>", "exec")


def _text(lines: list[str], first: int, last: int) -> str:
    return "\n".join(lines[first:last]) + "\n"


def _starts(lines: list[str]) -> list[int]:
    """Lines in which a statement seems to begin at the margin; a decorator belongs to what follows it."""
    found = [index for index, line in enumerate(lines) if _NEW.match(line)]
    return found[:1] + [index for above, index in pairwise(found) if not lines[above].startswith("@")]


def split(lines: list[str], *, start_cut: bool, end_cut: bool) -> list[Chunk]:
    """The pieces of a text that does not parse as a whole, in order; every line that is not blank is in one of them."""
    starts = _starts(lines)
    chunks: list[Chunk] = []
    head = starts[0] if starts else len(lines)
    if any(line.strip() and not line.lstrip().startswith("#") for line in lines[:head]):
        chunks.append(Chunk(0, head, cut=start_cut))
        if not start_cut:
            chunks[0].error = _error(lines, 0, head)
    chunks += _pieces(lines, starts)
    if end_cut and chunks and chunks[-1].error is not None:
        chunks[-1:] = list(_without_end(lines, chunks[-1]))
    return chunks


def _pieces(lines: list[str], starts: list[int]) -> Iterator[Chunk]:
    ends = [*starts[1:], len(lines)]
    index = 0
    while index < len(starts):
        first, step = starts[index], 1
        error = _error(lines, first, ends[index])
        for further in _continued(lines, starts, index, error):
            if _error(lines, first, ends[further]) is None:
                error, step = None, further - index + 1
                break
        yield Chunk(first, ends[index + step - 1], error)
        index += step


def _continued(lines: list[str], starts: list[int], index: int, error: Fault | None) -> Iterator[int]:
    """Pieces up to which a piece may really go, because it left a string or a bracket open."""
    message = error.message if error is not None else ""
    if message.startswith("unterminated triple"):
        for further in range(index + 1, min(index + _MERGED, len(starts))):
            stop = starts[further + 1] if further + 1 < len(starts) else len(lines)
            if any('"""' in line or "'''" in line for line in lines[starts[further] : stop]):
                yield further
                return
    elif "was never closed" in message:
        closed = False
        for further in range(index + 1, min(index + 3, len(starts))):
            stop = starts[further + 1] if further + 1 < len(starts) else len(lines)
            closed = closed or any(_CLOSER.search(line) for line in lines[starts[further] : stop])
            if closed:
                yield further


def _error(lines: list[str], first: int, last: int) -> Fault | None:
    text = _text(lines, first, last)
    return _short(text) if len(text) < _SHORT else _fault(text)


def _fault(text: str) -> Fault | None:
    try:
        _symbols(text)
    except SyntaxError as error:
        return Fault(error.msg, error.lineno or 1, error.offset or 1)
    except (ValueError, RecursionError, MemoryError) as error:
        return Fault(f"cannot be parsed: {error}", 1, 1)
    return None


_short = lru_cache(maxsize=4096)(_fault)  # a model that is stuck writes the same line a hundred thousand times


def _without_end(lines: list[str], chunk: Chunk) -> Iterator[Chunk]:
    """The last piece less the cut: without its last lines it parses, or it just was not finished."""
    assert chunk.error is not None
    last = chunk.last
    while last > chunk.first and not lines[last - 1].strip():
        last -= 1
    for end in range(last - 1, max(chunk.first, last - 4), -1):
        if _error(lines, chunk.first, end) is None:
            yield Chunk(chunk.first, end)
            yield Chunk(end, chunk.last, cut=True)
            return
    unfinished = any(part in chunk.error.message for part in _OPEN) or last == chunk.first + 1
    yield Chunk(chunk.first, chunk.last, None if unfinished else chunk.error, cut=unfinished)
