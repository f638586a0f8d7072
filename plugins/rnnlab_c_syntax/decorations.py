"""What decorates a declaration in C, taken out at equal length: attributes, sections, capitals of macros.

A grammar without a preprocessor reads ``static __init int f(void) __alias(g)`` as something
else. Everything here is a pattern over code without comments, literals and directives, in
which a line's end stands before every line.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS, blank, blank_group, blank_match
from rnnlab_c_syntax.patterns import sign
from rnnlab_c_syntax.places import Range, holds, line_start

#: Types of one word that the language itself has.
BUILTIN = frozenset(b"void char short int long float double signed unsigned bool _Bool".split())
#: Words that begin with two underscores: with arguments, and without.
ATTRIBUTE = re.compile(
    rb"__(?:attribute__|attribute|declspec|aligned|printf|scanf|section|acquires|releases"
    rb"|must_hold|counted_by|cleanup|alloc_size|nonnull|nonnull_params|guarded_by|free)[ \t\n]*" + ARGUMENTS
)
#: A function that is called as an attribute is: ``static void`` with ``__free(node *last)`` and its brace below.
_NAMES_FUNCTION = re.compile(rb"__[a-z]\w*+\((?:void|[\w \t*,\n]*?\w[ \t*]++\w++)\)\n?\{")
#: ``ossl_unused void *context``, ``int av_unused size``: of two words side by side no type is called so.
_UNUSED = re.compile(rb"_unused(?<=[a-z]_unused)(?=[ \t]++[A-Za-z_])")
_SMALL_BEFORE = re.compile(rb"(?<!\w)[a-z]++\Z")
#: What hides parameters from compilers of the 1980s; the parentheses stay: ``int (*last[2])__P(NOTHING);``.
_PROTOTYPE = re.compile(rb"__P(?=\((?!\())")
_NO_NAME_BEFORE = re.compile(rb"(?:\W__\w+|\b(?:const|volatile))\Z")
_UNKNOWN = re.compile(rb"__[a-z]\w*+(?=[ \t]*+(?:;|=[^=]))")
#: An attribute by a macro of any name: ``xz_attribute((__unused__))``.
_GNU_ATTRIBUTE = re.compile(rb"\(\([ \t]*+(?:__\w++|unused)[ \t]*+(?:\([^()]*+\)[ \t]*+)?\)\)")
_GNU_SIGN, _UNUSED_SIGN = sign(b"((__", 0), sign(b"((unused", 0)
_ATTRIBUTE_NAME = re.compile(rb"[\w*)][ \t\n]\s*([A-Za-z_]\w*)\Z")
_LONGEST_NAME = 80
_LINE_END = 0x0A
#: Behind an arrow or a dot stands a member: ``list->__used``.
_NO_ATTRIBUTE_BEHIND = b"_>."
_DUNDER = re.compile(
    rb"__(?:init|exit|initdata|initconst|exitdata|refdata|ref|user|iomem|percpu|rcu|force|kernel|must_check"
    rb"|maybe_unused|always_inline|cold|hot|pure|read_mostly|sched|noreturn|used|unused|weak|visible|net_init"
    rb"|net_exit|net_initdata|net_initconst|cpuinit|cpuexit|devinit|devexit|devinitdata|devinitconst|devexit_p"
    rb"|meminit|memexit|meminitdata|meminitconst"
    rb"|deprecated|packed|noinline|inline|inline__|extension__|restrict|restrict__|restrict_arr|bitwise|nocast"
    rb"|private|always_unused|wsum_private|private_extern|latent_entropy|ro_after_init|cacheline_aligned"
    rb"|cacheline_aligned_in_smp|malloc|nocapture|flatten|no_sanitize_address|no_kcsan|no_profile|lockfunc|kprobes"
    rb"|__cacheline_aligned|__cacheline_aligned_in_smp|volatile__|const|const__|signed__|cpuidle|paginginit"
    rb"|tracepoint_string|initcall|designated_init|no_kasan"
    rb"|initdata_or_module|init_or_module|initconst_or_module|randomize_layout|pgtbl_alloc|noinitretpoline"
    rb"|init_memblock|initdata_memblock|no_randomize_layout|mutable|nosan|__[a-z_]+__|rtc|efistub_global"
    rb"|aligned|no_return|wur|THROW|ref_ok|refok|thread|attribute_[a-z_]+__|volatile|real__|imag__)\b(?!\()"
)
#: C11 6.7.4, 6.7.1 and 6.7.5.
_SPECIFIER = re.compile(rb"_(?<!\w.)(?:Noreturn\b|Thread_local\b|Alignas[ \t\n]*" + ARGUMENTS + rb")")
_SPECIFIERS = sign(b"_Noreturn", 1), sign(b"_Thread_local", 1), sign(b"_Alignas", 1)
_TYPE_WORD = rb"(?:unsigned|signed|struct|union|enum|void|char|short|int|long|float|double|bool)"
_TYPE_BEFORE = re.compile(
    rb"\b(?:unsigned|signed|void|char|short|int|long|float|double|bool)[ \t*]*\Z|\b(?:struct|union|enum)\s+\w+[ \t*]*\Z"
)
_POINTER_BEFORE = re.compile(
    rb"\n[ \t]*(?:(?:const|static)[ \t]+)?(?!return\b)[A-Za-z_]\w*(?:[ \t]*\*|[ \t]+(?:const|volatile))\Z"
)
_STORAGE_BEFORE = re.compile(rb"\n[ \t]*+(?:static|extern|register)\Z")
_STATIC_TYPE_BEFORE = re.compile(
    rb"\bstatic[ \t]+(?:const[ \t]+)?"
    rb"(?!(?:const|inline|volatile|register|struct|union|enum|unsigned|signed|long|short)\b)[A-Za-z_]\w*\Z"
)
_TYPE_AND_NAME = re.compile(rb"[ \t]*+((?:[A-Za-z_]\w*+[ \t*]++)++)([A-Za-z_]\w*+)(?:\[\w*\])?")
_DECLARATOR_BEFORE = re.compile(rb"[(,][^(),]*[\w*][ \t*]+(?!(?:return|case|sizeof|goto|else)\b)[a-z]\w*(?:\[\w*\])?\Z")
#: Capitals that say something about a declaration: before its type, after it, behind its declarator. In text whose
#: capitals are all ``A``: a regular expression finds a fixed character faster than one of several.
_DECORATION = (
    rb"[A0-9_](?<!\w..)(?:[A0-9_]++(?=[ \t]+(?:const[ \t]+)?(?:register|" + _TYPE_WORD + rb")\b"
    rb"|[ \t]+const[ \t]+(?!volatile)(?:A?[a-z_]\w*+[ \t*]++|\w++[ \t]*+\*[ \t*]*+)[A-Za-z_]\w*+\s*+[;=\[])"
    rb"|(?<=\(..)[A0-9_]++(?=\s+(?:const[ \t]+)?A?[a-z_]\w*+(?:\)[ \t]*+\(|[ \t*]++[a-z_]\w*+\s*+[,)]))"
    rb"|(?<=,[ \n]..)[A0-9_]++(?=[ \t]+(?:const[ \t]+)?A?[a-z_]\w*+[ \t*]++[a-z_]\w*+\s*+[,)])"
    rb"|(?<=[A-Za-z0-9_][ \t]..)[A0-9_]++(?=[ \t]*+\()(?P<value>)"
    rb"|(?<![(,|&=<>!+?:;{}~/-]..)(?<![(,|&=<>!+?:;{}~/-][ \t]..)[A0-9_]++(?:(?=[ \t]*[,)])(?P<behind>)"
    rb"|(?=[ \t]+(?:(?:const[ \t]+)?[a-z_]\w*+[ \t]*[,)]|\*[ \t*]*+[a-z_]\w*+\s*[,)=;\[]))(?P<type>)"
    rb"|(?=\s*=[^=])(?P<array>)"
    rb"|(?=[ \t]+[*]*+[A-Za-z_]\w*+[ \t]*+\()(?P<function>)"
    rb"|(?=[ \t]+[a-z_]\w*+\[)(?P<element>)|(?=[ \t]*+;)(?P<tail>)|(?=[ \t]+[A-Za-z_]\w*+[ \t]*+[=;,\[])(?P<middle>)"
    rb"|(?=[ \t]+(?!(?:const|volatile)\b)A?[a-z_]\w*+[ \t]++[a-z_]\w*+\s*+[;=\[])(?P<first>)))"
)
_DECORATIONS = re.compile(rb"A" + _DECORATION), re.compile(rb"_" + _DECORATION)
_FUNCTION_TYPE = re.compile(
    rb"\n(?:[a-z]\w*+[ \t]++)*?"
    rb"(?:void|char|short|int|long|unsigned|bool|double|float|(?:struct|union|enum)[ \t]++\w++)[*]*+"
)
#: ``row_t * CONST *rows = all;``
_BETWEEN_STARS = re.compile(
    rb"\*(?=[ \t]*+[A-Z_])[ \t]*+([A-Z_][A-Z0-9_]{2,}+)(?=[ \t]*+\*[ \t*]*+[a-z_]\w*+\s*+[=;,\[])"
)
#: A macro that gives a variable its first value: ``SILENCE_INIT(NULL);``.
FIRST_VALUE = re.compile(rb"[A-Z_][A-Z0-9_]{2,}+[ \t]*+" + ARGUMENTS + rb"(?=[ \t]*+;)")
_LONGEST_LINE = 200
_ALL_A = bytes(0x41 if chr(c).isupper() and c < 0x80 else c for c in range(256))
#: ``byte sum[SIZE] ALIGNED_long;``, ``byte sum[SIZE] ALIGNED(4) = { 0 };``
_BEHIND_ARRAY = re.compile(
    rb"\](?=[ \t]++[A-Z_])([ \t]++(?:[A-Z]{2}\w*+|(?:[A-Z_][A-Z0-9_]*|__\w+)[ \t]*" + ARGUMENTS + rb"))(?=\s*[;=])"
)
NO_HEADER = frozenset(b"else return goto case typedef do".split())
QUALIFIERS = frozenset(
    b"static extern inline const volatile register auto typedef __inline __inline__ INLINE STATIC EXTERN".split()
)


def undecorated(code: bytes) -> bytes:
    """Make blanks of what decorates declarations in small letters, and of what the parser would multiply with."""
    if holds(code, b"_unused "):
        code = blank(code, _unused(code))
    code = _underscored(code)
    found = _BETWEEN_STARS.finditer(code)
    return blank(code, [match.span(1) for match in found if _decorates(code, match.start(1), "type")])


def _unused(code: bytes) -> list[Range]:
    """List the words that say of what they stand beside that it may stay unused."""
    found: list[Range] = []
    for match in _UNUSED.finditer(code):
        first = max(0, match.start() - _LONGEST_NAME)
        if word := _SMALL_BEFORE.search(code[first : match.start()]):
            found.append((first + word.start(), match.end()))
    return found


def without_capitals(code: bytes) -> bytes:
    """Make blanks of what decorates declarations in capitals, and of attributes that the parser gives up on."""
    if _GNU_SIGN.search(code) or _UNUSED_SIGN.search(code):
        code = _gnu_attributes(code)
    if any(word.search(code) for word in _SPECIFIERS):
        code = _SPECIFIER.sub(blank_match, code)
    return _BEHIND_ARRAY.sub(blank_group, _capitals(code))


def _underscored(code: bytes) -> bytes:
    """Blank out attributes that begin with two underscores."""
    ranges: list[tuple[int, int]] = []
    at = code.find(b"__")
    while at >= 0:
        end = at + 2
        if code[at - 1] not in _NO_ATTRIBUTE_BEHIND and not code[at - 1 : at].isalnum():
            match = ATTRIBUTE.match(code, at)
            if match is not None and code[at - 1] == _LINE_END and _NAMES_FUNCTION.match(code, at, match.end() + 2):
                match = None
            elif match is None:
                match = _DUNDER.match(code, at) or _behind_declarator(code, at)
                if (
                    match is not None
                    and code[max(0, at - 2) : at] == b"= "
                    and code[match.end() : match.end() + 1] == b";"
                ):
                    match = None  # ``= __init;`` is a value
            if match is not None:
                ranges.append(match.span())
                end = match.end()
        at = code.find(b"__", end)
    return blank(code, ranges)


def _behind_declarator(code: bytes, at: int) -> re.Match[bytes] | None:
    """Find an attribute that nobody knows behind a declarator: ``static int most __ro_after_this = 3;``."""
    if code.startswith(b"__P(", at):  # with its parameters in parentheses of their own it goes later
        return _PROTOTYPE.match(code, at)
    match = _UNKNOWN.match(code, at)
    if match is None or code[at - 1 : at] not in (b" ", b"\t"):
        return None
    before = code[max(0, at - _LONGEST_NAME) : at].rstrip(b" \t")
    if _NO_NAME_BEFORE.search(before):
        return None  # ``struct row * volatile __last = 0;``, ``long __section __last = 0;``: then it is the name
    line = before.rfind(b"\n") + 1
    first = -1 if before[-1:] == b"," else before.find(b",", line)  # ``size_t first, last __not_unused;``
    return match if is_declarator(before[:first] if first >= 0 and b"=" not in before[line:] else before) else None


def _gnu_attributes(code: bytes) -> bytes:
    """Blank out attributes by macros of any name."""
    ranges: list[tuple[int, int]] = []
    for match in _GNU_ATTRIBUTE.finditer(code):
        name = _ATTRIBUTE_NAME.search(code, max(0, match.start() - _LONGEST_NAME), match.start())
        if name:
            ranges.append((name.start(1), match.end()))
    return blank(code, ranges)


def _capitals(code: bytes) -> bytes:
    """Blank out capitals that decorate a declaration."""
    alike = code.translate(_ALL_A)
    found = [match for pattern in _DECORATIONS for match in pattern.finditer(alike)]
    ranges = [match.span() for match in found if _decorates(code, match.start(), match.lastgroup)]
    values = [_first_value(code, match.start()) for match in found if match.lastgroup == "value"]
    return blank(code, sorted([*ranges, *filter(None, values)]))


def _first_value(code: bytes, start: int) -> Range | None:
    """Find the macro that gives a variable its first value: ``node_t *last SILENCE_INIT(NULL);``."""
    macro = FIRST_VALUE.match(code, start)
    return macro.span() if macro is not None and is_declarator(line_before(code, start)) else None


def line_before(code: bytes, position: int) -> bytes:
    """Give what stands before ``position`` in its line, the line's end before it included."""
    start = line_start(code, position, _LONGEST_LINE)
    return code[max(0, start - 1) : position].rstrip(b" \t")


