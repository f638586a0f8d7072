"""The macros that a text defines: their bodies, and what becomes of an argument in them. Nothing is expanded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

#: What a ``#define`` says behind the word: name, parameters in parentheses, parameters, body.
DEFINITION = re.compile(rb"([A-Za-z_]\w*)(\(([^)]*)\))?\s*(.*)", re.DOTALL)
#: A word that looks declared.
DECLARED = re.compile(rb"(?<!return)(?<!goto)(?<!case)(?:[\w*][ \t*]+|\(\*)([A-Za-z_]\w*)\s*(?=[=;,\[:()]|$)")
_WORD = re.compile(rb"[A-Za-z_]\w*")
_LAST_WORD = re.compile(rb"(\w+)\s*\Z")
_LITERALS = re.compile(rb'"(?:[^"\\]|\\.)*+"|\'(?:[^\'\\]|\\.)*+\'')
_LONGEST_BODY = 20_000


@dataclass(frozen=True)
class Macro:
    """A ``#define`` of the text; ``parameters`` is None for one without parentheses."""

    name: str
    parameters: tuple[str, ...] | None
    body: bytes
    start: int

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the body, literals and the names of its parameters left out."""
        words = frozenset(word.decode() for word in _WORD.findall(_LITERALS.sub(b" ", self.body)))
        return words.difference(self.parameters or ())

    @cached_property
    def declared(self) -> frozenset[str]:
        """The words of the body that look declared there."""
        return frozenset(word.decode() for word in DECLARED.findall(self.body))

    @cached_property
    def plain(self) -> tuple[bool, ...]:
        """For each parameter: whether all its uses are as an expression (not pasted, quoted, a member, a type)."""
        return tuple(self._is_plain(name.encode()) for name in self.parameters or ())

    def _is_plain(self, name: bytes) -> bool:
        uses = [m.span() for m in re.finditer(rb"\b" + re.escape(name) + rb"\b", self.body)]
        for start, end in uses:
            before, after = self.body[:start].rstrip(), self.body[end:].lstrip()
            if before.endswith((b"#", b".", b"->", b"struct", b"union", b"enum", b"goto")) or after.startswith(b"##"):
                return False
            if after[:1].isalpha() or after[:1] == b"_" or (before[-1:].isalnum() and not before.endswith(b"return")):
                return False  # it stands in a declaration, as the type or as the name
            if re.match(rb"\*+\s*(?:[A-Za-z_)]|$)", after) and before[-1:] in (b"(", b"{", b";", b""):
                return False  # (type *)
            if before.endswith(b"(") and before[:-1].rstrip().endswith((b"sizeof", b"alignof", b"_Alignof", b"typeof")):
                return False  # it may be a type
            if _inside_capitals(self.body, start):
                return False  # handed on to a macro
        return bool(uses)


def _inside_capitals(body: bytes, position: int) -> bool:
    """Tell whether ``position`` is among the arguments of a call of a macro."""
    depth = 0
    for i in range(position - 1, max(-1, position - 400), -1):
        if body[i] == 0x29:
            depth += 1
        elif body[i] == 0x28:
            depth -= 1
            if depth < 0:
                depth = 0
                name = _LAST_WORD.search(body, max(0, i - 80), i)
                if name and name[1].isupper():
                    return True
    return False


def define(macros: dict[str, Macro], rest: bytes, start: int) -> None:
    """Add the macro that a ``#define`` at ``start`` defines; ``rest`` is what stands behind the word."""
    match = DEFINITION.match(rest)
    if not match:
        return
    name = match[1].decode()
    parameters = None
    if match[2] is not None:
        parameters = tuple(p.strip().decode().removesuffix("...") or "__VA_ARGS__" for p in match[3].split(b","))
    body = match[4][:_LONGEST_BODY]
    if name in macros and macros[name].parameters == parameters:
        body = macros[name].body[:_LONGEST_BODY] + b" ; " + body  # whichever branch defines it
    macros[name] = Macro(name, parameters, body, start)
