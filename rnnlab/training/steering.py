"""Who may steer a run from outside: the control inbox and the process's signals.

The trainer asks between two updates; asking costs a clock reading, and a look into the inbox
five times a second. Each command is acknowledged by a `ControlEvent`, obeyed or not.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rnnlab.events import EndState, Event
from rnnlab.runs.control import (
    CheckpointNow,
    Command,
    Inbox,
    Pause,
    Resume,
    SampleNow,
    SetLearningRate,
    Stop,
    acknowledge,
)
from rnnlab.training.schedule import learning_rate

if TYPE_CHECKING:
    from rnnlab.training.trainer import Trainer

_LOOK_SECONDS = 0.2


class Desk:
    """Takes commands and signals.

    Args:
        inbox: where commands come in; None where nobody can send any.
        interrupted: the name of a signal that asks to leave, or an empty string.
    """

    def __init__(self, inbox: Inbox | None = None, interrupted: Callable[[], str] = lambda: "") -> None:
        self._inbox = inbox
        self._interrupted = interrupted
        self._looked = 0.0
        self._paused = False
        self.stop_reason = ""
        self.stop_state: EndState = "stopped"

    def keep_going(self) -> bool:
        """Whether long work besides updates may go on."""
        self._listen()
        return not self.stop_reason

    def _listen(self) -> None:
        name = self._interrupted()
        if name and not self.stop_reason:
            self.stop_reason, self.stop_state = name, "interrupted"

    def obey(self, trainer: Trainer) -> Iterator[Event]:
        """Carry out what has come in; comes back when training may go on or must stop."""
        self._listen()
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        yield from self._obey_all(trainer)
        while self._paused and not self.stop_reason:
            with trainer.clock.paused():
                time.sleep(_LOOK_SECONDS)
                trainer.stepper.idle()
            self._listen()
            yield from self._obey_all(trainer)

    def _obey_all(self, trainer: Trainer) -> Iterator[Event]:
        if self._inbox is None:
            return
        for command in self._inbox.take():
            yield from self._obey_one(trainer, command)
        for refusal in self._inbox.refusals():
            yield dataclasses.replace(refusal, step=trainer.step)

    def _obey_one(self, trainer: Trainer, command: Command) -> Iterator[Event]:
        accepted, detail = True, ""
        after: Iterator[Event] = iter(())
        match command:
            case Pause():
                accepted, detail = not self._paused, "" if not self._paused else "already paused"
                self._paused = True
            case Resume():
                accepted, detail = self._paused, "" if self._paused else "not paused"
                self._paused = False
            case Stop():
                self.stop_reason = f"stopped by {command.sender}" if command.sender else "stopped"
            case CheckpointNow():
                after = trainer.checkpoint_now("asked for")
            case SampleNow():
                problem = trainer.previews.refusal(command.prompt)
                accepted, detail = not problem, problem
                if accepted:
                    after = trainer.preview_now(command.prompt, command.temperature, command.length)
            case SetLearningRate():
                accepted, detail = self._set_learning_rate(trainer, command.value)
        yield acknowledge(command, accepted=accepted, detail=detail, step=trainer.step)
        yield from after

    @staticmethod
    def _set_learning_rate(trainer: Trainer, value: float) -> tuple[bool, str]:
        """Scale the schedule so that the next update uses ``value``; the schedule's shape stays."""
        if not (math.isfinite(value) and value > 0):
            return False, f"{value} is not a positive number"
        done = trainer.horizon.done(trainer.step, trainer.clock.seconds)
        epoch = trainer.step / trainer.parts.batches.per_epoch
        planned = learning_rate(trainer.config, done, epoch)
        if planned <= 0:
            return False, "the schedule has ended"
        before = planned * trainer.progress.learning_rate_factor
        trainer.progress.learning_rate_factor = value / planned
        scaled = f"; what is planned from here on is taken times {value / planned:.3g}"
        return True, f"learning rate {before:.3g} -> {value:.3g}{scaled}"
