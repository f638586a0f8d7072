"""The keys that steer a run: each sends a command, and says when the trainer has answered."""

from __future__ import annotations

import math
from abc import abstractmethod
from functools import partial
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from rnnlab.display import safe
from rnnlab.errors import RnnlabError
from rnnlab.events import ControlEvent
from rnnlab.runs import CheckpointNow, Command, Pause, Resume, RunFolder, SampleNow, SetLearningRate, Stop, send
from rnnlab.tui.base import STAYS, LabApp, LabAppScreen, hand_over
from rnnlab.tui.reading.snapshot import RunSnapshot
from rnnlab.tui.screens.ask import AskScreen, Field, a_number
from rnnlab.tui.screens.steering import Waiting, spelled, unusual


class SteeringScreen(LabAppScreen):
    """A screen about one run whose trainer can be told what to do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "pause", id="steer.pause", tooltip="pause the training, or go on"),
        Binding("g", "sample", "sample", id="steer.sample", tooltip="draw a preview now"),
        Binding("k", "checkpoint", "save", id="steer.checkpoint", tooltip="write a checkpoint now"),
        Binding("r", "rate", "rate", id="steer.rate", tooltip="change the learning rate"),
        Binding("X", "stop", "stop", id="steer.stop", tooltip="stop the training"),
    ]

    snapshot: reactive[RunSnapshot | None] = reactive(None, repaint=False)
    """The newest that is known of the run."""

    class NotSent(Message):
        """A command could not be sent."""

        def __init__(self, command: Command, error: RnnlabError) -> None:
            super().__init__()
            self.command, self.error = command, error

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self.run_folder = run
        self.waiting = Waiting()
        self._prompt = ""

    @abstractmethod
    def show_waiting(self) -> None:
        """Say what is waited for."""

    # Sending and being answered.

    def order(self, command: Command) -> None:
        """Send in a thread: a file system elsewhere may take its time."""
        self.waiting.add(command)
        self.show_waiting()
        lab = self.lab
        self.run_worker(lambda: self._send(command, lab), thread=True, group="steer", exit_on_error=False)

    def _send(self, command: Command, lab: LabApp) -> None:
        try:
            send(self.run_folder, command)
        except (RnnlabError, OSError) as error:
            if isinstance(error, OSError):
                told = RnnlabError(self.run_folder.name, error.strerror or str(error))
            else:
                told = error
            if not hand_over(self.NotSent(command, told), self):  # the person looks at something else by now
                lab.call_from_thread(lab.notice, str(told), "warning", f"{command.kind} was not sent")

    def on_steering_screen_not_sent(self, message: NotSent) -> None:
        """Nobody listens, or the inbox cannot be written."""
        self.waiting.drop(message.command)
        self.show_waiting()
        self.notice(str(message.error), "warning")

    def hear(self, snapshot: RunSnapshot) -> None:
        """Answers in the events."""
        for answer in self.waiting.answered(snapshot):
            self.notice(self.told(answer), "information" if answer.accepted else "warning")
        if self.waiting.sent and snapshot.summary.state not in ("training", "paused"):
            self.waiting.sent.clear()
            self.notice("The trainer ended before it answered.", "warning")
        self.show_waiting()

    def told(self, answer: ControlEvent) -> str:
        """An answer in words."""
        detail = f": {answer.detail}" if answer.detail else ""
        return f"{answer.command} {'done' if answer.accepted else 'refused'} at step {answer.step:,}{detail}"

    def notice(self, text: str, severity: Any = "information") -> None:
        """A notice with safe, plain text."""
        self.notify(safe(text), severity=severity, markup=False, timeout=STAYS[severity])

    # What can be ordered.

    def _state(self) -> str:
        return self.snapshot.summary.state if self.snapshot is not None else ""

    def _refused(self) -> bool:
        """Whether nobody is there to obey; says so."""
        if self._state() in ("training", "paused"):
            return False
        name = self.run_folder.name
        if self._state() == "finished":
            self.notice(f"{name} has finished; there is nothing to steer. r in the lab lets it go further.")
        else:
            self.notice(
                f"No trainer is running here.\nr in the lab goes on, as does: rnnlab train --resume {name}", "warning"
            )
        return True

    def action_pause(self) -> None:
        """Pause, or go on."""
        if not self._refused():
            self.order(Resume() if self._state() == "paused" else Pause())

    def action_checkpoint(self) -> None:
        """Write a checkpoint now."""
        if not self._refused():
            self.order(CheckpointNow())

    def action_sample(self) -> None:
        """Draw a preview now: ask for prompt, temperature and length."""
        if self._refused():
            return
        fields = (
            Field("prompt", "prompt", self._prompt),
            Field("temperature", "temperature", "0.8", a_number(least=0)),
            Field("length", "characters", "400", a_number(least=1, whole=True)),
        )
        text = r"An empty prompt means the configured one; \n is a line break."
        self.app.push_screen(AskScreen("Sample now", fields, text=text), self._sample)

    def _sample(self, values: dict[str, str] | None) -> None:
        if values is not None:
            self._prompt = values["prompt"]
            self._make(
                lambda: SampleNow(
                    prompt=spelled(values["prompt"]),
                    temperature=float(values["temperature"]),
                    length=int(values["length"]),
                )
            )

    def action_rate(self) -> None:
        """Change the learning rate: ask for the value and the reason."""
        if self._refused():
            return
        rates = self.snapshot.steps["learning_rate"].tolist() if self.snapshot is not None else []
        now = f"{rates[-1]:.3g}" if rates else ""
        doubt = partial(unusual, rates[-1] if rates else math.nan)
        fields = (Field("value", "learning rate", now, a_number(above=0), doubt), Field("reason", "reason"))
        self.app.push_screen(AskScreen("Change the learning rate", fields), self._rate)

    def _rate(self, values: dict[str, str] | None) -> None:
        if values is not None:
            self._make(lambda: SetLearningRate(value=float(values["value"]), reason=values["reason"]))

    def action_stop(self) -> None:
        """Stop the training, after a question."""
        if self._refused():
            return
        text = "The step is finished and a checkpoint written; rnnlab train --resume goes on from there."
        fields = (Field("reason", "reason"),)
        self.app.push_screen(AskScreen(f"Stop {self.run_folder.name}?", fields, text=text, yes="Stop"), self._stop)

    def _stop(self, values: dict[str, str] | None) -> None:
        if values is not None:
            self._make(lambda: Stop(reason=values["reason"]))

    def _make(self, build: Any) -> None:
        try:
            command: Command = build()
        except RnnlabError as error:
            self.notice(str(error), "warning")
            return
        self.order(command)
