"""What the walk does at the header of a function: its name, and the lists of parameters of it and of prototypes."""

from __future__ import annotations

import re

from tree_sitter import Node

from rnnlab_c_syntax.scopes import FUNCTION, PARAMETER, QUIET
from rnnlab_c_syntax.tree.beside_macros import declare_given
from rnnlab_c_syntax.tree.state import State

_MACRO_ENDS = re.compile(rb"[ \t*][A-Z_][A-Z0-9_]++[ \t]*+\Z")
_ONE_NAME = re.compile(rb"\(\s*+([A-Za-z_]\w*+)\s*+\)")
_NAME = re.compile(r"\w+", re.ASCII)
_LONGEST_NAME = 80


def enter_parameters(state: State, node: Node) -> bool:
    """Open a list of parameters: a function's own, or the scope of a prototype."""
    if not state.names.open:
        return False  # nothing of a prototype in file scope outlives it
    own = state.own_parameters
    state.own_parameters = False
    if state.in_header and state.parameters[-1:] == [True]:
        match = _ONE_NAME.fullmatch(state.code, node.start_byte, node.end_byte)
        if match is not None and (
            state.kinds[-1] == "abstract_function_declarator"
            or _MACRO_ENDS.search(state.code, max(0, node.start_byte - _LONGEST_NAME), node.start_byte)
        ):  # ``f(HOLDER(name))``, ``f(bool (name)(int))``, ``f(schedule KEY_ARG(name))``
            state.names.declare(match[1].decode(), match.start(1), QUIET)
        elif state.kinds[-1] == "abstract_function_declarator":
            declare_given(state, node)
    state.parameters.append(own)
    if not own:
        state.names.push()
    return True


def leave_parameters(state: State) -> None:
    """Close it."""
    own = state.parameters.pop()
    if not own:
        state.names.drop()
    elif state.header_macro:
        state.own_parameters, state.header_macro = True, False


def declare_in_header(state: State, name: str, start: int, parent: str) -> None:
    """Take a function's own name, or the name of one of its parameters."""
    names = state.names
    function = names.open[-1]
    if start in state.masked.loops and (match := _NAME.match(state.text, start)):
        name = match[0]  # an indented header looks like the head of a loop
    if parent == "function_declarator" or (parent == "parenthesized_declarator" and not function.name):
        if state.parameters:
            if state.parameters[-1]:
                # ``f(object *UNUSED(self), object *UNUSED(other))``
                names.declare(name, start, QUIET if name in names.scopes[-1] else PARAMETER)
            return
        names.declare(name, start, FUNCTION, level=function.depth - 1)
        names.shared.add(name)
        if function.is_static:
            names.static_functions.setdefault(name, start)
        function.name = name
        if function.is_void is False or "pointer_declarator" in state.kinds[-3:]:
            names.returning.add(name)
        state.own_parameters = True
        # NAME(x)(parameters): a macro that makes the name
        state.header_macro = state.kinds[-2:] == ["function_declarator", "function_declarator"]
    else:
        names.declare(name, start, PARAMETER if state.parameters and state.parameters[-1] else QUIET)
