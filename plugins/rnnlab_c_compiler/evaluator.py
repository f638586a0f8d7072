"""The evaluator: compile, declare what is missing, compile again; count the functions without a fault."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rnnlab.evaluation import Evaluation, Finding, Metric, Part, Source
from rnnlab_c_compiler.compiler import Compiler, CompilerGoneError, Message, Said
from rnnlab_c_compiler.functions import Function, Layout, find_functions
from rnnlab_c_compiler.lines import Lines
from rnnlab_c_compiler.sanitize import sanitized
from rnnlab_c_compiler.work import Work

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

        def __post_init__(self) -> None:
            if not 0 < self.seconds <= 86_400:
                raise ValueError(f"seconds: {self.seconds:g} is not between 0 and 86400")

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
        end = time.monotonic() + self.options.seconds
        code, bare = sanitized(_without_cut_comment(source.text) if source.start_cut else source.text)
        layout = find_functions(bare, end_cut=source.end_cut)
        functions = layout.functions
        numbers = Lines(bare)
        faults = self._faults(code, bare, layout, numbers, end) if functions else {}
        lines = source.text.split("\n")
        findings, parts = [], []
        for function in functions:
            first, last = numbers.number(function.start), numbers.number(max(function.start, function.end - 1))
            parts.append(Part(name=function.name, line=first, end_line=min(last, len(lines))))
            if function.broken:
                findings.append(_finding("unbalanced", "its brackets do not match", function, first, lines))
            elif function in faults:
                message = faults[function]
                findings.append(_finding("does-not-compile", message.text, function, message.line, lines))
        metric = Metric(name="compiling-functions", count=len(functions) - len(findings), total=len(functions))
        return Evaluation(metrics=(metric,), findings=tuple(findings), parts=tuple(parts))

    def _faults(self, code: str, bare: str, layout: Layout, lines: Lines, end: float) -> dict[Function, Message]:
        """The first fault of each function that has one, told before the clock comes to ``end``."""
        whole = [function for function in layout.functions if not function.broken]
        hidden = [*layout.rubble, *((function.start, function.end) for function in layout.functions if function.broken)]
        work = Work(_hide(code, hidden), _hide(bare, hidden), whole, lines)

        def check(unit: str) -> Said:
            try:
                return self.compiler.check(unit, end - time.monotonic())
            except CompilerGoneError:
                if time.monotonic() < end:
                    raise
                late = f"not done within {self.options.seconds:g} s; raise c-compiler.seconds and --timeout"
                raise CompilerGoneError(late) from None

        return work.judge(check)


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
