"""What stands between C and a grammar without a preprocessor: taken out or made plain, at equal length.

What decorates declarations, what stands at file scope and what is a type that does not look like one have
modules of their own. Here the head of an iteration macro becomes ``while``, so that its block belongs to it. What
few texts have and the parser gives up on is looked for only where it gave up: that is masked a second time.
Everything is a pattern over code without comments, literals and directives.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from rnnlab_c_syntax.assembly import assembly
from rnnlab_c_syntax.behind_parameters import behind_parameters
from rnnlab_c_syntax.beside_arguments import beside_arguments
from rnnlab_c_syntax.blanks import ARGUMENTS, blank_group
from rnnlab_c_syntax.bodies import Body
from rnnlab_c_syntax.decorations import undecorated, without_capitals
from rnnlab_c_syntax.designators import designators
from rnnlab_c_syntax.extract import Extract
from rnnlab_c_syntax.file_scope import (
    before_names,
    beside_function_types,
    macros_and_old_parameters,
    prototypes,
    static_macros,
    untyped,
)
from rnnlab_c_syntax.first_values import behind_declarators
from rnnlab_c_syntax.forgotten import mend, mend_prototypes
from rnnlab_c_syntax.headers import headers
from rnnlab_c_syntax.macros import Macros
from rnnlab_c_syntax.odd_macros import before_statements, odd_macros
from rnnlab_c_syntax.places import Range, contains, holds
from rnnlab_c_syntax.qualifiers import without_qualifiers
from rnnlab_c_syntax.rarities import misread, rarities
from rnnlab_c_syntax.stand_ins import stand_ins
from rnnlab_c_syntax.typelike import beside_types, macro_types, pointers, type_arguments, typeofs

_LOOP = re.compile(
    rb"\n([ \t]++(?:else[ \t]++|))([A-Za-z_]\w{4,}+)[ \t]*+(?!\([^()\n]*+\);|\([ \t]*+\w++[ \t]*+:\))"
    + ARGUMENTS
    + rb"(?=[ \t\n]*\{|(?:[ \t]*+\n)++([ \t]++)(?!->)[A-Za-z_*(+-])"
)
#: What the block of a macro that opens one may begin with, and no loop's body is.
_DECLARATION = re.compile(
    rb"\s*+(?!(?:return|goto|else|case)\b)[A-Za-z_]\w*+(?:[ \t]++\**+|[ \t]*+\*++)"
    rb"[ \t]*+[A-Za-z_]\w*+[ \t]*+(?:;|=(?!=))"
)
#: The end of a ``do`` that is a macro's: ``} while_each_thread(leader, task);``.
_LOOP_END = re.compile(rb"w(?<=[}\s]w)hile(_each\w*+)(?=[ \t]*+" + ARGUMENTS + rb"\s*+;)")
#: What stands in braces in a table: no statement.
_ELEMENT = re.compile(rb"\s*+\{\s*+[^{};\s][^{};]*+\}[ \t]*+[,}]")
#: What stands in the line before the name of a function within a function.
_TYPE = re.compile(rb"\b(?:void|char|short|int|long|unsigned|float|double|bool|\w++(?<=_t))[\s*]*+\Z")
_LONGEST_TYPE = 120
_LONGEST_LINE = 200
_CONTROL = frozenset((b"while", b"switch", b"return", b"sizeof", b"defined", b"struct", b"union"))


@dataclass(slots=True)
class Masked:
    """The text for the parser and what was learned in making it."""

    code: bytes
    #: Where the name of an iteration macro stood.
    loops: set[int] = field(default_factory=set)
    #: Where a type among the arguments of a call was made one word.
    types: set[int] = field(default_factory=set)
    #: Where statements end that lacked their semicolon.
    lacking: list[int] = field(default_factory=list)

    def replace(self, ranges: list[Range], part: Masked, held: Extract) -> None:
        """Put ``part``, made of what is ``held`` of the text, in the place of ``ranges``."""
        self.code = held.put_back(self.code, part.code)
        for here, there in ((self.loops, part.loops), (self.types, part.types)):
            here.difference_update([place for place in here if contains(ranges, place)])
            here.update(map(held.original, there))
        lacking = [place for place in self.lacking if not contains(ranges, place)]
        self.lacking = sorted([*lacking, *map(held.original_end, part.lacking)])


def mask(code: bytes, bodies: list[Body], macros: Macros, *, with_rarities: bool = False) -> Masked:
    """Make ``code`` parse, in which ``bodies`` are the functions by their looks.

    What few texts have, and the parser gives up on, stays as it is unless it is to go ``with_rarities``.
    """
    result = Masked(code)
    # A line's end stands before every line: it is what the patterns begin with.
    code = b"\n" + stand_ins(code, macros, result.loops)
    insides = [(body.brace + 2, body.end - 1) for body in bodies if body.closed]
    code = _outside(code, insides, headers)
    code = prototypes(undecorated(before_statements(misread(code))))
    code = typeofs(macro_types(code, result.types), result.types)
    code = pointers(without_rarities(code) if with_rarities else code)
    code = _outside(code, insides, _around_functions)
    code = type_arguments(static_macros(code), result.types)
    code = _LOOP.sub(lambda m: _loop(m, result), code)
    if holds(code, b"while_each"):
        code = _LOOP_END.sub(lambda m: _loop_end(m, result), code)
    code, prototypes_lacking = mend_prototypes(code)
    code, lacking = mend(code)
    result.lacking = [place - 1 for place in sorted([*prototypes_lacking, *lacking])]
    result.code = code[1:]
    return result


def without_rarities(code: bytes) -> bytes:
    """Make plain what few texts have and the parser gives up on."""
    code = without_qualifiers(beside_types(behind_declarators(without_capitals(code))))
    code = rarities(assembly(code))
    return beside_function_types(designators(odd_macros(beside_arguments(code))))


def _around_functions(code: bytes) -> bytes:
    """Make plain what stands around functions and between their parts."""
    return untyped(macros_and_old_parameters(before_names(behind_parameters(without_capitals(code)))))


def _outside(code: bytes, insides: list[Range], change: Callable[[bytes], bytes]) -> bytes:
    """Let ``change``, which keeps lengths, see ``code`` without the insides of functions: they are most of a text."""
    pieces: list[bytes] = []
    done = 0
    for start, end in insides:
        pieces.append(code[done:start])
        done = max(start, end)
    pieces.append(code[done:])
    changed = change(b"".join(pieces))
    put: list[bytes] = []
    here = 0
    for piece, (start, end) in zip(pieces, insides, strict=False):
        put += (changed[here : here + len(piece)], code[start : max(start, end)])
        here += len(piece)
    return b"".join([*put, changed[here:]])


def _loop(match: re.Match[bytes], result: Masked) -> bytes:
    name = match[2]
    if name in _CONTROL or (match[1].strip() and name == b"if"):
        return match[0]
    if match[3] is None and (
        _ELEMENT.match(match.string, match.end(), match.end() + _LONGEST_LINE)
        or _TYPE.search(match.string, max(0, match.start() - _LONGEST_TYPE), match.start())
    ):
        return match[0]
    if match[3] is not None:  # without a block: what follows must be deeper, and this a statement
        before = match.string[max(0, match.start() - 200) : match.start()].rstrip()
        if len(match[3].expandtabs()) <= len(match[1].expandtabs()) or match[1].strip():
            return match[0]
        if before[-1:] not in (b";", b"{", b"}", b":", b")", b""):
            return match[0]
        if _DECLARATION.match(match.string, match.end(), match.end() + _LONGEST_LINE):
            head = len(match[1] + name) + 1  # what opens the block is no more than a use of what it is given
            inside = match[0][head:-1].lstrip(b" \t(")
            return b"\n" + b" " * (len(match[0]) - len(inside) - 2) + inside + b";"
    result.loops.add(match.start(2) - 1)
    return b"\n" + match[1] + b"while" + b" " * (len(name) - 5) + match[0][1 + len(match[1] + name) :]


def _loop_end(match: re.Match[bytes], result: Masked) -> bytes:
    before = match.string[max(0, match.start() - _LONGEST_LINE) : match.start()].rstrip()
    if before[-1:] != b"}":
        return match[0]
    result.loops.add(match.start() - 1)
    return blank_group(match)
