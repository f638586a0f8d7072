"""Types that a grammar without a preprocessor takes for something else, made plain at equal length.

A type among the arguments of a call, one that a macro makes, a pointer that looks like a call. ``types``
takes where something became the name of a type that nobody wrote; places are in the code without the
line's end that stands before it here.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS, blank, blank_group
from rnnlab_c_syntax.decorations import BUILTIN
from rnnlab_c_syntax.keywords import TYPE_WORDS
from rnnlab_c_syntax.looks import is_macro_name, is_type_name
from rnnlab_c_syntax.patterns import sign
from rnnlab_c_syntax.places import Range, line_start

_BUILTIN = rb"(?:unsigned|signed|long|short|int|char|void|double|float|bool|_Bool)\b"
_BEHIND = rb"(?:\s*\*|\s*const\b)*+(?=\s*+[,)])"
_TYPE_ARGUMENT = re.compile(
    rb"\s*+((?:const\s+|volatile\s+)*(?:[A-Za-z_]\w*+(?=\s*\*\s*[*,)])|(?:struct|union|enum)\s+[A-Za-z_]\w*+|"
    + _BUILTIN
    + rb"(?:\s+(?:unsigned|signed|long|short|int|char|double)\b)*+)"
    + _BEHIND
    + rb")"
)
#: Where such a type may begin: a word of the language, and the star of a pointer. These patterns begin with
#: a character each, for a regular expression finds that faster than one of several.
_TYPE_WORD = rb"(?=\s*+(?:" + _BUILTIN + rb"|(?:const|volatile|struct|union|enum)\s))"
_TYPE_LETTER = rb"(?=\s*+[bcdefilsuv_])"
_TYPE_BEGINS = re.compile(rb"\(" + _TYPE_LETTER + _TYPE_WORD), re.compile(rb"," + _TYPE_LETTER + _TYPE_WORD)
_POINTER_ENDS = re.compile(rb"\*(?=\s*+[,)])")
_IN_CALL = re.compile(rb"\((?:(?<=\w\()|(?=[^(),;]*+,)|(?<=\w[ ]\()(?=(?:struct|union|enum)\b[^(),;]*+\)\s*+[;,)]))")
_LONGEST_TYPE = 200
_AUTO = b"auto"
_COMMA, _UNDERSCORE = 0x2C, 0x5F
#: A macro beside a type: ``int near *p;``, ``code FAR *next;``, ``local unsigned char c;``.
_NO_MACRO = (
    rb"(?!(?:const|static|extern|register|volatile|auto|typedef|inline|struct|union|enum|return|goto|case|else|do"
    rb"|sizeof|unsigned|signed|long|short)\b)"
)
_BESIDE_TYPE = re.compile(
    rb"([\n{](?=[ \t]*+[A-Za-z_]\w*+[ \t]++[A-Za-z_]\w*+[ \t*({])[ \t]*+(?:(?:const|static|extern|register)[ \t]++)*+)"
    + _NO_MACRO
    + rb"([A-Za-z_]\w*+)([ \t]++)"
    rb"(?:((?:" + _NO_MACRO + rb"[A-Za-z_]\w*+[ \t]++){0,2}?)"
    rb"(?=(?:unsigned|signed|void|char|short|int|long|float|double|struct|union|enum)[ \t*(]++[A-Za-z_*{])"
    rb"|(?!(?:const|volatile|restrict)\b)([A-Za-z_]\w*+)"
    rb"(?=[ \t]*+\*[ \t*]*+(?:const[ \t]++)?[A-Za-z_]\w*+\s*[=;,\[]))"
)
#: The same in a cast: ``(z_const Bytef *)text``, ``(vector float)sums``.
_BESIDE_CAST_TYPE = re.compile(
    rb"\((?:const[ \t]++)?([A-Za-z_]\w*+)"
    rb"(?=[ \t]++(?:(?!const\b)[A-Za-z_]\w*+(?:[ \t]++[A-Za-z_]\w*+)?[ \t]*+\*[ \t*]*+"
    rb"|(?:unsigned|signed|char|short|int|long|float|double)(?:[ \t]++(?:char|short|int|long))?)\))"
)
_MACRO_TYPE = re.compile(
    rb"[ \t]++(?:(?:const|struct)[ \t]++)?"
    rb"((?!(?:if|while|for|switch|return|sizeof)\b)[A-Za-z_]\w*+[ \t]?+\([\w \t*]*+\))"
)
#: A macro that makes a tag: ``struct WIDE(header) *first;``, ``(struct WIDE(header) *)text``.
_MADE_TAG = re.compile(rb"struct (?<!\w.......)[A-Za-z_]\w*+[ \t]?+(\(\w++\))(?=[ \t]*+\*)")
#: A macro with arguments before a declaration: ``_cleanup_(closep) FILE *f = NULL;``.
_DECLARATION_BEHIND = re.compile(
    rb"\)(?=[ \t]++(?:(?:const|unsigned|struct)[ \t]++)*+(?!(?:return|goto|case|else|do|sizeof)\b)"
    rb"[A-Za-z_]\w*+(?:[ \t]++|[ \t]*+\*[ \t*]*+)[A-Za-z_]\w*+[ \t]*+(?:=(?!=)|[;,]))"
)
_BEFORE_DECLARATION = re.compile(
    rb"[ \t]++((?:_\w*_[ \t]++)?+(?!(?:if|while|for|switch|return|sizeof)\b)[A-Za-z_]\w*+[ \t]*+\([\w \t,*&.]*+\))"
)
_POINTER_BEHIND = re.compile(rb"\)(?=[ \t]*+\*[ \t*]*+[A-Za-z_]\w*+[ \t]*+[;=,\[])")
#: The type of an expression, in a cast or where a declarator follows: ``typeof(p->list) first;``,
#: ``typeof_member(struct s, m) x;``.
_TYPEOF = re.compile(
    rb"typeof(?:(?<=\W......)|(?<=\W__......))\w*+[ \t]*+"
    + ARGUMENTS
    + rb"(?=[ \t*]++[A-Za-z_]\w*+(?:\s++[a-z_]\w*+)?+\s*[=;,\[]|[ \t*]*+\)\s*+[\w(&*~!-])"
)
_POINTER_NAME = re.compile(rb"[ \t]*+\*[ \t*]*+[A-Za-z_]")
_SIMPLE_TYPE = re.compile(rb"\((?:\s*+[A-Za-z_]\w*+)*+[\s*]*+\)")
#: A local pointer to a function whose type is one word: as an expression it would be a call of a call.
_FUNCTION_POINTER = re.compile(rb"\(\*(?<=[ \t*]..)[ \t]*+[A-Za-z_]\w*+[ \t]*+(?:\[\w*+\])?\)[ \t]*+[(\[]")
#: A calling convention in a pointer to a function: ``int (WINAPI *call)(int)``.
_CONVENTION = re.compile(
    rb"\((?=[ \t]*+[A-Z_])(?:(?<=\w[ \t]\()|(?<=[\w*]\())[ \t]*+(?:[A-Z_][A-Z0-9_]{2,}+|__?[a-z]++)[ \t]*+"
    rb"\*[ \t]*+(?=\w++[ \t]*+\)\s*+\()"
)
_ONE_WORD_TYPE = re.compile(
    rb"\n[ \t]*+(?:(?:static|const|register|typedef)[ \t]++)*+"
    rb"(?!(?:return|else|case|goto|do|sizeof|if|while|switch|for)\b)([A-Za-z_]\w(?:\w++(?=[ \t*])|[ \t]))[ \t*]*+\Z"
)
#: A local pointer to an array, whose type stands right before its parenthesis: ``u32(*row)[2] = p;``.
_ARRAY_POINTER = re.compile(rb"[ \t]++([A-Za-z_]\w*+)\(\*(\w++)\)")
_SIZE = re.compile(rb"(?:\[[\w \t*+-]*+\])++\s*+[=;,]")
#: Sizes of a type that nobody sees; indices would be variables.
_CONSTANT_SIZES = re.compile(rb"(?:\[[\dA-Z_ \t*+-]*+\]){2,}+\s*+[=;]")
_TYPEOF_SIGN, _STAR = sign(b"typeof", 1), sign(b"(*", 1)
_DEFINED_TYPE = re.compile(rb"\ntypedef\b[^;{}()]*?(\w++)(?:\[\w*+\])*+;")
_SIZE_ENDS = re.compile(rb"(?:\[\w*+\])++\s*+;")
_CALLING_CONVENTION = re.compile(
    rb"\n[ \t]*+(?:[A-Z_][A-Z0-9_]*+\([ \t]*+)?[\w \t*]+?[ \t*]([A-Z_][A-Z0-9_]{2,}+)[ \t]*\Z"
)


def macro_types(code: bytes, types: set[int]) -> bytes:
    """Make ``ElfW(Ehdr) *header;`` and ``struct ROW(of) *row;`` declarations, where a statement begins."""
    pieces: list[bytes] = []
    done = 0
    for pointer in _POINTER_BEHIND.finditer(code):
        line = line_start(code, pointer.start(), _LONGEST_TYPE)
        macro = _MACRO_TYPE.fullmatch(code, line, pointer.end())
        if macro is not None and code[max(0, line - _LONGEST_TYPE) : line].rstrip()[-1:] in (b";", b"{", b"}", b""):
            types.add(macro.start(1) - 1)
            pieces += [code[done : macro.start(1)], b"T" + b"_" * (len(macro[1]) - 1)]
            done = macro.end()
    return b"".join([*pieces, code[done:]]) if pieces else code


def typeofs(code: bytes, types: set[int]) -> bytes:
    """Make the type of an expression one word."""
    return _TYPEOF.sub(lambda m: _typeof(m, types), code) if _TYPEOF_SIGN.search(code) else code


def beside_types(code: bytes) -> bytes:
    """Blank out macros beside a type: ``int near *p;``, ``code FAR *next;``, ``(z_const Bytef *)text``."""
    code = _MADE_TAG.sub(blank_group, blank(code, _before_declarations(code)))
    return _BESIDE_CAST_TYPE.sub(_beside_cast_type, _BESIDE_TYPE.sub(_beside_type, code))


def _before_declarations(code: bytes) -> list[Range]:
    """List the macros with arguments that stand before a declaration in its line."""
    found: list[Range] = []
    for match in _DECLARATION_BEHIND.finditer(code):
        line = line_start(code, match.start(), _LONGEST_TYPE)
        macro = _BEFORE_DECLARATION.fullmatch(code, line, match.end())
        if macro is not None:
            found.append(macro.span(1))
    return found


def pointers(code: bytes) -> bytes:
    """Make declarations of local pointers to functions and arrays."""
    code = _CONVENTION.sub(lambda m: b"(*".ljust(len(m[0])), code)
    if not _STAR.search(code):
        return code
    return _array_pointers(_function_pointers(code))


def type_arguments(code: bytes, types: set[int]) -> bytes:
    """Make each type among the arguments of a call one word."""
    begins = {match.start() for pattern in _TYPE_BEGINS for match in pattern.finditer(code)}
    for match in _POINTER_ENDS.finditer(code):
        before = match.start() - _LONGEST_TYPE
        begins.add(max(code.rfind(mark, max(0, before), match.start()) for mark in (b"(", b",")))
    pieces: list[bytes] = []
    done = 0
    for begin in sorted(begins):
        found = _TYPE_ARGUMENT.match(code, begin + 1) if begin >= 0 and _is_argument(code, begin) else None
        if found is not None and found[1] != b"void":
            types.add(found.start(1) - 1)
            pieces += [code[done : found.start(1)], b"T" + b"_" * (len(found[1]) - 1)]
            done = found.end()
    return b"".join([*pieces, code[done:]]) if pieces else code


def _is_argument(code: bytes, begin: int) -> bool:
    """Tell whether the type behind ``begin`` is an argument: in parentheses of its own it may be a cast's."""
    return code[begin] == _COMMA or _IN_CALL.match(code, begin) is not None


