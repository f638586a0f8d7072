"""Functions by their looks in stretches of a text: of those read in another world, and those that lack a bracket."""

from __future__ import annotations

import re
from bisect import bisect_left

from rnnlab_c_syntax.bodies import Body, closing_brace, find_bodies, header_start
from rnnlab_c_syntax.brackets import Brackets
from rnnlab_c_syntax.places import Range

#: What stands before the members of a type: no header.
_BEFORE_MEMBERS = re.compile(rb"\b(?:struct|union|enum)(?:\s++\w++){0,3}+\Z")
_LONGEST_TYPE = 200


def whole_functions(code: bytes, ranges: list[Range], *, margin: int) -> list[Range]:
    """Widen ``ranges``, which are in order, to whole functions: from a brace in the first column to the next.

    Within ``margin`` of the start and the end of the text they reach as far as it does.
    """
    found: list[Range] = []
    begin = 0
    last_brace = code.rfind(b"\n}")  # or each range would look for it up to the end
    tried = 0  # up to where a function was looked for that has blocks in the first column
    for start, end in ranges:
        if found and end + 2 <= found[-1][1]:
            continue  # in the function of the range before: its end is not looked for again
        if found and start <= found[-1][1]:
            start = found.pop()[0]
        else:
            before = -1 if start < margin else code.rfind(b"\n}", begin, start)
            start = begin = begin if before < 0 else min(start, _line_end(code, before + 2))
        after = -1 if len(code) - end < margin or last_brace < end else code.find(b"\n}", end)
        if after >= tried and code.count(b"{", begin, after) > code.count(b"}", begin, after) + 1:
            next_body = code.find(b"\n{", after)
            limit = len(code) if next_body < 0 else next_body
            further = closing_brace(code, begin, limit)
            tried = limit if further < 0 else tried
            after = max(after, further)
        found.append((start, len(code) if after < 0 else after + 2))
        begin = found[-1][1]
    return found


def _line_end(code: bytes, position: int) -> int:
    end = code.find(b"\n", position)
    return len(code) if end < 0 else end


def bodies_within(code: bytes, ranges: list[Range], begin: int) -> list[Body]:
    """List the functions of some ranges of a text by their looks, from ``begin`` on."""
    return [
        Body(start + body.begin, start + body.brace, start + body.end, body.closed)
        for start, end in ranges
        for body in find_bodies(code[start:end], max(0, begin - start))
        if not _holds_type(code, start + body.brace)
    ]


def _holds_type(code: bytes, brace: int) -> bool:
    """Tell whether the members of a type begin at ``brace``, and no function."""
    before = code[max(0, brace - _LONGEST_TYPE) : brace].rstrip()
    return before[-1:] not in (b")", b";") and _BEFORE_MEMBERS.search(before) is not None


def wounded(code: bytes, bodies: list[Body], brackets: Brackets) -> list[Range]:
    """List the functions that hold a bracket without a partner, their headers included."""
    if not brackets.unmatched:
        return []
    ends = [body.end for body in bodies]
    first = bodies[0].begin if bodies else 0  # what stands before is the rest of a function that was cut off
    last: dict[int, int] = {}  # the last such bracket of each function, and of what stands before it
    for unmatched in brackets.unmatched:
        if unmatched.start >= first:
            last[bisect_left(ends, unmatched.start)] = unmatched.start
    last.pop(len(bodies), None)
    ranges = [(header_start(code, bodies[index]), bodies[index].end, place) for index, place in last.items()]
    return [(start, end) for start, end, place in ranges if place >= start]
