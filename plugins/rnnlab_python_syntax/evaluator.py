"""The evaluator: pieces that parse, names in them, and the counts that come of both."""

from __future__ import annotations

import gc
import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from rnnlab.evaluation import Evaluation, Finding, Metric, Part, Severity, Source
from rnnlab_python_syntax.chunks import Chunk, parse, split
from rnnlab_python_syntax.names import BUILTINS, Names, Spot, analyse

_TARGET = re.compile(r"(?:(?=\S)[^(=]*+)?")  # of a line at the margin what stands before a bracket or an assignment
_WORD = re.compile(r"[^\W\d]\w*+")
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
        with _uncollected(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python says of strange escapes
            return self._evaluated(source)

    def _evaluated(self, source: Source) -> Evaluation:
        lines = source.text.replace("\r", " ").split("\n")  # else Python would count more lines than there are
        try:
            chunks, names = [Chunk(0, len(lines))], analyse(parse(lines), self.known, start_cut=source.start_cut)
        except (SyntaxError, RecursionError):
            chunks = split(lines, start_cut=source.start_cut, end_cut=source.end_cut)
            names = _names(lines, chunks, self.known, start_cut=source.start_cut)
        columns = _Columns(lines)
        findings = [_syntax_error(chunk, lines) for chunk in chunks if chunk.error is not None]
        findings += [_undefined(spot, columns) for spot in names.undefined]
        findings += [_unused(spot, columns) for spot in names.unused]
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


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looks for garbage, which a tree of a million nodes is not; they take a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _names(lines: list[str], chunks: list[Chunk], known: frozenset[str], *, start_cut: bool) -> Names:
    """Names of pieces that parse; what the others seem to define is there for them."""
    masked, defined = list(lines), set[str]()
    for chunk in chunks:
        if chunk.error is not None or chunk.cut:
            for line in lines[chunk.first : chunk.last]:
                defined.update(_WORD.findall(_TARGET.match(line)[0]))  # type: ignore[index]  # it matches any line
            masked[chunk.first : chunk.last] = [""] * (chunk.last - chunk.first)
    try:
        return analyse(parse(masked), known | defined, start_cut=start_cut)
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
    for name, line, end_line in names.functions:
        yield Part(name=name, line=line, end_line=end_line)


def _broken_functions(chunks: list[Chunk], lines: list[str]) -> Iterator[Part]:
    for chunk in chunks:
        match = _FUNCTION.match(lines[chunk.first]) if chunk.error is not None else None
        if match:
            yield Part(name=match[1], line=chunk.first + 1, end_line=chunk.last)


def _syntax_error(chunk: Chunk, lines: list[str]) -> Finding:
    error = chunk.error
    assert error is not None
    line = min(chunk.first + max(error.line, 1), len(lines))
    column = min(max(error.column, 1), len(lines[line - 1]) + 1)
    end = min(column + 1, len(lines[line - 1]) + 1)
    return _finding("syntax-error", error.message, "", (line, column, end), "error")


def _undefined(spot: Spot, columns: _Columns) -> Finding:
    return _finding("undefined-name", f"nothing defines {spot.name}", spot.name, columns.place(spot), "error")


def _unused(spot: Spot, columns: _Columns) -> Finding:
    return _finding("unused-local", f"{spot.name} is never read", spot.name, columns.place(spot), "warning")


def _finding(rule: str, message: str, symbol: str, place: tuple[int, int, int], severity: Severity) -> Finding:
    line, column, end = place
    return Finding(
        rule=rule,
        message=message,
        symbol=symbol,
        line=line,
        column=column,
        end_line=line,
        end_column=end,
        severity=severity,
    )


class _Columns:
    """Columns in characters; ``ast`` counts them in bytes of UTF-8. In order, a line is gone through once."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.number, self.encoded, self.bytes, self.characters = 0, b"", 0, 0

    def place(self, spot: Spot) -> tuple[int, int, int]:
        """Line, column and end of a name."""
        line = self.lines[spot.line - 1]
        before = spot.offset if line.isascii() else self._before(spot.line, spot.offset)
        return spot.line, before + 1, min(before + 1 + spot.width, len(line) + 1)

    def _before(self, number: int, offset: int) -> int:
        """Characters before that byte of that line."""
        if number != self.number:
            self.number, self.encoded = number, self.lines[number - 1].encode("utf-8")
            self.bytes = self.characters = 0
        elif offset < self.bytes:
            self.bytes = self.characters = 0
        self.characters += len(self.encoded[self.bytes : offset].decode("utf-8", "replace"))
        self.bytes = offset
        return self.characters
