"""Names and what they mean where: the scopes and name spaces of C11 6.2.1 and 6.2.3.

A stack of dictionaries is the chain of scopes; a name is in its scope from its declarator
on. Labels belong to a function. Whoever reads the text (the walk over a tree, or the flat
reading of a function that has none) says ``declare``, ``use``, ``goto`` and ``label``; what is wrong
comes out when a scope or a function ends. Nothing here looks at a tree.
"""

from __future__ import annotations

from typing import Final

from rnnlab_c_syntax.bindings import Binding
from rnnlab_c_syntax.facts import Context, Function, Issue
from rnnlab_c_syntax.families import excuse_shared_labels, find_cut, find_returned, find_shared
from rnnlab_c_syntax.looks import is_macro_name
from rnnlab_c_syntax.slips import names_meant
from rnnlab_c_syntax.verdicts import Verdicts

#: What a name may stand for; ``QUIET``: something that nobody is blamed for not using.
VARIABLE: Final = 0
PARAMETER: Final = 1
FUNCTION: Final = 2
TYPEDEF: Final = 3
ENUMERATOR: Final = 4
QUIET: Final = 5


class Names:
    """The chain of scopes while a text is read."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.file: dict[str, Binding] = {}
        self.scopes: list[dict[str, Binding]] = [self.file]
        #: What each name stands for here; scopes that end put back what they hid.
        self.visible: dict[str, Binding] = {}
        self.open: list[Function] = []
        self.functions: list[Function] = []
        self.static_functions: dict[str, int] = {}
        #: The functions that return values, by what the text says.
        self.returning: set[str] = set()
        #: Names with external linkage: where a header is included it may have declared them earlier.
        self.shared: set[str] = set()
        #: The names of damaged functions, which are read behind all others wherever they stand.
        self.damaged: set[str] = set()
        #: The words that declarations begin with, and literals: types, whatever stands where.
        self.types: set[str] = set()
        #: The names of locals without their last letters.
        self._shortened: set[str] = set()
        self.verdicts = Verdicts(context)

    def declare(self, name: str, start: int, kind: int, *, level: int = -1, again: bool = True) -> None:
        """Bring ``name`` into the scope at ``level``."""
        if level < 0:
            level += len(self.scopes)
        old = self.scopes[level].get(name)
        if self.open and kind == VARIABLE:
            self.open[-1].locals += 1
            if not again and old is not None and old.kind in (VARIABLE, PARAMETER, ENUMERATOR):
                self._declare_again(name, start, old)
        elif self.open and kind == PARAMETER and old is not None and old.kind == PARAMETER:
            self._declare_again(name, start, old)
        if old is not None:
            if old.kind <= PARAMETER and kind >= FUNCTION:
                return
            if kind != VARIABLE or not again:
                self._end_of(name, old)
            old.begin(kind, start)
            return
        inner, outer = None, self.visible.get(name)
        while outer is not None and outer.level > level:
            inner, outer = outer, outer.outer
        binding = self.scopes[level][name] = Binding(kind, start, level, outer)
        if level:
            self._shortened.add(name[:-1])
        if inner is None:
            self.visible[name] = binding
        else:
            inner.outer = binding

    def _declare_again(self, name: str, start: int, old: Binding) -> None:
        """Take a second declaration in a scope; of two branches that exclude each other both may be read."""
        if not self.context.is_parted(min(old.start, start), start):
            self.open[-1].issues.append(Issue("redeclared", start, name))
        old.reads += 1  # one mistake is enough

    def find(self, name: str) -> Binding | None:
        """Give what ``name`` stands for here."""
        return self.visible.get(name)

    def know(self, file: dict[str, Binding]) -> None:
        """Take over the names of another reading's file scope."""
        for name, binding in file.items():
            self.declare(name, binding.start, binding.kind, level=0)

    def use(
        self, name: str, start: int, *, returned: bool = False, handed_on: bool = False, is_value: bool = False
    ) -> None:
        """Read the value or take the address of ``name``.

        ``handed_on``: as a function's name may be, too; ``is_value``: as an enumerator may be: it is all that is given.
        """
        function = self.open[-1]
        function.uses += 1
        binding = self.visible.get(name)
        if binding is not None:
            binding.reads += 1
        elif name in self.context.macros:
            function.macros.add(name)
        else:
            function.unresolved.setdefault(name, []).append((start, returned))
            if name.isupper():
                return  # a macro's: nobody is told of it
            if name not in function.reckoned and (not handed_on or self.is_slip(name)):
                function.computed.add(name)
                if not is_value or self.is_slip(name):
                    function.reckoned.add(name)

    def give(self, macro: str, name: str) -> None:
        """Remember that ``name``, which nothing declares, is all that ``macro`` is given."""
        if is_macro_name(macro) or not self.is_slip(name):
            self.open[-1].given.setdefault(macro, []).append(name)

    def is_slip(self, name: str, *, of_member: bool = False) -> bool:
        """Tell whether ``name``, which nothing declares, is a local's but for a slip of the pen.

        Where it may be ``of_member``, ``nodes`` is none of ``node``.
        """
        meant = names_meant(name, self.visible, self.scopes, self._shortened, of_member=of_member)
        for other in meant:
            binding = self.visible.get(other)
            if binding is not None and binding.level > 0 and other != name:
                return True
        return False

    def mention(self, name: str) -> None:
        """Name something that may be a variable, a function, a type or a macro: never undefined."""
        binding = self.visible.get(name)
        if binding is not None:
            binding.reads += 1
        elif self.open and name in self.context.macros:
            self.open[-1].macros.add(name)
        elif self.open and not self.open[-1].has_foreign_macro and is_macro_name(name):
            self.open[-1].has_foreign_macro = True

    def mention_label(self, name: str, start: int, end: int) -> bool:
        """Take ``name`` for a label that a macro jumps to, if the function, which ends at ``end``, seems to have it."""
        function = self.open[-1]
        if function.label_words is None:
            function.label_words = self.context.label_like(function.start, end)
        if name not in function.label_words:
            return False
        function.gotos.setdefault(name, start)
        return True

    def write(self, name: str, start: int) -> None:
        """Assign to ``name``."""
        binding = self.visible.get(name)
        if binding is None:
            self.use(name, start)
        else:
            binding.writes += 1
            self.open[-1].uses += 1

    def push(self) -> None:
        """Open a block."""
        self.scopes.append({})

    def pop(self) -> None:
        """Close a block, and judge its names."""
        scope = self.scopes[-1]
        if scope and self.open:
            for name, binding in scope.items():
                self._end_of(name, binding)
        self.drop()

    def _end_of(self, name: str, binding: Binding) -> None:
        """Judge a name whose scope ends, or that is declared anew."""
        if binding.is_elsewhere and binding.writes:
            return
        if not binding.reads and binding.kind <= PARAMETER and self.open:
            self.verdicts.judge_unused(
                self.open[-1],
                name,
                binding.start,
                assigned=binding.writes > 0,
                parameter=binding.kind == PARAMETER,
            )

    def drop(self) -> None:
        """Close a scope without judging it."""
        for name, binding in self.scopes.pop().items():
            if binding.outer is None:
                del self.visible[name]
            else:
                self.visible[name] = binding.outer

    def enter_function(self, start: int, end: int) -> Function:
        """Open the scope of a function's parameters, which its body shares."""
        function = Function(start, end, len(self.scopes))
        self.open.append(function)
        self.scopes.append({})
        return function

    def leave_function(self) -> Function:
        """Close a function and judge its labels and its unresolved names."""
        function = self.open[-1]
        while len(self.scopes) > function.depth + 1:
            self.pop()
        self.pop()
        self.open.pop()
        if self.open:  # what is not a label of its own may be one of the function around it
            for name in function.gotos.keys() - function.labels.keys():
                self.open[-1].gotos.setdefault(name, function.gotos.pop(name))
        if function.gotos:
            function.macros.update(function.gotos.keys() & self.context.macros.keys())
        self.verdicts.judge_labels(function)
        self.verdicts.judge_returns(function)
        self.verdicts.judge_misplaced(function)
        self.functions.append(function)
        return function

    def finish(self) -> None:
        """Judge the names that no function could resolve, now that the whole file scope is known."""
        is_file = self._is_file()
        common = find_shared(self.functions, is_file=is_file) | self.damaged | self.types
        defined = {function.name for function in self.functions}
        for function in self.functions:
            if function.unresolved:
                cut = find_returned(function) if is_file else find_cut(function, defined)
                self.verdicts.judge_names(function, self.shared, (common, cut))
        excuse_shared_labels(self.functions, self.context, is_file=is_file)

    def _is_file(self) -> bool:
        """Tell whether all functions stand below headers: then what several of them lack is the headers'."""
        first = self.context.headers_end
        return first >= 0 and all(function.start >= first for function in self.functions)

    def abandon_function(self) -> Function:
        """Close a function whose tree cannot be believed; nothing of it counts."""
        function = self.open.pop()
        while len(self.scopes) > function.depth:
            self.drop()
        while self.functions and function.start <= self.functions[-1].start < function.end:
            self.functions.pop()  # what looked nested in it
        return function
