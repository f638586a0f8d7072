"""What stands between C and a grammar without a preprocessor: taken out or made plain, at equal length.

Attributes become blanks, a type among the arguments of a call becomes one word, the
parameter declarations of a K&R function become blanks (their names are in the header
already), and the head of an iteration macro becomes ``while`` so that its block belongs to
it. Everything here is a pattern over code without comments, literals and directives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from rnnlab_c_syntax.lexical import BLANK

#: Balanced parentheses, three deep.
ARGUMENTS = rb"\((?:[^(){};]++|\((?:[^(){};]++|\((?:[^(){};]++|\([^(){};]*+\))*+\))*+\))*+\)"
_ATTRIBUTE = re.compile(
    rb"_(?<!\w.)(?:_attribute__|_attribute|Alignas|_declspec|_aligned|_printf|_scanf|_section|_acquires|_releases"
    rb"|_must_hold|_counted_by|_cleanup|_alloc_size|_nonnull|_nonnull_params|_guarded_by|_free)[ \t\n]*" + ARGUMENTS
)
_BEHIND_ARGUMENTS = re.compile(
    rb"\)[ \t\n]+([A-Z_]*(?:ATTRIBUTE|PRINTF|FORMAT|NONNULL)[A-Z_0-9]*[ \t\n]*" + ARGUMENTS + rb")"
)
_DUNDER = re.compile(
    rb"__(?<!\w..)(?:init|exit|initdata|initconst|exitdata|refdata|ref|user|iomem|percpu|rcu|force|kernel|must_check"
    rb"|maybe_unused|always_inline|cold|hot|pure|read_mostly|sched|noreturn|used|unused|weak|visible|net_init"
    rb"|net_exit|net_initdata|cpuinit|cpuexit|devinit|devexit|devinitdata|devinitconst|devexit_p|meminit|memexit|meminitdata|meminitconst"
    rb"|deprecated|packed|noinline|inline|inline__|extension__|restrict|restrict__|restrict_arr|bitwise|nocast"
    rb"|private|always_unused|wsum_private|private_extern|latent_entropy|ro_after_init|cacheline_aligned"
    rb"|cacheline_aligned_in_smp|malloc|nocapture|flatten|no_sanitize_address|no_kcsan|no_profile|lockfunc|kprobes"
    rb"|__cacheline_aligned|__cacheline_aligned_in_smp|volatile__|const|const__|signed__|cpuidle|paginginit"
    rb"|tracepoint_string|initcall|designated_init|no_kasan"
    rb"|initdata_or_module|init_or_module|initconst_or_module|randomize_layout|pgtbl_alloc|noinitretpoline"
    rb"|init_memblock|initdata_memblock|no_randomize_layout|mutable|nosan|__[a-z_]+__|rtc|efistub_global"
    rb"|aligned|no_return|wur|THROW|ref_ok|refok|thread)\b(?!\()|_Noreturn\b|_Thread_local\b"
)
_KNR = re.compile(
    rb"\)[ \t]*\n((?:[ \t]*(?:(?:register|const|unsigned|signed|struct|union|enum|volatile)\s+)*[A-Za-z_][^(){};=]*+"
    rb"(?:\([^(){};]*\)(?:\s*\([^(){};]*\))?[^(){};=]*+)?;[ \t]*\n?){1,40}+\s*+)\{",
)
_TYPE_ARGUMENT = re.compile(
    rb"[,(](?=\s*+[A-Za-z_])(?:(?<!\W\()|(?=[^(),;]*,))\s*+((?:const\s+|volatile\s+)*"
    rb"(?:[A-Za-z_]\w*+(?=\s*\*\s*[*,)])|(?:struct|union|enum)\s+[A-Za-z_]\w*+|(?:unsigned|signed|long|short|int|char|void|double|float|bool|_Bool)\b"
    rb"(?:\s+(?:unsigned|signed|long|short|int|char|double)\b)*+)(?:\s*\*|\s*const\b)*+)\s*+(?=[,)])"
)
_LOOP = re.compile(
    rb"\n([ \t]++(?:else[ \t]++)?)([A-Za-z_]\w{4,}+)[ \t]*+"
    + ARGUMENTS
    + rb"(?=[ \t\n]*\{|[ \t]*\n([ \t]++)[A-Za-z_*(])"
)
#: A header whose type has two words or more, the first of which is no type that everybody knows.
_HEADER = re.compile(
    rb"\n((?:(?:static|extern|inline|const|volatile)[ \t]++)*+"
    rb"(?!(?:void|char|short|int|long|float|double|signed|unsigned|bool|_Bool|struct|union|enum)\b)"
    rb"[A-Za-z_]\w*+(?:[ \t\n*]++[A-Za-z_]\w*+){2,9}+)[ \t\n]*+\("
)
_TYPE_WORD = rb"(?:unsigned|signed|struct|union|enum|void|char|short|int|long|float|double|bool)"
_TYPE_BEFORE = re.compile(
    rb"\b(?:unsigned|signed|void|char|short|int|long|float|double|bool)[ \t*]*\Z|\b(?:struct|union|enum)\s+\w+[ \t*]*\Z"
)
_DECLARATOR_BEFORE = re.compile(rb"[(,][^(),]*[\w*][ \t*]+(?!(?:return|case|sizeof|goto|else)\b)[a-z]\w*(?:\[\w*\])?\Z")
_CAPITALS = rb"[A-Z_][A-Z0-9_]{2,}+(?![a-z])"
#: No C, and what the parser's error recovery is worst at.
_DESIGNATOR = re.compile(rb"(=\s*+)\.(?=\s*[A-Za-z_])")
_STATIC_MACRO = re.compile(
    rb"\n(static[ \t]+(?:const[ \t]+)?)[A-Z_][A-Z0-9_]*[ \t]*" + ARGUMENTS.replace(b"(){};", b"();") + rb"\s*;"
)
#: A macro on a line of its own in the first column, before a declaration.
_BEFORE_DECLARATION = re.compile(
    rb"\n(?:[A-Z_][A-Z0-9_]*+|__\w++)(?:[ \t]*"
    + ARGUMENTS
    + rb"(?:[ \t\n]+__\w++[ \t]*(?:"
    + ARGUMENTS
    + rb")?)*+(?=[ \t]*\n(?:[ \t]*\n)*+[A-Za-z_])|(?=[ \t]*\n[A-Za-z_]\w*+[ \t]++[*]*[A-Za-z_]))"
)
#: Capitals that say something about a declaration: before its type, after it, behind its declarator.
_DECORATION = re.compile(
    rb"[A-Z_][A-Z0-9_](?<!\w..)[A-Z0-9_]++(?:(?=[ \t]+(?:const[ \t]+)?"
    + _TYPE_WORD
    + rb"\b)|(?=[ \t]*[,)])(?P<behind>)"
    rb"|(?=[ \t]+[a-z_]\w*+[ \t]*[,)])(?P<type>)|(?=\s*=[^=])(?P<array>))"
)
#: A call on a line of its own in the first column, with nothing behind it: a macro, or an old function without a type.
_BARE_CALL = re.compile(rb"\n(?:[A-Za-z_]\w*+[ \t]*+" + ARGUMENTS + rb"[ \t]*+(?=\n))++(?=\s*+[A-Za-z_])")
#: The rest of an old function: declarations of its parameters, and its brace.
_OLD_FUNCTION = re.compile(rb"(?:[^;{}=]{0,400}+;\s*+){1,40}+\{|\s*+\w++\s*+\{")
_BEHIND_HEADER = re.compile(rb"\)[ \t]*(" + _CAPITALS + rb")[ \t]*(?=[;{\n])")
#: What stands behind a declarator: ``asm("rdx")``, ``SEC("maps")``, ``IF_LINT (= 0)``.
_BEHIND_DECLARATOR = re.compile(rb"\([ \t]*+(?:\"[^\"\n]*+\"[ \t]*+|=(?!=)(?:[^()]++|\([^()]*+\))*+)\)(?=\s*[;=,])")
_ITS_NAME = re.compile(rb"([\w\]])[ \t]+(?:[A-Z_][A-Z0-9_]*|__\w+|asm)[ \t]*\Z")
#: ``int f(void) __alias(g);``, and what says of a function which locks it takes.
_BEHIND_PARAMETERS = re.compile(
    rb"\)((?:[ \t\n]++(?:[A-Z_][A-Z0-9_]{2,}+|__\w++)[ \t]*+" + ARGUMENTS + rb")++)(?=\s*+;|[ \t]*+\n\{)"
)
_BEHIND_ARRAY = re.compile(rb"\]([ \t]+(?:[A-Z_][A-Z0-9_]*|__\w+)[ \t]*" + ARGUMENTS + rb")(?=\s*[;=])")
_POINTER = re.compile(rb"\w[ \t]*\([ \t]*\*[ \t]*\w+[ \t]*\)[ \t]*\(")
_PROTOTYPE_MACRO = re.compile(rb"\((\((?:[^(){};]|\([^(){};]*+\))*+\))\)(?=\s*[;,{])")
_PROTOTYPE_NAME = re.compile(rb"[\w)][ \t]+([A-Z_]*P[A-Z_]*[ \t]*)\Z")
#: A macro in lower case beside a type: ``int near *p;``, ``constant char *s;``.
_BESIDE_TYPE = re.compile(
    rb"\n([ \t]*+(?:(?:const|static)[ \t]++)?)(?!(?:const|static|extern|register|volatile|auto|typedef|inline|struct"
    rb"|union|enum|return|goto|case|else|do|unsigned|signed|long|short)\b)([A-Za-z_]\w*+)([ \t]++)"
    rb"(?!(?:const|volatile|restrict)\b)([a-z]\w*+)(?=[ \t]*+\*[ \t*]*+[A-Za-z_]\w*+\s*[=;,\[])"
)
_MACRO_TYPE = re.compile(rb"\n([ \t]++)([A-Za-z_]\w*+\([\w \t*]*+\))(?=[ \t]*\*+[ \t]*[A-Za-z_]\w*+[ \t]*[;=,\[])")
#: The type of an expression, where a declarator follows: ``typeof(p->list) first;``, ``typeof_member(struct s, m) x;``.
_TYPEOF = re.compile(rb"\b(?:__)?typeof\w*+[ \t]*+" + ARGUMENTS + rb"(?=[ \t*]++[A-Za-z_]\w*+\s*[=;,\[])")
_RANGE = re.compile(rb"\.\.\.(?=[^;{}\n:]{0,200}+:)")
_WORD = re.compile(rb"[A-Za-z_]\w*")
_STATEMENT_WORD = re.compile(rb"\b(?:return|else|case|goto|do)\Z")
_CONTROL = frozenset((b"while", b"switch", b"return", b"sizeof", b"defined", b"struct", b"union"))
_BUILTIN = frozenset(b"void char short int long float double signed unsigned bool _Bool".split())
_NO_HEADER = frozenset(b"else return goto case typedef do".split())
_QUALIFIERS = frozenset(
    b"static extern inline const volatile register auto typedef __inline __inline__ INLINE STATIC EXTERN".split()
)


@dataclass(slots=True)
class Masked:
    """The text for the parser and what was learned in making it."""

    code: bytes
    #: Where the name of an iteration macro stood.
    loops: set[int] = field(default_factory=set)
    #: Where a type among the arguments of a call was made one word.
    types: set[int] = field(default_factory=set)


def blank(code: bytes, ranges: Iterable[tuple[int, int]]) -> bytes:
    """Make ``ranges``, which are in order, blanks."""
    pieces: list[bytes] = []
    done = 0
    for start, end in ranges:
        if end <= done:
            continue
        start = max(start, done)
        pieces.append(code[done:start])
        pieces.append(code[start:end].translate(BLANK))
        done = end
    if not pieces:
        return code
    pieces.append(code[done:])
    return b"".join(pieces)


def mask(code: bytes) -> Masked:
    """Make ``code`` parse."""
    result = Masked(code)
    code = b"\n" + code  # a line's end before every line: it is what the patterns begin with
    code = _behind_declarators(code)
    code = _HEADER.sub(_header, code)
    if b"__" in code or b"_N" in code or b"_T" in code:
        code = _ATTRIBUTE.sub(_blank_match, code)
        code = _DUNDER.sub(_blank_match, code)
    code = _DECORATION.sub(_decoration, code)
    code = _BEHIND_HEADER.sub(_behind_header, code)
    code = _BEHIND_ARGUMENTS.sub(_blank_group, code)
    code = _BEHIND_PARAMETERS.sub(_behind_parameters, code)
    code = _BEHIND_ARRAY.sub(_blank_group, code)
    if b"((" in code:
        code = _prototypes(code)
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
    code = _DESIGNATOR.sub(rb"\1 ", code)
    code = _STATIC_MACRO.sub(_static_macro, code)
    code = _BEFORE_DECLARATION.sub(_blank_match, code)
    code = _BARE_CALL.sub(_bare_call, code)
    code = _KNR.sub(_blank_group, code)
    code = _TYPE_ARGUMENT.sub(lambda m: _type_argument(m, result), code)
    code = _LOOP.sub(lambda m: _loop(m, result), code)
    result.code = code[1:]
    return result


def _decoration(match: re.Match[bytes]) -> bytes:
    """Blank out capitals that decorate a declaration, if what stands before them fits."""
    kind, start = match.lastgroup, match.start()
    if kind == "behind" and match.string[start - 1] not in b" \t":
        return match[0]
    before = match.string[max(0, start - 40) : start].rstrip()
    if kind == "behind" and (before[-1:] in b",(" or not _DECLARATOR_BEFORE.search(before)):
        return match[0]
    if kind == "type" and not _TYPE_BEFORE.search(before):
        return match[0]
    if kind == "array" and before[-1:] not in (b"]", b")"):
        return match[0]
    return match[0].translate(BLANK)


def _behind_header(match: re.Match[bytes]) -> bytes:
    """Blank out capitals behind a function's parameters, where the line begins in the first column."""
    line = match.string.rfind(b"\n", max(0, match.start() - 400), match.start()) + 1
    text = match.string[line : match.start()]
    is_header = text[:1].isalpha() or text[:1] == b"_" or _POINTER.search(text) is not None
    return _blank_group(match) if is_header and b"=" not in text else match[0]


