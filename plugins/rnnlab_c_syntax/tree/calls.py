"""What the walk does at calls.

Bare names among the arguments that nothing declares may be variables, or types, members, and
names that a macro which nobody defines declares: that is decided here.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from rnnlab_c_syntax.looks import (
    declares_arguments,
    family_of,
    is_callback_name,
    is_constant_name,
    is_function_name,
    is_macro_name,
    is_type_name,
    precedes_function,
    takes_functions,
)
from rnnlab_c_syntax.scopes import QUIET, TYPEDEF, VARIABLE, Names
from rnnlab_c_syntax.tree.arguments import is_no_value
from rnnlab_c_syntax.tree.kinds import PARTS
from rnnlab_c_syntax.tree.state import Call, State

#: How many members deep an argument is followed.
_DEEPEST = 8
_LOOP_NAME = re.compile(r"for_?each", re.IGNORECASE)
#: These are given values first, and then what compares them.
_LAST_IS_FUNCTION = re.compile(r"sort|search\Z")
_LONGEST_CONSTANT = 80
#: What is given to these is no function.
_TAKES_DATA = frozenset(("free", "kfree", "xfree", "strlen", "strcmp", "strdup", "xstrdup", "memset", "fclose"))
#: What is printed is no function either: ``log("%d rows", count)``.
_FORMAT = re.compile(r"\"[^\"\n]*%[-+ #0-9.*lhzjt]*[cdiouxXeEfFgGs]")
_LONGEST_FORMAT = 300


def enter_arguments(state: State, _node: Node) -> bool:
    """Open the arguments of a call."""
    kinds = state.kinds
    around = kinds[-2] if len(kinds) > 1 else ""
    if around == "comma_expression" and kinds[-3] == "expression_statement" and declares_arguments(state.callee):
        around = "expression_statement"  # ``LIST_HEAD(list), *pos;``
    state.calls.append(Call(state.callee, around == "expression_statement", around == "call_expression"))
    state.callee = ""
    return True


def leave_arguments(state: State) -> None:
    """Close them, and decide what the names were that no scope knows."""
    call = state.calls.pop()
    if call.bare:
        _judge_bare(state, call)


def at_argument(state: State, name: str, start: int) -> None:
    """Take a name that is an argument, or begins a path of members that is one."""
    names = state.names
    call = state.calls[-1]
    if name in names.visible or name in names.context.macros:
        names.use(name, start)
    elif state.kinds[-1] == "argument_list" and is_type_name(name) and not (name[0].isupper() and names.is_slip(name)):
        call.type_index = call.index or -1
    else:
        call.bare.append((name, start, call.index))


def around_members(kinds: list[str]) -> int:
    """Give the index of the first node around a path of members; -1 if there is none."""
    depth = len(kinds) - 1
    while depth > len(kinds) - _DEEPEST and kinds[depth] in PARTS:
        depth -= 1
    return depth


def roots_argument(state: State) -> bool:
    """Tell whether a name begins a path of members that is an argument of a macro that may want one."""
    kinds = state.kinds
    depth = around_members(kinds)
    call = state.calls[-1]
    if kinds[depth] == "pointer_expression" and call.index in state.members.get(call.name, ()):
        depth -= 1
    if depth < 0 or kinds[depth] != "argument_list":
        return False
    if call.name in state.names.context.macros:
        return True
    if call.index and is_macro_name(call.name) and kinds[-1] == "subscript_expression":
        return True  # ``WRITE_FIELD(device, ctrl[port], 1)``
    if call.index and is_macro_name(call.name) and call.bare and not call.bare[0][2]:
        return True  # ``GET_FIELD(reply, buffer, unicast.packets)``
    return (call.index > 0 and call.type_index >= 0) or call.index in state.members.get(call.name, ())


def begins_macro(state: State) -> bool:
    """Tell whether a name begins the first argument of a macro that nobody defines: ``COMPARE(list->size)``."""
    call = state.calls[-1]
    if call.index or not is_macro_name(call.name) or call.name in state.names.context.macros:
        return False
    depth = around_members(state.kinds)
    return depth >= 0 and state.kinds[depth] == "argument_list"


def _judge_bare(state: State, call: Call) -> None:
    names = state.names
    if _declares_all(names, call):
        return
    macro = names.context.macros.get(call.name)
    capitals = is_macro_name(call.name)
    if call.statement and _LOOP_NAME.search(call.name):
        index = call.bare[-1][2]
        if index == call.index > 1 and not capitals and macro is None:
            call.bare.pop()  # the member that links the list
    given = not capitals and takes_functions(call.name)
    several = given and "andler" in call.name  # ``SetHandlers(begin, end)``
    is_last = _LAST_IS_FUNCTION.search(call.name) is not None
    likely = _likely(call, is_last=is_last) if given else ""
    family = family_of(likely)
    for name, start, index in call.bare[::-1] if is_last else call.bare:
        if is_no_value(state, call, name, start, index):
            continue
        is_constant = is_constant_name(name)
        is_function = given and (name == likely or several or family_of(name) == family != "")
        is_function = is_function or (
            index > 0 and precedes_function(state.code[max(0, start - _LONGEST_CONSTANT) : start])
        )
        if is_function and not is_constant and not names.is_slip(name):
            names.mention(name)
        else:
            names.use(name, start, handed_on=not _takes_data(state, call, start))
            if not index and macro is None and not is_constant and name not in names.visible:
                names.give(call.name if not call.index else call.name + ",", name)


def _takes_data(state: State, call: Call, start: int) -> bool:
    """Tell whether a call takes no functions where a name of ``start`` stands: it frees it, or prints it."""
    if call.name in _TAKES_DATA:
        return True
    if call.name in state.names.context.macros:
        return False  # it may print nothing
    before = state.text[max(0, start - _LONGEST_FORMAT) : start]
    begin = before.rfind(call.name)
    return begin >= 0 and _FORMAT.search(before, begin) is not None


def _likely(call: Call, *, is_last: bool) -> str:
    """Give the argument that is most likely a function, of those that nothing declares: by its name, or its length."""
    names = [name for name, _, _ in call.bare if not is_constant_name(name)]
    if is_last:
        return names[-1] if names else ""
    return max(names, default="", key=lambda name: (is_callback_name(name) or is_function_name(name), len(name)))


def _declares_all(names: Names, call: Call) -> bool:
    """Declare what is in parentheses behind what is no call at all, and tell whether that is so."""
    if call.maker:  # ``NAME(word)(arguments)``: the word is part of a name, or ``CLASS(fd, name)(flags)`` declares it
        if declares_arguments(call.name):
            for name, start, _ in call.bare:
                names.declare(name, start, QUIET)
        return True
    if call.stores and call.statement:
        for name, start, _ in call.bare:
            names.declare(name, start, QUIET)  # ``once_define(static, once);``
        return True
    callee = names.find(call.name)
    if callee is None or callee.kind != TYPEDEF or not call.statement:
        return False
    for name, start, _ in call.bare:
        names.declare(name, start, VARIABLE)  # ``word (name);``
    return True
