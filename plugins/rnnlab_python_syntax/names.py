"""Which names nothing defines, and which locals nothing reads: ``symtable`` knows, ``ast`` says where.

What stands above a cut start may have defined functions, classes and modules; so in a text
whose start is cut, names that are called, capitalised, decorated with, or whose attributes are
taken are not judged. Plain variables are.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from rnnlab_python_syntax.chunks import Parsed
from rnnlab_python_syntax.nodes import FUNCTIONS, SCOPES, Function, bound, children

_OF_MODULES = {"__builtins__", "__doc__", "__file__", "__name__", "__package__", "__path__", "__spec__"}
BUILTINS = frozenset(dir(builtins)) | _OF_MODULES
_SEEING = frozenset({"locals", "vars", "eval", "exec", "dir"})  # these read locals that nothing else reads


@dataclass(slots=True)
class Names:
    """What was found: uses in all, undefined ones, locals in all, unused ones, functions."""

    uses: int = 0
    undefined: list[ast.Name] = field(default_factory=list)
    bound: int = 0
    unused: list[ast.Name | ast.ExceptHandler] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    around: list[int] = field(default_factory=list)  # the number of the function around each of these; -1: none
    seeing: set[int] = field(default_factory=set)  # numbers of those in which something reads all locals

    def sees(self, number: int) -> None:
        """Note that something in that function reads all locals, also of those around it."""
        while number >= 0 and number not in self.seeing:
            self.seeing.add(number)
            number = self.around[number]


def analyse(parsed: Parsed, known: frozenset[str], *, start_cut: bool) -> Names:
    """Names of a text that parses."""
    tree, table = parsed.tree, parsed.table
    tables = list(_tables(table))
    names = Names()
    defined = {s.get_name() for s in _symbols(table) if s.is_assigned() or s.is_imported()}
    defined |= {s.get_name() for t in tables for s in _symbols(t) if s.is_declared_global() and s.is_assigned()}
    _undefined(names, tree, tables, frozenset(defined | known), start_cut=start_cut)
    _unused(names, tables)
    return names


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    stack = [table]
    while stack:
        table = stack.pop()
        yield table
        stack += reversed(table.get_children())


def _symbols(table: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
    """Like its ``get_symbols()``, which goes through all scopes inside it for each of them."""
    module = table.get_type() == "module"
    for name, flags in _flags(table).items():
        yield symtable.Symbol(name, flags, module_scope=module)


def _flags(table: symtable.SymbolTable) -> dict[str, int]:
    flags: dict[str, int] = cast(Any, table)._table.symbols
    return flags


def _undefined(
    names: Names,
    tree: ast.Module,
    tables: list[symtable.SymbolTable],
    defined: frozenset[str],
    *,
    start_cut: bool,
) -> None:
    suspects = {s.get_name() for t in tables for s in _symbols(t) if s.is_referenced() and s.is_global()}
    suspects |= {s.get_name() for s in _symbols(tables[0]) if s.is_referenced() and not s.is_assigned()}
    suspects -= defined
    # What an outermost scope binds anywhere counts everywhere in it, so scopes inside it add nothing.
    stack: list[tuple[ast.AST, ast.AST, frozenset[str] | None, int]] = [(tree, tree, None, -1)]
    star = False
    while stack:
        node, parent, visible, around = stack.pop()
        if isinstance(node, ast.Name):
            if node.id in _SEEING:
                names.sees(around)
            if isinstance(node.ctx, ast.Load):
                names.uses += 1
                guess = start_cut and _may_stand_above(node, parent)
                if node.id in suspects and not (visible and node.id in visible) and not guess:
                    names.undefined.append(node)
            continue
        star = star or (isinstance(node, ast.ImportFrom) and node.names[0].name == "*")
        if isinstance(node, FUNCTIONS):
            names.around.append(around)
            around = len(names.functions)
            names.functions.append(node)
        if visible is None and isinstance(node, SCOPES):
            visible = _binds(node, suspects)
        stack += [(child, node, visible, around) for child in reversed(children(node))]
    if star:
        names.undefined.clear()  # it may define anything
    names.undefined.sort(key=lambda name: (name.lineno, name.col_offset))


def _may_stand_above(node: ast.Name, parent: ast.AST) -> bool:
    if isinstance(parent, ast.Call):
        return parent.func is node or node.id[:1].isupper()
    return isinstance(parent, (ast.Attribute, ast.ClassDef, *FUNCTIONS)) or node.id[:1].isupper()


def _binds(node: ast.AST, suspects: set[str]) -> frozenset[str]:
    """Those of the suspects that a scope binds for what is inside it."""
    if not suspects:
        return frozenset()
    found, stack = set[str](), [node]
    while stack:
        inner = stack.pop()
        found.add(bound(inner))
        stack += children(inner)
    return frozenset(found & suspects)


def _unused(names: Names, tables: list[symtable.SymbolTable]) -> None:
    by_place: dict[tuple[str, int], list[symtable.SymbolTable]] = {}
    for table in tables:
        if table.get_type() == "function" or str(table.get_type()).endswith("FUNCTION"):
            by_place.setdefault((table.get_name(), table.get_lineno()), []).append(table)
    free = _free_inside(tables)
    for number, function in enumerate(names.functions):
        found = by_place.get((function.name, function.lineno), [])
        if len(found) != 1:
            continue
        for name, node in _locals(function).items():
            symbol = None if name.startswith("_") else _local(found[0], name)
            if symbol is None:
                continue
            names.bound += 1
            read = symbol.is_referenced() or name in free[found[0].get_id()]
            if number not in names.seeing and not read:
                names.unused.append(node)
    names.unused.sort(key=lambda node: (node.lineno, node.col_offset))


def _free_inside(tables: list[symtable.SymbolTable]) -> dict[int, set[str]]:
    """Names that are free in the scopes inside each scope; the tables come with inner ones after outer ones."""
    free: dict[int, set[str]] = {}
    for table in reversed(tables):
        inside = free.setdefault(table.get_id(), set())
        for child in table.get_children():
            inside |= free[child.get_id()]
            inside.update(symbol.get_name() for symbol in _symbols(child) if symbol.is_free())
    return free


def _local(table: symtable.SymbolTable, name: str) -> symtable.Symbol | None:
    """The symbol, where it is a variable of that scope."""
    flags = _flags(table).get(name)
    symbol = symtable.Symbol(name, flags) if flags is not None else None
    return symbol if symbol and symbol.is_local() and symbol.is_assigned() and not symbol.is_parameter() else None


def _locals(function: Function) -> dict[str, ast.Name | ast.ExceptHandler]:
    """Names that the function binds by an assignment of one value, ``with`` or ``except``, where first."""
    found: dict[str, ast.Name | ast.ExceptHandler] = {}
    stack: list[ast.AST] = list(reversed(function.body))
    while stack:
        node = stack.pop()
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            targets = [node.target]
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            targets = [node.optional_vars]
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.setdefault(node.name, node)
        for target in targets:
            if isinstance(target, ast.Name):
                found.setdefault(target.id, target)
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            stack += reversed(children(node))
    return found
