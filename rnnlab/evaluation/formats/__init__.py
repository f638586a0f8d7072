"""Reports as text, one module per family of formats; every format is a function from a report to text.

A format's module is imported when the format is used, because a short command should start quickly.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from rnnlab.evaluation.report import Report

Format = Callable[[Report], str]


def _from(module: str, function: str) -> Format:
    def form(report: Report) -> str:
        return cast(Format, getattr(import_module(f"{__name__}.{module}"), function))(report)

    return form


FORMATS: dict[str, Format] = {
    "table": _from("table", "table"),
    "concise": _from("lines", "concise"),
    "json": _from("lines", "to_json"),
    "jsonl": _from("lines", "to_jsonl"),
    "sarif": _from("machines", "sarif"),
    "junit": _from("junit", "junit"),
    "github": _from("machines", "github"),
    "markdown": _from("markdown", "markdown"),
}

__all__ = ["FORMATS", "Format"]
