"""Names that functions share: what several of them lack, and what begins alike, the headers declare."""

from __future__ import annotations

from collections import Counter
from typing import Final

from rnnlab_c_syntax.facts import Context, Function
from rnnlab_c_syntax.looks import family_of, may_be_capital_enumerator, may_be_header_name

#: How many names make a family.
_LEAST_FAMILY: Final = 4
#: So many are macros or variables of a header whatever is done with them.
_LARGE_FAMILY: Final = 6
#: Names that differ in one letter are longer.
_SHORTEST_ALIKE: Final = 4
_LEAST_ALIKE: Final = 3
#: More functions without headers are of many files.
_FEW_FUNCTIONS: Final = 12
#: Forgotten labels have the same name in two functions at most.
_FEWEST_WITH_LABEL: Final = 3


def find_shared(functions: list[Function], *, is_file: bool) -> set[str]:
    """List the names that ``functions`` have of the same headers: they are a file's, or few enough to be of one."""
    if is_file:
        return find_common(functions) | find_families(functions)
    return find_families(functions, least=_LARGE_FAMILY) if len(functions) <= _FEW_FUNCTIONS else set()


def find_cut(function: Function, defined: set[str]) -> set[str]:
    """List the names of a function in a text that was cut out which what stood around it seems to have declared.

    ``defined`` are the functions of the text: one that is only handed on before it is defined had its prototype there.
    """
    return (
        find_families([function])
        | find_returned(function)
        | {name for name in function.unresolved if name in defined and name not in function.computed}
    )


def find_common(functions: list[Function]) -> set[str]:
    """List the names that several functions of a file use and none declares."""
    common: set[str] = set()
    seen: set[str] = set()
    for function in functions:
        common.update(name for name in function.unresolved if name in seen and may_be_header_name(name))
        seen.update(function.unresolved)
    return common


def find_families(functions: list[Function], *, least: int = _LEAST_FAMILY) -> set[str]:
    """List the names that begin as several others do, and that ``functions`` only hand on, give or compare.

    Of a large family they may do with them what they want; it takes ``least`` names to make a family at all.
    """
    families: dict[str, set[str]] = {}
    if sum(len(function.unresolved) for function in functions) < least:
        return set()
    for function in functions:
        for name in function.unresolved:
            family = family_of(name) or ("A" if may_be_capital_enumerator(name) else "")
            if family in families:
                families[family].add(name)
            elif family:
                families[family] = {name}
    alike = _alike(functions)
    large = [names for names in families.values() if len(names) >= least]
    if not large:
        return alike
    reckoned = set[str]().union(*(function.reckoned for function in functions))
    left = [names if len(names) >= _LARGE_FAMILY else names - reckoned for names in large]
    found = alike.union(*(names for names in left if len(names) >= least))
    words = {family_of(name) for names in left if len(names) >= _LARGE_FAMILY for name in names} - {""}
    return found | {name for function in functions for name in function.unresolved if _is_of(name, words)}


def _is_of(name: str, words: set[str]) -> bool:
    """Tell whether a name of three words begins as a large family's: ``regs_stream_len``."""
    return name.count("_") > 1 and name.partition("_")[0] in words


def find_returned(function: Function) -> set[str]:
    """List the names of which a function returns several that begin alike, and does nothing else with them."""
    families: dict[str, set[str]] = {}
    for name, uses in function.unresolved.items():
        family = name.rpartition("_")[0]
        if family and all(returned for _, returned in uses):
            families.setdefault(family, set()).add(name)
    return set[str]().union(*(names for names in families.values() if len(names) >= _LEAST_ALIKE))


def _alike(functions: list[Function]) -> set[str]:
    """List the names that differ in their first letter only: ``eflag``, ``iflag``, ``vflag``."""
    families: dict[str, set[str]] = {}
    for function in functions:
        for name in function.unresolved:
            if len(name) > _SHORTEST_ALIKE and name.isalpha():
                families.setdefault(name[1:], set()).add(name)
    return set[str]().union(*(names for names in families.values() if len(names) >= _LEAST_ALIKE))


def excuse_shared_labels(functions: list[Function], context: Context, *, is_file: bool) -> None:
    """Forget labels that several functions of a file have for nothing: a macro of its headers jumps there.

    Of well-known macros one function tells that.
    """
    told = [(issue, function) for function in functions for issue in function.issues if issue.rule == "unused-label"]
    if not told:
        return
    counts = Counter(issue.name for issue, _ in told)
    shared = {name for name, count in counts.items() if is_file and count >= _FEWEST_WITH_LABEL}
    shared.update(
        issue.name for issue, function in told if context.is_read_unseen(issue.name, function.start, function.end)
    )
    if shared:
        for _, function in told:
            function.issues = [
                issue for issue in function.issues if issue.rule != "unused-label" or issue.name not in shared
            ]
