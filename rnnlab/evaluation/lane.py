"""One plugin under judging: the texts that wait for it, the worker processes that it has, what it said of itself.

A plugin that fails costs its own verdict; the same plugin failing again and again is set aside.
Nothing here waits: :class:`rnnlab.evaluation.pool.Pool` does, for all lanes at once.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation.contract import Evaluation, Source
from rnnlab.evaluation.discovery import Plugin
from rnnlab.evaluation.process import Death, Limits, Worker
from rnnlab.evaluation.protocol import evaluation_from

RUBBISH = "wrote rubbish into the pipe to rnnlab"
PATIENCE = 3  # failures in a row before a plugin is set aside
GROW_SECONDS = 0.3  # a lane busier than this gets another worker


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one plugin said about one text: an evaluation, or the reason why there is none."""

    ticket: int
    plugin: str
    evaluation: Evaluation | None
    cause: str = ""
    place: str = ""  # of the cause in the plugin, where it may be another one every time
    seconds: float = 0.0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Description:
    """What a plugin says of itself: rules, metrics, options, the files that it takes from folders."""

    rules: Mapping[str, str]
    metrics: Mapping[str, str]
    files: tuple[str, ...] = ()
    summary: str = ""
    options: tuple[Mapping[str, str], ...] = ()


class Lane:
    """One plugin, its queue and its workers.

    Args:
        plugin: what is asked.
        settings: its options.
        limits: of each worker process.
        jobs: worker processes that it may grow to.
    """

    def __init__(self, plugin: Plugin, settings: Mapping[str, str], limits: Limits, jobs: int) -> None:
        self.plugin, self.settings, self.limits, self.jobs = plugin, settings, limits, jobs
        self.waiting: deque[tuple[int, Source]] = deque()
        self.working: set[int] = set()  # tickets
        self.workers: list[Worker] = []
        self.description: Description | None = None
        self.refusal: EvaluatorError | None = None  # its options or entry point are wrong
        self.broken = ""  # why it cannot be started, or was set aside
        self.failures = 0  # in a row
        self.printed = 0
        self._busy_since = 0.0
        self._hire()

    @property
    def may_grow(self) -> bool:
        """Whether it has more to do than workers, and may have more of these."""
        return bool(self.waiting) and len(self.workers) < self.jobs

    def advance(self) -> list[Verdict]:
        """Do what can be done without waiting; gives the verdicts that came."""
        verdicts: list[Verdict] = []
        for worker in list(self.workers):
            messages, death = worker.pump()
            for message in messages:
                verdicts += self._hear(worker, message)
            if death is not None:
                self.workers.remove(worker)
                verdicts += self._bury(worker, death)
            elif messages and messages[-1].get("last"):  # such as one that ran out of memory
                self.workers.remove(worker)
                worker.kill()
        if self.broken:
            verdicts += self._set_aside()
        self._give_work()
        return verdicts

    def close(self) -> None:
        """End every worker, now."""
        for worker in self.workers:
            worker.kill()
        self.workers.clear()

    def _hire(self) -> None:
        try:
            self.workers.append(Worker(self.plugin, self.settings, self.limits))
        except OSError as error:  # no memory or no process left: never the caller's trouble
            self.broken = f"no process could be started: {error.strerror}"
        self._busy_since = time.monotonic()

    def _give_work(self) -> None:
        free = [worker for worker in self.workers if worker.free]
        for worker in free:
            if self.waiting:
                ticket, source = self.waiting.popleft()
                self.working.add(ticket)
                worker.ask(ticket, source)
        if not self.waiting:
            self._busy_since = time.monotonic()
        elif not self.workers or (self.may_grow and time.monotonic() - self._busy_since > GROW_SECONDS):
            self._hire()

    def _hear(self, worker: Worker, message: dict[str, Any]) -> list[Verdict]:
        ticket, worker.ticket = worker.ticket, None
        if ticket is None:
            try:
                self._greet(worker, message)
            except (KeyError, TypeError, ValueError):
                self.broken = RUBBISH
            return []
        self.working.discard(ticket)
        try:
            self.printed = max(self.printed, int(message.get("printed", 0)))
            seconds = float(message.get("seconds", 0.0))
            if "error" in message:
                return [self._failed(ticket, str(message["error"]), seconds)]
            evaluation, dropped = evaluation_from(message["evaluation"]), int(message["dropped"])
        except (KeyError, TypeError, ValueError):
            message["last"] = True  # who says such things is not asked again
            return [self._failed(ticket, RUBBISH)]
        self.failures = 0
        return [Verdict(ticket, self.plugin.name, evaluation, seconds=seconds, dropped=dropped)]

    def _greet(self, worker: Worker, message: dict[str, Any]) -> None:
        if self.broken:  # the first cause stands, whatever a broken plugin says next
            return
        if "hello" in message:
            hello = message["hello"]
            self.description = Description(
                hello["rules"], hello["metrics"], tuple(hello["files"]), hello["summary"], tuple(hello["options"])
            )
            worker.ready = True
        elif "refused" in message:
            self.refusal = EvaluatorError(*message["refused"])
            self.broken = str(self.refusal).replace("\n", ". ")
        else:
            self.broken = f"importing it {message['broken']}"

    def _bury(self, worker: Worker, death: Death) -> list[Verdict]:
        if worker.ticket is None:
            if not worker.ready and not self.broken:
                self.broken = death.cause + death.place
            return []
        self.working.discard(worker.ticket)
        return [self._failed(worker.ticket, death.cause, place=death.place)]

    def _failed(self, ticket: int, cause: str, seconds: float = 0.0, place: str = "") -> Verdict:
        self.failures += 1
        if self.failures >= PATIENCE and not self.broken:
            self.broken = f"set aside after {PATIENCE} failures in a row, the last: {cause}{place}"
        return Verdict(ticket, self.plugin.name, None, cause, place, seconds)

    def _set_aside(self) -> list[Verdict]:
        verdicts = [Verdict(ticket, self.plugin.name, None, self.broken) for ticket, _ in self.waiting]
        self.waiting.clear()
        for worker in [worker for worker in self.workers if worker.ticket is None]:
            worker.kill()
            self.workers.remove(worker)
        return verdicts
