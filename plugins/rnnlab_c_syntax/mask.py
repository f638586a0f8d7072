"""What stands between C and a grammar without a preprocessor: taken out or made plain, at equal length.

First what decorates declarations (see `decorations`). Then a type among the arguments of a call
becomes one word, the parameter declarations of a K&R function become blanks (their names are in
the header already), and the head of an iteration macro becomes ``while`` so that its block belongs
to it. Everything here is a pattern over code without comments, literals and directives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

from rnnlab_c_syntax.blanks import ARGUMENTS, blank_group, blank_match
from rnnlab_c_syntax.decorations import BUILTIN, undecorated
from rnnlab_c_syntax.lexical import BLANK
from rnnlab_c_syntax.looks import is_type_name
from rnnlab_c_syntax.places import line_start

_KNR = re.compile(
    rb"\)[ \t]*\n((?:\s*+(?:(?:register|const|unsigned|signed|struct|union|enum|volatile)\s+)*[A-Za-z_][^(){};=]*+"
    rb"(?:\([^(){};]*\)(?:\s*\([^(){};]*\))?[^(){};=]*+)?;){1,40}+\s*+)\{",
)
#: A statement among what would be K&R declarations: then the parentheses before them are a condition's.
_STATEMENT = re.compile(
    rb"(?:\A|;)\s*+(?:(?:return|goto|else|case|do)\b|[A-Za-z_]\w*+\s*+(?:[;\[]|\((?!\s*+\*)|\Z|->|\.|[-+]{2}))"
)
_TYPE = (
    rb"\s*+((?:const\s+|volatile\s+)*(?:[A-Za-z_]\w*+(?=\s*\*\s*[*,)])|(?:struct|union|enum)\s+[A-Za-z_]\w*+|(?:unsigned|signed|long|short|int|char|void|double|float|bool|_Bool)\b"
    rb"(?:\s+(?:unsigned|signed|long|short|int|char|double)\b)*+)(?:\s*\*|\s*const\b)*+)\s*+(?=[,)])"
)
#: Two patterns, for a regular expression finds a fixed character faster than one of several.
_TYPE_ARGUMENT = re.compile(rb",(?=\s*+[A-Za-z_])" + _TYPE)
_FIRST_TYPE_ARGUMENT = re.compile(rb"\((?=\s*+[A-Za-z_])(?:(?<!\W\()|(?=[^(),;]*,))" + _TYPE)
_LOOP = re.compile(
    rb"\n([ \t]++(?:else[ \t]++)?)([A-Za-z_]\w{4,}+)[ \t]*+"
    + ARGUMENTS
    + rb"(?=[ \t\n]*\{|[ \t]*\n([ \t]++)[A-Za-z_*(])"
)
#: No C, and what the parser's error recovery is worst at.
_DESIGNATOR = re.compile(rb"(=\s*+)\.(?=\s*[A-Za-z_])")
_STATIC_MACRO = re.compile(
    rb"(static(?<=[\n \t]static)[ \t]+(?:const[ \t]+)?)[A-Z_][A-Z0-9_]*[ \t]*"
    + ARGUMENTS.replace(b"(){};", b"();")
    + rb"\s*;"
)
#: A macro on a line of its own in the first column, before a declaration.
_BEFORE_DECLARATION = re.compile(
    rb"\n(?:[A-Z_][A-Z0-9_]*+|__\w++)(?:[ \t]*"
    + ARGUMENTS
    + rb"(?:[ \t\n]+__\w++[ \t]*(?:"
    + ARGUMENTS
    + rb")?){0,9}+(?=[ \t]*\n(?:[ \t]*\n)*+[A-Za-z_])|(?=[ \t]*\n[A-Za-z_]\w*+[ \t]++[*]*[A-Za-z_]))"
)
#: A call on a line of its own in the first column, with nothing behind it: a macro, or an old function without a type.
_BARE_CALL = re.compile(
    rb"\n(?:(?:static[ \t]++)?[A-Za-z_]\w*+[ \t]*+" + ARGUMENTS + rb"[ \t]*+(?=\n))++(?=\s*+[A-Za-z_])"
)
#: The rest of an old function: declarations of its parameters, and its brace.
_OLD_FUNCTION = re.compile(rb"(?:[^;{}=]{0,400}+;\s*+){1,40}+\{|\s*+\w++\s*+\{")
_PROTOTYPE_MACRO = re.compile(rb"\((\((?:[^(){};]|\([^(){};]*+\))*+\))\)(?=\s*[;,{])")
_PROTOTYPE_NAME = re.compile(rb"[\w)][ \t]+([A-Z_]*P[A-Z_]*[ \t]*)\Z")
#: A macro beside a type: ``int near *p;``, ``code FAR *next;``, ``local unsigned char c;``.
_NO_MACRO = (
    rb"(?!(?:const|static|extern|register|volatile|auto|typedef|inline|struct|union|enum|return|goto|case|else|do"
    rb"|sizeof|unsigned|signed|long|short)\b)"
)
_BESIDE_TYPE = re.compile(
    rb"\n(?=[ \t]*+[A-Za-z_]\w*+[ \t]++[A-Za-z_]\w*+[ \t*(])([ \t]*+(?:(?:const|static|extern)[ \t]++)?)"
    + _NO_MACRO
    + rb"([A-Za-z_]\w*+)([ \t]++)"
    rb"(?:((?:" + _NO_MACRO + rb"[A-Za-z_]\w*+[ \t]++){0,2}?)"
    rb"(?=(?:unsigned|signed|void|char|short|int|long|float|double)[ \t*(]++[A-Za-z_*])"
    rb"|(?!(?:const|volatile|restrict)\b)([A-Za-z_]\w*+)(?=[ \t]*+\*[ \t*]*+[A-Za-z_]\w*+\s*[=;,\[]))"
)
_MACRO_TYPE = re.compile(
    rb"\n([ \t]++)((?!(?:if|while|for|switch|return|sizeof)\b)[A-Za-z_]\w*+\([\w \t*]*+\))"
    rb"(?=[ \t]*\*+[ \t]*[A-Za-z_]\w*+[ \t]*[;=,\[])"
)
_POINTER_BEHIND = re.compile(rb"\)[ \t]*+\*")
#: The type of an expression, where a declarator follows: ``typeof(p->list) first;``, ``typeof_member(struct s, m) x;``.
_TYPEOF = re.compile(rb"\b(?:__)?typeof\w*+[ \t]*+" + ARGUMENTS + rb"(?=[ \t*]++[A-Za-z_]\w*+\s*[=;,\[])")
#: A local pointer to a function whose type is one word: as an expression it would be a call of a call.
_FUNCTION_POINTER = re.compile(rb"\(\*(?<=[ \t*]..)[ \t]*+[A-Za-z_]\w*+[ \t]*+(?:\[\w*+\])?\)[ \t]*+[(\[]")
_ONE_WORD_TYPE = re.compile(
    rb"\n[ \t]++(?:(?:static|const|register)[ \t]++)*+"
    rb"(?!(?:return|else|case|goto|do|sizeof|if|while|switch|for)\b)([A-Za-z_]\w(?:\w++(?=[ \t*])|[ \t]))[ \t*]*+\Z"
)
#: A local pointer to an array, whose type stands right before its parenthesis: ``u32(*row)[2] = p;``.
_ARRAY_POINTER = re.compile(rb"\n[ \t]++([A-Za-z_]\w*+)\(\*(\w++)\)(?=\[\w*+\]\s*+[=;,])")
_CALLING_CONVENTION = re.compile(rb"\n[ \t]*+[\w \t*]+?[ \t*]([A-Z_][A-Z0-9_]{2,}+)[ \t]*\Z")
#: Macros' calls among literals, which stand for some.
_BESIDE_LITERAL = re.compile(rb"\"\s*+(?:[A-Za-z_]\w*+[ \t]*+" + ARGUMENTS + rb"\s*+)++(?=[\",)])")
#: Two macros before a literal: ``printk(KERN_ERR PREFIX "…")``.
_LEVEL_AND_PREFIX = re.compile(rb"KERN_[A-Z]++(\s++[A-Z_][A-Z0-9_]*+)(?=\s*+\")")
#: The member of a member: the grammar knows no path of members in ``offsetof``.
_OFFSET = re.compile(rb"offsetof(?<!\w........)[ \t]*+\([^(),;]*+,\s*+\w++((?:\.\w++|\[\d++\])++)\s*+\)")
_PATH = bytes.maketrans(b".[]", b"___")
_NO_NAME = re.compile(rb"\b\d[\w.]*+|[^\w\"\s]")
#: Statements among the arguments of a macro: ``IF_DEBUG(int depth; depth = 0;)``.
_STATEMENTS = re.compile(rb"\n[ \t]*+[A-Z][A-Z0-9_]++[ \t]*+\((?=[^(){};]*+;)")
_LAST_STATEMENT = re.compile(rb";(?<!;;)\s*+\)(?!\s*+\{)")
_LONGEST_STATEMENTS = 4000
_MOST_STATEMENTS = 1000
_ROUND = re.compile(rb"[()]")
#: ``if LIKELY(x)``: the parentheses are the macro's.
_BARE_CONDITION = re.compile(rb"if ([A-Z_](?<!\w....)[A-Z0-9_]++)(?=[ \t]*+\()")
#: Macros with arguments between a function's type and its name, at the end of a line.
_BEFORE_NAME = re.compile(rb"\)\n(?=[a-z_]\w*+[ \t]*+" + ARGUMENTS + rb"\s*+\{)")
_TYPE_AND_MACROS = re.compile(
    rb"(?=[A-Za-z_])((?:[A-Za-z_]\w*+[ \t*]++)*+)((?:[A-Za-z_]\w*+[ \t]*+" + ARGUMENTS + rb"[ \t]*+)++)"
)
_ONLY_WORDS = re.compile(rb"[A-Za-z_][\w \t*]*+")
_HELD_TYPE = re.compile(rb"[A-Za-z_]\w*+[ \t]*+(\([\w \t*]++\)[ \t]*+)")
_NO_ROUND = bytes.maketrans(b"()", b"  ")
_LINE_END = 0x0A
_RANGE = re.compile(rb"\.\.\.(?=[^;{}\n:]{0,200}+:)")
#: Longer ones are no C, and are not gone over again for each thing in them.
_LONGEST_LINE = 1000
_CONTROL = frozenset((b"while", b"switch", b"return", b"sizeof", b"defined", b"struct", b"union"))


@dataclass(slots=True)
class Masked:
    """The text for the parser and what was learned in making it."""

    code: bytes
    #: Where the name of an iteration macro stood.
    loops: set[int] = field(default_factory=set)
    #: Where a type among the arguments of a call was made one word.
    types: set[int] = field(default_factory=set)


def mask(code: bytes) -> Masked:
    """Make ``code`` parse."""
    result = Masked(code)
    code = b"\n" + code  # a line's end before every line: it is what the patterns begin with
    code = undecorated(code)
    if b"((" in code:
        code = _prototypes(code)
    if _POINTER_BEHIND.search(code):
        code = _MACRO_TYPE.sub(lambda m: _macro_type(m, result), code)
    if b"typeof" in code:
        code = _TYPEOF.sub(lambda m: _typeof(m, result), code)
    code = _BESIDE_TYPE.sub(_beside_type, code)
    if b"$" in code:
        code = code.replace(b"$", b"_")  # gcc takes it for a letter
    if b"..." in code:
        code = _RANGE.sub(_case_range, code)
    if b"constexpr" in code:
        code = code.replace(b"constexpr", b"const_xpr")  # older than C23, and a name there
    if b"(*" in code:
        code = _ARRAY_POINTER.sub(_array_pointer, _function_pointers(code))
    if b"KERN_" in code:
        code = _LEVEL_AND_PREFIX.sub(blank_group, code)
    if b"offsetof" in code:
        code = _OFFSET.sub(_offset, code)
    code = _BESIDE_LITERAL.sub(lambda m: _NO_NAME.sub(blank_match, m[0]), code)
    if _LAST_STATEMENT.search(code):
        code = _open_statements(code)
    code = _BARE_CONDITION.sub(blank_group, code)
    code = _before_names(code)
    code = _DESIGNATOR.sub(rb"\1 ", code)
    code = _STATIC_MACRO.sub(_static_macro, code)
    code = _BEFORE_DECLARATION.sub(blank_match, code)
    code = _BARE_CALL.sub(_bare_call, code)
    code = _KNR.sub(_old_parameters, code)
    for pattern in (_TYPE_ARGUMENT, _FIRST_TYPE_ARGUMENT):
        code = pattern.sub(lambda m: _type_argument(m, result), code)
    code = _LOOP.sub(lambda m: _loop(m, result), code)
    result.code = code[1:]
    return result


def _old_parameters(match: re.Match[bytes]) -> bytes:
    """Blank out the declarations of a K&R function's parameters, which what follows a condition only looks like."""
    return match[0] if _STATEMENT.search(match[1]) else blank_group(match)


