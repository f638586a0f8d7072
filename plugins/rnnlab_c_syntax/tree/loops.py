"""What the walk does at the heads of iteration macros, which were made ``while`` for the grammar."""

from __future__ import annotations

import re

from tree_sitter import Node

from rnnlab_c_syntax.looks import declares_arguments, declares_variable, is_macro_name, keeps_next
from rnnlab_c_syntax.scopes import QUIET, Names
from rnnlab_c_syntax.tree.state import Loop, State

_WORD = re.compile(r"\w*", re.ASCII)
#: Iteration macros whose third argument links the list and is not the last: ``list_for_each_entry_rcu(p, h, m, held)``.
_LOOP_WITH_MORE = re.compile("for_each.*(?:_rcu|possible)$")
#: Those whose second argument does: ``hlist_for_each_entry_from(p, m)``.
_LOOP_GOING_ON = re.compile("hlist_for_each_entry_(?:from|continue)")
_WHILE = b"while"
#: Those in capitals that say it: ``BUFFER_UNTIL_EMPTY(buffer, at, count) {``, ``WALK_TO_ROOT(tree, from, node) {``.
_GOING = re.compile("UNTIL_|_WALK(?:_|$)")
_LONGEST_NAME = 80
_ENDS_IN_NAME = re.compile(rb",\s*+\w++\s*+\)\Z")
_MEMBER = 2
_LAST_MEMBER = re.compile(rb"(?:\s*\.\s*\w+|\[\w*\])*\s*\)")


def enter_while(state: State, node: Node) -> bool:
    """Remember whether this ``while`` was an iteration macro."""
    state.loop_at = node.start_byte if node.start_byte in state.masked.loops else -1
    return True


def enter_parentheses(state: State, node: Node) -> bool:
    """Open the head of an iteration macro, or the end of one."""
    around = state.kinds[-1]
    if around == "do_statement" and state.masked.loops:
        end = state.code.rfind(_WHILE, max(0, node.start_byte - _LONGEST_NAME), node.start_byte)
        state.loop_at = end if end in state.masked.loops else -1
        around = "while_statement"
    if state.loop_at >= 0 and around == "while_statement" and state.names.open:
        match = _WORD.match(state.text, state.loop_at)
        name = match[0] if match else ""
        state.loops.append(Loop(name, len(state.kinds), node.start_byte, node.end_byte))
        state.loop_at = -1
    return True


def leave_parentheses(state: State) -> None:
    """Close it, and decide what the names in it were."""
    if not state.loops or state.loops[-1].depth != len(state.kinds):
        return
    loop = state.loops.pop()
    names = state.names
    names.mention(loop.name)
    for name, start in loop.bare:
        before = state.code[loop.start : start]
        index = before.count(b",")
        last = index > 1 and _LAST_MEMBER.fullmatch(state.code, start + len(name), loop.end) is not None
        last = last or (index == 1 and _LOOP_GOING_ON.match(loop.name) is not None)
        last = last or (index == _MEMBER and _LOOP_WITH_MORE.search(loop.name) is not None)
        if name in names.visible or name in names.context.macros:
            names.use(name, start)
        elif _takes_member(state, loop):
            if index not in state.members[loop.name]:
                names.use(name, start)
        elif _declares(names, loop.name, index):
            names.declare(name, start, QUIET, level=names.open[-1].depth)
        elif (last and keeps_next(loop.name)) or (
            not last and not (is_macro_name(loop.name) and before.strip() != b"(")
        ):
            names.use(name, start, handed_on=is_macro_name(loop.name))


def _takes_member(state: State, loop: Loop) -> bool:
    """Tell whether a well-known iteration macro is meant, of whose arguments one is a member's name."""
    if loop.name not in state.members or loop.name in state.names.context.macros:
        return False
    # ``LIST_FOREACH(links, p, all->rows)``; of BSD's the last argument is the links
    code, last = state.code, max(loop.start, loop.end - _LONGEST_NAME)
    return loop.name != "LIST_FOREACH" or _ENDS_IN_NAME.search(code, last, loop.end) is not None


def _declares(names: Names, loop: str, index: int) -> bool:
    """Tell whether an iteration macro may declare its argument ``index``."""
    macros = names.context.macros
    if loop in macros:
        return not macros.never_declares(loop, index)
    if loop == "LIST_FOREACH":
        return index < _MEMBER
    return (
        declares_arguments(loop)
        or _GOING.search(loop) is not None
        or loop.endswith("foreach")
        or (index > 0 and loop.endswith("_for"))
        or (index < _MEMBER and declares_variable(loop))
    )
