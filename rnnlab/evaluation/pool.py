"""Many texts to several plugins, each plugin in worker processes of its own.

One thread, no waiting but in :meth:`Pool.step`. Knows no files and no reports.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Container, Sequence

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation.contract import Source
from rnnlab.evaluation.discovery import Plugin, suggestion
from rnnlab.evaluation.lane import GROW_SECONDS, Description, Lane, Verdict
from rnnlab.evaluation.process import Limits

Progress = Callable[[int, int], None]  # done so far, all there is


def parse_settings(plugins: Sequence[Plugin], settings: Sequence[str]) -> dict[str, dict[str, str]]:
    """``PLUGIN.OPTION=VALUE`` by plugin.

    Raises:
        EvaluatorError: for a setting of another shape, or of a plugin that is not asked for.
    """
    parsed: dict[str, dict[str, str]] = {plugin.name: {} for plugin in plugins}
    for setting in settings:
        key, equals, value = setting.partition("=")
        name, dot, option = key.rpartition(".")
        if not (dot and option):
            named = option if option not in {"", *parsed} else "OPTION"
            example = f"-S {next(iter(parsed), 'PLUGIN')}.{named}={value or 'VALUE'}"
            raise EvaluatorError(setting, "is not PLUGIN.OPTION=VALUE", f"Write for example {example}")
        if name not in parsed:
            raise EvaluatorError(setting, f"{name} is not among the evaluators", suggestion(name, parsed, "They are"))
        if not equals:
            raise EvaluatorError(setting, "the value is missing", f"Write -S {key}=VALUE")
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
        by_name = parse_settings(plugins, settings)
        limits = limits or Limits()
        self.lanes = {plugin.name: Lane(plugin, by_name[plugin.name], limits, jobs) for plugin in plugins}
        self._next = 0

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
        verdicts = self._advance()
        if not verdicts and wait > 0:
            self._wait(wait)
            verdicts = self._advance()
        return verdicts

    def _advance(self) -> list[Verdict]:
        return [verdict for lane in self.lanes.values() for verdict in lane.advance()]

    def close(self) -> None:
        """End every worker, now."""
        for lane in self.lanes.values():
            lane.close()

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
            if lane.may_grow:
                seconds = min(seconds, GROW_SECONDS)
        poll.poll(seconds * 1000)
