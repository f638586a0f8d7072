"""Which files of a folder or an archive are taken: shell patterns on their names.

Knows paths inside a source, with ``/`` between their parts, and nothing of disks.
"""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Iterable

_SPECIAL = re.compile(r"[*?\[]")


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """One expression that matches where any of the patterns does; None for no pattern."""
    joined = "|".join(fnmatch.translate(pattern.strip("/")) for pattern in patterns)
    return re.compile(joined) if joined else None


class Names:
    """Takes what an include pattern matches and no exclude pattern does.

    A pattern without a slash is compared with the file's name (and, to exclude, with the name of each
    folder above it); one with a slash with the end of the path: ``drivers/gpu`` excludes
    everything below any folder of that path. ``*`` also matches slashes; case counts.
    """

    def __init__(self, include: Iterable[str], exclude: Iterable[str]) -> None:
        include, exclude = tuple(include), tuple(exclude)
        plain = [p for p in include if "/" not in p.strip("/")]
        # The usual pattern is * and an ending, which Python compares faster than it matches.
        self._endings = tuple(p[1:] for p in plain if p[:1] == "*" and not _SPECIAL.search(p[1:]))
        self._include = _any_of(p for p in plain if p[:1] != "*" or _SPECIAL.search(p[1:]))
        self._include_paths = _any_of(p for p in include if "/" in p.strip("/"))
        self._excludes = bool(exclude)
        self._exclude = _any_of(p for p in exclude if "/" not in p.strip("/"))
        self._exclude_paths = _any_of(p for p in exclude if "/" in p.strip("/"))
        self.excludes_folder = functools.lru_cache(maxsize=100_000)(self._excludes_folder)

    def takes(self, path: str) -> bool:
        """Whether the file at this path, relative to its source, belongs to the corpus."""
        folder, _, name = path.rpartition("/")
        included = (
            name.endswith(self._endings)
            or bool(self._include and self._include.match(name))
            or _ends_with(self._include_paths, path)
        )
        if not included or not self._excludes:
            return included
        return not self._excluded(name, path) and not (folder and self.excludes_folder(folder))

    def _excludes_folder(self, folder: str) -> bool:
        """Whether everything below this folder is left out."""
        above, _, name = folder.rpartition("/")
        return self._excluded(name, folder) or bool(above and self.excludes_folder(above))

    def _excluded(self, name: str, path: str) -> bool:
        return bool(self._exclude and self._exclude.match(name)) or _ends_with(self._exclude_paths, path)


def _ends_with(pattern: re.Pattern[str] | None, path: str) -> bool:
    """Whether the pattern matches the path, or its end from some slash on."""
    if pattern is None:
        return False
    parts = path.split("/")
    return any(pattern.match("/".join(parts[first:])) for first in range(len(parts)))
