"""Brackets without a partner that no mistake explains, but macros: the code is changed at equal length then.

A macro of the text may open a block that the text closes, or a call: ``ROWS(table) use(row); }``, ``FAIL "at", n);``.
And what macros make literals of, line by line, is of another language: ``CODE(0, run() )``, ``CODE(0, { )``,
``CODE(1, go(); )``, ``CODE(0, } )``. It is looked for only where brackets lack their partners.
"""

from __future__ import annotations

import re
from itertools import islice

from rnnlab_c_syntax.blanks import blank
from rnnlab_c_syntax.brackets import is_balanced
from rnnlab_c_syntax.macros import DEFINED_AGAIN, Macro, Macros
from rnnlab_c_syntax.places import Range, closing, find_words

#: A brace is all that a macro is given behind a number.
_BRACE_ALONE = re.compile(rb"\n[ \t]*+([A-Z_][A-Z0-9_]*+)\([ \t]*+\d++,[ \t]*+[{}][ \t;]*+\)")
_BRACE_SIGN = re.compile(rb",(?<=\d,)[ \t]*+[{}][ \t;]*+\)")
_LINE = re.compile(rb"(?:\n|:[ \t])[ \t]*+([A-Z_][A-Z0-9_]*+)\([ \t]*+\d++(,)")
#: Where such a line ends.
_END = re.compile(rb"(\))[ \t]*+[;,]?[ \t]*+(?:break;[ \t]*+)?\n")
#: What a macro is given behind it: ``CODE_OF(1, run(%d);   ,count)``.
_VALUES = re.compile(rb"[;{}\s],[ \t]*+([^;{}\s][^;{}]*+)\Z")
_LONGEST_CODE = 1000
_LONGEST_CALL = 200
_MOST_OPEN = 4
#: More of them no text has that is C.
_MOST_MACROS = 100


def explained(code: bytes, macros: Macros) -> bytes:
    """Change what may explain brackets without a partner."""
    return _with_calls(_with_braces(_without_quoted(code), macros), macros)


def _without_quoted(code: bytes) -> bytes:
    """Blank out code of another language."""
    if not _BRACE_SIGN.search(code):
        return code
    names = set(_BRACE_ALONE.findall(code))
    if not names:
        return code
    first = min(len(name) for name in names)
    stems = {name[: max(1, first - 1)] for name in names}  # those with values are called much the same
    ranges: list[Range] = []
    done = 0
    for line in _LINE.finditer(code):
        if line.start() < done or not (line[1] in names or line[1][: max(1, first - 1)] in stems):
            continue
        end = _end(code, line.end())
        if end < 0:
            continue
        done = end
        values = _VALUES.search(code[line.start(2) : end])
        if values is not None and is_balanced(values[1]):
            end = line.start(2) + values.start(1)
        ranges.append((line.start(2) if values is None else line.end(2), end))
    return blank(code, ranges)


def _end(code: bytes, start: int) -> int:
    """Give where the parenthesis stands that closes a macro whose text begins at ``start``; -1 if none does."""
    depth = 1
    counted = start
    for match in _END.finditer(code, start, start + _LONGEST_CODE):
        inside = code[counted : match.start()]
        depth += inside.count(b"(") - inside.count(b")")
        if depth == 1:
            return match.start()
        depth -= 1
        counted = match.end(1)
    return -1


def _with_braces(code: bytes, macros: Macros) -> bytes:
    """Put the braces that macros open in the place of what these are given."""
    changes: dict[int, bytes] = {}
    found = ((macro, opened) for macro in macros.values() if (opened := _opened(macro)))
    for macro, opened in islice(found, _MOST_MACROS):
        for at in find_words(code, macro.name.encode()):
            begin = at + len(macro.name)
            if code[begin : begin + 1] != b"(":
                continue
            close = closing(code, begin, _LONGEST_CALL)
            if close - begin > opened and b"\n" not in code[begin:close]:
                changes[begin] = (b";" + b"{" * opened).ljust(close + 1 - begin)
    pieces: list[bytes] = []
    done = 0
    for at in sorted(changes):
        if at >= done:
            pieces += [code[done:at], changes[at]]
            done = at + len(changes[at])
    return b"".join([*pieces, code[done:]]) if pieces else code


def _with_calls(code: bytes, macros: Macros) -> bytes:
    """Put the parentheses that macros open behind their names, where a blank is."""
    places = (
        at + len(macro.name)
        for macro in islice(filter(_opens_call, macros.values()), _MOST_MACROS)
        for at in find_words(code, macro.name.encode())
    )
    opened = bytearray(code)
    for place in places:
        if code[place : place + 1] in (b" ", b"\t"):
            opened[place] = 0x28
    return bytes(opened)


def _opens_call(macro: Macro) -> bool:
    """Tell whether a macro is the beginning of a call, whichever of its definitions holds: ``warn(LEVEL,``."""
    other: Macro | None = macro
    while other is not None:
        bodies = other.body.split(DEFINED_AGAIN)
        if other.parameters is not None or not all(is_balanced(body + b")") for body in bodies):
            return False
        other = other.other
    return True


def _opened(macro: Macro) -> int:
    """Tell how many braces a macro opens that it does not close; 0 of those that leave anything else open."""
    opened = macro.body.count(b"{") - macro.body.count(b"}")
    if macro.parameters is None or macro.other is not None or not 0 < opened <= _MOST_OPEN:
        return 0
    return opened if is_balanced(macro.body + b"}" * opened) else 0
