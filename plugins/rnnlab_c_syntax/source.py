"""What is known about a text before its functions are read; whoever reads them may ask about any place."""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS
from rnnlab_c_syntax.conditionals import Conditionals
from rnnlab_c_syntax.facts import Context
from rnnlab_c_syntax.hidden import Hidden
from rnnlab_c_syntax.lexical import Lexed
from rnnlab_c_syntax.made import Made
from rnnlab_c_syntax.misread import Misread
from rnnlab_c_syntax.pasted import Pasted
from rnnlab_c_syntax.places import ONLY_WORDS, contains
from rnnlab_c_syntax.unread import Unread
from rnnlab_c_syntax.unseen import Unseen

_BRANCH = re.compile(rb"\n[ \t]*+#[ \t]*+(?:if|el|endif)")
#: ``BEGIN_LOOP``, ``FOR_EACH(x)``, ``SWITCH(x) {``.
_BARE_MACRO = re.compile(rb"\n[ \t]*+[A-Z_][A-Z0-9_]*+[ \t]*+(?:" + ARGUMENTS + rb"[ \t]*+)?[\n{]")
#: A jump, and what may stand around it; the macro whose arguments those are.
_AROUND_GOTO = re.compile(rb"[()]|\bgoto\s++([A-Za-z_]\w*+)")
_MACRO_BEFORE = re.compile(rb"[;{}]\s*+[A-Z_][A-Z0-9_]{2,}+[ \t]*+\Z")
_LONGEST_MACRO = 2000
#: Comments before such a macro are blanks.
_LONGEST_GAP = 1000
_COLON = re.compile(rb":(?!:)")
_LAST_WORD = re.compile(rb"[A-Za-z_]\w*+\Z")
_LONGEST_NAME = 200
_EXCUSE_WORDS = ("unused", "UNUSED", "cleanup", "__free", "__used", "auto", "AUTO", "GUARD")
_EXCUSE = re.compile(
    r"__\w*unused\w*|\bmaybe_unused\b|\bgnu::unused\b|\b_unused_?\b|\b[a-z]+_unused[\s*]+[A-Za-z_]|\bunused__|\(\s*unused|UNUSED|(?<!\w)_*cleanup_*\s*\(|__free\s*\(|__used"
    # ``int64_t first, last not_unused``, but no name that ends so: ``static row is_unused``.
    r"|(?:[,*]|(?<!\w)(?!(?:static|extern|const|volatile|struct|union|enum)\b)\w+\s)\s*"
    r"(?!(?:const|unsigned|signed|char|short|int|long|float|double|bool)\b)\w+\s+[a-z]+_unused\s*\Z"
    # What is done at the end of their scope uses them: ``g_autofree char *name``, ``LOCK_GUARD held = take(lock);``.
    r"|(?<!\w)(?:\w*_)?(?:g_auto|auto_?(?:free|ptr|close|unref|unlock|lock|release|destroy|delete))[\s(]"
    r"|(?<!\w)_cleanup_\w+_\s|(?<!\w)(?:[A-Z_]*_)?(?:GUARD|AUTO_?(?:FREE|PTR|CLOSE|UNLOCK|LOCK))(?:\(|\s+[a-z])"
)
#: The same in the body of a macro.
_EXCUSING = re.compile(rb"\(\(\s*+(?:__)?(?:unused|cleanup)\b")
_NAME = re.compile(r"[A-Za-z_]\w*")
#: A declaration among the arguments of a macro, which may leave out what uses it too.
_IN_MACRO = re.compile(rb"[;{]?\s*+\)?+\s*+[A-Z_][A-Z0-9_]++\s*+\(\s*+(?:static|const|[A-Za-z_]\w*+\s++[*A-Za-z_])")
#: The name of a function that a macro makes, where the grammar sees a declarator: ``API_NAME(move) (API_ARGx place);``.
_WRAPPED = re.compile(rb"\n[ \t]*+[A-Z_][A-Z0-9_]{2,}+\([ \t]*+\Z")
#: How far around a declaration an attribute that excuses it is looked for.
_EXCUSE_REACH = 400
#: What a statement begins with that may be nothing but a macro's: ``assert(x);``, ``UNUSED(x);``.
_VANISHING = re.compile(rb"[\s)]*+(?:\w*?(?:[Aa]ssert|check|verify|debug|trace)\w*+|[A-Z_][A-Z0-9_]++)[ \t]*+\(")


