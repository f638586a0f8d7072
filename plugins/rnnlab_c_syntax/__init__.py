"""c-syntax: judges generated C as a compiler would if the text were complete.

An evaluator for rnnlab, and the reference for writing one: it uses the public contract and
nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rnnlab.evaluation.contract import Evaluation, Source
from rnnlab_c_syntax.analysis import Analyser
from rnnlab_c_syntax.known import known_names
from rnnlab_c_syntax.report import METRICS, report
from rnnlab_c_syntax.rules import RULES

__all__ = ["CSyntax", "Options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen, as ``-S c-syntax.NAME=VALUE``."""

    #: Lists of well-known globals that need no declaration, separated by commas: c, posix, linux.
    known_names: str = "c,posix,linux"
    #: Whether parameters that a body does not mention are reported.
    unused_parameter: bool = False


class CSyntax:
    """The evaluator."""

    Options: ClassVar[type[Options]] = Options
    rules: ClassVar[Mapping[str, str]] = {name: rule.description for name, rule in RULES.items()}
    metrics: ClassVar[Mapping[str, str]] = METRICS

    def __init__(self, options: Options | None = None) -> None:
        options = options or Options()
        self._analyser = Analyser(known_names(options.known_names), unused_parameter=options.unused_parameter)

    def evaluate(self, source: Source) -> Evaluation:
        """Judge one text."""
        return report(self._analyser.analyse(source.text, start_cut=source.start_cut, end_cut=source.end_cut))
