"""What the walk does at declarations: declarators, parameters, typedef names, macros that look like types."""

from __future__ import annotations

import re

from tree_sitter import Node

from rnnlab_c_syntax.looks import is_local_macro
from rnnlab_c_syntax.scopes import ENUMERATOR, FUNCTION, PARAMETER, QUIET, TYPEDEF, VARIABLE
from rnnlab_c_syntax.tree.beside_macros import swallowed
from rnnlab_c_syntax.tree.kinds import FIELD_TYPE
from rnnlab_c_syntax.tree.misplaced import at_else
from rnnlab_c_syntax.tree.parameters import declare_in_header
from rnnlab_c_syntax.tree.parts import dimensions
from rnnlab_c_syntax.tree.state import State
from rnnlab_c_syntax.tree.types import (
    TYPEOF,
    goes_on,
    has_value_below,
    hides_for_nothing,
    is_given_to_macro,
    is_measured_value,
    is_set_behind_macro,
    multiplies,
    read_type_of,
)

_NO_DECLARATION = re.compile(rb"\)\s*\n\s*")
_DECLARING_MACRO = re.compile(rb"\w+[ \t]*\([ \t]*([A-Za-z_]\w*+)[ \t]*[,)]")
#: The same of a macro that the text does not define: ``int uninitialized_var(count);``.
_WRAPPED_NAME = re.compile(rb"\w+[ \t]*\([ \t]*([A-Za-z_]\w*+)[ \t]*\)[ \t]*[;=,]")
_RETURNS = re.compile(rb"\breturn[ \t]*\([ \t]*\Z")
_LINE_ENDS = re.compile(rb"[ \t\r]*\n")
_ENDS = re.compile(rb"[ \t]*+;")
_LONGEST_NAME = 80
#: What stands behind a type that a macro made look like a variable: ``ALIGN_of_8 word sums[4];``.
_DECLARATOR = re.compile(rb"(?=[ \t*])[ \t]*+\**[ \t]*+([A-Za-z_]\w*+)[ \t]*+[;,=\[]")
_STORAGE = re.compile(rb"\s*(?:(?:const|volatile|register|auto|inline)\s+)*(extern|typedef|static)?\b")
_SPECIFIERS = (b"static", b"extern", b"typedef", b"const", b"volatile", b"register", b"auto", b"inline")
_TAGGED = frozenset(("struct_specifier", "union_specifier", "enum_specifier"))
_AROUND_NEW_TYPE = frozenset(
    ("pointer_declarator", "array_declarator", "function_declarator", "parenthesized_declarator")
)

#: ``(row) { 0 }``
_TYPE_OF_LITERAL = ["compound_literal_expression", "type_descriptor"]


def enter_declaration(state: State, node: Node) -> bool:
    """Begin a declaration: what its specifiers say of all its names."""
    start = node.start_byte
    if state.is_read_again is not None and not state.names.open and state.is_read_again(start):
        return False
    match = _STORAGE.match(state.code, start, start + 80) if state.code.startswith(_SPECIFIERS, start) else None
    storage = match[1] if match else None
    state.extern = storage == b"extern"
    state.static = storage == b"static"
    state.declaration = node
    state.no_declaration = hides_for_nothing(state, node)
    return True


def leave_declaration(state: State) -> None:
    """End it."""
    state.no_declaration = state.static = False


def enter_contents(state: State, node: Node) -> bool:
    """Go into the members of a type or the values of an initialiser; in file scope only enumerators matter."""
    return bool(state.names.open) or b"enum" in state.code[node.start_byte : node.end_byte]


def enter_tagged(state: State, node: Node) -> bool:
    """Go into a ``struct`` or ``union`` only where its members stand: its tag is in a name space of its own."""
    return state.code.find(b"{", node.start_byte, node.end_byte) >= 0


def enter_macro_type(state: State, node: Node) -> bool:
    """Take ``NAME(…)`` where a type is expected: at a line's end it is a statement."""
    name = node.child_by_field_name("name")
    state.macro = "" if name is None else state.word(name)
    if name is None or state.macro in TYPEOF:
        return True
    is_alone = _LINE_ENDS.match(state.code, name.end_byte) is not None  # ``(void)name;`` below is no type
    if state.kinds[-1] == "declaration" and (is_alone or _NO_DECLARATION.match(state.code, node.end_byte - 1)):
        if state.names.open and not is_alone:
            state.faults.unended(node.end_byte)
        state.no_declaration = True  # a loop without braces, or a macro that needs no semicolon
    return True