def _offset(match: re.Match[bytes]) -> bytes:
    """Make a path of members one word."""
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return match[0][:start] + match[0][start:end].translate(_PATH) + match[0][end:]


def _prototypes(code: bytes) -> bytes:
    """Take out the macro that hides parameters from compilers of the 1980s: ``int f PARAMS((int));``."""
    pieces: list[bytes] = []
    done = 0
    for match in _PROTOTYPE_MACRO.finditer(code):
        name = _PROTOTYPE_NAME.search(code, max(done, match.start() - 40), match.start())
        if name:
            pieces += [code[done : name.start(1)], b" " * (match.start() + 1 - name.start(1)), match[1], b" "]
            done = match.end()
    return b"".join([*pieces, code[done:]]) if pieces else code


def _case_range(match: re.Match[bytes]) -> bytes:
    line = line_start(match.string, match.start(), 200)
    return b" + " if b"case" in match.string[line : match.start()] else b"..."


def _bare_call(match: re.Match[bytes]) -> bytes:
    """Blank out macros in file scope that take no semicolon: ``module_init(start)``."""
    code = match.string
    before = code[max(0, match.start() - 200) : match.start()].rstrip()
    if before[-1:] not in (b";", b"}", b")", b"") or _OLD_FUNCTION.match(code, match.end()):
        return match[0]
    return match[0].translate(BLANK)


