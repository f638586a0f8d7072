"""Functions by their looks: where each one's header, brace and end stand, before anything is parsed.

The layout of C tells it: a brace in the first column, or at the end of a header that begins
there. What it says holds for damaged text too, where a tree would not.
"""

from __future__ import annotations

import itertools
import re

from rnnlab_c_syntax.patterns import none_of

#: A line's end comes first in these: a regular expression finds a fixed character faster than a line's start.
_BODY = re.compile(
    rb"\n(?:\{()|[A-Za-z_]"
    + none_of(b"\n;{}:")
    + rb"*+(?:\n[ \t)]"
    + none_of(b"\n;{}")
    + rb"*+)*+\{(?=[ \t]*$)|\)[ \t]*+\{(?=[ \t]*$))",
    re.MULTILINE,
)
_FIRST_COLUMN = re.compile(rb"^(?:[A-Za-z_][^\n]*(?:\n|\Z))++", re.MULTILINE)
#: A function that lacks the brace of its body, or has another bracket there: only what is indented, and labels,
#: stand between its header and its end.
_BRACELESS = re.compile(
    rb"\n(?!typedef|struct|union|enum)[A-Za-z_]"
    rb"(?:[^\n;{}=]*\)|[^\n;{}=:]*+(?<=[,(])(?:\n[ \t][^\n;{}=]*+){1,12}?(?:\n\)|(?<=\))))"
    rb"(?=[ \t]*(?:\n(?=[])}([]))?([])}([]?[ \t]*\n)(?:(?:(?:[ \t]|\w+:)[^\n]*)?\n){1,400}?\})"
)
#: A header in one line with a brace too many among its parameters, or a wrong bracket behind them.
_TORN_HEADER = re.compile(
    rb"\n(?!typedef|struct|union|enum)[A-Za-z_][^\n;={}]*"
    rb"(?:[{}][^\n;={}]*\)[ \t]*|\)[ \t]*[([][ \t]*|\([^\n;={}()]*[]}][ \t]*)(\{)(?=[ \t]*$)",
    re.MULTILINE,
)
#: What stands between the names of a K&R function's parameters and its body.
_OLD_PARAMETERS = re.compile(rb"\)([ \t]*\n(?:\s*+[A-Za-z_][^(){};=]*+;)++\s*+)\Z")
#: A statement below a macro in the first column: ``NO_WARNINGS``, ``    if (old(p)) {``.
_CONTROL = re.compile(rb"\n[ \t]++(?:if|while|for|switch)\b")
#: A type and what follows it.
_TWO_WORDS = re.compile(rb"\n(?!else\b)[A-Za-z_]\w*+[ \t*]++[A-Za-z_]\w*+[ \t*]*+[\w(]")
#: One in the first column, whose block is no function's.
_STATEMENTS = (b"\nif (", b"\nfor (", b"\nwhile (", b"\nswitch (", b"\nif(", b"\nfor(", b"\nwhile(", b"\nswitch(")
#: A structure whose tag is a macro's: ``struct TYPE(list) {``.
_STRUCTURE = re.compile(rb"\n(?:typedef\s++)?(?:struct|union|enum)\s++\w++\s*+\(\s*+\w*+\s*+\)\s*+\{")
_STRUCTURES = (b"\nstruct", b"\nunion", b"\nenum", b"\ntypedef")
_ONE_WORD_HEADER = re.compile(rb"\s*+(?:static\s++)?\w++\s*+\(")
#: Behind a brace; a point there is an initialiser's: ``define_machine(board) {``, ``.name = "b"``.
_LONGEST_INDENT = 40
_LONGEST_HEADER = 6000
#: Between a statement and the block behind it.
_LONGEST_GAP = 2000


class Body:
    """A function by its looks: the brace that opens it, and its last one if that is there."""

    __slots__ = ("begin", "brace", "closed", "end")

    def __init__(self, begin: int, brace: int, end: int, closed: bool) -> None:
        self.begin = begin  # where the one before ends
        self.brace = brace
        self.end = end
        self.closed = closed


def find_bodies(code: bytes, begin: int, *, damaged: bool = False) -> list[Body]:
    """List the functions of a text by their looks; in ``damaged`` text also those whose brace is missing."""
    found = _BODY.finditer(b"\n" + code, begin)
    braces = [m.end() - 2 for m in found if (_is_header(m[0]) if m[1] is None else not _is_within(m))]
    braces = [brace for brace in braces if code[brace + 1 : brace + _LONGEST_INDENT].lstrip()[:1] != b"."]
    if damaged:
        lines = b"\n" + code
        found = itertools.chain(_BRACELESS.finditer(lines, begin), _TORN_HEADER.finditer(lines, begin))
        braces = sorted({*braces, *(m.start(1) - 1 for m in found)})
    bodies: list[Body] = []
    limits = _limits(code, braces)
    tried = 0  # up to where a function was looked for that has blocks in the first column
    for index, brace in enumerate(braces):
        if brace < begin:
            continue
        limit = braces[index + 1] if index + 1 < len(braces) else len(code)
        end = code.find(b"\n}", brace, limit)
        if brace >= tried and (end < 0 or code.count(b"{", brace, end) > code.count(b"}", brace, end) + 1):
            if end < 0 and code.count(b"{", brace, limit) == code.count(b"}", brace, limit):
                further = code.rfind(b"}", brace, limit) - 1  # its last brace is indented
            else:
                further = closing_brace(code, brace, limits[index])
            end = further if further >= 0 or (end >= 0 and _ends_block(code, brace, end)) else end
            tried = limits[index] if further < 0 else tried
        if end < 0:
            end = _indented_end(code, brace, limit)
        closed = end >= 0
        if not closed and limit < len(code):
            limit = max(header_start(code, Body(brace, limit, limit, closed=False)), _header_line(code, brace, limit))
        bodies.append(Body(begin, brace, end + 2 if closed else limit, closed))
        begin = bodies[-1].end
    return bodies


