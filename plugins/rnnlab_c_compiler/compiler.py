"""One run of gcc or clang over a text on its standard input: it checks, and writes nothing.

The compiler works in an empty folder, under a time limit and, being the worker's child, under the
worker's memory limit. Knows how messages look, not what they mean.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from typing import IO

_MARK = re.compile(r"static assertion failed[^\n]*?(rnnlab-\d+[ab])")
_MESSAGE = re.compile(r"<text(?: (\d+))?>:(\d+):(\d+): (?:fatal )?error: ([^\n]*)")
_OURS = re.compile(r"<(?:text(?: \d+)?|stdin|mark|above)>:\d+:\d+: (?:fatal )?error: ")
_FLAGS = [
    *("-fsyntax-only", "-w", "-nostdinc", "-x", "c"),
    *("-Wno-implicit-function-declaration", "-Wno-implicit-int", "-Wno-int-conversion"),
    *("-Wno-incompatible-pointer-types", "-Wno-return-mismatch", "-Wno-declaration-missing-parameter-type"),
    "-fno-builtin",
]
_OWN = {
    "gcc": ["-fmax-errors=0", "-fno-diagnostics-show-caret", "-fdiagnostics-color=never"],
    "clang": ["-ferror-limit=0", "-fno-caret-diagnostics", "-fno-color-diagnostics", "-fbracket-depth=4096"],
}
_START_SECONDS = 20.0  # for a first word of it
_OTHER_NAME = re.compile(r"\brnnlab_[vn]_")
_QUOTES = str.maketrans("\u2018\u2019`", "'''")


@dataclass(frozen=True, slots=True)
class Message:
    """An error: line and column in the text that was compiled, from 1, and the number of the function that it is in."""

    line: int
    column: int
    text: str
    function: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a compiler said: errors, and the marks that it came past at file level."""

    messages: list[Message]
    marks: set[str]


class CompilerGoneError(RuntimeError):
    """No compiler, or one that did not finish."""


class Compiler:
    """A C compiler of this machine.

    Args:
        asked: a command; else the first of gcc, clang and cc that there is.
        standard: the ``-std`` that it is told.

    Raises:
        CompilerGoneError: where there is none.
        ValueError: where the command is no C compiler, or does not know the standard.
    """

    def __init__(self, asked: str, standard: str) -> None:
        found = next(filter(None, map(shutil.which, [asked] if asked else ["gcc", "clang", "cc"])), None)
        if found is None and asked:
            raise ValueError(f"compiler: {asked} is not on PATH")
        if found is None:
            raise CompilerGoneError("there is no gcc, clang or cc on PATH")
        self.kind = "clang" if "clang" in self._version(found) else "gcc"
        self.command = [found, *_FLAGS, *_OWN[self.kind], f"-std={standard}", "-"]
        self._try()

    def _version(self, found: str) -> str:
        done = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=_START_SECONDS, check=False)
        return done.stdout

    def _try(self) -> None:
        """Refuse at once what says nothing of C, for that would praise every text."""
        try:
            said = self.check(mark("rnnlab-0a"), _START_SECONDS)
        except CompilerGoneError as error:
            raise ValueError(f"compiler, standard: {error}") from None
        if not said.marks:
            raise ValueError(f"compiler: {self.command[0]} does not speak as gcc and clang do")

    def check(self, code: str, seconds: float) -> Said:
        """What it says about the text, whose lines are counted from what :func:`place` gives.

        Raises:
            CompilerGoneError: where it takes longer, or dies.
        """
        with tempfile.TemporaryDirectory(prefix="rnnlab-c-") as empty, _unhurried() as errors:
            try:
                done = subprocess.run(
                    self.command,
                    input=code.encode("utf-8", "replace"),
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    cwd=empty,
                    env={"LC_ALL": "C", "PATH": os.environ.get("PATH", ""), "HOME": empty, "TMPDIR": empty},
                    timeout=max(0.1, seconds),
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise CompilerGoneError(f"{self.command[0]} took longer than {seconds:.1f} s") from None
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace").translate(_QUOTES)
        if done.returncode not in (0, 1) or (done.returncode == 1 and not _OURS.search(said)):
            words = said.strip().split("\n")[0][:200]
            raise CompilerGoneError(f"{self.command[0]} left with {done.returncode}: {words}")
        found = [
            Message(int(line), int(column), _OTHER_NAME.sub("", text), int(number) if number else None)
            for number, line, column, text in _MESSAGE.findall(said)
            if "static assertion" not in text
        ]
        return Said(found, set(_MARK.findall(said)))


def _unhurried() -> IO[bytes]:
    """A place for its complaints. It writes each by itself, and who reads a pipe is woken for every one of them."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("rnnlab-c"), "w+b")  # no disk, which may be full
    return tempfile.TemporaryFile()


def other_name(name: str, *, known: bool) -> str:
    """Under which a function has what is something else to others; a compiler's messages get the first name again."""
    return f"rnnlab_{'v' if known else 'n'}_{name}"


def place(line: int, function: int | None = None) -> str:
    """A directive: what follows is that line of the text, and of that function or of none."""
    return f'#line {line} "<text{"" if function is None else f" {function}"}>"\n'


def mark(name: str) -> str:
    """A declaration that a compiler always complains about, if it sees it as one."""
    return f'\n#line 1 "<mark>"\n_Static_assert(0, "{name}");\n'


FENCE = ";{}\n"
"""What ends whatever is still open at file level behind a mark, where a compiler's complaint about it is of no account.

A head that it takes for one of a K&R function, such as ``a(x) f()``, would have it look for a body in all that follows.
"""
