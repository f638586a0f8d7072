"""A program in a real terminal: a pty on one side, a terminal emulator that reads it on the other."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable

import pyte


class Terminal:
    """A program in a pty, and what its screen shows."""

    def __init__(self, *arguments: str, width: int = 120, height: int = 36, **environment: str) -> None:
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        self.received, self.bytes = 0, bytearray()
        self.started = self.last = time.perf_counter()
        """When the program was started, and when the last of it was received."""
        mine, theirs = pty.openpty()
        self._file = mine
        self.resize(width, height)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rnnlab", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
        )
        os.close(theirs)

    def resize(self, width: int, height: int) -> None:
        self.screen.resize(height, width)
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        if hasattr(self, "process"):
            self.process.send_signal(signal.SIGWINCH)

    def read(self, seconds: float) -> None:
        """Take all that comes for so long, or until the program has left."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._take(left):
            pass

    def _take(self, seconds: float) -> bool:
        """The next of what comes; whether there was any."""
        if not select.select([self._file], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._file, 1 << 16)
        except OSError:
            data = b""
        if not data:  # it has left: what waits for it should not spin
            time.sleep(min(seconds, 0.05))
            return False
        self.last = time.perf_counter()
        self.received += len(data)
        self.bytes += data
        self._stream.feed(data)
        return True

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, condition: Callable[[str], object], what: str, seconds: float = 90.0) -> None:
        end = time.monotonic() + seconds
        while not condition(self.text()):
            if time.monotonic() > end:
                raise AssertionError(f"it never came: {what}\n{self.text()}")
            self._take(0.1)  # and no more, or ``last`` would be later than what was waited for

    def quiet(self) -> None:
        """Read until nothing has come for half a second."""
        before = -1
        while before != self.received:
            before = self.received
            self.read(0.4)

    def press(self, keys: str) -> None:
        os.write(self._file, keys.encode())

    def find(self, text: str) -> tuple[int, int]:
        """Column and row of a text on the screen, from 0."""
        for row, line in enumerate(self.screen.display):
            if text in line:
                return line.index(text), row
        raise AssertionError(f"{text} is not on the screen\n{self.text()}")

    def click(self, x: int, y: int, *, button: int = 0) -> None:
        """A mouse's button pressed and let go there, as terminals report it (SGR); 64 and 65 are the wheel."""
        self.press(f"\x1b[<{button};{x + 1};{y + 1}M" + ("" if button >= 64 else f"\x1b[<{button};{x + 1};{y + 1}m"))

    def ended(self, seconds: float = 90.0) -> int:
        """The exit code; what the program says last is read, or it could not leave."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.1)
        return self.process.wait(1)

    def vanish(self) -> int:
        """Be closed under the program's feet; its exit code."""
        os.close(self._file)
        self._file = -1
        return self.process.wait(90)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._file >= 0:
            os.close(self._file)
