"""What a text lacks, read from a compiler's messages, and the declarations that give it.

A missing variable becomes an ``int``, a missing type a ``typedef`` of one, a missing macro a macro:
a loop where a block follows a call, nothing where it stands among the words of a declaration. What
has been guessed has no true type, so complaints about types say nothing; complaints about grammar,
labels and repeated declarations do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rnnlab_c_compiler.compiler import Message


def _words(text: str) -> list[str]:
    return text.split()


ATTRIBUTES = frozenset(
    _words("""
    __init __exit __initdata __exitdata __devinit __devexit __user __kernel __iomem __percpu __rcu
    __force __bitwise __must_check __always_inline __always_unused __maybe_unused __used __weak
    __pure __cold __hot __read_mostly __sched __ref __cpuinit __net_init __net_exit __packed
    __init_or_module __visible __noreturn asmlinkage noinline notrace __cacheline_aligned
    __ro_after_init __malloc __naked fastcall
""")
)
CALLED_ATTRIBUTES = frozenset(
    _words("""
    __acquires __releases __printf __scanf __aligned __section __must_hold __alloc_size __nonnull
""")
)
KEYWORDS = frozenset(
    _words("""
    asm auto break case char const continue default do double else enum extern float for goto if
    inline int long register return short signed sizeof static struct switch typedef typeof union
    unsigned void volatile while
""")
)
BASIC = frozenset(
    _words("""
    u8 u16 u32 u64 s8 s16 s32 s64 bool size_t ssize_t loff_t uint8_t uint16_t uint32_t uint64_t
    int8_t int16_t int32_t int64_t gfp_t pid_t uid_t gid_t mode_t dev_t time_t off_t FILE va_list
    uintptr_t intptr_t ptrdiff_t
""")
)

_NAME = r"'([A-Za-z_]\w*)'"
_VARIABLE = re.compile(rf"{_NAME} undeclared|use of undeclared identifier {_NAME}")
_TYPE = re.compile(rf"unknown type name {_NAME}")
_WITH_STRING = re.compile(r'\b([A-Za-z_]\w*)\s*"|"\s*([A-Za-z_]\w*)\b')
LONG_LINE = 2000  # characters of a line that nobody wrote by hand: no macro is learnt from it
_PREFIX = frozenset({"L", "u", "U", "u8", "R", "return", "case", "else", "sizeof", "asm"})
_LIKE_TYPE = re.compile(
    r"(?:[=(,&|!+\-*/?:<>~%^]|\breturn)\s*\(\s*(?:const\s+)?([A-Za-z_]\w*+)\s*+\**+\s*+\)\s*+[\w(&*]"
    r"|(?:^|[;{}])[ \t]*(?:const\s+|static\s+)?([A-Za-z_]\w*)(?:[ \t]+|[ \t]*\*+)[A-Za-z_]\w*\s*[;=,\[]",
    re.MULTILINE,
)
_UNFINISHED = re.compile(r"([A-Za-z_]\w*)\s*\([^()]*(?:\([^()]*\)[^()]*)*\Z")
_ARGUMENT = re.compile(
    r"before '(?:typeof|struct|union|enum|unsigned|int|char|long|short|void|const|signed|float|double|=|<|>"
    r"|[A-Za-z_]\w*_t)'"
    r"|expected expression$"
)
_DECLARATOR = re.compile(r"'asm' or '__attribute__' before|after top level declarator|at end of declaration")
_TYPE_NEXT = re.compile(r"expected ';' before '(?:void|int|unsigned|long|char|struct|bool)'")
_CALL_AT_LINE = re.compile(r"(?:.*[;{}]|.*\belse\b)?\s*([A-Za-z_]\w*)\s*\(")
_QUOTED = re.compile(r"'[^']*'")
_GRAMMAR = re.compile(
    r"expected|stray|missing terminating|label ''|redeclaration|redefinition|redeclared|duplicate|break statement"
    r"|continue statement|not within|not in |without a previous|unterminated|empty character|extraneous"
    r"|undeclared label|conflicting types|more than one|multiple|invalid suffix|exponent has no|too many decimal"
    r"|two or more|both ''"
)
_FILE_SCOPE = re.compile(
    rf"(?:redefinition of|conflicting types for|redeclaration of|declaration of) {_NAME}|{_NAME} redeclared"
)


@dataclass(slots=True)
class Lacks:
    """What a function has been found to lack."""

    variables: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)
    loops: set[str] = field(default_factory=set)
    strings: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)

    def size(self) -> int:
        """How many names, to see whether a round brought any."""
        return sum(map(len, (self.variables, self.types, self.empty, self.loops, self.strings, self.values)))

    def macros(self) -> dict[str, str]:
        """The macros among it: what comes behind ``#define``, by name."""
        return {
            **{name: name for name in self.empty},
            **{name: f"{name}(...) for (;;)" for name in self.loops},
            **{name: f'{name} ""' for name in self.strings},
            **{name: f"{name}(...) 0" for name in self.values},
        }

    def forget_macro(self, name: str) -> None:
        """That is none: such as the function's own name, which a broken list of parameters makes look like one."""
        for macros in (self.empty, self.loops, self.values):
            macros.discard(name)

    def add(self, other: Lacks, among: frozenset[str] | set[str] | None = None) -> None:
        """Another's macros and types; where names are given, those of them."""
        for mine, its in (
            (self.types, other.types),
            (self.empty, other.empty),
            (self.loops, other.loops),
            (self.strings, other.strings),
            (self.values, other.values),
        ):
            mine |= its if among is None else its & among


