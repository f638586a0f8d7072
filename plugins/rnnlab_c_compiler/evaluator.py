"""The evaluator: compile, declare what is missing, compile again; count the functions without a fault."""

from __future__ import annotations

import re
import time
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rnnlab.evaluation import Evaluation, Finding, Metric, Part, Source
from rnnlab_c_compiler.compiler import Compiler, CompilerGoneError, Message, Said, mark
from rnnlab_c_compiler.functions import Function, Layout, find_functions
from rnnlab_c_compiler.lacks import BASIC, Lacks, is_grave, learn, type_names, with_strings
from rnnlab_c_compiler.sanitize import sanitized

_DEFINED = re.compile(r"^#define\s*([A-Za-z_]\w*)([^\n]*)", re.MULTILINE)
_INSIDE = re.compile(r"[^\n]")


class CCompiler:
    """C text: the share of functions that gcc or clang compiles once what they lack is declared."""

    @dataclass(frozen=True)
    class Options:
        """What may be set with ``-S c-compiler.OPTION=VALUE``."""

        compiler: str = ""
        """Command of the compiler; else the first of gcc, clang and cc that there is."""
        standard: str = "gnu11"
        """The C that it speaks."""
        seconds: float = 8.0
        """Time for one text; for a long one, raise --timeout as well."""

    files: ClassVar[tuple[str, ...]] = ("*.c", "*.h")
    rules: ClassVar[Mapping[str, str]] = {
        "does-not-compile": "The compiler refuses the function for a reason that no declaration could mend.",
        "unbalanced": "The brackets of the function do not match, so it was not given to the compiler.",
    }
    metrics: ClassVar[Mapping[str, str]] = {
        "compiling-functions": "Functions that compile once what they lack is declared for them, of functions.",
    }

    def __init__(self, options: Options) -> None:
        self.options = options
        self.compiler = Compiler(options.compiler, options.standard)

    def evaluate(self, source: Source) -> Evaluation:
        """Judge one text.

        Raises:
            CompilerGoneError: where the compiler does not finish in time.
        """
        code, bare = sanitized(_without_cut_comment(source.text) if source.start_cut else source.text)
        layout = find_functions(bare, end_cut=source.end_cut)
        functions = layout.functions
        starts = _line_starts(bare)
        faults = self._faults(code, bare, layout, starts) if functions else {}
        lines = source.text.split("\n")
        findings, parts = [], []
        for function in functions:
            first, last = _line(starts, function.start), _line(starts, max(function.start, function.end - 1))
            parts.append(Part(name=function.name, line=first, end_line=min(last, len(lines))))
            if function.broken:
                findings.append(_finding("unbalanced", "its brackets do not match", function, first, lines))
            elif function in faults:
                message = faults[function]
                findings.append(_finding("does-not-compile", message.text, function, message.line, lines))
        metric = Metric(name="compiling-functions", count=len(functions) - len(findings), total=len(functions))
        return Evaluation(metrics=(metric,), findings=tuple(findings), parts=tuple(parts))

    def _faults(self, code: str, bare: str, layout: Layout, starts: list[int]) -> dict[Function, Message]:
        """The first fault of each function that has one."""
        whole = [function for function in layout.functions if not function.broken]
        hidden = [*layout.rubble, *((function.start, function.end) for function in layout.functions if function.broken)]
        work = Work(_plain_heads(_hide(code, hidden), bare, whole), _hide(bare, hidden), whole, starts)
        end = time.monotonic() + self.options.seconds
        changed = True
        while changed:
            try:
                said = self.compiler.check(work.unit(), end - time.monotonic())
            except CompilerGoneError:
                if time.monotonic() < end:
                    raise
                late = f"not done within {self.options.seconds:g} s; raise c-compiler.seconds and --timeout"
                raise CompilerGoneError(late) from None
            changed = work.take(said)
        return work.faults


