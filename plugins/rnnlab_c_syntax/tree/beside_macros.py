"""Variables and parameters beside macros that nobody defines, which the parser takes for parts of types."""

from __future__ import annotations

import re

from tree_sitter import Node

from rnnlab_c_syntax.keywords import TYPE_WORDS
from rnnlab_c_syntax.looks import is_local_macro, is_macro_name
from rnnlab_c_syntax.scopes import QUIET
from rnnlab_c_syntax.tree.kinds import FIELD_TYPE
from rnnlab_c_syntax.tree.state import State

_MACRO_BEFORE = re.compile(rb"[ \t\n(,][A-Z_][A-Z0-9_]++[ \t]*+\Z")
#: What a macro among parameters is given: ``f(HANDLER_ARGS(item, rest))``, ``f(UNUSED_ARG(size_t size))``.
_GIVEN = re.compile(rb"([A-Za-z_]\w*+)[ \t]*+(?=[,)])")
_LONGEST_NAME = 80


def declare_given(state: State, node: Node) -> None:
    """Declare what a macro among a function's parameters is given: ``node`` are its parentheses."""
    start = node.start_byte
    if _MACRO_BEFORE.search(state.code, max(0, start - _LONGEST_NAME), start) is None:
        return
    for given in _GIVEN.finditer(state.code, start, node.end_byte):
        if given[1] not in TYPE_WORDS:
            state.names.declare(given[1].decode(), given.start(1), QUIET)


def swallowed(state: State, name: str) -> Node | None:
    """Find the variable that the parser takes for the last word of a type, for capitals stand behind it."""
    if len(name) == 1 or not is_local_macro(name) or state.declaration is None:
        return None
    kind = state.declaration.child_by_field_id(FIELD_TYPE)
    last = kind.child(kind.child_count - 1) if kind is not None and kind.type == "sized_type_specifier" else None
    if last is None or last.type != "type_identifier" or is_macro_name(state.word(last)):
        return None  # ``unsigned REG_T A, B;``
    return last
