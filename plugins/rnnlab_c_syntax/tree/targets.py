"""What a value is for, by what stands around it: compared, set to a member, or to what is called further on."""

from __future__ import annotations

import re
from typing import Final

from rnnlab_c_syntax.looks import is_call_of_member, is_data_name, is_function_member
from rnnlab_c_syntax.places import find_word
from rnnlab_c_syntax.tree.state import State

_EQUALITY: Final = (b"==", b"!=")
_MASKING: Final = (b"&", b"|")
_ADDING: Final = (b"&", b"|", b"+")
_NO_NUMBER: Final = re.compile(rb"\s*+[=!]=\s*+(?!\d|(?:true|false|TRUE|FALSE|NULL)\b)")
_NULL: Final = re.compile(rb"\s*+[=!]=\s*+NULL\b")
_NUMBER_BEFORE: Final = re.compile(rb"(?<!\w)(?:\d\w*+|true|false|TRUE|FALSE|NULL)\s*+[=!]=\s*+\Z")
_LONGEST_NUMBER: Final = 40
#: Blanks, the value may stand on the next line.
_LONGEST_GAP: Final = 80
_OF_WORD: Final = bytes(c for c in range(0x80) if chr(c).isalnum() or chr(c) == "_")
#: ``list->sort = deep ?``, ``list->sort = deep ? by_size :``.
_CHOICE: Final = re.compile(rb"(\w++)\s*+=(?!=)(?:[^;{}=]|[=!<>]=)*\?[^;{}=?]*\Z")
_CALLED: Final = re.compile(rb"\)?\s*+\(")
#: ``(*step)(p)``, ``(step)(p)``
_OPENS_CALLEE: Final = re.compile(
    rb"(?<!if)(?<!for)(?<!while)(?<!switch)(?<!if )(?<!for )(?<!while )(?<!switch )\(\*?\Z"
)
SHORT: Final = 3  # no function of a header has such a name
_LONGEST_CHOICE: Final = 200
#: So many uses of a variable are looked at.
_MOST_USES: Final = 20
#: How far behind a variable is looked for where it is called.
_REACH: Final = 8000


def is_compared(code: bytes, start: int, end: int) -> bool:
    """Tell whether what stands between two offsets is asked to be equal to something: no number, no truth, not NULL."""
    after = code[end : end + _LONGEST_GAP].lstrip()
    if after[:2] in _EQUALITY:
        return _NO_NUMBER.match(code, end) is not None
    before = code[max(0, start - _LONGEST_GAP) : start].rstrip()[-2:] in _EQUALITY
    return before and _NUMBER_BEFORE.search(code, max(0, start - _LONGEST_NUMBER - _LONGEST_GAP), start) is None


def is_compared_with_null(code: bytes, end: int) -> bool:
    """Tell whether what ends at ``end`` is asked to be ``NULL``, or not to be."""
    return _NULL.match(code, end) is not None


def is_masked(code: bytes, start: int, end: int) -> bool:
    """Tell whether what stands between two offsets is one of several bits, or added to something."""
    before, after = code[max(0, start - 3) : start].rstrip(), code[end : end + 3].lstrip()
    if before[-1:] in _ADDING:
        return before[-2:-1] != before[-1:]
    return after[:1] in _MASKING and after[1:2] != after[:1]


def chosen_for(code: bytes, start: int) -> str:
    """Give the last word of what a value at ``start`` is given to if a condition holds; nothing if there is none."""
    before = code[max(0, start - _LONGEST_CHOICE) : start]
    match = _CHOICE.search(before[max(before.rfind(mark) for mark in (b";", b"{", b"}")) + 1 :])
    return match[1].decode() if match is not None else ""


def is_called(code: bytes, variable: str, start: int, end: int) -> bool:
    """Tell whether ``variable`` is called between two offsets: ``(*step)(p)``, ``step(p)``."""
    word = variable.encode()
    place, end = start, min(end, start + _REACH)
    for _ in range(_MOST_USES):
        place = find_word(code, word, place, end)
        if place < 0:
            return False
        place += len(word)
        called = _CALLED.match(code, place, end)
        if called is not None and (called[0][:1] == b"(" or _OPENS_CALLEE.search(code, start, place - len(word))):
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
        target = chosen_for(state.code, start)
        return is_function_member(target) or (target != "" and is_called(state.code, target, start, state.ends[-1][1]))
    return not is_element and not is_member and is_called(state.code, target, start, state.ends[-1][1])


def is_function_of(state: State, name: str, member: str) -> bool:
    """Tell whether ``member``, to which a name that nothing declares is set, is a function by its name, or by both."""
    if name in state.names.visible or state.names.is_slip(name):
        return False
    return is_call_of_member(name, member) or (is_function_member(member) and not is_data_name(name))
