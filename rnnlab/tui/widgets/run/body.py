"""The place of all panels of the run screen: which of them are on, and where."""

from __future__ import annotations

from textual.containers import Container
from textual.geometry import Size
from textual.layout import Layout
from textual.reactive import reactive

from rnnlab.tui.widgets.run.arrangement import LABELS, Arranged, Arrangement, arrange
from rnnlab.tui.widgets.run.tabs import PanelBar


class RunBody(Container):
    """The panels, placed by :func:`arrange`."""

    DEFAULT_CSS = "RunBody { height: 1fr; width: 1fr; overflow: hidden; }"

    active: reactive[str] = reactive("sample", init=False)
    zoomed: reactive[str] = reactive("", init=False)
    wider: reactive[int] = reactive(0, init=False)

    def __init__(self) -> None:
        super().__init__()
        self._layout = Arranged(self._arrange)

    @property
    def layout(self) -> Layout:
        """The layout of this screen."""
        return self._layout

    def on_mount(self) -> None:
        """Hide what has no place yet."""
        self.apply()

    def _arrange(self, size: Size) -> Arrangement:
        return arrange(size.width, size.height, self.active, self.zoomed, self.wider)

    def on_resize(self) -> None:
        """Which panels have a place depends on the size."""
        self.apply()

    def watch_active(self) -> None:
        """Another panel in the shared place."""
        self.apply()

    def watch_zoomed(self) -> None:
        """One panel alone, or all again."""
        self.apply()

    def watch_wider(self) -> None:
        """Another share for the chart."""
        self.apply()

    def apply(self) -> None:
        """Hide what has no place, so that it takes no focus and no work."""
        planned = self._arrange(self.size)
        for child in self.children:
            child.display = child.id in planned.regions
        for bar in self.query(PanelBar):  # a dashboard that is closed while it opens has none
            bar.names = tuple((panel, LABELS[panel]) for panel in planned.shared)
            bar.active = next((panel for panel in planned.shared if panel in planned.regions), "")
        self.refresh(layout=True)