def _behind_parameters(match: re.Match[bytes]) -> bytes:
    """Blank out macros with arguments behind a function's parameters: in front of a body, or of a prototype."""
    if match.string[match.end() : match.end() + 80].lstrip()[:1] == b";":
        line = match.string.rfind(b"\n", max(0, match.start() - 400), match.start()) + 1
        text = match.string[line : match.start()]
        if not (text[:1].isalpha() or text[:1] == b"_") or b" " not in text.partition(b"(")[0].strip():
            return match[0]
    return _blank_group(match)


def _behind_declarators(code: bytes) -> bytes:
    """Blank out what says, behind a declarator, where a variable is to stand, or gives it a value at times."""
    ranges: list[tuple[int, int]] = []
    for match in _BEHIND_DECLARATOR.finditer(code):
        start = max(0, match.start() - 60)
        name = _ITS_NAME.search(code, start, match.start())
        if name and not _STATEMENT_WORD.search(code, start, name.end(1)):
            ranges.append((name.end(1), match.end()))
    return blank(code, ranges)


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
    line = match.string.rfind(b"\n", max(0, match.start() - 200), match.start()) + 1
    return b" + " if b"case" in match.string[line : match.start()] else b"..."


def _blank_match(match: re.Match[bytes]) -> bytes:
    return match[0].translate(BLANK)


