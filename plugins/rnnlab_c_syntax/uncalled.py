"""Static functions that nothing in their text names (gcc: ``-Wunused-function``)."""

from __future__ import annotations

import re
from collections import Counter

from rnnlab_c_syntax.patterns import none_of
from rnnlab_c_syntax.places import ONLY_WORDS, find_word, holds_word
from rnnlab_c_syntax.scopes import Names
from rnnlab_c_syntax.source import Source

#: A function that says so is for whoever wants it, and gcc does not ask for its callers.
_INLINE = re.compile(r"inline|INLINE")
#: What macros are given outside of functions: ``__ATTR_RO(mode)`` uses ``mode_show``.
_GIVEN = re.compile(rb"\((?<=[A-Z0-9_]\()(" + none_of(b"(){};") + rb"*+)\)")
_WORD = re.compile(rb"[A-Za-z]\w{2,}+")
#: How far before its name a function's header may begin.
_LONGEST_HEADER = 400
_LONGEST_NAME = 200
#: How far behind a function its name is looked for before all other names are, too.
_NEAR = 16_000
#: So many names are looked for one by one in less time than all words of a text are told apart.
_MANY = 16


def unused_functions(source: Source, names: Names) -> list[tuple[str, int]]:
    """List the static functions whose names stand in code and directives but once, with their places."""
    unread = {name: start for name, start in names.static_functions.items() if _is_unread(source, names, name, start)}
    if unread:
        told = b"\n".join([source.raw[start:end] for start, end in source.lexed.directives])
        elsewhere = frozenset(told.translate(ONLY_WORDS).split())
        unread = {name: start for name, start in unread.items() if name.encode() not in elsewhere}
    code = source.lexed.code
    if len(unread) > _MANY:
        wanted = frozenset(name.encode() for name in unread)
        seen = Counter(filter(wanted.__contains__, source.words()))
        lone = [(name, start) for name, start in unread.items() if seen[name.encode()] == 1]
    else:
        lone = [
            (name, start)
            for name, start in unread.items()
            if not holds_word(code, name.encode(), start)
            and find_word(code, name.encode(), start + len(name), len(code)) < 0
        ]
    last_include = source.raw.rfind(b"#include")  # what is included behind a function may call it
    lone = [(name, at) for name, at in lone if at > last_include and not _is_meant_for_others(source, name, at)]
    given = _given(source.made.outside) if lone else set()
    return [(name, start) for name, start in lone if not _is_part_given(name, given)]


def _is_unread(source: Source, names: Names, name: str, start: int) -> bool:
    """Tell whether neither the walk met the function again nor its name stands near behind it."""
    binding = names.file.get(name)
    if binding is not None and binding.reads:
        return False
    code = source.lexed.code
    behind = start + len(name)
    word = code[start:behind]
    if find_word(code, word, start, min(behind + 1, len(code))) < 0:
        return False  # the parser took a part of a word for a name
    near = min(behind + _NEAR, len(code))
    return not 0 <= find_word(code, word, behind, near) < near - len(word)  # a word may go on behind what is near


def _is_meant_for_others(source: Source, name: str, start: int) -> bool:
    """Tell whether a function is inline or says that it may stay unused, or a macro makes its name and uses it."""
    before = max(0, start - _LONGEST_HEADER)
    begin = max(source.lexed.code.rfind(mark, before, start) for mark in (b";", b"}"))
    if _INLINE.search(source.text, max(begin, before), start) or source.is_excused(start):
        return True
    return source.is_made(name)


def _given(outside: bytes) -> set[bytes]:
    """Give the words among the arguments of macros outside of functions."""
    return set(_WORD.findall(b" ".join(_GIVEN.findall(outside))))


def _is_part_given(name: str, given: set[bytes]) -> bool:
    """Tell whether a macro may make ``name`` of a part of it: whole words between underscores."""
    parts = name.encode().split(b"_") if len(name) < _LONGEST_NAME else []
    spans = ((first, last) for first in range(len(parts)) for last in range(first + 1, len(parts) + 1))
    return any(b"_".join(parts[first:last]).strip(b"_") in given for first, last in spans)
