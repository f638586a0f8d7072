"""The report that a person reads: metrics with intervals, commonest rules, worst places."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from rnnlab.display import safe
from rnnlab.evaluation.contract import Finding
from rnnlab.evaluation.headings import labels
from rnnlab.evaluation.report import Judged, Report, gravity, parts, totals
from rnnlab.evaluation.totals import Total

RULES_SHOWN = 12
PLACES_SHOWN = 8
PLACES_PER_RULE = 2
PARTS_SHOWN = 5
MESSAGE = 300  # characters of a message that are shown; other formats tell all of it
WIDTH = 100  # characters of a source line that are shown where there is no terminal
MARGIN = len("123456 | ")
_RANK = {"error": 0, "warning": 1, "info": 2}


def table(report: Report, columns: int | None = None) -> str:
    """The report as plain text, at most a screen or two, for a terminal of so many columns."""
    room = WIDTH if columns is None else max(20, columns - MARGIN)
    blocks = [
        _metrics(report, columns),
        _steps(report, columns),
        _rules(report),
        _parts(report),
        _places(report, room),
        _failures(report),
    ]
    return "\n".join(block for block in blocks if block)


def align(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """Columns of equal width, two blanks apart; those in ``right`` flush right."""
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    right = set(right)
    lines = []
    for row in rows:
        cells = []
        for i, cell in enumerate(row):
            blanks = " " * (widths[i] - width(cell))
            cells.append(blanks + cell if i in right else cell + blanks)
        lines.append("  ".join(cells).rstrip())
    return lines


def fold(rows: Sequence[Sequence[str]], right: Iterable[int], keep: int, columns: int | None) -> str:
    """Aligned rows; what does not fit into ``columns`` stands below, behind the first ``keep`` cells again."""
    right, tables, first = set(right), [], keep
    while first < len(rows[0]):
        last = first + 1
        while last < len(rows[0]) and (
            columns is None or _room([(*r[:keep], *r[first : last + 1]) for r in rows]) <= columns
        ):
            last += 1
        shown = [*range(keep), *range(first, last)]
        lines = align([[row[i] for i in shown] for row in rows], [place for place, i in enumerate(shown) if i in right])
        tables.append("".join(f"{line}\n" for line in lines))
        first = last
    return "\n".join(tables)


def _room(rows: Sequence[Sequence[str]]) -> int:
    return sum(max(map(width, cells)) + 2 for cells in zip(*rows, strict=True)) - 2


def width(text: str) -> int:
    """Columns of a terminal that the text takes."""
    return sum(_width(char) for char in text) if not text.isascii() else len(text)


def _within(text: str, columns: int) -> str:
    """As much of its beginning as fits."""
    if text.isascii():
        return text[:columns]
    for place, char in enumerate(text):
        columns -= _width(char)
        if columns < 0:
            return text[:place]
    return text


def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def rate(total: Total) -> str:
    """The rate in four digits, or a dash where nothing was counted."""
    return "–" if total.rate is None else f"{total.rate:.4f}"


def _metrics(report: Report, columns: int | None) -> str:
    if not report.totals:
        return ""
    texts, chars = report.texts, sum(len(judged.source.text) for judged in report.sources)
    heading = ["metric", "better", "rate", "95 % interval", "count", "of"]
    for label in labels(column.name for column in report.beside):
        heading += [label, "95 % interval"]
    rows = [heading]
    for total in report.totals:
        row = [f"{total.plugin}.{total.name}", total.better, *_numbers(total), f"{total.count:,}", f"{total.total:,}"]
        for column in report.beside:
            other = column.total(total.plugin, total.name)
            row += _numbers(other) if other else ["–", "–"]
        rows.append(row)
    plural = "s" if texts != 1 else ""
    shown = fold(rows, (2, 4, 5, *range(6, len(heading), 2)), 1, columns)
    return f"{texts:,} text{plural}, {chars:,} characters\n\n{shown}"


def steps(report: Report) -> list[list[str]]:
    """Rates against steps, where the texts have steps: a heading, a row per step, the real corpora last."""
    found = sorted({judged.source.step for judged in report.sources if judged.source.step is not None})
    if not found:
        return []
    names = [(total.plugin, total.name) for total in report.totals]
    shared = Counter(name for _, name in names)
    rows = [["step", "texts", *(f"{plugin}.{name}" if shared[name] > 1 else name for plugin, name in names)]]
    for step in found:
        here = tuple(judged for judged in report.sources if judged.source.step == step)
        by_name = {(total.plugin, total.name): total for total in totals(here)}
        rates = [rate(by_name[name]) if name in by_name else "–" for name in names]
        rows.append([f"{step:,}", str(len(here)), *rates])
    for label, column in zip(labels(column.name for column in report.beside), report.beside, strict=True):
        by_name = {(total.plugin, total.name): total for total in column.totals}
        rows.append([label, "", *(rate(by_name[name]) if name in by_name else "–" for name in names)])
    return rows


def _steps(report: Report, columns: int | None) -> str:
    rows = steps(report)
    return fold(rows, range(len(rows[0])), 2, columns) if rows else ""


def _numbers(total: Total) -> list[str]:
    low, high = total.interval
    return [rate(total), f"{low:.4f} to {high:.4f}" if total.total else "–"]


def _rules(report: Report) -> str:
    counts: Counter[tuple[str, str, str]] = Counter()
    where: dict[tuple[str, str, str], set[int]] = {}
    for judged, plugin, finding in report.findings():
        key: tuple[str, str, str] = (plugin, finding.rule, gravity(finding))
        counts[key] += 1
        where.setdefault(key, set()).add(id(judged))
    if not counts:
        return "No findings.\n" if any(judged.evaluations for judged in report.sources) else ""
    rows = [["rule", "severity", "findings", "texts"]]
    for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:RULES_SHOWN]:
        plugin, rule, severity = key
        rows.append([f"{plugin}/{rule}", severity, f"{count:,}", f"{len(where[key]):,}"])
    lines = align(rows, right=(2, 3))
    if len(counts) > RULES_SHOWN:
        lines.append(f"and {len(counts) - RULES_SHOWN} rarer rules")
    if report.left_out:
        lines.append(f"{report.left_out:,} further findings, none graver, are left out of texts with very many")
    return "".join(f"{line}\n" for line in lines)


def _parts(report: Report) -> str:
    rows = [(judged, part) for judged in report.sources if not judged.dropped for part in parts(judged)]
    if len(rows) < 2:
        return ""
    clean = sum(part["findings"] == 0 for _, part in rows)
    worst = sorted((row for row in rows if row[1]["findings"]), key=lambda row: -row[1]["findings"])[:PARTS_SHOWN]
    lines = [f"{len(rows):,} parts, {clean:,} of them without a finding" + ("; the worst:" if worst else "")]
    for judged, part in worst:
        name, file = safe(part["name"], multiline=False)[:60], safe(judged.source.name, multiline=False)
        lines.append(f"  {part['findings']:>4}  {name}  {file}:{part['line']}-{part['end_line']}")
    return "".join(f"{line}\n" for line in lines)


def _places(report: Report, room: int) -> str:
    shown: Counter[str] = Counter()
    lines: list[str] = []
    for judged, plugin, finding in _worst(report):
        if shown[finding.rule] >= PLACES_PER_RULE:
            continue
        shown[finding.rule] += 1
        lines += ["", *excerpt(judged, plugin, finding, room)]
        if shown.total() == PLACES_SHOWN:
            break
    return "\n".join(["Worst places", *lines]) + "\n" if lines else ""


def _worst(report: Report) -> list[tuple[Judged, str, Finding]]:
    """Findings, gravest first; among equals those where most findings lie close together."""
    found = list(report.findings())
    crowd = Counter((id(judged), finding.line // 10) for judged, _, finding in found)
    return sorted(found, key=lambda row: (row[2].edge, _RANK[row[2].severity], -crowd[id(row[0]), row[2].line // 10]))


def excerpt(judged: Judged, plugin: str, finding: Finding, room: int = WIDTH) -> list[str]:
    """Place, message, ``room`` characters of the line of the text, and a caret under the place."""
    head = f"{safe(judged.source.name, multiline=False)}:{finding.line}:{finding.column}"
    rule = f"{gravity(finding)} {plugin}/{finding.rule}"
    message = safe(finding.message, multiline=False)
    message = message if len(message) <= MESSAGE else f"{message[: MESSAGE - 1]}…"
    line = _line(judged.source.text, finding.line)
    start = finding.column - 1
    end = finding.end_column - 1 if finding.end_line == finding.line else len(line)
    before = _shown(line[max(0, start - room) : start])
    before = _within(before[::-1], room // 2)[::-1]
    marked = _within(_shown(line[start : min(end, start + room)]), room - width(before))
    after = _within(_shown(line[end : end + room]), room - width(before) - width(marked))
    number = f"{finding.line:>6}"
    caret = "^" + "~" * (max(1, width(marked)) - 1)
    return [
        f"{head}: {rule}: {message}",
        f"{number} | {before}{marked}{after}".rstrip(),
        f"{' ' * len(number)} | {' ' * width(before)}{caret}",
    ]


def _shown(text: str) -> str:
    return safe(text.replace("\t", "    "), multiline=False)


def _line(text: str, number: int) -> str:
    start = 0
    for _ in range(number - 1):
        start = text.index("\n", start) + 1
    end = text.find("\n", start)
    return text[start : end if end >= 0 else len(text)].removesuffix("\r")


def _failures(report: Report) -> str:
    if not report.failures:
        return ""
    lines = [
        f"could not judge: {f.plugin} on {safe(f.texts, multiline=False)}: {safe(f.cause, multiline=False)}"
        for f in report.failures
    ]
    return "".join(f"{line}\n" for line in lines)
