"""Macros of the text that stand for no value, put in or taken out at equal length where their names stand.

What is nothing but attributes is taken out: ``#define quiet __attribute__((unused))``. What is nothing but signs
and keywords is put in where it is no longer than its name: ``#define forever for (;;)``. The head of a loop or a
condition becomes ``while``: ``#define unless(c) if (!(c))``, and what is the body of a function below its header an
empty one. Elsewhere macros are looked up, not put in.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS
from rnnlab_c_syntax.brackets import is_balanced
from rnnlab_c_syntax.macros import Macro, Macros
from rnnlab_c_syntax.places import ROUND, find_words

_ATTRIBUTES = re.compile(
    rb"(?:;|\s|(?:const|volatile|restrict|inline)\b|(?:__attribute__|__attribute|__declspec)\s*+" + ARGUMENTS + rb")*+"
)
_SIGNS = re.compile(rb"(?:[^\w\s\"'#.<>=+/%&|^~?!*-]|\b(?:for|while|if|else|do|switch|break|continue|default)\b|\s)++")
_HEAD = re.compile(rb"(?:for|while|if|switch)\s*+\(")
_SPACE = re.compile(rb"(?<!\w)\s++|\s++(?!\w)")
_WHILE, _BODY = b"while", b"{ }"
_ARGUMENTS = re.compile(rb"[ \t]*+" + ARGUMENTS)
_HEADER_LINE = re.compile(rb"(?:\n|\A)[A-Za-z_]\w*+[ \t]++[*]*+[\w \t*]*+\([\w \t,*]*+\)[ \t]*+\Z")
_LONGEST_GAP = 200
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"
_LONGEST_KEYWORD = 10
#: More of them no text has that is C.
_MOST = 100


def stand_ins(code: bytes, macros: Macros, loops: set[int]) -> bytes:
    """Put them into ``code``; ``loops`` takes where the head of one became ``while``."""
    changes: dict[int, bytes] = {}
    for name, stand_in in _find(macros):
        word = name.encode()
        for at in find_words(code, word):
            behind = code[at + len(word) : at + len(word) + 1]
            if stand_in == _WHILE:
                if behind == b"(" or code[at + len(word) : at + len(word) + 2] == b" (":
                    loops.add(at)
                    changes[at] = stand_in.ljust(len(word))
            elif stand_in == _BODY:
                arguments = _ARGUMENTS.match(code, at + len(word)) if _is_below_header(code, at) else None
                if arguments is not None:
                    changes[at] = stand_in.ljust(arguments.end() - at)
            elif stand_in or not _is_argument(code, at, behind):
                changes[at] = stand_in.ljust(len(word))
    pieces: list[bytes] = []
    done = 0
    for at in sorted(changes):
        pieces += [code[done:at], changes[at]]
        done = at + len(changes[at])
    return b"".join([*pieces, code[done:]]) if pieces else code


def _is_below_header(code: bytes, at: int) -> bool:
    """Tell whether a word begins a line at the margin behind what may be a function's parameters, or ends theirs."""
    before = code[max(0, at - _LONGEST_GAP) : at]
    if before.rstrip()[-1:] != b")":
        return False
    return before[-1:] == b"\n" or _HEADER_LINE.search(before) is not None


def _is_argument(code: bytes, at: int, behind: bytes) -> bool:
    """Tell whether a word is all of an argument, which cannot be empty."""
    return behind in (b",", b")") and code[max(0, at - 2) : at].rstrip()[-1:] in (b",", b"(")


def _find(macros: Macros) -> list[tuple[str, bytes]]:
    """List the macros that are put in, and as what."""
    if macros.stand_ins is None:
        found = [(macro.name, stand_in) for macro in macros.values() if (stand_in := _stand_in(macro)) is not None]
        if any(_lacks_room(macro) for macro in macros.values()):
            found = [(name, stand_in) for name, stand_in in found if is_balanced(stand_in)]
        macros.stand_ins = sorted(found, key=lambda pair: pair[1] == _BODY)[:_MOST]
    return macros.stand_ins


def _stand_in(macro: Macro) -> bytes | None:
    """Give what stands for a macro's name, None where it stays."""
    body = macro.body.strip()
    if macro.other is not None:
        return None
    if macro.parameters is not None:
        is_head = len(macro.name) >= len(_WHILE) and _HEAD.match(body) is not None and _ends_in_head(body)
        if body[:1] == b"{" and body[-1:] == b"}" and is_balanced(body):
            return _BODY
        return _WHILE if is_head and is_balanced(body) else None
    if _ATTRIBUTES.fullmatch(body):
        return b""
    if not _SIGNS.fullmatch(body):
        return None
    signs = _SPACE.sub(b"", body)
    return signs if len(signs) <= len(macro.name) else None


def _ends_in_head(body: bytes) -> bool:
    """Tell whether what a macro stands for ends where a statement must follow: ``if (n) fail(n)`` has its own."""
    if not body.endswith(b")"):
        return body.endswith(b"else")
    depth = 0
    for match in reversed(list(ROUND.finditer(body))):
        depth += 1 if match[0] == b")" else -1
        if not depth:
            return _HEAD.match(body, _word_start(body, match.start())) is not None
    return False


def _word_start(body: bytes, end: int) -> int:
    """Give where the word starts that stands before ``end``."""
    before = body[max(0, end - _LONGEST_KEYWORD) : end].rstrip()
    return max(0, end - _LONGEST_KEYWORD) + len(before.rstrip(_LETTERS))


def _lacks_room(macro: Macro) -> bool:
    """Tell whether a macro opens or closes a block and is not put in: then no other is that does."""
    return not is_balanced(macro.body) and _stand_in(macro) is None