def _static_macro(match: re.Match[bytes]) -> bytes:
    """Let a macro that declares look like a call; with braces among its arguments it cannot."""
    if b"{" not in match[0]:
        return blank_group(match)
    return match[0].translate(BLANK) if match.string[match.start() - 1] == _LINE_END else match[0]


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


def _array_pointer(match: re.Match[bytes]) -> bytes:
    """Make of a pointer to an array, which looks like a call, an array of pointers: that declares its name, too."""
    kind = match[1]
    if not is_type_name(kind.decode()):
        return match[0]
    before = match[0][: match.start(1) - match.start()]
    return before + (b"int".ljust(len(kind)) if len(kind) > 2 else kind) + b" *" + match[2] + b" "


def _before_names(code: bytes) -> bytes:
    """Take out macros between type and name: ``extern void *attribute((malloc))`` with ``f(int n)`` below."""
    pieces: list[bytes] = []
    done = 0
    for match in _BEFORE_NAME.finditer(code):
        line = line_start(code, match.start(), _LONGEST_LINE)
        found = _TYPE_AND_MACROS.match(code, line, match.end())
        if found is None or found.end() != match.end() - 1 or b"\n" in found[2]:
            continue
        above = code[line_start(code, max(0, line - 1), _LONGEST_LINE) : max(0, line - 1)]
        if found[1].strip() or _ONLY_WORDS.fullmatch(above):
            pieces += [code[done : found.start(2)], _type_within(found)]
            done = found.end(2)
    return b"".join([*pieces, code[done:]]) if pieces else code


