"""Names that the text's own macros make: pasted together with ``##``, or declared by a macro in file scope.

Only what an undefined name may be is looked for, so nothing is expanded in its place: the
body of a macro with its arguments put in is a bag of words. Macros in the body are followed
a few steps deep.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rnnlab_c_syntax.blanks import ARGUMENTS
from rnnlab_c_syntax.macros import Macro
from rnnlab_c_syntax.places import ONLY_WORDS, Range, find_word, find_words, line_start

_WORD = re.compile(rb"[A-Za-z_]\w*")
_GIVEN = re.compile(rb"[ \t\n]*(" + ARGUMENTS + rb")")
_PASTE = re.compile(rb"[ \t]*##[ \t]*")
_COMMA = re.compile(rb",(?![^(]*\))")
#: A block with nothing nested in it, and the parameters before it.
_BLOCK = re.compile(rb"(?:\((?:[^(){}]|\([^(){}]*\))*\)\s*)?\{[^{}]*\}")
_DEEPEST = 4
#: So many names are looked for one by one in less time than all words of a text are told apart.
_MANY = 32
_MOST_CALLS = 2000
#: Of a body with so many bytes more, a call counts as one more.
_SHORT = 500
_LONGEST = 4000
_ENUM = re.compile(rb"\benum\b[^;{}()]*+\Z")
_LONGEST_HEAD = 100


class Pasted:
    """The names that the macros of one text make out of what they are given."""

    def __init__(self, code: bytes, macros: dict[str, Macro], split: Callable[[], list[bytes]]) -> None:
        self.code = code
        self._split = split  # gives all words of the code in order
        self.macros = macros
        self._budget = _MOST_CALLS
        #: Those of ``words`` that are pasted together.
        self._glued: set[bytes] = set()
        self._kept_words: frozenset[str] | None = None
        #: The calls of macros that paste or declare, and of those that call them.
        self._interesting: frozenset[bytes] = frozenset()
        #: Where some of them stand.
        self._found: dict[bytes, list[int]] = {}

    def declares(self, name: str) -> bool:
        """Tell whether a macro of the text makes ``name``."""
        return bool(self.macros) and name in self.words

    def glues(self, name: str) -> bool:
        """Tell whether a macro of the text pastes ``name`` together."""
        return self.declares(name) and name.encode() in self._glued

    @property
    def words(self) -> frozenset[str]:
        """All names that are pasted together anywhere, or declared by macros in the first column."""
        if self._kept_words is None:
            self._kept_words = self._find_words()
        return self._kept_words

    def _find_words(self) -> frozenset[str]:
        self._interesting = self._find_interesting()
        found: set[bytes] = set()
        for macro, arguments, in_file in self._calls(self.code):
            found.update(self._made(macro, arguments, in_file, _DEEPEST))
        return frozenset(word.decode() for word in found)

    def _find_interesting(self) -> frozenset[bytes]:
        names = {
            name
            for name, macro in self.macros.items()
            if b"##" in macro.body or macro.body.endswith(b",") or macro.declared or _calls_parameter(macro)
        }
        for _ in range(_DEEPEST):
            names |= {name for name, macro in self.macros.items() if macro.words & names}
        if names:
            inner = frozenset[str]().union(*(self.macros[name].words for name in names))
            names = {name for name in names if name in inner} | self._standing(names - inner)
        return frozenset(name.encode() for name in names)

    def _standing(self, names: set[str]) -> set[str]:
        """Give those of ``names`` that stand in the code; many are not looked for one by one."""
        if len(names) <= _MANY:
            self._found = {name.encode(): find_words(self.code, name.encode()) for name in names}
            return {name for name in names if self._found[name.encode()]}
        there = set(self._split())
        return {name for name in names if name.encode() in there}

    def _places(self, code: bytes) -> Iterator[Range]:
        """Give where interesting names stand, in order; where they are many, all words are gone through."""
        if len(self._interesting) > _MANY:
            return self._places_of_many(code)
        known = self._found if code is self.code else {}
        found = {name: known[name] if name in known else find_words(code, name) for name in self._interesting}
        return iter(sorted((at, at + len(name)) for name, places in found.items() for at in places))

    def _places_of_many(self, code: bytes) -> Iterator[Range]:
        position = 0
        words = self._split() if code is self.code else code.translate(ONLY_WORDS).split()
        for word in filter(self._interesting.__contains__, words):
            start = find_word(code, word, position, len(code))
            position = start + len(word)
            yield start, position

    def _calls(self, code: bytes) -> Iterator[tuple[Macro, list[bytes], bool]]:
        position = 0
        for start, end in self._places(code):
            if start < position:
                continue  # it stands among the arguments of the last
            given = _GIVEN.match(code, end)
            position = given.end() if given else end
            macro = self.macros[code[start:end].decode()]
            self._budget -= 1 + len(macro.body) // _SHORT
            if self._budget < 0:
                return
            if macro.parameters is None:
                yield macro, [], self._in_file(code, start)
            elif given is not None and len(given[1]) < _LONGEST:
                arguments = [argument.strip() for argument in _COMMA.split(given[1][1:-1])]
                yield _taking(macro, len(arguments)), arguments, self._in_file(code, start)

    def _in_file(self, code: bytes, position: int) -> bool:
        line = line_start(code, position, 200)
        at_margin = code[line : line + 1] not in (b" ", b"\t") and code.find(b"{", line, position) < 0
        return at_margin or _is_in_enumeration(code, position)

    def _made(self, macro: Macro, arguments: list[bytes], in_file: bool, depth: int) -> Iterator[bytes]:
        given = dict(zip((name.encode() for name in macro.parameters or ()), arguments, strict=False))
        body = _WORD.sub(lambda match: given.get(match[0], match[0]), macro.body[:_LONGEST])
        body = _PASTE.sub(b"", body)
        known = {*_WORD.findall(macro.body), *(word for argument in arguments for word in _WORD.findall(argument))}
        words = set(_WORD.findall(body))
        glued = words - known
        self._glued |= glued
        yield from glued
        if in_file:
            yield from _WORD.findall(_visible(body))
        if depth and not words.isdisjoint(self._interesting):
            for inner, inner_arguments, _ in self._calls(body):
                yield from self._made(inner, inner_arguments, in_file, depth - 1)


def _taking(macro: Macro, count: int) -> Macro:
    """Choose of several definitions of a macro the one that has ``count`` parameters."""
    other: Macro | None = macro
    while other is not None:
        if other.parameters is not None and len(other.parameters) == count:
            return other
        other = other.other
    return macro


def _calls_parameter(macro: Macro) -> bool:
    """Tell whether a macro is given another that it calls: ``#define COLOURS(X) X(red) X(green)``."""
    return any(f"{name}(".encode() in macro.body for name in macro.parameters or ())


def _is_in_enumeration(code: bytes, position: int) -> bool:
    """Tell whether an enumeration lists what stands there."""
    first = max(0, position - _LONGEST)
    brace = code.rfind(b"{", first, position)
    if brace < 0 or code.find(b"}", brace, position) >= 0:
        return False
    return _ENUM.search(code, max(0, brace - _LONGEST_HEAD), brace) is not None


def _visible(body: bytes) -> bytes:
    """Give what a macro in file scope leaves open: no blocks, and no parameters of functions that have theirs."""
    while (shorter := _BLOCK.sub(b" ", body)) != body:
        body = shorter
    return body
