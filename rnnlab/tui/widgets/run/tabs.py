"""One row of names: which of several panels that share a place is shown."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from rnnlab.tui.widgets.colours import Colours


class PanelBar(Widget):
    """Names with their number keys; a click chooses one."""

    DEFAULT_CSS = "PanelBar { height: 1; width: 1fr; background: $background; }"

    names: reactive[tuple[tuple[str, str], ...]] = reactive(())
    """(id, label) of each panel."""
    active: reactive[str] = reactive("")

    class Chosen(Message):
        """A name was clicked."""

        def __init__(self, panel: str) -> None:
            super().__init__()
            self.panel = panel

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._colours = Colours()

    def on_mount(self) -> None:
        """Colours follow the theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._recolour())

    def _recolour(self) -> None:
        self._colours.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002  # there is one row
        """The row."""
        rule, plain = self._colours.style(self, "$chart-grid"), self._colours.style(self, "$text-muted")
        chosen = self._colours.style(self, "$primary") + Style(bold=True, reverse=True)
        segments = [Segment("─", rule)]
        for panel, label in self.names:
            segments += [Segment(f" {label} ", chosen if panel == self.active else plain), Segment("─", rule)]
        strip = Strip(segments)
        room = self.size.width - strip.cell_length
        return Strip([*segments, Segment("─" * room, rule)]) if room > 0 else strip.crop(0, self.size.width)

    def on_click(self, event: events.Click) -> None:
        """Choose what is under the pointer."""
        place = 1
        for panel, label in self.names:
            if place <= event.x < place + len(label) + 2:
                self.post_message(self.Chosen(panel))
            place += len(label) + 3
