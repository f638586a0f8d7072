"""The inbox of a run: commands dropped as files, taken by the trainer, answered in the events.

A command is one small JSON file that appears in ``control/`` by a rename, so that it is never
seen half written. The trainer takes files in the order of their names (the time they were sent)
and answers each with a :class:`ControlEvent` of the same id; that line is the acknowledgement.
A command that was meant for a trainer that is gone is refused, never obeyed by the next one.
"""

from __future__ import annotations

import getpass
import json
import math
import os
import socket
import stat
import time as clock
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from rnnlab.config import from_dict, to_dict
from rnnlab.errors import ConfigError, RunError
from rnnlab.events import ControlEvent
from rnnlab.runs.durable import told
from rnnlab.runs.follow import EventReader
from rnnlab.runs.heartbeat import lock_state
from rnnlab.runs.layout import RunFolder
from rnnlab.runs.lock import BEAT

LARGEST = 1 << 16
"""Bytes that a command file may have."""
LONGEST_SAMPLE = 1_000_000
"""Characters that may be asked for at once."""


def _sender() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):  # a user without a name, as in some containers
        return f"{os.getuid()}@{socket.gethostname()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Root of the commands: who sent it, when and why. ``kind`` is its name in events and on the command line."""

    kind: ClassVar[str] = ""
    id: str = field(default_factory=lambda: os.urandom(8).hex())
    sender: str = field(default_factory=_sender)
    reason: str = ""
    time: float = field(default_factory=clock.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Command):
    """Stop updating, keep everything in memory, go on with :class:`Resume`."""

    kind: ClassVar[str] = "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Command):
    """Go on after :class:`Pause`."""

    kind: ClassVar[str] = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Command):
    """Finish the step, write a checkpoint, end."""

    kind: ClassVar[str] = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointNow(Command):
    """Write a checkpoint after this step."""

    kind: ClassVar[str] = "checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleNow(Command):
    """Draw a preview after this step; an empty prompt means the configured one."""

    kind: ClassVar[str] = "sample"
    prompt: str = ""
    temperature: float = 0.8
    length: int = 400

    def __post_init__(self) -> None:
        if not (self.temperature >= 0 and math.isfinite(self.temperature)):
            raise ConfigError("temperature", f"{self.temperature} is not zero or more", "Try 0.8.")
        if not 1 <= self.length <= LONGEST_SAMPLE:
            raise ConfigError("length", f"{self.length} is not between 1 and {LONGEST_SAMPLE}", "Try 400.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLearningRate(Command):
    """Scale the schedule from here on so that the learning rate is now ``value``."""

    kind: ClassVar[str] = "learning-rate"
    value: float

    def __post_init__(self) -> None:
        if not (self.value > 0 and math.isfinite(self.value)):
            raise ConfigError("learning rate", f"{self.value} is not a positive number", "Try 0.001.")


KINDS: dict[str, type[Command]] = {
    cls.kind: cls for cls in (Pause, Resume, Stop, CheckpointNow, SampleNow, SetLearningRate)
}


def acknowledge(command: Command, *, accepted: bool = True, detail: str = "", step: int = 0) -> ControlEvent:
    """The event that answers a command; ``detail`` says what was done, or why it was refused."""
    return ControlEvent(
        step=step, id=command.id, command=command.kind, accepted=accepted, reason=command.reason, detail=detail
    )


def send(run: RunFolder, command: Command) -> str:
    """Drop a command into the run's inbox; gives its id.

    Raises:
        RunError: where no trainer lives that could obey, or the inbox cannot be written.
    """
    state = lock_state(run, watch=2 * BEAT)
    if state is None or not state.alive:
        raise RunError(run.name, "no trainer is running", f"Go on with: rnnlab train --resume {run.name}")
    values = {"command": command.kind, "trainer": state.token, **to_dict(command)}
    aside = run.control / f".{command.id}.tmp"
    with told(run.control):
        run.control.mkdir(exist_ok=True)
        aside.write_text(json.dumps(values))
        aside.replace(run.control / f"{clock.time_ns():020d}-{command.id}.json")
    return command.id


def send_and_wait(run: RunFolder, command: Command, *, timeout: float = 30.0) -> ControlEvent:
    """Send, then wait until the trainer has answered.

    Raises:
        RunError: where no trainer lives, or none has answered in ``timeout`` seconds.
    """
    events = EventReader.from_end(run.events_path)
    send(run, command)
    until = clock.monotonic() + timeout
    while True:
        for event in events.read():
            if isinstance(event, ControlEvent) and event.id == command.id:
                return event
        if clock.monotonic() > until:
            raise RunError(
                run.name,
                f"the trainer has not answered {command.kind} within {timeout:g} s",
                "It will when its present work (a validation, a preview) is done; see: rnnlab runs show " + run.name,
            )
        if (state := lock_state(run)) is None or not state.alive:
            for event in events.read():
                if isinstance(event, ControlEvent) and event.id == command.id:
                    return event
            raise RunError(run.name, "the trainer ended before it answered", f"See: rnnlab runs show {run.name}")
        clock.sleep(0.05)


class Inbox:
    """The trainer's end: what was sent since the last look.

    Cheap enough to ask after every step: it looks into the folder at most every ``interval`` seconds.
    """

    def __init__(self, run: RunFolder, *, interval: float = 0.1) -> None:
        self._run = run
        self._interval = interval
        self._next_look = 0.0
        self._refused: list[ControlEvent] = []
        self._stuck: set[str] = set()

    def take(self) -> list[Command]:
        """The commands that arrived, in order; each is given once. Answer each with :func:`acknowledge`."""
        now = clock.monotonic()
        if now < self._next_look:
            return []
        self._next_look = now + self._interval
        try:
            names = sorted(entry.name for entry in os.scandir(self._run.control) if self._is_letter(entry.name))
        except OSError:  # removed, or the network is away: nothing arrived
            return []
        commands = [self._open(self._run.control / name) for name in names]
        return [command for command in commands if command is not None]

    def refusals(self) -> list[ControlEvent]:
        """Answers to what :meth:`take` could not give: malformed files, commands to an earlier trainer. Each once."""
        refused, self._refused = self._refused, []
        return refused

    def _is_letter(self, name: str) -> bool:
        return not name.startswith(".") and name != "refused" and name not in self._stuck

    def _open(self, path: Path) -> Command | None:
        values: dict[str, Any] = {}
        try:
            values = _read(path)
            trainer, command = values.pop("trainer", ""), _build(values)
            state = lock_state(self._run)
            if trainer and (state is None or state.token != trainer):
                raise ValueError("it was sent to an earlier trainer of this run")
            path.unlink()
        except (OSError, ValueError, TypeError, ConfigError, RecursionError) as error:
            self._refuse(path, values, error)
            return None
        return command

    def _refuse(self, path: Path, values: dict[str, Any], error: Exception) -> None:
        reason = f"{error.thing}: {error.reason}" if isinstance(error, ConfigError) else str(error)
        aside = path.parent / "refused"
        try:
            aside.mkdir(exist_ok=True)
            path.replace(aside / path.name)
        except OSError as trouble:
            self._stuck.add(path.name)
            reason += f" (and it cannot be moved aside: {trouble.strerror})"
        name, kind = values.get("id"), values.get("command")
        self._refused.append(
            ControlEvent(
                id=name if isinstance(name, str) else path.stem,
                command=kind if isinstance(kind, str) else "unknown",
                accepted=False,
                detail=reason,
            )
        )


def _read(path: Path) -> dict[str, Any]:
    """The values in a command file; only a plain, small file is opened (no link, pipe or device)."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise ValueError("it is not a plain file")
        content = os.read(file, LARGEST + 1)
    finally:
        os.close(file)
    if len(content) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST} bytes")
    values = json.loads(content)
    if not isinstance(values, dict):
        raise ValueError("it is not a JSON object")
    return values


def _build(values: dict[str, Any]) -> Command:
    kind = values.get("command")
    cls = KINDS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise ValueError(f"there is no command {kind!r}; known: {', '.join(KINDS)}")
    return from_dict(cls, {name: value for name, value in values.items() if name != "command"})
