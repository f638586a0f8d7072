"""The macros that a text defines: their bodies, and what becomes of an argument in them. Nothing is expanded."""

from __future__ import annotations

import re
import sys

from rnnlab_c_syntax.known import member_macros
from rnnlab_c_syntax.operands import is_operand, is_value, says_nothing

#: What a ``#define`` says behind the word: name, parameters in parentheses, parameters, body.
DEFINITION = re.compile(rb"([A-Za-z_]\w*)(\(([^)]*)\))?\s*(.*)", re.DOTALL)
#: A word that looks declared; in parentheses with a star it is a pointer to a function or an array.
_DECLARED = re.compile(
    rb"(?:[\w*](?<!return)(?<!goto)(?<!case)(?<!else)[ \t*]+|\(\*(?=\w+\s*(?:\[\w*\]\s*)?\)\s*[(\[])"
    rb"|\}\s*+(?=\w+\s*;)|\}[ \t]++(?=\w+[ \t]*(?:=(?!=)|\[)))"
    rb"([A-Za-z_]\w*)\s*(?=[=;,\[:()]|$)"
)
#: What stands behind the type of a declaration that lists several names, and the names behind its commas.
_LIST = re.compile(
    rb"(?:\A|[;{}\n])[ \t]*+(?!(?:return|goto|case|else)\b)(?:[A-Za-z_]\w*+[ \t*]++(?=[A-Za-z_]))++"
    rb"(\w++[^;{},]{0,200}+,[^;{}]{0,400}+)(?=;|\Z)"
)
_LISTED = re.compile(rb",[\s*]*+([A-Za-z_]\w*+)\s*+(?=[,=\[]|\Z)")
_WORD = re.compile(rb"[A-Za-z_]\w*")
_TYPE_BEFORE = re.compile(rb"(?<![\w.>])(?!(?:return|else|do|case|goto|sizeof|defined)\b)[A-Za-z_]\w*+[ \t]++\Z")
_LAST_WORD = re.compile(rb"(\w+)\s*\Z")
#: A type before other arguments: what follows may be its member.
_TAG_ARGUMENT = re.compile(rb"[(,]\s*(?:struct|union)\s+\w+\s*,")
_LITERALS = re.compile(rb'"(?:[^"\\]|\\.)*+"|\'(?:[^\'\\]|\\.)*+\'')
#: What stands between the bodies of two definitions of one macro.
DEFINED_AGAIN = b" ; "
_LONGEST_BODY = 20_000
_MOST_DEFINITIONS = 8
_DEEPEST = 8
#: How far around a parameter in a body is looked at.
_NEAR = 200


def declared_words(code: bytes, start: int = 0, end: int = sys.maxsize) -> set[bytes]:
    """Give the words that look declared between two offsets of ``code``."""
    found = set(_DECLARED.findall(code, start, end))
    for listed in _LIST.findall(code, start, end):
        found.update(_LISTED.findall(listed))
    return found


