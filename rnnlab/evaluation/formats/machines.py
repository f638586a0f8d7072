"""Formats that other programs define: SARIF 2.1.0 and GitHub workflow commands."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from rnnlab import __version__
from rnnlab.display import safe
from rnnlab.evaluation.contract import Finding
from rnnlab.evaluation.report import Judged, Report, total_values

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_OPENING = re.compile(r"(\\*)\[")
_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def sarif(report: Report) -> str:
    """One SARIF run per plugin; what could not be judged is a notification of the run."""
    runs = [_sarif_run(report, plugin) for plugin in report.evaluators]
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": runs}
    return json.dumps(log, indent=1, allow_nan=False) + "\n"


def _sarif_text(text: str) -> dict[str, str]:
    """A message (SARIF 3.11.5, 3.11.6): braces are doubled, and brackets that could begin a link are escaped."""
    text = safe(text).replace("{", "{{").replace("}", "}}")
    links = max(0, text.rfind("]("))
    return {"text": _OPENING.sub(r"\1\1\\[", text[:links]) + text[links:]}


def _sarif_run(report: Report, plugin: str) -> dict[str, Any]:
    found = [(judged, finding) for judged, name, finding in report.findings() if name == plugin]
    described = report.plugins[plugin].rules if plugin in report.plugins else {}
    rules = sorted({*described, *(finding.rule for _, finding in found)})
    index = {rule: number for number, rule in enumerate(rules)}
    failures = [failure for failure in report.failures if failure.plugin == plugin]
    return {
        "tool": {
            "driver": {
                "name": f"rnnlab {plugin}",
                "version": __version__,
                "rules": [{"id": rule, "shortDescription": _sarif_text(described.get(rule) or rule)} for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not failures,
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": _sarif_text(f"could not judge {f.texts}: {f.cause}"),
                    }
                    for f in failures
                ],
            }
        ],
        "properties": {"metrics": [total_values(total) for total in report.totals if total.plugin == plugin]},
        "results": [_sarif_result(judged, finding, index[finding.rule]) for judged, finding in found],
    }


def _sarif_result(judged: Judged, finding: Finding, rule: int) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": "note" if finding.edge else _LEVELS[finding.severity],
        "message": _sarif_text(finding.message or finding.rule),
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(judged.source.name)},
                    "region": {
                        "startLine": finding.line,
                        "startColumn": finding.column,
                        "endLine": finding.end_line,
                        "endColumn": finding.end_column,
                    },
                }
            }
        ],
    }


def _uri(name: str) -> str:
    path = PurePath(name)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))


def github(report: Report) -> str:
    """Workflow commands: one annotation per finding, one per plugin that could not judge."""
    return "".join(f"{line}\n" for line in _annotations(report))


def _annotations(report: Report) -> Iterator[str]:
    for judged, plugin, finding in report.findings():
        place = f"file={_property(judged.source.name)},line={finding.line},endLine={finding.end_line}"
        if finding.line == finding.end_line:
            place += f",col={finding.column},endColumn={finding.end_column}"
        title = _property(f"{plugin}/{finding.rule}")
        command = "notice" if finding.edge else _COMMANDS[finding.severity]
        yield f"::{command} {place},title={title}::{_message(finding.message or finding.rule)}"
    for failure in report.failures:
        yield f"::error title=could not judge::{_message(f'{failure.plugin} on {failure.texts}: {failure.cause}')}"


def _message(text: str) -> str:
    return safe(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
