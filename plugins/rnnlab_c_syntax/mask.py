"""What stands between C and a grammar without a preprocessor: taken out or made plain, at equal length.

What decorates declarations, what stands at file scope and what is a type that does not look like one have
modules of their own. Here the head of an iteration macro becomes ``while``, so that its block belongs to it, and
what the grammar lacks within functions gets a shape that it knows. Everything is a pattern over code without
comments, literals and directives.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from rnnlab_c_syntax.assembly import assembly
from rnnlab_c_syntax.blanks import ARGUMENTS, blank, blank_group, blank_match
from rnnlab_c_syntax.bodies import Body
from rnnlab_c_syntax.decorations import behind_parameters, undecorated
from rnnlab_c_syntax.designators import designators
from rnnlab_c_syntax.file_scope import before_names, macros_and_old_parameters, prototypes, static_macros
from rnnlab_c_syntax.first_values import behind_declarators
from rnnlab_c_syntax.forgotten import mend, mend_prototypes
from rnnlab_c_syntax.headers import headers
from rnnlab_c_syntax.lexical import BLANK
from rnnlab_c_syntax.macros import Macros
from rnnlab_c_syntax.patterns import sign
from rnnlab_c_syntax.places import Range, closing
from rnnlab_c_syntax.rarities import rarities
from rnnlab_c_syntax.stand_ins import stand_ins
from rnnlab_c_syntax.typelike import beside_types, macro_types, pointers, type_arguments, typeofs

_LOOP = re.compile(
    rb"\n([ \t]++(?:else[ \t]++|))([A-Za-z_]\w{4,}+)[ \t]*+(?!\([^()\n]*+\);)"
    + ARGUMENTS
    + rb"(?=[ \t\n]*\{|(?:[ \t]*+\n)++([ \t]++)(?!->)[A-Za-z_*(+-])"
)
#: The end of a ``do`` that is a macro's: ``} while_each_thread(leader, task);``.
_LOOP_END = re.compile(rb"w(?<=[}\s]w)hile(_each\w*+)(?=[ \t]*+" + ARGUMENTS + rb"\s*+;)")
#: What stands in braces in a table: no statement.
_ELEMENT = re.compile(rb"\s*+\{\s*+[^{};\s][^{};]*+\}[ \t]*+[,}]")
#: A macro on a line of its own in the first column of a function, before a statement.
_BEFORE_STATEMENT = re.compile(rb"\n[A-Z][A-Z0-9_]{3,}+(?=(?:[ \t]*+\n)++[ \t]++[A-Za-z_}])")
#: A word with a capital alone before a block: ``Try {``, ``T_BEGIN {``.
_BEFORE_BLOCK = re.compile(rb"\n([ \t]++[A-Z]\w++)[ \t\n]([ \t]*+(?:\n[ \t]*+)?+\{)(?=[ \t]*+\n)")
#: Macros' calls among literals, which stand for some.
_BESIDE_LITERAL = re.compile(rb"\"\s*+(?:[A-Za-z_]\w*+[ \t]*+" + ARGUMENTS + rb"\s*+)++(?=[\",):])")
#: The same before the first literal: ``write(STR(CODE)" Ok")``.
_ROUND_AND_LITERAL = re.compile(rb"\"(?<=\).)")
_BEFORE_LITERAL = re.compile(rb"[(,=]\s*+([A-Z_][A-Z0-9_]++" + ARGUMENTS + rb")\Z")
#: Two macros before a literal: ``printk(KERN_ERR PREFIX "…")``.
_LEVEL = sign(b"KERN_", 0)
_LEVEL_AND_PREFIX = re.compile(rb"KERN_[A-Z]++(\s++[A-Z_][A-Z0-9_]*+)(?=\s*+\")")
#: A macro whose arguments go on a list or a sum: ``get(&a, &b IF_MORE(, &c))``, ``n IF_MORE( + m)``.
_GOES_ON = re.compile(rb"\((?<=[A-Z0-9_]\()(?=\s*+(?:,|[-+*/|&]++\s))(?:[^(){};]++|" + ARGUMENTS + rb")*+\)")
#: One whose arguments are a list's: ``get(IF_MORE(&c,) &d)``.
_LISTS = re.compile(rb"[^\w\s]\s*+([A-Z][A-Z0-9_]++\()(?:[^(){};]++|" + ARGUMENTS + rb")*+(?<=,)(\))(?=\s*+[\w\"&({*])")
_COMMA_LAST = sign(b",)", 0)
_VALUE_AND_MACRO = re.compile(rb"[\w)\]'\"]\s++([A-Z][A-Z0-9_]++)\Z")
_NO_NAME = re.compile(rb"%[a-z]?\[\w*+\]|\b\d[\w.]*+|[^\w\"\s]")
#: Statements among the arguments of a macro: ``IF_DEBUG(int depth; depth = 0;)``.
_STATEMENTS = re.compile(rb"\n[ \t]*+[A-Z][A-Z0-9_]++[ \t]*+\((?=(?:[\w \t*]++\(\*\w++\)\([^();]*+\))?+[^(){};]*+;)")
#: The first of them is a declaration; of an option's macro and of its opposite, which stands behind it, one is left.
_FIRST_DECLARATION = re.compile(
    rb"\s*+(?!(?:return|goto|else|case)\b)(?:[A-Za-z_]\w*+[ \t*]++)+?[A-Za-z_]\w*+\s*+[=;,\[]"
)
_OPTION, _NO_OPTION = re.compile(rb"IF_(?:NOT_)?(\w++)"), b"IF_NOT_"
_LAST_STATEMENT = re.compile(rb";(?<!;;)\s*+\)(?!\s*+\{)")
_LONGEST_STATEMENTS = 4000
_MOST_STATEMENTS = 1000
_LONGEST_NAME = 80
_LONGEST_LINE = 200
#: ``if LIKELY(x)``: the parentheses are the macro's.
_BARE_CONDITION = re.compile(rb"if ([A-Z_](?<!\w....)[A-Z0-9_]++)(?=[ \t]*+\()")
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


def mask(code: bytes, bodies: list[Body], macros: Macros) -> Masked:
    """Make ``code`` parse, in which ``bodies`` are the functions by their looks."""
    result = Masked(code)
    # A line's end stands before every line: it is what the patterns begin with.
    code = b"\n" + stand_ins(code, macros, result.loops)
    insides = [(body.brace + 2, body.end - 1) for body in bodies if body.closed]
    code = _outside(code, insides, headers)
    code = behind_declarators(_BEFORE_STATEMENT.sub(_before_statement, code))
    code = prototypes(undecorated(_BEFORE_BLOCK.sub(_before_block, code)))
    code = beside_types(typeofs(macro_types(code, result.types), result.types))
    code = pointers(rarities(assembly(code)))
    if _LEVEL.search(code):
        code = _LEVEL_AND_PREFIX.sub(blank_group, code)
    code = _going_on(code)
    code = _before_literals(code)
    code = _BESIDE_LITERAL.sub(lambda m: _NO_NAME.sub(blank_match, m[0]), code)
    if _LAST_STATEMENT.search(code):
        code = _open_statements(code)
    code = designators(_BARE_CONDITION.sub(blank_group, code))
    code = _outside(code, insides, _around_functions)
    code = type_arguments(static_macros(code), result.types)
    code = _LOOP_END.sub(lambda m: _loop_end(m, result), _LOOP.sub(lambda m: _loop(m, result), code))
    code, prototypes_lacking = mend_prototypes(code)
    code, lacking = mend(code)
    result.lacking = [place - 1 for place in sorted([*prototypes_lacking, *lacking])]
    result.code = code[1:]
    return result


def _around_functions(code: bytes) -> bytes:
    """Make plain what stands around functions and between their parts."""
    return macros_and_old_parameters(before_names(behind_parameters(code)))


def _before_statement(match: re.Match[bytes]) -> bytes:
    """Blank out a macro on a line of its own, where a statement may begin."""
    before = match.string[max(0, match.start() - _LONGEST_LINE) : match.start()].rstrip()
    return blank_match(match) if before[-1:] in (b";", b"{", b"}", b":", b")", b"") else match[0]


def _before_block(match: re.Match[bytes]) -> bytes:
    """Make a word before a block a statement of its own, where one may begin."""
    before = match.string[max(0, match.start() - _LONGEST_LINE) : match.start()].rstrip()
    return b"\n" + match[1] + b";" + match[2] if before[-1:] in (b";", b"{", b"}", b")") else match[0]


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


def _before_literals(code: bytes) -> bytes:
    """Blank out macros' calls before literals."""
    ranges: list[Range] = []
    for quote in _ROUND_AND_LITERAL.finditer(code):
        first = max(0, quote.start() - _LONGEST_NAME)
        if macro := _BEFORE_LITERAL.search(code[first : quote.start()]):
            ranges.append((first + macro.start(1), quote.start()))
    return blank(code, ranges)