def _decorates(code: bytes, start: int, kind: str | None) -> bool:
    """Tell whether what stands before capitals, which may decorate a declaration, is one."""
    if kind == "function":  # ``static int FAST f(int n)``
        return _FUNCTION_TYPE.fullmatch(line_before(code, start)) is not None
    if kind == "value" or (kind == "behind" and code[start - 1] not in b" \t"):
        return False
    reach = _LONGEST_NAME if kind == "behind" else 40  # a parameter may stand on an indented line of its own
    before = code[max(0, start - reach) : start].rstrip(b" \t")
    same_line = before[-1:] != b"\n"
    before = before.rstrip()
    if kind == "first":  # of three words in a line
        return not same_line or _STORAGE_BEFORE.search(before) is not None
    if kind == "behind":
        return before[-1:] not in b",(" and (
            _DECLARATOR_BEFORE.search(before) is not None or (same_line and is_declarator(before))
        )
    if kind == "type":
        return (
            before[-1:] == b"*" or _TYPE_BEFORE.search(before) is not None or _POINTER_BEFORE.search(before) is not None
        )
    if kind == "element":  # ``Object *CONST objects[]``, ``local code_t FAR codes[2]``
        return before[-1:] == b"*" or (same_line and is_declarator(before))
    if kind == "tail":  # of several declarators the first tells; behind a value there is none
        return b"=" not in before[before.rfind(b"\n") + 1 :] and is_declarator(
            before[: before.find(b",", before.rfind(b"\n"))] if b"," in before else before
        )
    if kind == "middle":
        found = _STATIC_TYPE_BEFORE.search(before) or _TYPE_BEFORE.search(before)
        return found is not None or (same_line and (before[-1:] == b"*" or is_declarator(before)))
    if kind == "array":
        return before[-1:] == b"]" or (same_line and (before[-1:] == b")" or is_declarator(before)))
    return True


def is_declarator(before: bytes) -> bool:
    """Tell whether what stands before capitals is the type and the name of a variable."""
    line = before[before.rfind(b"\n") + 1 :] if b"\n" in before else b""
    match = _TYPE_AND_NAME.fullmatch(line)
    if not match:
        return False
    words = match[1].replace(b"*", b" ").split()
    words = [word for word in words if word not in QUALIFIERS and not _DUNDER.fullmatch(word)]
    if not words or words[0] in NO_HEADER or match[2] in BUILTIN:
        return False
    return b"*" in match[1] or len(words) > (words[0] in (b"struct", b"union", b"enum"))
