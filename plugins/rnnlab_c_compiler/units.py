"""What a compiler gets: declarations, then a stretch with marks around the functions that are asked about.

A name is a type in one function and a variable in another, or a macro in one alone. Types and
variables are declared above the stretch; a function that knows such a type under its name as
something else has it under another name, and macros stand around the function that needs them.
Heads that are macros become heads of functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rnnlab_c_compiler.compiler import FENCE, mark, other_name, place
from rnnlab_c_compiler.functions import Function
from rnnlab_c_compiler.lacks import ATTRIBUTES, BASIC, CALLED_ATTRIBUTES, LONG_LINE, Lacks
from rnnlab_c_compiler.lines import Lines
from rnnlab_c_compiler.stretches import DIRECTIVE, WORD, Stretch

_NOTHING = Lacks()


class Units:
    """The units of a text; what stands above functions may be taken out.

    Args:
        code: what the compiler gets, without what no compiler should see.
        functions: those whose brackets match, in order.
        lines: of the code.

    Attributes:
        heads: what stands instead of heads that are macros.
        bodies: the functions; of those with such a head, what is in their braces.
    """

    def __init__(self, code: str, functions: Sequence[Function], lines: Lines) -> None:
        self.functions, self.lines = functions, lines
        self.heads = {number: f"int f{number}()" for number, one in enumerate(functions) if _is_macro(code, one)}
        self.bodies = [
            code[function.brace if number in self.heads else function.start : function.end]
            for number, function in enumerate(functions)
        ]
        self._ends = [0, *(function.end for function in functions)]
        starts = [*(function.start for function in functions), len(code)]
        self._gaps = [code[end:start] for end, start in zip(self._ends, starts, strict=True)]

    def words(self, number: int) -> set[str]:
        """The names in a function."""
        return set(WORD.findall(self.bodies[number]))

    def gap(self, number: int) -> str:
        """What stands above a function, or below the last one."""
        return self._gaps[number]

    def clear(self, gaps: Iterable[int]) -> bool:
        """Take out what stands above functions; whether there was anything."""
        found = [number for number in gaps if self._gaps[number].strip()]
        for number in found:
            self._gaps[number] = ""
        return bool(found)

    def unit(self, stretch: Stretch, numbers: Sequence[int], lacks: Mapping[int, Lacks], above: Lacks) -> str:
        """A text to compile.

        Args:
            stretch: of which it is made.
            numbers: the functions that are in it.
            lacks: what is missing in those of them that miss something.
            above: what is missing outside functions.
        """
        types = above.types.union(*(lacks[n].types for n in numbers if n in lacks)) - stretch.defined
        variables = set().union(*(lacks[n].variables for n in numbers if n in lacks)) - stretch.defined
        pieces, asked = [], set(numbers)
        for number in range(stretch.first, stretch.last):
            pieces += self._above(number, asked)
            if number in asked:
                pieces += self._marked(number, lacks.get(number, _NOTHING), types, stretch.defined)
            elif "#" in self.bodies[number]:
                pieces += [f"\n{match[0]}\n" for match in DIRECTIVE.finditer(self.bodies[number])]
        if stretch.last == len(self.functions):
            pieces += self._above(stretch.last, asked)
        head = _declarations(stretch, types, variables, above)
        return "\n".join([*head, '#line 1 "<above>"', stretch.above]) + "".join(pieces) + "\n"

    def _above(self, number: int, asked: set[int]) -> list[str]:
        """What stands above a function; what of it is in the last line of the one before belongs to that."""
        gap = self._gaps[number]
        if not gap.strip():
            return []
        line = self.lines.number(self._ends[number])
        beside, _, below = gap.partition("\n")
        if number - 1 in asked and beside.strip():
            return ["\n", place(line, number - 1), beside, "\n", place(line + 1), below]
        return ["\n", place(line), gap]

    def _marked(self, number: int, lacks: Lacks, types: set[str], defined: frozenset[str]) -> list[str]:
        """A function with its marks, in its macros."""
        macros = {name: body for name, body in lacks.macros().items() if name not in defined}
        for name in (types & self.words(number)) - lacks.types - macros.keys() if types else ():
            macros[name] = f"{name} {other_name(name, known=name in lacks.variables)}"
        function, head = self.functions[number], self.heads.get(number)
        return [
            mark(f"rnnlab-{number}a"),
            *(f"#define {body}\n" for body in macros.values()),
            *([f"{head}\n"] if head else []),
            place(self.lines.number(function.brace if head else function.start), number),
            *([" " * min(self.lines.before(function.brace), LONG_LINE)] if head else []),
            self.bodies[number],
            "\n",
            *(f"#undef {name}\n" for name in macros),
            mark(f"rnnlab-{number}b"),
            FENCE,
        ]


def _is_macro(code: str, function: Function) -> bool:
    """Whether its head is a call of a macro that makes one, such as ``SYSCALL_DEFINE3(open, …) {``."""
    return function.name.isupper() and code.startswith(function.name, function.start)


def _declarations(stretch: Stretch, types: set[str], variables: set[str], above: Lacks) -> list[str]:
    own = stretch.words - stretch.defined
    macros = {name: body for name, body in above.macros().items() if name in own}
    return [
        *(f"#define {name}" for name in sorted(ATTRIBUTES & own)),
        *(f"#define {name}(...)" for name in sorted(CALLED_ATTRIBUTES & own)),
        *(f"#define {body}" for _, body in sorted(macros.items())),
        *(f"typedef int {name};" for name in sorted((types | (BASIC & own)) - macros.keys())),
        *(f"extern int {name};" for name in sorted(variables - types - BASIC - macros.keys())),
        *(f"extern int {other_name(name, known=True)};" for name in sorted(variables & types)),
    ]
