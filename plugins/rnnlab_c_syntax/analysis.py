"""The whole analysis of one text, step by step, from characters to issues.

    text → lexical pass → conditionals → brackets → mask → tree → walk ┐
                                                └─ damaged functions → flat ┴→ issues

Two worlds of ``#if`` are read where there are two; the second adds only what stands in code
that the first did not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rnnlab_c_syntax.bodies import Body, find_bodies, header_start, wounded
from rnnlab_c_syntax.brackets import Brackets, Unmatched
from rnnlab_c_syntax.conditionals import Conditionals, Hidden, read_conditionals
from rnnlab_c_syntax.flat import Flat
from rnnlab_c_syntax.lexical import Lexed, lex, to_bytes
from rnnlab_c_syntax.made import Made
from rnnlab_c_syntax.mask import Masked, blank, mask
from rnnlab_c_syntax.pasted import Pasted
from rnnlab_c_syntax.pieces import match_brackets
from rnnlab_c_syntax.places import Lines, Range, contains, overlaps
from rnnlab_c_syntax.scopes import Context, Function, Issue, Names
from rnnlab_c_syntax.tree.faults import Faults, SyntaxFault
from rnnlab_c_syntax.tree.parser import parse
from rnnlab_c_syntax.tree.state import State
from rnnlab_c_syntax.tree.walk import walk
from rnnlab_c_syntax.unread import Unread

#: Brackets nested deeper than this are no C, and cost the parser gigabytes.
_DEEPEST = 5000
_WORD = re.compile(r"[A-Za-z_]\w*")
_LABEL = re.compile(rb"([A-Za-z_]\w*+)\s*+:(?!:)")
_EXCUSE = re.compile(r"__\w*unused\w*|\bunused__|\(\s*unused|UNUSED|cleanup\s*\(|__free\s*\(|__used")


@dataclass(slots=True)
class Analysis:
    """What was found in a text."""

    lines: Lines
    lexed: Lexed
    brackets: Brackets
    functions: list[Function] = field(default_factory=list)
    unused_functions: list[tuple[str, int]] = field(default_factory=list)
    #: Issues in branches that the first reading left out.
    more_issues: list[Issue] = field(default_factory=list)
    faults: list[SyntaxFault] = field(default_factory=list)
    error_bytes: int = 0
    length: int = 0


class Analyser:
    """Analyses texts under one set of options."""

    def __init__(self, known: frozenset[str], *, unused_parameter: bool) -> None:
        self.known = known
        self.unused_parameter = unused_parameter

    def analyse(self, text: str, *, start_cut: bool, end_cut: bool) -> Analysis:
        """Analyse ``text``."""
        raw = to_bytes(text)
        lexed = lex(raw, start_cut=start_cut, end_cut=end_cut)
        conditionals = read_conditionals(raw, lexed.directives)
        code = blank(lexed.code, conditionals.hidden[0])
        lines = Lines(code)
        brackets = match_brackets(code, lines, start_cut=start_cut, end_cut=end_cut)
        result = Analysis(lines, lexed, brackets, length=len(raw))
        reading = _Reading(self, text, raw, lexed, conditionals)
        news = conditionals.news
        if news:
            other = blank(lexed.code, conditionals.hidden[1])
            more = match_brackets(other, Lines(other), start_cut=start_cut, end_cut=end_cut)
            other_branches = _only_within(more, news)
            brackets.unmatched += other_branches
            brackets.lonely += sum(not unmatched.edge for unmatched in other_branches)
        names = reading.read(code, brackets, result, end_cut=end_cut)
        result.functions = names.functions
        if news:
            reading.read_alternative(other, more, result, names, end_cut=end_cut)
        if not start_cut and not end_cut:
            result.unused_functions = _unused_functions(text, names)
        return result


def _only_within(brackets: Brackets, ranges: list[Range]) -> list[Unmatched]:
    """Give the unmatched brackets that stand in code which the first world does not read."""
    return [unmatched for unmatched in brackets.unmatched if contains(ranges, unmatched.start)]


def _unused_functions(text: str, names: Names) -> list[tuple[str, int]]:
    if not names.static_functions:
        return []
    words = _WORD.findall(text)
    seen: dict[str, int] = {}
    for word in words:
        if word in names.static_functions:
            seen[word] = seen.get(word, 0) + 1
    return [(name, start) for name, start in names.static_functions.items() if seen.get(name) == 1]


class _Reading:
    """The reading of one text, in one world of conditions or in both."""

    def __init__(self, analyser: Analyser, text: str, raw: bytes, lexed: Lexed, conditionals: Conditionals) -> None:
        self.analyser = analyser
        self.text = text
        self.raw = raw
        self.lexed = lexed
        self.conditionals = conditionals
        self._made = Made(lexed.code)
        self._pasted = Pasted(lexed.code, conditionals.macros)
        self._unread = Unread()

    def _context(self, world: int) -> Context:
        hidden = Hidden(self.lexed.code, self.conditionals.hidden[world])
        return Context(
            macros=self.conditionals.macros,
            known=self.analyser.known,
            is_hidden=hidden.holds,
            is_declared_hidden=lambda name: hidden.declares(name) or self._unread.declares(name),
            is_excused=self._is_excused,
            is_made=lambda name: self._made.declares(name) or self._pasted.declares(name),
            label_like=self._label_like,
            has_include=b"#include" in self.raw,
            unused_parameter=self.analyser.unused_parameter,
        )

    def _is_excused(self, start: int) -> bool:
        code = self.lexed.code
        begin = max(code.rfind(b";", max(0, start - 400), start), code.rfind(b"{", max(0, start - 400), start), 0)
        end = code.find(b";", start, start + 400)
        return _EXCUSE.search(self.text, begin, len(self.text) if end < 0 else end) is not None

    def _label_like(self, start: int, end: int) -> frozenset[str]:
        return frozenset(word.decode() for word in _LABEL.findall(self.lexed.code, start, end))

    def read(self, code: bytes, brackets: Brackets, result: Analysis, *, end_cut: bool) -> Names:
        """Read the first world: every function of the text."""
        names = Names(self._context(0))
        bodies = find_bodies(code, brackets.head_end)
        masked = mask(code)
        parsed = blank(masked.code, [(0, brackets.head_end), *wounded(code, bodies, brackets)])
        tree = parse(parsed) if brackets.depth < _DEEPEST else None
        faults = Faults(parsed, result.lines)
        state = State(self.text, masked, names, [body.brace for body in bodies], faults)
        if tree is None:
            result.faults = [SyntaxFault(0, 1, "this is too far from C to be parsed")] if code else []
            result.error_bytes = len(code)
        else:
            faults.read(tree)
            self._unread.add(masked.code, faults.lost, bodies)
            walk(tree, state)
            result.faults, result.error_bytes = faults.finish(), faults.covered
        self._read_flat(masked, names, bodies, state.covered, end_cut=end_cut)
        names.finish()
        return names

    def read_alternative(
        self, code: bytes, brackets: Brackets, result: Analysis, first: Names, *, end_cut: bool
    ) -> None:
        """Read the second world: what the first did not read, in the functions that hold such code."""
        news = self.conditionals.news
        begin = result.brackets.head_end
        bodies = find_bodies(code, begin)
        self._unread.add(code, news, bodies)
        bodies = [body for body in bodies if overlaps(news, header_start(code, body), body.end)]
        if not bodies:
            return
        damaged = wounded(code, bodies, brackets)
        code = _only(code, bodies)
        masked = mask(code)
        names = Names(self._context(1))
        names.know(first.file)
        parsed = blank(masked.code, damaged)
        tree = parse(parsed) if brackets.depth < _DEEPEST else None
        faults = Faults(parsed, Lines(parsed))
        state = State(self.text, masked, names, [body.brace for body in bodies], faults)
        if tree is not None:
            faults.read(tree)
            walk(tree, state)
        self._read_flat(masked, names, bodies, state.covered, end_cut=end_cut)
        names.finish()
        for function in names.functions:
            if contains(news, function.start) and contains(news, function.end - 1):
                result.functions.append(function)
            else:
                result.more_issues += [issue for issue in function.issues if contains(news, issue.start)]

    def _read_flat(
        self, masked: Masked, names: Names, bodies: list[Body], covered: list[Range], *, end_cut: bool
    ) -> None:
        """Read the functions that the walk could not judge."""
        code = masked.code
        last = len(code.rstrip())
        for body in bodies:
            if contains(covered, body.brace):
                continue
            start = header_start(code, body)
            members = code[body.end : body.end + 20].lstrip().startswith(b";")  # FIXTURE(x) { int a; };
            if not members and code[start : body.brace].rstrip().endswith(b")"):
                complete = body.closed or not (end_cut and body.end >= last)
                Flat(self.text, masked, names, (start, body.brace, body.end), complete=complete).run()


def _only(code: bytes, bodies: list[Body]) -> bytes:
    """Blank out everything but ``bodies``."""
    edges = [0, *(edge for body in bodies for edge in (header_start(code, body), body.end)), len(code)]
    return blank(code, zip(edges[::2], edges[1::2], strict=True))
