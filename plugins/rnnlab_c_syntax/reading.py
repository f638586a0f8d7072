"""The reading of the functions of a text, in one world of conditions.

    code → mask → tree → walk ┐
              └─ damaged functions → flat ┴→ names

The code is an extract of the text's; here it is only characters.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from tree_sitter import Tree

from rnnlab_c_syntax.blanks import ARGUMENTS, blank
from rnnlab_c_syntax.bodies import Body, header_start, holds_members
from rnnlab_c_syntax.conditionals import Conditionals
from rnnlab_c_syntax.extract import Extract
from rnnlab_c_syntax.facts import Context
from rnnlab_c_syntax.flat import Flat
from rnnlab_c_syntax.hidden import Hidden
from rnnlab_c_syntax.lexical import Lexed
from rnnlab_c_syntax.macros import Macros
from rnnlab_c_syntax.made import Made
from rnnlab_c_syntax.mask import Masked, mask, without_rarities
from rnnlab_c_syntax.misread import Misread
from rnnlab_c_syntax.pasted import Pasted
from rnnlab_c_syntax.places import ONLY_WORDS, Lines, Range, contains, joined, overlaps, without
from rnnlab_c_syntax.scopes import Names
from rnnlab_c_syntax.tree.faults import Faults
from rnnlab_c_syntax.tree.kinds import FIELD_BODY
from rnnlab_c_syntax.tree.parser import parse, parse_part
from rnnlab_c_syntax.tree.state import State
from rnnlab_c_syntax.tree.walk import walk
from rnnlab_c_syntax.unread import Unread
from rnnlab_c_syntax.unseen import Unseen

#: Brackets nested deeper than this are no C, and cost the parser gigabytes.
_DEEPEST = 5000
#: What one mistake has cost that is longer than this is read function by function.
_LONGEST_LOST = 1 << 16
_BRANCH = re.compile(rb"\n[ \t]*+#[ \t]*+(?:if|el|endif)")
#: ``BEGIN_LOOP``, ``FOR_EACH(x)``, ``SWITCH(x) {``.
_BARE_MACRO = re.compile(rb"\n[ \t]*+[A-Z_][A-Z0-9_]*+[ \t]*+(?:" + ARGUMENTS + rb"[ \t]*+)?[\n{]")
_COLON = re.compile(rb":(?!:)")
_LAST_WORD = re.compile(rb"[A-Za-z_]\w*+\Z")
_LONGEST_NAME = 200
_CLOSERS = (b")", b"]", b"}")
_EXCUSE_WORDS = ("unused", "UNUSED", "cleanup", "__free", "__used")
_EXCUSE = re.compile(
    r"__\w*unused\w*|\bmaybe_unused\b|\bgnu::unused\b|\b[a-z]+_unused[\s*]+[A-Za-z_]|\bunused__|\(\s*unused|UNUSED|(?<!\w)_*cleanup_*\s*\(|__free\s*\(|__used"
)
#: The same in the body of a macro.
_EXCUSING = re.compile(rb"\(\(\s*+(?:__)?(?:unused|cleanup)\b")
_NAME = re.compile(r"[A-Za-z_]\w*")
#: A declaration among the arguments of a macro, which may leave out what uses it too.
_IN_MACRO = re.compile(rb"[;{]?\s*+[A-Z_][A-Z0-9_]++\s*+\(\s*+(?:static|const|[A-Za-z_]\w*+\s++[*A-Za-z_])")
#: The name of a function that a macro makes, where the grammar sees a declarator: ``API_NAME(move) (API_ARGx place);``.
_WRAPPED = re.compile(rb"\n[ \t]*+[A-Z_][A-Z0-9_]{2,}+\([ \t]*+\Z")
#: How far around a declaration an attribute that excuses it is looked for.
_EXCUSE_REACH = 400
#: What a statement begins with that may be nothing but a macro's: ``assert(x);``, ``UNUSED(x);``.
_VANISHING = re.compile(rb"[\s)]*+(?:\w*?(?:[Aa]ssert|check|verify|debug|trace)\w*+|[A-Z_][A-Z0-9_]++)[ \t]*+\(")


class Source:
    """What is known about a text before its functions are read; in offsets of the text."""

    def __init__(self, text: str, raw: bytes, lexed: Lexed, conditionals: Conditionals) -> None:
        self.text = text
        self.raw = raw
        self.lexed = lexed
        self.conditionals = conditionals
        self.made = Made(lexed.code)
        self._pasted = Pasted(lexed.code, conditionals.macros, self.words)
        self._unseen = Unseen(raw, lexed.code, self.made)
        self._misread = Misread(raw, lexed)
        self._kept_excusing: frozenset[str] | None = None
        self._kept_words: list[bytes] | None = None
        #: The words of what stands outside of functions and could not be read.
        self.unread = Unread()

    def words(self) -> list[bytes]:
        """List all words of the code, whether any world reads them or none."""
        if self._kept_words is None:
            self._kept_words = self.lexed.code.translate(ONLY_WORDS).split()
        return self._kept_words

    def context(self, world: int, known: frozenset[str], *, unused_parameter: bool) -> Context:
        """Say what scopes may ask about the text around a function, in one world."""
        hidden = Hidden(self.lexed.code, self.conditionals.hidden[world])

        def is_declared_hidden(name: str, start: int, end: int) -> bool:
            if hidden.declares(name, start, end) or self.unread.declares(name):
                return True
            return self._unseen.may_declare(name, start, end)

        return Context(
            macros=self.conditionals.macros,
            known=known,
            is_parted=lambda start, end: _BRANCH.search(self.raw, start, end) is not None,
            is_hidden=hidden.holds,
            is_declared_hidden=is_declared_hidden,
            is_excused=self.is_excused,
            is_read_unseen=self._misread.is_read_unseen,
            pastes=self._misread.pastes,
            may_hide_any=self._misread.may_hide_any,
            holds=self._misread.holds,
            may_jump_to=self._misread.may_jump_to,
            is_glued=self._pasted.glues,
            is_made=self.is_made,
            label_like=self.label_like,
            may_open_loop=lambda start, end: _BARE_MACRO.search(self.lexed.code, start, end) is not None,
            may_vanish=self.may_vanish,
            has_include=b"#include" in self.raw,
            headers_end=self.raw.rfind(b"#include"),
            unused_parameter=unused_parameter,
        )

    def is_made(self, name: str) -> bool:
        """Tell whether a macro of the text, or one that its file scope calls, may make ``name``."""
        return self.made.declares(name) or self._pasted.declares(name)

    def is_excused(self, start: int) -> bool:
        """Tell whether the declaration at ``start`` says that its name may stay unused."""
        code = self.lexed.code
        before = max(0, start - _EXCUSE_REACH)
        begin = max(code.rfind(b";", before, start), code.rfind(b"{", before, start), before)
        end = code.find(b";", start, start + _EXCUSE_REACH)
        around = self.text[begin : start + _EXCUSE_REACH if end < 0 else end]
        if _IN_MACRO.match(code, begin) or _WRAPPED.search(code, max(0, start - _LONGEST_NAME), start):
            return True
        if any(word in around for word in _EXCUSE_WORDS) and _EXCUSE.search(around) is not None:
            return True
        return bool(self._excusing) and not self._excusing.isdisjoint(_NAME.findall(around))

    @property
    def _excusing(self) -> frozenset[str]:
        """The macros of the text that say of what they stand beside that it may stay unused."""
        if self._kept_excusing is None:
            self._kept_excusing = self._find_excusing()
        return self._kept_excusing

    def _find_excusing(self) -> frozenset[str]:
        macros = self.conditionals.macros
        return frozenset(name for name, macro in macros.items() if _EXCUSING.search(macro.body) is not None)

    def may_vanish(self, start: int) -> bool:
        """Tell whether what stands at ``start`` may be left out: in a branch, or in an assertion."""
        if any(contains(hidden, start) for hidden in self.conditionals.hidden):
            return True
        code = self.lexed.code
        before = max(0, start - _EXCUSE_REACH)
        begin = max(code.rfind(mark, before, start) for mark in (b";", b"{", b"}")) + 1
        return _VANISHING.match(code, begin, start) is not None

    def label_like(self, start: int, end: int) -> frozenset[str]:
        """List the words that stand before a colon."""
        code = self.lexed.code
        before = [code[max(start, m.start() - _LONGEST_NAME) : m.start()] for m in _COLON.finditer(code, start, end)]
        words = [_LAST_WORD.search(text.rstrip()) for text in before]
        return frozenset(word[0].decode() for word in words if word is not None)


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

    def forget(self, code: bytes, lost: list[Range]) -> None:
        """Take the words of what could not be read."""
        if self.unread is not None:
            self.unread.add(code, lost, self.extract.bodies)


def read_functions(task: Task, names: Names) -> Faults | None:
    """Tell ``names`` all that stands in the code; give the faults of its tree, None if there is none."""
    masked = mask(task.extract.code, task.extract.bodies, names.context.macros)
    parsed = blank(masked.code, task.left_out)
    tree = parse(parsed) if task.depth < _DEEPEST else None
    faults = Faults(parsed, Lines(parsed), names.context.macros, masked.types)
    if tree is not None:
        faults.read(tree)
    else:
        faults.touched.append((0, len(parsed)))
    again = _mask_again(task, masked, names.context.macros, faults.touched)
    state = State(task.extract.text, masked, names, [body.brace for body in task.extract.bodies], faults)
    state.again = again
    if tree is not None:
        task.forget(masked.code, without(faults.lost, again))
        walk(tree, state)
        task.forget(masked.code, without(sorted(state.lost), again))
        _read_by_themselves(task, blank(masked.code, task.left_out), state)
        faults.lacking([place for place in masked.lacking if not contains(task.left_out, place)])
    _read_flat(task, masked, names, state.covered)
    names.finish()
    return None if tree is None else faults


def _mask_again(task: Task, masked: Masked, macros: Macros, touched: list[Range]) -> list[Range]:
    """Make plain what few texts have, where the parser gave up; list what it is to read again."""
    extract, left_out = task.extract, task.left_out
    cells = [cell for cell in extract.cells() if overlaps(touched, *cell) or contains(left_out, cell[1] - 1)]
    found = extract.part(masked.code, cells)
    before = b"\n" + found.code
    plain = without_rarities(before) if cells else before
    if plain == before:
        return []
    places = [(found.here(start) + 1, found.here(end - 1) + 2) for start, end in cells]
    again = [cell for cell, (start, end) in zip(cells, places, strict=True) if plain[start:end] != before[start:end]]
    found = extract.part(extract.code, again)
    masked.replace(again, mask(found.code, found.bodies, macros, with_rarities=True), found)
    return joined(again, [lost for lost in touched if lost[1] - lost[0] < _LONGEST_LOST])


def _read_by_themselves(task: Task, parsed: bytes, state: State) -> None:
    """Read what was masked again, and then each function for which no tree has a place: a mistake may swallow many."""
    again, state.again = state.again, []
    for brace in [brace for brace in state.ended if contains(again, brace)]:
        del state.ended[brace]
    _read_parts(task, parsed, state, [(start, end, None) for start, end in again])
    swallowed = [
        (header_start(parsed, body), body.end, body)
        for body in task.extract.bodies
        if body.closed and body.brace not in state.ended and not contains(task.left_out, body.brace)
    ]
    _read_parts(task, parsed, state, swallowed)
    state.covered.sort()


def _read_parts(task: Task, parsed: bytes, state: State, parts: Sequence[tuple[int, int, Body | None]]) -> None:
    """Read ranges by themselves; of one that should be a function, what is not is left."""
    whole = state.faults
    faults = state.faults = Faults(parsed, whole.lines, state.names.context.macros, state.masked.types)
    ranges: list[Range] = []
    for start, end, body in parts:
        tree = parse_part(parsed, start, end)
        if tree is not None and (body is None or _is_function(tree, body)):
            faults.read(tree)
            walk(tree, state)
            ranges.append((start, end))
    task.forget(parsed, faults.lost)
    if ranges:
        whole.replace(ranges, faults)
    state.faults = whole


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
        damaged = b"(" in header and header[-1:] not in b"=,;" and contains(task.left_out, body.brace)
        if not holds_members(code, start, body.end) and (header.endswith(b")") or damaged):
            complete = body.closed or not (task.end_cut and body.end >= last)
            here = slips[bisect_left(slips, start) : bisect_left(slips, body.end)]
            Flat(task.extract.text, masked, names, (start, body.brace, body.end), here, complete=complete).run()
