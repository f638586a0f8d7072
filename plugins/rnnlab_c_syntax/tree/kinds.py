"""The kinds of nodes of the grammar of C, numbered, and which of them the walk stops at.

A tree has a quarter of a million nodes a megabyte, so what is to be done at one is looked up
by the number of its kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rnnlab_c_syntax.tree.parser import language

#: The numbers of the fields that a function definition has.
FIELD_TYPE, FIELD_DECLARATOR, FIELD_BODY = (
    language().field_id_for_name(name) or 0 for name in ("type", "declarator", "body")
)
#: What the walk does at a node: go on, go into it, or one of the things that it does itself.
SKIP: Final = 0
DESCEND: Final = 1
NAME: Final = 2
COMMA: Final = 3
HANDLE: Final = 4
#: How it moves among the children of a node: not to the first, from the first back up, over every second; whether
#: something is to be done when the node ends, and whether its children are counted.
FIRST_IS_SIGN: Final = 1
IS_LONE: Final = 2
SIGN_BETWEEN: Final = 4
ENDS: Final = 8
IS_COUNTED: Final = 16
# fmt: off
#: No name that anything could be said about stands in these.
NAMELESS: Final = frozenset((
    "string_literal", "char_literal", "number_literal", "concatenated_string", "field_designator",
    "system_lib_string", "field_identifier", "primitive_type", "true", "false", "null", "storage_class_specifier",
    "type_qualifier",
))
_WITHOUT_NAMES: Final = NAMELESS | {"break_statement", "continue_statement"}
#: What a function's nodes begin with a sign or a keyword, those that hold one thing of interest, and those
#: in which a sign follows each. Half of a tree is signs, and nothing is to be said of most.
_SIGN_FIRST: Final = frozenset((
    "argument_list", "parenthesized_expression", "compound_statement", "if_statement", "else_clause",
    "while_statement", "do_statement", "for_statement", "switch_statement", "case_statement", "return_statement",
    "goto_statement", "unary_expression", "cast_expression", "sizeof_expression", "initializer_list",
    "pointer_expression", "parameter_list", "pointer_declarator",
))
_LONE: Final = frozenset((
    "expression_statement", "field_expression", "parenthesized_expression", "unary_expression", "pointer_expression",
    "return_statement", "goto_statement",
))
_SIGN_BETWEEN: Final = frozenset((
    "binary_expression", "assignment_expression", "init_declarator", "subscript_expression", "cast_expression",
    "comma_expression", "argument_list", "parameter_list", "initializer_list",
))
#: Where a name that comes first is a variable's of which a part is meant.
PARTS: Final = frozenset(("field_expression", "subscript_expression"))
#: Where a name that is known is read, and nothing more is to be said.
READING: Final = frozenset((
    "binary_expression", "field_expression", "subscript_expression", "pointer_expression", "argument_list",
    "unary_expression", "update_expression", "conditional_expression", "cast_expression", "sizeof_expression",
    "return_statement", "initializer_list",
))
#: The same, unless the name comes first.
READING_BEHIND: Final = frozenset(("assignment_expression", "init_declarator", "array_declarator"))
# fmt: on


@dataclass(frozen=True, slots=True)
class Kinds:
    """The grammar's kinds by number: their names, the step (``SKIP`` …) that the walk takes at each, and its moves."""

    names: list[str]
    steps: list[int]
    moves: list[int]


@lru_cache(maxsize=1)
def kinds(handled: frozenset[str], ending: frozenset[str]) -> Kinds:
    """Number the kinds of nodes; those in ``handled`` have a handler, those in ``ending`` one for their end.

    ``ERROR``, whose number is far from all others, comes last.
    """
    grammar = language()
    names = [grammar.node_kind_for_id(kind) or "" for kind in range(grammar.node_kind_count)] + ["ERROR"]
    steps: list[int] = []
    for kind, name in enumerate(names):
        if name == "identifier":
            steps.append(NAME)
        elif name == ",":
            steps.append(COMMA)
        elif name in handled:
            steps.append(HANDLE)
        elif name in _WITHOUT_NAMES or (name != "ERROR" and not grammar.node_kind_is_named(kind)):
            steps.append(SKIP)
        else:
            steps.append(DESCEND)
    return Kinds(names, steps, [_moves(name) + ENDS * (name in ending) for name in names])


def _moves(name: str) -> int:
    signs = FIRST_IS_SIGN * (name in _SIGN_FIRST) + SIGN_BETWEEN * (name in _SIGN_BETWEEN)
    return signs + IS_LONE * (name in _LONE) + IS_COUNTED * (name == "argument_list")
