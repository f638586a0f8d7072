"""The reading of the functions of a text, in one world of conditions.

    code → mask → tree → walk ─────────────┐
              ├─ what did not parse → mask ┤
              └─ damaged functions → flat ─┴→ names

The code is an extract of the text's; here it is only characters.
"""

from __future__ import annotations

from bisect import bisect_left

from tree_sitter import Tree

from rnnlab_c_syntax.blanks import blank
from rnnlab_c_syntax.bodies import Body, header_start, holds_members
from rnnlab_c_syntax.extract import Extract
from rnnlab_c_syntax.flat import Flat
from rnnlab_c_syntax.macros import Macros
from rnnlab_c_syntax.mask import Masked, mask, without_rarities
from rnnlab_c_syntax.places import Lines, Range, contains, joined, overlaps, without
from rnnlab_c_syntax.scopes import Names
from rnnlab_c_syntax.tree.faults import Faults
from rnnlab_c_syntax.tree.kinds import FIELD_BODY
from rnnlab_c_syntax.tree.parser import parse, parse_part
from rnnlab_c_syntax.tree.state import State
from rnnlab_c_syntax.tree.walk import walk
from rnnlab_c_syntax.unread import Unread

#: Brackets nested deeper than this are no C, and cost the parser gigabytes.
_DEEPEST = 5000
#: What one mistake has cost that is longer than this is read function by function.
_LONGEST_LOST = 1 << 16
_CLOSERS = (b")", b"]", b"}")


class Task:
    """Code to read, and what of it no tree can be made of; all places are the extract's.

    ``depth`` tells how deep its brackets nest, ``slips`` those without a partner. ``unread`` takes the words that
    stand outside of functions and are not read; it is None if they are all known.
    """

    def __init__(
        self,
        extract: Extract,
        left_out: list[Range],
        depth: int,
        end_cut: bool,
        slips: list[Range] | None = None,
        unread: Unread | None = None,
    ) -> None:
        self.extract = extract
        self.left_out = left_out
        self.depth = depth
        self.end_cut = end_cut
        self.slips = slips or []
        self.unread = unread


def read_functions(task: Task, names: Names) -> Faults | None:
    """Tell ``names`` all that stands in the code; give the faults of its tree, None if there is none."""
    masked = mask(task.extract.code, task.extract.bodies, names.context.macros)
    parsed = blank(masked.code, task.left_out)
    tree = parse(parsed) if task.depth < _DEEPEST else None
    faults = Faults(parsed, Lines(parsed), names.context.macros, masked.types)
    if tree is not None:
        faults.read(tree)
    touched = faults.touched if tree is not None else [(0, len(parsed))]
    again = _mask_again(task, masked, names.context.macros, touched)
    covered = _Trees(task, masked, names, faults, again).read(tree) if tree is not None else []
    _read_flat(task, masked, names, covered)
    names.finish()
    return None if tree is None else faults


def _cells(extract: Extract, touched: list[Range], left_out: list[Range]) -> list[Range]:
    """List the functions that are touched or left out, and what is touched between them."""
    cells: list[Range] = []
    for body in extract.bodies:
        if overlaps(touched, body.begin, body.end) or contains(left_out, body.brace):
            start = header_start(extract.code, body)
            cells += [(body.begin, start), (start, body.end)]
    behind = extract.bodies[-1].end if extract.bodies else 0
    cells.append((behind, len(extract.code)))
    return [
        (start, end)
        for start, end in cells
        if start < end and (overlaps(touched, start, end) or contains(left_out, end - 1))
    ]


def _mask_again(task: Task, masked: Masked, macros: Macros, touched: list[Range]) -> list[Range]:
    """Make plain what few texts have, where the parser gave up; list what it is to read again."""
    extract = task.extract
    cells = _cells(extract, touched, task.left_out)
    code = masked.code
    if cells and masked.lacking:  # where a semicolon stands in place of a line's end none would begin
        unmended = bytearray(code)
        for place in masked.lacking:
            unmended[place] = extract.code[place]
        code = bytes(unmended)
    found = extract.part(code, cells)
    before = b"\n" + found.code
    plain = without_rarities(before) if cells else before
    if plain == before:
        return []
    places = [(found.here(start) + 1, found.here(end - 1) + 2) for start, end in cells]
    again = [cell for cell, (start, end) in zip(cells, places, strict=True) if plain[start:end] != before[start:end]]
    found = extract.part(extract.code, again)
    masked.replace(again, mask(found.code, found.bodies, macros, with_rarities=True), found)
    return joined(again, [lost for lost in touched if lost[1] - lost[0] < _LONGEST_LOST])