def _bare_call(match: re.Match[bytes]) -> bytes:
    """Blank out macros in file scope that take no semicolon: ``module_init(start)``."""
    code = match.string
    before = code[max(0, match.start() - 200) : match.start()].rstrip()
    if before[-1:] not in (b";", b"}", b")", b"") or _OLD_FUNCTION.match(code, match.end()):
        return match[0]
    return match[0].translate(BLANK)


def _static_macro(match: re.Match[bytes]) -> bytes:
    """Let a macro in file scope look like a call; with braces among its arguments it cannot."""
    return match[0].translate(BLANK) if b"{" in match[0] else _blank_group(match)


def _blank_group(match: re.Match[bytes]) -> bytes:
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return match[0][:start] + match[0][start:end].translate(BLANK) + match[0][end:]


def _macro_type(match: re.Match[bytes], result: Masked) -> bytes:
    """Make ``ElfW(Ehdr) *header;`` a declaration, where a statement begins."""
    before = match.string[max(0, match.start() - 200) : match.start()].rstrip()
    if before[-1:] not in (b";", b"{", b"}", b""):
        return match[0]
    result.types.add(match.start(2) - 1)
    return b"\n" + match[1] + b"T" + b"_" * (len(match[2]) - 1)


def _beside_type(match: re.Match[bytes]) -> bytes:
    """Blank out, of two words before a pointer, the one that is no type."""
    lead, first, space, second = match.groups()
    if first in _BUILTIN or second not in _BUILTIN:
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


def _header(match: re.Match[bytes]) -> bytes:
    """Blank out what decorates a function's type: of two words for a type the first is none."""
    words = list(_WORD.finditer(match[1]))[:-1]
    real = [w for w in words if w[0] not in _QUALIFIERS]
    if len(real) < 2 or words[0][0] in _NO_HEADER:
        return match[0]
    for index, word in enumerate(real):
        if word[0] in _BUILTIN or word[0] in (b"struct", b"union", b"enum"):
            decorations = real[:index]
            break
    else:
        attributes = [w for w in real if w[0][:2] == b"__" and not w[0][-1:].isdigit()]
        decorations = attributes + [w for w in real if w not in attributes][:-1]
    if not decorations:
        return match[0]
    text = bytearray(match[0])
    for word in decorations:
        text[1 + word.start() : 1 + word.end()] = b" " * len(word[0])  # behind the line's end
    return bytes(text)


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
