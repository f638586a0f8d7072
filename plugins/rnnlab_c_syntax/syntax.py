"""Where the grammar gives up: the ERROR and MISSING nodes of a tree, made into places.

It knows that a macro may need no semicolon, and keeps silent about what may be one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import tree_sitter_c
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from rnnlab_c_syntax.places import Lines

_QUERY = "(ERROR) @error (MISSING) @missing"
_NOT_CAPITALS = re.compile(rb"[^A-Z0-9_\s(),\"]")
_MOST = 500


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """A place where the grammar does not go on."""

    start: int
    end: int
    message: str


@lru_cache(maxsize=1)
def language() -> Language:
    """Give the grammar of C."""
    return Language(tree_sitter_c.language())


def parse(code: bytes) -> Tree:
    """Parse ``code``."""
    return Parser(language()).parse(code)


@lru_cache(maxsize=1)
def _query() -> Query:
    return Query(language(), _QUERY)


def syntax_faults(tree: Tree, code: bytes, lines: Lines) -> tuple[list[SyntaxFault], int]:
    """Give the faults of a tree and how many bytes its ERROR nodes cover."""
    root = tree.root_node
    if not root.has_error:
        return [], 0
    captures = QueryCursor(_query()).captures(root)
    faults: list[SyntaxFault] = []
    covered = reach = 0
    for node in sorted(captures.get("error", []), key=lambda n: n.start_byte):
        if node.end_byte > reach:
            covered += node.end_byte - max(node.start_byte, reach)
            reach = node.end_byte
        error = _error(node, code)
        if error is not None:
            faults.append(error)
    for node in captures.get("missing", []):
        fault = _missing(node, code, lines)
        if fault is not None:
            faults.append(fault)
    faults.sort(key=lambda f: f.start)
    return faults[:_MOST], covered


def _before(code: bytes, position: int) -> int:
    """Give the offset after the last character before ``position`` that is no blank."""
    while position and code[position - 1] in b" \t\r\n":
        position -= 1
    return position


def _error(node: Node, code: bytes) -> SyntaxFault | None:
    if not _in_function(node):
        return None  # in file scope it may be any macro
    start = node.start_byte
    text = code[start : min(node.end_byte, start + 400)]
    if not _NOT_CAPITALS.search(text):
        return None  # a macro that stands for something
    return SyntaxFault(start, min(node.end_byte, start + 40), "no C goes on like this")


def _in_function(node: Node) -> bool:
    parent = node.parent
    for _ in range(200):
        if parent is None:
            return False
        if parent.type == "function_definition":
            return True
        parent = parent.parent
    return True


def _missing(node: Node, code: bytes, lines: Lines) -> SyntaxFault | None:
    end = _before(code, node.start_byte)
    if (node.type != ";" or code[end - 1 : end] == b")") and not _in_function(node):
        return None
    if node.type == ";" and code[end - 1 : end] == b")" and _may_need_none(node, code, lines, end):
        return None
    return SyntaxFault(max(end - 1, 0), end, f"'{node.type}' is missing here")


def _may_need_none(node: Node, code: bytes, lines: Lines, end: int) -> bool:
    """Tell whether a call without its semicolon may be a macro: a loop's head, or one that brings its own."""
    parent = node.parent
    call = parent.child(0) if parent is not None and parent.type == "expression_statement" else None
    if call is None or call.type != "call_expression":
        return False
    name = code[call.start_byte : call.start_byte + 80].partition(b"(")[0].strip()
    if name.isupper() or b"for_each" in name:
        return True
    following = len(code) - len(code[end : end + 400].lstrip()) if end + 400 >= len(code) else 0
    following = following or end + 400 - len(code[end : end + 400].lstrip())
    if code[following : following + 1] == b"{":
        return True
    line = lines.line(call.start_byte)
    return lines.indent(lines.line(min(following, len(code)))) > lines.indent(line)
