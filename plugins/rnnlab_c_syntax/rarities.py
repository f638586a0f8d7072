"""What few texts have and the grammar has no place for, made plain at equal length; a word or a sign tells it at once.

Labels that macros make or leave out, ranges of cases, jumps to addresses, words that are new or old in C.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import ARGUMENTS, blank, blank_group, blank_match
from rnnlab_c_syntax.patterns import sign
from rnnlab_c_syntax.places import Range, holds, line_start

#: A label that a macro leaves out at times: ``IF_RETRY(again:)``.
_LABEL = re.compile(rb"\n[ \t]*+([A-Z][A-Z0-9_]*+\()[ \t]*+[A-Za-z_]\w*+[ \t]*+:\)")
#: One that a macro makes: ``CASE_ANY(code):``.
_CASE_END = re.compile(rb"\):(?=[ \t]*+\n)")
_CASE = re.compile(rb"[ \t]*+[A-Z_][A-Z0-9_]*+[ \t]*+" + ARGUMENTS + rb":")
#: Numbers that the grammar does not know: ``double complex``.
_COMPLEX = re.compile(rb"\b(?:float|double)([ \t]++(?:complex|_Complex)\b)")
#: A macro that is given a part of a declaration or a statement and nothing else: ``IF_FIXED(const) int mode = 0;``,
#: ``static IF_WIDE(long long) int f(void)``, ``IF_LOUD(return) fail(n);``.
_GIVEN_PART = re.compile(rb"\((?=[cilr])(?:const|inline|return|long long)\)(?=[ \t]++[A-Za-z_])")
_BEFORE_PART = re.compile(rb"(?:\n|\(|static\b)[ \t]*+([A-Z][A-Z0-9_]*+)[ \t]*+\Z")
#: ``nullptr`` where it is older than C23, and a name.
_NULL_DECLARED = re.compile(rb"nullptr(?:(?=[ \t]*+(?:=(?!=)|\[))|(?<=\*nullptr))")
#: A label that ends a block: C23, and gcc before it.
_LABEL_ENDS = re.compile(rb":(?=[ \t]*+\n\s*+\})")
_LABEL_ALONE = re.compile(rb"[;{})\n][ \t]*+(?!\n)(?:case\b[^\n?:]*+|[A-Za-z_]\w*+)[ \t]*+\Z")
#: A macro that is given the target of an assignment: ``IF_DEBUG(rc =) save(p);``.
_TARGET = re.compile(
    rb"\b([A-Z_][A-Z0-9_]*+[ \t]*+\()[ \t]*+[\w.>\[\]-]++[ \t]*+[|&+-]?=[ \t]*+\)(?=[ \t]*+[A-Za-z_(*])"
)
_TARGET_SIGN = re.compile(rb"=[ \t]*+\)")
#: ``extern weak hidden const row_t rows[];``
_SHOWN = re.compile(
    rb"\nextern[ \t]++((?!(?:const|volatile|inline|struct|union|enum|unsigned|signed|void|char|short|int|long|float"
    rb"|double)\b)[a-z_]\w*+[ \t]++(?:[a-z_]\w*+[ \t]++)?+)(?=const[ \t]++\w++[ \t*]++\w)"
)
#: ``extern const char name[] attribute_hidden;``
_HIDDEN = re.compile(rb"attribute_(?<!\wattribute_)(?:hidden|relro|tls\w*+)(?=\s*+[;=])")
#: Old C: what has no type is an ``int``. ``static count = 0;``, ``register i, n;``.
_NO_TYPE = {
    word: re.compile(
        word[:-1]
        + rb"(?<=[\s;{(]"
        + word[:-1]
        + rb")(?=[ \t]++(?!(?:int|char|long|short|unsigned|double|float|bool)\b)"
        + rb"[a-z_]\w*+[ \t]*+(?:\[\w*+\][ \t]*+)?+(?:=(?!=)|[;,]))"
    )
    for word in (b"static ", b"register ", b"auto ")
}
#: Labels of a block, as gcc has them: ``__label__ again, out;``.
_LOCAL_LABELS = re.compile(rb"\b__label__[\w\s,]++;")
#: ``deliberate_fall_through`` before the next case.
_FALLS = re.compile(rb"fall\w{0,40}+[ \t]*+(?=\n\s*+(?:\}\s*+)?(?:case\b|default[ \t]*+:))")
#: An attribute of C23: ``[[maybe_unused]] int n;``; what stands behind a value is an index.
_ATTRIBUTE = re.compile(rb"(?<![\w)\]])\[\[(?:[^][(){};]++|" + ARGUMENTS + rb")*+\]\]|(?<=\w[ \t])\[\[[\w:, \t]++\]\]")
#: ``_cleanup_free_ char *name = get();``, ``row_t *last _unused_ = rows;``
_UNDERSCORED = re.compile(
    rb"\b_[a-z]\w*+(?<=_)(?=[ \t]++[A-Za-z_])|(?<=[\w*][ \t])_(?:maybe_)?unused_(?=[ \t]*+[=;,)])"
)
#: Vectors of processors' own: ``vector unsigned char first, last;``.
_VECTOR = re.compile(rb"\bvector(?=[ \t]++(?:unsigned|signed|char|short|int|float|double|bool|pixel)\b)")
#: gcc knows how an expression is aligned: ``__alignof__ (*row)``.
_ALIGNOF = re.compile(rb"__alignof__(?=[ \t]*+\()")
#: Elements that macros make with their commas: ``LIB_AUTOHELP`` above ``{ "name", 0 },``.
_ELEMENT = re.compile(rb"\n[ \t]++[A-Z][A-Z0-9_]{3,}+(?=[ \t]*+\n\s*+(?:\{|\}|[A-Z][A-Z0-9_]{3,}+[ \t]*+\n))")
#: What the compiler is told within a line: ``_Pragma("GCC unroll 4")``.
_PRAGMA = re.compile(rb"\b_Pragma\s*+\(\s*+\"[^\"]*+\"\s*+\)")
#: A ``switch`` without braces, which is as good as a loop: ``switch (n) case 1: stop();``.
_SWITCH = re.compile(rb"switch(?<=\Wswitch)(?=[ \t]*+" + ARGUMENTS + rb"\s*+case\b)")
_WORD_ALONE = re.compile(rb"[ \t]++\w++[ \t]*+")
_IN_CASE = re.compile(rb"\bcase\b[^;{}:]*+\Z")
_RANGE = re.compile(rb"\.\.\.(?=[^;{}\n:]{0,200}+:)")
_LONGEST_NAME = 80
_LONGEST_LINE = 200
#: A table whose name stands in parentheses: ``char *(names[]) = {``.
_IN_PARENTHESES = re.compile(rb"\*[ \t]*+(\()[A-Za-z_]\w*+\[\w*+\](\))(?=[ \t]*+=\s*+\{)")
#: A unit, which is a macro: ``256 KB - 1``.
_UNIT = re.compile(rb"[0-9][ \t]([A-Z]\w*+)(?=\s*+[-+*/<>=,;)\]}])")
_NUMBER = re.compile(rb"(?<![\w.])\d\w*+\Z")
#: An operator that a macro is given: ``check(a, ==, b)``.
_OPERATOR = re.compile(rb"(?<=,)[ \t]*+(?:[<>]=?+|[=!]=)[ \t]*+(?=,)")
_OPERATOR_SIGNS = (b"=,", b">,", b"<,")
#: What tells of each whether it is there.
_TABLE, _BRACKETS, _DOTS, _COLON, _ROUND_COLON = (
    sign(b"])", 0),
    sign(b"[[", 0),
    sign(b"...", 0),
    sign(b":)", 0),
    sign(b"):", 1),
)
_PRAGMA_SIGN, _JUMP, _COMPLEX_SIGN = sign(b"_Pragma", 1), sign(b"goto *", 5), sign(b"omplex", 5)
_HIDDEN_SIGN = sign(b"attribute_", 6)
_LABEL_SIGN, _FALL, _CONSTEXPR = (
    sign(b"__label__", 4),
    sign(b"fall", 0),
    sign(b"constexpr", 6),
)


def misread(code: bytes) -> bytes:
    """Make plain what the parser takes for something else, and what a word or a sign tells at once."""
    if holds(code, b"$"):
        code = code.replace(b"$", b"_")  # gcc takes it for a letter
    if _BRACKETS.search(code):
        code = _ATTRIBUTE.sub(blank_match, code)
    if holds(code, b"(return)"):
        code = blank(code, _parts(code))
    if _LABEL_SIGN.search(code):
        code = _LOCAL_LABELS.sub(blank_match, code)
    if holds(code, b"nullptr") and _NULL_DECLARED.search(code):
        code = code.replace(b"nullptr", b"null_tr")
    return code


def rarities(code: bytes) -> bytes:
    """Make plain what the parser gives up on, and what a word or a sign tells at once."""
    if _PRAGMA_SIGN.search(code):
        code = _PRAGMA.sub(blank_match, code)
    code = _SWITCH.sub(b"while ", code)
    if _DOTS.search(code):
        code = _RANGE.sub(_case_range, code)
    if _COLON.search(code):
        code = _LABEL.sub(_label, code)
    if _ROUND_COLON.search(code):
        code = blank(code, _cases(code))
    if _JUMP.search(code):
        code = code.replace(b"goto *", b"     *")  # a jump to an address reads it
    if _COMPLEX_SIGN.search(code):
        code = _COMPLEX.sub(blank_group, code)
    code = blank(code, _parts(code))
    code = blank(code, _units(code))
    if _FALL.search(code):
        code = blank(code, _falls(code))
    if any(holds(code, operator) for operator in _OPERATOR_SIGNS):
        code = _OPERATOR.sub(lambda m: b"0".rjust(len(m[0])), code)
    if _CONSTEXPR.search(code):
        code = code.replace(b"constexpr", b"const_xpr")  # older than C23, and a name there
    if _TARGET_SIGN.search(code):
        code = _TARGET.sub(_target, code)
    if _HIDDEN_SIGN.search(code):
        code = _HIDDEN.sub(blank_match, code)
    if holds(code, b"_ "):
        code = _UNDERSCORED.sub(blank_match, code)
    if holds(code, b"__alignof__"):
        code = _ALIGNOF.sub(lambda m: b"sizeof".ljust(len(m[0])), code)
    code = blank(code, _elements(code))
    if holds(code, b"vector "):
        code = _VECTOR.sub(blank_match, code)
    if holds(code, b"\nextern"):
        code = _SHOWN.sub(blank_group, code)
    for word, pattern in _NO_TYPE.items():
        if holds(code, word):
            code = pattern.sub(_int, code)
    if _TABLE.search(code):
        tables = _IN_PARENTHESES.finditer(code)
        code = blank(code, [table.span(group) for table in tables for group in (1, 2)])
    return _labels_at_ends(code)


def _elements(code: bytes) -> list[Range]:
    """List the macros alone on their lines among the elements of a table."""
    found: list[Range] = []
    for match in _ELEMENT.finditer(code):
        before = code[max(0, match.start() - _LONGEST_LINE) : match.start()].rstrip()
        is_next = bool(found) and found[-1][1] == max(0, match.start() - _LONGEST_LINE) + len(before)
        if before[-1:] == b"," or is_next or (before[-1:] == b"{" and before[:-1].rstrip()[-1:] == b"="):
            found.append(match.span())
    return found


def _falls(code: bytes) -> list[Range]:
    """List the words alone on their lines that say where a case goes on."""
    lines = [(line_start(code, match.start(), _LONGEST_NAME), match.end()) for match in _FALLS.finditer(code)]
    return [(start, end) for start, end in lines if _WORD_ALONE.fullmatch(code, start, end)]


def _cases(code: bytes) -> list[Range]:
    """List the lines that are labels which macros make."""
    found: list[Range] = []
    for match in _CASE_END.finditer(code):
        line = line_start(code, match.start(), _LONGEST_LINE)
        before = code[max(0, line - _LONGEST_LINE) : line].rstrip()
        if before[-1:] in (b";", b"{", b"}", b":") and _CASE.fullmatch(code, line, match.end()):
            found.append((line, match.end()))
    return found


def _units(code: bytes) -> list[Range]:
    """List the macros that stand behind numbers with nothing between."""
    found: list[Range] = []
    for match in _UNIT.finditer(code):
        if _NUMBER.search(code, max(0, match.start() - _LONGEST_NAME), match.start() + 1):
            found.append(match.span(1))
    return found


def _parts(code: bytes) -> list[Range]:
    """List the macros that are given a part of a declaration or a statement, with that."""
    found: list[Range] = []
    for match in _GIVEN_PART.finditer(code):
        macro = _BEFORE_PART.search(code, max(0, match.start() - _LONGEST_NAME), match.start())
        if macro is not None:
            found.append((macro.start(1), match.end()))
    return found


def _target(match: re.Match[bytes]) -> bytes:
    """Leave of a macro the target that it is given."""
    return b" " * len(match[1]) + match[0][len(match[1]) : -1] + b" "


def _int(match: re.Match[bytes]) -> bytes:
    return b"int".ljust(len(match[0]))


def _labels_at_ends(code: bytes) -> bytes:
    """Give each label that ends a block a statement of its own, in place of the line's end behind it."""
    pieces: list[bytes] = []
    done = 0
    for match in _LABEL_ENDS.finditer(code):
        if _LABEL_ALONE.search(code, max(0, match.start() - _LONGEST_NAME), match.start()):
            pieces += [code[done : match.end()], b";"]
            done = match.end() + 1
    return b"".join([*pieces, code[done:]]) if pieces else code


def _label(match: re.Match[bytes]) -> bytes:
    return blank_group(match)[:-1] + b" "


def _case_range(match: re.Match[bytes]) -> bytes:
    before = match.string[max(0, match.start() - _LONGEST_LINE) : match.start()]
    return b" + " if _IN_CASE.search(before) else b"..."
