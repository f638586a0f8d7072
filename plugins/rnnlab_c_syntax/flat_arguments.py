"""Words among the arguments of macros, in a function that has no tree: types, members, names that are declared."""

from __future__ import annotations

import re
from typing import Final

from rnnlab_c_syntax.beside_declarations import follows_declaration, precedes_declaration
from rnnlab_c_syntax.keywords import TAGGED
from rnnlab_c_syntax.known import member_macros
from rnnlab_c_syntax.looks import (
    declares_arguments,
    declares_variable,
    ends_in_value,
    is_macro_name,
    keeps_next,
    may_declare,
)
from rnnlab_c_syntax.mask import Masked
from rnnlab_c_syntax.scopes import QUIET, Names
from rnnlab_c_syntax.words import Words

_AROUND_STATEMENT: Final = frozenset((b";", b"{", b"}"))
_TAGGED: Final = frozenset(TAGGED)
#: Arguments that only a macro can be given which declares something.
_STORED: Final = ([b"static"], [b"extern"])
_WORD: Final = re.compile(r"\w+", re.ASCII)
#: In words and signs.
_LONGEST_CALL: Final = 40


class Arguments:
    """Looks at the arguments that words stand among."""

    def __init__(self, words: Words, names: Names, masked: Masked) -> None:
        self.words = words
        self.names = names
        self.types, self.loops = masked.types, masked.loops
        self.members = member_macros()

    def take(self, i: int, name: str, after: bytes) -> None:
        """Take a name that nothing declares and that begins the arguments of what may be a macro."""
        callee = self.words.name(i - 2)
        if callee not in self.names.context.macros and (
            after == b")" or (after in (b".", b"->") and is_macro_name(callee))
        ):
            self.names.give(callee, name)

    def are_macros(self, i: int) -> bool:
        """Tell whether a bare word stands among the arguments of a call that also takes a type, or of a macro."""
        words = self.words
        tokens = words.tokens
        k = -1 if tokens[i + 1 : i + 2] == [b"->"] else self._opening(i)
        if k < 0 or self.names.is_slip(words.name(i), of_member=True):
            return False
        head = tokens[k - 1] if k else b""
        if tokens[i - 1] == b"&" and head.decode() not in self.names.context.macros:
            return False  # what has an address is a value; a macro of the text says itself what it does with it
        if head == b"while" and words.at[k - 1] in self.loops:
            loop = self._loop(k - 1)
            if declares_arguments(loop) or loop.endswith("foreach") or declares_variable(loop):
                self.names.declare(words.name(i), words.at[i], QUIET)
                return True
            # The member that links a list comes last.
            last = tokens[i + 1 : i + 2] == [b")"] and tokens[k:i].count(b",") > 1
            return last and not keeps_next(loop)
        return (head[:1].isalpha() or head[:1] == b"_") and self._takes_more(head, k, i)

    def _opening(self, i: int) -> int:
        """Give the index of the parenthesis that opens the arguments around a word; -1 if none does nearby."""
        tokens = self.words.tokens
        depth = 0
        for k in range(i - 1, max(-1, i - _LONGEST_CALL), -1):
            token = tokens[k]
            if token == b")":
                depth += 1
            elif token == b"(":
                if depth == 0:
                    return k
                depth -= 1
            elif token in _AROUND_STATEMENT:
                break
        return -1

    def _loop(self, i: int) -> str:
        """Give the name of the iteration macro at ``i``."""
        match = _WORD.match(self.words.text, self.words.at[i])
        return "" if match is None else match[0]

    def _takes_more(self, head: bytes, k: int, i: int) -> bool:
        """Tell whether the call of ``head``, whose arguments begin at ``k``, takes more than values before ``i``."""
        if b"for_each" in head or self._has_type(k, i):
            return True
        name = head.decode()
        if head.isupper() and declares_arguments(name):
            return True
        index = self._commas(k, i)
        macros = self.names.context.macros
        if name in macros:
            return not macros.takes_value(name, index)
        if name in self.members:
            return index in self.members[name]
        last = self.words.tokens[i + 1 : i + 2] == [b")"]
        return name.isupper() and index > 0 and not (last and ends_in_value(name))

    def _commas(self, k: int, i: int) -> int:
        """Count the arguments between the parenthesis at ``k`` and the token ``i``."""
        depth = commas = 0
        for token in self.words.tokens[k + 1 : i]:
            depth += (token == b"(") - (token == b")")
            commas += token == b"," and not depth
        return commas

    def _has_type(self, k: int, i: int) -> bool:
        words = self.words
        return not _TAGGED.isdisjoint(words.tokens[k:i]) or not self.types.isdisjoint(words.at[k:i])

    def _takes_statement(self, i: int) -> bool:
        """Tell whether a statement is among the arguments of the call at ``i``: ``FOR_ALL(item, free(item);)``."""
        depth, found = 0, False
        for token in self.words.tokens[i + 1 : i + _LONGEST_CALL]:
            depth += (token == b"(") - (token == b")")
            if not depth:
                return found
            found = found or (token == b";" and depth == 1)
        return False

    def _is_among_declarations(self, i: int, name: str) -> bool:
        """Tell whether a macro that is given one word stands among declarations: ``REQUEST_ARGS(args);``."""
        words = self.words
        if words.tokens[i + 3 : i + 5] != [b")", b";"] or not words.is_word(i + 2) or not may_declare(name):
            return False
        return follows_declaration(words.code, words.at[i]) or precedes_declaration(words.code, words.at[i + 4])

    def declare(self, i: int, name: str, end: int) -> None:
        """Declare what a macro that is all of a statement may declare of the bare words that it is given."""
        words, names = self.words, self.names
        macros = names.context.macros
        stored = words.tokens[i + 2 : i + 3] in _STORED  # ``once_define(static, once);``
        capitals = is_macro_name(name)
        alone = capitals and self._is_among_declarations(i, name)
        if not (
            alone or stored or name in macros or (capitals and (declares_arguments(name) or self._takes_statement(i)))
        ):
            return
        if (words.tokens[i - 1] if i else b";") not in (b";", b"{", b"}"):
            return
        index = 0
        for k in range(i + 2, min(len(words.tokens), i + _LONGEST_CALL)):
            if words.tokens[k] in (b")", b";"):
                return
            index += words.tokens[k] == b","
            bare = words.tokens[k - 1] in (b"(", b",") and words.tokens[k + 1 : k + 2] in ([b","], [b")"])
            if not bare or not words.is_word(k) or names.find(words.name(k)) is not None:
                continue
            if not stored and name in macros and macros.takes_value(name, index):
                continue
            if not names.mention_label(words.name(k), words.at[k], end):
                names.declare(words.name(k), words.at[k], QUIET)
