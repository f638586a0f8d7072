"""Deciding a condition of ``#if``: what the text defines, what a GNU system's compiler defines, and guesses.

A condition is decided word by word, so that ``defined(__linux__) && X`` is as good as ``X``.
It knows one condition at a time and nothing of branches.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rnnlab_c_syntax.known import platform_macros

_TOKEN = re.compile(rb"&&|\|\||[!()]|[A-Za-z_]\w*(?:\s*\([^()]*\))?|\d\w*|[^\s\w!()&|]+|\S")
_MOST_TOKENS = 100
#: A condition that asks for one name: for its absence, or by ``defined`` or its value for its presence.
_ONE_NAME = re.compile(rb"(!?)\s*(?:defined\s*\(?\s*)?([A-Za-z_]\w*)\s*\)?")


@lru_cache(maxsize=256)  # each world asks again
def _tokens(condition: bytes) -> list[bytes]:
    return _TOKEN.findall(condition)[:_MOST_TOKENS]


def condition_of(word: bytes, rest: bytes) -> bytes:
    """Give the condition that a line asks for whose first word is ``word``."""
    name = rest.split(None, 1)[0] if rest else b"0"
    if word in (b"ifndef", b"elifndef"):
        return b"!defined(" + name + b")"
    if word in (b"ifdef", b"elifdef"):
        return b"defined(" + name + b")"
    return rest


class Conditions:
    """Decides conditions, at one place of the text after the other."""

    def __init__(self, guards: frozenset[bytes]) -> None:
        self.guards = guards
        #: What is defined at this place, and as what.
        self.defined: dict[bytes, bytes] = {}
        self.platform = platform_macros()
        self.undecided: bool | None = False
        #: What was wished to be defined, and to be not.
        self.wished: dict[bytes, bool] = {}

    def hold(self, condition: bytes, *, undecided: bool) -> bool:
        """Decide ``condition``; names that nothing decides, and the whole if nothing does, are ``undecided``."""
        self.undecided = undecided
        value, _ = self._any(_tokens(condition), 0)
        return undecided if value is None else value

    def may_hold(self, condition: bytes) -> bool:
        """Tell whether some choice of what nothing decides makes ``condition`` hold: ``!defined(X) && defined(Y)``."""
        self.undecided = None
        return self._any(_tokens(condition), 0)[0] is not False

    def wish(self, condition: bytes) -> bool:
        """Let ``condition`` hold if it may, and remember what that makes of a name that it asks for alone."""
        holds = self.may_hold(condition)
        asked = _ONE_NAME.fullmatch(condition)
        if holds and asked is not None:
            self.wished.setdefault(asked[2], not asked[1])
        return holds

    def refuse(self, condition: bytes) -> bool:
        """Let ``condition`` not hold unless it must, and remember what that makes of a name that it asks for alone."""
        self.undecided = None
        holds = self._any(_tokens(condition), 0)[0] is True
        asked = _ONE_NAME.fullmatch(condition)
        if not holds and asked is not None:
            self.wished.setdefault(asked[2], bool(asked[1]))
        return holds

    def _any(self, tokens: list[bytes], i: int) -> tuple[bool | None, int]:
        value, i = self._all(tokens, i)
        while i < len(tokens) and tokens[i] == b"||":
            other, i = self._all(tokens, i + 1)
            value = True if value or other else (None if value is None or other is None else False)
        return value, i

    def _all(self, tokens: list[bytes], i: int) -> tuple[bool | None, int]:
        value, i = self._one(tokens, i)
        while i < len(tokens) and tokens[i] == b"&&":
            other, i = self._one(tokens, i + 1)
            value = False if value is False or other is False else (None if value is None or other is None else True)
        return value, i

    def _one(self, tokens: list[bytes], i: int) -> tuple[bool | None, int]:
        """Decide a factor that begins at ``i``; the number of tokens bounds the depth."""
        if i >= len(tokens):
            return None, i
        if tokens[i] == b"!":
            value, i = self._one(tokens, i + 1)
            return (None if value is None else not value), i
        if tokens[i] == b"(":
            value, i = self._any(tokens, i + 1)
            i += i < len(tokens) and tokens[i] == b")"
        elif tokens[i] == b"defined" and i + 1 < len(tokens):
            value, i = self._is_defined(tokens[i + 1]), i + 2
        else:
            value, i = self._value(tokens[i]), i + 1
        if i < len(tokens) and tokens[i] not in (b"&&", b"||", b")"):
            while i < len(tokens) and tokens[i] not in (b"&&", b"||", b")"):
                i += 1  # a comparison: its value is anybody's guess
            value = False if value is False else None
        return value, i

    def _is_defined(self, name: bytes) -> bool | None:
        if name in self.defined:
            return True
        if name in self.platform:
            return self.platform[name]
        return False if name in self.guards else self.wished.get(name, self.undecided)

    def _value(self, token: bytes) -> bool | None:
        if token[:1].isdigit():
            return token.rstrip(b"uUlL").strip(b"0xX") != b""
        if token.startswith(b"defined"):
            return self._is_defined(token[7:].strip(b" \t()"))
        if token in self.defined:
            body = self.defined[token]
            return body != b"0" if body.isdigit() else None
        if token in self.platform and not self.platform[token]:
            return False
        return self.wished.get(token, self.undecided) if token[:1].isalpha() or token[:1] == b"_" else None
