"""A function that has no tree to believe, read word by word.

Brackets that do not match and macros that no grammar knows leave a function without a
usable tree. Its words still say a lot: this reading has one scope for the whole function,
takes what looks like a declaration for one, and every other word by its neighbours. It
errs towards silence.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from rnnlab_c_syntax.known import member_macros
from rnnlab_c_syntax.looks import declares_arguments, is_macro_name, is_type_name
from rnnlab_c_syntax.mask import Masked
from rnnlab_c_syntax.places import Range, contains
from rnnlab_c_syntax.scopes import QUIET, VARIABLE, Names

_TOKEN = re.compile(rb"[A-Za-z_]\w*|\.?\d(?:[\w.]|[eEpP][+-])*+|->|\.\.\.|&&|[=!<>]=|\"\s*\"|'\s*'|\S")
_TYPE_WORDS = frozenset(
    b"void char short int long float double signed unsigned _Bool bool struct union enum const volatile static register"
    b" auto extern typedef inline restrict _Complex __int128 __signed__ typeof __typeof__ _Thread_local".split()
)
_QUALIFIERS = frozenset(b"const volatile static register auto extern typedef inline restrict".split())
_STATEMENT_WORDS = frozenset(
    b"if else for while do switch case default break continue return goto sizeof asm __asm__ __asm offsetof"
    b" __builtin_offsetof _Generic _Alignof __alignof__".split()
)
_KEYWORDS = _TYPE_WORDS | _STATEMENT_WORDS
_TYPEOF = (b"typeof", b"__typeof__", b"__typeof", b"__auto_type")
_TAGGED = (b"struct", b"union", b"enum")
_STARTS_STATEMENT = frozenset((b";", b"{", b"}", b")", b":", b"else", b"do"))
_AFTER_DECLARATOR = frozenset((b"=", b";", b",", b"[", b":"))


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
        self.text = text
        self.names = names
        start, self.brace, end = span  # of the header, the body's brace, the whole
        self.start, self.end = start, end
        matches = list(_TOKEN.finditer(masked.code, start, end))
        self.types, self.loops = masked.types, masked.loops
        self.members = member_macros()
        self.at = [m.start() for m in matches]
        self.tokens = [m[0] for m in matches]
        self.complete = complete
        #: Where brackets without a partner stand, and the lines that hold them: there much is anybody's guess.
        self.slips = frozenset(slips)
        self.broken = [_line(masked.code, slip) for slip in slips]
        #: How many tokens may be looked at ahead, in all: linear in the length of the text.
        self.budget = 8 * len(matches) + 1000
        self.declared: set[int] = set()

    def run(self) -> None:
        """Judge the function."""
        names = self.names
        body = self._body()
        function = names.enter_function(self.start)
        function.complete = self.complete
        heads = [i for i in range(body) if self.tokens[i] == b"(" and i and self._is_word(i - 1)]
        function.name = self._name(heads[0] - 1) if heads else ""
        for i in range(body):
            if self._is_word(i):
                names.declare(self._name(i), self.at[i], QUIET)
        self._declarations(body)
        i = body
        while i < len(self.tokens):
            self._token(i)
            i += 1
        # One scope for all blocks cannot tell a second declaration from a use of the first.
        function.issues = [issue for issue in function.issues if issue.rule != "redeclared"]
        names.leave_function(self.end)

    def _body(self) -> int:
        """Give the index of the first token of the body."""
        return bisect_left(self.at, self.brace)

    def _is_word(self, i: int) -> bool:
        token = self.tokens[i]
        return (token[:1].isalpha() or token[:1] == b"_") and token not in _KEYWORDS

    def _name(self, i: int) -> str:
        return self.text[self.at[i] : self.at[i] + len(self.tokens[i])]

    def _declarations(self, body: int) -> None:
        tokens = self.tokens
        self.members_end = 0
        for i in range(body, len(tokens)):
            if i < self.members_end:
                continue
            before = tokens[i - 1] if i else b"{"
            if (
                before in _STARTS_STATEMENT
                or before == b"for"
                or (before == b"(" and i > 1 and tokens[i - 2] == b"for")
            ):
                self._declaration(i)

    def _declaration(self, i: int) -> None:
        """Declare what a statement that begins at ``i`` declares, if it is a declaration."""
        tokens = self.tokens
        count = len(tokens)
        j, typed, qualified = i, False, False
        extern = tokens[i] == b"extern"
        while j < count:
            token = tokens[j]
            if token in _TAGGED:
                j += 1 if tokens[j + 1 : j + 2] == [b"{"] else 2
                typed = True
                if j < count and tokens[j] == b"{":
                    end = self._closing(j)
                    if token == b"enum":
                        self._enumerators(j + 1, end)
                    else:
                        self.members_end = end
                        self.declared.update(range(j, end))
                    j = end + 1
            elif token in _QUALIFIERS:
                j += 1
                qualified = True
            elif token in _TYPEOF and tokens[j + 1 : j + 2] == [b"("]:
                j = self._behind(j + 1)
                typed = True
            elif token in _TYPE_WORDS or (not typed and self._names_type(j)):
                self.declared.add(j)
                j += 1
                typed = True
            elif typed and self._is_word(j) and j + 1 < count and self._is_word(j + 1):
                self.declared.add(j)
                j += 1
            else:
                break
        if not (typed or qualified):
            return
        first = True
        while j < count:
            while j < count and tokens[j] in (b"*", b"(", b"const", b"volatile", b"restrict"):
                if tokens[j] == b"(" and not (j + 1 < count and tokens[j + 1] == b"*"):
                    return
                j += 1
            if j >= count or not self._is_word(j):
                return
            after = tokens[j + 1] if j + 1 < count else b";"
            if after not in _AFTER_DECLARATOR and after != b")" and not (after == b"(" and not first):
                if after in (b"(",):
                    return
                if not self._is_line_end(j):
                    return
            if contains(self.broken, self.at[j]) and self._is_glued(j):
                return
            name = self._name(j)
            self.declared.add(j)
            quiet = extern or name in self._known_here() or (is_macro_name(name) and len(name) > 1)
            self.names.declare(name, self.at[j], QUIET if quiet else VARIABLE)
            first = False
            if after == b")" and tokens[j + 2 : j + 3] == [b"("]:  # the parameters of a pointer to a function
                self.declared.update(range(j + 3, self._behind(j + 2)))
            j = self._next_declarator(j + 1)
            if j < 0:
                return

    def _names_type(self, j: int) -> bool:
        if j + 1 >= len(self.tokens) or not self._is_word(j):
            return False
        return self._is_word(j + 1) or self.tokens[j + 1] in (b"*", b"const")

    def _behind(self, j: int) -> int:
        """Give the index after the parenthesis that closes the one at ``j``."""
        depth = 0
        for k in range(j, len(self.tokens)):
            self.budget -= 1
            depth += (self.tokens[k] == b"(") - (self.tokens[k] == b")")
            if depth == 0 or self.budget < 0:
                return k + 1
        return len(self.tokens)

    def _closing(self, j: int) -> int:
        """Give the index of the brace that closes the one at ``j``, or where to stop looking."""
        depth = 0
        last = len(self.tokens)
        for k in range(j, last):
            self.budget -= 1
            if self.budget < 0:
                return k
            depth += (self.tokens[k] == b"{") - (self.tokens[k] == b"}")
            if depth == 0:
                return k
        return last

    def _enumerators(self, j: int, end: int) -> None:
        for k in range(j, end):
            if self._is_word(k) and self.tokens[k - 1] in (b"{", b",", b"(", b")"):
                self.declared.add(k)
                self.names.declare(self._name(k), self.at[k], QUIET)

    def _known_here(self) -> dict[str, object]:
        return dict.fromkeys(self.names.scopes[-1])

    def _is_line_end(self, j: int) -> bool:
        end = self.at[j] + len(self.tokens[j])
        return self.text[end : end + 80].lstrip(" \t")[:1] in ("\n", "")

    def _next_declarator(self, j: int) -> int:
        """Skip the rest of a declarator; give the index after the comma, or -1 at the declaration's end."""
        depth = 0
        for k in range(j, len(self.tokens)):
            self.budget -= 1
            if self.budget < 0:
                return -1
            token = self.tokens[k]
            if token in (b"(", b"[", b"{"):
                depth += 1
            elif token in (b")", b"]", b"}"):
                depth = max(0, depth - 1)
            elif token == b";":
                return -1
            elif token == b"," and depth == 0:
                return k + 1
        return -1

    def _token(self, i: int) -> None:
        tokens = self.tokens
        token = tokens[i]
        names = self.names
        if token == b"return":
            names.open[-1].returns += 1
        if not self._is_word(i) or i in self.declared or self.at[i] in self.types:
            return
        before = tokens[i - 1] if i else b""
        after = tokens[i + 1] if i + 1 < len(tokens) else b""
        name, start = self._name(i), self.at[i]
        function = names.open[-1]
        if before == b"goto":
            function.gotos.setdefault(name, start)
        elif after == b":" and before in (b";", b"{", b"}", b":", b")", b"(") and tokens[i + 2 : i + 3] != [b":"]:
            function.labels.setdefault(name, start)
        elif before in (b".", b"->") or before in _TAGGED or self._names_operand(i, before, after):
            return
        elif after == b"(" or names.find(name) is not None or is_macro_name(name) or name in names.context.macros:
            names.mention(name)
            if after == b"(" and is_macro_name(name) and declares_arguments(name):
                self._capital_call(i)
        elif (
            before == b"case"
            or (contains(self.broken, start) and self._lost_its_bracket(i, after))
            or self._is_type_like(i, before, after)
            or self._in_macro(i)
        ):
            names.mention(name)
        else:
            bare = before in (b"(", b",") and after in (b",", b")")
            names.use(name, start, returned=before == b"return" and after == b";", handed_on=bare)

    def _lost_its_bracket(self, i: int, after: bytes) -> bool:
        """Tell whether the bracket that a line lacks may have stood behind a word: it was a call then."""
        end = self.at[i] + len(self.tokens[i])
        if after in (b"&", b"*"):
            return self.at[i + 1] == end
        if after in (b"!", b"~") or after[:1] == b'"' or after[:1].isalnum():
            return True
        while end not in self.slips and self.text[end : end + 1] == ")":
            end += 1
        return end in self.slips

    def _is_glued(self, j: int) -> bool:
        """Tell whether what looks like a declarator may have been an argument: ``CALL*name, other)``."""
        type_end = self.at[j - 2] + len(self.tokens[j - 2])
        return self.tokens[j - 1] == b"*" and type_end == self.at[j - 1] == self.at[j] - 1

    def _names_operand(self, i: int, before: bytes, after: bytes) -> bool:
        """Tell whether a word is the name of an operand of ``asm``: ``[name] "r" (value)``."""
        return before == b"[" and after == b"]" and self.tokens[i + 2 : i + 3] != [] and self.tokens[i + 2][:1] == b'"'

    def _is_type_like(self, i: int, before: bytes, after: bytes) -> bool:
        """Tell whether a word that nothing declares stands where a type may."""
        tokens = self.tokens
        if i + 1 < len(tokens) and self._is_word(i + 1):
            return True
        if before in (b"(", b",") and after in (b",", b")") and is_type_name(self._name(i)):
            return True
        if before == b"(" and after == b")" and i > 1:
            previous, following = tokens[i - 2], tokens[i + 2 : i + 3]
            if previous == b"sizeof":
                return is_type_name(self._name(i))
            if following and (self._is_word(i + 2) or following[0] in (b"(", b"&")):
                return previous not in (b"if", b"while", b"switch", b"for")
        if after == b"*" and before in (b"(", b",", b";", b"{", b"}"):
            following = [t for t in tokens[i + 1 : i + 5] if t != b"*"][:1]
            return following in ([b")"], [b","]) or before in (b";", b"{", b"}")
        return False

    def _in_macro(self, i: int) -> bool:
        """Tell whether a bare word stands among the arguments of a call that also takes a type, or of a macro."""
        depth = 0
        for k in range(i - 1, max(-1, i - 40), -1):
            token = self.tokens[k]
            if token == b")":
                depth += 1
            elif token == b"(":
                if depth == 0:
                    head = self.tokens[k - 1] if k else b""
                    if head == b"while" and self.at[k - 1] in self.loops:
                        # The member that links a list comes last.
                        return self.tokens[i + 1 : i + 2] == [b")"] and self.tokens[k:i].count(b",") > 1
                    return (head[:1].isalpha() or head[:1] == b"_") and self._takes_more(head, k, i)
                depth -= 1
            elif token in (b";", b"{", b"}"):
                return False
        return False

    def _takes_more(self, head: bytes, k: int, i: int) -> bool:
        """Tell whether the call of ``head``, whose arguments begin at ``k``, takes more than values before ``i``."""
        if b"for_each" in head or self._has_type(k, i):
            return True
        name = head.decode()
        if head.isupper() and declares_arguments(name):
            return True
        return (name.isupper() or name in self.members) and b"," in self.tokens[k:i]

    def _has_type(self, k: int, i: int) -> bool:
        return any(self.tokens[n] in _TAGGED or self.at[n] in self.types for n in range(k, i))

    def _capital_call(self, i: int) -> None:
        before = self.tokens[i - 1] if i else b";"
        if before not in (b";", b"{", b"}"):
            return
        for k in range(i + 2, min(len(self.tokens), i + 40)):
            if self.tokens[k] in (b")", b";"):
                return
            bare = self.tokens[k - 1] in (b"(", b",") and self.tokens[k + 1 : k + 2] in ([b","], [b")"])
            if bare and self._is_word(k) and self.names.find(self._name(k)) is None:
                self.names.declare(self._name(k), self.at[k], QUIET)


def _line(code: bytes, position: int) -> Range:
    """Give the range of the line that holds ``position``."""
    end = code.find(b"\n", position)
    return code.rfind(b"\n", 0, position) + 1, len(code) if end < 0 else end
