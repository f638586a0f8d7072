"""Members that are named where the grammar has no place for that, made plain at equal length."""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS, blank_match
from rnnlab_c_syntax.patterns import sign

#: ``= .name``: no C, and what the parser's error recovery is worst at.
_LONE = re.compile(rb"\.(?<=[=\s].)(?=\s*+[A-Za-z_])")
#: What a macro is given for an initialiser: ``CONFIG(.event = 1, .mask = n)``.
_GIVEN = re.compile(rb"\((?=\.[A-Za-z_])(?<=\w\()(?:[^(){};]++|" + ARGUMENTS + rb")*+\)")
_GIVEN_SIGN = sign(b"(.", 1)
_NAME = re.compile(rb"(?<=[(,\s])\.[A-Za-z_]\w*+(?:\.\w++)*+\s*+=(?!=)")
#: A member's member: the grammar knows no path of members in ``offsetof``.
_PATH = re.compile(rb"offsetof(?<!\w........)[ \t]*+\([^(),;]*+,\s*+\w++((?:\.\w++|\[\d++\])++)\s*+\)")
_IN_ONE = bytes.maketrans(b".[]", b"___")
#: A member's element whose number is a value: to the grammar that is a call, whose name the walk reads as written.
_ELEMENT = re.compile(rb"offsetof(?<!\w........)(?=[ \t]*+\([^(),;]*+,\s*+\w++(?:\.\w++)*+\[(?!\d++\]))")
_OFFSETOF, _CALL = b"offsetof", b"offset_f"
_LONGEST_LINE = 200


def designators(code: bytes) -> bytes:
    """Make paths of members words, and take out the names of members that begin no element of a list."""
    code = _offsets(code)
    if _GIVEN_SIGN.search(code):
        code = _GIVEN.sub(lambda m: _NAME.sub(blank_match, m[0]), code)
    return _LONE.sub(_lone, code)


def _offsets(code: bytes) -> bytes:
    """Make paths of members in ``offsetof`` words, and calls of those that an element ends."""
    pieces: list[bytes] = []
    done = 0
    at = code.find(_OFFSETOF)
    while at >= 0:
        if path := _PATH.match(code, at):
            start, end = path.span(1)
            pieces += [code[done:start], code[start:end].translate(_IN_ONE)]
            done = end
        elif _ELEMENT.match(code, at):
            pieces += [code[done:at], _CALL]
            done = at + len(_CALL)
        at = code.find(_OFFSETOF, at + len(_OFFSETOF))
    return b"".join([*pieces, code[done:]]) if pieces else code


def _lone(match: re.Match[bytes]) -> bytes:
    """Blank out the point of ``= .name``; in a list it belongs there."""
    before = match.string[max(0, match.start() - _LONGEST_LINE) : match.start()].rstrip()
    return b" " if before[-1:] == b"=" else b"."
