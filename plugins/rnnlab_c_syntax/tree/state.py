"""Where a walk is: what its steps tell each other about the nodes around them.

The steps at declarations, uses, calls and functions are modules of their own; this is all
that they share.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import Final

from tree_sitter import Node

from rnnlab_c_syntax.known import member_macros
from rnnlab_c_syntax.mask import Masked
from rnnlab_c_syntax.places import line_start
from rnnlab_c_syntax.scopes import Names
from rnnlab_c_syntax.tree.faults import Faults

#: A line at the margin whose brace opens no block: of ``extern "C" {``, and of a type, below its first word.
_NO_BLOCK: Final = re.compile(rb"\n(?:extern\b|(?:(?:struct|union|enum)\b[ \t]*+)?+(?!(?:do|else)\b)\w++[ \t]*+\{)")
_AT_MARGIN: Final = re.compile(rb"\n\S[^\n]*+")
_LONGEST_LINE: Final = 1000


class Call:
    """The arguments of a call while they are walked."""

    __slots__ = ("bare", "index", "maker", "name", "statement", "stores", "type_index")

    def __init__(self, name: str, statement: bool, maker: bool) -> None:
        self.name = name
        self.maker = maker  # whether what it gives is called in turn: ``guard(mutex)(&lock)``
        self.statement = statement  # whether the call is all of a statement
        self.stores = False  # whether ``static`` or ``extern`` is an argument: no function takes that
        self.index = 0
        self.type_index = -1
        #: Bare names among the arguments that mean nothing yet: name, offset, which argument.
        self.bare: list[tuple[str, int, int]] = []


class Loop:
    """The head of an iteration macro, which the parser sees as a ``while``."""

    __slots__ = ("bare", "depth", "end", "name", "start")

    def __init__(self, name: str, depth: int, start: int, end: int) -> None:
        self.name = name
        self.depth = depth  # of its parentheses in the tree
        self.start = start  # of its parentheses in the text
        self.end = end
        self.bare: list[tuple[str, int]] = []


class State:
    """Where a walk over the tree of ``text`` is."""

    def __init__(
        self, text: str, masked: Masked, names: Names, braces: list[int], ends: list[int], faults: Faults
    ) -> None:
        self.text = text
        self.code = masked.code
        self.masked = masked
        self.names = names
        self.faults = faults
        self.braces = braces  # of all functions, by their looks
        self.body_ends = ends  # of the same, where each is closed
        #: Whether what stands in file scope at an offset is read by itself, if anything is.
        self.is_read_again: Callable[[int], bool] | None = None
        self.lost: list[tuple[int, int]] = []  # what was taken for one function and is several
        self.covered: list[tuple[int, int]] = []  # the functions that the walk could judge
        self.ended: dict[int, int] = {}  # where each function ends that the tree has, by its brace
        self.kinds: list[str] = []  # of the nodes around
        self.members = member_macros()
        self.type_words: set[str] = set()  # that stood in functions where only a type may
        # calls
        self.callee = ""
        self.calls: list[Call] = []
        self.loop_at = -1  # where the statement stands that was an iteration macro
        self.loops: list[Loop] = []
        # functions
        self.ends: list[tuple[int, int]] = []  # where the function definitions around start and end
        self.in_header = False  # of a function definition
        self.own_parameters = False  # the next list of parameters is that of the function itself
        self.header_macro = False
        self.parameters: list[bool] = []  # the lists of parameters around: whether each is a function's own
        # declarations
        self.extern = False
        self.static = False
        self.declaration: Node | None = None  # that is being read
        self.macro = ""  # the last one that stood where a type is expected
        self.no_declaration = False  # it looks like a declaration and is a call or a macro
        # the margin
        self._told = 0  # how far it was looked at
        self._block = 0  # where its last line stands
        self._in_block = False  # whether its last line opens a block

    def is_in_block(self, position: int) -> bool:
        """Tell whether an indented place stands below a brace at the margin, though the tree has it in file scope.

        What stands behind a brace of its own is a structure's, which began there: ``} rows[] = {``.
        """
        line = line_start(self.code, position, _LONGEST_LINE)
        if self.code[line : line + 1] not in (b" ", b"\t") or self.code[line:position].lstrip()[:1] == b"}":
            return False
        for match in _AT_MARGIN.finditer(self.code, self._told, line):
            self._block = match.start()
            self._in_block = match[0].rstrip()[-1:] == b"{" and _NO_BLOCK.match(match[0]) is None
        self._told = max(self._told, line - 1)
        return self._in_block and not self._is_behind_body(position)

    def _is_behind_body(self, position: int) -> bool:
        """Tell whether the last body that begins before ``position``, behind the last line at the margin, ends there.

        Its last brace may be indented.
        """
        index = bisect_right(self.braces, position) - 1
        return index >= 0 and self.braces[index] >= self._block and self.body_ends[index] <= position

    def word(self, node: Node) -> str:
        """Give the text of a node."""
        return self.text[node.start_byte : node.end_byte]