def at_type(state: State, node: Node) -> bool:
    """Take a word that the parser reads as a type."""
    parent = state.kinds[-1] if state.kinds else ""
    if parent in _TAGGED:
        return False
    names = state.names
    name = state.word(node)
    if name == "else" and names.open and parent == "declaration":
        at_else(state, node)
        state.no_declaration = True  # what follows is a statement
        return False
    if (parent == "declaration" and not state.no_declaration) or state.kinds[-2:] == _TYPE_OF_LITERAL:
        names.types.add(name)
    if names.open and node.start_byte in state.masked.types and name.startswith(("typeof", "__typeof")):
        read_type_of(state, name)
    elif "type_definition" in state.kinds[-6:] and _is_new_type(state, node, parent):
        names.declare(name, node.start_byte, TYPEDEF)
    elif parent == "parameter_declaration" and state.no_declaration:
        if names.open and _RETURNS.search(state.code, max(0, node.start_byte - 40), node.start_byte):
            names.use(name, node.start_byte)  # a statement without its semicolon stands before
        else:
            names.mention(name)
    elif parent == "parameter_declaration":
        after = state.code[node.end_byte : node.end_byte + 40].lstrip()[:1]
        if state.parameters and state.parameters[-1] and after in (b",", b")"):
            names.declare(name, node.start_byte, QUIET)
        elif names.open and (binding := names.visible.get(name)) is not None and binding.kind <= PARAMETER:
            binding.reads += 1  # ``(typeof(name))``
    elif names.open and parent in ("type_descriptor", "declaration"):
        binding = names.visible.get(name)
        if binding is not None and (binding.kind <= PARAMETER or multiplies(state, node, binding)):
            binding.reads += 1
            state.no_declaration = state.no_declaration or parent == "declaration"
        elif parent == "declaration" and _LINE_ENDS.match(state.code, node.end_byte):
            first = state.declaration is None or state.declaration.start_byte == node.start_byte
            is_more = goes_on(state, node) or has_value_below(state, node, name)
            state.no_declaration = first and not is_more  # else it is a macro that is a statement
            names.mention(name)
        elif state.no_declaration and parent == "type_descriptor":
            macros = names.context.macros
            if state.macro in macros and not macros.takes_value(state.macro, 0):
                names.mention(name)
            else:
                names.use(name, node.start_byte)
        elif parent == "type_descriptor" and is_measured_value(state, node, name):
            names.use(name, node.start_byte, handed_on=True)
        elif not state.no_declaration:
            state.type_words.add(name)
    elif names.open and parent == "compound_statement":
        names.mention(name)  # a macro that is the last statement
    return False


def _is_new_type(state: State, node: Node, parent: str) -> bool:
    """Tell whether a word in a ``typedef`` is what it defines."""
    if parent == "type_definition":
        return state.code[node.end_byte : node.end_byte + 40].lstrip()[:1] in (b";", b",", b"")
    return parent in _AROUND_NEW_TYPE


def declare(state: State, name: str, start: int, parent: str) -> None:
    """Take the name in a declarator."""
    names = state.names
    if state.no_declaration:
        if parent == "function_declarator":
            names.mention(name)  # a call
        elif names.open and parent == "declaration" and _ENDS.match(state.code, start + len(name)):
            names.mention(name)  # a word that is all of a statement
        elif names.open:
            names.use(name, start)
    elif state.in_header:
        declare_in_header(state, name, start, parent)
    elif state.parameters:
        names.declare(name, start, QUIET)
    elif parent == "function_declarator":
        _declare_function(state, name, start)
    elif names.open and parent == "init_declarator" and is_set_behind_macro(state, name):
        names.write(name, start)
    elif names.open and parent == "pointer_declarator" and is_given_to_macro(state, name):
        names.use(name, start)
    elif names.open and parent == "declaration" and (match := _DECLARATOR.match(state.code, start + len(name))):
        names.mention(name)  # it is the type
        names.declare(match[1].decode(), match.start(1), QUIET)
    elif names.open and parent == "declaration" and (kind := swallowed(state, name)) is not None:
        names.mention(name)  # ``unsigned long sum UNSET;``
        names.declare(state.word(kind), kind.start_byte, VARIABLE)
    elif names.open:
        quiet = (state.extern and name in names.context.known) or (
            len(name) > 1 and is_local_macro(name) and _is_no_declarator(state, start)
        )
        names.declare(name, start, QUIET if quiet else VARIABLE, again=state.extern)
        names.scopes[-1][name].is_elsewhere = state.extern
        if parent == "array_declarator":
            names.scopes[-1][name].dimensions = dimensions(state.kinds)
    elif not state.is_in_block(start):  # a damaged function's locals are not the file's
        names.declare(name, start, QUIET)
        if not state.static:
            names.shared.add(name)


def _declare_function(state: State, name: str, start: int) -> None:
    """Take the name of a prototype, or what a macro that looks like one declares: ``u16 CRC_INIT(crc);``."""
    names = state.names
    in_text = name in names.context.macros
    macro = (_DECLARING_MACRO if in_text else _WRAPPED_NAME).match(state.code, start) if names.open else None
    if macro is not None:
        names.declare(macro[1].decode(), macro.start(1), QUIET)
    if macro is None or not in_text:
        names.declare(name, start, FUNCTION)
        if _returns_value(state):
            names.returning.add(name)


def _returns_value(state: State) -> bool:
    """Tell whether a function that is declared has a type that is not ``void``."""
    kind = None if state.declaration is None else state.declaration.child_by_field_id(FIELD_TYPE)
    if kind is None:
        return False
    return "pointer_declarator" in state.kinds[-4:] or (kind.type == "primitive_type" and state.word(kind) != "void")


def _is_no_declarator(state: State, start: int) -> bool:
    """Tell whether capitals at ``start`` are a macro: what stands before them is one, too, or the members of a type."""
    first = state.declaration.child(0) if state.declaration is not None else None
    if first is not None and is_local_macro(state.word(first)):
        return True
    return state.code[max(0, start - _LONGEST_NAME) : start].rstrip()[-1:] == b"}"


def declare_enumerator(state: State, name: str, start: int) -> None:
    """Take the name of an enumerator."""
    state.names.declare(name, start, ENUMERATOR)
