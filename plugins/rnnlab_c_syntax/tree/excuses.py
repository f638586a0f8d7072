"""What excuses a place where the grammar gives up: macros need no semicolon and take what no function does."""

from __future__ import annotations

import re

from rnnlab_c_syntax.keywords import KEYWORDS
from rnnlab_c_syntax.macro_ends import brings_its_own, wants_semicolon
from rnnlab_c_syntax.macros import Macros
from rnnlab_c_syntax.places import ROUND, Lines, closing

_CALL = re.compile(rb"[ \t]*(?:else[ \t]+)?([A-Za-z_]\w*)[ \t]*\(")
#: ``INIT {`` is whatever the macro makes of it.
_HEADING = re.compile(rb"(?<=[A-Z])\s*+\{")
#: The macro before it brings the condition.
_ELSE = re.compile(rb"\n[ \t]*+[A-Z_][A-Z0-9_]*+\([^;{}()\n]*+\);\s*+else\Z")
#: Behind a macro that is assigned to: ``ROWS(table)[1] = count(n)``.
_GOES_ON = re.compile(rb"[ \t]*+(?:[\[.]|->|=(?!=))")
_LABEL = re.compile(rb"(?:case\b[^\n?:]*|[A-Za-z_]\w*+[ \t]*+):(?!:)\s*+")
_MACRO = re.compile(rb"(?:(?:static|extern|inline)\s++)*+[A-Z_][A-Z0-9_]*+")
_TWO_CALLS = re.compile(rb"\b[A-Z_][A-Z0-9_]*+\([^()]*+\)\s++[A-Z_][A-Z0-9_]*+\(")
_TWO_MACROS = re.compile(rb"\b[A-Z_][A-Z0-9_]++[ \t]++[A-Z_][A-Z0-9_]{2,}+\b")
_CALLED = re.compile(rb"([A-Za-z_]\w*+)[ \t]*\Z")
_MACRO_AND_CALL = re.compile(rb"[A-Z_][A-Z0-9_]*+[ \t]*+\([^()]*+\)[ \t]++[A-Za-z_]\w*+[ \t]*+\(")
#: ``5 MB``, and a cast by a macro: ``look(AS_TEXT name)``.
_VALUE_AND_CAPITALS = re.compile(
    rb"(?<!\w)\d\w*+[ \t]++[A-Z][A-Z0-9_]*+\b(?![ \t]*+[(=])|[(,][ \t]*+[A-Z][A-Z0-9_]{2,}+[ \t]++[a-z_]\w*+[ \t]*+[,)]"
)
#: A statement or a declaration among the arguments of a call, which then is a macro's.
_STATEMENT = re.compile(
    rb"(?:,|(?<=\w)(?<!sizeof)\(|(?<=\w )(?<!sizeof )\()\s*+"
    rb"(?:if|for|while|do|switch|return|goto|break|continue|case|int|char|short|long|unsigned|struct|const|void(?=\s*+,)|\{)(?!\w)"
)
#: A word that begins as a number does is none of C's; a macro makes a name of it: ``add(modes, 10000baseT_Full)``.
_PASTED = re.compile(rb"\d\w*?[A-Za-z_]\w*+")
#: An operator that is an argument, as in ``timercmp(&a, &b, >=)``, and a jump to an address: ``goto *all[1];``.
_NOT_OF_GRAMMAR = re.compile(rb"goto|,\s*+(?:[<>]=?+|[=!]=)|(?:[<>]=?+|[=!]=)\s*+,")
_BETWEEN_COMMAS = re.compile(rb"(?:[<>]=?+|[=!]=|&&|\|\|)\s*+,")
#: The same, and the first: ``compute(+, a, b)``.
_OPERATOR = re.compile(rb"\([-+*/&|^%],\Z")
_OPERATOR_FIRST = re.compile(rb"\((?:<<|>>|[<>]=?+|[=!]=|&&|\|\|)\s*+,")
#: What a statement, or a literal of an assembly, may stand behind.
_BEFORE_STATEMENT = (b";", b"{", b"}", b")", b":", b'"')
_WORD_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"
_NOT_ROUND = bytes(c for c in range(256) if c not in b"()")
#: Few calls nest deeper; what then is left is gone over one by one.
_MOST_TAKEN_OUT = 4
_LONGEST_CALL = 2000
_LONGEST_NAME = 80
_LONGEST_KEYWORD = 10
_MOST_TYPES = 8
#: How often it is looked what stands around a fault: a text with more of them is no C.
_MOST_LOOKS = 1000


