"""Names that nothing declares and that are only handed on: functions of a header, and what macros make names of."""

from __future__ import annotations

from rnnlab_c_syntax.facts import Function
from rnnlab_c_syntax.looks import (
    family_of,
    is_callback_name,
    is_function_name,
    is_made_of_local,
)
from rnnlab_c_syntax.slips import names_slipped_from

#: So many names that nothing declares make what takes them a macro that pastes them together.
_MANY_GIVEN = 3
_LONGEST_NAME = 80


def pasted_names(function: Function) -> dict[str, int]:
    """Say how often names that nothing declares are given to macros that take several of them."""
    if not function.given:
        return {}
    several = [(call, set(given)) for call, given in function.given.items() if len(given) > 1]
    pasted: set[str] = set()
    for call, names in several:
        pasted |= names if len(names) >= _MANY_GIVEN and not call.endswith(",") else _of_one_word(names)
    counts = dict.fromkeys(pasted, 0)
    for given in function.given.values():
        for name in given:
            if name in counts:
                counts[name] += 1
    return counts


def _of_one_word(names: set[str]) -> set[str]:
    """Give those of a few names that go on as another one: ``symbol`` and ``symbol_name``."""
    found: set[str] = set()
    for name in names:
        if not is_made_of_local(name.split("_")):
            beginnings = [begin for begin in beginnings_of(name) if begin in names]
            beginnings = [begin for begin in beginnings if not is_made_of_local(begin.split("_"))]
            if beginnings:
                found.update(beginnings, (name,))
    return found


def beginnings_of(name: str) -> list[str]:
    """List what a name of several words begins with: ``fan`` and ``fan_speed`` of ``fan_speed_max``."""
    return [name[:at] for at in range(1, min(len(name), _LONGEST_NAME)) if name[at] == "_"]


def begun_names(function: Function) -> set[str]:
    """List what the names begin with that a function only ever hands on."""
    handed_on = (name for name in function.unresolved if name not in function.computed)
    return {begin for name in handed_on for begin in beginnings_of(name)}


def may_be_function(function: Function, name: str, begun: set[str]) -> bool:
    """Tell whether ``name``, which is only ever handed on, may be a function's."""
    if is_callback_name(name) or _is_of_family(function, name) or _begins_another(name, begun):
        return True
    return is_function_name(name) and not _is_slip(function, name)


def _is_of_family(function: Function, name: str) -> bool:
    """Tell whether ``name`` begins as the function's own, and has three words: ``net_ring_free`` in ``net_probe()``."""
    family = family_of(name)
    return family != "" and name.strip("_").count("_") > 1 and family_of(function.name) == family


def _begins_another(name: str, begun: set[str]) -> bool:
    """Tell whether a name of several words goes on as another that is handed on: ``fan_speed``, ``fan_speed_max``."""
    return "_" in name and name in begun and not is_made_of_local(name.split("_"))


def _is_slip(function: Function, name: str) -> bool:
    """Tell whether ``name``, which may be a function's, is a slip of another that is a variable and as undefined."""
    return any(
        other != name and other in function.computed and other in function.unresolved
        for other in names_slipped_from(name, or_plural=True)
    )
