"""Steering a run from the command line: make the command, send it, show the answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rnnlab.cli import console
from rnnlab.display import safe
from rnnlab.errors import ConfigError, FailedError, RunError
from rnnlab.events import ControlEvent, Event, SampleEvent, to_line

if TYPE_CHECKING:
    from rnnlab.runs.control import Command
    from rnnlab.runs.follow import EventReader
    from rnnlab.runs.layout import RunFolder


def make_command(
    action: str, *, value: float | None, prompt: str, temperature: float, length: int, reason: str
) -> Command:
    """The command that an action's name and options mean.

    Raises:
        ConfigError: for a value that is missing, superfluous or out of range.
    """
    from rnnlab.runs.control import KINDS, SampleNow, SetLearningRate

    if action == "learning-rate":
        if value is None:
            raise ConfigError(action, "needs a value", "For example: rnnlab runs control RUN learning-rate 0.0005")
        return SetLearningRate(value=value, reason=reason)
    if value is not None:
        raise ConfigError(action, f"takes no value ({value:g} was given)", "Leave it out.")
    if action == "sample":
        return SampleNow(prompt=prompt, temperature=temperature, length=length, reason=reason)
    return KINDS[action](reason=reason)


def steer(run: RunFolder, command: Command, *, timeout: float, as_json: bool) -> None:
    """Send the command and show the trainer's answer; a sample that was asked for is shown, too.

    Raises:
        FailedError: where the trainer refused.
        RunError: where no trainer lives, or none has answered in time.
    """
    from rnnlab.runs.control import SampleNow, send, send_and_wait
    from rnnlab.runs.follow import EventReader

    if timeout == 0:
        send(run, command)
        console.say(f"sent {command.kind} to {run.name}")
        return
    events = EventReader.from_end(run.events_path)
    until = time.monotonic() + timeout
    answer = send_and_wait(run, command, timeout=timeout)
    _show(answer, as_json)
    if not answer.accepted:
        raise FailedError(run.name, f"the trainer refused {command.kind}: {safe(answer.detail, multiline=False)}")
    detail = f": {answer.detail}" if answer.detail else ""
    console.say(f"{run.name}: {command.kind} accepted at step {answer.step:,}{detail}")
    if isinstance(command, SampleNow):
        _show(_sample(run, events, answer, until), as_json)


def _sample(run: RunFolder, events: EventReader, answer: ControlEvent, until: float) -> SampleEvent:
    """The sample that the trainer draws after it has answered."""
    from rnnlab.runs.heartbeat import lock_state

    answered = False
    while True:
        state = lock_state(run)
        for event in events.read():
            answered = answered or (isinstance(event, ControlEvent) and event.id == answer.id)
            if answered and isinstance(event, SampleEvent) and event.requested:
                return event
        if time.monotonic() > until or state is None or not state.alive:
            raise RunError(run.name, "the sample did not come in time", f"Look later: rnnlab runs show {run.name}")
        time.sleep(0.05)


def _show(event: Event, as_json: bool) -> None:
    """The event on stdout: as JSON, or the sample's text."""
    if as_json:
        console.data(to_line(event))
    elif isinstance(event, SampleEvent):
        console.data(safe(event.text) + "\n")
