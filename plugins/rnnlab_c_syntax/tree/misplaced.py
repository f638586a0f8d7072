"""Keywords of statements where none may stand: the parser takes them for names there, and its tree for one of C.

``else`` without its ``if`` becomes a type, and what it does a declaration.
"""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node

from rnnlab_c_syntax.looks import is_macro_name
from rnnlab_c_syntax.tree.state import State

#: What no name is (C11 6.4.1); types and operators may be what a macro is given.
STATEMENT_WORDS: Final = frozenset(
    ("else", "if", "for", "while", "do", "switch", "case", "default", "break", "continue", "return", "goto")
)
#: Where a value is wanted, and no macro.
_VALUES: Final = frozenset(("assignment_expression", "binary_expression", "return_statement"))
#: What has more is no C, and each is looked for in what is around it.
_MOST_ELSES: Final = 50
_LONGEST_GAP: Final = 200
_WORD: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def at_else(state: State, node: Node) -> None:
    """Take an ``else`` that the parser reads as a type, unless its ``if`` may be a macro's or in a hidden branch."""
    names, start = state.names, node.start_byte
    function = names.open[-1]
    function.elses += 1
    if function.elses > _MOST_ELSES:
        return
    around = node.parent
    before = None if around is None else around.prev_named_sibling
    if before is not None and _may_be_condition(state, before.start_byte):
        return
    if names.context.is_hidden("if", function.start, start):
        return
    state.faults.misplaced(start, node.end_byte)
    names.open[0].damaged = True  # what follows is no declaration


def at_keyword(state: State, name: str, start: int, parent: str) -> None:
    """Take a keyword that the parser reads as a variable."""
    if parent in _VALUES and state.code.startswith(name.encode(), start) and not _begins_argument(state, start):
        state.faults.misplaced(start, start + len(name))


def _begins_argument(state: State, start: int) -> bool:
    """Tell whether a macro is given the statement that begins at ``start``: ``CHECK(p, return -1);``."""
    if not state.calls or not is_macro_name(state.calls[-1].name):
        return False
    return state.code[max(0, start - _LONGEST_GAP) : start].rstrip()[-1:] in (b",", b"(")


def _may_be_condition(state: State, start: int) -> bool:
    """Tell whether the statement at ``start`` begins with what may be a macro that ends in ``if (…)``."""
    if start in state.masked.loops:
        return True
    word = _WORD.match(state.text, start)
    return word is not None and (is_macro_name(word[0]) or word[0] in state.names.context.macros)
