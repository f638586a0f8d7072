"""Rounds: compile, declare what is missing, compile what that is for once more, until nothing new is asked for.

Each function gets what it asks for itself. One that does not compile so is tried once more with
what others have shown of its names. Knows no compiler: units go out, and what was said comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from rnnlab_c_compiler.compiler import Message, Said
from rnnlab_c_compiler.functions import Function
from rnnlab_c_compiler.lacks import Lacks, is_grave, learn, missing_type, type_names, with_strings
from rnnlab_c_compiler.lines import Lines
from rnnlab_c_compiler.stretches import DEFINED, Stretch, stretches
from rnnlab_c_compiler.units import Units

_FILE_LEVEL = -1  # stands for what is outside functions
_LESSONS = 24  # rounds that something is learnt from; texts that someone or a model wrote need half as many


@dataclass(frozen=True, slots=True)
class _Turn:
    """A stretch in a round: which of its functions the compiler got, and what it said."""

    stretch: Stretch
    numbers: Sequence[int]
    said: Said

    def begins(self, number: int) -> bool:
        """Whether the compiler came to that function."""
        return f"rnnlab-{number}a" in self.said.marks

    def ends(self, number: int) -> bool:
        """Whether it came out of it again."""
        return f"rnnlab-{number}b" in self.said.marks


class Work:
    """A text on its way: what has been declared for its functions, and what is known of them.

    Args:
        code: what the compiler gets, without what no compiler should see.
        bare: the same without strings and comments.
        functions: those whose brackets match, in order.
        lines: of the code.
    """

    def __init__(self, code: str, bare: str, functions: Sequence[Function], lines: Lines) -> None:
        self.functions, self.lines, self.bare, self.bare_lines = functions, lines, bare, bare.split("\n")
        self.names = frozenset(function.name for function in functions)
        self.types = type_names(bare)
        self.units, self.stretches = Units(code, functions, lines), stretches(code, functions)
        macros = dict(DEFINED.findall(code))
        self.lacks: dict[int, Lacks] = {}
        for number, body in enumerate(self.units.bodies):
            if strings := with_strings(body, macros):
                self.lacks[number] = Lacks(strings=strings)
        self.above = {one.first: Lacks(strings=self._strings_above(one, macros)) for one in self.stretches}
        self._own_types: dict[int, frozenset[str]] = {}
        self.lessons = _LESSONS
        self.reached: set[int] = set()
        self.cleared: set[int] = set()  # stretches that lost something between functions in this round
        self.faults: dict[int, Message] = {}

    def _strings_above(self, stretch: Stretch, macros: dict[str, str]) -> set[str]:
        gaps = (self.units.gap(number) for number in range(stretch.first, stretch.last + 1))
        return with_strings("\n".join(gaps), macros)

    def judge(self, check: Callable[[str], Said]) -> dict[Function, Message]:
        """The first fault of each function that has one."""
        self._rounds(set(range(len(self.functions))), check)
        alone = dict(self.faults)
        self._rounds(self._share(), check)
        return {self.functions[number]: alone[number] for number in self.faults if number in alone}

    def _share(self) -> set[int]:
        """Let the functions that do not compile know what the others know; gives those to which that is news."""
        known = Lacks()
        for lacks in self.lacks.values():
            known.add(lacks)
        types, macros = frozenset(known.types), frozenset(known.macros())
        news: set[int] = set()
        for number in self.faults:
            words = self.units.words(number) - {self._defined(number)}
            lacks = self.lacks.setdefault(number, Lacks())
            among = ((types & words) - lacks.types) | ((macros & words) - lacks.macros().keys())
            if among:
                lacks.add(known, among)
                news.add(number)
        return news

    def _rounds(self, pending: set[int], check: Callable[[str], Said]) -> None:
        while pending:
            turns = [_Turn(*part, check(self._unit(*part))) for part in self._parts(pending)]
            pending, self.cleared = set(), set()
            for turn in turns:
                news = self._learn(turn) if self.lessons > 0 else set[int]()
                pending |= self._settle(turn, news)
            self.lessons -= 1

    def _parts(self, pending: set[int]) -> Iterator[tuple[Stretch, list[int]]]:
        """Stretch by stretch, those for whom nothing can be declared yet apart from those for whom something is."""
        rest = sorted(pending, reverse=True)
        for stretch in self.stretches:
            numbers = []
            while rest and rest[-1] < stretch.last:
                numbers.append(rest.pop())
            fresh = [number for number in numbers if number not in self.reached]
            known = [number for number in numbers if number in self.reached]
            yield from ((stretch, part) for part in (fresh, known) if part)

    def _unit(self, stretch: Stretch, numbers: Sequence[int]) -> str:
        return self.units.unit(stretch, numbers, self.lacks, self.above[stretch.first])

    def _learn(self, turn: _Turn) -> set[int]:
        """Take from what was said what is missing; gives the functions that get something, -1 where file level does."""
        above, news = self.above[turn.stretch.first], set()
        before = len(above.types)
        for message in turn.said.messages:
            number = message.function
            if number is None:
                if (name := missing_type(message)) in self.types:
                    above.types.add(name)
            elif turn.begins(number):
                lacks = self.lacks.setdefault(number, Lacks())
                size = lacks.size()
                learn(self._placed(message, number), lacks, self.bare_lines, partial(self._types_in, number))
                lacks.forget_macro(self._defined(number))
                if lacks.size() > size:
                    news.add(number)
        return news if len(above.types) == before else {*news, _FILE_LEVEL}

    def _defined(self, number: int) -> str:
        """The name that a function gives itself: no macro, unless it begins with it like a loop."""
        name = self.functions[number].name
        return "" if self.units.bodies[number].startswith(name) else name

    def _types_in(self, number: int) -> frozenset[str]:
        """Names that look like types in a function."""
        if number not in self._own_types:
            function = self.functions[number]
            self._own_types[number] = type_names(self.bare[function.start : function.end])
        return self._own_types[number]

    def _placed(self, message: Message, number: int) -> Message:
        """With the column in the text, where it was counted from the beginning of a function in mid-line."""
        start = self.functions[number].start
        if number in self.units.heads or message.line != self.lines.number(start):
            return message
        return replace(message, column=message.column + self.lines.before(start))

    def _settle(self, turn: _Turn, news: set[int]) -> set[int]:
        """Note the faults of what was reached, and clear the way to what was not.

        Args:
            turn: one stretch of this round.
            news: what got a new declaration.

        Returns:
            What should be asked about again.
        """
        faults: dict[int, Message] = {}
        for message in turn.said.messages:
            if message.function is not None and is_grave(message, self.names):
                faults.setdefault(message.function, message)
        for number in filter(turn.begins, turn.numbers):
            self.reached.add(number)
            self._note(number, faults.get(number), swallows=not turn.ends(number))
        unreached = [number for number in turn.numbers if not turn.begins(number)]
        if news or self._clear_way(turn, unreached):
            return (news | set(unreached)) - {_FILE_LEVEL}
        for number in unreached:
            self._note(number, faults.get(number), swallows=False)
        return set()

    def _clear_way(self, turn: _Turn, unreached: Sequence[int]) -> bool:
        """Take out what made the compiler lose its way; whether it may come further now."""
        lost, behind, sane = set(unreached), turn.stretch.first, True
        for number in turn.numbers:
            if number in lost and sane and self.units.clear(range(behind, number + 1)):
                self.cleared.add(turn.stretch.first)
            behind, sane = number + 1, turn.ends(number)
        swallowed = any(not turn.ends(number) for number in turn.numbers if turn.begins(number))  # these are out
        return swallowed or turn.stretch.first in self.cleared

    def _note(self, number: int, fault: Message | None, *, swallows: bool) -> None:
        self.faults.pop(number, None)
        if fault is None and swallows:
            fault = Message(self.lines.number(self.functions[number].start), 1, "it does not end")
        if fault is not None:
            self.faults[number] = fault
