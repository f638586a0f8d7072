"""What changes runs from the lab: going on with one, another name, deleting.

What changes files or starts processes happens in threads, under the run's lock.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from rnnlab.errors import RnnlabError
from rnnlab.runs import RunLock
from rnnlab.runs.layout import is_name, remove_run, rename_run
from rnnlab.runs.summary import RunSummary
from rnnlab.tui import launching
from rnnlab.tui.base import LabAppScreen
from rnnlab.tui.screens.ask import AskScreen, Field

_TOLD = 3
"""Failures of one change that get a notice each."""


class ChangesScreen(LabAppScreen):
    """A screen on which runs can be chosen."""

    @property
    @abstractmethod
    def chosen(self) -> list[RunSummary]:
        """The marked runs, or the one under the cursor."""

    @property
    @abstractmethod
    def current(self) -> RunSummary | None:
        """The run under the cursor."""

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
                self._change(lambda one: rename_run(one.run, values["name"]).name, [summary], "is now")

        self.app.push_screen(AskScreen(f"Rename {summary.name}", [field], yes="Rename"), rename)

    def action_delete(self) -> None:
        """Ask, then delete the marked runs or the one under the cursor."""
        chosen = self.chosen
        if not chosen:
            return
        names = ", ".join(one.name for one in chosen)

        def delete(values: dict[str, str] | None) -> None:
            if values is not None:
                self._change(_removed, chosen, "deleted")

        text = f"{names}\n\nAll their checkpoints, samples and events go. This cannot be undone."
        title = f"Delete {len(chosen)} run{'s' * (len(chosen) > 1)}?"
        self.app.push_screen(AskScreen(title, text=text, yes="Delete", careful=True), delete)

    def _change(self, change: Callable[[RunSummary], str], about: list[RunSummary], verb: str) -> None:
        """Change runs' folders in a thread, each under its lock; what became of many is told together."""

        def work() -> None:
            done: list[str] = []
            failed: list[str] = []
            for one in about:
                try:
                    done.append(f"{one.name}: {verb} {_changed(change, one)}".rstrip())
                except (RnnlabError, OSError) as error:
                    failed.append(str(error))
            if done:
                told = done[0] if len(done) == 1 else f"{len(done)} runs {verb}"
                self.app.call_from_thread(self.lab.notice, told)
                self.lab.look_now()
            if len(failed) > _TOLD:
                failed[_TOLD:] = [f"and {len(failed) - _TOLD} more that could not be changed"]
            for words in failed:
                self.app.call_from_thread(self.lab.notice, words, "error")

        self.run_worker(work, thread=True, group="change", exit_on_error=False)


def _changed(change: Callable[[RunSummary], str], one: RunSummary) -> str:
    if one.holder is not None and one.holder.alive:
        raise RnnlabError(one.name, "is being trained", "Stop it first: open it and press X.")
    with RunLock(one.run):
        return change(one)


def _removed(summary: RunSummary) -> str:
    remove_run(summary.run)
    return ""
