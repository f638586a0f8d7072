"""What macros and old C put at file scope that the grammar has no place for: taken out or made plain, at equal length.

Parameters declared behind a header as in K&R's C, macros that hide a prototype, that stand between a
function's type and its name, or that declare something by themselves.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS, blank, blank_group, blank_match
from rnnlab_c_syntax.keywords import TYPE_WORDS
from rnnlab_c_syntax.lexical import BLANK
from rnnlab_c_syntax.patterns import arguments, sign
from rnnlab_c_syntax.places import holds, line_start

_KNR = re.compile(
    rb"\)[ \t]*\n((?:\s*+(?:(?:register|const|unsigned|signed|struct|union|enum|volatile)\s+)*[A-Za-z_][^(){};=]*+"
    rb"(?:\([^(){};]*\)(?:\s*\([^(){};]*\))?[^(){};=]*+)?;){1,40}+\s*+)\{",
)
#: The same in one line: its parameters are names alone.
_KNR_LINE = re.compile(
    rb"\n(?=[A-Za-z_])[^\n(){};=]{1,200}\([ \t]*+\w++(?:[ \t]*+,[ \t]*+\w++)*+[ \t]*+\)[ \t]++"
    rb"((?:[A-Za-z_][\w \t*,]*+(?:\[\w*+\])*+;[ \t]*+){1,40}+)(?=\n?\{)"
)
#: A statement among what would be K&R declarations: then the parentheses before them are a condition's.
_STATEMENT = re.compile(
    rb"(?:\A|;)\s*+(?:(?:return|goto|else|case|do)\b|[A-Za-z_]\w*+\s*+(?:[;\[]|\((?!\s*+\*)|\Z|->|\.|[-+]{2}))"
)
_STATIC_MACRO = re.compile(
    rb"(static(?<=[\n \t]static)[ \t]+(?:const[ \t]+)?)[A-Z_][A-Z0-9_]*[ \t]*" + arguments(b"();") + rb"\s*;"
)
#: A macro on a line of its own in the first column, before a declaration.
_BEFORE_DECLARATION = re.compile(
    rb"\n(?:[A-Z_][A-Z0-9_]*+|__\w++)(?:[ \t]*"
    + ARGUMENTS
    + rb"(?:[ \t\n]+__\w++[ \t]*(?:"
    + ARGUMENTS
    + rb")?){0,9}+(?=[ \t]*\n(?:[ \t]*\n)*+[A-Za-z_])|(?=[ \t]*\n(?:[ \t]*\n)*+[A-Za-z_]\w*+[ \t]++[*]*[A-Za-z_]))"
)
#: A call on a line of its own in the first column, with nothing behind it: a macro, or an old function without a type.
_BARE_CALL = re.compile(
    rb"\n(?:(?:static[ \t]++)?[A-Za-z_]\w*+[ \t]*+" + ARGUMENTS + rb"[ \t]*+(?=\n))++(?=\s*+[A-Za-z_])"
)
#: The rest of an old function: declarations of its parameters, and its brace.
_OLD_FUNCTION = re.compile(rb"(?:(?:[^;{}=)]|\)(?![ \t]*+\n)){0,400}+;\s*+){1,40}+\{|\s*+\w++\s*+\{")
_PROTOTYPE_MACRO = re.compile(rb"\((\((?:[^(){};]|\([^(){};]*+\))*+\))\)(?=\s*[;,{])")
#: Behind a pointer to a function any capitals are one: ``void (*call)_ARG((text));``.
_PROTOTYPE_NAME = re.compile(rb"(?:[\w)][ \t]+(?=[A-Z_]*P|[A-Z_]*OF\b)|\([ \t]*\*[ \t]*\w+\)[ \t]*)([A-Z_]+[ \t]*)\Z")
#: Macros with arguments between a function's type and its name, at the end of a line or in the name's.
_BEFORE_NAME = re.compile(rb"\)(?=[ \t\n])(?:\n|[ \t]++)(?=[a-z_]\w*+[ \t]*+" + ARGUMENTS + rb"\s*+\{)")
_TYPE_AND_MACROS = re.compile(
    rb"(?=[A-Za-z_])((?:[A-Za-z_]\w*+[ \t*]++)*+)((?:[A-Za-z_]\w*+[ \t]*+" + ARGUMENTS + rb"[ \t]*+)++)"
)
#: A function's name in the first column: its type may stand on the line above.
_NAME_LINE = re.compile(rb"\n(?=[A-Za-z_]\w*+[ \t]*+\()")
#: A word alone between a function's type and its name: ``static int``, ``internal_function``, ``open_it (name)``.
_BETWEEN_LINES = re.compile(rb"\n([a-z_]\w*+)[ \t]*+\n(?:[ \t]*+\n)*+(?=[A-Za-z_]\w*+[ \t]*+\()")
_ONLY_TYPE = re.compile(rb"(?!(?:else|do)\b)[A-Za-z_][\w \t]*+[ \t*]*+")
_NO_WHOLE_TYPE = frozenset(b"static extern inline const volatile struct union enum unsigned signed long short".split())
#: There, a word before the type, as in ``public char *``, or one behind it: ``static char * PURE``, ``int cdecl``.
_TYPES = rb"(?:void|char|short|int|long|unsigned|bool|double|float)"
_BEFORE_TYPE_LINE = re.compile(
    rb"\s++(?:static[ \t]++)?(?!(?:else|case|goto|return|do|sizeof|static|extern|inline|const|volatile|register|typedef"
    rb"|struct|union|enum|unsigned|signed|long|short)\b)([a-z]\w*+)[ \t]++[A-Za-z_][\w \t*]*+"
)
_BEFORE_INLINE = re.compile(rb"([A-Z_]++)[ \t]++inline\b[\w \t*]*+")
_BEHIND_TYPE_LINE = re.compile(
    rb"(?:[A-Za-z_][\w \t*]*?)??(?:\*|\b"
    + _TYPES
    + rb"\b)[ \t]*+((?!(?:const|"
    + _TYPES
    + rb")\b)[A-Za-z_]\w*+)[ \t]*+"
)
#: A word between a function's type and its name: ``void INTERNAL fail(m)``, ``static void av_cold close(int fd)``.
_BEHIND_TYPE = re.compile(
    rb"\n(?=[A-Za-z_])(?:[a-z]\w*+[ \t]++)*?(?:"
    + _TYPES
    + rb"\b|(?:struct|union|enum)[ \t]++\w++)[ \t*]*+((?!(?:const|inline|signed|"
    + _TYPES
    + rb")\b)[A-Za-z_]\w{2,}+)(?=[ \t]++[*]*+[A-Za-z_]\w*+[ \t]*+\()"
)
#: A macro with arguments before a function's type: ``IF_DESKTOP(long long) int write(int n)``.
_BEFORE_TYPE = re.compile(
    rb"\n(?=[A-Z])([A-Z][A-Z0-9_]++\([^(){};]*+\))"
    rb"(?=[ \t]++(?:const|static|unsigned|signed|void|char|short|int|long|float|double|struct|bool)\b[^;=\n(]*+\()"
)
#: A function's name in parentheses that a macro makes: ``(NAMED(sum)) (int n)``.
_NAME_IN_PARENTHESES = re.compile(rb"\n\([A-Za-z_]\w*+\([ \t]*+\w++[ \t]*+\)\)(?=[ \t]*+\()")
_ALL_UNDERSCORES = bytes.maketrans(b"() \t", b"____")
#: The same behind the storage: ``static SAYS(pure) code_t find(int n)``.
_BEHIND_STORAGE = re.compile(
    rb"\n(?:static|extern)[ \t]++(?:inline[ \t]++)?([A-Z][A-Z0-9_]++\([^(){};]*+\))"
    rb"(?=[ \t]++[A-Za-z_]\w*+[ \t*]++[A-Za-z_]\w*+[ \t]*+\()"
)
#: Old C: a function without a type is an ``int``: ``static sum (int n)`` with a body.
_UNTYPED = re.compile(rb"\nstatic(?=\s++(?=\w*?[a-z])[A-Za-z_]\w*+[ \t]*+" + ARGUMENTS + rb"\s*+\{)")
_ONLY_WORDS = re.compile(rb"[A-Za-z_][\w \t*]*+")
_HELD_TYPE = re.compile(rb"[A-Za-z_]\w*+[ \t]*+(\([\w \t*]++\)[ \t]*+)")
_NO_ROUND = bytes.maketrans(b"()", b"  ")
_LINE_END = 0x0A
_OLD_LIST, _BRACE_IN_LINE, _BRACE_BELOW = sign(b"va_dcl", 0), sign(b"; {", 2), sign(b";\n{", 2)
#: Longer ones are no C, and are not gone over again for each thing in them.
_LONGEST_LINE = 1000


def macros_and_old_parameters(code: bytes) -> bytes:
    """Blank out macros that declare or decorate at file scope, and the declarations of a K&R function's parameters."""
    if _OLD_LIST.search(code):
        code = code.replace(b"va_dcl", b"      ")  # declares the parameter ``va_alist``
    code = _BEFORE_DECLARATION.sub(blank_match, code)
    code = _BARE_CALL.sub(_bare_call, code)
    if _BRACE_IN_LINE.search(code) or _BRACE_BELOW.search(code):
        code = _KNR_LINE.sub(_old_parameters, code)
    return _KNR.sub(_old_parameters, code)


