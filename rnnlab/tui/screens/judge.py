"""A judged text: its findings and its source side by side; the two go together.

The evaluators are processes of their own, asked from a thread; texts are judged one at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from rnnlab.corpus.language import language_of
from rnnlab.display import safe
from rnnlab.evaluation.contract import Finding, Source
from rnnlab.tui.base import LabAppScreen, hand_over
from rnnlab.tui.reading.judging import Judge, Judged
from rnnlab.tui.widgets.keybar import KeyBar
from rnnlab.tui.widgets.source import Document, SourceView
from rnnlab.tui.widgets.source.document import counted, nothing_found

_COLOURS = {"info": "cyan", "warning": "yellow", "error": "red"}
_MOST = 5000
"""Findings that the list takes; the source shows them all."""


class JudgeScreen(LabAppScreen):
    """Judges ``sources`` (one is shown at a time) with evaluators by name or file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "finding(1)", "next", id="judge.next"),
        Binding("N", "finding(-1)", "before", id="judge.before"),
        Binding("right_square_bracket", "text(1)", "next text", key_display="]", id="judge.next-text"),
        Binding("left_square_bracket", "text(-1)", "text before", key_display="[", show=False, id="judge.text-before"),
        Binding("tab", "app.focus_next", "list or source", show=False, id="judge.other"),
        Binding("escape", "back", "back", id="judge.back"),
    ]
    DEFAULT_CSS = """
    JudgeScreen #head { height: 2; background: $panel; padding: 0 1; }
    JudgeScreen #findings { width: 40%; max-width: 64; height: 1fr; border: none; padding: 0; background: $background;
                            scrollbar-size: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    JudgeScreen SourceView { margin-left: 1; }
    JudgeScreen.-narrow Horizontal { layout: vertical; }
    JudgeScreen.-narrow #findings { width: 1fr; max-width: 100%; height: 7; }
    """

    class Seen(Message):
        """Findings came."""

        def __init__(self, judged: Judged) -> None:
            super().__init__()
            self.judged = judged

    def __init__(
        self, sources: Sequence[Source], plugins: tuple[str, ...], settings: tuple[str, ...] = (), language: str = ""
    ) -> None:
        super().__init__()
        self._sources, self._language, self._at = list(sources), language, 0
        self._judge = Judge(plugins, settings, self._hand_over) if plugins else None
        self._known: dict[int, Judged] = {}

    def _hand_over(self, judged: Judged) -> None:
        hand_over(self.Seen(judged), self)

    def compose(self) -> ComposeResult:
        """The tree mirrors the screen."""
        yield Static("", id="head")
        with Horizontal():
            yield OptionList(id="findings")
            yield SourceView(id="source")
        yield KeyBar()

    def on_mount(self) -> None:
        """Show and judge the first text."""
        self.query_one("#findings").focus()
        self._show()

    def on_unmount(self) -> None:
        """The evaluators' processes end with the screen."""
        if self._judge is not None:
            self._judge.stop()

    def _show(self) -> None:
        source, judged = self._sources[self._at], self._known.get(self._at)
        language = self._language or language_of([source.name])
        found = judged.findings if judged is not None else ()
        document = Document(source.text, language, found, prompt=len(source.prompt))
        self.query_one(SourceView).document = document
        options = self.query_one("#findings", OptionList)
        options.clear_options()
        options.add_options([Option(_line(finding)) for finding in document.ordered[:_MOST]])
        if judged is None and self._judge is not None:
            self._judge.ask(self._at, source)
        self._draw_head(judged)

    def _draw_head(self, judged: Judged | None) -> None:
        source = self._sources[self._at]
        line = Text(no_wrap=True, overflow="ellipsis").append(safe(source.name, multiline=False) or "text", "bold")
        if len(self._sources) > 1:
            line.append(f"  {self._at + 1} of {len(self._sources)}", "dim")
        line.append(f"  {len(source.text):,} characters, {source.text.count(chr(10)) + 1:,} lines", "dim")
        second = Text(no_wrap=True, overflow="ellipsis")
        if self._judge is None:
            second.append(
                "No evaluator is known for this text. Name one: rnnlab eval FILE --plugin NAME --tui", "yellow"
            )
        elif judged is None:
            second.append("judging …", "dim")
        elif judged.problems:
            second.append(safe("; ".join(judged.problems), multiline=False), "red")
        elif not counted(judged.findings):
            second.append(nothing_found(judged.findings), "green")
        else:
            for rule, number in counted(judged.findings):
                second.append(f"{safe(rule, multiline=False)} ", "dim").append(f"{number:,}   ", "bold")
        self.query_one("#head", Static).update(Text("\n", no_wrap=True, overflow="ellipsis").join([line, second]))

    def on_judge_screen_seen(self, message: Seen) -> None:
        """Findings of a text; a problem without a text is that of all."""
        key = message.judged.key
        self._known[key if isinstance(key, int) else self._at] = message.judged
        if key is None or key == self._at:
            self._show()

    # The list and the source go together.

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The source shows what the list is at."""
        self.query_one(SourceView).chosen = event.option_index

    def on_source_view_chosen(self) -> None:
        """The list shows what the source is at."""
        chosen, options = self.query_one(SourceView).chosen, self.query_one("#findings", OptionList)
        if chosen is not None and chosen < options.option_count and options.highlighted != chosen:
            options.highlighted = chosen

    def action_finding(self, direction: int) -> None:
        """The next finding, or the one before."""
        self.query_one(SourceView).action_jump(direction)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A text alone has none after it."""
        return super().check_action(action, parameters) and (action != "text" or len(self._sources) > 1)

    def action_text(self, direction: int) -> None:
        """The next text, or the one before."""
        if len(self._sources) > 1:
            self._at = (self._at + direction) % len(self._sources)
            self._show()

    def action_back(self) -> None:
        """To where one came from."""
        self.app.pop_screen()


def _line(finding: Finding) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f"{finding.line:>5}:{finding.column:<4}", "dim")
    text.append(f"{safe(finding.rule, multiline=False)} ", "dim" if finding.edge else _COLOURS[finding.severity])
    return text.append(safe(finding.message, multiline=False), "dim" if finding.edge else "")
