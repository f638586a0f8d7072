"""Where the functions of a text begin and end, by brackets and columns; no compiler is asked.

A function whose brackets do not match is told from its neighbours by what stands in column 0, so
that one broken function does not take the next one with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(r"[{}()\[\];]")
# Possessive, and from the first character of a word only, so that long words take linear time.
_NAME = re.compile(r"(?<!\w)[^\WA-Za-z_]*+([A-Za-z_]\w*+)\s*+\(")
_BEHIND_HEAD = re.compile(r"(?:\s*+[A-Za-z_]\w*+)*+\s*+")
_MACRO_LINE = re.compile(r"\s*[A-Z_][A-Z0-9_]*\s*\([^\n]*\)\s*\n")
_STATEMENT = frozenset({"if", "for", "while", "switch", "return", "sizeof", "else", "do", "case", "goto"})
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Function:
    """Offsets ``start`` to ``end`` of the text, the opening brace at ``brace``; ``broken``: brackets do not match."""

    name: str
    start: int
    brace: int
    end: int
    broken: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The functions, and the stretches that are neither they nor other balanced declarations."""

    functions: tuple[Function, ...]
    rubble: tuple[tuple[int, int], ...]


def find_functions(bare: str, *, end_cut: bool) -> Layout:
    """What a text without strings, comments and directives holds."""
    scan = _Scan(bare)
    for match in _MARK.finditer(bare):
        scan.mark(match[0], match.start())
    if scan.stack:
        if end_cut:
            scan.rubble.append((scan.start, len(bare)))
        else:
            scan.broken = True
            scan.finish(len(bare))
    return Layout(tuple(scan.functions), tuple(scan.rubble))


def _name(head: str) -> str:
    """The name of the function whose head this is; nothing where it is none."""
    last = head.rfind(")")
    if last < 0 or "=" in head or not _BEHIND_HEAD.fullmatch(head, last + 1):
        return ""
    name = _NAME.search(head)
    return name[1] if name and name[1] not in _STATEMENT else ""


class _Scan:
    """The state of one pass over the brackets; whatever it looks back at, it looks back at once."""

    def __init__(self, bare: str) -> None:
        self.bare = bare
        self.functions: list[Function] = []
        self.rubble: list[tuple[int, int]] = []
        self.stack: list[str] = []
        self.braces = 0  # of the brackets in the stack
        self.curly = -1  # where the last closing brace stands
        self.blank = -1  # where the last blank line begins, of what has been looked through for one
        self.looked = 0
        self.start = 0  # of the item at file level that is being read
        self.brace = -1  # where its body begins
        self.closed = 0  # where braces of its ended before those
        self.broken = False

    def mark(self, char: str, place: int) -> None:
        first = place == 0 or self.bare[place - 1] == "\n"
        if first and char in "{}" and self.stack and not (char == "}" and self.stack == ["{"]):
            self._resynchronise(char, place)
        elif char == ";":
            if not self.stack:
                self._part(place)
                self._next(place + 1)
        elif char in "{([":
            if not self.stack and char == "{":
                self.brace = place
            self.stack.append(char)
            self.braces += char == "{"
        elif self.stack:
            self._close(char, place)
        else:  # a closer with nothing open: the rest of something that began before the text
            self.rubble.append((self.start, place + 1))
            self._next(place + 1)
        if char == "}":
            self.curly = place

    def _close(self, char: str, place: int) -> None:
        fits = self.stack[-1] == _PAIRS[char]
        self.broken |= not fits
        if fits and char != "}":
            self.stack.pop()
        elif char == "}" and self.braces:
            while self.stack.pop() != "{":
                pass
            self.braces -= 1
            if not self.stack:
                self.finish(place + 1)

    def _resynchronise(self, char: str, place: int) -> None:
        self.broken = True
        if char == "}":
            self.finish(place + 1)
            return
        head = max(self._blank_line(place), self.curly + 1, self.start)
        if head <= self.brace:
            head = self._head_at_margin(place) or head
        if self.brace >= 0 and head > self.brace:
            self.finish(head)
        else:
            self.rubble.append((self.start, head))
            self._next(head)
        self.brace, self.stack, self.braces = place, ["{"], 1

    def _blank_line(self, place: int) -> int:
        """Where the last blank line above begins; -1: there is none. Places must come in order."""
        self.blank = max(self.blank, self.bare.rfind("\n\n", self.looked, place))
        self.looked = max(self.looked, place - 1)
        return self.blank

    def _head_at_margin(self, place: int) -> int:
        """Where the head of a function begins that no blank line parts from the open one; 0: there is none."""
        line = place
        while (line := self.bare.rfind("\n", max(self.brace, 0), line)) >= 0:
            if self.bare[line + 1].isalpha() or self.bare[line + 1] == "_":
                return line + 1 if _name(self.bare[line + 1 : place]) else 0
        return 0

    def finish(self, end: int) -> None:
        """The item ends here: a function, or something else that stays as it is if it is whole."""
        if self.brace >= 0 and self.closed <= self.start:
            blank = self.bare.rfind("\n\n", self.start, self.brace)
            if blank >= 0 and _name(self.bare[blank + 1 : self.brace]):
                self._part(self.brace)
            self._skip_macro_lines()
        head = self.bare[max(self.start, self.closed) : self.brace] if self.brace >= 0 else ""
        skipped = len(head) - len(head.lstrip())
        if name := _name(head):
            self.functions.append(Function(name, self.start + skipped, self.brace, end, self.broken))
            self._next(end)
        elif self.broken or ((word := _NAME.search(head)) and word[1] in _STATEMENT):
            self.rubble.append((self.start, end))
            self._next(end)
        else:
            self.brace, self.closed = -1, end  # a struct, an enum, an initialiser: it goes on to its semicolon
            self._forget()

    def _skip_macro_lines(self) -> None:
        """Lines such as ``MODULE_LICENSE("GPL")`` above a head are none of it."""
        last = self.start + len(self.bare[self.start : self.brace].rstrip())
        while (match := _MACRO_LINE.match(self.bare, self.start, self.brace)) and match.end() < last:
            self.start = match.end()

    def _part(self, end: int) -> None:
        """What a blank line parts from the item up to ``end`` is none of it, and nothing that a compiler should see."""
        blank = self.bare.rfind("\n\n", self.start, end) if self.closed <= self.start else -1
        if blank >= 0 and self.bare[self.start : blank].strip():
            self.rubble.append((self.start, blank))
            self.start = blank

    def _next(self, start: int) -> None:
        self.start, self.brace, self.broken = start, -1, False
        self._forget()

    def _forget(self) -> None:
        self.stack.clear()
        self.braces = 0
