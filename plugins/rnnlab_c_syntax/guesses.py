"""What looks like a declaration in a function that has no tree.

A declaration stands where a statement begins, and has two words side by side; here it is
read without asking what its words mean elsewhere.
"""

from __future__ import annotations

from typing import Final

from rnnlab_c_syntax.keywords import KEYWORDS, QUALIFIERS, TAGGED, TYPE_WORDS, TYPEOF
from rnnlab_c_syntax.looks import is_local_macro, is_macro_name, is_type_name
from rnnlab_c_syntax.places import contains
from rnnlab_c_syntax.scopes import QUIET, VARIABLE, Names
from rnnlab_c_syntax.words import Words

_STARTS_STATEMENT: Final = frozenset((b";", b"{", b"}", b")", b":", b"else", b"do", b"for"))
_AFTER_TYPE: Final = frozenset((b"*", b"const"))
#: ``state_t (* const next)(int n) =``
_CONSTANT_POINTER: Final = [b"*", b"const"]
_CONDITIONAL: Final = ([b"if"], [b"while"], [b"switch"])
#: Nobody is blamed for not using what these declare.
_QUIETLY: Final = (b"extern", b"typedef")
_STARTS_ARGUMENT: Final = frozenset((b"(", b","))
_ENDS_PARAMETER: Final = frozenset((b")", b",", b"["))
#: What a declaration may begin with, besides the name of a type.
_SPECIFIERS: Final = TYPE_WORDS.union(QUALIFIERS, TAGGED, TYPEOF)
_AFTER_DECLARATOR: Final = frozenset((b"=", b";", b",", b"[", b":"))
_ENDS_VALUE: Final = frozenset((b"]", b'""'))
#: A declaration has fewer; what has more is no C and is not read to its end again and again.
_MOST_SPECIFIERS: Final = 50


