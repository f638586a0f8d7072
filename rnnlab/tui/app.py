"""The program that owns the terminal: screens, themes, and the thread that watches the lab.

It knows where runs lie and which screen is on; what a run means is the screens' matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen

from rnnlab.runs import RunFolder
from rnnlab.runs.summary import RunSummary
from rnnlab.tui.reading.follower import LabFollower
from rnnlab.tui.screens.help import HelpScreen
from rnnlab.tui.screens.lab import LabScreen

POOR = ("standard", "windows")
"""Colour systems with sixteen colours: there the ansi theme is the one that can be read."""


class Dashboard(App[None]):
    """``rnnlab tui``: the lab at the bottom of the stack, a run's screen over it."""

    TITLE = "rnnlab"
    CSS_PATH = "styles.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]  # noqa: RUF012  # an instance variable of App
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "help", key_display="?", id="app.help"),
        Binding("q", "quit", "quit", id="app.quit"),
        Binding("ctrl+q", "quit", "quit", show=False, priority=True, id="app.quit-now"),
    ]

    summaries: reactive[tuple[RunSummary, ...]] = reactive(tuple, repaint=False)
    """Every run of the lab, newest first; screens watch it."""

    class LabSeen(Message):
        """The lab's thread saw a change."""

        def __init__(self, summaries: tuple[RunSummary, ...]) -> None:
            super().__init__()
            self.summaries = summaries

    def __init__(self, runs_folder: Path, run: RunFolder | None = None) -> None:
        super().__init__()
        self.runs_folder = runs_folder
        self._first = run
        self._follower = LabFollower(runs_folder, lambda seen: self._hand_over(self.LabSeen(seen)))

    def _hand_over(self, message: Message) -> None:
        """From any thread to this one; nobody listens once the program leaves."""
        if self.is_running:
            self.post_message(message)

    def on_mount(self) -> None:
        """Show the lab, and the run that was asked for over it."""
        if self.console.color_system in POOR:
            self.theme = "ansi-dark"
        self.push_screen(LabScreen())
        if self._first is not None:
            self.open_run(self._first)
        self._follower.start()

    def on_unmount(self) -> None:
        """The thread leaves by itself; nothing waits for it."""
        self._follower.stop()

    def on_dashboard_lab_seen(self, message: LabSeen) -> None:
        """New facts about the runs."""
        self.summaries = message.summaries

    def look_now(self) -> None:
        """Read the lab again without waiting."""
        self._follower.look_now()

    def open_run(self, run: RunFolder) -> None:
        """Show a run."""
        from rnnlab.tui.screens.run import RunScreen  # with numpy: not before it is needed

        self.push_screen(RunScreen(run))

    def action_help(self) -> None:
        """Every key of the screen that is on."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the command palette offers: Textual's own, the screen's, and every run."""
        yield from super().get_system_commands(screen)
        offered: Callable[[], Iterable[SystemCommand]] | None = getattr(screen, "commands", None)
        if offered is not None:
            yield from offered()
        for summary in self.summaries:
            yield SystemCommand(f"Open {summary.name}", summary.state, partial(self.open_run, summary.run))
