"""Which programming language a corpus is in, judged by the names of its files alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

_COMPRESSED = {".gz", ".xz", ".zst", ".bz2"}
_ARCHIVES = {".tar", ".tgz", ".txz", ".tzst", ".tbz2"}
_LANGUAGES = {".c": "c", ".h": "c", ".py": "python"}


def language_of(sources: Iterable[str], include: Iterable[str] = ()) -> str:
    """``c``, ``python``, or nothing where it is another, mixed or unknown.

    Args:
        sources: what the corpus was made of.
        include: which files are taken from folders and archives; these decide where a source is one.
    """
    endings: set[str] = set()
    for source in sources:
        suffixes = [suffix.lower() for suffix in PurePath(source).suffixes]
        if suffixes and suffixes[-1] in _COMPRESSED:
            suffixes.pop()
        kept = suffixes[-1] if suffixes else ""
        if source == "-" or kept in _LANGUAGES or (kept and kept not in _ARCHIVES and not _is_folder(source)):
            endings.add(kept)
        else:
            endings |= {PurePath(pattern).suffix.lower() for pattern in include}
    languages = {_LANGUAGES.get(ending, "") for ending in endings}
    return languages.pop() if len(languages) == 1 else ""


def _is_folder(source: str) -> bool:
    """Names such as ``linux-6.1`` seem to have a suffix; what follows the dot there is a number."""
    return PurePath(source).suffix[1:].isdigit()
