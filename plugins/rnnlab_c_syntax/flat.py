"""A function that has no tree to believe, read word by word.

Brackets that do not match and macros that no grammar knows leave a function without a
usable tree. Its words still say a lot: this reading takes what looks like a declaration for
one, and every other word by its neighbours; where a brace is what does not match, it has one
scope for the whole function. It errs towards silence.
"""

from __future__ import annotations

import re
from typing import Final

from rnnlab_c_syntax.flat_arguments import Arguments
from rnnlab_c_syntax.flat_types import is_type_like
from rnnlab_c_syntax.guesses import Declarations
from rnnlab_c_syntax.keywords import TAGGED
from rnnlab_c_syntax.looks import is_macro_name
from rnnlab_c_syntax.mask import Masked
from rnnlab_c_syntax.places import contains
from rnnlab_c_syntax.scopes import QUIET, Names
from rnnlab_c_syntax.words import Words

_JUMPS: Final = (b"return", b"break", b"continue")
_BEFORE_LABEL: Final = frozenset((b";", b"{", b"}", b":", b")", b"("))
_TAGGED: Final = frozenset(TAGGED)
#: What stands behind the first argument of a call; a parenthesis without a partner is blanked out.
_BEHIND_ARGUMENT: Final = frozenset((b",", b")", b";", b"->", b".", b"["))
#: ``dSP;`` can only be a macro.
_BEFORE_MACRO: Final = frozenset((b";", b"{", b"}"))
_BEFORE_ELEMENT: Final = frozenset((b"{", b","))
_BEFORE_CALL: Final = frozenset((b";", b"{", b"}", b")", b"else"))
#: No statement begins with a word and one of these.
_BEHIND_FIRST: Final = frozenset((b",", b"==", b"!=", b"<", b">", b"<=", b">=", b"&&"))
#: ``clock_readDAY_REG) & 31``
_CALL_AND_CAPITALS: Final = re.compile(r"[a-z_]\w*?[a-z\d][A-Z]{2}[A-Z\d]*_[A-Z\d_]+")
_LONGEST_NAME: Final = 80
#: ``p->x =``
_LEAST_BEFORE: Final = 4
_BEFORE_MEMBER: Final = _TAGGED | {b".", b"->"}


