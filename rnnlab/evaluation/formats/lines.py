"""One finding or one text a line, for people, editors and programs: concise, json, jsonl."""

from __future__ import annotations

import json

from rnnlab.display import safe
from rnnlab.evaluation.report import Report, gravity, report_values, source_values, total_values


def concise(report: Report) -> str:
    """``file:line:column: severity plugin/rule message``, then one line of totals a metric."""
    lines = [
        f"{safe(judged.source.name, multiline=False)}:{finding.line}:{finding.column}: "
        f"{gravity(finding)} {plugin}/{finding.rule} {safe(finding.message, multiline=False)}"
        for judged, plugin, finding in report.findings()
    ]
    for total in report.totals:
        rate = "-" if total.rate is None else f"{total.rate:.4f}"
        lines.append(f"{total.plugin}.{total.name} {rate} ({total.count} of {total.total})")
    return "".join(f"{line}\n" for line in lines)


def to_json(report: Report) -> str:
    """The whole report as one JSON object (schema 1)."""
    return json.dumps(report_values(report), indent=1, allow_nan=False) + "\n"


def to_jsonl(report: Report) -> str:
    """One line per text, then one per total, then one per failure, each with its kind."""
    rows: list[dict[str, object]] = [{"kind": "source", **source_values(judged)} for judged in report.sources]
    rows += [{"kind": "total", **total_values(total)} for total in report.totals]
    rows += [
        {"kind": "against", "corpus": column.name, **total_values(total)}
        for column in report.beside
        for total in column.totals
    ]
    rows += [
        {"kind": "failure", "plugin": f.plugin, "source": f.source, "cause": f.cause, "count": f.count}
        for f in report.failures
    ]
    return "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows)
