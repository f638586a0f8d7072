"""What is inside a node of a tree, and which names it binds. Knows the grammar's nodes and no scopes."""

from __future__ import annotations

import ast
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (*FUNCTIONS, ast.Lambda, ast.ClassDef, *COMPREHENSIONS)


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right inside a node that hold something: not those that only say load, store or which operator."""
    found: list[Any] = []
    for name in _FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += value
        else:
            found.append(value)
    return [child for child in found if isinstance(child, ast.AST)]


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """Of each kind of node, the fields that may hold nodes; made when it is first asked for."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        self[kind] = tuple(name for name in kind._fields if name not in ("ctx", "op", "ops"))
        return self[kind]


_FIELDS = _Fields()


def bound(node: ast.AST) -> str:
    """The name that a node itself binds in the scope that it stands in; nothing where it binds none."""
    if isinstance(node, ast.Name):
        return "" if isinstance(node.ctx, ast.Load) else node.id
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(node, ast.alias):
        return (node.asname or node.name).split(".")[0]
    if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return node.name or ""
    return node.rest or "" if isinstance(node, ast.MatchMapping) else ""
