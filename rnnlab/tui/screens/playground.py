"""The playground: let a run write, see what surprised it, judge what it wrote, keep it.

The sampler is a process of its own; this screen asks it and draws what comes.
"""

from __future__ import annotations

import random
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label, Static

from rnnlab.evaluation.contract import Source
from rnnlab.runs import RunFolder
from rnnlab.tui.base import LabAppScreen, hand_over
from rnnlab.tui.figures import count
from rnnlab.tui.reading.checkpoints import called, choices
from rnnlab.tui.reading.sampling import Wish, Writer, Written
from rnnlab.tui.screens import written
from rnnlab.tui.screens.ask import a_number
from rnnlab.tui.screens.steering import spelled
from rnnlab.tui.widgets.keybar import KeyBar
from rnnlab.tui.widgets.playground.head import head
from rnnlab.tui.widgets.playground.likely import LikelyPanel
from rnnlab.tui.widgets.playground.text import SurpriseText

_FIELDS = (
    ("temperature", "temperature", "0.8", a_number(least=0)),
    ("top_k", "top-k", "0", a_number(least=0, whole=True)),
    ("top_p", "top-p", "1", a_number(above=0)),
    ("seed", "seed", "0", a_number(least=0, whole=True)),
    ("length", "length", "2000", a_number(least=1, whole=True)),
)