def beside_function_types(code: bytes) -> bytes:
    """Blank out words and macros beside the types of functions: the parser gives up on them."""
    code = _BEHIND_STORAGE.sub(blank_group, _BEFORE_TYPE.sub(blank_group, _type_lines(code)))
    return _BEHIND_TYPE.sub(blank_group, code)


def untyped(code: bytes) -> bytes:
    """Give static functions without a type the one that they have."""
    return _UNTYPED.sub(b"\nint   ", code)


def static_macros(code: bytes) -> bytes:
    """Let macros that declare something static look like calls, within functions too."""
    return _STATIC_MACRO.sub(_static_macro, code) if holds(code, b"static") else code


def _type_lines(code: bytes) -> bytes:
    """Blank out what decorates a type on the line above its function's name."""
    ranges: list[tuple[int, int]] = []
    for match in _NAME_LINE.finditer(code):
        line = line_start(code, match.start(), _LONGEST_LINE)
        for pattern in (_BEFORE_TYPE_LINE, _BEFORE_INLINE, _BEHIND_TYPE_LINE):
            found = pattern.fullmatch(code, line, match.start())
            if found is not None:
                ranges.append(found.span(1))
    code = blank(code, ranges)
    return _BETWEEN_LINES.sub(_between_lines, code)


def _between_lines(match: re.Match[bytes]) -> bytes:
    """Blank out a word alone on its line, where a type stands above it and a function's name below."""
    before = match.string[max(0, match.start() - _LONGEST_LINE) : match.start()].rstrip()
    above = before[before.rfind(b"\n") + 1 :]
    if match[1] in TYPE_WORDS or _ONLY_TYPE.fullmatch(above) is None:
        return match[0]
    last = above.rstrip(b" \t*").split()[-1:]
    is_whole = above[-1:] == b"*" or (bool(last) and last[0] not in _NO_WHOLE_TYPE)
    return blank_group(match) if is_whole else match[0]