def _going_on(code: bytes) -> bytes:
    """Leave of macros whose arguments go on a list only these."""
    ranges: list[tuple[int, int]] = []
    for match in _GOES_ON.finditer(code):
        macro = _VALUE_AND_MACRO.search(code, max(0, match.start() - _LONGEST_NAME), match.start())
        if macro is not None:
            ranges += [(macro.start(1), match.start() + 1), (match.end() - 1, match.end())]
    if _COMMA_LAST.search(code):
        for match in _LISTS.finditer(code):
            ranges += [match.span(1), match.span(2)]
        ranges.sort()
    return blank(code, ranges)


def _open_statements(code: bytes) -> bytes:
    """Make statements among the arguments of a macro a block, or plain declarations."""
    pieces: list[bytes] = []
    done = 0
    declares = False
    last = b""
    for match in islice(_STATEMENTS.finditer(code), _MOST_STATEMENTS):
        if match.start() < done:
            continue
        close = closing(code, match.end() - 1, _LONGEST_STATEMENTS)
        if close < 0 or code[match.end() : close].rstrip()[-1:] not in (b";", b"}"):
            continue
        before = code[max(done, match.start() - 200) : match.start()].rstrip()
        begins = before[-1:] in (b";", b"{", b"}") or (not before and (declares or not done))
        declares = begins and code.count(b";", match.end(), close) == 1
        inside = code[match.end() : close]
        option = _OPTION.match(match[0].lstrip())
        if begins and option is not None and _FIRST_DECLARATION.match(inside):
            declares = True
            is_other = not before and option[1] == last
            if option[0].startswith(_NO_OPTION) and before[-1:] != b";":
                is_other = True  # the parameters may have what the option declares
            last = b"" if is_other else option[1]
            if is_other:
                first = inside.find(b";") + 1
                inside = inside[:first].translate(BLANK) + inside[first:]
        block = (b" ", b" ") if declares else (b"{", b"}")
        pieces += [code[done : match.start()], match[0][:-1].translate(BLANK), block[0], inside, block[1]]
        done = close + 1
    return b"".join([*pieces, code[done:]]) if pieces else code


def _loop(match: re.Match[bytes], result: Masked) -> bytes:
    name = match[2]
    if name in _CONTROL or (match[1].strip() and name == b"if"):
        return match[0]
    if match[3] is None and _ELEMENT.match(match.string, match.end(), match.end() + _LONGEST_LINE):
        return match[0]
    if match[3] is not None:  # without a block: what follows must be deeper, and this a statement
        before = match.string[max(0, match.start() - 200) : match.start()].rstrip()
        if len(match[3].expandtabs()) <= len(match[1].expandtabs()) or match[1].strip():
            return match[0]
        if before[-1:] not in (b";", b"{", b"}", b":", b")", b""):
            return match[0]
    result.loops.add(match.start(2) - 1)
    return b"\n" + match[1] + b"while" + b" " * (len(name) - 5) + match[0][1 + len(match[1] + name) :]


def _loop_end(match: re.Match[bytes], result: Masked) -> bytes:
    before = match.string[max(0, match.start() - _LONGEST_LINE) : match.start()].rstrip()
    if before[-1:] != b"}":
        return match[0]
    result.loops.add(match.start() - 1)
    return blank_group(match)
