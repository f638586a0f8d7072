"""Preprocessor lines: the macros that a text defines, and which branches of its ``#if`` to read.

Without headers nobody can tell whether ``CONFIG_SMP`` is defined. Two consistent worlds are
offered instead: in the first every condition that nothing decides holds, in the second none
does. The same condition goes the same way throughout a world, so that a brace that is
opened under ``#ifdef X`` is closed under the next one. What the text itself defines, what a
GNU system's compiler defines, and the guard of a header are decided. Nothing is expanded.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property

from rnnlab_c_syntax.known import platform_macros
from rnnlab_c_syntax.places import Range

_SPLICE = re.compile(rb"\\\r?\n")
_COMMENT = re.compile(rb'("(?:[^"\\\n]|\\.)*+")|/\*(?:[^*]++|\*(?!/))*+\*/|//[^\n]*+', re.DOTALL)
_HEAD = re.compile(rb"\s*#\s*([a-z_]*)\s*(.*)", re.DOTALL)
_DEFINE = re.compile(rb"([A-Za-z_]\w*)(\(([^)]*)\))?\s*(.*)", re.DOTALL)
_TOKEN = re.compile(rb"&&|\|\||[!()]|[A-Za-z_]\w*(?:\s*\([^()]*\))?|\d\w*|[^\s\w!()&|]+|\S")
_WORD = re.compile(rb"[A-Za-z_]\w*")
#: A word that looks declared.
DECLARED = re.compile(rb"(?<!return)(?<!goto)(?<!case)[\w*][ \t*]+([A-Za-z_]\w*)\s*(?=[=;,\[:()]|$)")
_LAST_WORD = re.compile(rb"(\w+)\s*\Z")
_LITERALS = re.compile(rb'"(?:[^"\\]|\\.)*+"|\'(?:[^\'\\]|\\.)*+\'')
_MOST_TOKENS = 100
_MOST_BODY = 20_000


@dataclass(frozen=True)
class Macro:
    """A ``#define`` of the text; ``parameters`` is None for one without parentheses."""

    name: str
    parameters: tuple[str, ...] | None
    body: bytes
    start: int

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the body, literals left out."""
        return frozenset(word.decode() for word in _WORD.findall(_LITERALS.sub(b" ", self.body)))

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


@dataclass
class Conditionals:
    """What the preprocessor lines of a text say."""

    macros: dict[str, Macro] = field(default_factory=dict)
    #: Ranges that the first world does not read, and those that the second does not.
    hidden: tuple[list[Range], list[Range]] = ([], [])

    @cached_property
    def news(self) -> list[Range]:
        """Ranges that only the second world reads."""
        both = set(self.hidden[1])
        return [found for found in self.hidden[0] if found not in both]


class Hidden:
    """The words of the code that a world does not read: they may be what a finding in the other code lacks."""

    def __init__(self, code: bytes, ranges: list[Range]) -> None:
        self.code = code
        self.ranges = ranges
        self._words: dict[int, frozenset[bytes]] = {}

    def holds(self, name: str, start: int, end: int) -> bool:
        """Tell whether ``name`` stands in a range that begins between ``start`` and ``end``."""
        first = bisect_left(self.ranges, (start, 0))
        return any(name.encode() in self._words_of(i) for i in range(first, bisect_left(self.ranges, (end, 0))))

    def _words_of(self, index: int) -> frozenset[bytes]:
        known = self._words.get(index)
        if known is None:
            start, end = self.ranges[index]
            known = self._words[index] = frozenset(_WORD.findall(self.code, start, end))
        return known

    @cached_property
    def declared(self) -> frozenset[bytes]:
        """The words that look declared in any range."""
        return frozenset(word for start, end in self.ranges for word in DECLARED.findall(self.code, start, end))

    def declares(self, name: str) -> bool:
        """Tell whether ``name`` looks declared in any range."""
        return name.encode() in self.declared


def read_conditionals(raw: bytes, directives: list[Range]) -> Conditionals:
    """Read the preprocessor lines at ``directives``."""
    result = Conditionals()
    if not directives:
        return result
    lines: list[tuple[int, int, bytes, bytes]] = []
    for start, end in directives:
        word, rest = _split(raw[start:end])
        lines.append((start, end, word, rest))
        if word == b"define":
            _define(result.macros, rest, start)
    guards = _guards(lines)
    first = _World(result.macros, guards, undecided=True)
    second = _World(result.macros, guards, undecided=False)
    result.hidden = (first.hidden(lines, len(raw)), second.hidden(lines, len(raw)))
    if not _paired([word for _, _, word, _ in lines]):
        result.hidden = (_bounded(raw, result.hidden[0]), _bounded(raw, result.hidden[1]))
    return result


def _paired(words: list[bytes]) -> bool:
    """Tell whether every ``#if`` has its ``#endif``, and nothing else stands outside a group."""
    depth = 0
    for word in words:
        if word in (b"if", b"ifdef", b"ifndef"):
            depth += 1
        elif word in (b"elif", b"elifdef", b"elifndef", b"else", b"endif"):
            if depth == 0:
                return False
            depth -= word == b"endif"
    return depth == 0


