"""Functions whose names a macro of a header may have declared: what in their text says so.

``DEFINE_IDTENTRY(handler)`` with a body behind it has parameters that nobody sees, a bare word in
capitals among the declarations may be any of them, and a block that ``endfor(x)`` ends began
with a macro that opened a scope of its own. It sees code as it was written and no tree.
"""

from __future__ import annotations

import re
from collections import Counter

from rnnlab_c_syntax.beside_declarations import begins_declaration, follows_declaration
from rnnlab_c_syntax.looks import may_declare
from rnnlab_c_syntax.macros import declared_words
from rnnlab_c_syntax.made import Made
from rnnlab_c_syntax.places import find_word, line_start
from rnnlab_c_syntax.wrapped import wrapped_names

#: Capitals alone where a declaration may stand, which say that they declare, and the end of a block that a macro
#: began. ``DECLARE_MBSTATE;`` says what, too.
_CAPITALS = re.compile(
    rb"\n[ \t]++(?=[A-Z])"
    rb"(?:(?=\w*?(?:DECL|DEF|VAR|LOCAL|ARG|INIT|START|BEGIN|SETUP))(DECLARE_)?([A-Z][A-Z0-9_]++);"
    rb"|[A-Z0-9_]*?SETUP[A-Z0-9_]*+\(\);)"
)
#: What such macros say of Perl's functions, and what those have then.
_PERL, _OF_PERL = re.compile(rb"[{;]\s*+d[A-Z]{2,}+;"), frozenset(("items", "ax", "cv", "sp", "mark", "targ"))
#: Where a function begins with a macro that gives its parameter another type, and the members of what that declares.
_PREAMBLE = re.compile(rb"\{\s*+[A-Z0-9_]*?P(?:REAMBLE|ROLOG)[A-Z]*+[ \t]*+\([^(){};]*+\);")
_OF_PREAMBLE = re.compile(rb"\b([a-z]\w*+)->")
_BLOCK_END = re.compile(rb"end(?<!\w...)_?for\w*+[ \t]*+\(")
_MACRO_HEADER = re.compile(
    rb"\s*+(?:[A-Z_][A-Z0-9_]++[ \t]*+\([^(){};]++\)\s*+){0,40}?(?:static\s++)?"
    rb"([A-Z_][A-Z0-9_]++)\s*+\(\s*+\w++\s*+(?:(?:,\s*+[\w+*][\w+* \t]*+\s*+){0,3}|,[^(){};\"]*+"
    rb"(?:\([^(){};\"]*+\"[^(){};]*+\)|\")[^(){};]*+)\)\s*+\{"
    rb"|\s*+[a-z_][\w \t\n*]{0,200}+\(\s*+(?!\w*?VOID)([A-Z_][A-Z0-9_]{2,}+)\s*+(?:,[^(){};]*+)?\)\s*+\{"
    rb"|\s*+[A-Z][\w \t\n*]{0,200}+\(\s*+(?=[A-Z_]*?(?:PARAM|ARG))([A-Z_]++)\s*+\)\s*+\{"
    rb"|\s*+[a-z_][\w \t\n*]{0,200}+\([^(){};]*?,\s*+(?=[A-Z_]*?(?:PARAM|ARG))([A-Z_]++)\s*+\)\s*+\{"
)
#: ``PERMS_SET_IMPLEMENT(mutex)`` with a body, ``row(ROW_PARAMS)``: a header says the parameters.
_HEADER_PARAMETERS = re.compile(r"IMPLEMENT|_PARAM(?:ETER)?S?\Z|_ARGS?\Z")
#: ``ACTION(print) {``: what such a function has for parameters its file says, and not its text.
_LONE_ARGUMENT = re.compile(rb"\s*+(?:(?:static|[A-Z_]++)\s++)?[A-Z_][A-Z0-9_]++\s*+\(\s*+[a-z]\w*+\s*+\)\s*+\{")
_INNER = re.compile(rb"\([^(){};]*+\)")
_MARK = re.compile(rb"\S")
_MACRO_FUNCTION = re.compile(rb"\n(?=[A-Za-z_])(?:" + _MACRO_HEADER.pattern + rb")")
#: What such headers declare: in the tests of the Linux kernel, and in commands.
_GIVEN = frozenset(("self", "variant", "_metadata", "ctx", "argc", "argv"))
_WORD = re.compile(rb"[A-Za-z_]\w*+")
_PARAMETER = re.compile(rb"[ \t*](?<=[\w*].)[ \t*]*+([A-Za-z_]\w*+)\s*+[,)]")
#: A macro that is given one word, where a statement begins: ``OPTIONAL_TABLE( TagList );``.
_GIVEN_ONE = re.compile(rb"\n[ \t]++([A-Z_][A-Z0-9_]++)[ \t]*+\([ \t]*+([A-Za-z_]\w*+)[ \t]*+\)[ \t]*+;")
#: A macro that says what it declares: ``DeclareThis(row);``.
_SAYS_NAME = re.compile(rb"Declare(?<=[ \t]Declare)([A-Z]\w*+)[ \t]*+\([^(){};]*+\)[ \t]*+;")
#: A type and no variable, where nobody reckons: ``free_it((handle)&held)``.
_CAST_OF_ADDRESS = re.compile(rb"\((?:(?<=[=(,]\()|(?<=[=(,] \())([A-Za-z_]\w*+)\)&\w")
#: A macro that is indented as the functions of a text are, and what it is given first.
_INDENTED = re.compile(rb"\n([ \t]++)[A-Z_][A-Z0-9_]*+\(\s*+([A-Za-z_]\w*+)\s*+,")
_LONGEST_INDENT = 40
#: What is given the size of what it declares, and where that is: ``HEADER_VAR(8, text);``.
_SIZED = re.compile(rb"_VAR\((?<=[A-Z]_VAR.)\d++,[ \t]*+\w++\);")
#: Calls that are given nothing, or constants, where declarations stand: ``header_find(true, 2); hash_2_calc();``.
_CONSTANT_CALLS = re.compile(rb"\n[ \t]++((?:[a-z]\w*+\((?:[A-Z\d_, ]|true|false)*+\);\s*+)++)")
#: A function with parameters that it has no ``va_list`` for, and a macro of a header that takes them.
_VARIADIC = re.compile(rb"\.\.\.\s*+\)\s*+\{")
_VA_LIST = re.compile(rb"\bva_(?:list|start)\b")
_VA_MACRO = re.compile(rb"[;{}]\s*+(?=\w*?va_|VA_)\w++[ \t]*+\([^(){};]*+\)\s*+;")
_OF_THE_REST = re.compile(rb"\bv[a-z]\w*+")
#: What has capitals and small letters, and is given one word; a macro all in capitals may set what it is given.
_BEGINS = re.compile(
    rb"[;{}]\s*+(?=\w*?[A-Z])(?=\w*?[a-z])[A-Za-z_]\w*+[ \t]*+\([ \t]*+([A-Za-z_]\w*+)[ \t]*+\)(?=[ \t]*+;)"
)
_ADDRESS = re.compile(rb"(?<!&)&[ \t]*+([A-Za-z_]\w*+)")
_LONGEST_HEADER = 6000


