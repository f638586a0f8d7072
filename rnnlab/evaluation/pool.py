"""Many texts to several plugins, each plugin in worker processes of its own.

One thread, no waiting but in :meth:`Pool.step`. A plugin that fails costs its own verdict;
the same plugin failing again and again is set aside. Knows no files and no reports.
"""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation.contract import Evaluation, Source
from rnnlab.evaluation.discovery import Plugin, suggestion
from rnnlab.evaluation.process import Death, Limits, Worker
from rnnlab.evaluation.protocol import evaluation_from

RUBBISH = "wrote rubbish into the pipe to rnnlab"
PATIENCE = 3  # failures in a row before a plugin is set aside
GROW_SECONDS = 0.3  # a lane busier than this gets another worker
Progress = Callable[[int, int], None]  # done so far, all there is


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


@dataclass(slots=True)
class Lane:
    """One plugin: the texts that wait for it and the workers that it has."""

    plugin: Plugin
    settings: Mapping[str, str]
    waiting: deque[tuple[int, Source]] = field(default_factory=deque)
    working: dict[int, Source] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)
    description: Description | None = None
    refusal: EvaluatorError | None = None  # its options or entry point are wrong
    broken: str = ""  # why it cannot be started, or was set aside
    failures: int = 0  # in a row
    printed: int = 0
    busy_since: float = 0.0


def parse_settings(plugins: Sequence[Plugin], settings: Sequence[str]) -> dict[str, dict[str, str]]:
    """``PLUGIN.OPTION=VALUE`` by plugin.

    Raises:
        EvaluatorError: for a setting of another shape, or of a plugin that is not asked for.
    """
    parsed: dict[str, dict[str, str]] = {plugin.name: {} for plugin in plugins}
    for setting in settings:
        key, equals, value = setting.partition("=")
        name, dot, option = key.rpartition(".")
        if not (equals and dot and option):
            example = f"-S {next(iter(parsed), 'PLUGIN')}.{option or 'OPTION'}={value or 'VALUE'}"
            raise EvaluatorError(setting, "is not PLUGIN.OPTION=VALUE", f"Write for example {example}")
        if name not in parsed:
            raise EvaluatorError(setting, f"{name} is not among the evaluators", suggestion(name, parsed, "They are"))
        parsed[name][option.replace("-", "_")] = value
    return parsed


