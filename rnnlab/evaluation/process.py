"""One worker process: started, asked, timed and ended, without ever waiting for it.

The caller pumps. Safe beside torch and Textual, since nothing forks but :mod:`subprocess`. Knows one request at a
time, and hears nothing but its answer; bytes are :mod:`rnnlab.evaluation.wire`'s, queues and verdicts
:mod:`rnnlab.evaluation.lane`'s.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnlab.evaluation import keeper, strays
from rnnlab.evaluation.blame import dumped_at, ended_by
from rnnlab.evaluation.contract import Source
from rnnlab.evaluation.discovery import Plugin
from rnnlab.evaluation.protocol import source_values
from rnnlab.evaluation.wire import Wire

START_SECONDS = 30.0  # importing a plugin may take longer than judging a sample
KEEPER_SECONDS = 2.0  # for a worker's keeper to end what is left; it takes milliseconds


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker process may use: seconds a sample, bytes of address space (0: any), niceness."""

    timeout: float = 10.0
    memory: int = 4 << 30
    nice: int = 0


@dataclass(frozen=True, slots=True)
class Death:
    """A worker came to its end: why, in words, and at which line of the plugin."""

    cause: str
    place: str = ""


class Worker:
    """A running worker process of one plugin."""

    def __init__(self, plugin: Plugin, settings: Mapping[str, str], limits: Limits) -> None:
        self.limits = limits
        self.ready = False
        self.ticket: int | None = None  # of the request that it works on
        self._killed = False
        self._mark, environment = strays.marked()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rnnlab.evaluation.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that Ctrl-C is ours
            env=environment,
            bufsize=0,
        )
        self._wire = Wire(self._process)
        self.pid = self._process.pid
        """Of the process in which the plugin runs: its keeper's, until it has said hello."""
        config = {
            "name": plugin.name,
            "target": plugin.target,
            "is_file": plugin.is_file,
            "settings": dict(settings),
            "timeout": limits.timeout,
            "memory": limits.memory,
            "nice": limits.nice,
        }
        self._wire.send(config)
        self._deadline: float | None = time.monotonic() + START_SECONDS
        self._allowed = START_SECONDS

    @property
    def processor_seconds(self) -> float:
        """What it has taken with those that it started and awaited, in seconds of one core; 0 where it is gone."""
        import psutil  # type: ignore[import-untyped]  # it ships no types

        try:
            return float(sum(psutil.Process(self.pid).cpu_times()[:4]))
        except psutil.Error:
            return 0.0

    @property
    def free(self) -> bool:
        """Whether it has said hello and works on nothing."""
        return self.ready and self.ticket is None

    def fds(self) -> tuple[list[int], list[int]]:
        """What to wait for: readable ones, writable ones."""
        return self._wire.fds()

    @property
    def deadline(self) -> float | None:
        """When its time is up, on the monotonic clock."""
        return self._deadline

    def ask(self, ticket: int, source: Source) -> None:
        """Give it a text to judge; it must be free."""
        self.ticket = ticket
        self._wire.send({"id": ticket, "source": source_values(source)})
        self._allowed = self.limits.timeout
        self._deadline = None if self._wire.write() else time.monotonic() + self._allowed

    def pump(self) -> tuple[list[dict[str, Any]], Death | None]:
        """Move what can be moved; gives the messages that arrived, and the worker's death if it died."""
        if self._wire.unwritten and not self._wire.write():
            self._deadline = time.monotonic() + self._allowed
        moved, ended = self._wire.read()
        self._wire.listen()
        messages, rubbish = self._wire.messages()
        if rubbish:
            return messages, self._die("wrote rubbish into the pipe to rnnlab")
        messages = [message for message in messages if self._awaited(message)]
        if messages:
            self._deadline = None
            told = messages[-1].get("pid")
            self.pid = told if isinstance(told, int) and 0 < told < 2**31 else self.pid
        if ended:
            return messages, self._die(self._last_words())
        if not moved and self._deadline is not None and time.monotonic() > self._deadline:
            what = "judge" if self.ready else "start"
            return messages, self._die(f"did not {what} within {self._allowed:g} s", "Timeout")
        return messages, None

    def _awaited(self, message: dict[str, Any]) -> bool:
        """Whether this is what it was asked for; a copy of itself that it forked may say everything once more."""
        if self.ready:
            return self.ticket is not None and message.get("id") == self.ticket
        return not {"hello", "refused", "broken"}.isdisjoint(message)

    def _last_words(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(KEEPER_SECONDS)
        code = self._process.returncode
        if code is None:
            return "closed the pipe to rnnlab"
        if code == -signal.SIGALRM and self._deadline is not None and time.monotonic() > self._deadline:
            return f"did not judge within {self._allowed:g} s"  # its own alarm, because nobody pumped in time
        if code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            return f"crashed ({name})"
        self._wire.listen()
        return f"left with exit code {code}{ended_by(self._wire.tail)}"

    def _die(self, cause: str, heading: str = "Fatal Python error") -> Death:
        self.kill()
        return Death(cause, dumped_at(self._wire.tail, heading))

    def kill(self) -> None:
        """End it and all that it started, now; once: later its number may be another process's."""
        if self._killed:
            return
        self._killed = True
        if keeper.IS_THERE:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(KEEPER_SECONDS)
        if self._process.poll() is None:
            self._kill_all()
        self._wire.close()
        self._process.wait()
        strays.end(self._mark)

    def _kill_all(self) -> None:
        """Kill it and all that it started, as far as that can be seen from here."""
        children = self._children()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for child in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)

    def _children(self) -> list[int]:
        """What it started, also where that has left its group of processes and has another environment."""
        import psutil

        try:
            return [child.pid for child in psutil.Process(self._process.pid).children(recursive=True)]
        except psutil.Error:
            return []
