"""Small words that decorate declarations and that no list can know: taken out at equal length.

``static int most __ro_after_this;``, ``int av_unused size;``, ``struct node *restricted first``: where two words stand
side by side, one of them is a type or a decoration, and its place tells which.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import blank, blank_group, blank_match
from rnnlab_c_syntax.decorations import is_declarator
from rnnlab_c_syntax.places import holds

_UNUSED = re.compile(rb"\b[a-z]+_unused(?=[ \t]++[A-Za-z_])")
#: Two underscores in front, behind a declarator.
_BEHIND_DECLARATOR = re.compile(rb"__(?<=[ \t]..)[a-z]\w*+(?=[ \t]*+(?:;|=[^=]))")
_BEHIND_STAR = re.compile(
    rb"\*[ \t]*+((?!(?:const|restrict|volatile|sizeof)\b)[a-z_]\w{2,}+)(?=[ \t]++[a-z_][a-z\d_]*+[ \t]*+[,);=\[])"
)
_LONGEST_DECLARATOR = 80


def undecorated_by_small_words(code: bytes) -> bytes:
    """Make such words blanks."""
    if holds(code, b"_unused "):
        code = _UNUSED.sub(blank_match, code)
    if holds(code, b" __"):
        code = blank(code, _behind_declarators(code))
    return _BEHIND_STAR.sub(blank_group, code) if holds(code, b"_restrict ") else code


def _behind_declarators(code: bytes) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for match in _BEHIND_DECLARATOR.finditer(code):
        before = code[max(0, match.start() - _LONGEST_DECLARATOR) : match.start()].rstrip(b" \t")
        if is_declarator(before):
            found.append(match.span())
    return found