def _is_header(lines: bytes) -> bool:
    """Tell whether lines up to a brace, the first of which begins in the first column, may be a function's header."""
    head = lines[:-1].rstrip(b" \t")
    if head[-1:] == b"\n" and _TWO_WORDS.match(head) is not None:
        head = head.rstrip()  # the brace stands by itself, and not in the first column
    if head[-1:] != b")" or lines.startswith(_STATEMENTS) or _is_structure(lines):
        return False
    return b"\n" not in lines[1:] or not _CONTROL.search(lines)


def _is_structure(lines: bytes) -> bool:
    """Tell whether a structure begins, whose tag a macro makes."""
    return lines.startswith(_STRUCTURES) and _STRUCTURE.match(lines) is not None


def _is_within(match: re.Match[bytes]) -> bool:
    """Tell whether a brace in the first column opens an element of a table, or the block of a statement there."""
    before = match.string[max(0, match.start() - _LONGEST_GAP) : match.start()].rstrip()
    return before[-1:] in (b",", b"=", b"{", b"(") or before[before.rfind(b"\n") :].startswith(_STATEMENTS)


def _limits(code: bytes, braces: list[int]) -> list[int]:
    """Give for each brace where the next stands that may open a function: one behind a statement does not."""
    limits: list[int] = []
    limit = len(code)
    for brace in reversed(braces):
        limits.append(limit)
        before = code[max(0, brace - _LONGEST_GAP) : brace]
        if before[-1:] != b"\n" or before.rstrip()[-1:] not in (b";", b"{", b"}", b":"):
            limit = brace
    return limits[::-1]


def closing_brace(code: bytes, brace: int, limit: int) -> int:
    """Give where the line before the brace in the first column ends that closes the one at ``brace``, or -1.

    Blocks and tables within a function may end in the first column, too.
    """
    depth, begin = 0, brace
    end = code.find(b"\n}", brace, limit)
    while end >= 0:
        depth += code.count(b"{", begin, end + 2) - code.count(b"}", begin, end + 2)
        if depth <= 0:
            return end
        begin = end + 2
        end = code.find(b"\n}", begin, limit)
    return -1


def _ends_block(code: bytes, brace: int, end: int) -> bool:
    """Tell whether what ends behind ``end`` in the first column is a block in the function that ``brace`` opens."""
    begin = code.rfind(b"\n{", brace + 1, end)
    return begin >= 0 and code.count(b"{", begin, end) == code.count(b"}", begin, end) + 1


def _indented_end(code: bytes, brace: int, limit: int) -> int:
    """Give where the last brace of a body stands, less one, if it is as far from the margin as the first; or -1."""
    indent = code[code.rfind(b"\n", 0, brace) + 1 : brace]
    if not indent or indent.strip():
        return -1
    end = code.find(b"\n" + indent + b"}", brace, limit)
    return end if end < 0 else end + len(indent)


def holds_members(code: bytes, start: int, end: int) -> bool:
    """Tell whether a function by its looks is a macro that holds members: ``FIXTURE(name) { int a; };``."""
    return code[end : end + 20].lstrip().startswith(b";") and _ONE_WORD_HEADER.match(code, start, end) is not None


def header_start(code: bytes, body: Body) -> int:
    """Give the start of a function's header: after the last thing that ends a declaration."""
    first = max(body.begin, body.brace - _LONGEST_HEADER)
    end = _list_end(code, first, body.brace)
    behind = 0  # where the line after the next starts, if the next is blank
    while True:
        start = code.rfind(b"\n", first, end) + 1
        line = code[start or first : end]
        is_torn = end == body.brace and b"(" in line and line.rstrip(b" \t")[-1:] == b"}"  # ``f(int n} {``
        is_whole = start > 0 or first == 0 or code[first - 1] == 0x0A
        found = 0 if is_torn else _declaration_end(line, is_whole=is_whole)
        if found:
            return (start or first) + found
        if behind and line.rstrip(b" \t")[-1:] == b";":
            return behind
        if not start:
            return first
        behind = 0
        if end < body.brace and not line.strip(b" \t"):
            start = first + len(code[first:start].rstrip(b" \t\n"))  # comments may have left many
            start = code.find(b"\n", start) + 1
            behind = code.find(b"\n", start) + 1
        end = start - 1


def _list_end(code: bytes, first: int, brace: int) -> int:
    """Give where the names of a K&R function's parameters end, whose declarations stand before ``brace``."""
    match = _OLD_PARAMETERS.search(code[first:brace]) if code[first:brace].rstrip()[-1:] == b";" else None
    return first + match.start(1) if match else brace


def _declaration_end(line: bytes, *, is_whole: bool) -> int:
    """Give where a declaration before a header ends in a line; K&R parameters follow a parenthesis and are none.

    In the first column that is behind a semicolon or a brace, elsewhere behind a brace at the line's end.
    """
    if is_whole and line[:1] == b"}":
        return len(line)
    if line.rstrip(b" \t")[-1:] == b"}":
        return len(line)
    if is_whole and line[:1] not in b" \t":
        return line.rfind(b";", 1) + 1
    return 0


def _header_line(code: bytes, begin: int, brace: int) -> int:
    """Give where the lines in the first column begin that stand before ``brace``: a header by its looks."""
    start = brace
    for match in _FIRST_COLUMN.finditer(code, max(begin, brace - _LONGEST_HEADER), brace):
        start = match.start()
    return start
