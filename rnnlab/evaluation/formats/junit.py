"""JUnit XML, as Ant writes it and Jenkins, GitLab and others read it: a suite per plugin, a case per text.

There is no standard; this keeps to what the schemas that people have written of Ant's format agree on, with every
attribute and element that the strictest of them demands.
"""

from __future__ import annotations

import platform
import re
import time
from xml.sax.saxutils import escape, quoteattr

from rnnlab.display import safe
from rnnlab.evaluation.report import Judged, Report

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_VERDICT = "could-not-judge"


def junit(report: Report) -> str:
    """Findings of severity error fail a case, no verdict is an error; metrics are properties of their suite.

    All of it is ASCII, so that it is what its first line says also where standard output is not UTF-8.
    """
    suites = "".join(_suite(report, plugin, number) for number, plugin in enumerate(report.evaluators))
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{suites}</testsuites>\n'
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _suite(report: Report, plugin: str, number: int) -> str:
    asked = [judged for judged in report.sources if plugin in judged.evaluations or plugin in judged.causes]
    bodies = [_body(judged, plugin) for judged in asked]
    cases = [_case(judged, plugin, body) for judged, body in zip(asked, bodies, strict=True)]
    attributes = {
        "name": plugin,
        "package": "rnnlab.evaluators",
        "id": str(number),
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(report.time)),
        "hostname": platform.node() or "localhost",
        "tests": str(len(cases)),
        "failures": str(sum("<failure" in body for body in bodies)),
        "errors": str(sum("<error" in body for body in bodies)),
        "time": f"{sum(judged.seconds.get(plugin, 0.0) for judged in asked):.3f}",
    }
    metrics = [
        f"   <property name={_attribute(t.name)} value={_attribute('' if t.rate is None else f'{t.rate:.6f}')}/>\n"
        for t in report.totals
        if t.plugin == plugin
    ]
    head = " ".join(f"{name}={_attribute(value)}" for name, value in attributes.items())
    inside = f"  <properties>\n{''.join(metrics)}  </properties>\n{''.join(cases)}  <system-out/>\n  <system-err/>\n"
    return f" <testsuite {head}>\n{inside} </testsuite>\n"


def _case(judged: Judged, plugin: str, body: str) -> str:
    name, seconds = _attribute(judged.source.name), judged.seconds.get(plugin, 0.0)
    return f'  <testcase classname={_attribute(plugin)} name={name} time="{seconds:.3f}">\n{body}  </testcase>\n'


def _body(judged: Judged, plugin: str) -> str:
    """What is wrong with a text, or with its verdict; nothing where nothing is."""
    if plugin in judged.causes:
        message = _attribute(f"could not judge: {judged.causes[plugin]}")
        return f'   <error type="{_NO_VERDICT}" message={message}/>\n'
    errors = [f for f in judged.evaluations[plugin].findings if f.severity == "error" and not f.edge]
    if not errors:
        return ""
    text = "".join(f"{judged.source.name}:{f.line}:{f.column}: {f.rule}: {f.message}\n" for f in errors)
    count = f"{len(errors):,} errors, the first" if len(errors) > 1 else "one error"
    attributes = f"type={_attribute(errors[0].rule)} message={_attribute(f'{count}: {errors[0].rule}')}"
    return f"   <failure {attributes}>{_xml(text)}</failure>\n"


def _xml(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", safe(text)))


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("\ufffd", safe(text)))