def with_strings(code: str, macros: Mapping[str, str]) -> set[str]:
    """Names beside string constants: macros that stand for strings, such as KERN_ERR and PRIu64.

    ``macros`` are the text's own, name to body: one that is only another name passes it on.
    """
    names = {name for pair in _WITH_STRING.findall(code) for name in pair if name}
    names |= {macros[name].strip() for name in names & macros.keys() if macros[name].strip().isidentifier()}
    names -= _PREFIX
    return {name for name in names if name not in macros and (name.upper() == name or name.startswith("PRI"))}


def learn(message: Message, lacks: Lacks, bare: list[str], types: Callable[[], frozenset[str]]) -> None:
    """Take from a message about a function what that lacks.

    Args:
        message: with line and column in the text.
        lacks: of that function; it grows.
        bare: the lines of the text, without strings and comments.
        types: gives the names that look like types in that function.
    """
    if match := _TYPE.search(message.text):
        lacks.types.add(match[1])
    elif match := _VARIABLE.search(message.text):
        name = match[1] or match[2]
        (lacks.types if name in types() else lacks.variables).add(name)
    elif message.text.startswith("expected ") and 1 <= message.line <= len(bare):
        _learn_macro(message, lacks, bare)


def missing_type(message: Message) -> str:
    """The type that a message asks for; nothing where it asks for none."""
    match = _TYPE.search(message.text)
    return match[1] if match else ""


def type_names(bare: str) -> frozenset[str]:
    """Names that stand where only a type can: in a cast, or before the name that they declare."""
    return frozenset(name for pair in _LIKE_TYPE.findall(bare) for name in pair if name) - KEYWORDS


def _learn_macro(message: Message, lacks: Lacks, bare: list[str]) -> None:
    number = message.line - 1
    before = bare[number][: message.column - 1]
    if not before.strip() and number > 0:
        number -= 1
        before = bare[number]
    if len(bare[number]) > LONG_LINE:
        return
    unfinished = _UNFINISHED.search(before[-500:])
    if unfinished and unfinished[1] not in KEYWORDS and _ARGUMENT.search(message.text):
        lacks.values.add(unfinished[1])
        return
    call = _CALL_AT_LINE.match(bare[number])
    if call and call[1] not in KEYWORDS and "';'" in message.text and _is_loop(number, bare):
        lacks.loops.add(call[1])
        return
    words = re.findall(r"[A-Za-z_]\w*", before)
    if words and (
        (_DECLARATOR.search(message.text) and (words[-1].startswith("__") or words[-1].isupper()))
        or (words[-1].startswith("__") and _TYPE_NEXT.search(message.text))
    ):
        lacks.empty.add(words[-1])


def _is_loop(number: int, bare: list[str]) -> bool:
    """Whether a block or a deeper line follows the call in this line, which has no semicolon."""
    line = bare[number].rstrip()
    following = next((other for other in bare[number + 1 : number + 4] if other.strip()), "")
    if line.endswith("{") or following.strip().startswith("{"):
        return True
    return line.endswith(")") and _indent(following) > _indent(line)


def _indent(line: str) -> int:
    line = line.expandtabs()
    return len(line) - len(line.lstrip())


def is_grave(message: Message, at_file_scope: frozenset[str]) -> bool:
    """Whether the fault is the function's own: of grammar, labels or names, and no name used twice at file level."""
    match = _FILE_SCOPE.search(message.text)
    if match and (match[1] or match[2]) in at_file_scope:
        return False
    return _GRAMMAR.search(_QUOTED.sub("''", message.text)) is not None
