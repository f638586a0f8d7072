"""What a report must reach for the command to succeed: rates, and no finding of some severity.

Of a run only the newest step that was judged counts: its first previews come from a network that has learnt nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation.discovery import suggestion
from rnnlab.evaluation.lane import Description
from rnnlab.evaluation.protocol import SEVERITIES
from rnnlab.evaluation.report import Report
from rnnlab.evaluation.totals import Total


@dataclass(frozen=True, slots=True)
class Gate:
    """A metric, of one plugin or of any, and the rate that it must not be worse than."""

    plugin: str
    metric: str
    rate: float

    def failures(self, report: Report) -> list[str]:
        """Why the report does not pass, in words; a metric that counted nothing does not pass."""
        wanted = [t for t in report.totals if t.name == self.metric and self.plugin in ("", t.plugin)]
        if not any(total.total for total in wanted):
            return [f"{self.metric}: nothing was counted"]
        failures = []
        for total in wanted:
            rate = total.rate
            if rate is None:
                continue
            if total.better == "higher" and rate < self.rate:
                failures.append(f"{_told(total)} is under {self.rate:g}")
            if total.better == "lower" and rate > self.rate:
                failures.append(f"{_told(total)} is over {self.rate:g} (lower is better)")
        return failures


@dataclass(frozen=True, slots=True)
class Decisive:
    """What of a report decides: all of it, or of a run the newest step that was judged, which ``where`` says."""

    report: Report
    where: str = ""


def decisive(report: Report) -> Decisive:
    """The part of the report that thresholds are about."""
    judged = [one.source.step for one in report.sources if one.source.step is not None and one.evaluations]
    if not judged:
        return Decisive(report)
    newest = max(judged)
    here = tuple(one for one in report.sources if one.source.step == newest)
    return Decisive(replace(report, sources=here), f"at step {newest:,}: ")


def unmet(report: Report, gates: Sequence[Gate], severity: str) -> list[str]:
    """Everything that was demanded and is not so, in words."""
    deciding = decisive(report)
    reasons = [reason for gate in gates for reason in gate.failures(deciding.report)]
    count = grave(deciding.report, severity)
    if count:
        worse = "" if severity == SEVERITIES[0] else " or worse"
        least = "at least " if deciding.report.left_out else ""
        reasons.append(f"findings of severity {severity}{worse}: {least}{count:,}")
    return [deciding.where + reasons[0], *reasons[1:]] if reasons else []


def _told(total: Total) -> str:
    return f"{total.plugin}.{total.name}: {total.rate:.4f} ({total.count:,} of {total.total:,})"


def parse_gates(texts: Sequence[str], plugins: Mapping[str, Description]) -> list[Gate]:
    """``[PLUGIN.]METRIC=RATE``, checked against what the plugins say they measure.

    Raises:
        EvaluatorError: for another shape, a rate outside 0 to 1, or a metric that no plugin has.
    """
    gates = []
    for text in texts:
        key, _, value = text.partition("=")
        plugin, _, metric = key.rpartition(".")
        try:
            rate = float(value)
        except ValueError:
            rate = math.nan
        if not (metric and 0 <= rate <= 1):
            raise EvaluatorError(f"--fail-under {text}", "is not METRIC=RATE with a rate from 0 to 1", "Such as 0.95.")
        if plugin and plugin not in plugins:
            raise EvaluatorError(
                f"--fail-under {text}", f"{plugin} does not judge here", suggestion(plugin, plugins, "It is")
            )
        asked = [described.metrics for name, described in plugins.items() if plugin in ("", name)]
        known = {name for metrics in asked for name in metrics}
        if metric not in known and all(asked):  # a plugin without descriptions may give anything
            raise EvaluatorError(
                f"--fail-under {text}", "there is no such metric", suggestion(metric, known, "They are")
            )
        gates.append(Gate(plugin, metric, rate))
    return gates


def parse_severity(text: str) -> str:
    """A severity, or nothing.

    Raises:
        EvaluatorError: for one that there is not.
    """
    if text and text not in SEVERITIES:
        raise EvaluatorError(f"--fail-on {text}", "there is no such severity", suggestion(text, SEVERITIES, "They are"))
    return text


def grave(report: Report, severity: str) -> int:
    """Findings at least so grave; those that only the cut of a text explains are not counted."""
    if not severity:
        return 0
    counted = SEVERITIES[: SEVERITIES.index(severity) + 1]
    return sum(not finding.edge and finding.severity in counted for _, _, finding in report.findings())
