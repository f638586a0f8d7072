"""A text in top-level pieces, each parsed on its own, so that one fault does not hide the rest.

A piece starts with a statement in column 0 and ends before the next one. A text that is cut
starts with the indented rest of something and ends in the middle of something: those two ends
are nobody's fault. Knows nothing of names.
"""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_NEW = re.compile(r"(?!else\b|elif\b|except\b|finally\b|case\b)[^\s#)\]}]")
_OPEN = ("was never closed", "unterminated", "unexpected EOF", "expected an indented block", "expected 'except'")
_MERGED = 400  # pieces that one string may run over


@dataclass(slots=True)
class Chunk:
    """Lines ``first`` (0-based) up to ``last`` of the text, and why they do not parse, if they do not."""

    first: int
    last: int
    error: SyntaxError | None = None
    cut: bool = False


def parse(text: str) -> ast.Module:
    """The tree.

    Raises:
        SyntaxError: for anything that CPython would refuse to compile at this stage.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
            symtable.symtable(text, "<text>", "exec")
        except SyntaxError:
            raise
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(f"cannot be parsed: {error}") from None
    return tree


def split(lines: list[str], *, start_cut: bool, end_cut: bool) -> list[Chunk]:
    """The pieces of a text, in order; every line that is not blank is in one of them."""
    if _error(lines, 0, len(lines)) is None:
        return [Chunk(0, len(lines))]
    starts = [index for index, line in enumerate(lines) if _NEW.match(line)]
    for index in reversed(range(1, len(starts))):  # a decorator belongs to what follows it
        if lines[starts[index - 1]].startswith("@"):
            del starts[index]
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


def _continued(lines: list[str], starts: list[int], index: int, error: SyntaxError | None) -> Iterator[int]:
    """Pieces up to which a piece may really go, because it left a string or a bracket open."""
    message = str(error.msg) if error is not None else ""
    if message.startswith("unterminated triple"):
        for further in range(index + 1, min(index + _MERGED, len(starts))):
            stop = starts[further + 1] if further + 1 < len(starts) else len(lines)
            if any('"""' in line or "'''" in line for line in lines[starts[further] : stop]):
                yield further
                return
    elif "was never closed" in message:
        yield from range(index + 1, min(index + 3, len(starts)))


def _error(lines: list[str], first: int, last: int) -> SyntaxError | None:
    try:
        parse("\n".join(lines[first:last]) + "\n")
    except SyntaxError as error:
        return error
    return None


def _without_end(lines: list[str], chunk: Chunk) -> Iterator[Chunk]:
    """The last piece less the cut: without its last lines it parses, or it just was not finished."""
    last = chunk.last
    while last > chunk.first and not lines[last - 1].strip():
        last -= 1
    for end in range(last - 1, max(chunk.first, last - 4), -1):
        if _error(lines, chunk.first, end) is None:
            yield Chunk(chunk.first, end)
            yield Chunk(end, chunk.last, cut=True)
            return
    unfinished = any(part in str(chunk.error) for part in _OPEN) or last == chunk.first + 1
    yield Chunk(chunk.first, chunk.last, None if unfinished else chunk.error, cut=unfinished)