def _type_within(found: re.Match[bytes]) -> bytes:
    """Leave of macros before a function's name the type that they hold, where no other stands before them."""
    if found[1].split()[-1:] not in ([b"extern"], [b"static"], [b"inline"]):
        return found[2].translate(BLANK)
    held = _HELD_TYPE.fullmatch(found[2])
    return found[2].translate(_NO_ROUND)[held.start(1) :].rjust(len(found[2])) if held else b"int".ljust(len(found[2]))


def _open_statements(code: bytes) -> bytes:
    """Make statements among the arguments of a macro a block, or plain declarations."""
    pieces: list[bytes] = []
    done = 0
    for match in islice(_STATEMENTS.finditer(code), _MOST_STATEMENTS):
        if match.start() < done:
            continue
        close = _closing(code, match.end() - 1)
        if close < 0 or code[match.end() : close].rstrip()[-1:] not in (b";", b"}"):
            continue
        before = code[max(0, match.start() - 200) : match.start()].rstrip()
        declares = before[-1:] in (b";", b"{", b"}", b"") and code.count(b";", match.end(), close) == 1
        block = (b" ", b" ") if declares else (b"{", b"}")
        pieces += [code[done : match.start()], match[0][:-1].translate(BLANK), block[0]]
        pieces += [code[match.end() : close], block[1]]
        done = close + 1
    return b"".join([*pieces, code[done:]]) if pieces else code