class Pool:
    """Judges texts with several plugins at once.

    Args:
        plugins: each gets processes of its own.
        settings: ``PLUGIN.OPTION=VALUE``, as on the command line.
        limits: of each worker process.
        jobs: worker processes a plugin may grow to.
    """

    def __init__(
        self, plugins: Sequence[Plugin], settings: Sequence[str] = (), limits: Limits | None = None, jobs: int = 1
    ) -> None:
        self.limits, self.jobs = limits or Limits(), jobs
        by_name = parse_settings(plugins, settings)
        self.lanes = {plugin.name: Lane(plugin, by_name[plugin.name]) for plugin in plugins}
        self._next = 0
        for lane in self.lanes.values():
            self._hire(lane)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, *, every: bool = False, progress: Progress | None = None) -> dict[str, Description]:
        """Wait until every plugin has said hello or failed to; gives those that did.

        ``progress`` is told now and then how many have, of how many.

        Raises:
            EvaluatorError: for an option or entry point that is wrong; when no plugin could be
                started; with ``every``, when one could not.
        """
        while missing := sum(lane.description is None and not lane.broken for lane in self.lanes.values()):
            self.step(0.25)
            if progress is not None:
                progress(len(self.lanes) - missing, len(self.lanes))
        for lane in self.lanes.values():
            if lane.refusal is not None:
                raise lane.refusal
        broken = [lane for lane in self.lanes.values() if lane.broken]
        if broken and (every or len(broken) == len(self.lanes)):
            plugin = broken[0].plugin
            raise EvaluatorError(plugin.name, f"cannot be loaded: {broken[0].broken}", f"It is {plugin.target}.")
        return {name: lane.description for name, lane in self.lanes.items() if lane.description is not None}

    def submit(self, source: Source, plugins: Container[str] | None = None) -> int:
        """Queue a text for those plugins, else for all; gives the ticket that its verdicts will carry."""
        self._next += 1
        for name, lane in self.lanes.items():
            if plugins is None or name in plugins:
                lane.waiting.append((self._next, source))
        return self._next

    @property
    def outstanding(self) -> int:
        """Verdicts still to come."""
        return sum(len(lane.waiting) + len(lane.working) for lane in self.lanes.values())

    def step(self, wait: float = 0.0) -> list[Verdict]:
        """Do what can be done; with ``wait``, until something happens or so many seconds are over."""
        verdicts = [verdict for lane in self.lanes.values() for verdict in self._advance(lane)]
        if not verdicts and wait > 0:
            self._wait(wait)
            verdicts = [verdict for lane in self.lanes.values() for verdict in self._advance(lane)]
        return verdicts

    def close(self) -> None:
        """End every worker, now."""
        for lane in self.lanes.values():
            for worker in lane.workers:
                worker.kill()
            lane.workers.clear()

    def _hire(self, lane: Lane) -> None:
        try:
            lane.workers.append(Worker(lane.plugin, lane.settings, self.limits))
        except OSError as error:  # no memory or no process left: never the caller's trouble
            lane.broken = f"no process could be started: {error.strerror}"
        lane.busy_since = time.monotonic()

    def _wait(self, seconds: float) -> None:
        poll = select.poll()
        for lane in self.lanes.values():
            for worker in lane.workers:
                readable, writable = worker.fds()
                for fd in readable:
                    poll.register(fd, select.POLLIN)
                for fd in writable:
                    poll.register(fd, select.POLLOUT)
                if worker.deadline is not None:
                    seconds = min(seconds, max(0.0, worker.deadline - time.monotonic()) + 0.005)
            if lane.waiting and len(lane.workers) < self.jobs:
                seconds = min(seconds, GROW_SECONDS)
        poll.poll(seconds * 1000)

    def _advance(self, lane: Lane) -> list[Verdict]:
        verdicts: list[Verdict] = []
        for worker in list(lane.workers):
            messages, death = worker.pump()
            for message in messages:
                verdicts += self._hear(lane, worker, message)
            if death is not None:
                lane.workers.remove(worker)
                verdicts += self._bury(lane, worker, death)
            elif messages and messages[-1].get("last"):  # such as one that ran out of memory
                lane.workers.remove(worker)
                worker.kill()
        if lane.broken:
            verdicts += self._set_aside(lane)
        self._give_work(lane)
        return verdicts

    def _give_work(self, lane: Lane) -> None:
        free = [worker for worker in lane.workers if worker.free]
        for worker in free:
            if lane.waiting:
                ticket, source = lane.waiting.popleft()
                lane.working[ticket] = source
                worker.ask(ticket, source)
        if not lane.waiting:
            lane.busy_since = time.monotonic()
        elif not lane.workers or (len(lane.workers) < self.jobs and time.monotonic() - lane.busy_since > GROW_SECONDS):
            self._hire(lane)

    def _hear(self, lane: Lane, worker: Worker, message: dict[str, Any]) -> list[Verdict]:
        ticket, worker.ticket = worker.ticket, None
        if ticket is None:
            try:
                self._greet(lane, worker, message)
            except (KeyError, TypeError, ValueError):
                lane.broken = RUBBISH
            return []
        lane.working.pop(ticket, None)
        try:
            lane.printed = max(lane.printed, int(message.get("printed", 0)))
            seconds = float(message.get("seconds", 0.0))
            if "error" in message:
                return [self._failed(lane, ticket, str(message["error"]), seconds)]
            evaluation, dropped = evaluation_from(message["evaluation"]), int(message["dropped"])
        except (KeyError, TypeError, ValueError):
            message["last"] = True  # who says such things is not asked again
            return [self._failed(lane, ticket, RUBBISH)]
        lane.failures = 0
        return [Verdict(ticket, lane.plugin.name, evaluation, seconds=seconds, dropped=dropped)]

    def _greet(self, lane: Lane, worker: Worker, message: dict[str, Any]) -> None:
        if lane.broken:  # the first cause stands, whatever a broken plugin says next
            return
        if "hello" in message:
            hello = message["hello"]
            lane.description = Description(
                hello["rules"], hello["metrics"], tuple(hello["files"]), hello["summary"], tuple(hello["options"])
            )
            worker.ready = True
        elif "refused" in message:
            lane.refusal = EvaluatorError(*message["refused"])
            lane.broken = str(lane.refusal).replace("\n", ". ")
        else:
            lane.broken = f"importing it {message['broken']}"

    def _bury(self, lane: Lane, worker: Worker, death: Death) -> list[Verdict]:
        if worker.ticket is None:
            if not worker.ready and not lane.broken:
                lane.broken = death.cause + death.place
            return []
        lane.working.pop(worker.ticket, None)
        return [self._failed(lane, worker.ticket, death.cause, place=death.place)]

    def _failed(self, lane: Lane, ticket: int, cause: str, seconds: float = 0.0, place: str = "") -> Verdict:
        lane.failures += 1
        if lane.failures >= PATIENCE and not lane.broken:
            lane.broken = f"set aside after {PATIENCE} failures in a row, the last: {cause}{place}"
        return Verdict(ticket, lane.plugin.name, None, cause, place, seconds)

    def _set_aside(self, lane: Lane) -> list[Verdict]:
        verdicts = [Verdict(ticket, lane.plugin.name, None, lane.broken) for ticket, _ in lane.waiting]
        lane.waiting.clear()
        for worker in [worker for worker in lane.workers if worker.ticket is None]:
            worker.kill()
            lane.workers.remove(worker)
        return verdicts
