"""The widget that shows a document: it scrolls, and jumps from finding to finding."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rnnlab.display import safe
from rnnlab.evaluation.contract import Finding
from rnnlab.tui.widgets.colours import Colours
from rnnlab.tui.widgets.extent import set_extent
from rnnlab.tui.widgets.source import text
from rnnlab.tui.widgets.source.document import CHOSEN, EDGE, SEVERITIES, SEVERITY_SHIFT, Document
from rnnlab.tui.widgets.source.highlight import Ink

_INKS = {
    Ink.PLAIN: "$foreground",
    Ink.KEYWORD: "$source-keyword",
    Ink.TYPE: "$source-type",
    Ink.STRING: "$source-string",
    Ink.COMMENT: "$text-muted",
    Ink.NUMBER: "$source-number",
    Ink.DIRECTIVE: "$source-directive",
    Ink.NAME: "$source-name",
    Ink.PROMPT: "$text-muted",
    Ink.ADDED: "$success",
    Ink.REMOVED: "$error",
}
_SEVERITY = {"info": "$secondary", "warning": "$warning", "error": "$error"}


class SourceView(ScrollView, can_focus=True):
    """Shows a :class:`Document`; ``n`` and ``N`` go from finding to finding."""

    DEFAULT_CSS = """
    SourceView { height: 1fr; width: 1fr; background: $background; scrollbar-size: 0 1; overflow-y: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "jump(1)", "next finding", show=False, id="source.next"),
        Binding("N", "jump(-1)", "finding before", show=False, id="source.previous"),
    ]

    document: reactive[Document] = reactive(Document(""), layout=False, always_update=False)
    chosen: reactive[int | None] = reactive(None)

    class Chosen(Message):
        """Another finding was chosen (None: none)."""

        def __init__(self, view: SourceView, finding: Finding | None) -> None:
            super().__init__()
            self.view, self.finding = view, finding

        @property
        def control(self) -> SourceView:
            """The view it came from."""
            return self.view

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._colours = Colours()
        self._strips: dict[int, Strip] = {}

    def on_mount(self) -> None:
        """Colours follow the theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._recolour())

    def _recolour(self) -> None:
        self._colours.clear()
        self._strips.clear()
        self.refresh()

    @property
    def finding(self) -> Finding | None:
        """The chosen finding."""
        if self.chosen is None or self.chosen >= len(self.document.ordered):
            return None
        return self.document.ordered[self.chosen]

    def watch_document(self, before: Document, document: Document) -> None:
        """Show it from the top; the same text with other findings stays where it is."""
        self._strips.clear()
        self.chosen = None
        margin = self._margin + max((cell_len_of(document, number) for number in range(len(document.lines))), default=0)
        set_extent(self, Size(margin + 1, len(document.lines)))
        if before.text != document.text:
            self.scroll_home(animate=False)
        self.refresh()

    def watch_chosen(self) -> None:
        """Mark it, bring it into sight, tell."""
        self._strips.clear()
        self.refresh()
        finding = self.finding
        if finding is not None and finding.line <= len(self.document.lines):
            column = text.cell_of(self.document.lines[finding.line - 1], finding.column - 1)
            region = Region(max(0, column - 4), max(0, finding.line - 2), self._margin + 24, 3)
            self.scroll_to_region(region, animate=False, force=True)
        self.post_message(self.Chosen(self, finding))

    def action_jump(self, direction: int) -> None:
        """To the next finding, or the one before; around the ends."""
        count = len(self.document.ordered)
        if count:
            start = -1 if direction > 0 else 0
            self.chosen = ((start if self.chosen is None else self.chosen) + direction) % count

    @property
    def _margin(self) -> int:
        return len(str(max(len(self.document.lines), 1))) + 2

    def render_line(self, y: int) -> Strip:
        """The visible part of a line."""
        left, top = self.scroll_offset
        number, width = top + y, self.scrollable_content_region.width
        if number >= len(self.document.lines):
            return Strip.blank(width, self._style("$foreground"))
        strip = self._strips.get(number)
        if strip is None:
            strip = self._strips[number] = self._line(number)
        return strip.crop_extend(left, left + width, self._style("$foreground"))

    def _line(self, number: int) -> Strip:
        document = self.document
        sign = document.signs[number] if number < len(document.signs) else " "
        starting = document.beginning_on(number)
        worst = max((SEVERITIES.index(finding.severity) for finding in starting if not finding.edge), default=0)
        margin = str(number + 1).rjust(self._margin - 2)
        segments = [
            Segment(margin, self._style("$chart-grid")),
            Segment(f"{'▎' if worst else sign} ", self._style(_SEVERITY.get(SEVERITIES[worst], "$foreground"))),
        ]
        codes = document.codes(number, self.finding)
        segments += [Segment(piece, self._ink(code)) for piece, code in text.runs(document.lines[number], codes)]
        for finding in starting:
            if not finding.edge or finding is self.finding:
                message = f"  ◂ {safe(finding.message, multiline=False)}"
                segments.append(
                    Segment(message, self._style(_SEVERITY[finding.severity]) + Style(italic=True, dim=True))
                )
        return Strip(segments)

    def _style(self, front: str) -> Style:
        return self._colours.style(self, front)

    def _ink(self, code: int) -> Style:
        style = self._style(_INKS[Ink(code & 15)])
        severity = SEVERITIES[(code >> SEVERITY_SHIFT) & 3]
        if severity:
            style = self._style("$text-muted" if code & EDGE else _SEVERITY[severity]) + Style(underline=True)
        return style + Style(reverse=True) if code & CHOSEN else style


def cell_len_of(document: Document, number: int) -> int:
    """Cells of a line with the messages that stand behind it."""
    messages = sum(cell_len(safe(finding.message)) + 4 for finding in document.beginning_on(number))
    return text.width(document.lines[number]) + messages
