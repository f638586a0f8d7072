"""Members named where statements stand, ``.m, .m, .m``: no C, and very many of them are more than the parser can bear.

Its recovery from them takes time that grows with the square of their number, in a single step that nothing
interrupts. Few texts have so many as to be looked at more closely.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS
from rnnlab_c_syntax.places import Range

_MEMBER = re.compile(rb"\.(?<=[\s,;{}(=].)(?=[A-Za-z_])")
_SIGN = re.compile(rb"[{}]|" + _MEMBER.pattern)
#: What a brace stands behind that begins a list of values.
_BEFORE_LIST = (b"=", b",", b"(", b"{", b"[")
#: A call or a condition, which a block follows; the type of a literal has no word before it.
_BEFORE_BLOCK = re.compile(rb"(?!(?:return|sizeof)\b)\b[A-Za-z_]\w*+\s*+" + ARGUMENTS + rb"\s*+\Z")
#: So many cost the parser a third of a second.
_MOST = 3000
_LONGEST = 400
_OPEN, _CLOSE, _LINE_END = 0x7B, 0x7D, 0x0A


def stray_members(code: bytes) -> list[Range]:
    """List the outermost blocks that hold such members, where there are very many in all."""
    if code.count(b".") <= _MOST or len(_MEMBER.findall(code)) <= _MOST:
        return []
    found: list[Range] = []
    blocks: list[bool] = []  # of the braces that are open: whether each opens a block
    start = total = here = 0
    for match in _SIGN.finditer(code):
        at = match.start()
        sign = code[at]
        if sign == _OPEN:
            if not blocks:
                start = at
            blocks.append(_opens_block(code, at))
        elif sign == _CLOSE:
            if blocks:
                blocks.pop()
            if at and code[at - 1] == _LINE_END:
                blocks.clear()
            if here and not blocks:
                found.append((start, at + 1))
                here = 0
        elif blocks and blocks[-1]:
            here += 1
            total += 1
    if here:
        found.append((start, len(code)))
    return found if total > _MOST else []


def _opens_block(code: bytes, brace: int) -> bool:
    """Tell whether a block begins at ``brace``, and no list of values and no members of a type."""
    before = code[max(0, brace - _LONGEST) : brace].rstrip()
    if before[-1:] in _BEFORE_LIST:
        return False
    return before[-1:] != b")" or _BEFORE_BLOCK.search(before) is not None
