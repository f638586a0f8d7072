"""Where the grammar gives up: the ERROR and MISSING nodes of a tree, made into places.

Only the nodes that hold one are gone over, so a text without errors costs nothing here. It
knows that a macro may need no semicolon, and keeps silent about what may be one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Node, Tree

from rnnlab_c_syntax.forgotten import ends_value
from rnnlab_c_syntax.macros import Macros
from rnnlab_c_syntax.places import Lines, Range, contains, without
from rnnlab_c_syntax.tree.excuses import Excuses
from rnnlab_c_syntax.tree.kinds import NAMELESS

_ONLY_MACROS = re.compile(rb"[\s(),\"]*+(?:[A-Z_][A-Z0-9_]++[\s(),\"]*+)++")
#: What stands in no list of parameters, whatever macros decorate them.
_NO_PARAMETER = re.compile(
    rb"->|(?<!\.)\.(?!\.)|[;+/%|^!?=<>]|\*[ \t]*+\w++[ \t]*+\*\Z|\A,"
    rb"|[A-Za-z_]\w*+\s++(?:void|int|char|short|float|double|bool)\b"
)
#: The tokens whose absence is a mistake of the writer's, and none of the grammar's.
_EXPECTED = frozenset((";", ")", "}", "]", "(", "{", ":", "while", "=", "identifier"))
#: Where a text is no C at all, the first places tell that as well as all of them.
_MOST = 500
_LONGEST_GAP = 400
_LONGEST_NAME = 80
_WORD_BEHIND = re.compile(rb"[ \t]++[A-Za-z_]\w*+[ \t]*+(?:\(|=(?!=)|->)")
_LINE_END = re.compile(rb"[ \t\r]*+\n")
_VALUE_BEGINS = re.compile(rb"(?:\breturn|[\w\])\s]=)[ \t]++\Z")


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """A place where the grammar does not go on."""

    start: int
    end: int
    message: str

    def at(self, start: int, end: int) -> SyntaxFault:
        """Give the same fault at another place."""
        return SyntaxFault(start, end, self.message)


class Faults:
    """The faults of a tree.

    ``types`` are the places in ``code`` where a type among the arguments of a call was made one word.
    """

    def __init__(self, code: bytes, lines: Lines, macros: Macros, types: set[int]) -> None:
        self.code = code
        self.lines = lines
        self.excuses = Excuses(code, lines, macros, types)
        self.found: list[SyntaxFault] = []
        #: What ERROR nodes cover, each place once.
        self.covered: list[Range] = []
        #: Where the functions start whose tree cannot be believed.
        self.damaged: set[int] = set()
        #: What stands in file scope and holds a fault, or is one.
        self.touched: list[Range] = []
        #: What could not be read outside of functions, in whole lines.
        self.lost: list[Range] = []

    def read(self, tree: Tree) -> None:
        """Find the faults of ``tree``."""
        if tree.root_node.has_error:
            _Search(self).run(tree)

    def error(self, node: Node, *, in_function: bool, in_parameters: bool = False) -> None:
        """Take an ERROR node; nodes come in the order of the text. ``in_parameters``: those of a function's header."""
        start, end = node.start_byte, node.end_byte
        reach = self.covered[-1][1] if self.covered else 0
        if end > max(start, reach):
            self.covered.append((max(start, reach), end))
        if not in_function and (not self.lost or end > self.lost[-1][1]):
            self.lost.append(self.lines.whole(start, end))
        if in_parameters and _NO_PARAMETER.search(self.code, start, min(end, start + _LONGEST_GAP)):
            self.found.append(SyntaxFault(start, end, "no parameter looks like this"))
            return
        if in_function and self._is_all_of_value(start, end):
            self.found.append(SyntaxFault(max(end - 1, 0), end, "';' is missing here"))
            return
        # In file scope it may be any macro, and capitals may stand for anything.
        if not in_function or _ONLY_MACROS.fullmatch(self.code, start, min(end, start + 400)):
            return
        first = max(0, start - _LONGEST_GAP)
        before = first + len(self.code[first:start].rstrip())
        last = self.code[max(before - 1, 0) : before]
        excuses = self.excuses
        if last == b")" and excuses.is_macro_call(before):
            return
        # What is not listed is not looked at so closely.
        if len(self.found) < _MOST and (
            excuses.is_among_arguments(start, end)
            or excuses.joins_macros(start)
            or excuses.is_macro_alone(before)
            or excuses.brings_operator(start, end)
        ):
            return
        if b"\n" in self.code[before:start] and ends_value(last):
            self.found.append(SyntaxFault(before - 1, before, "';' seems to be missing here"))
        else:
            self.found.append(SyntaxFault(start, min(end, start + 40), "no C goes on like this"))

    def _is_all_of_value(self, start: int, end: int) -> bool:
        """Tell whether what stands there is all that is returned or assigned: the next line is no deeper."""
        code, lines = self.code, self.lines
        if (
            _LINE_END.match(code, end) is None
            or _VALUE_BEGINS.search(code, max(0, start - _LONGEST_NAME), start) is None
        ):
            return False
        following = code[end : end + _LONGEST_GAP]
        begin = end + len(following) - len(following.lstrip())
        return lines.indent(begin) <= lines.indent(start)

    def lacking(self, ends: list[int]) -> None:
        """Take the ends of statements that were given the semicolon which they lacked; what may need none has none."""
        for end in ends:
            if not (self.code[end - 1 : end] == b")" and self.excuses.is_macro_call(end)):
                self.found.append(SyntaxFault(max(end - 1, 0), end, "';' is missing here"))

    def misplaced(self, start: int, end: int) -> None:
        """Take a keyword where none may stand."""
        self.covered.append((start, end))
        self.found.append(SyntaxFault(start, end, f"no statement goes on with '{self.code[start:end].decode()}' here"))

    def unended(self, end: int) -> None:
        """Take a call that a line's end follows where its semicolon should."""
        if not self.excuses.may_need_none(end):
            self.found.append(SyntaxFault(max(end - 1, 0), end, "';' is missing here"))

    def missing(self, node: Node, *, in_function: bool) -> None:
        """Take a node that the parser made up."""
        end = node.start_byte
        while end and self.code[end - 1] in b" \t\r\n":
            end -= 1
        last = self.code[max(end - 1, 0) : end]
        if last == b":" and self.code[node.start_byte : node.start_byte + _LONGEST_GAP].lstrip()[:1] == b"}":
            return  # a label ends a block: C23, and gcc before it
        after_call = last == b")"
        excuses = self.excuses
        if (
            node.type == ";"
            and after_call
            and _WORD_BEHIND.match(self.code, end)
            and self.excuses.begins_statement(end)
        ):
            return  # ``run_every(1000) look();``: a macro is its condition
        if not in_function and (node.type != ";" or after_call or excuses.is_before_block(end)):
            return
        if node.type == ";" and (excuses.may_need_none(end) if after_call else excuses.is_heading(end)):
            return
        if len(self.found) < _MOST and (
            excuses.joins_macros(end)
            or (not in_function and excuses.is_macro_alone(end))
            or (after_call and excuses.ends_by_itself(end))
            or excuses.is_among_arguments(node.start_byte, node.start_byte)
        ):
            return
        self.found.append(SyntaxFault(max(end - 1, 0), end, f"'{node.type}' is missing here"))

    def replace(self, ranges: list[Range], others: Faults) -> None:
        """Put the faults of another reading of ``ranges``, which are in order, in the place of those in them."""
        self.found = [fault for fault in self.found if not contains(ranges, fault.start)] + others.found
        self.found.sort(key=lambda fault: fault.start)
        self.covered = without(sorted(self.covered), ranges) + others.covered

    def finish(self) -> list[SyntaxFault]:
        """Give the first faults; the last of them tells how many more there are."""
        listed = self.found[:_MOST]
        if unlisted := len(self.found) - len(listed):
            last = listed[-1]
            more = f"{last.message}, and there are {unlisted:,} more syntax errors that are not listed"
            listed[-1] = SyntaxFault(last.start, last.end, more)
        return listed


