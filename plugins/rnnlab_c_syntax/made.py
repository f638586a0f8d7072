"""Names that macros make or wrap: ``DEFINE_MUTEX(lock);``, ``static DEVICE_ATTR_RO(state);``, ``IF_X(int a;)``.

Nobody knows what a macro without its ``#define`` declares, but it can only make names out of
the words that it is given: ``lock`` itself, or ``dev_attr_state``.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS
from rnnlab_c_syntax.looks import is_made_of_local

#: Initialisers in braces may be among them.
_ARGUMENTS = ARGUMENTS.replace(b"(){};", b"();")
_CALL = re.compile(
    rb"\n(?=[A-Za-z_])(?:(?:(?:static|extern|const|struct|union|inline)[ \t]++)*+([a-z_]\w*+[ \t]++)?"
    rb"[A-Z_][A-Z0-9_]*+[ \t]*+"
    rb"(" + _ARGUMENTS + rb")[ \t]*+(?:__\w++[ \t]*+)*+(?:;|=|\{|\[|$)|[a-z]\w*+(" + _ARGUMENTS + rb");)",
    re.MULTILINE,
)
#: The same in a function: ``static DEFINE_STRARRAY(flags, "F_");`` makes a name of ``flags``.
_LOCAL = re.compile(rb"static(?<=[ \t]static)[ \t]++DEFINE_\w++\(\s*+(\w++)")
#: A declaration among the arguments of a macro: ``IF_DEBUG(int depth = 0;)``.
_DECLARATION = re.compile(
    rb"\((?<=\w\()[ \t]*(?:(?:const|volatile|static|unsigned|signed|long|short|struct|union|enum)[ \t]+)*"
    rb"[A-Za-z_]\w*+[ \t*]+([A-Za-z_]\w*)[ \t]*(?:\[[^][;]*\][ \t]*)?(?:;|=)"
)
_CAPITALS_BEFORE = re.compile(rb"\b[A-Z_][A-Z0-9_]*(?:_[A-Z]\w*)?\Z")
_WORD = re.compile(rb"[A-Za-z_]\w*")
#: Shorter words than this make only the names that ``DEFINE_SHOW_ATTRIBUTE(x)`` makes.
_SHORTEST = 3
_LONGEST_NAME = 80


class Made:
    """The words that macros in file scope are given."""

    def __init__(self, code: bytes) -> None:
        self.code = code
        self._kept_words: frozenset[str] | None = None
        self._kept_local: frozenset[str] | None = None

    @property
    def words(self) -> frozenset[str]:
        """All words among the arguments of calls in the first column."""
        if self._kept_words is None:
            self._kept_words = self._find_words()
        return self._kept_words

    def _find_words(self) -> frozenset[str]:
        found: set[str] = set()
        for match in _CALL.finditer(b"\n" + self.code):
            arguments = (match[2] or match[3])[1:-1]
            if not match[1] or not _is_prototype(arguments):
                found.update(word.decode() for word in _WORD.findall(arguments[:2000]))
        for match in _DECLARATION.finditer(self.code):
            if _CAPITALS_BEFORE.search(self.code, max(0, match.start() - _LONGEST_NAME), match.start()):
                found.add(match[1].decode())
        return frozenset(found)

    @property
    def _local(self) -> frozenset[str]:
        """The words that static variables of functions are made of."""
        if self._kept_local is None:
            self._kept_local = self._find_local()
        return self._kept_local

    def _find_local(self) -> frozenset[str]:
        return frozenset(word.decode() for word in _LOCAL.findall(self.code))

    def declares(self, name: str) -> bool:
        """Tell whether ``name`` is one of the words, or is made of one and something before or behind it."""
        words = self.words
        if not words and not self._local:
            return False
        if name in words:
            return True
        parts = name.strip("_").split("_")
        return any(
            self._is_made_of("_".join(word), added)
            for i in range(1, len(parts))
            for word, added in ((parts[i:], parts[:i]), (parts[:-i], parts[-i:]))
        )

    def _is_made_of(self, word: str, added: list[str]) -> bool:
        return (
            (len(word) >= _SHORTEST or added == ["fops"])
            and (word in self.words or word in self._local)
            and not is_made_of_local(added)
        )


def _is_prototype(arguments: bytes) -> bool:
    """Tell whether arguments are parameters: a type and a name each, or ``void``."""
    return arguments.strip() == b"void" or re.search(rb"\w[ \t*]+[A-Za-z_]\w*\s*(?:,|\Z)", arguments) is not None
