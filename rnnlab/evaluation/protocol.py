"""What goes over the pipe between the worker process and the program: JSON values, checked.

An evaluation is checked in the worker, against the text that was judged, before it travels;
the program's side still reads it with suspicion. Knows nothing of processes and plugins.
"""

from __future__ import annotations

import dataclasses
import math
import operator
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from rnnlab.evaluation.contract import Evaluation, Finding, Metric, Part, Source

METRICS_TAKEN = 1000
PARTS_TAKEN = 200_000
FINDINGS_KEPT = 20_000  # a megabyte of brackets yields a million; the metrics count them all the same
SEVERITIES = ("error", "warning", "info")
DIRECTIONS = ("higher", "lower")
_ID = re.compile(r"[a-z0-9]+(?:[-_/.][a-z0-9]+)*\Z")
_FINDING = tuple(field.name for field in dataclasses.fields(Finding))
_METRIC = tuple(field.name for field in dataclasses.fields(Metric))
_SOURCE = tuple(field.name for field in dataclasses.fields(Source))
_PART = tuple(field.name for field in dataclasses.fields(Part))


class RubbishError(ValueError):
    """An evaluator returned something that is no evaluation of the text."""


def source_values(source: Source) -> dict[str, Any]:
    """The source as JSON values."""
    return {name: getattr(source, name) for name in _SOURCE}