class _Search:
    """Goes through the nodes that hold an error, and knows which function they are in."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.around: list[str] = []
        #: The functions around: where each starts, and whether its body has begun.
        self.functions: list[tuple[int, bool]] = []
        self.parameters = 0

    def run(self, tree: Tree) -> None:
        """Go through ``tree``; a loop over a cursor, for a tree may be as deep as its text is long."""
        cursor = tree.walk()
        while True:
            node = cursor.node
            assert node is not None
            # An ERROR node without children does not count as one that has an error in it.
            if node.has_error or node.is_error:
                kind = node.type
                if self._enters(node, kind) and cursor.goto_first_child():
                    self._enter(node, kind)
                    continue
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return
                self._leave()

    def _enters(self, node: Node, kind: str) -> bool:
        """Take a node with an error in it, and tell whether to go into it."""
        inside = bool(self.functions)
        if len(self.around) == 1 or (kind == "ERROR" and not self.around):
            self.faults.touched.append((node.start_byte, node.end_byte))
        if kind == "ERROR":
            in_parameters = inside and not self.functions[-1][1] and self.parameters == 1
            self.faults.error(node, in_function=inside, in_parameters=in_parameters)
            if not inside:
                return bool(self.around) and self.around[-1] != "translation_unit"
            start, in_body = self.functions[-1]
            # What stands before the body and has parentheses is the rest of a header: then it is another function's.
            if in_body or self.parameters or b"(" in self.faults.code[node.start_byte : node.end_byte]:
                self.faults.damaged.add(start)
                return True
            return False
        if node.is_missing:
            if kind in _EXPECTED:
                self.faults.missing(node, in_function=inside)
            return False
        return kind not in NAMELESS and (kind != "compound_statement" or inside)

    def _enter(self, node: Node, kind: str) -> None:
        if kind == "function_definition":
            self.functions.append((node.start_byte, False))
        elif kind == "parameter_list":
            self.parameters += 1
        elif kind == "compound_statement" and self.around[-1] == "function_definition":
            self.functions[-1] = self.functions[-1][0], True
        self.around.append(kind)

    def _leave(self) -> None:
        kind = self.around.pop()
        if kind == "function_definition":
            self.functions.pop()
        elif kind == "parameter_list":
            self.parameters -= 1