class Flat:
    """Reads one damaged function."""

    def __init__(
        self,
        text: str,
        masked: Masked,
        names: Names,
        span: tuple[int, int, int],
        slips: list[int],
        *,
        complete: bool,
    ) -> None:
        start, self.brace, end = span  # of the header, the body's brace, the whole
        self.start, self.end = start, end
        self.names = names
        self.words = Words(text, masked, start, end, slips)
        self.types = masked.types
        self.arguments = Arguments(self.words, names, masked)
        self.complete = complete

    def run(self) -> None:
        """Judge the function."""
        names = self.names
        body = self.words.index(self.brace)
        function = names.enter_function(self.start, self.end)
        function.complete = self.complete
        heads = [i for i in range(body) if self.words.tokens[i] == b"(" and i and self.words.is_word(i - 1)]
        if heads:
            function.name = self.words.name(heads[0] - 1)
            names.damaged.add(function.name)
        for i in range(body):
            if self.words.is_word(i) and not (i and self.words.tokens[i - 1] in _TAGGED):
                names.declare(self.words.name(i), self.words.at[i], QUIET)
        self._read(body)
        function.returns = self.words.tokens.count(b"return") - self.words.tokens[:body].count(b"return")
        # One scope for all blocks cannot tell a second declaration from a use of the first.
        function.issues = [issue for issue in function.issues if issue.rule != "redeclared"]
        names.leave_function()

    def _read(self, body: int) -> None:
        """Take declarations and names from the token ``body`` on: block by block, where its blocks are all whole."""
        words, names = self.words, self.names
        declarations = Declarations(words, names)
        if not words.has_blocks(body):
            declarations.read(body)
            for i in words.names(body):
                self._name(i)
            return
        depth = len(names.scopes)
        for i in range(body, len(words.tokens)):
            declarations.read_at(i)
            if words.named[i]:
                self._name(i)
            elif words.tokens[i] == b"{":
                names.push()
            elif words.tokens[i] == b"}" and len(names.scopes) > depth:
                names.pop()

    def _name(self, i: int) -> None:
        """Take a name in the body."""
        words, names = self.words, self.names
        tokens, start = words.tokens, words.at[i]
        if i in words.declared or start in self.types:
            return
        before = tokens[i - 1] if i else b""
        if before in _BEFORE_MEMBER:
            return
        after = tokens[i + 1] if i + 1 < len(tokens) else b""
        name = words.name(i)
        function = names.open[-1]
        if before == b"goto":
            function.gotos.setdefault(name, start)
        elif after == b":" and tokens[i + 2 : i + 3] != [b":"] and self._may_follow(i, before):
            function.labels.setdefault(name, start)
        elif before == b"[" and self._names_operand(i, after):
            return
        elif before == b"[" and after == b"]" and tokens[i - 2] in _BEFORE_ELEMENT and tokens[i + 2 : i + 3] == [b"="]:
            names.mention(name)  # ``{ [NAME] = 1 }`` wants a constant
        elif after == b"(" or name in names.visible or is_macro_name(name) or name in names.context.macros:
            names.mention(name)
            if after == b"(":
                self.arguments.declare(i, name, self.end)
        elif (
            before == b"case"
            or self._is_call_and_argument(i, name, after)
            or (words.broken and contains(words.broken, start) and words.lost_its_bracket(i, after))
            or (before in _BEFORE_CALL and after == b"&" and contains(words.torn, start) and words.touches_next(i))
            or is_type_like(words, names, i, before, after)
            or self.arguments.are_macros(i)
            or (after == b";" and before in _BEFORE_MACRO and not self.words.is_in_parentheses(i))
        ):
            names.mention(name)
        else:
            bare = before in (b"(", b",") and after in (b",", b")")
            handed_on = bare or (before == b"=" and self._is_assigned_to_member(i))
            handed_on = handed_on or words.is_compared(i)
            if before == b"(" and i > 1 and words.is_word(i - 2):
                self.arguments.take(i, name, after)
            returned = before == b"return" and (after == b";" or self._ends_line(i, after))
            names.use(name, start, returned=returned, handed_on=handed_on)

    def _ends_line(self, i: int, after: bytes) -> bool:
        """Tell whether a word is the last of its line, and what comes next begins a statement, or ends a block."""
        return (after == b"}" or after[:1].isalpha() or after[:1] == b"_") and self.words.is_line_end(i)

    def _is_assigned_to_member(self, i: int) -> bool:
        """Tell whether a word is all that a member, or an element, is set to: ``device->open = board_open;``."""
        tokens = self.words.tokens
        if tokens[i + 1 : i + 2] not in ([b";"], [b","]) or i < _LEAST_BEFORE:
            return False
        return tokens[i - 2] == b"]" or (self.words.is_word(i - 2) and tokens[i - 3] in (b".", b"->"))

    def _is_call_and_argument(self, i: int, name: str, after: bytes) -> bool:
        """Tell whether a word was a call's name and its first argument, a local: ``count_wordstext, 1);``."""
        words = self.words
        if words.is_word(i - 1) or not (words.broken and self._closes_too_much(words.at[i])):
            return False
        if _CALL_AND_CAPITALS.fullmatch(name):
            return True
        can_only_call = self._can_only_call(i, after)
        if not can_only_call and after not in _BEHIND_ARGUMENT:
            return False
        for k in range(1, min(len(name), _LONGEST_NAME)):
            if name[:k] in ("old_", "new_"):
                continue  # a local that is made of another
            binding = self.names.find(name[k:])
            if binding is not None and binding.level:
                binding.reads += 1
                return True
        return can_only_call

    def _closes_too_much(self, position: int) -> bool:
        """Tell whether a closing parenthesis too many stands behind ``position`` in its line, or its statement."""
        words = self.words
        if contains(words.torn, position):
            return True
        return contains(words.broken, position) and words.lacks_opener_behind(position)

    def _can_only_call(self, i: int, after: bytes) -> bool:
        """Tell whether a word begins what can only be a call: ``set_a, 1);``, ``assertn > 0);``, ``= copyp->x);``."""
        before = self.words.tokens[i - 1]
        if before in (b"=", b"return"):
            return after in (b",", b".", b"->")
        if before in (b")", b";") and not self.words.breaks_before(i):
            return False  # ``for [n = 0; size < n; n++)``
        if before in _BEFORE_CALL and after in (b".", b"->"):
            return self.words.tokens[i + 3 : i + 4] in ([b","], [b";"])  # ``freep->next);``
        return before in _BEFORE_CALL and after in _BEHIND_FIRST

    def _may_follow(self, i: int, before: bytes) -> bool:
        """Tell whether a label may follow what stands before it; a macro does on a line of its own."""
        if before in _BEFORE_LABEL:
            return True
        words = self.words
        lacks_semicolon = before in _JUMPS  # ``return`` at its line's end
        return (lacks_semicolon or (words.is_word(i - 1) and is_macro_name(words.name(i - 1)))) and words.breaks_before(
            i
        )

    def _names_operand(self, i: int, after: bytes) -> bool:
        """Tell whether a word in brackets is the name of an operand of ``asm``: ``[name] "r" (value)``."""
        following = self.words.tokens[i + 2 : i + 3]
        return after == b"]" and following != [] and following[0][:1] == b'"'