class Declarations:
    """Tells ``names`` what the words declare."""

    def __init__(self, words: Words, names: Names) -> None:
        self.words = words
        self.names = names
        self.members_end = 0

    def read(self, body: int) -> None:
        """Declare what is declared from the token ``body`` on."""
        for i in range(body, len(self.words.tokens)):
            self.read_at(i)

    def read_at(self, i: int) -> None:
        """Declare what a declaration that begins at the token ``i`` declares."""
        if i >= self.members_end and self._starts(i, self.words.tokens[i - 1] if i else b"{"):
            self._declaration(i)

    def _starts(self, i: int, before: bytes) -> bool:
        """Tell whether a declaration begins at ``i``, behind the token ``before``."""
        if before in _STARTS_ARGUMENT:
            return self.words.tokens[i - 2 : i - 1] == [b"for"] or self._is_wrapped(i)
        if not (self.words.tokens[i] in _SPECIFIERS or (self.words.named[i] and self._names_type(i))):
            return False
        if before == b")" and self._ends_cast(i - 1):
            return False  # ``(double)first * second``
        return before in _STARTS_STATEMENT or self._follows_forgotten(i, before)

    def _ends_cast(self, i: int) -> bool:
        """Tell whether the parenthesis at ``i`` ends a cast to a type of one word."""
        tokens = self.words.tokens
        if i < 2 or tokens[i - 2] != b"(":
            return False
        return tokens[i - 1] in TYPE_WORDS or (self.words.named[i - 1] and is_type_name(self.words.name(i - 1)))

    def _follows_forgotten(self, i: int, before: bytes) -> bool:
        """Tell whether the line before ``i``, which ends in the token ``before``, seems to lack its semicolon."""
        words = self.words
        if words.tokens[i].isupper() and words.is_word(i - 1) and is_macro_name(words.name(i - 1)):
            return False  # one literal below another
        ended = (before not in KEYWORDS and before.isalnum()) or before in _ENDS_VALUE or words.is_word(i - 1)
        return ended and i not in words.declared and words.breaks_before(i)

    def _is_wrapped(self, i: int) -> bool:
        """Tell whether a macro's argument is a declaration: ``wait(device, u32 value = read(device); …)``."""
        tokens = self.words.tokens
        j = i + 1
        if tokens[i] not in TYPE_WORDS and not self._names_type(i):
            return False
        if tokens[i - 2 : i - 1] in _CONDITIONAL:
            return False  # ``if (list *rest = …``: a parenthesis is missing
        while tokens[j : j + 1] == [b"*"]:
            j += 1
        return j + 1 < len(tokens) and self.words.is_word(j) and tokens[j + 1] == b"=" and tokens[j - 1] != b"("

    def _declaration(self, i: int) -> None:
        """Declare what a statement that begins at ``i`` declares, if it is a declaration."""
        j = self._specifiers(i)
        if j > i:
            self._declarators(j, quiet=self.words.tokens[i] in _QUIETLY)

    def _specifiers(self, i: int) -> int:
        """Give the index behind the words that say a type; ``i`` if there are none."""
        tokens = self.words.tokens
        count = len(tokens)
        j, typed, qualified = i, False, False
        for _ in range(_MOST_SPECIFIERS):
            if j >= count:
                break
            token = tokens[j]
            if token in TAGGED:
                j += 1 if tokens[j + 1 : j + 2] == [b"{"] else 2
                typed = True
                if j < count and tokens[j] == b"{":
                    end = self.words.closing(j)
                    if token == b"enum":
                        self._enumerators(j + 1, end)
                    else:
                        self.members_end = end
                        self.words.declared.update(range(j, end))
                    j = end + 1
            elif token in QUALIFIERS:
                j += 1
                qualified = True
            elif token in TYPEOF and tokens[j + 1 : j + 2] == [b"("]:
                j = self.words.behind(j + 1)
                typed = True
            elif token in TYPE_WORDS or (not typed and self._names_type(j)):
                self.words.declared.add(j)
                j += 1
                typed = True
            elif typed and self.words.is_word(j) and j + 1 < count and self.words.is_word(j + 1):
                if self._is_decorated(j):
                    break
                self.words.declared.add(j)
                j += 1
            else:
                break
        return j if typed or qualified else i

    def _declarators(self, j: int, *, quiet: bool) -> None:
        """Declare the names that a declaration lists from ``j`` on."""
        tokens = self.words.tokens
        count = len(tokens)
        first = True
        while j < count:
            while j < count and tokens[j] in (b"*", b"(", b"const", b"volatile", b"restrict"):
                if tokens[j] == b"(" and not (j + 1 < count and tokens[j + 1] == b"*"):
                    return
                j += 1
            if j >= count or not self.words.is_word(j) or self._is_behind_cast(j):
                return
            after = tokens[j + 1] if j + 1 < count else b";"
            if self._is_decorated(j):
                after = tokens[j + 2]
            wrapped = 0 if first else self.words.wrapped_name(j)
            if wrapped:
                j, after = wrapped, b","
            elif after not in _AFTER_DECLARATOR and after != b")" and not (after == b"(" and not first):
                if after == b"(":
                    self._prototype(j + 1)
                    return
                if not self.words.is_line_end(j):
                    return
            if after == b":" and self.words.breaks_before(j):
                return  # a label below a macro
            if contains(self.words.broken, self.words.at[j]) and (
                self.words.is_glued(j) or (first and self._is_called(j))
            ):
                return
            name = self.words.name(j)
            if not name.isidentifier():
                return  # a type of two words that was made one: ``(*name)int, char *);``
            self.words.declared.add(j)
            is_quiet = quiet or wrapped > 0 or name in self.names.scopes[-1] or (is_local_macro(name) and len(name) > 1)
            self.names.declare(name, self.words.at[j], QUIET if is_quiet else VARIABLE)
            first = False
            if after == b")" and tokens[j + 2 : j + 3] == [b"("]:  # the parameters of a pointer to a function
                self.words.declared.update(range(j + 3, self._parameters_end(j + 2)))
            j = self._next_declarator(j + 1)
            if j < 0:
                return

    def _is_decorated(self, j: int) -> bool:
        """Tell whether capitals stand behind a declarator: ``int rows AU = 1;``."""
        tokens, words = self.words.tokens, self.words
        is_macro = j + 2 < len(tokens) and words.is_word(j + 1) and is_macro_name(words.name(j + 1))
        return is_macro and tokens[j + 2] in (b"=", b";") and not words.breaks_before(j + 1)

    def _is_behind_cast(self, j: int) -> bool:
        """Tell whether a parenthesis that lost its partner stands before a word: ``void)name;``."""
        words = self.words
        return contains(words.broken, words.at[j]) and ")" in words.text[words.end(j - 1) : words.at[j]]

    def _prototype(self, j: int) -> None:
        """Take the parameters of a function's declaration among locals for no uses; ``j`` is their parenthesis.

        Those of a function within the function are used in its block.
        """
        end = self._parameters_end(j)
        tokens, named = self.words.tokens, self.words.named
        inside = range(j + 1, min(end, len(tokens)) - 1)
        if not any(named[k] and (named[k - 1] or tokens[k - 1] in TYPE_WORDS) for k in inside if k > j + 1):
            return
        self.words.declared.update(inside)
        if tokens[end : end + 1] == [b"{"]:
            for k in inside:
                if named[k] and tokens[k + 1] in _ENDS_PARAMETER:
                    self.names.declare(self.words.name(k), self.words.at[k], QUIET)

    def _parameters_end(self, j: int) -> int:
        """Give the index behind the parameters that begin at ``j``; if nothing closes them the statement does."""
        end = self.words.behind(j)
        inside = self.words.tokens[j:end]
        return j + inside.index(b";") if b";" in inside else end

    def _names_type(self, j: int) -> bool:
        """Tell whether a word stands as the name of a type does: before another one, or before a pointer."""
        named = self.words.named
        if not named[j] or j + 1 >= len(named):
            return False
        if self.words.tokens[j + 1 : j + 3] == [b"*", b"="]:
            return False  # ``size *= 2``
        is_followed = self.words.tokens[j + 2 : j + 3] in ([b"["], [b"="])
        if is_followed and self.words.tokens[j].isupper() and self.words.is_line_end(j):
            # ``EACH_COLUMN`` above ``column[0].width = 1;``, unless what has a value is deeper
            return self.words.tokens[j + 2] == b"=" and self.words.column(j + 1) > self.words.column(j)
        after = self.words.tokens[j + 1]
        if after == b"(":
            return self.words.tokens[j + 2 : j + 4] == _CONSTANT_POINTER
        return named[j + 1] or after in _AFTER_TYPE or after in TYPE_WORDS

    def _enumerators(self, j: int, end: int) -> None:
        for k in range(j, end):
            if self.words.is_word(k) and self.words.tokens[k - 1] in (b"{", b",", b"(", b")"):
                self.words.declared.add(k)
                self.names.declare(self.words.name(k), self.words.at[k], QUIET)

    def _next_declarator(self, j: int) -> int:
        """Skip the rest of a declarator; give the index after the comma, or -1 at the declaration's end."""
        depth = 0
        for k in range(j, len(self.words.tokens)):
            self.words.budget -= 1
            if self.words.budget < 0:
                return -1
            token = self.words.tokens[k]
            if token in (b"(", b"[", b"{"):
                depth += token != b"[" or self.words.at[k] not in self.words.slips
            elif token in (b")", b"]", b"}"):
                depth = max(0, depth - 1)
            elif token == b";":
                return -1
            elif token == b"," and depth == 0:
                return k + 1
        return -1

    def _is_called(self, j: int) -> bool:
        """Tell whether what looks like a type and a declarator is a call that lost its parenthesis: ``free p, 1);``."""
        closes = self.words.tokens[j + 1 : j + 2] in ([b","], [b")"], [b";"])
        return closes and self.words.is_word(j - 1) and self.words.lacks_opener_behind(self.words.at[j])