class Excuses:
    """What may be a macro's in ``code``.

    ``types`` are the places where a type among the arguments of a call was made one word.
    """

    def __init__(self, code: bytes, lines: Lines, macros: Macros, types: set[int]) -> None:
        self.code = code
        self.lines = lines
        self.macros = macros
        self.types = types
        self.looks = _MOST_LOOKS

    def is_before_block(self, end: int) -> bool:
        """Tell whether capitals end at ``end``, and a block begins."""
        return _HEADING.match(self.code, end) is not None

    def is_macro_alone(self, end: int) -> bool:
        """Tell whether what ends at ``end`` is a word in capitals, and all of a statement."""
        return _MACRO.fullmatch(self.code, self._statement(end), end) is not None

    def brings_operator(self, start: int, end: int) -> bool:
        """Tell whether a fault is where a macro may bring an operator or a cast with it: ``5 MB``, ``f(AS_TEXT n)``.

        So it may be a condition: ``DEBUG(FULL) show((long int) n);``.
        """
        if _MACRO_AND_CALL.match(self.code, self._statement(start), end):
            return True
        first = max(0, start - _LONGEST_NAME)
        return any(
            match.end() >= start and match.start() <= end
            for match in _VALUE_AND_CAPITALS.finditer(self.code, first, min(end, start + _LONGEST_NAME) + _LONGEST_NAME)
        )

    def joins_macros(self, end: int) -> bool:
        """Tell whether two words in capitals stand side by side before ``end``: ``pr_warn(FW_BUG PREFIX, …)``."""
        found = _TWO_MACROS.search(self.code, self._statement(end), end + _LONGEST_NAME)
        if found is not None and found.start() < end:
            return True
        return _TWO_CALLS.search(self.code, self._statement(end), end + _LONGEST_NAME) is not None and bool(
            self._openings(end)
        )

    def is_heading(self, end: int) -> bool:
        """Tell whether what ends at ``end`` begins what is behind it: ``IF_DEBUG { … }``, ``OPTION(x); else …``."""
        if _ELSE.search(self.code, max(0, end - _LONGEST_NAME), end) is not None:
            return True
        return self.is_before_block(end) and self.code[self._statement(end) : end].isupper()

    def is_among_arguments(self, start: int, end: int) -> bool:
        """Tell whether a fault is among the arguments of what can only be a macro, or in a word that one pastes."""
        code = self.code
        if _NOT_OF_GRAMMAR.fullmatch(code, start, min(end, start + _LONGEST_NAME)):
            return True
        if _OPERATOR.search(code, max(0, start - 2), end) or _OPERATOR_FIRST.match(code, start):
            return True
        first = max(0, start - _LONGEST_NAME)
        for begin in range(max(0, start - 2), start + 1):  # ``, !=,`` may begin as ``!x`` does
            if _BETWEEN_COMMAS.match(code, begin) and code[first:begin].rstrip()[-1:] == b",":
                return True
        before = code[first:start].rstrip(_WORD_LETTERS)  # a fault may begin within a word
        pasted = _PASTED.match(code, first + len(before))
        if pasted is not None and pasted.end() >= end and before.rstrip()[-1:] == b",":
            return True
        last = min(end, start + _LONGEST_KEYWORD)
        return any(self._is_macros(opening, last) for opening in self._openings(start))

    def _openings(self, place: int) -> list[int]:
        """List the parentheses that are open at ``place``, from the inmost on."""
        found: list[int] = []
        if not self.looks:
            return found
        self.looks -= 1
        first = max(0, place - _LONGEST_CALL)
        kinds = self.code[first:place].translate(None, _NOT_ROUND)
        for _ in range(_MOST_TAKEN_OUT):
            kinds = kinds.replace(b"()", b"")
        if b"(" not in kinds:  # all are closed
            return found
        depth = 0
        for match in reversed(list(ROUND.finditer(self.code, first, place))):
            if match[0] == b")":
                depth += 1
            elif depth:
                depth -= 1
            else:
                found.append(match.start())
        return found

    def _is_macros(self, opening: int, end: int) -> bool:
        """Tell whether the call with its parenthesis at ``opening`` takes, before ``end``, what no function does."""
        name = self._called(opening)
        if not name:
            return False
        if _OPERATOR_FIRST.match(self.code, opening):
            return True
        if name in KEYWORDS:
            return name.endswith(b"offsetof")  # of members' members the grammar knows little
        return name.isupper() or self._takes_statements(opening, end)

    def ends_by_itself(self, end: int) -> bool:
        """Tell whether the call that ends at ``end`` is a macro's that may be a statement, or takes some."""
        for opening in self._openings(end - 1)[:1]:
            name = self._called(opening)
            start = self.code.rfind(name, max(0, opening - _LONGEST_NAME), opening)
            before = self.code[max(0, start - _LONGEST_NAME) : max(0, start)].rstrip()
            if name.isupper() and (before[-1:] in _BEFORE_STATEMENT or before.endswith(b"else")):
                return True
            return name not in KEYWORDS and self._takes_statements(opening, end)
        return False

    def _takes_statements(self, opening: int, end: int) -> bool:
        if _STATEMENT.search(self.code, opening, max(opening, end)) is not None:
            return True
        close = closing(self.code, opening, _LONGEST_CALL)
        return close >= 0 and self.code.find(b";", opening, close) >= 0

    def _called(self, opening: int) -> bytes:
        """Give the word before the parenthesis at ``opening``."""
        called = _CALLED.search(self.code, max(0, opening - _LONGEST_NAME), opening)
        return b"" if called is None else called[1]

    def may_need_none(self, end: int) -> bool:
        """Tell whether a call without its semicolon may be a macro: a loop's head, or one that brings its own."""
        lines = self.lines
        statement = self._statement(end)
        if self.is_macro_call(end):
            return True
        following = end
        while following < len(self.code) and self.code[following] in b" \t\r\n" and following < end + 400:
            following += 1
        if self.code[following : following + 1] == b"{":
            return True
        return lines.indent(following) > lines.indent(statement)

    def begins_statement(self, end: int) -> bool:
        """Tell whether the call that ends at ``end`` is all that stands before it in its line."""
        start = self.lines.start(end)
        called = _CALL.match(self.code, start)
        return called is not None and closing(self.code, called.end() - 1, _LONGEST_CALL) == end - 1

    def is_macro_call(self, end: int) -> bool:
        """Tell whether the statement that ends at ``end`` is a macro's call that may need no semicolon."""
        call = _CALL.match(self.code, self.lines.start(self._statement(end)))
        if call is None:
            return False
        if call[1].isupper() and not wants_semicolon(self.macros, call[1]):
            close = closing(self.code, call.end() - 1, _LONGEST_CALL)
            return close < 0 or _GOES_ON.match(self.code, close + 1, end) is None
        if b"for_each" in call[1] or brings_its_own(self.macros, call[1]):
            return True
        return not self.types.isdisjoint(range(call.end(), end)) and self._takes_type(call.end(), end)

    def _takes_type(self, start: int, end: int) -> bool:
        """Tell whether a type is an argument, and none of an argument's parts: no function takes one."""
        code = self.code
        types = [place for place in range(start, end) if place in self.types][:_MOST_TYPES]
        return any(code.count(b"(", start, place) == code.count(b")", start, place) for place in types)

    def _statement(self, end: int) -> int:
        """Give where the statement that ends at ``end`` starts: after the last one before it."""
        start = max(self.code.rfind(mark, max(0, end - _LONGEST_CALL), self._call(end)) for mark in (b";", b"{", b"}"))
        start += 1
        while start < end and self.code[start] in b" \t\r\n":
            start += 1
        label = _LABEL.match(self.code, start, end)
        return start if label is None else label.end()

    def _call(self, end: int) -> int:
        """Give where the arguments begin that end at ``end``, if there are statements among them, or else ``end``."""
        first = max(0, end - _LONGEST_CALL)
        if self.code[max(0, end - 1) : end] != b")" or self.code[first : end - 1].rstrip()[-1:] not in (
            b";",
            b")",
            b"}",
        ):
            return end
        openings = self._openings(end - 1)
        return openings[0] if openings else end
