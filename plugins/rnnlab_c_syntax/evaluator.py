"""The evaluator itself: options in, one text after another through the analysis, findings out."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rnnlab.evaluation import Evaluation, Source
from rnnlab_c_syntax.analysis import Analyser
from rnnlab_c_syntax.known import LISTS, known_names
from rnnlab_c_syntax.report import METRICS, report
from rnnlab_c_syntax.rules import RULES


class CSyntax:
    """C text: brackets, undefined and unused names, labels, returns, strings and comments."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options:
        """What may be set with ``-S c-syntax.OPTION=VALUE``."""

        known_names: tuple[str, ...] = LISTS
        """Lists of well-known globals that need no declaration: c, posix, linux."""

        unused_parameter: bool = False
        """Report parameters that a body does not mention."""

    files: ClassVar[tuple[str, ...]] = ("*.c", "*.h")
    rules: ClassVar[Mapping[str, str]] = {name: rule.description for name, rule in RULES.items()}
    metrics: ClassVar[Mapping[str, str]] = METRICS

    def __init__(self, options: Options | None = None) -> None:
        options = options or self.Options()
        self._analyser = Analyser(known_names(options.known_names), unused_parameter=options.unused_parameter)

    def evaluate(self, source: Source) -> Evaluation:
        """Judge one text."""
        # The cyclic collector would look through what is made for a text and thrown away behind it.
        was_on = gc.isenabled()
        gc.disable()
        try:
            found = self._analyser.analyse(
                source.text,
                start_cut=source.start_cut,
                end_cut=source.end_cut,
                is_header=source.name.endswith(".h"),
            )
            return report(found)
        finally:
            if was_on:
                gc.enable()
