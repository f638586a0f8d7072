"""Commands to the trainer, sent from a thread and remembered until they are answered. Knows no widget."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from rnnlab.events import ControlEvent
from rnnlab.runs import Command
from rnnlab.tui.figures import duration
from rnnlab.tui.reading.snapshot import RunSnapshot


@dataclass(slots=True)
class Waiting:
    """What was sent and not answered yet."""

    sent: dict[str, tuple[Command, float]] = field(default_factory=dict)

    def add(self, command: Command) -> None:
        """It is on its way."""
        self.sent[command.id] = (command, time.monotonic())

    def drop(self, command: Command) -> None:
        """It could not be sent."""
        self.sent.pop(command.id, None)

    def answered(self, snapshot: RunSnapshot) -> list[ControlEvent]:
        """The answers that came in, each once."""
        answers = [snapshot.answers[name] for name in self.sent if name in snapshot.answers]
        for answer in answers:
            del self.sent[answer.id]
        return answers

    def words(self) -> str:
        """What is waited for, in a few words; nothing where nothing is."""
        if not self.sent:
            return ""
        command, since = next(iter(self.sent.values()))
        more = f" and {len(self.sent) - 1} more" if len(self.sent) > 1 else ""
        waited = time.monotonic() - since
        return f"{command.kind} sent{more}" + (f" {duration(waited)} ago" if waited > 3 else "")


def spelled(text: str) -> str:
    r"""A prompt as typed on one line: ``\n``, ``\t`` and ``\\`` stand for what they do in C."""
    pieces = text.split("\\\\")
    return "\\".join(piece.replace("\\n", "\n").replace("\\t", "\t") for piece in pieces)


def unusual(now: float, text: str) -> str:
    """What speaks against a learning rate, where ``now`` is the present one (NaN: not known)."""
    value = float(text)
    if value > 10 * now:
        return f"{value:g} is {value / now:,.0f} times the present {now:.3g}; the training may well diverge"
    return f"{value:g} is far above what trainings bear" if value >= 1 else ""
