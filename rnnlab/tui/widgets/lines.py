"""A scrolling list of Rich texts, drawn line by line: only what is in sight costs anything."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.text import Text
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rnnlab.tui.widgets.extent import set_extent


class Lines(ScrollView, can_focus=True):
    """Shows ``rows``, one per line; with ``tail`` it stays at the newest while it is there."""

    DEFAULT_CSS = """
    Lines { height: 1fr; width: 1fr; background: $background; scrollbar-size: 0 1; overflow-y: auto; }
    """

    rows: reactive[Sequence[Text]] = reactive((), repaint=False)

    def __init__(self, *, tail: bool = False, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._tail = tail
        self._seen = False

    def watch_rows(self, rows: Sequence[Text]) -> None:
        """Draw; the texts are made by us of safe words, one line each."""
        at_end = not self._seen or self.scroll_offset.y >= self.max_scroll_y - 1
        set_extent(self, Size(max((row.cell_len for row in rows), default=0), len(rows)))
        if self._tail and at_end:
            self.call_after_refresh(self.scroll_end, animate=False)
        self.refresh()

    def on_show(self) -> None:
        """Whoever looks for the first time sees the newest."""
        if self._tail and not self._seen:
            self.call_after_refresh(self.scroll_end, animate=False)
        self._seen = True

    def render_line(self, y: int) -> Strip:
        """The visible part of a row."""
        left, top = self.scroll_offset
        width, ground = self.scrollable_content_region.width, self.rich_style
        if top + y >= len(self.rows):
            return Strip.blank(width, ground)
        strip = Strip(self.rows[top + y].render(self.app.console)).apply_style(ground)
        if strip.cell_length <= left + width or width < 2:
            return strip.crop_extend(left, left + width, ground)
        return Strip.join([strip.crop(left, left + width - 1), Strip([Segment("…", ground)])])
