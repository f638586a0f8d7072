"""The parser: the grammar of C, and a bound on what its error recovery may cost.

It knows nothing of what a tree is read for.
"""

from __future__ import annotations

import re
from functools import lru_cache
from time import process_time
from typing import Final

import tree_sitter_c
from tree_sitter import Language, Parser, Range, Tree

_CHUNK: Final = 1 << 16
#: How often the parser may ask whether to go on, which it does every hundred steps: C takes 0.008
#: questions a byte, the densest text that is no C 0.067. This limit is the same everywhere.
_QUESTIONS: Final = 1000
_QUESTIONS_A_BYTE: Final = 0.12
#: What no count of steps can bound: a single step may cost any time. C takes a tenth of a second a
#: megabyte, what is no C up to three seconds, so that a slow or busy machine changes nothing.
_SECONDS: Final = 1.0
_SECONDS_A_BYTE: Final = 6e-6
#: In so short a text nothing can cost much.
_SHORT: Final = 1 << 13
#: The clock is slow to read.
_EVERY: Final = 32
#: No expression is as long as this, its blanks left out by a fourth; the labels of a switch may be.
_STRETCH: Final = 1 << 15
_END: Final = re.compile(rb"[;{},]|\bcase\b")
#: A stretch without a statement's end, in which so many conditional expressions are left open, is none
#: either: ``?...f(a, b) ?...f(a, b)`` takes memory that grows with its square, in a single step.
_OPEN_STRETCH: Final = 1 << 13
_MOST_OPEN: Final = 100
_STATEMENT_END: Final = re.compile(rb"[;{}]")


@lru_cache(maxsize=1)
def language() -> Language:
    """Give the grammar of C."""
    return Language(tree_sitter_c.language())


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser(language())


def parse(code: bytes) -> Tree | None:
    """Parse ``code``; None for the rare text that the parser cannot get through in its bounds.

    A few shapes that are no C (``.a=.a=.a=`` …) cost its error recovery time and memory that grow
    with the square of the length; one endless expression (``(a)(a)(a)`` …) costs a kilobyte a byte.
    """
    return None if len(code) > _SHORT and _is_endless(code) else _parse(code, len(code))


def parse_part(code: bytes, start: int, end: int) -> Tree | None:
    """Parse what stands in ``code`` from ``start`` to ``end``, as `parse` does; offsets remain those of ``code``."""
    parser = _parser()
    parser.included_ranges = [Range((0, start), (0, end), start, end)]
    try:
        return _parse(code, end - start)
    finally:
        parser.included_ranges = []


def _parse(code: bytes, length: int) -> Tree | None:
    parser = _parser()
    if length <= _SHORT:
        return parser.parse(code)
    try:
        return parser.parse(lambda offset, _: code[offset : offset + _CHUNK], progress_callback=_Watch(length))
    except ValueError:
        parser.reset()
        return None


def _is_endless(code: bytes) -> bool:
    """Tell whether a stretch of ``code`` goes on where any C would long have come to an end."""
    for start in range(0, len(code) - _OPEN_STRETCH, _OPEN_STRETCH):
        end = start + _OPEN_STRETCH
        opened = code.count(b"?", start, end)
        opened -= code.count(b":", start, end) if opened > _MOST_OPEN else opened
        if opened > _MOST_OPEN and not _STATEMENT_END.search(code, start, end):
            return True
    for start in range(0, len(code) - _STRETCH, _STRETCH):
        if not _END.search(code, start, start + _STRETCH):
            dense = code[start : start + _STRETCH].translate(None, b" \t\r\n\f\v")
            if len(dense) > _STRETCH // 4:
                return True
    return False


class _Watch:
    """Says when the parser has worked enough."""

    def __init__(self, length: int) -> None:
        self.most = _QUESTIONS + length * _QUESTIONS_A_BYTE
        self.limit = process_time() + _SECONDS + length * _SECONDS_A_BYTE
        self.asked = 0

    def __call__(self, *_: object) -> bool:
        self.asked += 1
        return self.asked > self.most or (self.asked % _EVERY == 0 and process_time() > self.limit)
