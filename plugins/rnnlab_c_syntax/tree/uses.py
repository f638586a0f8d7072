"""What the walk does at a name: what is around it says whether it is declared, read, assigned to or only mentioned."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from rnnlab_c_syntax.looks import (
    is_callback_name,
    is_macro_name,
    is_made_of_local,
    is_pascal_name,
    is_type_name,
    precedes_function,
)
from rnnlab_c_syntax.tree.addresses import in_address
from rnnlab_c_syntax.tree.calls import around_members, at_argument, begins_macro, roots_argument
from rnnlab_c_syntax.tree.declarations import declare, declare_enumerator
from rnnlab_c_syntax.tree.misplaced import STATEMENT_WORDS, at_keyword
from rnnlab_c_syntax.tree.parts import DISCARDING
from rnnlab_c_syntax.tree.state import State
from rnnlab_c_syntax.tree.targets import (
    SHORT,
    assigned_to,
    is_compared,
    is_compared_with_null,
    is_function_of,
    is_masked,
    takes_function,
)
from rnnlab_c_syntax.tree.types import may_be_type

_DECLARES: Final = frozenset(
    ("pointer_declarator", "parenthesized_declarator", "attributed_declarator", "declaration", "parameter_declaration")
)
_DECLARES_FIRST: Final = frozenset(("init_declarator", "array_declarator", "function_declarator"))
_NEVER_VARIABLE: Final = frozenset(
    (
        "macro_type_specifier",
        "case_statement",
        "expression_statement",
        "subscript_designator",
        "subscript_range_designator",
    )
)
ASSIGNED: Final = re.compile(rb"\s*=(?!=)")
# fmt: off
_MEASURED: Final = ["sizeof_expression", "parenthesized_expression", "subscript_expression"]
_CHOSEN_CALLEE: Final = ["call_expression", "parenthesized_expression", "conditional_expression"]
_KEYWORDS: Final = STATEMENT_WORDS.union((
    "sizeof", "struct", "union", "enum", "typedef", "static", "extern", "const", "volatile", "void", "char", "short",
    "int", "long", "float", "double", "signed", "unsigned",
))
# fmt: on


def at_name(state: State, name: str, start: int, first: bool) -> None:
    """Take the identifier ``name``; ``first``: nothing is before it in the node around it."""
    names = state.names
    parent = state.kinds[-1] if state.kinds else ""
    if not name or name in _KEYWORDS:  # the parser's recovery made it up, or took it for a name
        if name in STATEMENT_WORDS and names.open:
            at_keyword(state, name, start, parent)
        elif state.calls and name in ("static", "extern"):
            state.calls[-1].stores = True
        return
    if start in state.masked.types:
        if parent == "argument_list":
            call = state.calls[-1]
            if call.index or name.startswith(("struct", "union")) or is_macro_name(call.name):
                call.type_index = call.index
    elif parent in _DECLARES or (first and parent in _DECLARES_FIRST):
        declare(state, name, start, parent)
    elif not names.open:
        if parent == "enumerator" and first:
            declare_enumerator(state, name, start)
        else:
            names.mention(name)
    else:
        _IN_FUNCTION.get(parent, _use)(state, name, start, first)


def _use(state: State, name: str, start: int, _first: bool, *, is_value: bool = False) -> None:
    if state.calls and state.calls[-1].name in state.names.context.macros and _is_quoted(state, name):
        state.names.mention(name)  # ``warn(-Wformat)``
    else:
        state.names.use(name, start, is_value=is_value)


def _in_operation(state: State, name: str, start: int, first: bool) -> None:
    end = start + len(name)
    if name in state.names.visible or name.isupper():
        _use(state, name, start, first)
    elif is_compared(state.code, start, end) or (is_callback_name(name) and is_compared_with_null(state.code, end)):
        state.names.use(name, start, handed_on=True)  # ``command == do_copy``
    else:
        is_flag = not name.islower() and is_pascal_name(name) and is_masked(state.code, start, end)
        _use(state, name, start, first, is_value=is_flag)


def _is_quoted(state: State, name: str) -> bool:
    """Tell whether an argument that is more than a name is text for a macro of this text."""
    call = state.calls[-1]
    return name not in state.names.visible and state.names.context.macros.quotes(call.name, call.index)


def _in_arguments(state: State, name: str, start: int, _first: bool) -> None:
    at_argument(state, name, start)


def _in_members(state: State, name: str, start: int, first: bool) -> None:
    if first and state.calls and roots_argument(state):
        at_argument(state, name, start)
    elif first and state.kinds[-3:] == _MEASURED and is_type_name(name) and name not in state.names.visible:
        state.names.mention(name)  # ``sizeof(u8[4])``
    elif first and state.loops and state.kinds[around_members(state.kinds)] == "comma_expression":
        state.loops[-1].bare.append((name, start))
    else:
        if first and state.calls and name not in state.names.visible and begins_macro(state):
            state.names.give(state.calls[-1].name, name)
        state.names.use(name, start)


def _in_assignment(state: State, name: str, start: int, first: bool) -> None:
    if not first and (name in state.names.visible or name.isupper()):
        state.names.use(name, start)
    elif not first:
        target, is_element, is_member = assigned_to(state.code, start)
        if is_member and name not in state.names.visible and _ends_as(name, target):
            _give_member(state, name, target)
        is_function = (is_member or len(name) > SHORT) and is_function_of(state, name, target)
        if is_function or (not is_member and takes_function(state, name, start)):
            state.names.mention(name)
        else:
            state.names.use(name, start, handed_on=is_element or is_member, is_value=True)
            if is_member and target == name and name not in state.names.visible:
                state.names.give("=", name)  # ``table->close = close;``
    elif state.kinds[-2] in DISCARDING and ASSIGNED.match(state.code, start + len(name)):
        state.names.write(name, start)
    else:
        state.names.use(name, start)


def _ends_as(name: str, member: str) -> bool:
    """Tell whether a name ends as a member is called: ``sum_add`` as ``add``, ``sumAdd``, too."""
    return bool(member) and name != member and name.endswith((f"_{member}", f"{member[:1].upper()}{member[1:]}"))


def _give_member(state: State, name: str, member: str) -> None:
    """Take a name that ends as the member that it is given to: of several, ``h->add = sum_add``, all are functions."""
    if not is_made_of_local(name.split("_")):
        state.names.give(f"={name[: -len(member)]}", name)


def _in_return(state: State, name: str, start: int, _first: bool) -> None:
    state.names.use(name, start, returned=True, is_value=True)


def _in_choice(state: State, name: str, start: int, first: bool) -> None:
    if name in state.names.visible or name.isupper():
        _use(state, name, start, first)
    elif not first and takes_function(state, name, start):
        state.names.mention(name)
    elif not first and state.kinds[-3:] == _CHOSEN_CALLEE:
        state.names.mention(name)  # ``(old ? read_old : read_new)(file)``
    elif state.kinds[-1] == "conditional_expression":
        _use(state, name, start, first, is_value=not first)
    elif precedes_function(state.code[max(0, start - 200) : start]) and not state.names.is_slip(name):
        state.names.mention(name)
    elif state.kinds[-1] == "cast_expression" and is_callback_name(name):
        state.names.use(name, start, handed_on=True)
    else:
        _use(state, name, start, first, is_value=True)


def _in_parentheses(state: State, name: str, start: int, _first: bool) -> None:
    if state.loops:
        state.loops[-1].bare.append((name, start))
    elif may_be_type(state, name, start):
        state.names.mention(name)
    else:
        state.names.use(name, start)


def _in_comma(state: State, name: str, start: int, _first: bool) -> None:
    if state.loops:
        state.loops[-1].bare.append((name, start))
    else:
        state.names.use(name, start)


def _in_enumerator(state: State, name: str, start: int, first: bool) -> None:
    if first:
        declare_enumerator(state, name, start)
    else:
        state.names.use(name, start)


def _in_pair(state: State, name: str, start: int, _first: bool) -> None:
    if state.static and name not in state.names.visible:
        state.names.mention(name)  # what is initialised once takes constants: functions and enumerators of the file
    elif is_function_of(state, name, assigned_to(state.code, start)[0]):
        state.names.mention(name)
    else:
        state.names.use(name, start, handed_on=True)


def _mention(state: State, name: str, _start: int, _first: bool) -> None:
    state.names.mention(name)  # ``case NAME:`` and ``[NAME] =`` want constants, ``NAME;`` can only be a macro


def _in_asm_goto(state: State, name: str, start: int, _first: bool) -> None:
    state.names.open[-1].gotos.setdefault(name, start)


def _in_asm_operand(state: State, name: str, start: int, _first: bool) -> None:
    if state.code[max(start - 2, 0) : start].rstrip()[-1:] != b"[":  # ``[name] "r" (value)``
        state.names.use(name, start)


_IN_FUNCTION: Final[dict[str, Callable[[State, str, int, bool], None]]] = {
    "argument_list": _in_arguments,
    "field_expression": _in_members,
    "subscript_expression": _in_members,
    "assignment_expression": _in_assignment,
    "return_statement": _in_return,
    "conditional_expression": _in_choice,
    "cast_expression": _in_choice,
    "init_declarator": _in_choice,
    "parenthesized_expression": _in_parentheses,
    "binary_expression": _in_operation,
    "comma_expression": _in_comma,
    "enumerator": _in_enumerator,
    "initializer_pair": _in_pair,
    "initializer_list": _in_pair,
    "gnu_asm_goto_list": _in_asm_goto,
    "gnu_asm_output_operand": _in_asm_operand,
    "gnu_asm_input_operand": _in_asm_operand,
    "pointer_expression": in_address,
    **dict.fromkeys(_NEVER_VARIABLE, _mention),
}
