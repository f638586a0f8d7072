"""The whole surface that an evaluator plugin touches: text comes in, counts and places go out.

An evaluator is any object with ``evaluate(source) -> Evaluation``. A metric is a *count out
of a total*, so that rates over many samples are sum ÷ sum; a finding is a rule broken at a
place. Lines and columns are 1-based and count characters; ends are exclusive. Evaluators
run in a worker process: they may raise, hang or crash without hurting anyone else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, cast, runtime_checkable

Severity = Literal["error", "warning", "info"]
Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One text to judge. ``start_cut`` and ``end_cut`` say that it begins or stops in mid-air."""

    text: str
    name: str = "<text>"
    step: int | None = None
    prompt: str = ""
    start_cut: bool = True
    end_cut: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule broken at a place. ``edge``: only because the text is cut at its start or end."""

    rule: str
    message: str
    line: int
    column: int
    end_line: int
    end_column: int
    severity: Severity = "warning"
    symbol: str = ""
    edge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """``count`` out of ``total``, 0 <= count <= total; ``better`` says which way is good."""

    name: str
    count: int
    total: int
    better: Better = "higher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A named piece of a text, such as a function: lines ``line`` to ``end_line``, both inside."""

    name: str
    line: int
    end_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A verdict on one source. With ``parts``, reports tell the findings part by part as well."""

    metrics: tuple[Metric, ...] = ()
    findings: tuple[Finding, ...] = ()
    parts: tuple[Part, ...] = ()


@runtime_checkable
class Evaluator(Protocol):
    """What an entry point in the group ``rnnlab.evaluators`` makes when it is called.

    The entry point names a class (or factory). Where it has an ``Options`` dataclass, it is
    called with an instance of it; else without arguments. ``rules`` and ``metrics`` describe
    every id that may come out, for ``rnnlab plugins info``. An optional ``files`` attribute,
    such as ``("*.c", "*.h")``, says which files it takes from a folder; all, where it is absent.
    """

    rules: ClassVar[Mapping[str, str]]
    metrics: ClassVar[Mapping[str, str]]

    def evaluate(self, source: Source) -> Evaluation:
        """Judge one text; must be deterministic."""
        ...


@dataclass(frozen=True, slots=True)
class FunctionEvaluator:
    """An evaluator that is a single function: what :func:`evaluator` makes."""

    function: Callable[[Source], Evaluation | Iterable[Metric | Finding | Part]]
    rules: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    def __call__(self) -> FunctionEvaluator:
        """Stand where a class stands in an entry point."""
        return self

    def evaluate(self, source: Source) -> Evaluation:
        """Call the function and sort what it gives."""
        result: Any = self.function(source)
        if isinstance(result, (str, bytes, Mapping)) or not isinstance(result, Iterable):
            return cast(Evaluation, result)  # where it is none, who called says so
        items = tuple(result)
        return Evaluation(
            metrics=tuple(item for item in items if not isinstance(item, (Finding, Part))),
            findings=tuple(item for item in items if isinstance(item, Finding)),
            parts=tuple(item for item in items if isinstance(item, Part)),
        )


def evaluator(
    *, rules: Mapping[str, str] | None = None, metrics: Mapping[str, str] | None = None, files: tuple[str, ...] = ()
) -> Callable[[Callable[[Source], Evaluation | Iterable[Metric | Finding | Part]]], FunctionEvaluator]:
    """Make one function a complete evaluator: it returns or yields metrics, findings and parts."""
    return lambda function: FunctionEvaluator(function, rules or {}, metrics or {}, files)
