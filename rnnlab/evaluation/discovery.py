"""Which evaluators there are, told without importing any of them.

Installed ones announce themselves in the entry point group ``rnnlab.evaluators``; a file is
an evaluator only when it is named (``./mine.py`` or ``./mine.py:Name``). Importing happens in
the worker process, and only for the one that was asked for.
"""

from __future__ import annotations

import difflib
import importlib.metadata
import importlib.util
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rnnlab.errors import EvaluatorError

GROUP = "rnnlab.evaluators"
_DAMAGES = (ValueError, TypeError, OSError)  # what importlib.metadata raises for a file that is no list of entry points


@dataclass(frozen=True, slots=True)
class Plugin:
    """An evaluator by name. ``target`` is ``module:attribute`` or ``path.py[:attribute]``."""

    name: str
    target: str
    is_file: bool = False
    distribution: str = ""
    version: str = ""


def installed() -> dict[str, list[Plugin]]:
    """Every announced evaluator by name, in order; more than one under a name is a conflict."""
    found: dict[str, list[Plugin]] = {}
    for entry in _entries()[0]:
        name, version = (entry.dist.name, entry.dist.version) if entry.dist else ("", "")
        target = re.sub(r"\s|\[.*\]", "", entry.value)  # what it may name of extras was its installer's business
        plugin = Plugin(entry.name, target, False, name, version)
        if plugin not in found.setdefault(entry.name, []):  # one folder twice on sys.path is no conflict
            found[entry.name].append(plugin)
    return dict(sorted(found.items()))


def unreadable() -> list[str]:
    """Packages whose announcements cannot be read, because their files are damaged."""
    return _entries()[1]


def _entries() -> tuple[list[importlib.metadata.EntryPoint], list[str]]:
    """What is announced, and the packages that are damaged: one of these hides no other."""
    try:
        return list(importlib.metadata.entry_points(group=GROUP)), []
    except _DAMAGES:
        entries: list[importlib.metadata.EntryPoint] = []
        damaged: list[str] = []
        for distribution in importlib.metadata.distributions():
            try:
                entries += distribution.entry_points.select(group=GROUP)
            except _DAMAGES:
                damaged.append(str(distribution.metadata["Name"]))
        return entries, damaged


def find(asked: str) -> Plugin:
    """The evaluator of that name, or in that file.

    Raises:
        EvaluatorError: when there is none, or more than one under the name.
    """
    if "/" in asked or "\\" in asked or re.search(r"\.py(:|\Z)", asked):
        return _file(asked)
    known = installed()
    plugins = known.get(asked, [])
    if len(plugins) > 1:
        owners = " and ".join(f"{plugin.distribution or '?'} ({plugin.target})" for plugin in plugins)
        raise EvaluatorError(asked, f"two packages announce an evaluator of this name: {owners}", "Uninstall one.")
    if not plugins:
        damaged = "".join(f" {package} is damaged." for package in unreadable())
        hint = _not_installed(asked) or suggestion(asked, known, "Installed")
        raise EvaluatorError(asked, "there is no such evaluator", hint + damaged)
    return plugins[0]


def _not_installed(asked: str) -> str:
    """What is missing where ``rnnlab plugins new`` wrote the package into this folder and nobody installed it."""
    folder = Path(f"rnnlab-{asked}")
    lies_here = (folder / "pyproject.toml").is_file()
    return f"It lies here and is not installed: pip install -e {folder}" if lies_here else ""


def find_all(asked: Iterable[str]) -> list[Plugin]:
    """All that were asked for, each once, in order.

    Raises:
        EvaluatorError: as :func:`find`, and for two files with one name.
    """
    plugins = list(dict.fromkeys(find(name) for name in asked))
    names = [plugin.name for plugin in plugins]
    for plugin in plugins:
        if names.count(plugin.name) > 1:
            raise EvaluatorError(plugin.name, "two evaluators of this name were asked for", "Rename one of the files.")
    return plugins


def place(plugin: Plugin) -> Path:
    """The file that holds the evaluator, or the folder of its package; nothing of it is imported.

    Raises:
        EvaluatorError: where the module is not there.
    """
    if plugin.is_file:
        return Path(plugin.target.partition(".py:")[0].removesuffix(".py") + ".py")
    spec = importlib.util.find_spec(re.split(r"[.:]", plugin.target)[0])
    if spec is None or spec.origin is None:
        raise EvaluatorError(plugin.name, f"there is no module for {plugin.target}", "Install its package again.")
    return Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)


def suggestion(asked: str, known: Iterable[str], what: str) -> str:
    """What the user may have meant, then what there is."""
    names = sorted(known)
    close = difflib.get_close_matches(asked, names, n=1, cutoff=0.5)
    meant = f"Did you mean {close[0]}? " if close else ""
    return f"{meant}{what}: {', '.join(names) or 'none'}."


def _file(asked: str) -> Plugin:
    path, _, attribute = asked.rpartition(":") if re.search(r"\.py:[^/\\]*\Z", asked) else (asked, "", "")
    file = Path(path)
    if file.is_dir():
        raise EvaluatorError(asked, "is a folder", "Name the file in it, or install it and give the evaluator's name.")
    if not file.is_file():
        raise EvaluatorError(asked, "there is no such file", "Name an existing Python file, such as ./my_plugin.py.")
    if file.suffix != ".py":
        raise EvaluatorError(asked, "is not a Python file", "Name one, such as ./my_plugin.py.")
    name = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or "plugin"
    target = str(file.resolve()) + (f":{attribute}" if attribute else "")
    return Plugin(name, target, is_file=True)
