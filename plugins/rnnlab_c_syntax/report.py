"""What an analysis found, as the contract wants it: findings with places, and counts out of totals."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from rnnlab.evaluation import Evaluation, Finding, Metric, Part
from rnnlab_c_syntax.analysis import Analysis
from rnnlab_c_syntax.brackets import Unmatched
from rnnlab_c_syntax.places import Lines
from rnnlab_c_syntax.rules import RULES

METRICS: dict[str, str] = {
    "bracket-balance": "brackets that have their partner, of all brackets",
    "undefined-variables": "uses of variables that are declared nowhere, of all uses of variables",
    "unused-declarations": "local variables that nothing uses, of all local variables",
    "undefined-returns": "returns of a name that does not exist, of all returns",
    "clean-functions": "functions without any finding, of all functions",
    "syntax-errors": "characters inside syntax errors, of all characters",
    "strings-closed": "strings with their closing quote, of all strings",
    "comments-closed": "comments that end, of all comments",
}


def report(analysis: Analysis) -> Evaluation:
    """Make findings and metrics of an analysis."""
    findings = sorted(_findings(analysis), key=lambda pair: (pair[0], pair[1].rule, pair[1].symbol))
    return Evaluation(
        metrics=_metrics(analysis, findings),
        findings=tuple(finding for _, finding in findings),
        parts=tuple(_parts(analysis)),
    )


def _parts(analysis: Analysis) -> list[Part]:
    code = analysis.lines.code
    parts: list[Part] = []
    line, done = 1, 0  # the line that ``done`` is in
    for function in sorted(analysis.functions, key=lambda f: f.start):
        if function.name:
            start, last = function.start, max(function.start, function.end - 1)
            line += code.count(b"\n", done, start)
            done = start
            parts.append(Part(name=function.name, line=line, end_line=line + code.count(b"\n", start, last)))
    return parts


def _findings(analysis: Analysis) -> list[tuple[int, Finding]]:
    found: list[tuple[int, Finding]] = []
    lines, length = analysis.lines, analysis.length

    def add(rule: str, start: int, end: int, symbol: str = "", message: str = "", *, edge: bool = False) -> None:
        if end > length or end < start:
            start = min(start, length)
            end = min(max(start, end), length)
        line, column = lines.place(start)
        end_line, end_column = line, column + end - start
        if lines.code.find(b"\n", start, end) >= 0:
            end_line, end_column = lines.place(end)
        about = RULES[rule]
        finding = Finding(
            rule=rule,
            message=message or about.message.format(symbol),
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            severity=about.severity,
            symbol=symbol,
            edge=edge,
        )
        found.append((start, finding))

    for unmatched in analysis.brackets.unmatched:
        add(
            "unbalanced-bracket",
            unmatched.start,
            unmatched.end,
            unmatched.symbol,
            _message(unmatched, lines),
            edge=unmatched.edge,
        )
    for broken in analysis.lexed.broken:
        add(broken.rule, broken.start, broken.end, edge=broken.edge)
    issues = [issue for function in analysis.functions for issue in function.issues]
    for issue in issues + analysis.more_issues:
        add(issue.rule, issue.start, issue.start + (len(issue.name) or len("return")), issue.name)
    for name, start in analysis.unused_functions:
        add("unused-function", start, start + len(name), name)
    for fault in analysis.faults:
        add("syntax-error", fault.start, fault.end, message=fault.message)
    return found


def _message(unmatched: Unmatched, lines: Lines) -> str:
    """Say of which line the bracket is, where its partner is missed on another."""
    line, _ = lines.place(unmatched.bracket)
    if unmatched.start == unmatched.bracket or line == lines.place(unmatched.start)[0]:
        return unmatched.message
    bracket = f"'{unmatched.symbol}'"
    return unmatched.message.replace(bracket, f"{bracket} of line {line}", 1)


def _metrics(analysis: Analysis, findings: list[tuple[int, Finding]]) -> tuple[Metric, ...]:
    functions = analysis.functions
    lexed = analysis.lexed
    broken = [b.rule for b in lexed.broken if not b.edge]
    complete = sorted((f.start, f.end) for f in functions if f.complete)
    starts = [start for start, _ in complete]
    uses = undefined = local = unused = returns = undefined_returns = 0
    for function in functions:
        uses += function.uses
        undefined += function.undefined_uses
        local += function.locals
        unused += function.unused
        returns += function.returns
        undefined_returns += function.undefined_returns
    unclean: set[int] = set()
    for start, finding in findings:
        index = bisect_right(starts, start) - 1
        if index >= 0 and not finding.edge and start <= complete[index][1]:
            unclean.add(index)
    unmatched = analysis.brackets.lonely
    total = max(analysis.brackets.total, unmatched)

    return (
        _good("bracket-balance", unmatched, total),
        _bad("undefined-variables", undefined, uses),
        _bad("unused-declarations", unused, local),
        _bad("undefined-returns", undefined_returns, returns),
        _good("clean-functions", len(unclean), len(complete)),
        _bad("syntax-errors", analysis.error_bytes, analysis.length),
        _good("strings-closed", broken.count("unterminated-string"), lexed.strings),
        _good("comments-closed", broken.count("unterminated-comment"), lexed.comments),
    )


@lru_cache(maxsize=1024)  # short samples have much the same counts, and a metric is slow to make
def _bad(name: str, bad: int, total: int) -> Metric:
    return Metric(name=name, count=bad, total=max(bad, total), better="lower")


@lru_cache(maxsize=1024)
def _good(name: str, bad: int, total: int) -> Metric:
    return Metric(name=name, count=max(bad, total) - bad, total=max(bad, total))
