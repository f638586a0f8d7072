"""The evaluator: pieces that parse, names in them, and the counts that come of both."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from rnnlab.evaluation import Evaluation, Finding, Metric, Part, Source
from rnnlab_python_syntax.chunks import Chunk, parse, split
from rnnlab_python_syntax.names import BUILTINS, Names, analyse

_FUNCTION = re.compile(r"(?:async\s+)?def\s+(\w+)")


class PythonSyntax:
    """Python text: what parses, undefined names, unused locals."""

    @dataclass(frozen=True)
    class Options:
        """What may be set with ``-S python-syntax.OPTION=VALUE``."""

        known_names: tuple[str, ...] = ()
        """Further names that exist without a definition."""

    files: ClassVar[tuple[str, ...]] = ("*.py", "*.pyi")
    rules: ClassVar[Mapping[str, str]] = {
        "syntax-error": "A top-level statement does not parse.",
        "undefined-name": "A name is used that no scope around it and no builtin defines.",
        "unused-local": "A function binds a local name and never reads it.",
    }
    metrics: ClassVar[Mapping[str, str]] = {
        "parsed-lines": "Lines in top-level statements that parse, of lines that are not blank or cut.",
        "defined-names": "Uses of names that are defined, of uses of names.",
        "used-locals": "Locals that are read, of locals that functions bind by assignment, with or except.",
        "clean-functions": "Functions without any finding, of functions.",
    }

    def __init__(self, options: Options) -> None:
        self.known = BUILTINS | frozenset(options.known_names)

    def evaluate(self, source: Source) -> Evaluation:
        """Judge one text."""
        lines = source.text.split("\n")
        chunks = split(lines, start_cut=source.start_cut, end_cut=source.end_cut)
        masked = list(lines)
        for chunk in chunks:
            if chunk.error is not None or chunk.cut:
                masked[chunk.first : chunk.last] = [""] * (chunk.last - chunk.first)
        names = _names("\n".join(masked) + "\n", self.known, start_cut=source.start_cut)
        findings = [_syntax_error(chunk, lines) for chunk in chunks if chunk.error is not None]
        findings += [_undefined(node, lines) for node in names.undefined]
        findings += [_unused(node, lines) for node in names.unused]
        findings.sort(key=lambda finding: (finding.line, finding.column, finding.rule))
        parts = (*_parts(names), *_broken_functions(chunks, lines))
        return Evaluation(
            metrics=(
                _parsed(chunks, lines),
                Metric(name="defined-names", count=names.uses - len(names.undefined), total=names.uses),
                Metric(name="used-locals", count=names.bound - len(names.unused), total=names.bound),
                _clean(parts, findings),
            ),
            findings=tuple(findings),
            parts=tuple(sorted(parts, key=lambda part: part.line)),
        )


def _names(text: str, known: frozenset[str], *, start_cut: bool) -> Names:
    try:
        return analyse(text, parse(text), known, start_cut=start_cut)
    except (SyntaxError, RecursionError):
        return Names()  # pieces that parse alone and not together: nothing is said about their names


def _parsed(chunks: list[Chunk], lines: list[str]) -> Metric:
    count = total = 0
    for chunk in chunks:
        size = 0 if chunk.cut else sum(bool(line.strip()) for line in lines[chunk.first : chunk.last])
        total += size
        count += size if chunk.error is None else 0
    return Metric(name="parsed-lines", count=count, total=total)


def _clean(parts: tuple[Part, ...], findings: list[Finding]) -> Metric:
    places = sorted(finding.line for finding in findings)
    dirty = sum(bisect_left(places, part.line) < bisect_right(places, part.end_line) for part in parts)
    return Metric(name="clean-functions", count=len(parts) - dirty, total=len(parts))


def _parts(names: Names) -> Iterator[Part]:
    for function in names.functions:
        yield Part(name=function.name, line=function.lineno, end_line=function.end_lineno or function.lineno)


def _broken_functions(chunks: list[Chunk], lines: list[str]) -> Iterator[Part]:
    for chunk in chunks:
        match = _FUNCTION.match(lines[chunk.first]) if chunk.error is not None else None
        if match:
            yield Part(name=match[1], line=chunk.first + 1, end_line=chunk.last)


def _syntax_error(chunk: Chunk, lines: list[str]) -> Finding:
    error = chunk.error
    assert error is not None
    line = min(chunk.first + max(error.lineno or 1, 1), len(lines))
    column = min(max(error.offset or 1, 1), len(lines[line - 1]) + 1)
    end = min(column + 1, len(lines[line - 1]) + 1)
    return Finding(
        rule="syntax-error",
        message=error.msg,
        line=line,
        column=column,
        end_line=line,
        end_column=end,
        severity="error",
    )


def _undefined(node: ast.Name, lines: list[str]) -> Finding:
    line, column, end = _place(node, len(node.id), lines)
    return Finding(
        rule="undefined-name",
        message=f"nothing defines {node.id}",
        symbol=node.id,
        line=line,
        column=column,
        end_line=line,
        end_column=end,
        severity="error",
    )


def _unused(node: ast.Name | ast.ExceptHandler, lines: list[str]) -> Finding:
    name, width = (node.id, len(node.id)) if isinstance(node, ast.Name) else (node.name or "", len("except"))
    line, column, end = _place(node, width, lines)
    return Finding(
        rule="unused-local",
        message=f"{name} is never read",
        symbol=name,
        line=line,
        column=column,
        end_line=line,
        end_column=end,
    )


def _place(node: ast.expr | ast.ExceptHandler, width: int, lines: list[str]) -> tuple[int, int, int]:
    """Line, column and end of a node; ``ast`` counts columns in bytes of UTF-8."""
    line = lines[node.lineno - 1]
    column = len(line.encode("utf-8")[: node.col_offset].decode("utf-8", "replace")) + 1
    return node.lineno, column, min(column + width, len(line) + 1)
