"""What ``rnnlab plugins new`` writes: a plugin package that installs, and a test of it that passes."""

from __future__ import annotations

import keyword
import re
import shutil
from pathlib import Path
from string import Template

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation.discovery import installed

PYPROJECT = Template("""\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "rnnlab-$name"
version = "0.1.0"
description = "An evaluator for rnnlab"
requires-python = ">=3.11"
dependencies = ["rnnlab"]

[project.entry-points."rnnlab.evaluators"]
$name = "$module:$class_name"
""")

MODULE = Template('''\
"""The evaluator ``$name``: lines that are not too long. Make it yours."""

from dataclasses import dataclass

from rnnlab.evaluation import Evaluation, Finding, Metric, Source


class $class_name:
    """Finds lines that are too long."""

    rules = {"long-line": "A line is longer than the limit."}
    metrics = {"short-lines": "Lines within the limit, of lines."}
    # files = ("*.c", "*.h")  # what to take from folders; everything, where this is not set

    @dataclass(frozen=True)
    class Options:
        """What can be set with -S $name.OPTION=VALUE."""

        limit: int = 80
        """Characters that a line may have."""

    def __init__(self, options: Options) -> None:
        self.limit = options.limit

    def evaluate(self, source: Source) -> Evaluation:
        """Judge one text."""
        lines = source.text.removesuffix("\\n").split("\\n")
        findings = tuple(
            Finding(
                rule="long-line",
                message=f"{len(line)} characters, {self.limit} are allowed",
                line=number,
                column=self.limit + 1,
                end_line=number,
                end_column=len(line) + 1,
            )
            for number, line in enumerate(lines, 1)
            if len(line) > self.limit
        )
        short = Metric(name="short-lines", count=len(lines) - len(findings), total=len(lines))
        return Evaluation(metrics=(short,), findings=findings)
''')

TEST = Template('''\
"""What the evaluator ``$name`` says about some texts."""

from rnnlab.evaluation import Source

from $module import $class_name


def findings(text: str, limit: int = 10) -> list[tuple[int, int]]:
    plugin = $class_name($class_name.Options(limit=limit))
    return [(finding.line, finding.column) for finding in plugin.evaluate(Source(text=text)).findings]


def test_a_line_that_is_too_long_is_found_where_it_becomes_so() -> None:
    assert findings("short\\n0123456789abc\\n") == [(2, 11)]


def test_an_empty_text_has_no_findings() -> None:
    assert findings("") == []
''')

README = Template("""\
# rnnlab-$name

An evaluator for rnnlab.

    pip install -e . pytest
    rnnlab plugins check $name
    rnnlab eval samples.txt --plugin $name
    rnnlab plugins dev $module.py samples.txt     # again whenever you save it
    python -m pytest
""")


def write_package(name: str, into: Path) -> list[Path]:
    """Write a package for an evaluator of that name; gives the files.

    Raises:
        EvaluatorError: for a name that cannot be one or is taken, or a folder that is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or len(name) > 60:
        raise EvaluatorError(name, "cannot be an evaluator's name", "Use kebab-case, such as balanced-quotes.")
    if name.startswith("rnnlab-"):
        short = name.removeprefix("rnnlab-")
        raise EvaluatorError(name, "its package would begin with rnnlab- twice", f"Call the evaluator {short}.")
    if taken := installed().get(name):
        owner = f"{taken[0].distribution} {taken[0].version}".strip()
        raise EvaluatorError(name, f"an evaluator of this name is installed already, with {owner}", "Choose another.")
    folder = into / f"rnnlab-{name}"
    if folder.exists():
        raise EvaluatorError(str(folder), "is there already", "Choose another name, or --into another folder.")
    module, class_name = f"rnnlab_{name.replace('-', '_')}", "".join(part.capitalize() for part in name.split("-"))
    if keyword.iskeyword(class_name) or class_name in ("Evaluation", "Finding", "Metric", "Source"):
        class_name += "Evaluator"
    files = {
        "pyproject.toml": PYPROJECT,
        "README.md": README,
        f"{module}.py": MODULE,
        f"tests/test_{module}.py": TEST,
    }
    texts = {
        folder / place: template.substitute(name=name, module=module, class_name=class_name)
        for place, template in files.items()
    }
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)  # a part of it would stand in the way of the next try
        reason = f"it cannot be written ({(error.strerror or str(error)).lower()})"
        raise EvaluatorError(str(folder), reason, "Write it --into another folder.") from None
    return list(texts)
