"""What a training makes of the signals that ask it to leave. Knows nothing of what it leaves."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator

from rnnlab.cli import console

EARLY = "interrupted before training began"

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Ctrl-C once asks to leave after the step; twice leaves at once. SIGTERM and SIGHUP ask."""

    def __init__(self) -> None:
        self._reason = ""
        self.asked = False
        """Whether signals are asked by now, or were: the training has begun."""

    def reason(self) -> str:
        """The signal that asks to leave, or an empty string."""
        return self._reason

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Inside, signals are asked rather than obeyed at once."""

        def ask(number: int, _frame: object) -> None:
            if self._reason:
                raise KeyboardInterrupt
            self._reason = f"interrupted by {signal.Signals(number).name}"

        # A signal that is ignored stays ignored: nohup relies on it.
        asked = [number for number in _NUMBERS if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, ask) for number in asked}
        self.asked = True
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextlib.contextmanager
def left_early(signals: Signals, leave: Callable[[int], None]) -> Iterator[None]:
    """Say it in a line where Ctrl-C comes before the training has begun.

    Args:
        signals: of the training.
        leave: called with the exit code; may end the process.
    """
    try:
        yield
    except KeyboardInterrupt:
        if not signals.asked:
            console.say(EARLY)
        leave(130)
        raise


def die_at_once() -> None:
    """Let Ctrl-C end this process even in the middle of a call that waits for other processes."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def be_deaf() -> None:
    """Ignore from now on what asks to leave."""
    for number in _NUMBERS:
        signal.signal(number, signal.SIG_IGN)
