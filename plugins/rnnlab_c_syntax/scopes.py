"""Names and what they mean where: the scopes and name spaces of C11 6.2.1 and 6.2.3.

A stack of dictionaries is the chain of scopes; a name is in its scope from its declarator
on. Labels belong to a function. Whoever reads the text (the walk over a tree, or the flat
reading of a function that has none) says ``declare``, ``use``, ``goto`` and ``label``; what is wrong
comes out when a scope or a function ends. Nothing here looks at a tree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from rnnlab_c_syntax.looks import is_constant_name, is_function_name, is_macro_name
from rnnlab_c_syntax.macros import Macro

#: How far behind a declaration a branch that is not read may still belong to its function.
_REACH = 20_000
VARIABLE, PARAMETER, FUNCTION, TYPEDEF, ENUMERATOR, QUIET = range(6)


@dataclass(slots=True)
class Issue:
    """A rule that a name breaks, at ``start``."""

    rule: str
    start: int
    name: str


class Binding:
    """What a name stands for in a scope."""

    __slots__ = ("kind", "level", "outer", "reads", "start", "writes")

    def __init__(self, kind: int, start: int, level: int, outer: Binding | None) -> None:
        self.kind = kind
        self.start = start
        self.level = level  # how many scopes are around the one that it belongs to
        self.outer = outer  # what the name stands for outside of that scope
        self.reads = 0
        self.writes = 0


@dataclass(slots=True)
class Function:
    """A function while it is read, and its counts afterwards."""

    start: int
    depth: int
    end: int = 0
    name: str = ""
    is_static: bool = False
    is_void: bool | None = None
    damaged: bool = False
    complete: bool = True
    #: Unresolved names: each one's uses, as offsets, and whether the use is all of a ``return``.
    unresolved: dict[str, list[tuple[int, bool]]] = field(default_factory=dict)
    #: Unresolved names that are not only handed on: their value is computed with.
    computed: set[str] = field(default_factory=set)
    labels: dict[str, int] = field(default_factory=dict)
    gotos: dict[str, int] = field(default_factory=dict)
    macros: set[str] = field(default_factory=set)
    #: Whether it calls a macro, by its looks, that the text does not define.
    has_foreign_macro: bool = False
    issues: list[Issue] = field(default_factory=list)
    uses: int = 0
    undefined_uses: int = 0
    locals: int = 0
    unused: int = 0
    returns: int = 0
    undefined_returns: int = 0
    #: Bare returns and returns with a value: what they mean depends on the type of the function.
    bare_returns: list[int] = field(default_factory=list)
    value_returns: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Context:
    """What is known about the text as a whole."""

    macros: dict[str, Macro]
    known: frozenset[str]
    #: Whether a word stands, between two offsets, in code that this world of conditions does not read.
    is_hidden: Callable[[str, int, int], bool]
    #: Whether a name looks declared in such code.
    is_declared_hidden: Callable[[str], bool]
    #: Whether the declaration at an offset says that its name may stay unused.
    is_excused: Callable[[int], bool]
    #: Whether a macro in file scope may have declared a name.
    is_made: Callable[[str], bool]
    #: The words that stand before a colon anywhere between two offsets.
    label_like: Callable[[int, int], frozenset[str]]
    has_include: bool = False
    unused_parameter: bool = False


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
        #: Names with external linkage: where a header is included it may have declared them earlier.
        self.shared: set[str] = set()
        self._words: dict[tuple[int, int], tuple[frozenset[str], frozenset[str]]] = {}

    # -- what a reader says --------------------------------------------------------------------

    def declare(self, name: str, start: int, kind: int, *, level: int = -1, again: bool = True) -> None:
        """Bring ``name`` into the scope at ``level``."""
        if level < 0:
            level += len(self.scopes)
        old = self.scopes[level].get(name)
        if self.open and kind == VARIABLE:
            self.open[-1].locals += 1
            if not again and old is not None and old.kind in (VARIABLE, PARAMETER):
                self.open[-1].issues.append(Issue("redeclared", start, name))
                old.reads += 1  # one mistake is enough
        if old is not None:
            if old.kind <= PARAMETER and kind >= FUNCTION:
                return
            self._end_of(name, old)
            old.kind, old.start, old.reads, old.writes = kind, start, 0, 0
            return
        inner, outer = None, self.visible.get(name)
        while outer is not None and outer.level > level:
            inner, outer = outer, outer.outer
        binding = self.scopes[level][name] = Binding(kind, start, level, outer)
        if inner is None:
            self.visible[name] = binding
        else:
            inner.outer = binding

    def find(self, name: str) -> Binding | None:
        """Give what ``name`` stands for here."""
        return self.visible.get(name)

    def know(self, file: dict[str, Binding]) -> None:
        """Take over the names of another reading's file scope."""
        for name, binding in file.items():
            self.declare(name, binding.start, binding.kind, level=0)

    def use(self, name: str, start: int, *, returned: bool = False, handed_on: bool = False) -> None:
        """Read the value or take the address of ``name``; ``handed_on``: as a function's name may be, too."""
        function = self.open[-1]
        function.uses += 1
        binding = self.visible.get(name)
        if binding is not None:
            binding.reads += 1
        elif name in self.context.macros:
            function.macros.add(name)
        else:
            function.unresolved.setdefault(name, []).append((start, returned))
            if not handed_on:
                function.computed.add(name)

    def mention(self, name: str) -> None:
        """Name something that may be a variable, a function, a type or a macro: never undefined."""
        binding = self.visible.get(name)
        if binding is not None:
            binding.reads += 1
        elif self.open and name in self.context.macros:
            self.open[-1].macros.add(name)
        elif self.open and not self.open[-1].has_foreign_macro and is_macro_name(name):
            self.open[-1].has_foreign_macro = True

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
        if self.open:
            for name, binding in scope.items():
                if not binding.reads and binding.kind <= PARAMETER:
                    self._end_of(name, binding)
        self.drop()

    def drop(self) -> None:
        """Close a scope without judging it."""
        for name, binding in self.scopes.pop().items():
            if binding.outer is None:
                del self.visible[name]
            else:
                self.visible[name] = binding.outer

    def enter_function(self, start: int) -> Function:
        """Open the scope of a function's parameters, which its body shares."""
        function = Function(start, len(self.scopes))
        self.open.append(function)
        self.scopes.append({})
        return function

    def leave_function(self, end: int) -> Function:
        """Close a function and judge its labels and its unresolved names."""
        function = self.open[-1]
        while len(self.scopes) > function.depth + 1:
            self.pop()
        self.pop()
        self.open.pop()
        function.end = end
        self._judge_labels(function)
        self._judge_returns(function)
        self.functions.append(function)
        return function

    def finish(self) -> None:
        """Judge the names that no function could resolve, now that the whole file scope is known."""
        for function in self.functions:
            self._judge_names(function)

    def abandon_function(self) -> Function:
        """Close a function whose tree cannot be believed; nothing of it counts."""
        function = self.open.pop()
        while len(self.scopes) > function.depth:
            self.drop()
        while self.functions and self.functions[-1].start >= function.start:
            self.functions.pop()  # what looked nested in it
        return function

    # -- verdicts ------------------------------------------------------------------------------

    def macro_words(self, function: Function) -> frozenset[str]:
        """Give the words of all macros of the text that a function uses, and of those that they use."""
        return self._closure(function)[0]

    def _closure(self, function: Function) -> tuple[frozenset[str], frozenset[str]]:
        """Give the words that a function's macros use and those that they declare."""
        key = (function.start, len(function.macros))  # they only ever become more
        known = self._words.get(key)
        if known is None:
            seen: set[str] = set()
            words: set[str] = set()
            declared: set[str] = set()
            todo = list(function.macros)
            while todo:
                name = todo.pop()
                if name in seen:
                    continue
                seen.add(name)
                macro = self.context.macros[name]
                words |= macro.words
                declared |= macro.declared
                todo += macro.words & self.context.macros.keys()
            known = self._words[key] = frozenset(words), frozenset(declared)
        return known

    @cached_property
    def all_macro_words(self) -> frozenset[str]:
        """The words of all macros of the text."""
        return frozenset[str]().union(*(macro.words for macro in self.context.macros.values()))

    def _end_of(self, name: str, binding: Binding) -> None:
        if binding.reads or not self.open or binding.kind > PARAMETER:
            return
        function = self.open[-1]
        if not function.complete:
            return
        context = self.context
        if function.has_foreign_macro and name in self.all_macro_words:
            return  # a macro of a header may call a macro of the text
        if name in self.macro_words(function) or context.is_excused(binding.start):
            return
        if context.is_hidden(name, function.start, function.end or binding.start + _REACH):
            return
        if binding.kind == PARAMETER:
            if context.unused_parameter:
                function.issues.append(Issue("unused-parameter", binding.start, name))
            return
        if not binding.writes:
            function.unused += 1
        function.issues.append(Issue("set-but-unused" if binding.writes else "unused-variable", binding.start, name))

    def _judge_names(self, function: Function) -> None:
        context = self.context
        declared = self._closure(function)[1]
        for name, uses in function.unresolved.items():
            if name in function.labels or is_constant_name(name) or name in context.known or name in declared:
                continue
            if name not in function.computed and is_function_name(name):
                continue
            if (
                context.is_declared_hidden(name)
                or context.is_made(name)
                or (context.has_include and name in self.shared)
            ):
                continue
            function.undefined_uses += len(uses)
            function.undefined_returns += sum(returned for _, returned in uses)
            start, returned = uses[0]
            function.issues.append(Issue("undefined-return" if returned else "undefined-variable", start, name))
            if not returned:
                for start, returned in uses:
                    if returned:
                        function.issues.append(Issue("undefined-return", start, name))
                        break

    def _judge_labels(self, function: Function) -> None:
        words = self.macro_words(function)
        like: frozenset[str] | None = None
        for name, start in function.gotos.items():
            if name in function.labels or not function.complete or name in words:
                continue
            if self.context.is_hidden(name, function.start, function.end):
                continue
            if like is None:
                like = self.context.label_like(function.start, function.end)
            if name in like:
                continue
            function.issues.append(Issue("undefined-label", start, name))
        for name, start in function.labels.items():
            if name in function.gotos or name in function.unresolved or not function.complete:
                continue
            if name in words or self.context.is_excused(start):
                continue
            if self.context.is_hidden(name, function.start, function.end):
                continue
            function.issues.append(Issue("unused-label", start, name))

    def _judge_returns(self, function: Function) -> None:
        if function.is_void:
            function.issues += [Issue("void-returns-value", start, "") for start in function.value_returns]
        elif function.is_void is False:
            function.issues += [Issue("missing-return-value", start, "") for start in function.bare_returns]