class Work:
    """A text on its way: what has been declared for it, and which functions are still before the compiler."""

    def __init__(self, code: str, bare: str, functions: list[Function], starts: list[int]) -> None:
        self.code, self.bare, self.functions, self.starts = code, bare, functions, starts
        self.lines, self.types = bare.split("\n"), type_names(bare)
        self.firsts = [_line(starts, function.start) for function in functions]
        self.names = frozenset(function.name for function in functions)
        macros = dict(_DEFINED.findall(code))
        self.defined = frozenset(macros)
        self.lacks = Lacks(types=set(BASIC), strings=with_strings(code, macros))
        self.faults: dict[Function, Message] = {}
        self.swallowed: dict[Function, Message] = {}  # they took what follows with them, and are out

    def unit(self) -> str:
        """What the compiler gets: declarations, then the text with marks around each function."""
        pieces, place = [self.lacks.prelude(self.defined), '\n#line 1 "<text>"\n'], 0
        for number, function in enumerate(self.functions):
            if function in self.swallowed:
                continue
            pieces += [self.code[place : function.start], mark(f"rnnlab-{number}a"), self._resume(function.start)]
            pieces += [self.code[function.start : function.end], mark(f"rnnlab-{number}b"), self._resume(function.end)]
            place = function.end
        return "".join(pieces) + self.code[place:] + "\n"

    def _resume(self, offset: int) -> str:
        line = _line(self.starts, offset)
        return f'#line {line} "<text>"\n' + " " * (offset - self.starts[line - 1])

    def take(self, said: Said) -> bool:
        """Learn from what the compiler said; whether it should be asked again."""
        before = self.lacks.size()
        for message in said.messages:
            inside = self._function_at(message.line) is not None
            learn(message, self.lacks, self.lines, self.types, inside=inside)
        self.faults = dict(self.swallowed)
        for message in said.messages:
            function = self._function_at(message.line)
            if function is not None and is_grave(message, self.names):
                self.faults.setdefault(function, message)
        return self.lacks.size() > before or self._drop_swallowers(said.marks)

    def _drop_swallowers(self, marks: set[str]) -> bool:
        """Take out what made the compiler lose its way, so that the functions behind it get their turn."""
        dropped, sane, behind = False, True, 0
        for number, function in enumerate(self.functions):
            if function in self.swallowed:
                continue
            begins, ends = f"rnnlab-{number}a" in marks, f"rnnlab-{number}b" in marks
            if not begins and sane:
                dropped |= self._hide_between(behind, function.start)
            if begins and not ends:
                line = _line(self.starts, function.start)
                self.swallowed[function] = self.faults.get(function, Message(line, 1, "it does not end"))
                self.code = _hide(self.code, [(function.start, function.end)])
                dropped = True
            sane, behind = ends, function.end
        return dropped

    def _hide_between(self, start: int, end: int) -> bool:
        """Blank what stands between two functions; whether there was anything."""
        if not self.code[start:end].strip():
            return False
        self.code = _hide(self.code, [(start, end)])
        return True

    def _function_at(self, line: int) -> Function | None:
        index = bisect_right(self.firsts, line) - 1
        if index < 0 or line > _line(self.starts, self.functions[index].end - 1):
            return None
        return self.functions[index]


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _line(starts: list[int], offset: int) -> int:
    return bisect_right(starts, offset)


def _without_cut_comment(text: str) -> str:
    """The text without the end of a comment that began before it."""
    end = text.find("*/")
    if end < 0 or 0 <= text.find("/*") < end:
        return text
    return _INSIDE.sub(" ", text[: end + 2]) + text[end + 2 :]


def _hide(text: str, stretches: list[tuple[int, int]]) -> str:
    """The text with blanks there."""
    pieces, place = [], 0
    for start, end in sorted(stretches):
        pieces += [text[place:start], _INSIDE.sub(" ", text[max(start, place) : end])]
        place = max(place, end)
    return "".join(pieces) + text[place:]


def _plain_heads(code: str, bare: str, whole: list[Function]) -> str:
    """Heads that are macros, such as ``SYSCALL_DEFINE3(open, …) {``, as heads of functions as long as they."""
    pieces, place = [], 0
    for number, function in enumerate(whole):
        head, plain = bare[function.start : function.brace], f"int f{number}()"
        if head.startswith(function.name) and function.name.isupper() and head.find("\n") not in range(len(plain)):
            pieces += [code[place : function.start], plain, _INSIDE.sub(" ", head[len(plain) :])]
            place = function.brace
    return "".join(pieces) + code[place:]


def _finding(rule: str, message: str, function: Function, line: int, lines: list[str]) -> Finding:
    line = min(line, len(lines))
    return Finding(
        rule=rule,
        message=message,
        symbol=function.name,
        line=line,
        column=1,
        end_line=line,
        end_column=len(lines[line - 1]) + 1,
        severity="error",
    )
