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
from typing import Any, NamedTuple, cast

from rnnlab_python_syntax.chunks import Parsed
from rnnlab_python_syntax.nodes import FUNCTIONS, SCOPES, Function, bound, children

_OF_MODULES = {"__builtins__", "__doc__", "__file__", "__name__", "__package__", "__path__", "__spec__"}
BUILTINS = frozenset(dir(builtins)) | _OF_MODULES
_ByPlace = dict[tuple[str, int], list[symtable.SymbolTable]]
_SEEING = frozenset({"locals", "vars", "eval", "exec", "dir"})  # these read locals that nothing else reads


@dataclass(slots=True)
class Names:
    """What was found: uses in all, undefined ones, locals in all, unused ones, functions."""

    uses: int = 0
    undefined: list[Spot] = field(default_factory=list)
    bound: int = 0
    unused: list[Spot] = field(default_factory=list)
    functions: list[tuple[str, int, int]] = field(default_factory=list)  # name, first and last line


class Spot(NamedTuple):
    """Where a name stands: line from 1, bytes before it, the name, and how many characters to underline."""

    line: int
    offset: int
    name: str
    width: int


@dataclass(slots=True)
class _Functions:
    """Those of some statements. Trees are large, so nothing of them is kept when the next statements come."""

    nodes: list[Function] = field(default_factory=list)
    around: list[int] = field(default_factory=list)  # the number of the function around each of these; -1: none
    seeing: set[int] = field(default_factory=set)  # numbers of those in which something reads all locals

    def sees(self, number: int) -> None:
        """Note that something in that function reads all locals, also of those around it."""
        while number >= 0 and number not in self.seeing:
            self.seeing.add(number)
            number = self.around[number]


def analyse(parsed: Parsed, known: frozenset[str], *, start_cut: bool) -> Names:
    """Names of a text that parses.

    Raises:
        RecursionError: where expressions stand in each other a thousand times.
    """
    tables = [(piece.first, table) for piece in parsed.pieces for table in _tables(piece.table)]
    suspects = _suspects([table for _, table in tables]) - known
    by_place, free = _by_place(tables), _free_inside([table for _, table in tables])
    names, star = Names(), False
    for above, tree in parsed.trees():
        functions = _Functions()
        star |= _undefined(names, functions, tree, above, suspects, start_cut=start_cut)
        _unused(names, functions, above, by_place, free)
    if star:
        names.undefined.clear()  # it may define anything
    names.undefined.sort()
    names.unused.sort()
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


def _suspects(tables: list[symtable.SymbolTable]) -> set[str]:
    """Names that are used where no scope around binds them."""
    suspects, defined = set[str](), set[str]()
    for table in tables:
        outermost = table.get_type() == "module"
        for symbol in _symbols(table):
            if symbol.is_referenced() and (symbol.is_global() or (outermost and not symbol.is_assigned())):
                suspects.add(symbol.get_name())
            if symbol.is_assigned() and (outermost or symbol.is_declared_global()):
                defined.add(symbol.get_name())
            if symbol.is_imported() and outermost:
                defined.add(symbol.get_name())
    return suspects - defined


def _undefined(
    names: Names, functions: _Functions, tree: ast.Module, above: int, suspects: set[str], *, start_cut: bool
) -> bool:
    """Note uses, undefined ones and functions; says whether something imports all that a module has."""
    # What an outermost scope binds anywhere counts everywhere in it, so scopes inside it add nothing.
    stack: list[tuple[ast.AST, ast.AST, frozenset[str] | None, int]] = [(tree, tree, None, -1)]
    star = False
    while stack:
        node, parent, visible, around = stack.pop()
        if isinstance(node, ast.Name):
            if node.id in _SEEING:
                functions.sees(around)
            if isinstance(node.ctx, ast.Load):
                names.uses += 1
                guess = start_cut and _may_stand_above(node, parent)
                if node.id in suspects and not (visible and node.id in visible) and not guess:
                    names.undefined.append(Spot(above + node.lineno, node.col_offset, node.id, len(node.id)))
            continue
        star = star or (isinstance(node, ast.ImportFrom) and node.names[0].name == "*")
        if isinstance(node, FUNCTIONS):
            functions.around.append(around)
            around = len(functions.nodes)
            functions.nodes.append(node)
            names.functions.append((node.name, above + node.lineno, above + (node.end_lineno or node.lineno)))
        if visible is None and isinstance(node, SCOPES):
            visible = _binds(node, suspects)
        stack += [(child, node, visible, around) for child in reversed(children(node))]
    return star


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


def _by_place(tables: list[tuple[int, symtable.SymbolTable]]) -> _ByPlace:
    by_place: _ByPlace = {}
    for above, table in tables:
        if table.get_type() == "function" or str(table.get_type()).endswith("FUNCTION"):
            by_place.setdefault((table.get_name(), above + table.get_lineno()), []).append(table)
    return by_place


def _unused(names: Names, functions: _Functions, above: int, by_place: _ByPlace, free: dict[int, set[str]]) -> None:
    for number, function in enumerate(functions.nodes):
        found = by_place.get((function.name, above + function.lineno), [])
        if len(found) != 1:
            continue
        for name, node in _locals(function).items():
            symbol = None if name.startswith("_") else _local(found[0], name)
            if symbol is None:
                continue
            names.bound += 1
            read = symbol.is_referenced() or name in free[found[0].get_id()]
            if number not in functions.seeing and not read:
                width = len(name) if isinstance(node, ast.Name) else len("except")
                names.unused.append(Spot(above + node.lineno, node.col_offset, name, width))


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
