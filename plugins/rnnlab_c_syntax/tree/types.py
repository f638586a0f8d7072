"""Whether a word in parentheses, which may be a variable by the grammar, is a type's name."""

from __future__ import annotations

import re
from typing import Final

from rnnlab_c_syntax.looks import is_type_name, may_be_measured_type
from rnnlab_c_syntax.tree.state import State

_AROUND_TYPE: Final = frozenset(("sizeof_expression", "binary_expression", "alignof_expression", "pointer_expression"))
#: ``(name)-1``, where nobody subtracts: a cast.
_CAST_NUMBER: Final = re.compile(rb"\)-\d")
_TIMES: Final = re.compile(rb"\s*\)\s*\*")
_TIMES_BEFORE: Final = re.compile(rb"[\w)]\s*\*\s*sizeof\s*\(\s*\Z")


def may_be_type(state: State, name: str, start: int) -> bool:
    """Tell whether the whole of ``(name)`` may be a cast or what ``sizeof`` measures."""
    if name in state.names.visible or len(state.kinds) < 2:
        return False
    around = state.kinds[-2]
    if around == "call_expression":
        return True
    if around not in _AROUND_TYPE:
        return False
    if around == "sizeof_expression" and _is_measured_type(state, name, start):
        return True
    return is_type_name(name) or _CAST_NUMBER.match(state.code, start + len(name)) is not None


def _is_measured_type(state: State, name: str, start: int) -> bool:
    """Tell whether ``sizeof(name)`` is a type's: it looks so, or is multiplied: ``sizeof(record) * count``."""
    if name in state.type_words:
        return True
    if state.names.is_slip(name):
        return False
    end = start + len(name)
    if may_be_measured_type(name):
        return True
    return (
        _TIMES.match(state.code, end) is not None
        or _TIMES_BEFORE.search(state.code, max(0, start - 40), start) is not None
    )
