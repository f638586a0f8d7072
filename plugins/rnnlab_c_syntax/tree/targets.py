"""What a value is for, by what stands around it: compared, set to a member, or to what is called further on."""

from __future__ import annotations

import re
from typing import Final

from rnnlab_c_syntax.looks import is_data_name, is_function_member
from rnnlab_c_syntax.places import find_word
from rnnlab_c_syntax.tree.state import State

_EQUALITY: Final = (b"==", b"!=")
_MASKING: Final = (b"&", b"|")
_OF_WORD: Final = bytes(c for c in range(0x80) if chr(c).isalnum() or chr(c) == "_")
#: ``list->sort = deep ?``, ``list->sort = deep ? by_size :``.
_CHOICE: Final = re.compile(rb"(?:\.|->)\s*+(\w++)\s*+=(?!=)(?:[^;{}=]|[=!<>]=)*\?[^;{}=?]*\Z")
_CALLED: Final = re.compile(rb"\)?\s*+\(")
SHORT: Final = 3  # no function of a header has such a name
_LONGEST_CHOICE: Final = 200
#: So many uses of a variable are looked at.
_MOST_USES: Final = 20


def is_compared(code: bytes, start: int, end: int) -> bool:
    """Tell whether what stands between two offsets is asked to be equal to something."""
    return code[end : end + 3].lstrip()[:2] in _EQUALITY or code[max(0, start - 3) : start].rstrip()[-2:] in _EQUALITY


def is_masked(code: bytes, start: int, end: int) -> bool:
    """Tell whether what stands between two offsets is one of several bits."""
    return code[end : end + 3].strip() in _MASKING or code[max(0, start - 2) : start].strip() in _MASKING


def chosen_for(code: bytes, start: int) -> str:
    """Give the member that a value at ``start`` is set to if a condition holds; nothing if there is none."""
    match = _CHOICE.search(code, max(0, start - _LONGEST_CHOICE), start)
    return match[1].decode() if match is not None else ""


def is_called(code: bytes, variable: str, start: int, end: int) -> bool:
    """Tell whether ``variable`` is called between two offsets: ``(*step)(p)``, ``step(p)``."""
    word = variable.encode()
    place = start
    for _ in range(_MOST_USES):
        place = find_word(code, word, place, end)
        if place < 0:
            return False
        place += len(word)
        called = _CALLED.match(code, place, end)
        if called is not None and (called[0][:1] == b"(" or code[place - len(word) - 2 : place - len(word)] == b"(*"):
            return True
    return False


def assigned_to(code: bytes, start: int) -> tuple[str, bool, bool]:
    """Give the last word of what is assigned to before ``start``, and whether it is an index, and a member's name."""
    before = code[max(0, start - 80) : start].rstrip()
    if before[-1:] != b"=":
        return "", False, False
    before = before[:-1].rstrip()
    is_element = before[-1:] == b"]"
    if is_element:
        before = before[:-1]
    rest = before.rstrip(_OF_WORD)
    return before[len(rest) :].decode(), is_element, rest.rstrip().endswith((b".", b"->"))


def takes_function(state: State, name: str, start: int) -> bool:
    """Tell whether a name that nothing declares is set to something that is called further on, or is a function."""
    names = state.names
    if name in names.visible or name in names.context.macros:
        return False
    if len(name) <= SHORT or is_data_name(name) or names.is_slip(name):
        return False
    target, is_element, is_member = assigned_to(state.code, start)
    if not target:
        return is_function_member(chosen_for(state.code, start))
    return not is_element and not is_member and is_called(state.code, target, start, state.ends[-1][1])
