"""Names that macros make or wrap: ``DEFINE_MUTEX(lock);``, ``static DEVICE_ATTR_RO(state);``, ``IF_X(int a;)``.

Nobody knows what a macro without its ``#define`` declares, but it can only make names out of
the words that it is given: ``lock`` itself, or ``dev_attr_state``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnnlab_c_syntax.looks import is_made_of_local, may_be_header_name
from rnnlab_c_syntax.macros import declared_words
from rnnlab_c_syntax.patterns import arguments

#: Initialisers in braces may be among them.
_ARGUMENTS = arguments(b"();")
_CALL = re.compile(
    rb"\n(?=[A-Za-z_])(?:(?:(?:static|extern|const|struct|union|inline)[ \t]++)*+([a-z_]\w*+[ \t]++)?"
    rb"[A-Z_][A-Z0-9_]*+(?:[a-z][A-Za-z0-9]*+_[A-Z][A-Z0-9_]*+)?+[ \t]*+"
    rb"("
    + _ARGUMENTS
    + rb")[ \t]*+(?:__\w++[ \t]*+(?:\(\w*+\)[ \t]*+)?+)*+(?:;|=|\{|\[|$)|(?:__)?[a-z]\w*+("
    + _ARGUMENTS
    + rb");)",
    re.MULTILINE,
)
#: The same in a function: ``static DEFINE_STRARRAY(flags, "F_");`` makes a name of ``flags``.
_LOCAL = re.compile(rb"static(?<=[ \t]static)[ \t]++DEFINE_\w++\(\s*+(\w++)")
#: A declaration among the arguments of a macro: ``IF_DEBUG(int depth = 0;)``.
_DECLARATION = re.compile(
    rb"\((?<=[A-Z0-9_]\()[ \t]*(?:(?:const|volatile|static|unsigned|signed|long|short|struct|union|enum)[ \t]+)*"
    rb"[A-Za-z_]\w*+[ \t*]+([A-Za-z_]\w*)[ \t]*(?:\[[^][;]*\][ \t]*)?(?:;|=)"
)
#: A macro in file scope that is given nothing and yet declares something: ``DECLARE_GLOBALS();``.
_GIVES = re.compile(
    rb"\n(?=[A-Z_])([A-Z_]*+(?:(?<=GLOBALS|OPTIONS|_PARAMS)|(?<=PARAMETERS))|(?:DEFINE|DECLARE)_[A-Z_]++)\(\)"
)
#: Such macros whose variables a user may set: their names are short.
_PARAMETERS = (b"OPTIONS", b"_PARAMS", b"PARAMETERS")
#: What only ever makes ``dev_attr_state`` of ``state``.
_PREFIXES = re.compile(rb"\n(?:static[ \t]++)?(?:DEVICE|DRIVER|BUS|CLASS)_ATTR_\w++")
_TABLE = b"\nMODULE_DEVICE_TABLE"
#: The same of one in small letters, where the storage makes it plain: ``free_at_exit (static char *pool);``,
#: ``define_once(static, lock)``.
_STORED = re.compile(
    rb"\n[a-z]\w*+[ \t]*+\([ \t]*+(?:static|extern)[ \t]*+(?:,|(?<=[ \t]))"
    rb"[\w \t*]*?([A-Za-z_]\w*+)[ \t]*+(?:\[[^][;]*+\][ \t]*+)?\)"
)
_CAPITALS_BEFORE = re.compile(rb"\b[A-Z_][A-Z0-9_]*(?:_[A-Z]\w*)?\Z")
#: A word, unless it is a member or has one: ``ATTRIBUTE(size, card->size)`` makes no ``card``.
_GIVEN = re.compile(rb"(?<![.>\w])[A-Za-z_]\w*+(?!\s*+(?:->|\.))")
#: Two words, or a pointer: ``struct row *row``.
_PARAMETER = re.compile(rb"\s*+(?:[A-Za-z_]\w*+[\s*]++)++[A-Za-z_]\w*+(?:\[\w*+\])*+\s*+")
_PARAMETERS_WITHIN = re.compile(rb"\(([^()]*+)\)")
#: Shorter words than this make only the names that ``DEFINE_SHOW_ATTRIBUTE(x)`` makes.
_SHORTEST = 3
#: The names of variables that a user may set are not shorter.
_SHORTEST_GIVEN = 5
_LONGEST_NAME = 80
#: A word that is long enough to be told apart in the middle of a name.
_LONG = 6
#: Names of macros are not longer.
_MOST_WORDS = 10


class Made:
    """The words that macros in file scope are given."""

    def __init__(self, code: bytes) -> None:
        self.code = code
        self._kept_outside: bytes | None = None
        self._kept_words: frozenset[str] | None = None
        self._kept_parts: frozenset[str] = frozenset()
        #: What the names of the macros that are called in file scope hold, of several words.
        self._kept_told: frozenset[str] = frozenset()
        self._kept_local: frozenset[str] | None = None
        self._kept_declared: tuple[bool, int, set[bytes]] | None = None

    @property
    def words(self) -> frozenset[str]:
        """All words among the arguments of calls in the first column that may be names by themselves."""
        if self._kept_words is None:
            self._kept_words = self._find_words()
        return self._kept_words

    @property
    def outside(self) -> bytes:
        """The text without the bodies of functions, a line's end before it."""
        if self._kept_outside is None:
            self._kept_outside = _without_bodies(b"\n" + self.code)
        return self._kept_outside

    def _find_words(self) -> frozenset[str]:
        found: set[str] = set()
        parts: set[str] = set()
        macros: set[bytes] = set()
        for match in _CALL.finditer(self.outside):
            macros.update(match[0].partition(b"(")[0].split()[-1:])
            arguments = (match[2] or match[3])[1:-1]
            if b"(" in arguments:
                arguments = _PARAMETERS_WITHIN.sub(_without_parameters, arguments)
            if match[0].startswith(_TABLE):
                continue  # ``MODULE_DEVICE_TABLE(i2c, boards);`` makes no name that anybody uses
            if match[3] and all(map(_PARAMETER.fullmatch, arguments.split(b","))) and b"," in arguments:
                continue  # a function without its type: ``__try(struct row *row, int n);``
            if not match[1] or not _is_prototype(arguments):
                words = parts if _PREFIXES.match(match[0]) else found
                words.update(word.decode() for word in _GIVEN.findall(arguments[:2000]))
        for match in _DECLARATION.finditer(self.code):
            if _CAPITALS_BEFORE.search(self.code, max(0, match.start() - _LONGEST_NAME), match.start()):
                found.add(match[1].decode())
        found.update(word.decode() for word in _STORED.findall(self.outside))
        self._kept_parts = frozenset(found | parts)
        self._kept_told = frozenset(told for macro in macros for told in _parts_of(macro.decode()))
        return frozenset(found)

    def _may_be_given(self, name: str) -> bool:
        """Tell whether a macro that is given no words may declare ``name``: nothing else in the text does."""
        if self._kept_declared is None:
            given = _GIVES.findall(self.outside)
            shortest = _SHORTEST_GIVEN if any(macro.endswith(_PARAMETERS) for macro in given) else _LONGEST_NAME
            self._kept_declared = (bool(given), shortest, declared_words(self.code) if given else set())
        gives, shortest, declared = self._kept_declared
        return gives and (len(name) >= shortest or may_be_header_name(name)) and name.encode() not in declared

    def _is_told(self, name: str) -> bool:
        """Tell whether a macro in file scope says that it declares ``name``: ``DECLARE_COPY_LIMIT(…)`` does."""
        return name.upper() in self._kept_told

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
        if self._may_be_given(name):
            return True
        if not self._kept_parts and not self._local:
            return False
        if (
            name in words
            or name.strip("_") in words
            or self._is_told(name)
            or any(word in words for word in _beginnings(name))
        ):
            return True
        parts = name.strip("_").split("_")
        for i in range(1, len(parts)):
            begin = "_".join(parts[:-i])
            if self._is_made_of("_".join(parts[i:]), parts[:i]) or self._is_made_of(begin, parts[-i:]):
                return True
            if name[0] == "_" and self._is_made_of("_" + begin, parts[-i:]):
                return True
        return False

    def _is_made_of(self, word: str, added: list[str]) -> bool:
        return (
            (len(word) >= _SHORTEST or added == ["fops"])
            and (word in self._kept_parts or word in self._local)
            and not is_made_of_local(added)
        )


