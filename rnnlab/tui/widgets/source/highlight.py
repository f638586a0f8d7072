"""Which characters are keywords, strings, comments: Pygments' lexers, one small number per character."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import Any

LARGEST = 200_000
"""Characters that are highlighted; a longer text is shown plain."""


class Ink(IntEnum):
    """What a character is, for its colour."""

    PLAIN = 0
    KEYWORD = 1
    TYPE = 2
    STRING = 3
    COMMENT = 4
    NUMBER = 5
    DIRECTIVE = 6
    NAME = 7
    PROMPT = 8
    ADDED = 9
    REMOVED = 10


def inks(text: str, language: str) -> bytearray:
    """One :class:`Ink` per character of the text."""
    codes = bytearray(len(text))
    lexer = _lexer(language) if language and len(text) <= LARGEST else None
    if lexer is None:
        return codes
    for start, kind, value in lexer.get_tokens_unprocessed(text):
        ink = _ink(kind)
        if ink:
            codes[start : start + len(value)] = bytes([ink]) * len(value)
    return codes[: len(text)]


@cache
def _lexer(language: str) -> Any:
    if language == "c":
        from pygments.lexers.c_cpp import CLexer  # type: ignore[import-untyped]  # has no stubs

        return CLexer(stripnl=False, ensurenl=False)
    if language == "python":
        from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]  # has no stubs

        return PythonLexer(stripnl=False, ensurenl=False)
    return None


@cache
def _ink(kind: Any) -> int:
    from pygments.token import Comment, Keyword, Name, Number, String  # type: ignore[import-untyped]  # has no stubs

    for root, ink in (
        (Comment.Preproc, Ink.DIRECTIVE),
        (Comment.PreprocFile, Ink.STRING),
        (Comment, Ink.COMMENT),
        (Keyword.Type, Ink.TYPE),
        (Keyword, Ink.KEYWORD),
        (String, Ink.STRING),
        (Number, Ink.NUMBER),
        (Name.Function, Ink.NAME),
        (Name.Class, Ink.NAME),
    ):
        if kind in root:
            return int(ink)
    return int(Ink.PLAIN)