def _is_told(name: str, sign: str) -> bool:
    """Tell whether ``name`` shares a word with what a macro says that it declares: ``state_bak`` with ``MBSTATE``."""
    return not sign or any(len(word) > 2 and word in sign for word in name.upper().split("_"))


class Unseen:
    """Looks for such signs in one text."""

    def __init__(self, raw: bytes, code: bytes, made: Made) -> None:
        self.raw = raw
        self.code = code
        self.made = made
        self._signs: dict[int, list[str]] = {}
        self._wrapped: dict[int, frozenset[str]] = {}
        #: The macro that stands for a header or its parameters; nothing if it is a header as others.
        self._headless: dict[int, str] = {}
        #: Where its type is a header's: such functions are many in a file, and what one has the others have.
        self._usual: set[int] = set()
        #: The words of such a header, literals and all: they may say what the parameters are.
        self._header_words: dict[int, frozenset[bytes]] = {}
        #: What indented macros are given first, and how far each is indented.
        self._kept_beside: frozenset[tuple[bytes, bytes]] | None = None
        self._kept_parameters: frozenset[bytes] | None = None
        self._kept_undeclared: Counter[bytes] | None = None

    def may_declare(self, name: str, start: int, end: int) -> bool:
        """Tell whether the function between ``start`` and ``end`` may have ``name`` from a macro of a header."""
        signs = self._signs.get(start)
        if signs is None:
            signs = self._signs[start] = self._find_signs(start, end)
            header = _MACRO_HEADER.match(self.code, start, min(end, start + _LONGEST_HEADER))
            self._headless[start] = next(filter(None, header.groups())).decode() if header is not None else ""
            if header is not None and header[3]:
                self._usual.add(start)
            if header is not None:
                text = self.raw[start : header.end()].replace(b"-", b"_")  # ``backup-index`` is what a user writes
                self._header_words[start] = frozenset(_WORD.findall(text))
        if signs and any(_is_told(name, sign) for sign in signs):
            return True
        wrapped = self._wrapped.get(start)
        if wrapped is None:
            wrapped = wrapped_names(self.code, start, end) | self._given_alone(start, end)
            wrapped = self._wrapped[start] = wrapped | self._begun(start, end)
        if name in wrapped or self._is_given_beside(name, start):
            return True
        macro = self._headless[start]
        return bool(macro) and (
            (start not in self._usual and _HEADER_PARAMETERS.search(macro) is not None)
            or name.removesuffix("_str").encode() in self._header_words[start]
            or self._is_parameter(name)
            or self._is_shared(name)
            or _is_told(name, macro)
        )

    def _given_alone(self, start: int, end: int) -> frozenset[str]:
        """List the words that are all that macros behind declarations are given, and that stand behind them again."""
        found: set[str] = set()
        code, last = self.code, -1
        for match in _GIVEN_ONE.finditer(code, start, end):
            goes_on = last >= 0 and not code[last : match.start()].strip()
            if may_declare(match[1].decode()) and (goes_on or follows_declaration(code, match.start() + 1)):
                last = match.end()
                if find_word(code, match[2], last, end) >= 0:
                    found.add(match[2].decode())
        found.update(word.decode() for word in _CAST_OF_ADDRESS.findall(code, start, end))
        found.update(word.decode() for word in _SAYS_NAME.findall(code, start, end))
        if self._takes_the_rest(start, end):
            found.update(word.decode() for word in _OF_THE_REST.findall(code, start, end))
        if _PREAMBLE.search(code, start, end):
            found.update(word.decode() for word in _OF_PREAMBLE.findall(code, start, end))
        return frozenset(found) | (_OF_PERL if _PERL.search(code, start, end) else frozenset())

    def _begun(self, start: int, end: int) -> frozenset[str]:
        """List the names that macros are given before all else, and whose addresses are taken behind it.

        What nothing has set is not handed on by its value, so the macro declares it: ``Text_begin(line);``.
        """
        code = self.code
        begun = {match[1]: match.start(1) for match in reversed(list(_BEGINS.finditer(code, start, end)))}
        if not begun:
            return frozenset()
        begun = {name: begun[name] for name in begun.keys() & set(_ADDRESS.findall(code, start, end))}
        firsts = (
            {match[0]: match.start() for match in reversed(list(_WORD.finditer(code, start, end)))} if begun else {}
        )
        return frozenset(name.decode() for name, place in begun.items() if firsts[name] == place)

    def _is_given_beside(self, name: str, start: int) -> bool:
        """Tell whether a macro as indented as the function at ``start``, and so beside it, is given ``name`` first."""
        indent = self.code[line_start(self.code, start, _LONGEST_INDENT) : start]
        if not indent or indent.strip():
            return False
        if self._kept_beside is None:
            self._kept_beside = frozenset(_INDENTED.findall(self.code))
        return (indent, name.encode()) in self._kept_beside

    def _find_signs(self, start: int, end: int) -> list[str]:
        """List what macros of a function may declare: in capitals, or nothing for anything."""
        if _BLOCK_END.search(self.code, start, end) or self._is_cut_out(start, end):
            return [""]
        signs: list[str] = [""] if _SIZED.search(self.code, start, end) else []
        for match in _CAPITALS.finditer(self.code, start, end):
            before = self.code[max(start, match.start() - 200) : match.start()].rstrip()
            begins = before[-2:] == b"\n{" or (before[-1:] == b"{" and b"DECL" in match[0])
            if begins or follows_declaration(self.code, match.start()):
                signs.append(match[2].decode() if match[1] else "")
        return signs + self._find_calls(start, end)

    def _takes_the_rest(self, start: int, end: int) -> bool:
        """Tell whether a macro takes what a function is given behind its parameters, and so keeps it somewhere."""
        header = _VARIADIC.search(self.code, start, min(end, start + _LONGEST_HEADER))
        if header is None or _VA_LIST.search(self.code, start, end):
            return False
        return _VA_MACRO.search(self.code, header.end() - 1, end) is not None

    def _is_cut_out(self, start: int, end: int) -> bool:
        """Tell whether a function with a macro for its header is all of the text: no other says its parameters."""
        if not self.has_macro_header(start, end):
            return False
        return _MARK.search(self.code, 0, start) is None and _MARK.search(self.code, end) is None

    def has_macro_header(self, start: int, end: int) -> bool:
        """Tell whether a macro that is given one word is the header of a function; a test has no parameters."""
        macro = _LONE_ARGUMENT.match(self.code, start, min(end, start + _LONGEST_HEADER))
        return macro is not None and b"TEST" not in macro[0]

    def _find_calls(self, start: int, end: int) -> list[str]:
        """List what calls that are given no variables may declare, where declarations stand: two of them anything."""
        signs: list[str] = []
        for match in _CONSTANT_CALLS.finditer(self.code, start, end):
            names = [call.partition(b"(")[0].strip() for call in match[1].split(b";")[:-1]]
            before = self.code[max(start, match.start() - 200) : match.start()].rstrip()
            if not all(b"_" in name for name in names) or (
                before[-1:] != b"{" and not follows_declaration(self.code, match.start() + 1)
            ):
                continue
            if begins_declaration(self.code, match.end()):
                signs.append("" if len(names) > 1 else names[0].decode().upper())
        return signs

    def _is_parameter(self, name: str) -> bool:
        """Tell whether another function has a parameter of this name."""
        return name.encode() in self._parameters

    def _is_shared(self, name: str) -> bool:
        """Tell whether a name is one that such headers declare: several functions use it, and none declares it."""
        return name in _GIVEN or self._undeclared[name.encode()] > 1

    @property
    def _undeclared(self) -> Counter[bytes]:
        """In how many functions with such headers words stand that these do not seem to declare."""
        if self._kept_undeclared is None:
            self._kept_undeclared = self._find_undeclared()
        return self._kept_undeclared

    def _find_undeclared(self) -> Counter[bytes]:
        counts: Counter[bytes] = Counter()
        code = b"\n" + self.code
        position = 0
        while match := _MACRO_FUNCTION.search(code, position):
            end = code.find(b"\n}", match.end())
            position = len(code) if end < 0 else end
            body = code[match.end() : position]
            plain = _INNER.sub(b"", _INNER.sub(b"", body))  # ``n = (int)read(first, last);`` declares no ``last``
            counts.update(set(_WORD.findall(body)).difference(declared_words(plain)))
        return counts

    @property
    def _parameters(self) -> frozenset[bytes]:
        if self._kept_parameters is None:
            self._kept_parameters = self._find_parameters()
        return self._kept_parameters

    def _find_parameters(self) -> frozenset[bytes]:
        return frozenset(_PARAMETER.findall(self.made.outside))