class Source:
    """One text; all places are offsets of it."""

    def __init__(self, text: str, raw: bytes, lexed: Lexed, conditionals: Conditionals) -> None:
        self.text = text
        self.raw = raw
        self.lexed = lexed
        self.conditionals = conditionals
        self.made = Made(lexed.code)
        self._pasted = Pasted(lexed.code, conditionals.macros, self.words)
        self._unseen = Unseen(raw, lexed.code, self.made)
        self._misread = Misread(raw, lexed)
        self._kept_excusing: frozenset[str] | None = None
        self._kept_words: list[bytes] | None = None
        #: The words of what stands outside of functions and could not be read.
        self.unread = Unread()

    def words(self) -> list[bytes]:
        """List all words of the code, whether any world reads them or none."""
        if self._kept_words is None:
            self._kept_words = self.lexed.code.translate(ONLY_WORDS).split()
        return self._kept_words

    def context(self, world: int, known: frozenset[str], *, unused_parameter: bool) -> Context:
        """Say what scopes may ask about the text around a function, in one world."""
        hidden = Hidden(self.lexed.code, self.conditionals.hidden[world])

        def is_declared_hidden(name: str, start: int, end: int) -> bool:
            if hidden.declares(name, start, end) or self.unread.declares(name):
                return True
            return self._unseen.may_declare(name, start, end)

        return Context(
            macros=self.conditionals.macros,
            known=known,
            is_parted=lambda start, end: _BRANCH.search(self.raw, start, end) is not None,
            is_hidden=hidden.holds,
            is_declared_hidden=is_declared_hidden,
            is_excused=self.is_excused,
            is_read_unseen=self._misread.is_read_unseen,
            pastes=self._misread.pastes,
            may_hide_any=self._misread.may_hide_any,
            has_macro_header=self._unseen.has_macro_header,
            holds=self._misread.holds,
            may_jump_to=self._misread.may_jump_to,
            is_glued=self._pasted.glues,
            is_made=self.is_made,
            label_like=self.label_like,
            may_open_loop=lambda start, end: _BARE_MACRO.search(self.lexed.code, start, end) is not None,
            may_vanish=self.may_vanish,
            has_include=b"#include" in self.raw,
            headers_end=self.raw.rfind(b"#include"),
            unused_parameter=unused_parameter,
        )

    def is_made(self, name: str) -> bool:
        """Tell whether a macro of the text, or one that its file scope calls, may make ``name``."""
        return self.made.declares(name) or self._pasted.declares(name)

    def is_excused(self, start: int) -> bool:
        """Tell whether the declaration at ``start`` says that its name may stay unused."""
        code = self.lexed.code
        before = max(0, start - _EXCUSE_REACH)
        begin = max(code.rfind(b";", before, start), code.rfind(b"{", before, start), before)
        end = code.find(b";", start, start + _EXCUSE_REACH)
        around = self.text[begin : start + _EXCUSE_REACH if end < 0 else end]
        if _IN_MACRO.match(code, begin) or _WRAPPED.search(code, max(0, start - _LONGEST_NAME), start):
            return True
        if any(word in around for word in _EXCUSE_WORDS) and _EXCUSE.search(around) is not None:
            return True
        return bool(self._excusing) and not self._excusing.isdisjoint(_NAME.findall(around))

    @property
    def _excusing(self) -> frozenset[str]:
        """The macros of the text that say of what they stand beside that it may stay unused."""
        if self._kept_excusing is None:
            self._kept_excusing = self._find_excusing()
        return self._kept_excusing

    def _find_excusing(self) -> frozenset[str]:
        macros = self.conditionals.macros
        return frozenset(name for name, macro in macros.items() if _EXCUSING.search(macro.body) is not None)

    def may_vanish(self, start: int) -> bool:
        """Tell whether what stands at ``start`` may be left out: in a branch, or in an assertion."""
        if any(contains(hidden, start) for hidden in self.conditionals.hidden):
            return True
        code = self.lexed.code
        before = max(0, start - _EXCUSE_REACH)
        begin = max(code.rfind(mark, before, start) for mark in (b";", b"{", b"}")) + 1
        return _VANISHING.match(code, begin, start) is not None

    def _jumps_in_macros(self, start: int, end: int) -> list[str]:
        """List the labels of jumps among the arguments of macros in capitals: one that is given statements has them."""
        code = self.lexed.code
        found: list[str] = []
        opened: list[int] = []
        for match in _AROUND_GOTO.finditer(code, start, end):
            if match[0] == b"(":
                opened.append(match.start())
            elif match[0] == b")":
                del opened[-1:]
            elif (
                opened
                and match.start() - opened[0] < _LONGEST_MACRO
                and _MACRO_BEFORE.search(code, max(start, opened[0] - _LONGEST_GAP), opened[0])
            ):
                found.append(match[1].decode())
        return found

    def label_like(self, start: int, end: int) -> frozenset[str]:
        """List the words that stand before a colon, or in a macro of a header."""
        code = self.lexed.code
        before = [code[max(start, m.start() - _LONGEST_NAME) : m.start()] for m in _COLON.finditer(code, start, end)]
        words = [_LAST_WORD.search(text.rstrip()) for text in before]
        found = {word[0].decode() for word in words if word is not None}
        found.update(self._jumps_in_macros(start, end))
        return frozenset(found)
