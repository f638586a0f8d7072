"""What a training makes of the signals that ask it to leave. Knows nothing of what it leaves."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator


class Signals:
    """Ctrl-C once asks to leave after the step; twice leaves at once. SIGTERM and SIGHUP ask."""

    def __init__(self) -> None:
        self._reason = ""

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

        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        # A signal that is ignored stays ignored: nohup relies on it.
        asked = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, ask) for number in asked}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
