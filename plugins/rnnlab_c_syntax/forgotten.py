"""Statements whose semicolon was forgotten at the end of a line: they get one in place of the line's end.

A grammar takes ``DIR *dir`` with ``struct dirent *entry;`` below it for something else, and what it makes of
that costs the function its names, or tells the place some lines too late. Such a statement looks like nothing
else: it begins where one may, ends in a value, and the next line begins with a word and is no deeper.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS
from rnnlab_c_syntax.keywords import KEYWORDS, QUALIFIERS, TAGGED, TYPE_WORDS
from rnnlab_c_syntax.looks import is_macro_name
from rnnlab_c_syntax.places import line_start

#: The end of a line that may be all of such a statement: the next begins with a word.
_LINE_END = re.compile(rb"\n(?<=[\w)\]\"' \t]\n)(?=[ \t\n]{0,200}+[A-Za-z_}])")
_LINE = re.compile(
    rb"\n([ \t]++)(?!(?:if|else|for|while|switch|do|case|return)\b)(?=[A-Za-z_*])([^;{}:\n]++)"
    rb"(?=\n(?:[ \t]*\n)*+([ \t]*+))"
)
_DECLARATION = re.compile(
    rb"((?:[A-Za-z_]\w*+[ \t]++)*[A-Za-z_]\w*+)([ \t*]++)([A-Za-z_]\w*+)(?:[ \t]*+,[ \t*]*+\w++|\[\w*+\])*+"
)
_CALL = re.compile(rb"[A-Za-z_]\w*+(?:(?:->|\.)\w++)*+[ \t]*+" + ARGUMENTS)
_ASSIGNMENT = re.compile(rb"[^=!<>]=(?!=)(?:[^=]++|(?<=[!<>])=|==)*+\Z")
#: A macro with a prefix in small letters, which needs none: ``Xy_BEGIN_QUIET``.
_MACRO = re.compile(rb"_?[A-Z]?[a-z][a-z0-9]{0,7}_[A-Z][A-Z0-9_]{2,}+")
#: The end of a cast whose value stands in the next line.
_CAST_ENDS = re.compile(rb"\*\)\Z|=[ \t]*+\([ \t]*+[A-Za-z_]\w*+[ \t]*+\)\Z")
_LABEL = re.compile(rb"\n[ \t]*+(?:case\b[^\n?]*|[A-Za-z_]\w*+[ \t]*+):\Z")
_BUILTIN = rb"(?:static|extern|const|struct|union|enum|unsigned|signed|void|char|short|int|long|float|double)\b"
#: Where one may be: a header at a line's end, with a declaration below it.
_BELOW_HEADER = re.compile(rb"\)\n(?=[cdefilstuv])(?=" + _BUILTIN + rb"|typedef\b)")
#: A header with types among its parameters: no declarations of them may follow, as in old C.
_PROTOTYPE = re.compile(
    rb"\n(?=[cdefilsuv])(?="
    + _BUILTIN
    + rb")([A-Za-z_][\w \t*]*+\((?:void|"
    + _BUILTIN
    + rb"[^(){};\n]*+)\))\n(?="
    + _BUILTIN
    + rb"|typedef\b)"
)
_NO_TYPE = KEYWORDS - TYPE_WORDS
_LONGEST_GAP = 200
_LONGEST = 400
_LONGEST_LINE = 1000
_BRACE = 0x7D


def ends_value(last: bytes) -> bool:
    """Tell whether an expression or a declarator may end in the character ``last``."""
    return last.isalnum() or last in (b"_", b")", b"]", b'"', b"'")


def mend(code: bytes) -> tuple[bytes, list[int]]:
    """Give each such statement of ``code`` its semicolon, and list where each lacked it; macros with a prefix go."""
    pieces: list[bytes] = []
    lacking: list[int] = []
    done = blanked = 0
    for place in _LINE_END.finditer(code):
        match = _LINE.match(code, max(0, line_start(code, place.start(), _LONGEST_LINE) - 1))
        line = match[2].rstrip() if match is not None else b""
        if match is None or not ends_value(line[-1:]) or _CAST_ENDS.search(line) or len(line) > _LONGEST:
            continue
        first = max(0, match.start() - _LONGEST_GAP)
        before = code[first : match.start()].rstrip()
        behind = first + len(before)
        mended = behind == blanked or (lacking[-1:] == [behind] and not _is_function(line))
        if len(match[3].expandtabs()) > len(match[1].expandtabs()) or not (mended or _ends_statement(before)):
            continue
        if line[-1:].isupper() and _MACRO.fullmatch(line):
            if before[-1:] != b"{" or code[match.end(3)] != _BRACE:  # else it is all of a list
                pieces += [code[done : match.start(2)], (b";" if before[-1:] == b":" else b"").ljust(len(line))]
                done = blanked = match.start(2) + len(line)
        elif _declares(line) or (_calls(line) if code[match.end(3)] == _BRACE else _acts(line)):
            end = match.start(2) + len(line)
            lacking.append(end)
            pieces += [code[done:end], b";"]
            done = end + 1
    return (b"".join([*pieces, code[done:]]), lacking) if pieces else (code, lacking)


def mend_prototypes(code: bytes) -> tuple[bytes, list[int]]:
    """Give each prototype that another declaration follows its semicolon, and list where each lacked it."""
    found = [match.end(1) for match in _PROTOTYPE.finditer(code)] if _BELOW_HEADER.search(code) else []
    pieces: list[bytes] = []
    done = 0
    for end in found:
        pieces += [code[done:end], b";"]
        done = end + 1
    return (b"".join([*pieces, code[done:]]), found) if found else (code, found)


def _ends_statement(before: bytes) -> bool:
    """Tell whether a statement may begin behind ``before``."""
    last = before[-1:]
    if last == b"{":
        return before[:-1].rstrip()[-1:] != b"="  # else a table begins
    return last in (b";", b"}") or (last == b":" and _LABEL.search(before) is not None)


def _declares(line: bytes) -> bool:
    """Tell whether a line is a type and the names of variables."""
    match = _DECLARATION.fullmatch(line)
    if match is None:
        return False
    words = match[1].split()
    kind = [word for word in words if word not in QUALIFIERS]
    if not kind or match[3] in KEYWORDS or not _NO_TYPE.isdisjoint(words):
        return False
    if kind[0] in TAGGED:
        return len(kind) == 2
    if len(match[3]) > 1 and is_macro_name(match[3].decode()) and kind[0] not in TYPE_WORDS:
        return False  # ``public ROW_POINTER`` above a function's name
    return b"*" in match[2] or not is_macro_name(kind[0].decode())


def _calls(line: bytes) -> bool:
    """Tell whether a line is a call, and by its looks none of a macro: what stands before a brace may be a value."""
    return _CALL.fullmatch(line) is not None and _is_function(line)


def _is_function(line: bytes) -> bool:
    """Tell whether what a line calls is by its looks no macro."""
    return not is_macro_name(line.partition(b"(")[0].strip().decode())


def _acts(line: bytes) -> bool:
    """Tell whether a line is a call or an assignment."""
    if line.count(b"(") != line.count(b")") or line.count(b"[") != line.count(b"]"):
        return False
    return _CALL.fullmatch(line) is not None or _ASSIGNMENT.search(line) is not None
