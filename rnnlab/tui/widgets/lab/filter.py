"""What a person types to see fewer runs: words, and comparisons such as ``hidden>=512``.

All terms must hold. A word is looked for in a run's name, corpus, model, state, preset and device;
``-word`` must not be found. A comparison names a setting by its last or its whole dotted name, a
value of the list such as ``valid`` or ``step``, or a score. Knows summaries and no terminal.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rnnlab.runs.summary import RunSummary

_TERM = re.compile(r"([\w.-]+)(>=|<=|!=|==|=|>|<)(\S*)")
_NUMBER = re.compile(r"(-?\d+(?:\.\d*)?(?:e-?\d+)?)([kMG%]?)")
_UNITS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "%": 0.01}
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_FIELDS = {
    "train": "train_bits",
    "valid": "validation_bits",
    "validation": "validation_bits",
    "best": "best_bits",
    "test": "test_bits",
    "speed": "chars_per_second",
    "left": "eta_s",
    "parameters": "parameters",
    "params": "parameters",
    "step": "step",
    "epoch": "epoch",
    "progress": "progress",
    "state": "state",
    "device": "device",
    "name": "name",
    "corpus": "corpus",
    "preset": "preset",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as it was typed; an empty one lets everything through."""

    text: str = ""

    def keeps(self, summary: RunSummary) -> bool:
        """Whether the run is shown."""
        return all(_holds(term, summary) for term in self.text.split())

    def unknown(self, summaries: tuple[RunSummary, ...]) -> list[str]:
        """Names in comparisons that no run has: most likely misspelled."""
        terms = [match[1] for term in self.text.split() if (match := _TERM.fullmatch(term))]
        return [name for name in terms if summaries and all(value(one, name) is _MISSING for one in summaries)]


_MISSING = object()


def _holds(term: str, summary: RunSummary) -> bool:
    match = _TERM.fullmatch(term)
    if match:
        found = value(summary, match[1])
        return found is not _MISSING and _compare(found, match[2], match[3])
    hidden = term.startswith("-") and len(term) > 1
    word = term.removeprefix("-").lower() if hidden else term.lower()
    facts = (summary.name, summary.corpus, summary.model, summary.state, summary.preset, summary.device)
    return any(word in fact.lower() for fact in facts) != hidden


def value(summary: RunSummary, name: str) -> Any:
    """What a name in a comparison stands for in this run; a score is its rate."""
    if name in _FIELDS:
        return getattr(summary, _FIELDS[name])
    for setting, found in summary.settings.items():
        if setting == name or setting.rpartition(".")[2] == name:
            return found
    for metric, score in summary.scores.items():
        if metric == name or metric.partition(".")[2] == name:
            return score.count / score.total if score.total else None
    return _MISSING


def _compare(found: Any, order: str, wanted: str) -> bool:
    number = _NUMBER.fullmatch(wanted)
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        return number is not None and _ORDERS[order](float(found), float(number[1]) * _UNITS[number[2]])
    if found is None:
        return order == "!="
    text = " ".join(map(str, found)) if isinstance(found, (list, tuple)) else str(found)
    same = text.lower() == wanted.lower()
    return same if order in ("=", "==") else not same if order == "!=" else False