def _old_parameters(match: re.Match[bytes]) -> bytes:
    """Blank out the declarations of a K&R function's parameters, which what follows a condition only looks like."""
    return match[0] if _STATEMENT.search(match[1]) else blank_group(match)


def prototypes(code: bytes) -> bytes:
    """Take out the macro that hides parameters from compilers of the 1980s: ``int f PARAMS((int));``."""
    if not holds(code, b"(("):
        return code
    pieces: list[bytes] = []
    done = 0
    for match in _PROTOTYPE_MACRO.finditer(code):
        name = _PROTOTYPE_NAME.search(code, max(done, match.start() - 40), match.start())
        if name:
            pieces += [code[done : name.start(1)], b" " * (match.start() + 1 - name.start(1)), match[1], b" "]
            done = match.end()
    return b"".join([*pieces, code[done:]]) if pieces else code


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


def before_names(code: bytes) -> bytes:
    """Take out macros between type and name: ``extern void *attribute((malloc))`` with ``f(int n)`` below or behind."""
    code = _NAME_IN_PARENTHESES.sub(lambda m: m[0].translate(_ALL_UNDERSCORES), code)
    pieces: list[bytes] = []
    done = 0
    for match in _BEFORE_NAME.finditer(code):
        line = line_start(code, match.start(), _LONGEST_LINE)
        is_above = match[0][1] == _LINE_END
        found = _TYPE_AND_MACROS.match(code, line, match.end())
        if found is None or found.end() != match.end() - is_above or b"\n" in found[2]:
            continue
        above = code[line_start(code, max(0, line - 1), _LONGEST_LINE) : max(0, line - 1)]
        if found[1].strip() or (is_above and _ONLY_WORDS.fullmatch(above)):
            pieces += [code[done : found.start(2)], _type_within(found)]
            done = found.end(2)
    return b"".join([*pieces, code[done:]]) if pieces else code


def _type_within(found: re.Match[bytes]) -> bytes:
    """Leave of macros before a function's name the type that they hold, where no other stands before them."""
    if found[1].split()[-1:] not in ([b"extern"], [b"static"], [b"inline"]):
        return found[2].translate(BLANK)
    held = _HELD_TYPE.fullmatch(found[2])
    return found[2].translate(_NO_ROUND)[held.start(1) :].rjust(len(found[2])) if held else b"int".ljust(len(found[2]))
