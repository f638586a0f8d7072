"""The program that owns the terminal: screens, themes, and the thread that watches the lab.

It knows where runs lie and which screen is on; what a run means is the screens' matter.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, InputEvent, Key, Paste
from textual.message import Message
from textual.screen import Screen

from rnnlab.runs import RunFolder
from rnnlab.runs.summary import RunSummary
from rnnlab.tui import keymap
from rnnlab.tui.alerts import Watch
from rnnlab.tui.base import LabApp, hand_over
from rnnlab.tui.launching import Launch
from rnnlab.tui.reading.follower import LabFollower
from rnnlab.tui.screens.help import HelpScreen, group_title
from rnnlab.tui.screens.lab import LabScreen
from rnnlab.tui.tidying import Tidier
from rnnlab.tui.title import TerminalTitle
from rnnlab.tui.typing_ahead import TypeAhead

POOR = ("standard", "windows")
"""Colour systems with sixteen colours: there the ansi theme is the one that can be read."""


class Dashboard(LabApp):
    """``rnnlab tui``: the lab at the bottom of the stack, a run's screen over it."""

    TITLE = "rnnlab"
    CSS_PATH = "styles.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]  # noqa: RUF012  # an instance variable of App
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "help", key_display="?", id="app.help"),
        Binding("f1", "help", "help", id="app.help"),  # where a question mark is typed
        Binding("q", "quit", "quit", id="app.quit"),
        Binding("ctrl+q", "quit", "quit, also while typing", show=False, priority=True, id="app.quit-now"),
        Binding("ctrl+p", "command_palette", "every command by name", show=False, priority=True, id="app.palette"),
    ]

    class LabSeen(Message):
        """The lab's thread saw a change."""

        def __init__(self, summaries: tuple[RunSummary, ...]) -> None:
            super().__init__()
            self.summaries = summaries

    def __init__(
        self,
        runs_folder: Path,
        run: RunFolder | None = None,
        *,
        started: Launch | None = None,
        then: Callable[[LabApp], None] | None = None,
    ) -> None:
        super().__init__(runs_folder)
        self._first, self._started, self._then = run, started, then
        self._watch, self._tidier = Watch(), Tidier(time.monotonic)
        self._typed, self._title = TypeAhead(self, super().on_event), TerminalTitle(self._say_to_terminal)
        self._follower = LabFollower(runs_folder, self._hand_over)

    def _hand_over(self, summaries: tuple[RunSummary, ...]) -> None:
        hand_over(self.LabSeen(summaries), self)

    def on_mount(self) -> None:
        """Show the lab, and the run that was asked for over it."""
        sys.setswitchinterval(0.001)  # a thread that reads gives way to a key after one millisecond, not five
        self._dress()
        self.push_screen(LabScreen())
        if self._first is not None:
            self.open_run(self._first)
        if self._started is not None:
            self.await_start(self._started)
        if self._then is not None:
            self._then(self)
        self._follower.start()
        if sys.__stdin__ is not None and sys.__stdin__.isatty():
            self.set_interval(1.0, partial(self._leave_with, sys.__stdin__.fileno()))
        self.set_interval(1.0, lambda: self._tidier.look([id(screen) for screen in self.screen_stack]))
        self.set_interval(5.0, self._alert)  # a run that stalls changes nothing that could be seen

    def _leave_with(self, terminal: int) -> None:
        """Leave when the terminal is gone: where no SIGHUP comes, reading what is left of it would spin for ever."""
        if not os.isatty(terminal):
            self.exit(return_code=128 + signal.SIGHUP)

    async def on_event(self, event: Event) -> None:
        """Whoever presses a key waits for its answer."""
        if isinstance(event, InputEvent):
            self._tidier.pressed()
            self._title.seen()
        if isinstance(event, (Key, Paste)) and not event.is_forwarded:
            await self._typed.take(event)
        else:
            await super().on_event(event)

    def _dress(self) -> None:
        """The theme and the keys that the user chose."""
        for theme in (self.preferences.theme, self.memory.get("theme", "")):
            if theme in self.available_themes:
                self.theme = theme
                break
        if self.no_color or self.console.color_system in POOR:
            self.theme = "ansi-dark"
        else:
            self.theme_changed_signal.subscribe(self, lambda theme: self.remember("theme", theme.name))
        if self.preferences.keys:
            self.set_keymap(self.preferences.keys)
            self.run_worker(self._check_keys, thread=True, exit_on_error=False)
        if self.preferences.problem:
            self.notice(self.preferences.problem, "warning")

    def _check_keys(self) -> None:
        for problem in keymap.problems(self.preferences.keys):
            self.call_from_thread(self.notice, f"tui.toml: {problem}", "warning")

    def on_unmount(self) -> None:
        """The thread leaves by itself; nothing waits for it."""
        self._follower.stop()
        self._tidier.leave()
        self._title.seen()
        self.memory.save()

    def on_dashboard_lab_seen(self, message: LabSeen) -> None:
        """New facts about the runs."""
        self.looked = True
        self.summaries = message.summaries
        self._alert()

    def _alert(self) -> None:
        """Tell what is new, and ring if that is wanted."""
        looked_at = getattr(self.screen, "run_folder", None)
        told = [
            alert
            for alert in self._watch.look(self.summaries, time.monotonic())
            if alert.kind in self.preferences.alerts
            and not (alert.kind == "best" and isinstance(looked_at, RunFolder) and looked_at.name == alert.run)
        ]
        for alert in told:
            severity = "error" if alert.grave else "information"
            self.notice(alert.text, severity, alert.run, news=alert.kind != "best")
        if told and self.preferences.bell:
            self.bell()
        self._title.follow(self.summaries)
        for alert in told:
            self._title.tell(alert)

    def _say_to_terminal(self, words: str) -> None:
        if self._driver is not None and not self.is_inline and not self.is_headless:
            self._driver.write(words)

    def look_now(self) -> None:
        """Read the lab again without waiting."""
        self._follower.look_now()

    def action_help(self) -> None:
        """Every key of the screen that is on."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the command palette offers: Textual's own, the screen's, and every run."""
        yield from super().get_system_commands(screen)
        for node, binding, enabled, tooltip in screen.active_bindings.values():
            if binding.id and enabled and not binding.id.startswith("app."):
                words = f"{tooltip}   " * bool(tooltip) + f"key {self.get_key_display(binding)}"
                run = partial(self.run_action, binding.action, node)
                yield SystemCommand(f"{group_title(binding.id)}: {binding.description}", words, run)
        offered: Callable[[], Iterable[SystemCommand]] | None = getattr(screen, "commands", None)
        if offered is not None:
            yield from offered()
        shown = getattr(screen, "run_folder", None)
        if isinstance(shown, RunFolder):
            yield SystemCommand("Playground", "let this run write", partial(self.open_playground, shown))
        yield SystemCommand("New run …", "choose a corpus and settings, and start", self.open_new)
        yield SystemCommand("Judge a file …", "findings and source side by side", self.ask_for_file)
        for summary in self.summaries:
            yield SystemCommand(f"Open {summary.name}", summary.state, partial(self.open_run, summary.run))
