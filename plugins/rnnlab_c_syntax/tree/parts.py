"""Variables that nothing is read of, where one of their parts is set: ``point.x = 1;``, ``table[2] = n;``."""

from __future__ import annotations

import re
from typing import Final

from rnnlab_c_syntax.bindings import Binding
from rnnlab_c_syntax.tree.calls import around_members
from rnnlab_c_syntax.tree.state import State

#: What does not read the value of an assignment.
DISCARDING: Final = frozenset(("expression_statement", "for_statement", "comma_expression"))
#: What stands between a variable's name and what a part of it is set to: ``.first``, ``[2].first``.
_PART_ASSIGNED: Final = re.compile(rb"((?:\s*+\[[^][]*+\])*+)(?:\s*+\.\s*+[A-Za-z_]\w*+)*+\s*+=(?!=)")
#: What is around a part's name where the part may be set.
AROUND_PART: Final = frozenset(("field_expression", "subscript_expression", "assignment_expression"))
_LONGEST_TARGET: Final = 80


def sets_part(state: State, binding: Binding, end: int) -> bool:
    """Tell whether the variable whose name ends at ``end`` is not read there: a member or an element of it is set."""
    kinds = state.kinds
    depth = around_members(kinds)
    if kinds[depth] != "assignment_expression" or kinds[depth - 1] not in DISCARDING:
        return False
    match = _PART_ASSIGNED.match(state.code, end, end + _LONGEST_TARGET)
    return match is not None and match[1].count(b"[") <= binding.dimensions


def dimensions(kinds: list[str]) -> int:
    """Count the dimensions of the array whose name's nodes around are ``kinds``."""
    depth = 1
    while depth < len(kinds) and kinds[-1 - depth] == "array_declarator":
        depth += 1
    return depth