class Macro:
    """A ``#define`` of the text; ``parameters`` is None for one without parentheses.

    ``other`` is what the text defines by this name with other parameters, and ``rank`` how many
    definitions that one leads to.
    """

    def __init__(
        self,
        name: str,
        parameters: tuple[str, ...] | None,
        body: bytes,
        start: int,
        other: Macro | None = None,
        rank: int = 0,
        *,
        is_dead: bool = False,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.body = body
        self.start = start
        self.other = other
        self.rank = rank
        self.is_dead = is_dead
        self._kept_words: frozenset[str] | None = None
        self._kept_declared: frozenset[str] | None = None

    @property
    def words(self) -> frozenset[str]:
        """The words of the body, literals and the names of its parameters left out."""
        if self._kept_words is None:
            self._kept_words = self._find_words()
        return self._kept_words

    def _find_words(self) -> frozenset[str]:
        words = frozenset(word.decode() for word in _WORD.findall(_LITERALS.sub(b" ", self.body)))
        words = words.difference(self.parameters or ())
        return words | self.other.words if self.other else words

    @property
    def declared(self) -> frozenset[str]:
        """The words of the body that look declared there."""
        if self._kept_declared is None:
            self._kept_declared = self._find_declared()
        return self._kept_declared

    def _find_declared(self) -> frozenset[str]:
        words = frozenset(word.decode() for word in declared_words(self.body))
        return words | self.other.declared if self.other else words


class Macros(dict[str, Macro]):
    """The macros of one text by their names."""

    def __init__(self) -> None:
        super().__init__()
        self._values: dict[tuple[str, int], bool] = {}
        self._members = member_macros()
        #: What stands for the names of some, once it was looked for.
        self.stand_ins: list[tuple[str, bytes]] | None = None

    def takes_value(self, name: str, index: int, depth: int = _DEEPEST) -> bool:
        """Tell whether the macro ``name`` uses its argument ``index`` as an expression only.

        It is not one where it is pasted, quoted, a member, a type, or handed on to a macro that may do so;
        through how many macros it is followed, ``depth`` says.
        """
        key = name, index
        known = self._values.get(key)
        if known is None:
            self._values[key] = True  # for a macro that calls itself
            macro: Macro | None = self[name]
            known = True
            while macro is not None:
                known = known and self._uses_as_value(macro, index, depth)
                macro = macro.other
            self._values[key] = known
        return known

    def _uses_as_value(self, macro: Macro, index: int, depth: int) -> bool:
        parameters = macro.parameters
        if parameters and index >= len(parameters) and parameters[-1] == "__VA_ARGS__":
            index = len(parameters) - 1
        body = macro.body
        if parameters is None:
            other = _LAST_WORD.fullmatch(body)  # it may be another's name
            if other is None:
                return True
            name = other[1].decode()
            return self.takes_value(name, index, depth - 1) if name in self and depth else not name.isupper()
        if index >= len(parameters):
            return True
        uses = [m.span() for m in re.finditer(rb"\b" + re.escape(parameters[index].encode()) + rb"\b", body)]
        uses = [use for use in uses if not says_nothing(body, use[0])]
        return bool(uses) and all(is_value(body, *use) and not self._is_handed_on(body, use[0], depth) for use in uses)

    def _is_handed_on(self, body: bytes, position: int, deeper: int) -> bool:
        """Tell whether ``position`` is among the arguments of a call that may want something else than a value."""
        depth = index = 0
        for i in range(position - 1, max(-1, position - 400), -1):
            if body[i] == 0x29:
                depth += 1
            elif body[i] == 0x2C and not depth:
                index += 1
            elif body[i] == 0x28:
                depth -= 1
                if depth < 0:
                    found = _LAST_WORD.search(body, max(0, i - 80), i)
                    name = found[1].decode() if found else ""
                    if found is not None and _TYPE_BEFORE.search(body, max(0, i - 120), found.start(1)):
                        return True  # ``size_t const SET(n, fn)`` declares what it sets
                    if self._wants_more(name, index, deeper):
                        return True
                    if index and name not in self and _TAG_ARGUMENT.search(body, i, position):
                        return True
                    depth = index = 0
        return False

    def _wants_more(self, name: str, index: int, depth: int) -> bool:
        """Tell whether the argument ``index`` of what may be a macro may be something else than a value."""
        if index in self._members.get(name, ()):
            return True
        if name in self and depth > 0:
            return not self.takes_value(name, index, depth - 1)
        return name.isupper()

    def never_declares(self, name: str, index: int) -> bool:
        """Tell whether the macro ``name`` has its argument ``index`` where no declarator stands, everywhere."""
        macro = self[name]
        parameters = macro.parameters
        if parameters is None or index >= len(parameters) or macro.other is not None:
            return False
        uses = [m.span() for m in re.finditer(rb"\b" + re.escape(parameters[index].encode()) + rb"\b", macro.body)]
        return bool(uses) and all(is_operand(macro.body, *use) for use in uses)

    def jumps_to(self, name: str, index: int) -> bool:
        """Tell whether the macro ``name`` jumps to its argument ``index``."""
        macro = self[name]
        parameters = macro.parameters
        if parameters is None or index >= len(parameters) or b"goto" not in macro.body:
            return False
        label = re.escape(parameters[index].encode())
        return re.search(rb"\bgoto\s+" + label + rb"\b(?!\s*##)", macro.body) is not None

    def quotes(self, name: str, index: int) -> bool:
        """Tell whether the macro ``name`` does nothing with its argument ``index`` but quote it or paste it."""
        macro = self[name]
        parameters = macro.parameters
        if parameters is None or index >= len(parameters):
            return False
        uses = [m.span() for m in re.finditer(rb"\b" + re.escape(parameters[index].encode()) + rb"\b", macro.body)]
        return bool(uses) and all(
            macro.body[max(0, start - _NEAR) : start].rstrip().endswith(b"#")
            or macro.body[end : end + _NEAR].lstrip().startswith(b"##")
            for start, end in uses
        )

    def hands_on(self, name: str, index: int) -> bool:
        """Tell whether the macro ``name`` hands its argument ``index``, and nothing but it, to something unknown."""
        macro = self[name]
        parameters = macro.parameters
        if parameters is None or index >= len(parameters):
            return False
        return re.search(rb"[(,]\s*" + re.escape(parameters[index].encode()) + rb"\s*[,)]", macro.body) is not None


def define(macros: Macros, rest: bytes, start: int, *, is_dead: bool = False) -> None:
    """Add the macro that a ``#define`` at ``start`` defines; ``rest`` is what stands behind the word.

    What ``is_dead`` stands in a branch that nobody reads: it is believed where the text defines nothing else.
    """
    match = DEFINITION.match(rest)
    if not match:
        return
    name = match[1].decode()
    parameters = None
    if match[2] is not None:
        parameters = tuple(p.strip().decode().removesuffix("...") or "__VA_ARGS__" for p in match[3].split(b","))
    body = match[4][:_LONGEST_BODY]
    other = macros.get(name)
    if other is not None and is_dead:
        return
    if other is not None and other.is_dead:
        other = None
    if other is not None and other.parameters == parameters:
        body = other.body[:_LONGEST_BODY] + DEFINED_AGAIN + body  # whichever branch defines it
        other = other.other
    rank = 0 if other is None else other.rank + 1
    macros[name] = Macro(
        name,
        parameters,
        body,
        start,
        other if rank < _MOST_DEFINITIONS else None,
        rank % _MOST_DEFINITIONS,
        is_dead=is_dead,
    )
