"""C text that a compiler may be given although a stranger wrote it: same lines, no way to a file.

The text is hostile: ``#include "/etc/shadow"``, ``#embed``, and the same behind digraphs, trigraphs,
comments and spliced lines. So splices are joined first (C11 5.1.1.2, phases 1 to 3), comments become
blanks, and of the directives only ``#define`` and ``#undef`` are left. Of a conditional its
first branch that is not ``#if 0`` stays. Of functions it knows the braces in column 0: generated text
forgets its ``#endif`` lines, and then a branch that is not taken ends with the function.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_TOKEN = re.compile(r"/\*.*?(?:\*/|\Z)|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?", re.DOTALL)
_DIRECTIVE = re.compile(r"\s*(?:#|%:|\?\?=)\s*(\w*)([^\n]*)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_INSIDE = re.compile(r"[^\n]")
_OPENING = frozenset({"if", "ifdef", "ifndef"})
_FURTHER = frozenset({"elif", "else", "elifdef", "elifndef"})


def sanitized(text: str) -> tuple[str, str]:
    """The text to compile, and the same with strings and character constants emptied, for scanning.

    Both have the text's lines; the second has the first one's columns.
    """
    text = _CONTROL.sub(" ", text.replace("\r\n", "\n")).encode("utf-8", "replace").decode("utf-8")
    text = _joined(text).replace("_Pragma", "_pragma")
    code = _TOKEN.sub(lambda m: _blank(m[0]) if m[0][0] == "/" else m[0], text)
    code = "\n".join(_without_directives(code.split("\n")))
    bare = _TOKEN.sub(lambda m: m[0][0] + " " * (len(m[0]) - 2) + m[0][0] if len(m[0]) > 1 else " ", code)
    bare = "\n".join("" if _DIRECTIVE.match(line) else line for line in bare.split("\n"))
    return code, _same_width(bare, code)


def _joined(text: str) -> str:
    """Without splices: what follows a backslash at a line's end moves up, and blank lines make up for it."""
    lines: list[str] = []
    open_line: list[str] = []
    for line in text.split("\n"):
        kept = line.rstrip(" \t")
        open_line.append(kept[:-1] if kept.endswith("\\") else line)
        if not kept.endswith("\\"):
            lines += [" ".join(open_line), *[""] * (len(open_line) - 1)]
            open_line = []
    if open_line:
        lines += [" ".join(open_line), *[""] * (len(open_line) - 1)]
    return "\n".join(lines)


def _blank(text: str) -> str:
    return _INSIDE.sub(" ", text)


def _same_width(bare: str, code: str) -> str:
    """Lines as long as those of the code, so that columns and offsets mean the same in both."""
    return "\n".join(b.ljust(len(c)) for b, c in zip(bare.split("\n"), code.split("\n"), strict=True))


def _without_directives(lines: list[str]) -> list[str]:
    """Blank lines instead of directives and of branches that are not taken."""
    matches = [_DIRECTIVE.match(line) for line in lines]
    conditionals = _Conditionals(paired=_paired(match[1] for match in matches if match))
    kept: list[str] = []
    for line, match in zip(lines, matches, strict=True):
        if match is None:
            kept.append(line if conditionals.reads(line) else "")
            continue
        conditionals.take(match[1], match[2].strip())
        keep = match[1] in ("define", "undef") and conditionals.active
        kept.append(f"#{match[1]}{match[2]}" if keep else "")
    return kept


def _paired(names: Iterable[str]) -> bool:
    """Whether every ``#if`` has its ``#endif``, and the other way round."""
    depth = 0
    for name in names:
        depth += (name in _OPENING) - (name == "endif")
        if depth < 0:
            return False
    return depth == 0


class _Conditionals:
    """Which lines are read, directive by directive."""

    def __init__(self, *, paired: bool) -> None:
        self.paired = paired
        self.taken: list[bool] = []  # of each open conditional: has one of its branches been taken already?
        self.reading: list[bool] = []
        self.unread = 0  # how many of these are False
        self.begun = False  # a function has begun in what is not read

    @property
    def active(self) -> bool:
        """Whether what comes now is read."""
        return self.unread == 0

    def take(self, name: str, rest: str) -> None:
        """Go on with a directive."""
        if name in _OPENING:
            first = not (name == "if" and rest == "0")
            self.taken.append(first)
            self.reading.append(first)
            self.unread += not first
        elif name in _FURTHER and self.reading:
            now = not self.taken[-1]
            self.unread += self.reading[-1] - now
            self.taken[-1], self.reading[-1] = True, now
        elif name == "endif" and self.reading:
            self.taken.pop()
            self.unread -= not self.reading.pop()
        if self.active:
            self.begun = False

    def reads(self, line: str) -> bool:
        """Whether that line is read; where an ``#endif`` is missing, a function's end stands for all of them."""
        if self.active or self.paired or line[:1] not in ("{", "}"):
            return self.active
        if line[0] == "{":
            self.begun = True
            return False
        ours, self.begun = not self.begun, False
        self.reading.clear()
        self.taken.clear()
        self.unread = 0
        return ours
