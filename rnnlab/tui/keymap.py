"""What is wrong with the keys that a person set in ``tui.toml``: names of no binding, keys taken from another."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from textual.binding import Binding
from textual.dom import DOMNode

SCREENS = ("compare", "help", "judge", "lab", "new_run", "playground", "run")


def problems(keys: Mapping[str, str]) -> list[str]:
    """A line about each thing; ``keys`` as in the file: names and the keys they shall have. Imports every screen."""
    for screen in SCREENS:
        importlib.import_module(f"rnnlab.tui.screens.{screen}")
    groups = [
        [binding for binding in vars(cls).get("BINDINGS", ()) if isinstance(binding, Binding) and binding.id]
        for cls in _all(DOMNode)
    ]
    unknown = set(keys) - {binding.id for group in groups for binding in group}
    found = [f"no key is called {name}; ? names them" for name in sorted(unknown)]
    for group in groups:
        taken = {key.strip(): binding.id for binding in group for key in keys.get(binding.id or "", "").split(",")}
        for binding in group:
            lost = [key for key in binding.key.split(",") if taken.get(key, binding.id) != binding.id]
            if binding.id not in keys and lost:
                found.append(f"{taken[lost[0]]} takes {', '.join(lost)} from {binding.id}")
    return found


def _all(cls: type[object]) -> Iterator[type[object]]:
    yield cls
    children: list[type[object]] = cls.__subclasses__()
    for child in children:
        yield from _all(child)
