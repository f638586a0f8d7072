"""Every rule that c-syntax may report: its id, how bad it is, and what it means."""

from __future__ import annotations

from typing import NamedTuple

from rnnlab.evaluation import Severity


class Rule(NamedTuple):
    """One rule. ``message`` takes the name it is about as ``{0}``."""

    severity: Severity
    message: str
    description: str


RULES: dict[str, Rule] = {
    "unbalanced-bracket": Rule("error", "{0}", "one of ()[]{} has no partner"),
    "unterminated-string": Rule(
        "error", "this string has no closing quote", "a string literal does not end on its line"
    ),
    "unterminated-char": Rule(
        "error", "this character constant has no closing quote", "a character constant does not end on its line"
    ),
    "unterminated-comment": Rule("error", "this comment is never closed", "a comment hides the rest of the text"),
    "undefined-variable": Rule(
        "error", "'{0}' is not declared here", "a variable is used that no scope around it declares (C11 6.5.1)"
    ),
    "undefined-return": Rule("error", "'{0}' is returned but not declared", "what a function returns does not exist"),
    "undefined-label": Rule("error", "no label '{0}' in this function", "a goto without its label (C11 6.8.6.1)"),
    "unused-variable": Rule("warning", "'{0}' is never used", "a local variable that nothing reads or sets"),
    "set-but-unused": Rule("warning", "'{0}' is set but never read", "a local variable that is only ever assigned to"),
    "unused-parameter": Rule(
        "info", "parameter '{0}' is never used", "a parameter that the body does not mention (off unless asked for)"
    ),
    "duplicate-label": Rule(
        "error", "label '{0}' stands twice in this function", "a label that its function has already (C11 6.8.1)"
    ),
    "unused-label": Rule("warning", "label '{0}' is never used", "a label that no goto names"),
    "unused-function": Rule(
        "warning", "static function '{0}' is never used", "a static function that its whole file does not mention"
    ),
    "void-returns-value": Rule(
        "warning", "a void function returns a value", "return with a value in a void function (C11 6.8.6.4)"
    ),
    "missing-return-value": Rule(
        "warning", "return without a value", "return without a value in a function that has one (C11 6.8.6.4)"
    ),
    "redeclared": Rule(
        "error", "'{0}' is declared twice in one scope", "a second declaration without linkage (C11 6.7)"
    ),
    "misplaced-statement": Rule(
        "error",
        "'{0}' is outside of any loop or switch that it could belong to",
        "break or continue outside of a loop, case or default outside of a switch (C11 6.8.1, 6.8.6.2, 6.8.6.3)",
    ),
    "syntax-error": Rule("error", "{0}", "a place where no grammar of C goes on"),
}
