"""Macros where the grammar has no place for one, taken out or made plain at equal length.

Before a statement, a block or a literal; with statements for arguments, or with what goes on a list.
"""

from __future__ import annotations

import re
from itertools import islice

from rnnlab_c_syntax.blanks import ARGUMENTS, blank, blank_group, blank_match
from rnnlab_c_syntax.lexical import BLANK
from rnnlab_c_syntax.patterns import sign
from rnnlab_c_syntax.places import Range, closing, holds

_PREFIXED = rb"_?[A-Z]?[a-z][a-z0-9]{0,7}_[A-Z][A-Z0-9_]{2,}+"
#: A macro on a line of its own in the first column of a function, before a statement: in capitals, or with a prefix
#: in small letters before those, ``_Xy_BEGIN_QUIET``.
_BEFORE_STATEMENT = re.compile(
    rb"\n(?=[A-Z_])(?:([A-Z][A-Z0-9_]{3,}+)(?=(?:[ \t]*+\n)++[ \t]++[A-Za-z_}])"
    rb"|(" + _PREFIXED + rb")(?=(?:[ \t]*+\n)++(?:([ \t]++)[A-Za-z_}]|" + _PREFIXED + rb"[ \t]*+\n|(\}))))"
)
#: The same, indented, and before the next case or the end of a block: ``FALL_THROUGH``, ``Lib_END_LOCKED``.
_ALONE = re.compile(
    rb"\n([ \t]++)(?:[A-Z][a-z]_)?+[A-Z][A-Z0-9_]{3,}+"
    rb"(?=[ \t]*+\n(?:[ \t]*+\n)*+([ \t]*+)(case\b|default[ \t]*+:|\}|(?!else\b)[A-Za-z_]))"
)
#: As a statement this would do nothing: ``WORD_T`` above ``width;``.
_NAME_BELOW = re.compile(rb"(?!(?:break|continue|return)\b)[a-z_]\w*+[ \t]*+[;,]")
#: Macros in capitals on lines of their own below each other, none of which has a semicolon: ``TAKE_LONG(n)``.
#: The first of them may have been taken for the head of a loop, and others may have been given theirs.
_LINE = rb"[ \t]++(?:[A-Z_][A-Z0-9_]{3,}+|while {2,}+)[ \t]*+(?:" + ARGUMENTS + rb"[ \t]*+)?+[;\n](?:[ \t]*+\n)*+"
_RUN = re.compile(rb"\n(?:" + _LINE + rb"){2,}+")
_TABLE_BEGINS = re.compile(rb"(?:=|\b(?:enum|struct|union)\b(?:\s++\w++)?+)\s*+\{\Z")
_GOES_BEHIND = re.compile(rb"[ \t]*+[A-Za-z_}]")
_OF_RUN = re.compile(rb"[ \t]++\w++[ \t]*+(" + ARGUMENTS + rb")?+([ \t]*+\n)")
#: ``look(AS_CAST name)``
_CAST = re.compile(rb"[A-Z_](?<!\w.)[A-Z0-9_]*+(?<=_CAST)(?=[ \t]++[\w\"&(*])")
#: A word with a capital alone before a block, and one that says what it does: ``Try {``, ``T_BEGIN {``, ``xy_try{``.
_BEFORE_BLOCK = re.compile(rb"\n([ \t]++[A-Z]\w++)[ \t\n]([ \t]*+(?:\n[ \t]*+)?+\{)(?=[ \t]*+\n)")
_TRY = re.compile(
    rb"\n([ \t]++(?:\}[ \t]*+)?+[a-z]\w*?_(?:try|catch|finally))(?:[ \t]([ \t]*+\{)|(?=\{))"
    rb"(?=\{?+[ \t]*+(?:\n|[a-z]\w*+\())"
)
_TRY_SIGN = sign(b"_try", 3)
#: Macros' calls among literals, which stand for some.
_BESIDE_LITERAL = re.compile(rb"\"\s*+(?:[A-Za-z_]\w*+[ \t]*+" + ARGUMENTS + rb"\s*+)++(?=[\",):])")
#: The same before the first literal: ``write(STR(CODE)" Ok")``.
_ROUND_AND_LITERAL = re.compile(rb"\"(?:(?<=\).)|(?<=\) .))")
_BEFORE_LITERAL = re.compile(rb"[(,=]\s*+([a-z_]*+[A-Z]\w*+" + ARGUMENTS + rb") ?+\Z")
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
#: Values before the first of them: ``NEXT_BYTE(value, *at++, return -1;)``.
_COMMA_BEFORE_JUMP = re.compile(rb",(?=\s*+(?:return|goto|break|continue)\b)")
_LAST_STATEMENT = re.compile(rb";(?<!;;)\s*+\)(?!\s*+\{)")
_LONGEST_STATEMENTS = 4000
_MOST_STATEMENTS = 1000
_LONGEST_NAME = 80
_LONGEST_LINE = 200
#: A macro that is all of a loop's head: ``for (EACH_ROW(table, row)) {``.
_WHOLE_HEAD = re.compile(
    rb"for(?<!\wfor)([ \t]*+\([ \t]*+)[A-Za-z_]\w*+[ \t]*+" + ARGUMENTS + rb"[ \t]*+(\))(?=\s*+[{\w])"
)
#: A structure that a macro makes: ``struct PAIR_OF(struct cell, CELL_SIZE) pair;``.
_MADE_STRUCTURE = re.compile(
    rb"struct[ \t](?<!\w.......)[ \t]*+[A-Z_][A-Z0-9_]*+[ \t]*+("
    + ARGUMENTS
    + rb")(?=[ \t]++[*]*+[A-Za-z_]\w*+\s*+[;=,\[])"
)
#: ``if LIKELY(x)``: the parentheses are the macro's.
_BARE_CONDITION = re.compile(rb"if ([A-Za-z_](?<!\w....)\w*+)(?=[ \t]*+\()")