def _closing(code: bytes, start: int) -> int:
    """Give where the parenthesis at ``start`` is closed; -1 if that is far away."""
    depth = 0
    for match in _ROUND.finditer(code, start, start + _LONGEST_STATEMENTS):
        depth += 1 if match[0] == b"(" else -1
        if not depth:
            return match.start()
    return -1


def _macro_type(match: re.Match[bytes], result: Masked) -> bytes:
    """Make ``ElfW(Ehdr) *header;`` a declaration, where a statement begins."""
    before = match.string[max(0, match.start() - 200) : match.start()].rstrip()
    if before[-1:] not in (b";", b"{", b"}", b""):
        return match[0]
    result.types.add(match.start(2) - 1)
    return b"\n" + match[1] + b"T" + b"_" * (len(match[2]) - 1)


def _beside_type(match: re.Match[bytes]) -> bytes:
    """Blank out, of two words before a pointer, the one that is no type."""
    lead, first, space, more, second = match.groups()
    if second is None:
        if first in BUILTIN:
            return match[0]
        return b"\n" + lead + b" " * len(first + space + more)
    if first in BUILTIN or second not in BUILTIN:
        second = b" " * len(second)
    else:
        first = b" " * len(first)
    return b"\n" + lead + first + space + second


def _typeof(match: re.Match[bytes], result: Masked) -> bytes:
    """Make the type of a member one word; of simpler ones the grammar makes a type by itself."""
    if b"." not in match[0] and b"->" not in match[0] and b"," not in match[0]:
        return match[0]
    result.types.add(match.start() - 1)
    return b"T" + b"_" * (len(match[0]) - 1)


def _type_argument(match: re.Match[bytes], result: Masked) -> bytes:
    text, whole = match[1], match[0]
    if text == b"void":
        return whole
    result.types.add(match.start(1) - 1)
    start = match.start(1) - match.start()
    return whole[:start] + b"T" + b"_" * (len(text) - 1) + whole[start + len(text) :]


def _loop(match: re.Match[bytes], result: Masked) -> bytes:
    name = match[2]
    if name in _CONTROL or (match[1].strip() and name == b"if"):
        return match[0]
    if match[3] is not None:  # without a block: what follows must be deeper, and this a statement
        before = match.string[max(0, match.start() - 200) : match.start()].rstrip()
        if len(match[3].expandtabs()) <= len(match[1].expandtabs()) or match[1].strip():
            return match[0]
        if before[-1:] not in (b";", b"{", b"}", b":", b")", b""):
            return match[0]
    result.loops.add(match.start(2) - 1)
    return b"\n" + match[1] + b"while" + b" " * (len(name) - 5) + match[0][1 + len(match[1] + name) :]
