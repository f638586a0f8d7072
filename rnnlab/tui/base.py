"""What every screen may ask of the program: other screens, notices, starts, and its memory.

Screens are imported when they are opened: the first picture waits for none of them.
"""

from __future__ import annotations

import contextlib
import os
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textual._context import active_message_pump
from textual.app import App
from textual.css.query import NoMatches
from textual.message import Message
from textual.message_pump import MessagePump
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerFailed, active_worker

from rnnlab.display import safe
from rnnlab.errors import RnnlabError
from rnnlab.evaluation.contract import Source
from rnnlab.runs import RunFolder
from rnnlab.runs.summary import RunSummary
from rnnlab.tui.launching import Launch
from rnnlab.tui.preferences import Memory, read_preferences

STAYS = {"information": 3.0, "warning": 5.0, "error": 8.0}
"""Seconds for which a notice covers what lies under it."""
_LOOK = 0.3  # seconds between two looks at a process that was just started


def hand_over(message: Message, to: MessagePump) -> bool:
    """From any thread to a screen or the program; False where that has left by now."""
    with contextlib.suppress(RuntimeError):  # between the look and the posting the loop was closed, or the node cut off
        return to.is_running and to.post_message(message)
    return False


class LabApp(App[None]):
    """Doors between screens."""

    summaries: reactive[tuple[RunSummary, ...]] = reactive(tuple, repaint=False, always_update=True)
    """Every run of the lab, newest first; screens watch it."""
    starting: reactive[tuple[str, ...]] = reactive(tuple, repaint=False)
    """Names of the runs that were started from here and have not begun; the lab shows them."""
    looked = False
    """Whether the lab was read yet: before that, that there are no summaries means nothing."""

    def __init__(self, runs_folder: Path) -> None:
        # Without colours the terminal's own are used; Textual's greys would become black on black.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.runs_folder = runs_folder
        self.memory, self.preferences = Memory(), read_preferences()

    @abstractmethod
    def look_now(self) -> None:
        """Read the lab again without waiting."""

    def remember(self, name: str, value: Any) -> None:
        """Keep a small value for the next time."""
        self.memory.put(name, value)

    def notice(self, text: str, severity: Any = "information", title: str = "", *, news: bool = False) -> None:
        """A notice with safe, plain text; ``news`` that nobody asked for stay as long as errors."""
        timeout = STAYS["error" if news else severity]
        self.notify(safe(text), title=safe(title, multiline=False), severity=severity, markup=False, timeout=timeout)

    def _handle_exception(self, error: Exception) -> None:
        """End with a traceback, as Textual does, but not because a screen that was left at once lacks its widgets.

        A screen that is closed while it opens is still told that it is there, though its widgets never were.
        """
        cause = error.error if isinstance(error, WorkerFailed) else error
        if not (isinstance(cause, NoMatches) and self._left()):
            super()._handle_exception(error)

    def _left(self) -> bool:
        """Whether the program leaves, or what is at work belongs to a screen that was left."""
        worker = active_worker.get(None)
        at_work = worker.node if worker is not None else active_message_pump.get(None)
        if self._exit or self._closing or not isinstance(at_work, Widget):
            return self._exit or self._closing
        return not any(node in self.screen_stack for node in at_work.ancestors_with_self)

    # Doors.

    def open_run(self, run: RunFolder) -> None:
        """Show a run."""
        from rnnlab.tui.screens.run import RunScreen  # with numpy: not before it is needed

        self.push_screen(RunScreen(run))

    def open_new(self) -> None:
        """Set up a run."""
        from rnnlab.tui.screens.new_run import NewRunScreen

        self.push_screen(NewRunScreen())

    def open_compare(self, runs: Sequence[RunFolder]) -> None:
        """Runs over each other."""
        from rnnlab.tui.screens.compare import CompareScreen  # with numpy

        self.push_screen(CompareScreen(runs))

    def open_playground(self, run: RunFolder) -> None:
        """Let a run write."""
        from rnnlab.tui.screens.playground import PlaygroundScreen

        self.push_screen(PlaygroundScreen(run))

    def open_judge(
        self, sources: Sequence[Source], plugins: tuple[str, ...], settings: tuple[str, ...] = (), language: str = ""
    ) -> None:
        """Findings and source side by side."""
        from rnnlab.tui.screens.judge import JudgeScreen

        self.push_screen(JudgeScreen(sources, plugins, settings, language))

    def ask_for_file(self) -> None:
        """Ask which file to judge, and by which evaluator; without one by that for its ending."""
        from rnnlab.corpus.language import language_of
        from rnnlab.evaluation import discovery, sources
        from rnnlab.tui.reading.judging import usual_plugins
        from rnnlab.tui.screens.ask import AskScreen, Field

        def open_file(values: dict[str, str] | None) -> None:
            if values is None:
                return
            path, named = Path(values["file"]).expanduser(), tuple(values["evaluator"].split())
            try:
                source = sources.read(path)
                discovery.find_all(named)  # refuses one that is not there
            except (RnnlabError, OSError) as error:
                self.notice(str(error), "error")
                return
            language = language_of([path.name])
            self.open_judge([source], usual_plugins(named, language), language=language)

        fields = (
            Field("file", "file", "", lambda name: "" if Path(name).expanduser().is_file() else "no such file"),
            Field("evaluator", "evaluator"),
        )
        text = f"Evaluators: {', '.join(discovery.installed())}. Empty: by the file's ending."
        self.push_screen(AskScreen("Judge a file", fields, text=text, yes="Judge"), open_file)

    # Starting.

    def launch(self, start: Launch, *, show: bool = True) -> None:
        """Start a training of its own; show it once it is there, or say why it is not."""
        if start.run.name in self.starting:
            self.notice(f"{start.run.name} is being started already.", "warning")
            return
        try:
            start.start()
        except (RnnlabError, OSError) as error:
            self.notice(str(error), "error", "The training could not be started")
            return
        self.await_start(start, show=show)

    def await_start(self, start: Launch, *, show: bool = True) -> None:
        """Look after a training that was just started."""
        self.notice(f"Starting {start.run.name} …\nIt goes on without the dashboard.")
        self.starting = (*self.starting, start.run.name)
        self.run_worker(self._look_after(start, show=show), group="launch", exit_on_error=False)

    async def _look_after(self, start: Launch, *, show: bool) -> None:
        import asyncio

        before, here = self._step_of(start.run), self.screen
        try:
            while not start.ended:
                await asyncio.sleep(_LOOK)
                if start.run.exists and (not start.resumes or self._step_of(start.run) != before):
                    self.look_now()
                    break
        finally:
            self.starting = tuple(name for name in self.starting if name != start.run.name)
        if show and not start.ended and self.screen is here:
            self.open_run(start.run)
        elif show and not start.ended:  # the person does something else by now
            self.notice(f"{start.run.name} has begun.")
        while not start.ended:
            await asyncio.sleep(4 * _LOOK)
        if start.failed:
            self.notice(start.last_words() or f"see {start.log}", "error", f"{start.run.name} failed")
        self.look_now()

    def _step_of(self, run: RunFolder) -> tuple[int, str]:
        found = next((one for one in self.summaries if one.name == run.name), None)
        return (found.step, found.state) if found is not None else (0, "")


class LabAppScreen(Screen[None]):
    """A screen that knows the program it is shown by."""

    @property
    def lab(self) -> LabApp:
        """The program."""
        assert isinstance(self.app, LabApp)
        return self.app
