"""Names that a C text may use without declaring them, from the data files beside this module."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

_ALL_BUT_THE_FIRST = frozenset(range(1, 20))
#: The lists that there are: the standard library, POSIX, the Linux kernel.
LISTS = ("c", "posix", "linux")


def _words(name: str) -> set[str]:
    text = resources.files("rnnlab_c_syntax").joinpath("known_names", f"{name}.txt").read_text(encoding="ascii")
    words: set[str] = set()
    for line in text.splitlines():
        words.update(line.partition("#")[0].split())
    return words


@lru_cache(maxsize=1)
def platform_macros() -> dict[bytes, bool]:
    """Say of macros that a compiler defines by itself whether a GNU system's does."""
    return {word.lstrip("-").encode(): not word.startswith("-") for word in _words("platform")}


@lru_cache(maxsize=1)
def member_macros() -> dict[str, frozenset[int]]:
    """Say of macros that take names of members or types which of their arguments these are."""
    found: dict[str, frozenset[int]] = {}
    for word in _words("member_macros"):
        name, _, which = word.partition(":")
        found[name] = frozenset(int(index) for index in which.split(",")) if which else _ALL_BUT_THE_FIRST
    return found


@lru_cache(maxsize=1)
def library_functions() -> frozenset[str]:
    """List the functions of C and POSIX that others are given; a local of such a name is computed with."""
    return frozenset(_words("functions"))


@lru_cache(maxsize=1)
def hidden_uses() -> dict[str, re.Pattern[bytes]]:
    """Give for locals that well-known macros read without being given them a pattern of those macros' calls."""
    text = resources.files("rnnlab_c_syntax").joinpath("known_names", "hidden_uses.txt").read_text(encoding="ascii")
    found: dict[str, re.Pattern[bytes]] = {}
    for line in text.splitlines():
        name, colon, macros = line.partition("#")[0].partition(":")
        if colon:
            calls = "|".join(re.escape(macro).replace(r"\*", r"\w*+") for macro in macros.split())
            found[name] = re.compile(rb"\b(?:" + calls.encode() + rb")\(")
    return found


@lru_cache(maxsize=8)
def known_names(lists: tuple[str, ...]) -> frozenset[str]:
    """Read ``lists``; raises ValueError for one that does not exist."""
    for name in lists:
        if name not in LISTS:
            raise ValueError(f"known_names: there is no list {name!r}; there are {', '.join(LISTS)}")
    return frozenset[str]().union(*(_words(name) for name in lists))
