"""Evaluators: find them, run them in processes of their own, report what they say."""

from rnnlab.evaluation.contract import (
    Better,
    Evaluation,
    Evaluator,
    Finding,
    FunctionEvaluator,
    Metric,
    Part,
    Severity,
    Source,
    evaluator,
)

__all__ = [
    "Better",
    "Evaluation",
    "Evaluator",
    "Finding",
    "FunctionEvaluator",
    "Metric",
    "Part",
    "Severity",
    "Source",
    "evaluator",
]
