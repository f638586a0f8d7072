"""What stands outside of functions and was not read: names that may be declared there.

The grammar gives up on a table that a macro makes, sometimes on all that follows; and of
the branches that only the second world of conditions holds nothing but functions is parsed.
A declaration at file scope begins in column 0; what else stands there is mostly what is left
of broken functions, whose words declare nothing. Nor do the parameters of a function; what a
macro in capitals is given may.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rnnlab_c_syntax.bodies import Body
from rnnlab_c_syntax.places import Range, holds

_WORD = re.compile(rb"[A-Za-z_]\w*")
_AT_MARGIN = re.compile(
    rb"^(?:\}(?=[ \t]*+[A-Za-z_*(])|[A-Za-z_]\w*+(?!\s*+:))[^;{]*+(?:;[ \t]++[A-Za-z_][^;{}()\n]*+)*+", re.MULTILINE
)
#: The name behind the members of a structure, not in the first column as its brace is not; a table's, too.
_BEHIND_MEMBERS = re.compile(
    rb"\n[ \t]++\}[ \t]*+(?:\n\s*+(?=\w++\s*+;))?+([A-Za-z_]\w*+)\s*+(?:\[[^][;{}]*+\]\s*+)*+[;=]"
)
#: The name of a pointer to a function, or of a table of them.
_POINTER = re.compile(rb"[^(]*+\(\s*+(?:[A-Z_][A-Z0-9_]++\s++)?\*[\s*]*+(?:const\s++)?([A-Za-z_]\w*+)")
#: What an enumeration lists.
_ENUMERATION = re.compile(rb"\benum\b[^;{}()]*+\{([^{}]*+)\}")
_ENUMERATOR = re.compile(rb"(?:\A|,)\s*+([A-Za-z_]\w*+)")
_MACRO = re.compile(rb"\b[A-Z_][A-Z_\d]*+\s*+\Z")
#: It makes no name that anybody uses.
_TABLE = b"MODULE_DEVICE_TABLE"
_LONGEST_HEAD = 1000


class Unread:
    """The words of such text."""

    def __init__(self) -> None:
        self._words: set[bytes] = set()

    def add(self, code: bytes, ranges: Sequence[Range], bodies: Sequence[Body]) -> None:
        """Take the words of ``ranges`` of ``code`` that stand outside of ``bodies``; both are in order."""
        index = 0
        for start, end in ranges:
            while index < len(bodies) and bodies[index].end <= start:
                index += 1
            inner = index
            while inner < len(bodies) and bodies[inner].brace < end:
                self._words.update(_declared(code[start : max(start, bodies[inner].brace)]))
                start = max(start, bodies[inner].end - 1)  # behind the brace of a type its variables stand
                inner += 1
            self._words.update(_declared(code[start : max(start, end)]))

    def declares(self, name: str) -> bool:
        """Tell whether ``name`` is one of the words."""
        return name.encode() in self._words


def _declared(code: bytes) -> list[bytes]:
    words: list[bytes] = _BEHIND_MEMBERS.findall(code)
    for stretch in _AT_MARGIN.findall(code):
        head, _, _ = stretch.partition(b"(")
        is_macro = _MACRO.search(head) is not None and not stretch.startswith(_TABLE)
        words += _WORD.findall(stretch if is_macro else head)
        words += [] if (pointer := _POINTER.match(stretch, 0, _LONGEST_HEAD)) is None else [pointer[1]]
    if holds(code, b"enum"):
        for listed in _ENUMERATION.findall(code):
            words += _ENUMERATOR.findall(listed)
    return words
