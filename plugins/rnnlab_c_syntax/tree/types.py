"""Whether a word that may be a variable by the grammar is a type's name, and the other way round."""

from __future__ import annotations

import re
from typing import Final

from tree_sitter import Node

from rnnlab_c_syntax.bindings import Binding
from rnnlab_c_syntax.keywords import TYPE_WORDS
from rnnlab_c_syntax.looks import is_macro_name, is_type_name, may_be_measured_type
from rnnlab_c_syntax.places import line_start
from rnnlab_c_syntax.scopes import PARAMETER, QUIET, TYPEDEF
from rnnlab_c_syntax.tree.kinds import FIELD_TYPE
from rnnlab_c_syntax.tree.state import State

_AROUND_TYPE: Final = frozenset(("sizeof_expression", "binary_expression", "alignof_expression", "pointer_expression"))
#: ``(name)-1`` and ``(name) &value``, where nobody reckons: casts.
_CAST: Final = re.compile(rb"\)(?:-\d|[ \t]&[A-Za-z_])")
TYPEOF: Final = frozenset(("typeof", "__typeof__", "__typeof", "typeof_unqual", "_Atomic"))
#: A name in an expression that is no member, and no function's.
_IN_EXPRESSION: Final = re.compile(r"(?<![\w.>])[A-Za-z_]\w*+(?!\s*+\()")
_TYPE_WORDS: Final = frozenset(word.decode() for word in TYPE_WORDS)
_VALUE_BELOW: Final = re.compile(rb"[ \t\r]*\n[ \t]*+[A-Za-z_]\w*+[ \t]*+=(?!=)")
_PRODUCT: Final = re.compile(rb"[ \t]*+\*[ \t]*+([A-Za-z_]\w*+)[ \t]*+;")
_DECLARATOR_BELOW: Final = re.compile(rb"[ \t\r]*\n([ \t]*+)((?:\*[ \t*]*+)?)([A-Za-z_]\w*+)\s*+(?:=(?!=)|[;,\[])")
_LINE_ENDS: Final = re.compile(rb"[ \t\r]*+\n")
_LONGEST_INDENT: Final = 200
_MOST_WORDS: Final = 10
_LAST_IN_BLOCK: Final = re.compile(rb"[A-Z][a-z]\w*+[ \t]++([A-Za-z_]\w*+)[ \t]*+;\s*+\}")
_TIMES: Final = re.compile(rb"\s*\)\s*\*")
_TIMES_BEFORE: Final = re.compile(rb"[\w)]\s*\*\s*sizeof\s*\(\s*\Z")


def may_be_type(state: State, name: str, start: int) -> bool:
    """Tell whether the whole of ``(name)`` may be a cast or what ``sizeof`` measures."""
    if name in state.names.visible or len(state.kinds) < 2:
        return False
    around = state.kinds[-2]
    if around == "call_expression":
        return True
    if around not in _AROUND_TYPE:
        return False
    if around == "sizeof_expression" and _is_measured_type(state, name, start):
        return True
    return is_type_name(name) or _CAST.match(state.code, start + len(name)) is not None


def _is_measured_type(state: State, name: str, start: int) -> bool:
    """Tell whether ``sizeof(name)`` is a type's: it looks so, or is multiplied: ``sizeof(record) * count``."""
    if name in state.type_words:
        return True
    if state.names.is_slip(name):
        return False
    end = start + len(name)
    if may_be_measured_type(name):
        return True
    return (
        _TIMES.match(state.code, end) is not None
        or _TIMES_BEFORE.search(state.code, max(0, start - 40), start) is not None
    )


def is_measured_value(state: State, node: Node, name: str) -> bool:
    """Tell whether the word in ``typeof(word)`` is by its looks a variable's name."""
    if state.no_declaration or node.start_byte in state.masked.types or len(state.kinds) < 2:
        return False
    around = state.kinds[-2]
    if around != "alignof_expression" and not (around == "macro_type_specifier" and state.macro in TYPEOF):
        return False
    return name not in state.names.visible and name not in state.type_words and not may_be_measured_type(name)


