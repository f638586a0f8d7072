"""What is wrong with the names of a function, once all is known about them.

Without headers and with branches that are not read, much may be meant by a name; each verdict
asks whether anything excuses it. Nothing here knows how scopes nest.
"""

from __future__ import annotations

from rnnlab_c_syntax.facts import Context, Function, Issue
from rnnlab_c_syntax.handed_on import begun_names, may_be_function, pasted_names
from rnnlab_c_syntax.known import library_functions
from rnnlab_c_syntax.looks import is_constant_name, is_made_name, is_name_of_sentence, is_pascal_name
from rnnlab_c_syntax.macro_users import MacroUsers

_MOST_USERS = 20
#: So many names that nothing declares are the parameters of a function whose header is a macro.
_FEWEST_HIDDEN = 3
#: What the Linux kernel's headers call, if the text defines it: the format of all that ``pr_info()`` and so on print.
_HOOKS = ("pr_fmt", "dev_fmt")
_LITERALS = frozenset(("true", "false", "NULL", "nullptr"))
_LOOPS = frozenset(("for", "while", "do", "switch"))
_NOTHING: tuple[frozenset[str], frozenset[str]] = frozenset(), frozenset()


class Verdicts:
    """Judges names in one world of conditions."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._words: dict[tuple[int, int], tuple[frozenset[str], frozenset[str]]] = {}
        #: What was found out about names, for they come again and again.
        self._ordinary: dict[str, bool] = {}
        self._made: dict[str, bool] = {}
        self._kept_all_macro_words: frozenset[str] | None = None
        self._users = MacroUsers(context)

    def macro_words(self, function: Function) -> frozenset[str]:
        """Give the words of all macros of the text that a function uses, and of those that they use."""
        return self._closure(function)[0]

    def _closure(self, function: Function) -> tuple[frozenset[str], frozenset[str]]:
        """Give the words that a function's macros use and those that they declare."""
        if not function.macros:
            return _NOTHING
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
                todo += self._users.called_by(name)
            known = self._words[key] = frozenset(words), frozenset(declared)
        return known

    def _is_ordinary(self, name: str) -> bool:
        """Tell whether neither its looks nor the lists of well-known names excuse ``name``."""
        known = self._ordinary[name] = not (is_constant_name(name) or is_made_name(name) or name in self.context.known)
        return known

    def _is_made(self, name: str) -> bool:
        known = self._made.get(name)
        if known is None:
            known = self._made[name] = self.context.is_made(name)
        return known

    @property
    def all_macro_words(self) -> frozenset[str]:
        """The words of all macros of the text."""
        if self._kept_all_macro_words is None:
            self._kept_all_macro_words = self._find_all_macro_words()
        return self._kept_all_macro_words

    def _find_all_macro_words(self) -> frozenset[str]:
        return frozenset[str]().union(*(macro.words for macro in self.context.macros.values()))

    def judge_unused(self, function: Function, name: str, start: int, *, assigned: bool, parameter: bool) -> None:
        """Judge a local name that nothing reads; ``assigned``: it is set, though."""
        context = self.context
        if parameter and not context.unused_parameter:
            return
        if name in _LITERALS:
            return  # its uses look like the values of these names
        if not function.complete or (function.has_foreign_macro and name in self.all_macro_words):
            return  # a macro of a header may call a macro of the text
        if any(name in context.macros[hook].words for hook in _HOOKS if hook in context.macros):
            return
        if name in self.macro_words(function) or context.is_excused(start):
            return
        if (function.macros and context.is_glued(name)) or context.pastes(name, function.start, function.end):
            return
        if context.is_read_unseen(name, function.start, function.end):
            return
        if self._stands_hidden(name, function.start, function.end) or self._users.uses(name, function):
            return
        if parameter:
            function.issues.append(Issue("unused-parameter", start, name))
            return
        if not assigned:
            function.unused += 1
        function.issues.append(Issue("set-but-unused" if assigned else "unused-variable", start, name))

    def _stands_hidden(self, name: str, start: int, end: int) -> bool:
        """Tell whether a branch that is not read mentions ``name``, by itself or in a macro."""
        context = self.context
        if context.is_hidden(name, start, end):
            return True
        users = self._users.of(name)
        further = [other for macro in users for other in self._users.of(macro)]
        return any(context.is_hidden(macro, start, end) for macro in [*users, *further])

    def judge_names(self, function: Function, shared: set[str], seeming: tuple[set[str], set[str]]) -> None:
        """Judge the names that no scope of a function knows; several may be parameters of a macro for its header."""
        known = len(function.issues)
        self._judge_names(function, shared, seeming)
        told = {issue.name for issue in function.issues[known:] if issue.rule == "undefined-variable"}
        if len(told) >= _FEWEST_HIDDEN and self.context.has_macro_header(function.start, function.end):
            returned = [issue for issue in function.issues[known:] if issue.name not in told]
            function.issues = function.issues[:known] + returned  # a parameter is more than that
            function.undefined_uses = function.undefined_returns = len(returned)

    def _judge_names(self, function: Function, shared: set[str], seeming: tuple[set[str], set[str]]) -> None:
        """Judge the names that no scope of a function knows.

        ``shared`` are those that a header may declare, too, and ``seeming`` those that what is not there seems to
        declare: for all functions, and for this one.
        """
        common, cut = seeming
        context, ordinary = self.context, self._ordinary
        declared = self._closure(function)[1]
        pasted = pasted_names(function)
        begun: set[str] | None = None
        hides: bool | None = None
        for name, uses in function.unresolved.items():
            is_ordinary = ordinary.get(name)
            if is_ordinary is None:
                is_ordinary = self._is_ordinary(name)
            if not is_ordinary or name in declared:
                continue
            if name in function.labels and name not in function.computed:
                continue
            if name not in function.computed:
                begun = begun_names(function) if begun is None else begun
                if may_be_function(function, name, begun):
                    continue
            if name not in function.reckoned and (
                is_pascal_name(name) or name in library_functions() or is_name_of_sentence(name)
            ):
                continue
            if pasted.get(name) == len(uses):
                continue
            if (context.has_include and name in shared) or name in common or name in cut:
                continue
            if context.is_declared_hidden(name, function.start, function.end) or self._is_made(name):
                continue
            if self._users.declares(name, function):
                continue
            if hides is None:
                hides = context.may_hide_any(function.start, function.end)
            if hides:
                continue
            function.undefined_uses += len(uses)
            function.undefined_returns += sum(returned for _, returned in uses)
            start, returned = self._best_place(uses)
            function.issues.append(Issue("undefined-return" if returned else "undefined-variable", start, name))
            if not returned:
                for start, returned in uses:
                    if returned:
                        function.issues.append(Issue("undefined-return", start, name))
                        break

    def _best_place(self, uses: list[tuple[int, bool]]) -> tuple[int, bool]:
        """Choose the first use that is there whatever macros make of the text."""
        if len(uses) > 1 and self.context.may_vanish(uses[0][0]):
            for use in uses[1:_MOST_USERS]:
                if not self.context.may_vanish(use[0]):
                    return use
        return uses[0]

    def judge_labels(self, function: Function) -> None:
        """Judge the labels of a function against its ``goto`` statements."""
        if not function.labels and not function.gotos:
            return
        words = self.macro_words(function)
        like: frozenset[str] | None = None
        for name, start in function.gotos.items():
            if name in function.labels or not function.complete or name in words or name in self.context.macros:
                continue
            if "_" in name and is_constant_name(name):
                continue  # a macro makes such a label: ``L_OP_BODY``
            if like is None:
                like = self.context.label_like(function.start, function.end)  # in branches that are not read, too
            if name in like or (function.macros and self.context.is_glued(name)):
                continue
            function.issues.append(Issue("undefined-label", start, name))
        for name, start in function.labels.items():
            if name in function.gotos or name in function.unresolved or not function.complete or name == "NULL":
                continue  # ``n ? (long)NULL : m`` may look like a label
            macro = self.context.macros.get(name)
            if name in words or (macro is not None and macro.parameters is None) or self.context.is_excused(start):
                continue
            if self._stands_hidden(name, function.start, function.end):
                continue
            if function.macros and self.context.is_glued(name):
                continue
            if not self.context.may_jump_to(name, function.start, function.end):
                function.issues.append(Issue("unused-label", start, name))

    def judge_returns(self, function: Function) -> None:
        """Judge whether a function returns values as its type says."""
        if function.is_void:
            function.issues += [Issue("void-returns-value", start, "") for start in function.value_returns]
        elif function.is_void is False:
            function.issues += [Issue("missing-return-value", start, "") for start in function.bare_returns]

    def judge_misplaced(self, function: Function) -> None:
        """Judge what should be in a loop or a ``switch``, unless a macro or a hidden branch may have brought one."""
        if not function.misplaced or not function.complete:
            return
        context, start, end = self.context, function.start, function.end
        if not _LOOPS.isdisjoint(self.macro_words(function)) or context.may_open_loop(start, end):
            return
        if any(context.is_hidden(word, start, end) for word in _LOOPS):
            return
        function.issues += [Issue("misplaced-statement", start, word) for word, start in function.misplaced]
