"""Everything that an evaluation of many texts found, as values; formats turn it into text."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnlab.evaluation.contract import Evaluation, Finding, Source
from rnnlab.evaluation.lane import Description
from rnnlab.evaluation.totals import Total, add_up

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Judged:
    """One text and what each plugin said about it, or for those that could not judge it: why; and how long it took."""

    source: Source
    evaluations: Mapping[str, Evaluation]
    dropped: int = 0
    causes: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)
    is_read: bool = True  # else it stands for a file that could not be read

    def findings(self) -> Iterator[tuple[str, Finding]]:
        """``(plugin, finding)``, by place."""
        pairs = [(plugin, finding) for plugin, e in self.evaluations.items() for finding in e.findings]
        return iter(sorted(pairs, key=lambda pair: (pair[1].line, pair[1].column, pair[1].rule)))


@dataclass(frozen=True, slots=True)
class Failure:
    """A plugin that could not judge: ``count`` texts for this cause, ``source`` the first of them.

    Where ``real``, they are pieces of the real text beside, ``source`` is its column, and no verdict on what was to be
    judged is missing.
    """

    plugin: str
    cause: str
    source: str
    count: int = 1
    real: bool = False

    @property
    def texts(self) -> str:
        """Which texts, in words."""
        if self.real:
            return f"{self.source}, {self.count:,} piece{'' if self.count == 1 else 's'} of real text"
        return self.source + (f" and {self.count - 1:,} more" if self.count > 1 else "")


@dataclass(frozen=True, slots=True)
class Column:
    """Other texts of the same lengths under the same evaluators: a real corpus, another model's sample."""

    name: str
    totals: tuple[Total, ...]

    def total(self, plugin: str, name: str) -> Total | None:
        """That metric, where it was counted."""
        return next((total for total in self.totals if (total.plugin, total.name) == (plugin, name)), None)


@dataclass(frozen=True, slots=True)
class Report:
    """All the texts, the totals over them, what could not be judged, the columns beside them, and when it was done."""

    sources: tuple[Judged, ...]
    plugins: Mapping[str, Description]
    failures: tuple[Failure, ...] = ()
    beside: tuple[Column, ...] = ()
    time: float = field(default_factory=time.time, compare=False)
    totals: tuple[Total, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "totals", tuple(totals(self.sources)))

    @property
    def evaluators(self) -> list[str]:
        """The names of all that were asked, those that could not be started as well."""
        return list(dict.fromkeys([*self.plugins, *(failure.plugin for failure in self.failures)]))

    @property
    def texts(self) -> int:
        """How many texts there were to judge."""
        return sum(judged.is_read for judged in self.sources)

    @property
    def left_out(self) -> int:
        """Findings that were too many to keep."""
        return sum(judged.dropped for judged in self.sources)

    def findings(self) -> Iterator[tuple[Judged, str, Finding]]:
        """Every finding with its text and its plugin."""
        for judged in self.sources:
            for plugin, finding in judged.findings():
                yield judged, plugin, finding


def totals(sources: tuple[Judged, ...]) -> list[Total]:
    """Sum over sum of every metric."""
    return add_up(
        (plugin, metric)
        for judged in sources
        for plugin, evaluation in judged.evaluations.items()
        for metric in evaluation.metrics
    )


def total_values(total: Total) -> dict[str, Any]:
    """A total as it stands in the JSON report; ``rate`` is null where nothing was counted."""
    low, high = total.interval
    return {
        "name": total.name,
        "plugin": total.plugin,
        "count": total.count,
        "total": total.total,
        "rate": total.rate,
        "low": low,
        "high": high,
        "better": total.better,
    }


def finding_values(plugin: str, finding: Finding) -> dict[str, Any]:
    """A finding as it stands in the JSON report."""
    return {
        "rule": finding.rule,
        "plugin": plugin,
        "severity": finding.severity,
        "message": finding.message,
        "symbol": finding.symbol,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "edge": finding.edge,
    }


def gravity(finding: Finding) -> str:
    """The severity in a word for readers; what only the cut of a text explains is no fault and counts nowhere."""
    return "cut" if finding.edge else finding.severity


def source_values(judged: Judged) -> dict[str, Any]:
    """One text as it stands in the JSON report."""
    values: dict[str, Any] = {
        "name": judged.source.name,
        "metrics": [total_values(total) for total in totals((judged,))],
        "findings": [finding_values(plugin, finding) for plugin, finding in judged.findings()],
        "parts": parts(judged),
    }
    if judged.source.step is not None:
        values["step"] = judged.source.step
    if judged.dropped:
        values["findings_left_out"] = judged.dropped
    return values


def parts(judged: Judged) -> list[dict[str, Any]]:
    """The named parts of a text with how many findings begin in each: None where some were left out."""
    rows = []
    for plugin, evaluation in judged.evaluations.items():
        lines = sorted(finding.line for finding in evaluation.findings if not finding.edge)
        for part in evaluation.parts:
            count = bisect_right(lines, part.end_line) - bisect_left(lines, part.line)
            rows.append(
                {
                    "name": part.name,
                    "plugin": plugin,
                    "line": part.line,
                    "end_line": part.end_line,
                    "findings": None if judged.dropped else count,
                }
            )
    return rows


def failure_values(failure: Failure) -> dict[str, Any]:
    """What could not be judged as it stands in the JSON report; ``real`` where it is text of a column beside."""
    return {
        "plugin": failure.plugin,
        "source": failure.source,
        "cause": failure.cause,
        "count": failure.count,
        "real": failure.real,
    }


def report_values(report: Report) -> dict[str, Any]:
    """The whole report as JSON values."""
    values: dict[str, Any] = {
        "schema": SCHEMA,
        "sources": [source_values(judged) for judged in report.sources],
        "totals": [total_values(total) for total in report.totals],
        "failures": [failure_values(failure) for failure in report.failures],
    }
    if report.beside:
        values["against"] = [
            {"name": column.name, "totals": [total_values(total) for total in column.totals]}
            for column in report.beside
        ]
    return values
