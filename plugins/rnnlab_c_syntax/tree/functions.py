"""What the walk does at functions, blocks, labels and returns."""

from __future__ import annotations

import re
from bisect import bisect_left

from tree_sitter import Node

from rnnlab_c_syntax.bodies import holds_members
from rnnlab_c_syntax.facts import Function, Issue
from rnnlab_c_syntax.looks import is_macro_name
from rnnlab_c_syntax.tree.kinds import FIELD_BODY, FIELD_DECLARATOR, FIELD_TYPE
from rnnlab_c_syntax.tree.state import State

_LOOPS = frozenset(("while_statement", "do_statement", "for_statement"))
_SWITCH = frozenset(("switch_statement",))
#: What a ``break`` may leave; a ``case`` outside of a ``switch`` is mistake enough.
_BREAKABLE = _LOOPS | _SWITCH | {"case_statement"}
_MOST_AROUND = 200
_STAR = 0x2A
#: ``return (void)fail(n);``
_NOTHING = re.compile(rb"\([ \t]*+void[ \t]*+\)")
_STATEMENT = re.compile(rb"(?:if|for|while|switch)\b")


def enter_function(state: State, node: Node) -> bool:
    """Open a function; of one whose tree cannot be believed only the header is read."""
    names = state.names
    start, end = node.start_byte, node.end_byte
    if state.is_read_again is not None and not names.open and state.is_read_again(start):
        return False
    function = names.enter_function(start, end)
    state.ends.append((start, end))
    state.in_header = True
    state.own_parameters = False
    state.no_declaration = False
    declarator = node.child_by_field_id(FIELD_DECLARATOR)
    if declarator is not None:
        function.is_void = _is_void(state, node.child_by_field_id(FIELD_TYPE), declarator)
        function.is_static = state.code[start : start + 6] == b"static" and len(names.open) == 1
        if len(names.open) > 1 and _STATEMENT.match(state.code, declarator.start_byte):
            names.open[0].damaged = True  # ``long n if (x) {``: what is taken for a function within it is none
    body = node.child_by_field_id(FIELD_BODY)
    members = holds_members(state.code, start, end)
    runs_on = body is not None and _runs_on(state.braces, body.start_byte + 1, end)
    swallows = start in state.faults.damaged and body is not None and b";" in state.code[start : body.start_byte]
    if runs_on or swallows:  # what stands before another function, or before its own header
        state.lost.append((start, end))
    headless = body is not None and b"(" not in state.code[start : body.start_byte]  # ``ruct state {``, cut off
    if body is not None and not (runs_on or swallows or headless):
        state.ended[body.start_byte] = end
    if body is not None and body.has_error:
        last = body.child(body.child_count - 1)
        function.complete = last is None or not last.is_missing  # the text ends before the function does
    function.damaged = members or body is None or headless or start in state.faults.damaged or runs_on
    if state.code[start : start + 5] == b"else ":
        function.damaged = True  # ``else if (n) {``, behind what the tree lost its way in
    return True


def _is_void(state: State, kind: Node | None, declarator: Node) -> bool | None:
    """Tell whether a function returns nothing; None where a macro, or a declarator of another shape, may hide it."""
    if kind is None or kind.type == "macro_type_specifier":
        return None
    is_function = declarator.type == "function_declarator"
    if kind.type != "primitive_type" or state.word(kind) != "void":
        return False if is_function and not _is_macro_header(state, kind, declarator) else None
    if declarator.type == "pointer_declarator":
        return False
    inner = declarator.child_by_field_id(FIELD_DECLARATOR)
    if inner is not None and inner.type == "parenthesized_declarator" and state.code[inner.start_byte + 1] == _STAR:
        return False  # ``void (*pick(int n))(int)``
    return True if is_function and inner is not None and inner.type == "identifier" else None


def _is_macro_header(state: State, kind: Node, declarator: Node) -> bool:
    """Tell whether a macro, behind another, may be all of a header: ``XY_API XY_HANDLER(name)``."""
    if kind.type != "type_identifier" or not is_macro_name(state.word(kind)):
        return False
    inner = declarator.child_by_field_id(FIELD_DECLARATOR)
    return inner is not None and is_macro_name(state.word(inner))


