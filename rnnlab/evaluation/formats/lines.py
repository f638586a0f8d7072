"""One finding or one text a line, for people, editors and programs: concise, json, jsonl."""

from __future__ import annotations

import json
from typing import Any

from rnnlab.display import safe
from rnnlab.evaluation.report import Report, failure_values, gravity, report_values, source_values, total_values
from rnnlab.evaluation.totals import Total


def concise(report: Report) -> str:
    """``file:line:column: severity plugin/rule message``, then a line a metric: the share, and those of real texts."""
    lines = [
        f"{safe(judged.source.name, multiline=False)}:{finding.line}:{finding.column}: "
        f"{gravity(finding)} {plugin}/{finding.rule} {safe(finding.message, multiline=False)}"
        for judged, plugin, finding in report.findings()
    ]
    for total in report.totals:
        beside = [(column.name, column.total(total.plugin, total.name)) for column in report.beside]
        others = "".join(f"; {safe(name, multiline=False)} {_share(other)}" for name, other in beside if other)
        lines.append(f"{total.plugin}.{total.name} {_share(total)}{others}")
    return "".join(f"{line}\n" for line in lines)


def _share(total: Total) -> str:
    rate = "-" if total.rate is None else f"{total.rate:.4f}"
    return f"{rate} ({total.count} of {total.total})"


def to_json(report: Report) -> str:
    """The whole report as one JSON object (schema 1)."""
    return json.dumps(_speakable(report_values(report)), indent=1, allow_nan=False) + "\n"


def to_jsonl(report: Report) -> str:
    """One line per text, then one per total, then one per failure, each with its kind."""
    rows: list[dict[str, object]] = [{"kind": "source", **source_values(judged)} for judged in report.sources]
    rows += [{"kind": "total", **total_values(total)} for total in report.totals]
    rows += [
        {"kind": "against", "corpus": column.name, **total_values(total)}
        for column in report.beside
        for total in column.totals
    ]
    rows += [{"kind": "failure", **failure_values(failure)} for failure in report.failures]
    return "".join(json.dumps(_speakable(row), allow_nan=False) + "\n" for row in rows)


def _speakable(value: Any) -> Any:
    """The same with U+FFFD for lone surrogates (a file's name may hold them), which many readers of JSON refuse."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: _speakable(one) for key, one in value.items()}
    return [_speakable(one) for one in value] if isinstance(value, list) else value
