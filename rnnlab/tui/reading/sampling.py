"""Text from a network as it is made, by a sampler process that is asked in JSON lines. Knows no widget and no torch.

The process starts with the first request and ends with the thread; a crash costs the text, and is told.
"""

from __future__ import annotations

import base64
import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlab.display import safe

Likely = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be written."""

    prompt: str = ""
    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    length: int = 2000


@dataclass(frozen=True, slots=True)
class Written:
    """The next characters of the text that was asked for last, or what became of it.

    ``bits``: surprise of each character; ``likeliest``: what else was likely at its place.
    """

    number: int = 0
    text: tuple[str, ...] = ()
    bits: tuple[float, ...] = ()
    likeliest: tuple[Likely, ...] = ()
    raw: bytes = b""
    ready: str = ""
    ended: bool = False
    per_second: float = 0.0
    problem: str = ""


class Writer(threading.Thread):
    """Asks the sampler and hands over what it writes.

    Args:
        source: a run's folder or a checkpoint's.
        deliver: takes each answer; must be safe to call from another thread.
    """

    def __init__(self, source: Path, deliver: Callable[[Written], None]) -> None:
        super().__init__(name=f"write {source.name}", daemon=True)
        self._deliver, self._stopping, self._number = deliver, False, 0
        self._last_words: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rnnlab.inspection.stream", str(source)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in the terminal is the dashboard's alone
        )

    def ask(self, wish: Wish) -> int:
        """Write this next, instead of what is being written; gives the number that its answers will have."""
        self._number += 1
        self._send({"id": self._number, **{name: getattr(wish, name) for name in Wish.__dataclass_fields__}})
        return self._number

    def hush(self) -> None:
        """Stop writing."""
        self._send({"stop": True})

    def stop(self) -> None:
        """End the process and the thread; does not wait for them."""
        self._stopping = True
        with contextlib.suppress(OSError):
            self._process.kill()

    def _send(self, values: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it is gone, its pipe perhaps closed by now: the thread tells
            self._process.stdin.write(json.dumps(values).encode() + b"\n")
            self._process.stdin.flush()

    def run(self) -> None:
        """Read answers until the process ends."""
        process = self._process
        assert process.stdout is not None
        complaints = threading.Thread(target=self._listen, daemon=True)
        complaints.start()
        fatal = False
        for line in process.stdout:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                values = json.loads(line)
                fatal = fatal or bool(values.get("fatal"))
                self._deliver(_written(values))
        code = process.wait()
        complaints.join(1.0)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        if not self._stopping and not fatal:
            left = f"it was ended by {signal.Signals(-code).name}" if code < 0 else f"it left with code {code}"
            words = safe("\n".join(self._last_words[-2:])) or left
            self._deliver(Written(problem=f"The sampler is gone: {words}"))

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._last_words = [*self._last_words[-5:], line.decode("utf-8", "replace").rstrip()]


def _written(values: dict[str, Any]) -> Written:
    return Written(
        number=int(values.get("id") or 0),
        text=tuple(values.get("text", ())),
        bits=tuple(values.get("bits", ())),
        likeliest=tuple(tuple((str(name), float(share)) for name, share in row) for row in values.get("likeliest", ())),
        raw=base64.b64decode(values.get("raw", "")),
        ready=str(values.get("checkpoint", "")) if values.get("ready") else "",
        ended=bool(values.get("end")),
        per_second=float(values.get("per_second", 0.0)),
        problem=safe(str(values.get("problem", ""))),
    )