def before_statements(code: bytes) -> bytes:
    """Blank out macros on lines of their own before statements: the parser takes one for a type."""
    found: list[Range] = []
    labelled: list[int] = []
    for match in _BEFORE_STATEMENT.finditer(code):
        start = match.start() + 1
        first = max(0, start - _LONGEST_LINE)
        before = code[first:start].rstrip()
        is_more = bool(found) and found[-1][1] == first + len(before)
        if not is_more and before[-1:] not in (b";", b"{", b"}", b":", b")", b""):
            continue
        if match[2] is not None and not is_more and not _may_stand(match, before[-1:]):
            continue
        found.append((start, match.end()))
        if before[-1:] == b":":
            labelled.append(start)
    return _with_statements(blank(code, found), labelled)


def _may_stand(match: re.Match[bytes], last: bytes) -> bool:
    """Tell whether a macro with a prefix in the first column may be a statement behind ``last``, and not a type.

    A type stands there above a function's name.
    """
    return last not in (b")", b"") and not (last == b"{" and match[4] is not None)


def _with_statements(code: bytes, places: list[int]) -> bytes:
    """Put statements that do nothing at ``places``, behind labels, which may end a block."""
    pieces: list[bytes] = []
    done = 0
    for place in places:
        pieces += [code[done:place], b";"]
        done = place + 1
    return b"".join([*pieces, code[done:]]) if pieces else code


def odd_macros(code: bytes) -> bytes:
    """Make macros plain that stand where the grammar has no place for one."""
    code = _BEFORE_BLOCK.sub(_before_block, _ALONE.sub(_alone, _RUN.sub(_run, code)))
    if _TRY_SIGN.search(code):
        code = _TRY.sub(_before_block, code)
    if holds(code, b"_CAST "):
        code = _CAST.sub(blank_match, code)
    if _LEVEL.search(code):
        code = _LEVEL_AND_PREFIX.sub(blank_group, code)
    code = _before_literals(_going_on(code))
    code = _BESIDE_LITERAL.sub(lambda m: _NO_NAME.sub(blank_match, m[0]), code)
    if _LAST_STATEMENT.search(code):
        code = _open_statements(code)
    code = _MADE_STRUCTURE.sub(blank_group, code)
    code = blank(code, _whole_heads(code))
    return _BARE_CONDITION.sub(blank_group, code)


def _run(match: re.Match[bytes]) -> bytes:
    """End each of several macros below each other with a semicolon, and blank out those that are given nothing."""
    before = match.string[max(0, match.start() - _LONGEST_LINE) : match.start()].rstrip()
    if before[-1:] not in (b";", b"{", b"}") or not _GOES_BEHIND.match(match.string, match.end()):
        return match[0]  # a block may stand behind
    if _TABLE_BEGINS.search(before[-_LONGEST_NAME:]):
        return match[0]
    return _OF_RUN.sub(_of_run, match[0])


def _of_run(line: re.Match[bytes]) -> bytes:
    """End a macro on a line of its own with a semicolon in place of the line's end, or blank it out."""
    return blank_match(line) if line[1] is None else line[0][: line.start(2) - line.start()] + b";" + line[2][:-1]


def _alone(match: re.Match[bytes]) -> bytes:
    """Blank out a macro on a line of its own where a statement may begin; what is deeper goes on with it."""
    before = match.string[max(0, match.start() - _LONGEST_LINE) : match.start()].rstrip()[-1:]
    ends = not match[3][:1].isalpha() or match[3] == b"case" or match[3].startswith(b"default")
    if before not in (b";", b"{", b"}") and not (ends and before == b":"):
        return match[0]
    if _NAME_BELOW.match(match.string, match.start(3)):
        return match[0]  # it is a type
    is_deeper = len(match[2].expandtabs()) > len(match[1].expandtabs())
    return match[0] if is_deeper else blank_match(match)


def _before_block(match: re.Match[bytes]) -> bytes:
    """Make a word before a block a statement of its own, where one may begin."""
    before = match.string[max(0, match.start() - _LONGEST_LINE) : match.start()].rstrip()
    begins = before[-1:] in (b";", b"{", b"}", b")")
    if not begins:
        return match[0]
    return b"\n" + match[1][:-1] + b";" if match[2] is None else b"\n" + match[1] + b";" + match[2]


def _whole_heads(code: bytes) -> list[Range]:
    """List what stands around macros that are all of a loop's head: they look like the head then."""
    return [
        span
        for match in _WHOLE_HEAD.finditer(code)
        for span in ((match.start(), match.end(1)), (match.start(2), match.end()))
    ]


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
        if not holds(inside, b"struct "):  # of a type no statement can be made
            inside = _COMMA_BEFORE_JUMP.sub(b";", inside)
        block = (b" ", b" ") if declares else (b"{", b"}")
        pieces += [code[done : match.start()], match[0][:-1].translate(BLANK), block[0], inside, block[1]]
        done = close + 1
    return b"".join([*pieces, code[done:]]) if pieces else code
