"""C text that a compiler may be given although a stranger wrote it: same lines, no way to a file.

The text is hostile: ``#include "/etc/shadow"``, ``#embed``, and the same behind digraphs, trigraphs,
comments and spliced lines. So splices are joined first (C11 5.1.1.2, phases 1 to 3), comments become
blanks, and of the directives only ``#define`` and ``#undef`` are left. Of a conditional its
first branch that is not ``#if 0`` stays. Knows nothing of functions.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"/\*.*?(?:\*/|\Z)|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?", re.DOTALL)
_DIRECTIVE = re.compile(r"\s*(?:#|%:|\?\?=)\s*(\w*)([^\n]*)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_INSIDE = re.compile(r"[^\n]")


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
    kept: list[str] = []
    taken: list[bool] = []  # of each open conditional: has one of its branches been taken already?
    active: list[bool] = []
    for line in lines:
        match = _DIRECTIVE.match(line)
        if match is None:
            kept.append(line if all(active) else "")
            continue
        name, rest = match[1], match[2]
        if name in ("if", "ifdef", "ifndef"):
            first = not (name == "if" and rest.strip() == "0")
            taken.append(first)
            active.append(first)
        elif name in ("elif", "else", "elifdef", "elifndef") and active:
            active[-1] = not taken[-1]
            taken[-1] = True
        elif name == "endif" and active:
            taken.pop()
            active.pop()
        keep = name in ("define", "undef") and all(active)
        kept.append(f"#{name}{rest}" if keep else "")
    return kept
