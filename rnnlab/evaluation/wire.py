"""The pipes to a worker process: JSON lines in both directions, without ever waiting for a byte.

Bytes that are there are read, bytes that fit are written. Knows no plugin, no time limit, and not what a message means.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Mapping
from typing import IO, Any, cast

CHUNK = 1 << 18
REPLY_LIMIT = 1 << 28  # bytes of one reply; 20,000 findings are a few megabytes
_TAIL = 8000  # bytes of standard error that are kept


class Wire:
    """Standard input, output and error of a process that was started with pipes for all three.

    Attributes:
        tail: the last of what it wrote to standard error.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._stdin, self._stdout, self._stderr = self._pipes = cast(
            tuple[IO[bytes], IO[bytes], IO[bytes]], (process.stdin, process.stdout, process.stderr)
        )
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)
        self.unwritten = memoryview(b"")
        self.tail = b""
        self._unread = bytearray()

    def fds(self) -> tuple[list[int], list[int]]:
        """What to wait for: readable ones, writable ones."""
        return [self._stdout.fileno(), self._stderr.fileno()], [self._stdin.fileno()] if self.unwritten else []

    def send(self, message: Mapping[str, Any]) -> None:
        """Take a message to be written; the one before must have left."""
        self.unwritten = memoryview(json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n")

    def write(self) -> bool:
        """Write what fits; whether something is left."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            while self.unwritten:
                self.unwritten = self.unwritten[os.write(self._stdin.fileno(), self.unwritten[:CHUNK]) :]
        return bool(self.unwritten)

    def read(self) -> tuple[bool, bool]:
        """Whether bytes came, and whether its output has ended."""
        moved = False
        while len(self._unread) < REPLY_LIMIT:
            try:
                chunk = os.read(self._stdout.fileno(), CHUNK)
            except BlockingIOError:
                return moved, False
            if not chunk:
                return moved, True
            self._unread += chunk
            moved = True
        return moved, False

    def messages(self) -> tuple[list[dict[str, Any]], bool]:
        """Whole lines that have arrived, and whether one of them is no message."""
        end = self._unread.rfind(b"\n")
        if end < 0:
            return [], len(self._unread) >= REPLY_LIMIT
        lines = bytes(self._unread[:end]).split(b"\n")
        del self._unread[: end + 1]
        messages: list[dict[str, Any]] = []
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                return messages, True
            if not isinstance(message, dict):
                return messages, True
            messages.append(message)
        return messages, False

    def listen(self) -> None:
        """Keep the last of what it wrote to standard error."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(64):
                chunk = os.read(self._stderr.fileno(), CHUNK)
                if not chunk:
                    return
                self.tail = (self.tail + chunk)[-_TAIL:]

    def close(self) -> None:
        """Close all three."""
        for pipe in self._pipes:
            pipe.close()
