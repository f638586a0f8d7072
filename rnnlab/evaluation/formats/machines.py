"""Formats that other programs define: SARIF 2.1.0, JUnit XML, GitHub workflow commands."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from rnnlab import __version__
from rnnlab.display import safe
from rnnlab.evaluation.contract import Finding
from rnnlab.evaluation.report import Judged, Report, total_values

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_OPENING = re.compile(r"(\\*)\[")
_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def sarif(report: Report) -> str:
    """One SARIF run per plugin; what could not be judged is a notification of the run."""
    runs = [_sarif_run(report, plugin) for plugin in report.plugins]
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": runs}
    return json.dumps(log, indent=1, allow_nan=False) + "\n"


def _sarif_text(text: str) -> dict[str, str]:
    """A message (SARIF 3.11.5, 3.11.6): braces are doubled, and brackets that could begin a link are escaped."""
    text = safe(text).replace("{", "{{").replace("}", "}}")
    links = max(0, text.rfind("]("))
    return {"text": _OPENING.sub(r"\1\1\\[", text[:links]) + text[links:]}


def _sarif_run(report: Report, plugin: str) -> dict[str, Any]:
    found = [(judged, finding) for judged, name, finding in report.findings() if name == plugin]
    described = report.plugins[plugin].rules
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
                        "message": _sarif_text(f"could not judge {f.source} ({f.count} in all): {f.cause}"),
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


def junit(report: Report) -> str:
    """A suite per plugin, a case per text: findings of severity error fail it, no verdict is an error.

    All of it is ASCII, so that it is what its first line says also where standard output is not UTF-8.
    """
    suites = "".join(_suite(report, plugin) for plugin in report.plugins)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="rnnlab eval">\n{suites}</testsuites>\n'
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _suite(report: Report, plugin: str) -> str:
    cases, failed, without = [], 0, 0
    for judged in report.sources:
        evaluation = judged.evaluations.get(plugin)
        lines = []
        if evaluation is None:
            without += 1
            cause = judged.causes.get(plugin, "")
            lines.append(f"   <error message={_attribute('could not judge: ' + cause)}/>\n")
        else:
            errors = [f for f in evaluation.findings if f.severity == "error" and not f.edge]
            failed += bool(errors)
            if errors:
                text = "".join(f"{judged.source.name}:{f.line}:{f.column}: {f.rule}: {f.message}\n" for f in errors)
                count = f"{len(errors):,} errors, the first" if len(errors) > 1 else "one error"
                message = _attribute(f"{count}: {errors[0].rule}")
                lines.append(f"   <failure message={message}>{_xml(text)}</failure>\n")
        name = _attribute(judged.source.name)
        cases.append(f"  <testcase classname={_attribute(plugin)} name={name}>\n{''.join(lines)}  </testcase>\n")
    counts = f'tests="{len(cases)}" failures="{failed}" errors="{without}"'
    metrics = [
        f"   <property name={_attribute(t.name)} value={_attribute('' if t.rate is None else f'{t.rate:.6f}')}/>\n"
        for t in report.totals
        if t.plugin == plugin
    ]
    properties = f"  <properties>\n{''.join(metrics)}  </properties>\n" if metrics else ""
    return f" <testsuite name={_attribute(plugin)} {counts}>\n{properties}{''.join(cases)} </testsuite>\n"


def _xml(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", safe(text)))


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("\ufffd", safe(text)))


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
        yield f"::error title=could not judge::{_message(f'{failure.plugin} on {failure.source}: {failure.cause}')}"


def _message(text: str) -> str:
    return safe(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