class _Trees:
    """The trees of one code: that of all of it, and those of what is read by itself.

    ``again`` is what was masked again once the parser had given up on it; it is read in its place among the rest.
    """

    def __init__(self, task: Task, masked: Masked, names: Names, faults: Faults, again: list[Range]) -> None:
        self.task = task
        self.code = blank(masked.code, task.left_out)
        self.faults = faults
        self.again = again
        bodies = task.extract.bodies
        ends = [body.end if body.closed else len(self.code) for body in bodies]
        self.state = State(task.extract.text, masked, names, [body.brace for body in bodies], ends, faults)
        self._next = 0  # of what is read again
        self._read_parts: list[Range] = []  # those of them that could be parsed
        self._faults_again = self._no_faults()
        self._lost: list[Range] = []  # what could not be read of the parts

    def read(self, tree: Tree) -> list[Range]:
        """Read all of them, ``tree`` being that of all the code; give the functions that could be judged."""
        state = self.state
        state.is_read_again = self._is_read_again if self.again else None
        walk(tree, state)
        self._read_again(len(self.code))
        state.is_read_again = None
        self.faults.replace(self._read_parts, self._faults_again)
        self._read_swallowed()
        self._forget(without(self.faults.lost, self.again), without(sorted(state.lost), self.again), sorted(self._lost))
        left_out = self.task.left_out
        self.faults.lacking([place for place in state.masked.lacking if not contains(left_out, place)])
        return sorted(state.covered)

    def _forget(self, *lost: list[Range]) -> None:
        """Take the words of what could not be read."""
        if self.task.unread is not None:
            for ranges in lost:
                self.task.unread.add(self.state.masked.code, ranges, self.task.extract.bodies)

    def _no_faults(self) -> Faults:
        return Faults(self.code, self.faults.lines, self.state.names.context.macros, self.state.masked.types)

    def _is_read_again(self, start: int) -> bool:
        """Tell whether what stands in file scope at ``start`` is read by itself; what is before it is by now."""
        self._read_again(start)
        return contains(self.again, start)

    def _read_again(self, position: int) -> None:
        """Read what was masked again and begins at ``position`` or before."""
        while self._next < len(self.again) and self.again[self._next][0] <= position:
            start, end = self.again[self._next]
            self._next += 1
            tree = parse_part(self.code, start, end)
            if tree is not None:
                self._walk(tree, self._faults_again)
                self._read_parts.append((start, end))

    def _read_swallowed(self) -> None:
        """Read by itself each function for which no tree has a place: a mistake in one before may swallow many."""
        faults = self._no_faults()
        ranges: list[Range] = []
        for body in self.task.extract.bodies:
            if not body.closed or body.brace in self.state.ended or contains(self.task.left_out, body.brace):
                continue
            start = header_start(self.code, body)
            tree = parse_part(self.code, start, body.end)
            if tree is not None and _is_function(tree, body):
                self._walk(tree, faults)
                ranges.append((start, body.end))
        self.faults.replace(ranges, faults)

    def _walk(self, tree: Tree, faults: Faults) -> None:
        """Read the tree of a part, maybe amid another's; ``faults`` takes its faults."""
        state = self.state
        kinds, lost, is_read_again = state.kinds, state.lost, state.is_read_again
        state.kinds, state.lost, state.is_read_again = [], [], None
        known = len(faults.lost)
        faults.read(tree)
        state.faults = faults
        walk(tree, state)
        self._lost += [*state.lost, *faults.lost[known:]]
        state.kinds, state.lost, state.is_read_again = kinds, lost, is_read_again
        state.faults = self.faults


def _is_function(tree: Tree, body: Body) -> bool:
    """Tell whether ``tree`` is that of a function with ``body``, and of nothing else."""
    nodes = tree.root_node.named_children
    inside = nodes[-1].child_by_field_id(FIELD_BODY) if nodes and nodes[-1].type == "function_definition" else None
    return inside is not None and (inside.start_byte, inside.end_byte) == (body.brace, body.end)


def _read_flat(task: Task, masked: Masked, names: Names, covered: list[Range]) -> None:
    """Read the functions that the walk could not judge."""
    strays = [slip for slip in task.slips if task.extract.code[slip[0] : slip[0] + 1] in _CLOSERS]
    code = masked.code = blank(masked.code, strays)
    slips = [start for start, _ in task.slips]
    last = len(code.rstrip())
    for body in task.extract.bodies:
        if contains(covered, body.brace):
            continue
        start = header_start(code, body)
        header = code[start : body.brace].rstrip()
        here = slips[bisect_left(slips, start) : bisect_left(slips, body.end)]
        is_list = b"(" in header or (bool(here) and here[0] < body.brace)  # one of its parentheses may be lost
        damaged = is_list and header[-1:] not in b"=,;" and contains(task.left_out, body.brace)
        if not holds_members(code, start, body.end) and (header.endswith(b")") or damaged):
            complete = body.closed or not (task.end_cut and body.end >= last)
            Flat(task.extract.text, masked, names, (start, body.brace, body.end), here, complete=complete).run()
