"""Assembly as compilers of DOS and Windows have it: ``asm { mov ax, size }``, ``__asm int 3``; it is no C.

No world reads it; as of any code that is not read, its words excuse findings around it.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.places import Range, holds

_ASSEMBLY = re.compile(
    rb"asm(?:(?<!\wasm)|(?<=\W_asm)|(?<=\W__asm))(?:[ \t]*+\n?[ \t]*+\{[^{}]*+\}"
    rb"|[ \t]++(?!volatile\b|goto\b|inline\b)[a-z][a-z\d]*+(?=[ \t\n;}])[^\n{}()\"]*+)"
)
_UNDERSCORE = 0x5F


def foreign_assembly(code: bytes) -> list[Range]:
    """List where such assembly stands; gcc's own is not listed."""
    found: list[Range] = []
    for match in _ASSEMBLY.finditer(code) if holds(code, b"asm") else ():
        start = match.start()
        while start and code[start - 1] == _UNDERSCORE:
            start -= 1
        found.append((start, match.end()))
    return found
