"""Ctrl-C while there is nothing to lose yet: modules are imported, words are read, or all is done.

``KeyboardInterrupt`` is not to be relied on there. It rises wherever the program happens to be, which may be inside
somebody else's import: torch's C++ takes it for a numpy that is not there and goes on without a word, a dataclass
makes a ``RuntimeError`` of it, and what is called back while objects go prints a traceback and forgets it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator


def leave_at_once(words: str = "") -> None:
    """From now on Ctrl-C ends the process where it stands, with 130 and a line where there are words.

    Where it is ignored it stays so: a shell's background jobs rely on it.
    """

    def leave(_number: int, _frame: object) -> None:
        with contextlib.suppress(OSError):
            os.write(2, words.encode())
        os._exit(130)

    if _is_answered_here():
        signal.signal(signal.SIGINT, leave)


@contextlib.contextmanager
def leaving_at_once(words: str = "") -> Iterator[None]:
    """Inside, `leave_at_once`."""
    with _put_back():
        leave_at_once(words)
        yield


@contextlib.contextmanager
def leaving_in_order() -> Iterator[None]:
    """Inside, Ctrl-C raises ``KeyboardInterrupt``: there is something to be cleaned up."""
    with _put_back():
        if _is_answered_here():
            signal.signal(signal.SIGINT, signal.default_int_handler)
        yield


@contextlib.contextmanager
def _put_back() -> Iterator[None]:
    """Afterwards SIGINT is treated as before."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if _is_answered_here():
            signal.signal(signal.SIGINT, before)


def _is_answered_here() -> bool:
    """Whether Ctrl-C comes to this thread, and is not ignored."""
    return threading.current_thread() is threading.main_thread() and callable(signal.getsignal(signal.SIGINT))