def _bounded(raw: bytes, hidden: list[Range]) -> list[Range]:
    """Let a branch that is not read end with the first function that ends in it.

    Generated text forgets its ``#endif`` lines; without a bound one of them would hide all that follows.
    """
    result = []
    for start, end in hidden:
        brace = raw.find(b"\n}", start, end)
        result.append((start, end if brace < 0 else brace + 2))
    return result


def _split(line: bytes) -> tuple[bytes, bytes]:
    if b"\\" in line:
        line = _SPLICE.sub(b" ", line)
    if b"/" in line:
        line = _COMMENT.sub(lambda m: m[1] or b" ", line)
    match = _HEAD.match(line)
    return (match[1], match[2].strip()) if match else (b"", b"")


def _define(macros: dict[str, Macro], rest: bytes, start: int) -> None:
    match = _DEFINE.match(rest)
    if not match:
        return
    name = match[1].decode()
    parameters = None
    if match[2] is not None:
        parameters = tuple(p.strip().decode().removesuffix("...") or "__VA_ARGS__" for p in match[3].split(b","))
    body = match[4][:_MOST_BODY]
    if name in macros and macros[name].parameters == parameters:
        body = macros[name].body[:_MOST_BODY] + b" ; " + body  # whichever branch defines it
    macros[name] = Macro(name, parameters, body, start)


def _condition(word: bytes, rest: bytes) -> bytes:
    name = rest.split(None, 1)[0] if rest else b"0"
    if word in (b"ifndef", b"elifndef"):
        return b"!defined(" + name + b")"
    if word in (b"ifdef", b"elifdef"):
        return b"defined(" + name + b")"
    return rest


def _guards(lines: list[tuple[int, int, bytes, bytes]]) -> frozenset[bytes]:
    """Find the names whose absence is asked for right before they are defined."""
    found: set[bytes] = set()
    for (_, _, word, rest), (_, _, following, definition) in itertools.pairwise(lines):
        if word in (b"ifndef", b"if") and following == b"define" and (match := _DEFINE.match(definition)):
            asked = rest.split(None, 1)[0] if word == b"ifndef" and rest else rest
            if asked == match[1] or (word == b"if" and b"!" in rest and match[1] in rest):
                found.add(match[1])
    return frozenset(found)


@dataclass(slots=True)
class _Frame:
    outside: bool  # whether the text around the group is read
    taken: bool  # whether one of its branches has been read already
    reading: bool


class _World:
    """One consistent choice of branches."""

    def __init__(self, macros: dict[str, Macro], guards: frozenset[bytes], *, undecided: bool) -> None:
        self.macros = macros
        self.guards = guards
        self.undecided = undecided
        self.defined: set[bytes] = set()
        self.platform = platform_macros()

    def hidden(self, lines: list[tuple[int, int, bytes, bytes]], length: int) -> list[Range]:
        """List the ranges that this world does not read."""
        stack: list[_Frame] = []
        hidden: list[Range] = []
        since = -1
        for start, end, word, rest in lines:
            reading = not stack or stack[-1].reading
            if word in (b"if", b"ifdef", b"ifndef"):
                taken = reading and self.holds(_condition(word, rest))
                stack.append(_Frame(reading, taken, taken))
            elif word in (b"elif", b"elifdef", b"elifndef", b"else") and stack:
                frame = stack[-1]
                frame.reading = frame.outside and not frame.taken
                frame.reading = frame.reading and (word == b"else" or self.holds(_condition(word, rest)))
                frame.taken = frame.taken or frame.reading
            elif word in (b"elif", b"else"):  # the text begins inside a branch: this is another one
                stack.append(_Frame(True, True, False))
            elif word == b"endif" and stack:
                stack.pop()
            elif word == b"define" and reading:
                if match := _DEFINE.match(rest):
                    self.defined.add(match[1])
            elif word == b"undef" and reading:
                self.defined.discard(rest)
            now = not stack or stack[-1].reading
            if since < 0 and not now:
                since = end
            elif since >= 0 and now:
                hidden.append((since, start))
                since = -1
        if since >= 0:
            hidden.append((since, length))
        return hidden

    def holds(self, condition: bytes) -> bool:
        """Decide a condition; one that nothing decides is as the world wants it."""
        tokens = _TOKEN.findall(condition)[:_MOST_TOKENS]
        value, _ = self._any(tokens, 0)
        return self.undecided if value is None else value

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
        return False if name in self.guards else self.undecided

    def _value(self, token: bytes) -> bool | None:
        if token[:1].isdigit():
            return token.rstrip(b"uUlL").strip(b"0xX") != b""
        if token.startswith(b"defined"):
            return self._is_defined(token[7:].strip(b" \t()"))
        if token in self.defined and token.decode() in self.macros:
            body = self.macros[token.decode()].body.strip()
            return body != b"0" if body.isdigit() else None
        if token in self.platform and not self.platform[token]:
            return False
        return self.undecided if token[:1].isalpha() or token[:1] == b"_" else None
