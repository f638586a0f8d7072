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
_NO_VALUES = KEYWORDS | QUALIFIERS


def beside_arguments(code: bytes) -> bytes:
    """Blank out the macros that stand before or behind arguments and bring a comma with them."""
    found: list[Range] = [match.span(1) for match in _BEFORE.finditer(code)]
    found += [
        match.span(2) for match in _BEHIND.finditer(code) if match[1] not in _NO_VALUES and not match[1].isupper()
    ]
    return blank(code, sorted(found))
