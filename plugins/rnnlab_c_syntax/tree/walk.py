"""One walk over the tree of a text that tells :mod:`rnnlab_c_syntax.scopes` what it meets.

The walk is a loop over a cursor, not a recursion: a megabyte of nested blocks is one long
path. The body of a function that holds an ERROR node is not entered; :mod:`flat` reads it.
What is done at a node stands in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tree_sitter import Node, Tree

from rnnlab_c_syntax.tree import calls, declarations, functions, loops, parameters
from rnnlab_c_syntax.tree.kinds import (
    COMMA,
    DESCEND,
    ENDS,
    FIRST_IS_SIGN,
    IS_COUNTED,
    IS_LONE,
    NAME,
    PARTS,
    READING,
    READING_BEHIND,
    SIGN_BETWEEN,
    SKIP,
    kinds,
)
from rnnlab_c_syntax.tree.parts import AROUND_PART, sets_part
from rnnlab_c_syntax.tree.state import State
from rnnlab_c_syntax.tree.uses import ASSIGNED, at_name

#: What is done at the nodes that matter; each tells whether to go into the node.
_ENTER: Final[dict[str, Callable[[State, Node], bool]]] = {
    "function_definition": functions.enter_function,
    "compound_statement": functions.enter_block,
    "for_statement": functions.enter_for,
    "statement_identifier": functions.at_label,
    "return_statement": functions.enter_return,
    "break_statement": functions.at_jump,
    "continue_statement": functions.at_jump,
    "case_statement": functions.enter_case,
    "ERROR": functions.enter_error,
    "declaration": declarations.enter_declaration,
    "type_definition": declarations.enter_declaration,
    "parameter_list": parameters.enter_parameters,
    "initializer_list": declarations.enter_contents,
    "field_declaration_list": declarations.enter_contents,
    "struct_specifier": declarations.enter_tagged,
    "union_specifier": declarations.enter_tagged,
    "type_identifier": declarations.at_type,
    "macro_type_specifier": declarations.enter_macro_type,
    "argument_list": calls.enter_arguments,
    "while_statement": loops.enter_while,
    "parenthesized_expression": loops.enter_parentheses,
}
#: What is done when they end.
_LEAVE: Final[dict[str, Callable[[State], None]]] = {
    "function_definition": functions.leave_function,
    "compound_statement": functions.leave_block,
    "for_statement": functions.leave_for,
    "declaration": declarations.leave_declaration,
    "parameter_list": parameters.leave_parameters,
    "argument_list": calls.leave_arguments,
    "parenthesized_expression": loops.leave_parentheses,
}


def walk(tree: Tree, state: State) -> None:
    """Walk over ``tree`` from its root."""
    cursor = tree.walk()
    down, right, up = cursor.goto_first_child, cursor.goto_next_sibling, cursor.goto_parent
    table = kinds(frozenset(_ENTER), frozenset(_LEAVE))
    names, steps, moves, last = table.names, table.steps, table.moves, len(table.names) - 1
    text, around, functions, visible = state.text, state.kinds, state.names.open, state.names.visible
    mention, code, assigned = state.names.mention, state.code, ASSIGNED.match
    parent = ""
    first = True
    move = 0
    outer: list[int] = []  # the moves of the nodes around
    while True:
        node: Node = cursor.node  # type: ignore[assignment]  # there always is one
        kind: int = node.kind_id
        if kind > last:
            kind = last  # ERROR
        step = steps[kind]
        if step == SKIP:
            pass
        elif step == NAME:
            start = node.start_byte
            name = text[start : node.end_byte]
            binding = visible.get(name)
            if first and parent == "call_expression":
                state.callee = name
                if binding is None:
                    mention(name)
                else:
                    binding.reads += 1
            elif binding is None or not functions:
                at_name(state, name, start, first)
            elif first and parent in PARTS and around[-2] in AROUND_PART and sets_part(state, binding, node.end_byte):
                binding.writes += 1
                functions[-1].uses += 1
            elif parent in READING or (not first and parent in READING_BEHIND):
                binding.reads += 1
                functions[-1].uses += 1
            elif parent == "assignment_expression" and around[-2] == "expression_statement":
                if assigned(code, start + len(name)):
                    binding.writes += 1
                else:
                    binding.reads += 1
                functions[-1].uses += 1
            else:
                at_name(state, name, start, first)
        elif step == COMMA:
            if parent == "argument_list":
                state.calls[-1].index += 1
        else:
            called = names[kind]
            if step == DESCEND or _ENTER[called](state, node):
                if down():
                    around.append(called)
                    outer.append(move)
                    parent = called
                    # Only a function that no ERROR node is in has its nodes where the grammar wants them.
                    move = moves[kind] if functions else moves[kind] & ENDS
                    first = not move & FIRST_IS_SIGN
                    if first or right():
                        continue
                elif called in _LEAVE:
                    _LEAVE[called](state)
        first = False
        while move & IS_LONE or not right() or (move & SIGN_BETWEEN and not right()):
            if not up():
                return
            called = around.pop()
            parent = around[-1] if around else ""
            if move & ENDS:
                _LEAVE[called](state)
            move = outer.pop()
        if move & IS_COUNTED:
            state.calls[-1].index += 1
