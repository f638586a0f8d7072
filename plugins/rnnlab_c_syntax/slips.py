"""What somebody may have meant who wrote a name: others from which it is one slip of the pen away."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Final

#: What slips of the pen add to a name: ``len2``, ``sizes``, ``next_ptr``.
_SLIPS = re.compile(r"(?:_ptr|_len|_?\d{1,2}|_)\Z"), re.compile(r"[px]\d{0,2}\Z")
#: So many letters the end of a name has at most that may be one too many.
_LONGEST_SLIP: Final = 4
#: Names in which a letter is lost are not shorter, or one is doubled or swapped with the next.
_SHORTEST_SLIP: Final = 4
_SHORTEST_SWAPPED: Final = 3
_LETTER_SLIPS = re.compile(r"[a-z]\d{0,2}\Z")
_LONGEST_SWAPPED: Final = 40
#: What the end of a name may lack.
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
#: So many scopes, and locals in them, are looked through for one that has a letter more.
_MOST_SCOPES: Final = 20
_MOST_LOCALS: Final = 40
_MOST_KEPT: Final = 4096


def names_meant(
    name: str,
    visible: Container[str],
    scopes: Sequence[Collection[str]],
    shortened: Container[str],
    *,
    of_member: bool,
) -> list[str]:
    """List the names that somebody may have meant who wrote ``name``, ``visible`` or not.

    ``scopes`` are those of the function, behind that of the file; ``shortened`` are locals without their last letters.
    Where it may be ``of_member``, ``nodes`` is none of ``node``.
    """
    meant: list[str] = []
    # What it may be slipped from is looked for by its beginning first: most names are slips of nothing.
    if name.startswith(("old_", "new_")) or any(name[:-cut] in visible for cut in range(1, _LONGEST_SLIP + 1)):
        meant += names_slipped_from(name, or_plural=not of_member)
    if not of_member and name in shortened:
        meant += [name + letter for letter in _LETTERS]
    if len(name) >= _SHORTEST_SWAPPED:
        meant += _names_swapped_from(name)
    if len(name) >= _SHORTEST_SLIP:
        longer = len(name) + 1
        first, last = name[0], name[-1]
        around = chain.from_iterable(islice(scopes, 1, _MOST_SCOPES))
        meant += [
            other
            for other in islice(around, _MOST_LOCALS)
            if len(other) == longer and other[0] == first and other[-1] == last and _lacks_letter(name, other)
        ]
    return meant


@lru_cache(maxsize=_MOST_KEPT)
def names_slipped_from(name: str, *, or_plural: bool) -> tuple[str, ...]:
    """List the names that somebody may have meant who wrote ``name``: shorter ones."""
    bases = [pattern.sub("", name) for pattern in _SLIPS]
    if name[-2:].isdigit():
        bases.append(name[:-1])  # ``low15`` for ``low1``
    if or_plural:
        bases.append(_LETTER_SLIPS.sub("", name))
    if name.startswith(("old_", "new_")):
        bases.append(name[4:])
    return tuple(bases)


@lru_cache(maxsize=_MOST_KEPT)
def _names_swapped_from(name: str) -> tuple[str, ...]:
    """List the names of which ``name`` swaps two letters, or doubles one."""
    swapped = [
        name[: i - 1] + name[i] + name[i - 1] + name[i + 1 :] for i in range(1, min(len(name), _LONGEST_SWAPPED))
    ]
    doubled = [name[:i] + name[i + 1 :] for i in range(1, min(len(name), _LONGEST_SWAPPED)) if name[i] == name[i - 1]]
    return (*swapped, *doubled)


def _lacks_letter(name: str, other: str) -> bool:
    """Tell whether ``name`` is ``other``, which is one letter longer, but for that one: ``staus``."""
    same = next((i for i, letter in enumerate(name) if letter != other[i]), len(name))
    return name[same:] == other[same + 1 :]
