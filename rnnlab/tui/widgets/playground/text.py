"""Generated text as it is made, every character coloured by how much it surprised the model that wrote it.

Lines are wrapped to the width. The text may be hostile: it is made safe here, character for character.
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rnnlab.display import safe
from rnnlab.tui.reading.sampling import Likely, Written
from rnnlab.tui.widgets.colours import Colours
from rnnlab.tui.widgets.extent import set_extent

_TAB = 8
_RETURN = "\u240d"
LEVELS = ((1.0, "$success", "certain"), (2.5, "$foreground", "likely"), (5.0, "$warning", "rare"))
HOTTEST = ("$error", "surprising")


def level(bits: float) -> str:
    """The colour of a character that came with so much surprise."""
    return next((colour for limit, colour, _ in LEVELS if bits < limit), HOTTEST[0])


class SurpriseText(ScrollView, can_focus=True):
    """Takes :class:`Written` pieces; the cursor follows the newest character until it is moved."""

    DEFAULT_CSS = """
    SurpriseText { height: 1fr; width: 1fr; background: $background; scrollbar-size: 0 1; overflow-x: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "character before", show=False, id="text.left"),
        Binding("right", "step(1)", "next character", show=False, id="text.right"),
        Binding("up", "line(-1)", "line up", show=False, id="text.up"),
        Binding("down", "line(1)", "line down", show=False, id="text.down"),
        Binding("home", "edge(0)", "first character", show=False, id="text.first"),
        Binding("end", "edge(1)", "newest character", show=False, id="text.last"),
        Binding("n", "surprise(1)", "next surprise", id="text.next-surprise"),
        Binding("N", "surprise(-1)", "surprise before", show=False, id="text.surprise-before"),
    ]

    class Moved(Message):
        """The cursor is on another character."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._colours = Colours()
        self.begin("")

    def begin(self, prompt: str) -> None:
        """An empty text after a prompt."""
        self.prompt = safe(prompt)
        self.text, self.raw = "", b""
        self.bits: list[float] = []
        self.likeliest: list[Likely] = []
        self._at: int | None = None
        self._rows: list[list[int]] = [[]]  # indexes into prompt + text
        self._cells = 0
        for index, sign in enumerate(self.prompt):
            self._place(index, sign)
        self._settle()

    @property
    def at(self) -> int | None:
        """The character under the cursor, counted in the text."""
        if not self.text:
            return None
        return len(self.text) - 1 if self._at is None else self._at

    def add(self, written: Written) -> None:
        """The next characters."""
        start = len(self.prompt) + len(self.text)
        signs = safe("".join(written.text))
        self.text += signs
        self.raw += written.raw
        self.bits += written.bits
        self.likeliest += written.likeliest
        for index, sign in enumerate(signs):
            self._place(start + index, sign)
        self._settle()
        if self._at is None:
            self.scroll_end(animate=False)

    def _place(self, index: int, sign: str) -> None:
        width = _TAB - self._cells % _TAB if sign == "\t" else 0 if sign == "\n" else get_character_cell_size(sign)
        if self._cells + width > max(self.size.width - 1, 8):
            self._rows.append([])
            self._cells = 0
        self._rows[-1].append(index)
        self._cells += width
        if sign == "\n":
            self._rows.append([])
            self._cells = 0

    def _settle(self) -> None:
        set_extent(self, Size(self.size.width, len(self._rows)))
        self.refresh()
        self.post_message(self.Moved())

    def on_mount(self) -> None:
        """Colours follow the theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._recolour())

    def _recolour(self) -> None:
        self._colours.clear()
        self.refresh()

    def on_resize(self) -> None:
        """Wrap again."""
        self._rows, self._cells = [[]], 0
        for index, sign in enumerate(self.prompt + self.text):
            self._place(index, sign)
        self._settle()

    def render_line(self, y: int) -> Strip:
        """A wrapped line."""
        row, width = self.scroll_offset.y + y, self.size.width
        plain = self._colours.style(self, "$foreground")
        if row >= len(self._rows):
            return Strip.blank(width, plain)
        segments, cells, given = [], 0, len(self.prompt)
        cursor = None if self.at is None else self.at + given
        whole = self.prompt + self.text
        for index in self._rows[row]:
            sign = whole[index]
            if sign == "\t":
                sign = " " * (_TAB - cells % _TAB)
            elif sign == "\n":
                sign = " " if index == cursor else ""
            elif sign == _RETURN and whole[index + 1 : index + 2] == "\n":
                sign = " "  # DOS's line ends are no news
            cells += len(sign)
            front = "$text-muted" if index < given else level(self.bits[index - given])
            style = self._colours.style(self, front)
            if index == cursor:
                style += Style(reverse=True)
            elif front == HOTTEST[0]:
                style += Style(underline=True)
            segments.append(Segment(sign, style))
        return Strip(Strip(segments).simplify()).adjust_cell_length(width, plain)

    # Keys and mouse.

    def _go(self, at: int) -> None:
        if self.text:
            at = min(max(at, 0), len(self.text) - 1)
            self._at = None if at == len(self.text) - 1 else at
            row = self._row_of(at)
            self.scroll_to_region(Region(0, row, 1, 1), animate=False, force=True)
            self.refresh()
            self.post_message(self.Moved())

    def _row_of(self, at: int) -> int:
        index = at + len(self.prompt)
        low, high = 0, len(self._rows) - 1
        while low < high:
            middle = (low + high + 1) // 2
            first = next((row[0] for row in self._rows[middle:] if row), index + 1)
            low, high = (middle, high) if first <= index else (low, middle - 1)
        return low

    def action_step(self, characters: int) -> None:
        """Left and right."""
        self._go((self.at or 0) + characters)

    def action_line(self, rows: int) -> None:
        """Up and down, in the same column as far as there is one."""
        if self.at is None:
            return
        row = self._row_of(self.at)
        column = self._rows[row].index(self.at + len(self.prompt))
        target = self._rows[min(max(row + rows, 0), len(self._rows) - 1)]
        if target:
            self._go(target[min(column, len(target) - 1)] - len(self.prompt))

    def action_edge(self, which: int) -> None:
        """To the first or the newest character."""
        self._go(len(self.text) - 1 if which else 0)

    def action_surprise(self, direction: int) -> None:
        """To the next character that was a surprise."""
        if self.at is None:
            return
        places = range(self.at + 1, len(self.text)) if direction > 0 else range(self.at - 1, -1, -1)
        self._go(next((place for place in places if level(self.bits[place]) == HOTTEST[0]), self.at))

    def on_click(self, event: events.Click) -> None:
        """The cursor goes to the character."""
        offset = event.get_content_offset(self)
        row = self.scroll_offset.y + offset.y if offset is not None else len(self._rows)
        if offset is not None and row < len(self._rows) and self._rows[row]:
            self._go(self._rows[row][min(offset.x, len(self._rows[row]) - 1)] - len(self.prompt))
