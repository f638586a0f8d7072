"""Reports as text, one module per family of formats; every format is a function from a report to text."""

from __future__ import annotations

from collections.abc import Callable

from rnnlab.evaluation.formats.lines import concise, to_json, to_jsonl
from rnnlab.evaluation.formats.machines import github, junit, sarif
from rnnlab.evaluation.formats.markdown import markdown
from rnnlab.evaluation.formats.table import table
from rnnlab.evaluation.report import Report

FORMATS: dict[str, Callable[[Report], str]] = {
    "table": table,
    "concise": concise,
    "json": to_json,
    "jsonl": to_jsonl,
    "sarif": sarif,
    "junit": junit,
    "github": github,
    "markdown": markdown,
}

__all__ = ["FORMATS"]
