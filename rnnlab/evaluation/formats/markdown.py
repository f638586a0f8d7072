"""The report as GitHub-flavoured Markdown, for a comment or a summary of a workflow."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from rnnlab.display import safe
from rnnlab.evaluation.formats.table import rate, steps
from rnnlab.evaluation.report import Report, gravity
from rnnlab.evaluation.totals import Total

RULES_SHOWN = 20
_PUNCTUATION = re.compile(r"[^\w /,()=+-]|_", re.ASCII)  # also dots: some readers make a link of setup.py


def markdown(report: Report) -> str:
    """Metrics, commonest rules, what could not be judged."""
    head = ["metric", "better", "rate", "95 % interval", "count", "of"]
    for column in report.beside:
        head += [_code(column.name), "95 % interval"]
    rows = []
    for total in report.totals:
        row = [f"{total.plugin}.{total.name}", total.better, *_numbers(total), f"{total.count:,}", f"{total.total:,}"]
        for column in report.beside:
            row += _numbers(column.total(total.plugin, total.name))
        rows.append(row)
    texts = report.texts
    blocks = [f"{texts:,} text{'s' if texts != 1 else ''}\n", _table(head, rows)]
    by_step = steps(report)
    if by_step:
        last = len(by_step) - len(report.beside)  # what follows are real texts, and their names are anything
        named = [[_code(row[0]), *row[1:]] for row in by_step[last:]]
        blocks.append(_table(by_step[0], by_step[1:last] + named))
    counts = Counter((f"{plugin}/{finding.rule}", gravity(finding)) for _, plugin, finding in report.findings())
    if counts:
        rows = [[*rule, f"{n:,}"] for rule, n in counts.most_common(RULES_SHOWN)]
        blocks.append(_table(["rule", "severity", "findings"], rows))
    if report.failures:
        rows = [[f.plugin, _code(f.source), f"{f.count:,}", _code(f.cause)] for f in report.failures]
        blocks.append(_table(["could not judge", "first text", "texts", "cause"], rows))
    return "\n".join(blocks)


def _numbers(total: Total | None) -> list[str]:
    if total is None or total.rate is None:
        return ["–", "–"]
    low, high = total.interval
    return [rate(total), f"{low:.4f} to {high:.4f}"]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "".join(f"{line}\n" for line in lines)


def _code(text: str) -> str:
    """Text of unknown origin as code, without any sign that could be markup, a link, a mention or the cell's end."""
    line = safe(text, multiline=False)
    return f"<code>{_PUNCTUATION.sub(lambda sign: _entity(sign[0]), line)}</code>"


def _entity(sign: str) -> str:
    return f"&#{ord(sign)};" if sign.isascii() else sign
