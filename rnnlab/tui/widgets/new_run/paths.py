"""Paths to choose a corpus from: completion while typing, and a tree of files. Shows no hostile name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from textual.suggester import Suggester
from textual.widgets import DirectoryTree

from rnnlab.display import safe


class PathSuggester(Suggester):
    """Completes the path that is being typed from the folder that it lies in."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The value with the first name that fits; folders end with a slash."""
        return complete(value)


def complete(value: str) -> str | None:
    """The typed path continued by the first file or folder that begins so; None where there is none."""
    folder, _, begun = os.path.expanduser(value).rpartition("/")  # noqa: PTH111  # a half-typed path is a text
    place = folder or ("/" if value.startswith("/") else ".")
    try:
        with os.scandir(place) as entries:
            found = sorted((one.name, one.is_dir()) for one in entries if one.name.startswith(begun))
    except OSError:
        return None
    for name, is_folder in found:
        if safe(name, multiline=False) == name and (begun or not name.startswith(".")):
            return value + name[len(begun) :] + "/" * is_folder
    return None


class CorpusTree(DirectoryTree):
    """Files and folders, without hidden ones and those whose names a terminal would obey."""

    ICON_NODE, ICON_NODE_EXPANDED, ICON_FILE = "▸ ", "▾ ", "  "

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """What is shown."""
        return [path for path in paths if not path.name.startswith(".") and safe(path.name) == path.name]
