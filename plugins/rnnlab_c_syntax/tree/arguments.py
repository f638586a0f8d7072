"""Whether an argument that nothing declares is a variable of the function's at all.

A macro that nobody defines may declare it, take it for a member, or make a name of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from rnnlab_c_syntax.beside_declarations import follows_declaration, precedes_declaration
from rnnlab_c_syntax.looks import declares_arguments, ends_in_value, is_macro_name, may_declare
from rnnlab_c_syntax.places import find_word
from rnnlab_c_syntax.scopes import QUIET
from rnnlab_c_syntax.tree.state import Call, State

#: What is given a type and one of its members: ``list_container(row, link, at)``, ``XyOffsetOf(row, link)``.
_OF_MEMBER = ("struct_member", "ontainer", "ffsetOf")
#: ``CHECK_V_F(size, compress(…));`` may declare a name for what the call gives.
_RESULT = re.compile(rb"\s*,\s*[A-Za-z_]\w*\s*\(")
_BLANK_LINE = re.compile(r";[ \t]*+\n[ \t]*+\n")
#: ``&SHARED_NAME(word)`` makes a name of the word.
_ADDRESS_OF_CALL = re.compile(rb"[(,=]\s*+&[ \t]*+[A-Za-z_]\w*+\([ \t]*+\Z")
_ALL_OF_CALL = re.compile(rb"[ \t]*+\)[ \t]*+[,;)]")
#: How far on a name is looked for that a macro may declare.
_REACH = 30_000
_LONGEST_GAP = 200
_LONGEST_CONSTANT = 80


def is_no_value(state: State, call: Call, name: str, start: int, index: int) -> bool:
    """Tell whether an argument is none of a function's: what a macro declares, jumps to, or takes for a member."""
    names = state.names
    macros = names.context.macros
    if call.name in state.members and call.name not in macros:
        return index in state.members[call.name]
    if not index and call.index > 0 and call.name.endswith("cast"):
        return True
    if call.name in macros:
        if not macros.takes_value(call.name, index):
            if macros.jumps_to(call.name, index):
                names.open[-1].gotos.setdefault(name, start)
            elif call.statement and not names.mention_label(name, start, state.ends[-1][1]):
                names.declare(name, start, QUIET)
            return True
        if macros.hands_on(call.name, index) and _is_member(state.code, name):
            names.mention(name)
            return True
        return False
    capitals = is_macro_name(call.name)
    if (
        (capitals or call.name.endswith("_DECL"))
        and call.statement
        and (_declares(state, call, name, start) or _begins_block(state, call, name, start))
    ):
        names.declare(name, start, QUIET)
        return True
    return (
        (0 <= call.type_index < index and not names.is_slip(name, of_member=True))
        or (index > 0 and any(part in call.name for part in _OF_MEMBER) and not names.is_slip(name, of_member=True))
        or (index > 0 and capitals and not _is_value(call, index) and not names.is_slip(name, of_member=True))
        or (call.index == 0 and _gives_address(state, name, start) and not names.is_slip(name))
    )


def _declares(state: State, call: Call, name: str, start: int) -> bool:
    """Tell whether a macro seems to declare an argument; what is not used behind it may be a local's slip instead."""
    return declares_arguments(call.name) and (not state.names.is_slip(name) or _stands_again(state.code, name, start))


def _stands_again(code: bytes, name: str, start: int) -> bool:
    """Tell whether a name that stands at ``start`` stands behind it in the same function, too."""
    reach = start + _REACH
    end = code.find(b"\n}", start, reach)
    return find_word(code, name.encode(), start + len(name), reach if end < 0 else end) >= 0


def _gives_address(state: State, name: str, start: int) -> bool:
    """Tell whether the address is taken of a call that is given ``name`` alone: then it is a macro's."""
    if _ADDRESS_OF_CALL.search(state.code, max(0, start - _LONGEST_CONSTANT), start) is None:
        return False
    return _ALL_OF_CALL.match(state.code, start + len(name)) is not None


def _is_value(call: Call, index: int) -> bool:
    """Tell whether an argument of a macro that nobody defines is a value all the same."""
    return index == call.index and ends_in_value(call.name)


def _is_member(code: bytes, name: str) -> bool:
    """Tell whether a member of something has this name."""
    return b"." + name.encode() in code or b">" + name.encode() in code


def _begins_block(state: State, call: Call, name: str, start: int) -> bool:
    """Tell whether a macro stands among declarations, and what it is given is used afterwards: it may declare that."""
    code = state.code
    if _opens_block(state, call, name, start):
        return True
    states = not may_declare(call.name)
    if states and (name in state.names.open[-1].unresolved or not _RESULT.match(code, start + len(name))):
        return False
    begin = code.rfind(call.name.encode(), max(0, start - _REACH), start)
    if begin < 0 or not _stands_again(code, name, start):
        return False
    return states or follows_declaration(code, begin) or precedes_declaration(code, start)


def _opens_block(state: State, call: Call, name: str, start: int) -> bool:
    """Tell whether a macro is the first thing in a block and may declare what it is given.

    It needs no semicolon, or a line without anything follows, as declarations have one behind them.
    """
    code, lacking = state.code, state.masked.lacking
    end = code.find(b")", start) + 1
    index = bisect_left(lacking, end)
    if lacking[index : index + 1] != [end]:
        if _BLANK_LINE.match(state.text, end) is None or not may_declare(call.name):
            return False
        if call.index and len(call.bare) == 1:
            return False  # of several arguments one that nothing declares may be a slip
        if name in state.names.open[-1].unresolved or not _stands_again(code, name, start):
            return False
    begin = code.rfind(call.name.encode(), max(0, start - _REACH), start)
    return code[max(0, begin - _LONGEST_GAP) : max(0, begin)].rstrip()[-1:] == b"{"
