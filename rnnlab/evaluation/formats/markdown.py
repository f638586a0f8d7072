"""The report as GitHub-flavoured Markdown, for a comment or a summary of a workflow."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from rnnlab.display import safe
from rnnlab.evaluation.formats.table import rate, steps
from rnnlab.evaluation.report import Report
from rnnlab.evaluation.totals import Total

RULES_SHOWN = 20
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#~&!@$])")


def markdown(report: Report) -> str:
    """Metrics, commonest rules, what could not be judged."""
    head = ["metric", "better", "rate", "95 % interval", "count", "of"]
    for column in report.beside:
        head += [_plain(column.name), "95 % interval"]
    rows = []
    for total in report.totals:
        row = [f"{total.plugin}.{total.name}", total.better, *_numbers(total), f"{total.count:,}", f"{total.total:,}"]
        for column in report.beside:
            row += _numbers(column.total(total.plugin, total.name))
        rows.append(row)
    texts = len(report.sources)
    blocks = [f"{texts:,} text{'s' if texts != 1 else ''}\n", _table(head, rows)]
    by_step = steps(report)
    if by_step:
        blocks.append(_table(by_step[0], by_step[1:]))
    counts = Counter(f"{plugin}/{finding.rule}" for _, plugin, finding in report.findings())
    if counts:
        blocks.append(_table(["rule", "findings"], [[rule, f"{n:,}"] for rule, n in counts.most_common(RULES_SHOWN)]))
    if report.failures:
        rows = [[f.plugin, _plain(f.source), f"{f.count:,}", _plain(f.cause)] for f in report.failures]
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


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", safe(text, multiline=False))