def _function_pointers(code: bytes) -> bytes:
    """Make ``irqreturn_t (*handler)(int, void *);`` a declaration, where a statement begins."""
    pieces: list[bytes] = []
    done = 0
    for match in _FUNCTION_POINTER.finditer(code):
        line = code.rfind(b"\n", max(done, match.start() - 100), match.start())
        if line < 0 or code[max(0, line - 200) : line].rstrip()[-1:] not in (b";", b"{", b"}", b""):
            continue
        name = _ONE_WORD_TYPE.match(code, line, match.start())
        macro = None if name else _CALLING_CONVENTION.match(code, line, match.start())
        if found := name or macro:
            pieces += [code[done : found.start(1)], (b"int" if name else b"").ljust(len(found[1]))]
            done = found.end(1)
    return b"".join([*pieces, code[done:]]) if pieces else code


def _array_pointers(code: bytes) -> bytes:
    """Make of pointers to arrays, which look like calls, arrays of pointers: those declare their names, too."""
    pieces: list[bytes] = []
    defined: set[bytes] | None = None  # the types that the text defines
    done = 0
    at = code.find(b")[")
    while at >= 0:
        match = _ARRAY_POINTER.fullmatch(code, line_start(code, at, _LONGEST_TYPE), at + 1)
        if match is not None and _SIZE.match(code, at + 1):
            defined = set(_DEFINED_TYPE.findall(code)) if defined is None else defined
        if match is not None and defined is not None and _SIZE.match(code, at + 1) and _is_type(match, defined):
            kind = match[1]
            pieces += [code[done : match.start(1)], b"int".ljust(len(kind)) if len(kind) > 2 else kind]
            pieces += [b" *", match[2], b" "]
            done = at + 1
        at = code.find(b")[", at + 1)
    return b"".join([*pieces, code[done:]]) if pieces else code