class PlaygroundScreen(LabAppScreen):
    """Fields on top, the text under them, the likeliest characters beside it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "again", "another", id="play.again", tooltip="the same with another seed"),
        Binding("i,slash", "prompt", "prompt", id="play.prompt", key_display="i"),
        Binding("b", "checkpoint", "checkpoint", id="play.checkpoint", tooltip="the next checkpoint writes"),
        Binding("s", "hush", "stop", id="play.hush"),
        Binding("e", "judge", "judge", id="play.judge"),
        Binding("k", "keep", "keep", id="play.keep"),
        Binding("c", "copy", "copy", show=False, id="play.copy"),
        Binding("escape", "back", "back", id="play.back"),
    ]
    DEFAULT_CSS = """
    PlaygroundScreen .row { height: 1; background: $panel; padding: 0 1; }
    PlaygroundScreen .row Label { color: $text-muted; margin-right: 1; }
    PlaygroundScreen Input { border: none; height: 1; padding: 0; background: $boost; width: 7; margin-right: 2; }
    PlaygroundScreen Input:focus { border: none; background: $primary 30%; }
    PlaygroundScreen #prompt { width: 1fr; }
    PlaygroundScreen #head { height: 1; background: $panel; padding: 0 1; }
    PlaygroundScreen #body { height: 1fr; }
    PlaygroundScreen SurpriseText { margin: 0 1; }
    PlaygroundScreen.-narrow #body { layout: vertical; }
    PlaygroundScreen.-narrow LikelyPanel { width: 1fr; height: 8; }
    PlaygroundScreen.-narrow .row Input { margin-right: 1; width: 6; }
    """

    class Seen(Message):
        """The sampler of that number wrote something."""

        def __init__(self, sampler: int, written: Written) -> None:
            super().__init__()
            self.sampler, self.written = sampler, written

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self.run_folder = run
        self._writer: Writer | None = None
        self._writers = self._number = 0
        self._asked_for = ""  # a checkpoint; empty: the best there is
        self._asked_in: Input | None = None
        self._state, self._checkpoint = "", ""

    def compose(self) -> ComposeResult:
        """The tree mirrors the screen."""
        yield Static("", id="head")
        with Horizontal(classes="row"):
            yield Label("prompt")
            yield Input(placeholder=r"\n and \t are what they are in C", id="prompt")
        with Horizontal(classes="row"):
            for name, label, value, _ in _FIELDS:
                yield Label(label)
                yield Input(value, id=name)
        with Horizontal(id="body"):
            yield SurpriseText(id="text")
            yield LikelyPanel(id="likely")
        yield KeyBar()

    def on_mount(self) -> None:
        """Load the network and let it write at once."""
        self.query_one(SurpriseText).focus()
        self.action_write()

    def on_unmount(self) -> None:
        """The process ends with the screen."""
        if self._writer is not None:
            self._writer.stop()

    def _sampler(self) -> Writer | None:
        """The process that writes; another one where there is none, or where it is gone."""
        if self._writer is None or not self._writer.is_alive():
            self._state, self._checkpoint = "loading the network …", self._asked_for
            self._writers += 1
            folder = self.run_folder
            source = folder.checkpoints / self._asked_for if self._asked_for else folder.path
            try:
                self._writer = Writer(source, partial(self._hand_over, self._writers))
            except OSError as error:
                self._writer = None
                self._tell(str(error))
            else:
                self._writer.start()
            self._draw_head()
        return self._writer

    def _hand_over(self, sampler: int, written: Written) -> None:
        hand_over(self.Seen(sampler, written), self)

    def on_playground_screen_seen(self, message: Seen) -> None:
        """Draw what came."""
        piece = message.written
        if message.sampler != self._writers:
            return  # last words of one that another checkpoint has taken the place of
        if piece.ready:
            self._checkpoint, self._state = piece.ready, "writing"
        elif piece.problem:
            self._tell(piece.problem)
            if piece.number == self._number and self._asked_in is not None:
                self._asked_in.focus()
        elif piece.number == self._number:
            if piece.text:
                self.query_one(SurpriseText).add(piece)
                self._state = "writing"
            if piece.ended:
                self._state = f"{count(piece.per_second)} char/s"
        self._draw_head()

    def _tell(self, problem: str) -> None:
        self._state = problem.split("\n")[0]
        self.lab.notice(problem, "error")
        self._draw_head()

    def _draw_head(self) -> None:
        bits, colours = self.query_one(SurpriseText).bits, self.app.theme_variables
        checkpoint = called(self.run_folder, self._checkpoint) if self._checkpoint else ""
        row = head(self.run_folder.name, checkpoint, self._state, bits, self.size.width - 2, colours)
        self.query_one("#head", Static).update(row)

    def on_resize(self) -> None:
        """More fits, or less."""
        self._draw_head()

    def on_surprise_text_moved(self) -> None:
        """What else was likely there."""
        text, panel = self.query_one(SurpriseText), self.query_one(LikelyPanel)
        if text.at is None:
            panel.show("", "", None, ())
        else:
            before = (text.prompt + text.text)[: len(text.prompt) + text.at]
            panel.show(before, text.text[text.at], text.bits[text.at], text.likeliest[text.at])

    # Keys.

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in any field lets it write; the keys go to the text, and back if what was typed is refused."""
        self._asked_in = event.input
        self.query_one(SurpriseText).focus()
        self.action_write()

    def action_write(self) -> None:
        """Write with what stands in the fields."""
        values = {name: self.query_one(f"#{name}", Input).value.strip() for name, *_ in _FIELDS}
        for name, label, _, check in _FIELDS:
            wrong = check(values[name])
            if wrong:
                self.lab.notice(f"{label} {wrong}", "warning")
                self.query_one(f"#{name}", Input).focus()
                return
        writer = self._sampler()
        if writer is not None:
            prompt = spelled(self.query_one("#prompt", Input).value)
            self.query_one(SurpriseText).begin(prompt)
            top_p, seed = min(float(values["top_p"]), 1.0), int(values["seed"])
            wish = Wish(prompt, float(values["temperature"]), int(values["top_k"]), top_p, seed, int(values["length"]))
            self._number = writer.ask(wish)

    def action_again(self) -> None:
        """The same with another seed."""
        self.query_one("#seed", Input).value = str(random.randrange(10_000))
        self.action_write()

    def action_checkpoint(self) -> None:
        """The same from the run's next checkpoint."""
        known, now = choices(self.run_folder), self._asked_for or self._checkpoint
        if len(known) < 2:
            self.lab.notice("this run has no other checkpoint")
            return
        self._asked_for = known[(known.index(now) + 1) % len(known)] if now in known else known[0]
        if self._writer is not None:
            self._writer.stop()
        self._writer = None
        self.action_write()

    def action_prompt(self) -> None:
        """Type a prompt."""
        self.query_one("#prompt", Input).focus()

    def action_hush(self) -> None:
        """Stop writing; what was written stays."""
        if self._writer is not None:
            self._writer.hush()

    def action_judge(self) -> None:
        """Findings and source side by side."""
        if self.query_one(SurpriseText).text:
            given, raw = self._written()
            name = f"{self.run_folder.name}, {self._checkpoint}"
            source = Source(text=raw.decode("utf-8", "replace"), name=name, prompt=given)
            written.judge(self.lab, self.run_folder, source)

    def action_keep(self) -> None:
        """Ask for a file, and write the exact bytes."""
        if self.query_one(SurpriseText).raw:
            name = f"{self.run_folder.name}-{self.query_one('#seed', Input).value}.txt"
            written.keep(self.lab, self._written()[1], name)

    def _written(self) -> tuple[str, bytes]:
        """The prompt, and the bytes of it and of the text."""
        given = spelled(self.query_one("#prompt", Input).value)
        return given, given.encode("utf-8", "replace") + self.query_one(SurpriseText).raw

    def action_copy(self) -> None:
        """To the terminal's clipboard (OSC 52)."""
        text = self.query_one(SurpriseText)
        self.app.copy_to_clipboard(text.prompt + text.text)
        self.lab.notice(f"{len(text.text):,} characters handed to the terminal's clipboard")

    def action_back(self) -> None:
        """From a field to the text, from the text to where one came from."""
        if isinstance(self.focused, Input):
            self.query_one(SurpriseText).focus()
        else:
            self.app.pop_screen()
