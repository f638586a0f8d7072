"""What is known while names are judged: about a function, about the text around it, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rnnlab_c_syntax.macros import Macros


@dataclass(slots=True)
class Issue:
    """A rule that a name breaks, at ``start``."""

    rule: str
    start: int
    name: str


class Function:
    """A function while it is read, and its counts afterwards.

    A plain class, as all of which a text has many: compiled, it is made in a tenth of the time of a dataclass.
    """

    def __init__(self, start: int, end: int, depth: int) -> None:
        self.start = start
        self.end = end
        self.depth = depth
        self.name = ""
        self.is_static = False
        self.is_void: bool | None = None
        self.damaged = False
        self.complete = True
        #: Unresolved names: each one's uses, as offsets, and whether the use is all of a ``return``.
        self.unresolved: dict[str, list[tuple[int, bool]]] = {}
        #: Unresolved names that are not only handed on: their value is computed with.
        self.computed: set[str] = set()
        #: Those of them that are more than a value: something is reckoned with them, or asked of them.
        self.reckoned: set[str] = set()
        #: Which names that nothing declares each call takes as all that it is given: what takes several is a macro;
        #: and those that members of the same names are set to: several are functions. Each as often as it is given.
        self.given: dict[str, list[str]] = {}
        self.labels: dict[str, int] = {}
        #: Whether labels may be a block's own, once it is asked for.
        self.has_local_labels: bool | None = None
        self.gotos: dict[str, int] = {}
        #: The words that stand before a colon in it, once they are asked for.
        self.label_words: frozenset[str] | None = None
        #: ``break``, ``continue``, ``case`` and ``default`` that nothing around them explains.
        self.misplaced: list[tuple[str, int]] = []
        #: How many ``else`` without their ``if`` were looked at.
        self.elses = 0
        self.macros: set[str] = set()
        #: Whether it calls a macro, by its looks, that the text does not define.
        self.has_foreign_macro = False
        self.issues: list[Issue] = []
        self.uses = 0
        self.undefined_uses = 0
        self.locals = 0
        self.unused = 0
        self.returns = 0
        self.undefined_returns = 0
        #: Bare returns and returns with a value: what they mean depends on the type of the function.
        self.bare_returns: list[int] = []
        self.value_returns: list[int] = []


@dataclass(slots=True)
class Context:
    """What is known about the text as a whole."""

    macros: Macros
    known: frozenset[str]
    #: Whether a branch of ``#if`` begins or ends between two offsets.
    is_parted: Callable[[int, int], bool]
    #: Whether a word stands, between two offsets, in code that this world of conditions does not read.
    is_hidden: Callable[[str, int, int], bool]
    #: Whether a name that a function between two offsets uses looks declared in such code.
    is_declared_hidden: Callable[[str, int, int], bool]
    #: Whether the declaration at an offset says that its name may stay unused.
    is_excused: Callable[[int], bool]
    #: Whether a macro in file scope may have declared a name.
    is_made: Callable[[str], bool]
    #: Whether a function between two offsets reads a local where the grammar sees none, or in a macro of a header.
    is_read_unseen: Callable[[str, int, int], bool]
    #: Whether a function between two offsets defines a macro that makes names which begin as this one.
    pastes: Callable[[str, int, int], bool]
    #: Whether a function between two offsets may have any name from what is not in the text.
    may_hide_any: Callable[[int, int], bool]
    #: Whether a macro that is given one word, and is no test, is the header of a function between two offsets.
    has_macro_header: Callable[[int, int], bool]
    #: Whether a word stands between two offsets, where a function is.
    holds: Callable[[str, int, int], bool]
    #: Whether a function between two offsets gives a macro a label that looks like a type.
    may_jump_to: Callable[[str, int, int], bool]
    #: Whether a macro of the text pastes a name together, and so may use it.
    is_glued: Callable[[str], bool]
    #: The words that stand before a colon anywhere between two offsets.
    label_like: Callable[[int, int], frozenset[str]]
    #: Whether a macro without a semicolon behind it stands between two offsets, which may open a loop.
    may_open_loop: Callable[[int, int], bool]
    #: Whether the use of a name at an offset may be gone where assertions are off.
    may_vanish: Callable[[int], bool]
    has_include: bool = False
    #: Where the last ``#include`` stands, or -1.
    headers_end: int = -1
    unused_parameter: bool = False