def _is_type(match: re.Match[bytes], defined: set[bytes]) -> bool:
    """Tell whether what stands before a pointer to an array is a type."""
    kind = match[1].decode()
    is_known = match[1] in defined or is_type_name(kind)
    is_known = is_known or _CONSTANT_SIZES.match(match.string, match.end()) is not None
    return is_known or (is_macro_name(kind) and _ends_statement(match))


def _ends_statement(match: re.Match[bytes]) -> bool:
    """Tell whether nothing but a size stands behind what a pattern found: as an expression that would do nothing."""
    return _SIZE_ENDS.match(match.string, match.end()) is not None


def _beside_type(match: re.Match[bytes]) -> bytes:
    """Blank out, of two words before a pointer, the one that is no type."""
    lead, first, space, more, second = match.groups()
    if second is None:
        if first in BUILTIN:
            return match[0]
        return lead + _in_its_place(lead, first + space + more)
    if first in BUILTIN or second not in BUILTIN:
        second = b" " * len(second)
    else:
        first = _in_its_place(lead, first)
    return lead + first + space + second


def _in_its_place(lead: bytes, macro: bytes) -> bytes:
    """Give what stands in the place of a macro: where it is the first of its line, the line must not look deeper."""
    return (b" " if lead.strip() or len(macro) < len(_AUTO) else _AUTO).ljust(len(macro))


def _beside_cast_type(match: re.Match[bytes]) -> bytes:
    return match[0] if match[1] in TYPE_WORDS else blank_group(match)


def _typeof(match: re.Match[bytes], types: set[int]) -> bytes:
    """Make the type of an expression one word; of simpler ones the grammar makes a type by itself, but for pointers."""
    is_product = _POINTER_NAME.match(match.string, match.end()) is not None
    if not is_product and _SIMPLE_TYPE.fullmatch(match[0], match[0].find(b"(")):
        return match[0]
    begins_with_two = match.string[match.start() - 1] == _UNDERSCORE
    types.add(match.start() - 1 - 2 * begins_with_two)
    return b"t" + b"_" * (len(match[0]) - 1)  # capitals would decorate the declaration
