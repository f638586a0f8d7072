"""Macros beside arguments that bring a comma with them, taken out at equal length: ``f(ctx_ n)``, ``f(n LINE_ARG)``.

A grammar without a preprocessor reads two words side by side as a type and a name, or gives up on the whole call.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import blank
from rnnlab_c_syntax.keywords import KEYWORDS, QUALIFIERS
from rnnlab_c_syntax.places import Range

#: One before all arguments or parameters, which ends in an underscore behind a capital: ``fail(aCTX_ "no row")``.
_BEFORE = re.compile(rb"\((?<=\w\()\s*+([A-Za-z]\w*+(?<=[A-Z]_))(?=\s++[\w\"'&*(!~-])")
#: Some behind all of them: ``resize(heap, size LINE_ARG LINE_MORE_ARG)``.
_BEHIND = re.compile(rb"([A-Za-z_]\w*+)[ \t]++((?:[A-Z][A-Z0-9]*+_[A-Z0-9_]++[ \t]*+)++)(?=[,)])")
_BEFORE_VALUE = (b"(", b",", b">", b".", b"&", b"*", b"+", b"-", b"/", b"|")
_LONGEST_GAP = 200
_NO_VALUES = KEYWORDS | QUALIFIERS


def beside_arguments(code: bytes) -> bytes:
    """Blank out the macros that stand before or behind arguments and bring a comma with them."""
    found: list[Range] = [match.span(1) for match in _BEFORE.finditer(code)]
    found += [match.span(2) for match in _BEHIND.finditer(code) if _is_value(code, match)]
    return blank(code, sorted(found))


def _is_value(code: bytes, match: re.Match[bytes]) -> bool:
    """Tell whether the word before such macros may be an argument, and not the type of what is declared there."""
    if match[1] in _NO_VALUES or match[1].isupper():
        return False
    return code[max(0, match.start() - _LONGEST_GAP) : match.start()].rstrip()[-1:] in _BEFORE_VALUE