def _runs_on(braces: list[int], start: int, end: int) -> bool:
    """Tell whether another function's brace is within: then the tree has lost its way."""
    return bisect_left(braces, start) < bisect_left(braces, end)


def leave_function(state: State) -> None:
    """Close a function and judge it, if it can be judged."""
    names = state.names
    start, end = state.ends.pop()
    state.in_header = False
    if names.open[-1].damaged:
        names.abandon_function()
        return
    names.leave_function()
    if not names.open:
        state.covered.append((start, end))


def enter_block(state: State, node: Node) -> bool:
    """Open a block; the body of a function shares the scope of its parameters."""
    names = state.names
    if state.kinds and state.kinds[-1] == "function_definition":
        state.in_header = False
        return not names.open[-1].damaged
    if not names.open:  # a table that the grammar lost its way in, and all that follows
        state.lost.append((node.start_byte, node.end_byte))
        return False
    names.push()
    return True


def leave_block(state: State) -> None:
    """Close a block."""
    if not state.kinds or state.kinds[-1] != "function_definition":
        state.names.pop()


def enter_for(state: State, _node: Node) -> bool:
    """Open the scope of what a ``for`` declares."""
    state.names.push()
    return True


def leave_for(state: State) -> None:
    """Close it."""
    state.names.pop()


def at_label(state: State, node: Node) -> bool:
    """Take a label, or the name of one behind ``goto``."""
    if state.names.open:
        function = state.names.open[-1]
        targets = function.gotos if state.kinds[-1] == "goto_statement" else function.labels
        name, start = state.word(node), node.start_byte
        if targets is function.labels and name in targets and not _has_local_labels(state, function):
            function.issues.append(Issue("duplicate-label", start, name))
        targets.setdefault(name, start)
    return False


def _has_local_labels(state: State, function: Function) -> bool:
    """Tell whether a function has labels that belong to a block, as gcc has them."""
    if function.has_local_labels is None:
        function.has_local_labels = state.text.find("__label__", function.start, function.end) >= 0
    return function.has_local_labels


def enter_return(state: State, node: Node) -> bool:
    """Count a ``return``."""
    if state.names.open:
        function = state.names.open[-1]
        function.returns += 1
        if node.child_count <= 2 and not node.is_missing and node.named_child_count == 0:
            function.bare_returns.append(node.start_byte)
        elif function.is_void and (value := node.named_child(0)) is not None and not _may_be_nothing(state, value):
            function.value_returns.append(node.start_byte)
    return True


def at_jump(state: State, node: Node) -> bool:
    """Take a ``break`` or ``continue``."""
    word = "break" if node.type == "break_statement" else "continue"
    if state.names.open and not _is_within(state.kinds, _LOOPS if word == "continue" else _BREAKABLE):
        state.names.open[-1].misplaced.append((word, node.start_byte))
    return False


def enter_case(state: State, node: Node) -> bool:
    """Take a ``case`` or ``default``."""
    kinds = state.kinds
    is_lone = kinds[-1:] == ["while_statement"]  # a ``switch`` without braces, made one
    if kinds[-2:-1] != ["switch_statement"] and not is_lone and state.names.open and not _is_within(kinds, _SWITCH):
        word = "case" if state.code.startswith(b"case", node.start_byte) else "default"
        state.names.open[-1].misplaced.append((word, node.start_byte))
    return True


def _is_within(kinds: list[str], wanted: frozenset[str]) -> bool:
    """Tell whether one of the nodes around is one of ``wanted``, or so many are around that it may be."""
    for kind in kinds[: -_MOST_AROUND - 1 : -1]:
        if kind in wanted:
            return True
        if kind == "function_definition":
            return False
    return True


def _may_be_nothing(state: State, value: Node) -> bool:
    """Tell whether a value is what a function returns that may return nothing, too, for all that the text says."""
    if value.type != "call_expression":
        return _NOTHING.match(state.code, value.start_byte) is not None
    called = value.child_by_field_name("function")
    return called is None or called.type != "identifier" or state.word(called) not in state.names.returning


def enter_error(state: State, _node: Node) -> bool:
    """Go into what the grammar could not read only where names around it may be meant."""
    if state.names.open:
        return not state.in_header or bool(state.parameters)
    return bool(state.kinds) and state.kinds[-1] != "translation_unit"