def read_type_of(state: State, text: str) -> None:
    """Take the names in an expression that gives its type: ``typeof(list->first) item;``."""
    for match in _IN_EXPRESSION.finditer(text, text.find("(")):
        if match[0] not in _TYPE_WORDS:
            state.names.mention(match[0])


def multiplies(state: State, node: Node, binding: Binding) -> bool:
    """Tell whether ``a * b;`` multiplies what stands in file scope, where ``a`` is: neither is a type's name."""
    match = None if binding.kind != QUIET or binding.level else _PRODUCT.match(state.code, node.end_byte)
    other = None if match is None else state.names.find(match[1].decode())
    return other is not None and other.kind <= QUIET and other.kind != TYPEDEF


def has_value_below(state: State, node: Node, name: str) -> bool:
    """Tell whether a word at its line's end is a type by its looks, below which its variable gets its value."""
    return is_type_name(name) and not is_macro_name(name) and _VALUE_BELOW.match(state.code, node.end_byte) is not None


def hides_for_nothing(state: State, node: Node) -> bool:
    """Tell whether a declaration ends its block and would hide a local: it is a macro's statement, ``Throw error;``."""
    names = state.names
    if not names.open or len(names.scopes) <= names.open[-1].depth + 1:
        return False
    match = _LAST_IN_BLOCK.match(state.code, node.start_byte)
    binding = None if match is None else names.visible.get(match[1].decode())
    return binding is not None and 0 < binding.level < len(names.scopes) - 1


def goes_on(state: State, node: Node) -> bool:
    """Tell whether what stands below a word at its line's end is the word's: a pointer or a new name, and deeper.

    As a statement of its own it may stand there as well, unless that would do nothing: ``word_t`` above ``width;``.
    """
    code = state.code
    match = _DECLARATOR_BELOW.match(code, node.end_byte)
    if match is None or not (match[2] or match[3].decode() not in state.names.visible):
        return False
    line = code[line_start(code, node.start_byte, _LONGEST_INDENT) : node.start_byte]
    deeper = len(match[1].expandtabs()) - len(line.expandtabs())
    return not line.strip() and (deeper > 0 or (not deeper and _does_nothing(match)))


def _does_nothing(match: re.Match[bytes]) -> bool:
    """Tell whether a declarator would do nothing as a statement; words in capitals may be a macro's."""
    return match[0][-1:] in (b";", b",") and not any(map(is_macro_name, match[3].decode().split("_")[:_MOST_WORDS]))


def is_set_behind_macro(state: State, name: str) -> bool:
    """Tell whether a local gets a value behind a macro: ``CHECK_ERROR rows = all();``, ``DEBUG(level) rows = 1;``."""
    binding = state.names.visible.get(name)
    if binding is None or binding.level == 0 or binding.kind > PARAMETER or state.declaration is None:
        return False
    kind = state.declaration.child_by_field_id(FIELD_TYPE)
    if kind is None or state.declaration.start_byte != kind.start_byte:
        return False
    if kind.type == "macro_type_specifier":
        return is_macro_name(state.macro)
    word = state.word(kind)
    is_own = word in state.names.context.macros
    is_alone = _LINE_ENDS.match(state.code, kind.end_byte) is not None
    if is_own or is_alone:  # it is no type, or all of a line
        return is_macro_name(word) or (is_own and is_alone)
    return binding.level == len(state.names.scopes) - 1 and is_macro_name(word)


def is_given_to_macro(state: State, name: str) -> bool:
    """Tell whether a pointer is what a macro of the text is given, which needs no semicolon: ``STORE(*place)``."""
    binding = state.names.visible.get(name)
    kind = None if state.declaration is None else state.declaration.child_by_field_id(FIELD_TYPE)
    if binding is None or binding.level == 0 or kind is None:
        return False
    macro = state.names.context.macros.get(state.word(kind))
    return macro is not None and macro.parameters is not None