def evaluation_values(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as JSON values; findings as bare lists, because there can be thousands."""
    return {
        "metrics": [[getattr(metric, name) for name in _METRIC] for metric in evaluation.metrics],
        "findings": [[getattr(finding, name) for name in _FINDING] for finding in evaluation.findings],
        "parts": [[getattr(part, name) for name in _PART] for part in evaluation.parts],
    }


def evaluation_from(values: dict[str, Any]) -> Evaluation:
    """The inverse of :func:`evaluation_values`."""
    return Evaluation(
        metrics=tuple(Metric(**dict(zip(_METRIC, row, strict=True))) for row in values["metrics"]),
        findings=tuple(Finding(**dict(zip(_FINDING, row, strict=True))) for row in values["findings"]),
        parts=tuple(Part(**dict(zip(_PART, row, strict=True))) for row in values["parts"]),
    )


def checked(result: Any, text: str) -> tuple[Evaluation, int]:
    """What an evaluator returned, in plain types, and how many findings were too many to keep.

    Raises:
        RubbishError: says which rule of the contract the result breaks.
    """
    if not isinstance(result, Evaluation):
        raise RubbishError(f"returned {_kind(result)}, not an Evaluation")
    metrics = tuple(_metric(metric) for metric in _each(result.metrics, "metrics"))
    if len(metrics) > METRICS_TAKEN:
        raise RubbishError(f"gave {len(metrics):,} metrics; more than {METRICS_TAKEN:,} are not taken")
    names = [metric.name for metric in metrics]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise RubbishError(f"gave a metric twice: {', '.join(sorted(twice)[:5])}")
    findings, parts = _each(result.findings, "findings"), _each(result.parts, "parts")
    if len(parts) > PARTS_TAKEN:
        raise RubbishError(f"named {len(parts):,} parts; more than {PARTS_TAKEN:,} are not taken")
    places = _Places(text)
    kept = tuple(_finding(finding, places) for finding in _gravest(findings))
    named = tuple(_part(part, places) for part in parts)
    return Evaluation(metrics=metrics, findings=kept, parts=named), len(findings) - len(kept)


def _gravest(findings: Sequence[Any]) -> Sequence[Any]:
    """As many as are kept: where there are more, none goes that is graver than one that stays."""
    if len(findings) <= FINDINGS_KEPT:
        return findings
    rank = {(severity, edge): n for n, (edge, severity) in enumerate(product((False, True), SEVERITIES))}
    return sorted(
        findings,
        key=lambda finding: rank.get((str(getattr(finding, "severity", "")), bool(getattr(finding, "edge", False))), 0),
    )[:FINDINGS_KEPT]


def _each(values: Any, what: str) -> tuple[Any, ...]:
    if not isinstance(values, Iterable) or isinstance(values, (str, bytes)):
        raise RubbishError(f"{what} is {_kind(values)}, not a tuple")
    return tuple(values)


def _kind(value: Any) -> str:
    name = "None" if value is None else type(value).__name__
    article = "" if value is None else "an " if name[0] in "aeiou" else "a "
    return article + name


def _identifier(value: Any, what: str) -> str:
    if not isinstance(value, str) or len(value) > 80 or not _ID.match(value):
        raise RubbishError(f"{what} {str(value)[:40]!r} is not in kebab-case")
    return str(value)


def _number(value: Any, what: str) -> int:
    try:
        return int(operator.index(value))  # a bool is one as well: such as count="x" in source.text
    except TypeError:
        shown = "NaN" if isinstance(value, float) and math.isnan(value) else f"{value!r}"[:40]
        raise RubbishError(f"{what} is {shown}, not a whole number") from None


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise RubbishError(f"{what} is {_kind(value)}, not a str")
    return str(value[:2000])


def _choice(value: Any, what: str, among: tuple[str, ...]) -> Any:
    if value not in among:
        raise RubbishError(f"{what} {str(value)[:40]!r} is not one of {', '.join(among)}")
    return str(value)


def _metric(metric: Any) -> Metric:
    if not isinstance(metric, Metric):
        raise RubbishError(f"one of metrics is {_kind(metric)}, not a Metric")
    name = _identifier(metric.name, "metric name")
    count, total = _number(metric.count, f"{name}: count"), _number(metric.total, f"{name}: total")
    if not 0 <= count <= total < 2**63:
        raise RubbishError(f"{name}: {count} out of {total} is no share")
    return Metric(name=name, count=count, total=total, better=_choice(metric.better, f"{name}: better", DIRECTIONS))


class _Places:
    """Where the lines of a text end, for as many questions as there are findings."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lengths: list[int] | None = None

    def check(self, line: int, column: int, what: str) -> None:
        if self.lengths is None:
            self.lengths = [len(part) for part in self.text.split("\n")]
        if not 1 <= line <= len(self.lengths):
            raise RubbishError(f"{what}: line {line} is outside the text of {len(self.lengths)} lines")
        if not 1 <= column <= self.lengths[line - 1] + 1:
            raise RubbishError(f"{what}: column {column} is outside line {line} of {self.lengths[line - 1]} characters")


def _finding(finding: Any, places: _Places) -> Finding:
    if not isinstance(finding, Finding):
        raise RubbishError(f"one of findings is {_kind(finding)}, not a Finding")
    rule = _identifier(finding.rule, "rule")
    line, column, end_line, end_column = (
        _number(getattr(finding, name), f"{rule}: {name}") for name in ("line", "column", "end_line", "end_column")
    )
    places.check(line, column, rule)
    places.check(end_line, end_column, rule)
    if (end_line, end_column) < (line, column):
        raise RubbishError(f"{rule}: ends at {end_line}:{end_column}, before it begins at {line}:{column}")
    return Finding(
        rule=rule,
        message=_text(finding.message, f"{rule}: message"),
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        severity=_choice(finding.severity, f"{rule}: severity", SEVERITIES),
        symbol=_text(finding.symbol, f"{rule}: symbol"),
        edge=bool(finding.edge),
    )


def _part(part: Any, places: _Places) -> Part:
    if not isinstance(part, Part):
        raise RubbishError(f"one of parts is {_kind(part)}, not a Part")
    name = _text(part.name, "part name")
    line, end_line = _number(part.line, f"part {name}: line"), _number(part.end_line, f"part {name}: end_line")
    places.check(line, 1, f"part {name}")
    places.check(end_line, 1, f"part {name}")
    if end_line < line:
        raise RubbishError(f"part {name} ends in line {end_line}, before it begins in line {line}")
    return Part(name=name, line=line, end_line=end_line)
