"""Members that are named where the grammar has no place for that, made plain at equal length."""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS, blank_match
from rnnlab_c_syntax.patterns import sign
from rnnlab_c_syntax.places import holds

#: ``= .name``: no C, and what the parser's error recovery is worst at.
_LONE = re.compile(rb"\.(?<=[=\s].)(?=\s*+[A-Za-z_])")
#: What a macro is given for an initialiser: ``CONFIG(.event = 1, .mask = n)``.
_GIVEN = re.compile(rb"\((?=\.[A-Za-z_])(?<=\w\()(?:[^(){};]++|" + ARGUMENTS + rb")*+\)")
_GIVEN_SIGN = sign(b"(.", 0)
_NAME = re.compile(rb"(?<=[(,\s])\.[A-Za-z_]\w*+(?:\.\w++)*+\s*+=(?!=)")
#: A member's member: the grammar knows no path of members in ``offsetof``.
_PATH = re.compile(rb"offsetof(?<!\w........)[ \t]*+\([^(),;]*+,\s*+\w++((?:\.\w++|\[\d++\])++)\s*+\)")
_IN_ONE = bytes.maketrans(b".[]", b"___")
#: A member's element whose number is a value: to the grammar that is a call, whose name the walk reads as written.
_ELEMENT = re.compile(rb"offsetof(?<!\w........)(?=[ \t]*+\([^(),;]*+,\s*+\w++(?:\.\w++)*+\[(?!\d++\]))")
_CALL = b"offset_f"
_LONGEST_LINE = 200


def designators(code: bytes) -> bytes:
    """Make paths of members words, and take out the names of members that begin no element of a list."""
    if holds(code, b"offsetof"):
        code = _ELEMENT.sub(_CALL, _PATH.sub(_path, code))
    if _GIVEN_SIGN.search(code):
        code = _GIVEN.sub(lambda m: _NAME.sub(blank_match, m[0]), code)
    return _LONE.sub(_lone, code)


def _path(match: re.Match[bytes]) -> bytes:
    """Make a path of members one word."""
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return match[0][:start] + match[0][start:end].translate(_IN_ONE) + match[0][end:]


def _lone(match: re.Match[bytes]) -> bytes:
    """Blank out the point of ``= .name``; in a list it belongs there."""
    before = match.string[max(0, match.start() - _LONGEST_LINE) : match.start()].rstrip()
    return b" " if before[-1:] == b"=" else b"."
