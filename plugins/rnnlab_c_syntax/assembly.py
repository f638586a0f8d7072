"""Assembly as gcc has it: of a template that macros bring in part only the literals stay, at equal length."""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS
from rnnlab_c_syntax.lexical import BLANK
from rnnlab_c_syntax.places import holds

_BEGINS = re.compile(
    rb"asm(?:(?<=[\s;{}]asm)|(?<=[\s;{}]_asm)|(?<=[\s;{}]__asm))(?:__)?+\s*+"
    rb"(?:(?:__)?+(?:volatile|goto|inline)(?:__)?+\s*+)*+\(\s*+"
)
#: What stands before the operands: literals and macros, with arguments and without.
_TEMPLATE = re.compile(rb"(?:\"[^\"]*+\"\s*+|[A-Za-z_]\w*+\s*+|" + ARGUMENTS + rb"\s*+)++(?=[:)])")
_PART = re.compile(rb"\"[^\"]*+\"|[A-Za-z_]\w*+|" + ARGUMENTS)
_QUOTE = 0x22


def assembly(code: bytes) -> bytes:
    """Leave of templates only their literals: ``asm volatile(SAVE_ALL "nop" TABLE(0b, 1b) : "+m" (state));``."""
    if not holds(code, b"asm"):
        return code
    pieces: list[bytes] = []
    done = 0
    for begin in _BEGINS.finditer(code):
        template = _TEMPLATE.match(code, begin.end())
        if template is not None and template.start() >= done:
            pieces += [code[done : template.start()], _literals(template[0])]
            done = template.end()
    return b"".join([*pieces, code[done:]]) if pieces else code


def _literals(template: bytes) -> bytes:
    """Make all but the literals blanks; where there are none, an empty one stands for the macros."""
    bare = _PART.sub(lambda m: m[0] if m[0][0] == _QUOTE else m[0].translate(BLANK), template)
    return b'""' + bare[2:] if bare.isspace() and b"\n" not in bare[:2] else bare
