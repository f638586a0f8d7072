"""What macros within a function may declare out of what they are given, where that looks declared by itself.

``VARDECL(sample *shape);`` holds a declaration, ``MAKE_OBJECT(struct node, first);`` a type and the name behind it,
``ALIGNED_ARRAY(word, sums, [4]);`` the size of one, ``DECLARE_TABLE_INFO(rows);`` makes ``rows_info``, and
``WALK_TREE(root, entry, found) { … }`` names a type that stands nowhere else before its variable. It is asked where
an undefined name is about to be told, and sees code as it was written.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from rnnlab_c_syntax.blanks import ARGUMENTS
from rnnlab_c_syntax.keywords import KEYWORDS, TYPE_WORDS
from rnnlab_c_syntax.looks import declares_arguments, is_type_name

#: A macro where a statement begins, and its arguments, unless statements are among them.
_STATEMENT = re.compile(
    rb"\n[ \t]*+(?:static[ \t]++)?((?:[a-z]{1,3}_)?[A-Z_][A-Z0-9_]++)[ \t]*+(?=\()(?:(" + ARGUMENTS + rb")[ \t]*+(;?))?"
)
#: What a macro declares that stands for a type: ``LIST_OF(row) *rows =``, ``CALLBACK((*work)) =``.
_BEHIND = re.compile(rb"\s*+\*[\s*]*+([A-Za-z_]\w*+)\s*+[=;,\[]|[ \t]*+([A-Za-z_]\w*+)[ \t]*+;")
#: The same of a macro in small letters, which is no product that nobody takes: ``Wide2(32, row) *rows;``.
_POINTER_BEHIND = re.compile(
    rb"\n[ \t]++(?!(?:if|for|while|switch|return|sizeof)\b)[A-Za-z_]\w*+"
    + ARGUMENTS
    + rb"[ \t]*+\*[ \t*]*+([A-Za-z_]\w*+)[ \t]*+[;=,]"
)
#: A macro for a type that is no pointer: ``vector_of(row) rows = EMPTY;``, ``Keys(of_row) keys[1] = { 0 };``.
_VALUE_BEHIND = re.compile(
    rb"[;{}]\s*+(?:static[ \t]++|const[ \t]++)*+"
    rb"(?!(?:if|for|while|switch|return|sizeof)\b|\w*?(?:[Ee]ach|EACH|FOR|for_))"
    rb"[A-Za-z_]\w*+" + ARGUMENTS + rb"[ \t]++([A-Za-z_]\w*+)(?:\[\w*+\])?+\s*+(?:=(?!=)|;)"
)
#: A loop that is a macro, its block and all: ``EACH_ITEM(rows, row, {``.
_BLOCK_AMONG = re.compile(rb"\n[ \t]++[A-Z_][A-Z0-9_]++\([^{};]{0,200}?,\s*+([A-Za-z_]\w*+)\s*+,\s*+\{")
_POINTER = re.compile(rb"\(\s*+(?:\(\s*+\*\s*+([A-Za-z_]\w*+)\s*+\)|\*\s*+([A-Za-z_]\w*+))\s*+\)")
_VALUE = re.compile(rb"\s*+=(?!=)")
#: A macro that is a statement without a semicolon, and a declaration below it.
_ALONE = re.compile(
    rb"\n[ \t]++[A-Z][A-Z0-9_]{2,}+[ \t]*+\n[ \t]++(?!return\b|goto\b|else\b|case\b)([A-Za-z_]\w*+)[ \t]*+\*[ \t*]*+"
    rb"([A-Za-z_]\w*+)\s*+[=;,\[]"
)
#: Capitals before the last pointer that a declaration lists: ``row *first, MAY_BE_UNUSED *last = 0;``.
_LISTED = re.compile(
    rb"\n[ \t]++(?:const[ \t]++)?[A-Za-z_]\w*+([ \t*]++\w++(?:[ \t]*+,[ \t*]*+\w++){0,9}?)[ \t]*+,[ \t]*+"
    rb"[A-Z_][A-Z0-9_]{2,}+[ \t]*+\*([ \t*]*+\w++)[ \t]*+[=;,]"
)
#: Capitals beside the star of a pointer to a function: ``UINT (*WINAPI get)(DWORD what);``, ``int (APIP get)(int) =``.
_CONVENTION = re.compile(
    rb"\n[ \t]++(?:const[ \t]++)?[A-Za-z_]\w*+[ \t]++\*?+\("
    rb"(?:\*[ \t]*+[A-Z_][A-Z0-9_]++[ \t]++|[A-Z_][A-Z0-9_]++[ \t]*+\*?+[ \t]*+)"
    rb"([A-Za-z_]\w*+\)\s*+\([^(){};]*+\))\s*+[=;]"
)
#: A declaration that is all that a macro in small letters is given: ``if_threads(unsigned long mask);``.
_WHOLE = re.compile(
    rb"\((?<=\w\()(?!(?:return|sizeof)\b)((?:[A-Za-z_]\w*+[ \t*]++)+)([A-Za-z_]\w*+)[ \t]*+(=(?!=)|\)(?=[ \t]*+;))"
)
_CALLEE = re.compile(rb"[;{}]\s*+(?!(?:if|for|while|switch|return|sizeof)\b)[a-z_]\w*+\Z")
#: The signs of these.
_STAR_BEHIND, _CALLED_TWICE = re.compile(rb"\)[ \t]*+\*"), re.compile(rb"\)\s*+\(")
_VALUE_SIGN, _BLOCK_SIGN = re.compile(rb"\)[ \t]++[A-Za-z_]\w*+(?:\[\w*+\])?+\s*+[=;]"), re.compile(rb",\s*+\{")
_CAPITALS_AND_STAR = re.compile(rb",[ \t]*+[A-Z_][A-Z0-9_]{2,}+[ \t]*+\*")
#: What is in parentheses among the arguments.
_INNER = re.compile(rb"\([^()]*+\)")
_BUILTIN = (
    rb"(?:unsigned|signed|long|short|int|char|void|double|float|bool|struct\s++\w++|union\s++\w++|enum\s++\w++)\b"
)
#: A type, or a type and what it declares.
_DECLARATION = re.compile(
    rb"\s*+(?:(?:const|static|volatile)\s++)*+(" + _BUILTIN + rb"(?:\s++" + _BUILTIN + rb")*+|[A-Za-z_]\w*+)"
    rb"(?:\s++const\b)?(?:([\s*]++)([A-Za-z_]\w*+)\s*+(?:\[[^][]*+\]\s*+)*+(?:=.*+)?|[\s*]*+)",
    re.DOTALL,
)
_ARRAY = re.compile(rb"[\s*]*+([A-Za-z_]\w*+)\s*+\[[^;{}]*+")
#: The first words of a declaration among arguments, behind which statements may stand.
_AMONG_ARGUMENTS = re.compile(
    rb"[(,]\s*+(?=[bcdefilsuv])(?:(?:(?:const|static|volatile)\s++)*+(?:" + _BUILTIN + rb"\s*+)++(?:const\b\s*+)?"
    rb"|(?:(?:const|static|volatile)\s++)++[A-Za-z_]\w*+(?=[\s*]))"
    rb"([\s*]*+[A-Za-z_]\w*+\s*+(?:\[[^][;]*+\]\s*+)*+(?:,[\s*]*+[A-Za-z_]\w*+\s*+(?:\[[^][;]*+\]\s*+)*+)*+)[=;]"
)
#: A word where only a type can stand.
_AS_TYPE = re.compile(rb"\b([A-Za-z_]\w*+)(?<!return)[ \t]*+(?:(?<=[ \t])|(?=\*))[ \t*]*+[A-Za-z_]\w*+\s*+[;=,]")
_WORD = re.compile(rb"[A-Za-z_]\w*+")
_NO_TYPE = KEYWORDS - TYPE_WORDS
_NEVER_VALUE = KEYWORDS | TYPE_WORDS
_MAKING = (b"DECLARE_", b"DEFINE_")
#: So many arguments has the head of a loop that says the type of its variable.
_FEWEST_OF_LOOP = 3
_LONGEST = 4000
_LONGEST_CALLEE = 120
#: How far behind its name a macro's arguments hold the first statement.
_LONGEST_FIRST = 400
#: Names of macros have fewer words.
_MOST_PARTS = 10


def wrapped_names(code: bytes, start: int, end: int) -> frozenset[str]:
    """Give the names that macros in the function between ``start`` and ``end`` may declare."""
    found: set[bytes] = set()
    loops: list[list[bytes]] = []
    last: dict[bytes, int] = {}
    _take_odd(code, start, end, found)
    for match in _STATEMENT.finditer(code, start, end):
        macro = match[1]
        if match[2] is None:
            among = _AMONG_ARGUMENTS.search(code, match.end(), min(end, match.end() + _LONGEST_FIRST))
            found.update(_WORD.findall(among[1]) if among is not None else ())
            continue
        if match.end() - match.start() > _LONGEST:
            continue
        behind = _BEHIND.match(code, match.end(2), end)
        pointer = None if behind else _POINTER.fullmatch(match[2])
        if behind is not None:
            found.add(behind[1] or behind[2])
        elif pointer is not None and _VALUE.match(code, match.end(2), end):
            found.add(pointer[1] or pointer[2])
        arguments = _arguments(match[2])
        found.update(_declared(arguments))
        if len(arguments) == 1 and declares_arguments(macro.decode()):
            word = arguments[0].strip()
            if not last:  # where each word stands for the last time
                last = {word.group(): word.start() for word in _WORD.finditer(code, start, end)}
            if last.get(word, -1) >= match.end():  # else it may be a local's, but for a slip
                found.add(word)
            found.update(_made(macro, word) if macro.startswith(_MAKING) else ())
        if not match[3] and len(arguments) >= _FEWEST_OF_LOOP and (b"FOR" not in macro or b"FORALL" in macro):
            loops.append(arguments)
    if loops:
        words = Counter(_WORD.findall(code, start, end))
        words.subtract(_AS_TYPE.findall(code, start, end))
        found.update(_of_loops(loops, words))
    return frozenset(name.decode() for name in found)


def _take_odd(code: bytes, start: int, end: int, found: set[bytes]) -> None:
    """Find what macros hide of declarations that look like others; a sign of each is looked for first."""
    for pair in _ALONE.findall(code, start, end):
        found.update(pair)
    if _STAR_BEHIND.search(code, start, end):
        found.update(_POINTER_BEHIND.findall(code, start, end))
    if _VALUE_SIGN.search(code, start, end):
        found.update(_VALUE_BEHIND.findall(code, start, end))
    for whole in _WHOLE.finditer(code, start, end):
        kind = whole[1].split()[0].rstrip(b"*")
        is_type = whole[3] == b"=" or kind in _NEVER_VALUE or (b"*" not in whole[1] and is_type_name(kind.decode()))
        if is_type and _CALLEE.search(code, max(start, whole.start() - _LONGEST_CALLEE), whole.start()):
            found.add(whole[2])  # else it may be a product, or lack a comma
    if _BLOCK_SIGN.search(code, start, end):
        found.update(_BLOCK_AMONG.findall(code, start, end))
    if _CALLED_TWICE.search(code, start, end):
        for declared in _CONVENTION.findall(code, start, end):
            found.update(_WORD.findall(declared))
    if _CAPITALS_AND_STAR.search(code, start, end):
        for listed in _LISTED.findall(code, start, end):
            found.update(_WORD.findall(b",".join(listed)))


def _arguments(text: bytes) -> list[bytes]:
    """Part the arguments of a macro; what stands in parentheses of its own is left out."""
    inside = text[1:-1]
    while b"(" in inside:
        inside = _INNER.sub(b" 0 ", inside)
    return inside.split(b",")


def _declared(arguments: list[bytes]) -> list[bytes]:
    """List what is declared among arguments: what has a type in its own or in the one before, or a size behind it."""
    found: list[bytes] = []
    is_typed = False
    for index, argument in enumerate(arguments):
        match = _DECLARATION.fullmatch(argument)
        if match is None:
            array = _ARRAY.fullmatch(argument) if is_typed else None
            found += [] if array is None else [array[1]]
            is_typed = False
            continue
        kind, stars, name = match.groups()
        if kind in _NO_TYPE:
            continue
        is_type = _is_type(kind)
        if name is not None:
            if is_type or b"*" not in stars:
                found += [kind, name]
        elif is_typed or (not is_type and _is_size(arguments, index + 1)):
            found.append(kind)
        is_typed = is_type and name is None
    return found


def _is_type(word: bytes) -> bool:
    """Tell whether a word, or several, can only be a type: capitals may be an enumerator's."""
    return b" " in word or word in TYPE_WORDS or (not word[:1].isupper() and is_type_name(word.decode()))


def _is_size(arguments: list[bytes], index: int) -> bool:
    return index < len(arguments) and arguments[index].lstrip()[:1] == b"["


def _made(macro: bytes, word: bytes) -> list[bytes]:
    """List the names that a macro which says so may make of a word: ``rows_info`` and ``table_info_rows``."""
    parts = macro.lower().split(b"_")[1:_MOST_PARTS]
    endings = [b"_".join(parts[i:]) for i in range(len(parts))]
    return [word + b"_" + ending for ending in endings] + [ending + b"_" + word for ending in endings]


def _of_loops(loops: list[list[bytes]], words: Counter[bytes]) -> list[bytes]:
    """List the words in the heads of loops that are values nowhere, which then are types, and the names behind them."""
    pairs = [
        (kind.strip(), name.strip())
        for arguments in loops
        for kind, name in pairwise(arguments)
        if _WORD.fullmatch(kind.strip()) and _WORD.fullmatch(name.strip())
    ]
    heads = Counter(kind for kind, _ in pairs)
    return [word for pair in pairs if words[pair[0]] == heads[pair[0]] and words[pair[1]] > 1 for word in pair]
