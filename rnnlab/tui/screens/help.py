"""``?``: every key of the screen under it, made from the bindings themselves."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

_TITLES = {"app": "Everywhere", "new": "New run", "play": "Playground", "text": "The written text"}


class HelpScreen(ModalScreen[None]):
    """Keys and what they do, grouped by the widget that has them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "close", id="help.close"),
    ]
    DEFAULT_CSS = """
    HelpScreen > VerticalScroll { width: 80; max-width: 96%; height: auto; max-height: 94%; border: round $primary;
                                  background: $surface; padding: 0 1; }
    HelpScreen Static { width: 100%; }
    """

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__()
        self._groups = groups(about)

    def compose(self) -> ComposeResult:
        """One table per group."""
        with VerticalScroll() as box:
            box.border_title = "Keys"
            box.border_subtitle = "Esc closes"
            for title, rows in self._groups:
                table = Table.grid(padding=(0, 2))
                table.add_column(justify="right", min_width=10, no_wrap=True)
                table.add_column(min_width=32)
                table.add_column(no_wrap=True)
                for keys, text, name in rows:
                    table.add_row(Text(keys, style="bold"), Text(text), Text(name, style="dim"))
                yield Static(Text(title, style="bold underline"))
                yield Static(table)

    def on_mount(self) -> None:
        """The box scrolls with the arrow keys."""
        self.query_one(VerticalScroll).focus()


def group_title(name: str) -> str:
    """What the keys have to do with that are called so: Chart for chart.fit."""
    group = name.partition(".")[0]
    return _TITLES.get(group, group.capitalize())


def groups(screen: Screen[Any]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Title and (keys, description, name in the user's keymap) rows for the screen, its widgets and the program.

    A binding of ours has an id, ``group.name``; Textual's own are left out.
    """
    found: dict[str, dict[tuple[str, str], str]] = {}
    for node in (screen, *screen.walk_children(), screen.app):
        keys: dict[str, list[Binding]] = {}
        bound = node._bindings.copy()
        bound.apply_keymap(screen.app._keymap)  # what the person set instead
        for _, binding in bound:
            if binding.id and binding.description:
                keys.setdefault(binding.id, []).append(binding)
        for name, bindings in keys.items():
            rows = found.setdefault(group_title(name), {})
            words = dict.fromkeys(screen.app.get_key_display(binding) for binding in bindings)
            rows.setdefault((bindings[0].tooltip or bindings[0].description, name), " ".join(words))
    return [(title, [(keys, text, name) for (text, name), keys in rows.items()]) for title, rows in found.items()]
