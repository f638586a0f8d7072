"""The whole analysis of one text, step by step, from characters to issues.

    text → lexical pass → conditionals → brackets → functions, in each world of ``#if``

A world after the first adds only what stands in code that none before it reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rnnlab_c_syntax.additions import may_tell
from rnnlab_c_syntax.blanks import blank
from rnnlab_c_syntax.bodies import Body, find_bodies, header_start
from rnnlab_c_syntax.brackets import Brackets, is_balanced
from rnnlab_c_syntax.conditionals import read_conditionals
from rnnlab_c_syntax.explained import explained
from rnnlab_c_syntax.extract import Extract
from rnnlab_c_syntax.facts import Context, Function, Issue
from rnnlab_c_syntax.foreign_assembly import foreign_assembly
from rnnlab_c_syntax.lexical import Lexed, lex, to_bytes
from rnnlab_c_syntax.odd_branches import odd_branches
from rnnlab_c_syntax.pieces import match_brackets
from rnnlab_c_syntax.places import Lines, Range, contains, holds_word, last_word, overlaps, united, without
from rnnlab_c_syntax.prose import without_prose
from rnnlab_c_syntax.reading import Task, read_functions
from rnnlab_c_syntax.scopes import Names
from rnnlab_c_syntax.source import Source
from rnnlab_c_syntax.stray_members import stray_members
from rnnlab_c_syntax.stretches import bodies_within, whole_functions, wounded
from rnnlab_c_syntax.tree.faults import SyntaxFault
from rnnlab_c_syntax.uncalled import unused_functions

#: So near the start or the end of a text a cut may explain a bracket.
_LONGEST_FUNCTION = 20_000


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

    def analyse(self, text: str, *, start_cut: bool, end_cut: bool, is_header: bool = False) -> Analysis:
        """Analyse ``text``; the functions of a header are for those who include it."""
        raw = to_bytes(text)
        lexed = lex(raw, start_cut=start_cut, end_cut=end_cut)
        lexed.code = without_prose(raw, lexed)
        conditionals = read_conditionals(raw, lexed.directives)
        conditionals.hide(foreign_assembly(lexed.code))
        source = Source(text, raw, lexed, conditionals)
        reading = _Reading(self, source, start_cut=start_cut, end_cut=end_cut)
        names = reading.run()
        if not (start_cut or end_cut or is_header):
            reading.result.unused_functions = unused_functions(source, names)
        return reading.result


class _Reading:
    """The reading of one text, in all worlds."""

    def __init__(self, analyser: Analyser, source: Source, *, start_cut: bool, end_cut: bool) -> None:
        self.analyser = analyser
        self.source = source
        self.start_cut = start_cut
        self.end_cut = end_cut
        cut_word = last_word(source.raw) if end_cut else ""
        self.known = analyser.known
        # The last word may be half of one: it is judged nowhere, but what else of its name stands before it is.
        if cut_word and holds_word(source.raw, cut_word.encode(), len(source.raw) - len(cut_word)):
            source.lexed.code = source.lexed.code[: -len(cut_word)] + b" " * len(cut_word)
        elif cut_word:
            self.known |= {cut_word}
        self.hidden = source.conditionals.hidden
        #: The code that the first world reads.
        self.code = blank(source.lexed.code, self.hidden[0])
        lines = Lines(self.code)
        brackets = self._brackets(self.code, lines)
        if brackets.lonely:
            brackets = self._explain(brackets, lines)
        self.result = Analysis(lines, source.lexed, brackets, length=len(self.code))

    def run(self) -> Names:
        """Read everything; give the names of the first world."""
        names = self._first()
        for world in range(1, len(self.hidden)):
            if news := self.source.conditionals.news(world):
                self._further(world, news, names)
        if self.source.lexed.broken:
            self._pass_over_dead_literals()
        return names

    def _pass_over_dead_literals(self) -> None:
        """Forget the quotes without a partner in text that no world reads, which may be prose; comments end nowhere."""
        unread = self.hidden[0]
        for world in range(1, len(self.hidden)):
            unread = without(unread, self.source.conditionals.news(world))
        lexed = self.source.lexed
        lexed.broken = [
            broken
            for broken in lexed.broken
            if broken.rule == "unterminated-comment" or not contains(unread, broken.start)
        ]

    def _explain(self, brackets: Brackets, lines: Lines) -> Brackets:
        """Take what macros may have made of brackets for true, if fewer lack their partners then."""
        lexed = self.source.lexed
        code = explained(lexed.code, self.source.conditionals.macros)
        if code == lexed.code:
            return brackets
        read = blank(code, self.hidden[0])
        found = self._brackets(read, lines)
        if len(found.unmatched) >= len(brackets.unmatched):
            return brackets
        lexed.code, self.code = code, read
        return found

    def _brackets(self, code: bytes, lines: Lines) -> Brackets:
        return match_brackets(code, lines, start_cut=self.start_cut, end_cut=self.end_cut)

    def _context(self, world: int) -> Context:
        return self.source.context(world, self.known, unused_parameter=self.analyser.unused_parameter)

    def _first(self) -> Names:
        """Read the first world: every function of the text."""
        result, brackets = self.result, self.result.brackets
        bodies = find_bodies(self.code, brackets.head_end, damaged=bool(brackets.unmatched))
        left_out = [(0, brackets.head_end), *wounded(self.code, bodies, brackets)]
        left_out = united(left_out, stray_members(self.code))
        if brackets.unlisted:  # so many are wrong that what is behind the last of the list is no C: it is not parsed
            left_out.append((max(left_out[-1][1], brackets.unmatched[-1].start), len(self.code)))
        extract = Extract.whole(self.source.text, self.code, bodies)
        names = Names(extract.context(self._context(0)))
        task = Task(
            extract,
            extract.here_all(left_out),
            brackets.depth,
            self.end_cut,
            slips=extract.here_all(_slips(brackets)),
            unread=self.source.unread,
        )
        faults = read_functions(task, names)
        if faults is not None:
            result.faults = [fault.at(*extract.original_range(fault.start, fault.end)) for fault in faults.finish()]
            covered = [extract.original_range(*error) for error in faults.covered]
            result.error_bytes = sum(end - start for start, end in covered)
        else:
            result.faults = [SyntaxFault(0, 1, "this is too far from C to be parsed")] if self.code else []
            result.error_bytes = len(self.code)
        extract.restore(names)
        result.functions = names.functions
        return names

    def _further(self, world: int, news: list[Range], first: Names) -> None:
        """Read another world: what no earlier one read, in the functions that hold such code."""
        result, source = self.result, self.source
        code = blank(source.lexed.code, self.hidden[world])
        odd = self._odd_differences(world)
        margin = _LONGEST_FUNCTION if odd else 0  # where a cut may explain a bracket
        stretches = whole_functions(code, sorted([*news, *odd]), margin=margin)
        brackets = self._further_brackets(world, code, stretches, news) if odd else result.brackets
        bodies = bodies_within(code, stretches, result.brackets.head_end)
        source.unread.add(code, news, bodies)
        damaged = {start for start, _ in wounded(code, bodies, brackets)}
        bodies = [body for body in bodies if self._is_worth(code, body, news)]
        if not bodies:
            return
        extract = Extract.functions(source.text, code, bodies)
        names = Names(extract.context(self._context(world)))
        names.know(first.file)
        names.types |= first.types
        left_out = [(body.begin, body.end) for body in extract.bodies if extract.original(body.begin) in damaged]
        left_out = united(left_out, stray_members(extract.code))
        spans = [extract.original_range(body.begin, body.end) for body in extract.bodies]
        slips = [slip for slip in _slips(brackets) if contains(spans, slip[0])]
        task = Task(extract, left_out, brackets.depth, self.end_cut, slips=extract.here_all(slips))
        faults = read_functions(task, names)
        if faults is not None:
            found = [fault.at(*extract.original_range(fault.start, fault.end)) for fault in faults.finish()]
            inside = [(body.brace, body.end) for body in bodies]  # what stands before is half another world's
            result.faults += [fault for fault in found if contains(news, fault.start) and contains(inside, fault.start)]
        extract.restore(names)
        for function in names.functions:
            if contains(news, function.start) and contains(news, function.end - 1):
                result.functions.append(function)
            else:
                result.more_issues += [issue for issue in function.issues if contains(news, issue.start)]

    def _is_worth(self, code: bytes, body: Body, news: list[Range]) -> bool:
        """Tell whether a function may look otherwise where a world reads ``news``."""
        if not overlaps(news, body.begin, body.end):  # so most are passed over without looking for their headers
            return False
        start = header_start(code, body)
        if not overlaps(news, start, body.end):
            return False
        if contains(news, body.brace):
            return True
        return may_tell(code, self.code, news, start, body.end)

    def _odd_differences(self, world: int) -> list[Range]:
        """List where a world differs from the first by more than whole pairs of brackets."""
        everywhere = self.source.lexed.code
        first, other = self.hidden[0], self.hidden[world]
        differences = without(first, other) + without(other, first)
        return [(start, end) for start, end in differences if not is_balanced(everywhere[start:end])]

    def _further_brackets(self, world: int, code: bytes, stretches: list[Range], news: list[Range]) -> Brackets:
        """Match the brackets of ``stretches`` of another world; elsewhere they match as in the first."""
        result = self.result.brackets
        unmatched = [lost for lost in result.unmatched if not contains(stretches, lost.start)]
        depth = result.depth
        others = without(self.hidden[world], self.hidden[0])
        lonely = sorted((lost.start, lost.start + 1) for lost in result.unmatched)
        for start, end in stretches:
            cut = self.start_cut and not start, self.end_cut and end == len(code)
            found = match_brackets(code[start:end], Lines(code[start:end]), start_cut=cut[0], end_cut=cut[1])
            depth = max(depth, found.depth)
            here = [lost.moved(start) for lost in found.unmatched]
            added = [lost for lost in here if contains(news, lost.start)]
            if here and not added and not overlaps(lonely, start, end):
                added = odd_branches(self.source.lexed.code, news, others, start, end)
                here = added or here
            unmatched += here
            result.unmatched += added
            result.lonely += sum(not lost.edge for lost in added)
        return Brackets(depth=depth, unmatched=sorted(unmatched, key=lambda lost: lost.start))


def _slips(brackets: Brackets) -> list[Range]:
    """List the brackets without a partner that stand in the text; the others are missed where they should stand."""
    return [(lost.start, lost.end) for lost in brackets.unmatched if lost.end > lost.start]
