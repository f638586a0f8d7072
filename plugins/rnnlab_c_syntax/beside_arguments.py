"""Macros before arguments that bring a comma with them, taken out at equal length: ``sum(aCTX_ n)``.

A grammar without a preprocessor reads two words side by side as a type and a name, or gives up on the whole call.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import blank
from rnnlab_c_syntax.patterns import sign

#: It ends in an underscore behind a capital: ``fail(aCTX_ "no row")``, ``f(pCTX_ int n)``.
_BEFORE = re.compile(rb"\((?<=\w\()\s*+([A-Za-z]\w*+(?<=[A-Z]_))(?=\s++[\w\"'&*(!~-])")
_SIGN = sign(b"_ ", 0)


def beside_arguments(code: bytes) -> bytes:
    """Blank out the macros that stand before arguments or parameters and bring a comma with them."""
    if not _SIGN.search(code):
        return code
    return blank(code, [match.span(1) for match in _BEFORE.finditer(code)])
