"""What changes runs from the lab: going on with one, another name, deleting.

What changes files or starts processes happens in threads, under the run's lock.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rnnlab.errors import RnnlabError
from rnnlab.runs import RunLock
from rnnlab.runs.layout import is_name, remove_run, rename_run
from rnnlab.runs.summary import RunSummary
from rnnlab.tui import launching
from rnnlab.tui.base import LabAppScreen
from rnnlab.tui.screens.ask import AskScreen, Field


class ChangesScreen(LabAppScreen):
    """A screen on which runs can be chosen."""

    @property
    def chosen(self) -> list[RunSummary]:
        """The marked runs, or the one under the cursor."""
        raise NotImplementedError

    @property
    def current(self) -> RunSummary | None:
        """The run under the cursor."""
        raise NotImplementedError

    def action_resume(self) -> None:
        """Go on with the run, in a process of its own."""
        summary = self.current
        if summary is None:
            return
        if summary.state in ("training", "paused"):
            self.lab.notice(f"{summary.name} is {summary.state} already", "warning")
            return
        if summary.state == "finished":
            self._ask_for_more(summary)
            return
        self.lab.launch(launching.resume(summary.run))

    def _ask_for_more(self, summary: RunSummary) -> None:
        limit, before, reached = launching.limit_of(summary)
        field = Field("more", f"{limit} in all", before, launching.positive)

        def go_on(values: dict[str, str] | None) -> None:
            if values is not None:
                self.lab.launch(launching.resume(summary.run, (f"--{limit}", values["more"])))

        text = f"It is finished: {summary.reason or reached}. How far shall it go?"
        self.app.push_screen(AskScreen(f"Go on with {summary.name}", [field], text=text, yes="Go on"), go_on)

    def action_rename(self) -> None:
        """Ask for another name."""
        summary = self.current
        if summary is None:
            return
        field = Field("name", "new name", summary.name, lambda name: "" if is_name(name) else "cannot be a run's name")

        def rename(values: dict[str, str] | None) -> None:
            if values is not None and values["name"] != summary.name:
                self._change(lambda: rename_run(summary.run, values["name"]).name, [summary], "is now")

        self.app.push_screen(AskScreen(f"Rename {summary.name}", [field], yes="Rename"), rename)

    def action_delete(self) -> None:
        """Ask, then delete the marked runs or the one under the cursor."""
        chosen = self.chosen
        if not chosen:
            return
        names = ", ".join(one.name for one in chosen)

        def delete(values: dict[str, str] | None) -> None:
            if values is not None:
                for one in chosen:
                    self._change(partial(_removed, one), [one], "deleted")

        text = f"{names}\n\nAll their checkpoints, samples and events go. This cannot be undone."
        title = f"Delete {len(chosen)} run{'s' * (len(chosen) > 1)}?"
        self.app.push_screen(AskScreen(title, text=text, yes="Delete", careful=True), delete)

    def _change(self, change: Callable[[], str], about: list[RunSummary], verb: str) -> None:
        """Change a run's folder in a thread, under its lock."""

        def work() -> None:
            name = about[0].name
            try:
                if about[0].holder is not None and about[0].holder.alive:
                    raise RnnlabError(name, "is being trained", "Stop it first: open it and press X.")
                with RunLock(about[0].run):
                    after = change()
            except (RnnlabError, OSError) as error:
                self.app.call_from_thread(self.lab.notice, str(error), "error")
            else:
                self.app.call_from_thread(self.lab.notice, f"{name}: {verb} {after}".rstrip())
                self.lab.look_now()

        self.run_worker(work, thread=True, group="change", exit_on_error=False)


def _removed(summary: RunSummary) -> str:
    remove_run(summary.run)
    return ""
