"""Texts whose scopes CPython cannot sort out in time: they are refused before it tries.

``symtable`` copies, for each scope, all names that the functions around it bind. So ten thousand variables beside ten
thousand lambdas in one function take seven seconds, and twice as many four times as long. What may be copied is in
proportion to the text, and more than anybody writes: a hundred kilobytes may have 1,700 of each in one function.
"""

from __future__ import annotations

import ast
import re

from rnnlab_python_syntax.nodes import SCOPES, bound, children

_FEW = 100_000  # names copied, at about 70 ns each
_EACH = 30  # for each character of the text
_SCOPE = re.compile(r"\b(?:lambda|def|class|for|type)\b")
_WORD = re.compile(r"\w++")


class TooManyScopesError(RuntimeError):
    """Functions bind very many names around very many scopes."""


def check(text: str) -> None:
    """Let pass what ``symtable`` takes in its stride.

    Raises:
        SyntaxError: for what does not parse, where that was looked at.
        TooManyScopesError: for a text that would keep it busy for more than a few seconds.
    """
    scopes, most = sum(1 for _ in _SCOPE.finditer(text)), max(_FEW, _EACH * len(text))
    if scopes * len(set(_WORD.findall(text))) > most and _copies(ast.parse(text)) > most:
        raise TooManyScopesError("a function binds too many names around too many lambdas, comprehensions or functions")


def _copies(tree: ast.Module) -> int:
    """For all scopes together, the names that the functions around them bind."""
    around, names = [0], [set[str]()]  # of each scope, outer ones first
    kinds: list[ast.AST] = [tree]
    stack: list[tuple[ast.AST, int]] = [(tree, 0)]
    while stack:
        node, scope = stack.pop()
        if not isinstance(kinds[scope], (ast.Module, ast.ClassDef)):  # what these bind is found in another way
            names[scope].update(node.names if isinstance(node, ast.Global) else filter(None, [bound(node)]))
        if isinstance(node, SCOPES):
            around.append(scope)
            kinds.append(node)
            names.append(set())
            scope = len(around) - 1
        stack += [(child, scope) for child in children(node)]
    visible = [0]
    for scope in range(1, len(around)):
        visible.append(visible[around[scope]] + len(names[scope]))
    return sum(visible[outer] for outer in around[1:])
