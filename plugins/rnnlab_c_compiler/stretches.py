"""A text cut into stretches of whole functions, each with the macros that stand above it.

A compiler needs more than twice the time for twice the text, since it compares each name that it
misses with all that it knows. So it gets stretches; what one of them needs of those above is their
``#define`` lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rnnlab_c_compiler.functions import Function

_SIZE = 1 << 16
WORD = re.compile(r"[A-Za-z_]\w*")
DEFINED = re.compile(r"^#define[ \t]*([A-Za-z_]\w*)([^\n]*)", re.MULTILINE)
DIRECTIVE = re.compile(r"^#(define|undef)[ \t]*([A-Za-z_]\w*)[^\n]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Functions ``first`` up to ``last`` and what stands above each.

    ``words`` are all names there, ``defined`` those of them that the text has made macros, and
    ``above`` is the directives that make them so above the stretch.
    """

    first: int
    last: int
    words: frozenset[str]
    defined: frozenset[str]
    above: str


def stretches(code: str, functions: Sequence[Function]) -> list[Stretch]:
    """The stretches of a text, in order, each function in one of them."""
    found: list[Stretch] = []
    macros: dict[str, str] = {}
    start = 0
    for first, last in _cuts(code, functions):
        end = functions[last - 1].end if last < len(functions) else len(code)
        text = code[start:end]
        words = set(WORD.findall(text))
        above = _needed(words, macros)
        own = {match[2] for match in DIRECTIVE.finditer(text) if match[1] == "define"}
        found.append(Stretch(first, last, frozenset(words), frozenset(own.union(above)), _lines(above, macros)))
        _learn(text, macros)
        start = end
    return found


def _cuts(code: str, functions: Sequence[Function]) -> Iterator[tuple[int, int]]:
    """Where stretches begin and end; one is no shorter than the macros above it, so that all stay in proportion."""
    directives = DIRECTIVE.finditer(code)
    first = start = carried = above = 0
    for number, function in enumerate(functions):
        if function.end - start >= max(_SIZE, carried):
            yield first, number + 1
            first, start = number + 1, function.end
            for match in directives:
                above += len(match[0])
                if match.start() >= start:
                    break
            carried = above
    if first < len(functions):
        yield first, len(functions)


def _learn(text: str, macros: dict[str, str]) -> None:
    """Go on with what stands above."""
    for match in DIRECTIVE.finditer(text):
        macros.pop(match[2], None)
        if match[1] == "define":
            macros[match[2]] = match[0]


def _needed(words: set[str], macros: dict[str, str]) -> set[str]:
    """Those of the macros that the words need, by way of others as well; their words become some of the words."""
    asked = [word for word in words if word in macros]
    needed = set(asked)
    while asked:
        further = set(WORD.findall(macros[asked.pop()])) - words
        words |= further
        fresh = [word for word in further if word in macros]
        needed.update(fresh)
        asked += fresh
    return needed


def _lines(names: Iterable[str], macros: dict[str, str]) -> str:
    order = {name: number for number, name in enumerate(macros)}
    return "".join(f"{macros[name]}\n" for name in sorted(names, key=order.__getitem__))
