"""What a further world of conditions adds to a function that was read in the first: whether it can break a rule.

Most branches only call something or assign to what the function has: names that stand around
them too. Only one that declares, returns or jumps as nothing else there does, or names what
nothing else does, is worth a reading of its function.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from rnnlab_c_syntax.looks import is_macro_name
from rnnlab_c_syntax.places import Range

#: What may declare (two words, or a word and a pointer in parentheses) or be a label.
_TELLING = re.compile(
    rb"[:#]|\b(?:case|default|struct|union|enum|asm|typeof)\b"
    rb"|\b(?!(?:else|do|return|goto)\b)[A-Za-z_]\w*+(?:[\s*]++[A-Za-z_]|\s*+\(\s*+\*)"
)
#: A return, with what stands first behind it, and a jump to a label.
_RETURN = re.compile(rb"\breturn\b\s*+(.?)", re.DOTALL)
_JUMP = re.compile(rb"\bgoto\s++(\w++)")
#: What ends so may lack its semicolon.
_ENDS_VALUE = re.compile(rb"[\w)\]\"']")
#: A word that is no member and is not called.
_NAME = re.compile(rb"(?<![\w.])(?<!->)[A-Za-z_]\w*+(?!\s*+\()")


def may_tell(code: bytes, first: bytes, news: list[Range], start: int, end: int) -> bool:
    """Tell whether what a world reads for the first time between two offsets may break a rule.

    ``code`` is what it reads, ``first`` what the first world does, and ``news``, which is in order, where
    ``code`` has what no earlier world read.
    """
    names: set[bytes] = set()
    ways: set[tuple[bool, bytes]] = set()  # to leave the function, or a part of it
    for index in range(max(bisect_right(news, (start, start)) - 1, 0), bisect_left(news, (end, end))):
        piece = code[max(start, news[index][0]) : max(start, min(end, news[index][1]))]
        if _TELLING.search(piece) or _ENDS_VALUE.search(piece.rstrip()[-1:]):
            return True
        names.update(_NAME.findall(piece))
        ways |= _ways(piece)
    if not names:
        return False
    if ways and not ways <= _ways(first[start:end]):
        return True
    known = set(_NAME.findall(first, start, end))
    return any(name not in known and not is_macro_name(name.decode()) for name in names)


def _ways(code: bytes) -> set[tuple[bool, bytes]]:
    """List the ways in which ``code`` goes away: returns with and without a value, and the labels that it jumps to."""
    returns = {(True, b"" if behind == b";" else b"a value") for behind in _RETURN.findall(code)}
    return returns | {(False, label) for label in _JUMP.findall(code)}
