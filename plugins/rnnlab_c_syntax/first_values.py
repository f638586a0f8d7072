"""What stands behind a declarator and is no value by its looks, taken out at equal length.

It says where a variable is to stand, or a macro gives the variable its first value.
"""

from __future__ import annotations

import re

from rnnlab_c_syntax.blanks import blank
from rnnlab_c_syntax.decorations import FIRST_VALUE, is_declarator, line_before
from rnnlab_c_syntax.places import Range

#: ``asm("rdx")``, ``SEC("maps")``, ``IF_LINT (= 0)``.
_BEHIND_DECLARATOR = re.compile(rb"\([ \t]*+(?:\"[^\"\n]*+\"[ \t]*+|=(?!=)(?:[^()]++|\([^()]*+\))*+)\)(?=\s*[;=,])")
_ITS_NAME = re.compile(rb"([\w\]])[ \t]+(?:[A-Z_][A-Z0-9_]*|__\w+|asm)[ \t]*\Z")
_STATEMENT_WORD = re.compile(rb"\b(?:return|else|case|goto|do|(?:__)?asm(?:__)?)\Z")
#: A macro on a deeper line, where a declaration ends: ``node_t *last`` above ``SILENCE_INIT(NULL);``.
_NEXT_LINE = re.compile(rb"\n(?<=\w\n)[ \t]++(?=[A-Z_][A-Z0-9_]{2,}+[ \t]*+\()")


def behind_declarators(code: bytes) -> bytes:
    """Make what stands behind declarators and is no value blanks."""
    ranges = _macros(code)
    for match in _BEHIND_DECLARATOR.finditer(code):
        start = max(0, match.start() - 60)
        name = _ITS_NAME.search(code, start, match.start())
        if name and not _STATEMENT_WORD.search(code, start, name.end(1)):
            ranges.append((name.end(1), match.end()))
    return blank(code, sorted(ranges))


def _macros(code: bytes) -> list[Range]:
    """List the macros that give a variable its first value from the next line."""
    found: list[Range] = []
    for match in _NEXT_LINE.finditer(code):
        macro = FIRST_VALUE.match(code, match.end())
        before = line_before(code, match.start())
        if macro is not None and _indent(match[0]) > _indent(before) and is_declarator(before):
            found.append(macro.span())
    return found


def _indent(line: bytes) -> int:
    """Give how deep a line is, the line's end before it included."""
    return len(line[: len(line) - len(line.lstrip())].expandtabs())
