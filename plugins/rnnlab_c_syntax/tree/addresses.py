"""What the walk does at a name whose address is taken, or that is taken for one: ``&name``, ``*name``."""

from __future__ import annotations

import re
from typing import Final

from rnnlab_c_syntax.looks import declares_arguments, is_callback_name, is_macro_name, takes_functions
from rnnlab_c_syntax.scopes import QUIET
from rnnlab_c_syntax.tree.state import State
from rnnlab_c_syntax.tree.targets import is_compared_with_null, is_function_of

_MEMBER_ADDRESS: Final = re.compile(rb"(?:\.|->)\s*(\w+)\s*=\s*&\Z")
_BEHIND_MACRO: Final = re.compile(rb"[;{}]\s*([A-Z_][A-Z0-9_]*)[ \t]*\([\w ,]*\)[ \t]*,[\s*\w,]*\*\Z")


def in_address(state: State, name: str, start: int, _first: bool) -> None:
    """Take a name behind ``&`` or ``*``."""
    if state.code[max(start - 2, 0) : start] == b"&&" and state.kinds[-2] == "pointer_expression":
        state.names.open[-1].gotos.setdefault(name, start)  # the address of a label
    elif state.code[max(start - 1, 0) : start] == b"&" and is_compared_with_null(state.code, start + len(name)):
        state.names.mention(name)  # a function that may be missing: ``&send_fast != NULL``
    elif _is_declared_pointer(state, name, start):
        state.names.declare(name, start, QUIET)
    elif _is_dropped(state):
        state.names.mention(name)
    else:
        member = None
        if state.kinds[-2] == "assignment_expression":
            member = _MEMBER_ADDRESS.search(state.code, max(0, start - 80), start)
        of_member = "" if member is None else member[1].decode()
        if member is not None and (f"_{name}".endswith(f"_{of_member}") or is_function_of(state, name, of_member)):
            state.names.mention(name)  # ``coder->end = &block_end``, ``action.sa_sigaction = &react``
        else:
            is_address = state.code[max(start - 1, 0) : start] == b"&"
            is_given = state.kinds[-2] == "argument_list" and (
                is_callback_name(name) or takes_functions(state.calls[-1].name)
            )
            state.names.use(name, start, handed_on=is_given or member is not None, is_value=is_address)


def _is_dropped(state: State) -> bool:
    """Tell whether an address is given to a macro of the text that does not take it for a value."""
    macros = state.names.context.macros
    if not macros or state.kinds[-2] != "argument_list":
        return False
    call = state.calls[-1]
    return call.name in macros and not macros.takes_value(call.name, call.index)


def _is_declared_pointer(state: State, name: str, start: int) -> bool:
    """Tell whether a macro declares the pointer: ``DECLARE_COMMAND(*command, struct begin);``."""
    if state.code[max(start - 1, 0) : start] != b"*" or name in state.names.visible:
        return False
    if state.kinds[-2] == "comma_expression":  # ``LIST_HEAD(list), *pos;``
        behind = _BEHIND_MACRO.search(state.code, max(0, start - 200), start)
        return behind is not None and declares_arguments(behind[1].decode())
    if state.kinds[-2] != "argument_list":
        return False
    macro = state.calls[-1].name
    return is_macro_name(macro) and macro not in state.names.context.macros and declares_arguments(macro)
