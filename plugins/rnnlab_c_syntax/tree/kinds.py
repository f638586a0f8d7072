"""The kinds of nodes of the grammar of C, numbered, and which of them the walk stops at.

A tree has a quarter of a million nodes a megabyte, so what is to be done at one is looked up
by the number of its kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rnnlab_c_syntax.tree.parser import language

ERROR = 65535
#: The numbers of the fields that a function definition has.
FIELD_TYPE, FIELD_DECLARATOR, FIELD_BODY = (
    language().field_id_for_name(name) or 0 for name in ("type", "declarator", "body")
)
#: What the walk does at a node: go on, go into it, or one of the things that it does itself.
SKIP, DESCEND, NAME, COMMA, HANDLE = range(5)
# fmt: off
#: No name that anything could be said about stands in these.
NAMELESS = frozenset((
    "string_literal", "char_literal", "number_literal", "concatenated_string", "field_designator",
    "system_lib_string", "field_identifier", "primitive_type", "true", "false", "null", "storage_class_specifier",
    "type_qualifier",
))
#: Where a name that is known is read, and nothing more is to be said.
READING = frozenset((
    "binary_expression", "field_expression", "subscript_expression", "pointer_expression", "argument_list",
    "unary_expression", "update_expression", "conditional_expression", "cast_expression", "sizeof_expression",
    "return_statement", "initializer_list",
))
#: The same, unless the name comes first.
READING_BEHIND = frozenset(("assignment_expression", "init_declarator", "array_declarator"))
# fmt: on


@dataclass(frozen=True, slots=True)
class Kinds:
    """The grammar's kinds: their names, and the step (``SKIP`` …) that the walk takes at each."""

    names: dict[int, str]
    steps: dict[int, int]


@lru_cache(maxsize=1)
def kinds(handled: frozenset[str]) -> Kinds:
    """Number the kinds of nodes; those named in ``handled`` have a handler."""
    grammar = language()
    names = {kind: grammar.node_kind_for_id(kind) or "" for kind in range(grammar.node_kind_count)}
    names[ERROR] = "ERROR"
    steps: dict[int, int] = {}
    for kind, name in names.items():
        if name == "identifier":
            steps[kind] = NAME
        elif name == ",":
            steps[kind] = COMMA
        elif name in handled:
            steps[kind] = HANDLE
        elif name in NAMELESS or (kind != ERROR and not grammar.node_kind_is_named(kind)):
            steps[kind] = SKIP
        else:
            steps[kind] = DESCEND
    return Kinds(names, steps)
