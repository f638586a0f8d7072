"""The last row: as many keys as fit, in the order in which the screen declares them.

The program's own keys (help, quit) always stand at the right end. Textual's Footer scrolls what
does not fit out of sight, and sends the whole screen anew at every change of focus.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from rnnlab.tui.widgets.colours import Colours


class KeyBar(Widget):
    """Shows the bindings that have ``show`` set; a click presses the key."""

    DEFAULT_CSS = "KeyBar { dock: bottom; height: 1; width: 1fr; background: $panel; }"

    def __init__(self) -> None:
        super().__init__()
        self._colours = Colours()
        self._places: list[tuple[int, int, str]] = []
        self._before: list[tuple[str, str, bool]] = []

    def on_mount(self) -> None:
        """Keys follow the focus, colours the theme."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._recolour())

    def _recolour(self) -> None:
        self._colours.clear()
        self.refresh()

    def _changed(self, _screen: Screen[object]) -> None:
        entries = [(binding.key, binding.description, enabled) for binding, enabled, _ in self._entries()]
        if entries != self._before:
            self._before = entries
            self.refresh()

    def _entries(self) -> list[tuple[Binding, bool, bool]]:
        """Each binding, whether it works now, and whether it is the program's own; each action once."""
        entries: dict[str, tuple[Binding, bool, bool]] = {}
        for node, binding, enabled, _tooltip in self.screen.active_bindings.values():
            if binding.show and binding.id:
                entries.setdefault(binding.id, (binding, enabled, node is self.app))
        return list(entries.values())

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  # there is one row
        """The row; remembers where each key stands."""
        entries = self._entries()
        ours, program = [e for e in entries if not e[2]], [e for e in entries if e[2]]
        room = self.size.width - sum(self._length(binding) for binding, _, _ in program)
        left: list[tuple[Binding, bool, bool]] = []
        for entry in ours:
            if self._length(entry[0]) > room:
                break
            left.append(entry)
            room -= self._length(entry[0])
        segments: list[Segment] = []
        self._places = []
        at = 0
        for index, (binding, enabled, _) in enumerate([*left, *program]):
            if index == len(left) and room > 0:
                segments.append(Segment(" " * room, self._plain))
                at += room
            key, words = self.app.get_key_display(binding), binding.description
            segments.append(
                Segment(f" {key}", self._colours.style(self, "$accent") + Style(bold=True, dim=not enabled))
            )
            segments.append(Segment(f" {words}", self._plain + Style(dim=not enabled)))
            self._places.append((at, at + self._length(binding), binding.key))
            at += self._length(binding)
        return Strip(segments).adjust_cell_length(self.size.width, self._plain)

    @property
    def _plain(self) -> Style:
        return self._colours.style(self, "$foreground")

    def _length(self, binding: Binding) -> int:
        return cell_len(self.app.get_key_display(binding)) + cell_len(binding.description) + 2

    def on_click(self, event: events.Click) -> None:
        """Press the key under the pointer."""
        for start, stop, key in self._places:
            if start <= event.x < stop:
                self.app.simulate_key(key)
