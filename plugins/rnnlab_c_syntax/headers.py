"""What decorates the type of a function in its header, taken out at equal length.

It sees the code without the insides of functions, a line's end before every line.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import blank, blank_match
from rnnlab_c_syntax.decorations import ATTRIBUTE, BUILTIN, NO_HEADER, QUALIFIERS
from rnnlab_c_syntax.places import holds

#: What the Linux kernel says of a function in small letters, before its name.
_SMALL = re.compile(rb"no(?<=[ \t\n*]..)(?:trace|instr|inline(?:_for_stack)?)(?=[ \t\n]++[A-Za-z_*])")
#: A header whose type has two words or more, the first of which is no type that everybody knows.
_HEADER = re.compile(
    rb"\n(?=[A-Za-z_])((?:(?:static|extern|inline|const|volatile)[ \t]++)*+"
    rb"(?!(?:void|char|short|int|long|float|double|signed|unsigned|bool|_Bool|struct|union|enum)\b)"
    rb"[A-Za-z_]\w*+(?:[ \t\n*]++[A-Za-z_]\w*+){2,9}+)[ \t\n]*+\("
)
#: The tag of a structure that a macro makes: ``struct TYPE(list) {``.
_TAG = re.compile(rb"\n(?=[setu])(?:typedef\s++)?(?:struct|union|enum)\s++\w++(\(\w++\))(?=\s*+\{)")
#: A macro that is given an initialiser: ``define_machine(board) {``, ``.name = "b"``.
_INITIALISED = re.compile(rb"\n([A-Za-z_]\w{2,}+)\((\w++)\)(?=\s*+\{\s*+\.[A-Za-z_])")
_ONE_WORD = bytes.maketrans(b"()", b"__")
#: A macro that makes a header of what it is given: ``static CALLBACK(void, warn, (struct page *p))``.
_MADE = re.compile(
    rb"\n(?=[A-Z_s])(?:static[ \t]++)?([A-Z_][A-Z0-9_]++[ \t]*+\()[\w \t*]++(,(?:\s*+\w++(?=\s++\w))*+)\s*+\w++\s*+"
    rb"(,)\s*+\([^(){};]++\)([^(){};]*+\))(?=\s*+\{)"
)
_WORD = re.compile(rb"[A-Za-z_]\w*")
_ASSEMBLY = frozenset((b"asm", b"__asm", b"__asm__"))


def headers(code: bytes) -> bytes:
    """Blank out what decorates the types of functions."""
    if holds(code, b"notrace") or holds(code, b"noin"):
        code = _SMALL.sub(blank_match, code)
    code = _TAG.sub(lambda m: m[0].translate(_ONE_WORD), code)
    code = _INITIALISED.sub(lambda m: b"\n" + b"int".ljust(len(m[1]) + 1) + m[2] + b"=", code)
    return _HEADER.sub(_header, _MADE.sub(_made, code))


def _made(match: re.Match[bytes]) -> bytes:
    """Leave of a macro that makes a header what it makes it of."""
    return blank(
        match[0], [(start - match.start(), end - match.start()) for start, end in map(match.span, range(1, 5))]
    )


def _hides(word: bytes) -> bool:
    """Tell whether a word may be a macro that hides parameters from compilers of the 1980s."""
    return word.isupper() and (b"P" in word or word.endswith(b"OF"))


def _header(match: re.Match[bytes]) -> bytes:
    """Blank out what decorates a function's type: of two words for a type the first is none."""
    *words, name = _WORD.finditer(match[1])
    if name[0] in _ASSEMBLY:
        return match[0]  # ``register double first __asm__ ("fr1");``
    if len(words) > 1 and _hides(name[0]) and match.string[match.end() : match.end() + 1] == b"(":
        name = words.pop()  # what follows hides parameters: ``API int CALL put OF((int n))``
    if ATTRIBUTE.match(match.string, match.start(1) + name.start()):
        return match[0]  # ``static const uuid_t id __aligned(4) = …``
    real = [w for w in words if w[0] not in QUALIFIERS]
    if len(real) < 2 or words[0][0] in NO_HEADER:
        return match[0]
    for index, word in enumerate(real):
        if word[0] in BUILTIN or word[0] in (b"struct", b"union", b"enum"):
            rest = real[index + 1 if word[0] in BUILTIN else index + 2 :]
            decorations = real[:index] + [other for other in rest if other[0] not in BUILTIN]
            break
        if b"*" in match[1][word.end() : real[index + 1].start() if word is not real[-1] else name.start()]:
            decorations = [w for w in real if w is not word]
            break
    else:
        attributes = [w for w in real if w[0][:2] == b"__" and not w[0][-1:].isdigit()]
        types = [w for w in real if w not in attributes]
        if not types and attributes[-1][0].endswith(b"_t"):
            del attributes[-1]  # ``__maybe_unused __kernel_time_t``
        decorations = attributes + types[:-1]
    if not decorations:
        return match[0]
    text = bytearray(match[0])
    for word in decorations:
        text[1 + word.start() : 1 + word.end()] = b" " * len(word[0])  # behind the line's end
    return bytes(text)
