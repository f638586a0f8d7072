"""What columns of other texts are called: short, and never two of them alike."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from rnnlab.display import safe

ROOM = 30  # characters of a column's name that a table shows


def told_apart(sources: Iterable[str]) -> dict[str, str]:
    """Each source's name, with as many of its folders as it takes; a source that is named again is left out.

    Args:
        sources: files, folders and archives, as on the command line; ``-`` is standard input.
    """
    first: dict[tuple[str, ...], str] = {}
    for source in sources:
        path = Path(os.path.abspath(source))  # noqa: PTH100  # as the user knows it, not where links lead
        first.setdefault(("-",) if source == "-" else path.parts, source)
    return {source: _end(parts, [other for other in first if other != parts]) for parts, source in first.items()}


def _end(parts: Sequence[str], others: Iterable[Sequence[str]]) -> str:
    """The shortest end of a path that none of the others has."""
    alike = [next((n for n in range(len(parts)) if parts[-1 - n :] != other[-1 - n :]), 0) for other in others]
    return str(Path(*parts[-1 - max(alike, default=0) :]))


def labels(names: Iterable[str]) -> list[str]:
    """Names of columns for a table, safe; of a long one the end, where no other ends so."""
    whole = [safe(name, multiline=False) for name in names]
    short = [name if len(name) <= ROOM else f"…{name[1 - ROOM :]}" for name in whole]
    return [end if short.count(end) == 1 else name for name, end in zip(whole, short, strict=True)]
