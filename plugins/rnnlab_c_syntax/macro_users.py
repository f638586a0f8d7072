"""Which macros of a text use a word or declare a name: they do so wherever they stand, even where no tree shows it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable

from rnnlab_c_syntax.facts import Context, Function

_MOST_USERS = 20
#: What the name of a macro is made of that another calls: ``DRAW_##kind(n)``.
_MADE_CALL = re.compile(rb"\b([A-Za-z]\w*_)[ \t]*##[ \t]*\w++[ \t]*\(")


class MacroUsers:
    """The macros of one text by the words in their bodies; of very many that hold a word only some count."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._kept_users: dict[str, list[str]] | None = None
        self._kept_makers: dict[str, list[str]] | None = None
        self._called: dict[str, list[str]] = {}
        self._kept_names: list[str] | None = None

    def of(self, word: str) -> list[str]:
        """List the macros whose bodies hold ``word``."""
        if self._kept_users is None:
            self._kept_users = _by_word((macro.name, macro.words) for macro in self.context.macros.values())
        return self._kept_users.get(word, [])

    def called_by(self, name: str) -> list[str]:
        """List the macros that the macro ``name`` uses, or makes the names of."""
        known = self._called.get(name)
        if known is None:
            macro = self.context.macros[name]
            known = [word for word in macro.words if word in self.context.macros]
            if b"##" in macro.body:
                for begun in {match.decode() for match in _MADE_CALL.findall(macro.body)}:
                    known += self._begun(begun)
            self._called[name] = known
        return known

    def _begun(self, begun: str) -> list[str]:
        """List macros whose names begin with ``begun``; of very many only some count."""
        if self._kept_names is None:
            self._kept_names = sorted(self.context.macros)
        first = bisect_left(self._kept_names, begun)
        return [name for name in self._kept_names[first : first + _MOST_USERS] if name.startswith(begun)]

    def _makers(self, name: str) -> list[str]:
        """List the macros whose bodies declare ``name``."""
        if self._kept_makers is None:
            self._kept_makers = _by_word((macro.name, macro.declared) for macro in self.context.macros.values())
        return self._kept_makers.get(name, [])

    def uses(self, word: str, function: Function) -> bool:
        """Tell whether a macro that stands in ``function`` holds ``word``."""
        return self._stands_any(self.of(word), function)

    def declares(self, name: str, function: Function) -> bool:
        """Tell whether a macro that stands in ``function``, or in a macro there, declares ``name``."""
        makers = self._makers(name)
        return self._stands_any(makers, function) or any(self.uses(macro, function) for macro in makers)

    def _stands_any(self, macros: Iterable[str], function: Function) -> bool:
        return any(self.context.holds(macro, function.start, function.end) for macro in macros)


def _by_word(macros: Iterable[tuple[str, frozenset[str]]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for macro, words in macros:
        for word in words:
            known = found.setdefault(word, [])
            if len(known) < _MOST_USERS:
                known.append(macro)
    return found