def _without_bodies(code: bytes) -> bytes:
    pieces: list[bytes] = []
    done = 0
    begin = code.find(b")\n{")
    while begin >= 0:
        end = code.find(b"\n}", begin)
        if end < 0:
            break
        pieces.append(code[done : begin + 3])
        done = end
        begin = code.find(b")\n{", end)
    return b"".join([*pieces, code[done:]])


def _beginnings(name: str) -> Iterator[str]:
    """Give what ``name`` may be made of without an underscore: ``SourceSinkusb`` of ``SourceSink``."""
    if name[:1].isupper():
        for i in range(_LONG, len(name)):
            if name[i - 1].islower():
                yield name[:i]


def _parts_of(macro: str) -> Iterator[str]:
    """Give all that stands in a macro's name and is of several words, but not of all."""
    words = macro.split("_")[:_MOST_WORDS]
    for first in range(len(words)):
        for last in range(first + 2, len(words) + 1):
            if last - first < len(words):
                yield "_".join(words[first:last])


def _without_parameters(match: re.Match[bytes]) -> bytes:
    """Leave out the parameters of a function whose header a macro makes: ``CALLBACK(void, warn, (struct page *p))``."""
    return b"" if _is_prototype(match[1]) else match[0]


def _is_prototype(arguments: bytes) -> bool:
    """Tell whether arguments are parameters: a type and a name each, or ``void``."""
    return arguments.strip() == b"void" or re.search(rb"\w[ \t*]+[A-Za-z_]\w*\s*(?:,|\Z)", arguments) is not None
