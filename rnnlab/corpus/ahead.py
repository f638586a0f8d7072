"""An iterator that is run a few items ahead, in a thread of its own.

Pays where making an item lets go of the interpreter lock (decompression does).
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")


@contextlib.contextmanager
def ahead(items: Iterator[T], depth: int = 4) -> Iterator[Iterator[T]]:
    """Give the same items, at most ``depth`` of them waiting; an error of theirs is raised at its place.

    Leaving the context ends the thread, also in the middle.
    """
    waiting: queue.Queue[tuple[T | None, BaseException | None, bool]] = queue.Queue(depth)
    closed = threading.Event()

    def put(entry: tuple[T | None, BaseException | None, bool]) -> None:
        while not closed.is_set():
            try:
                waiting.put(entry, timeout=0.1)
            except queue.Full:
                continue
            break

    def work() -> None:
        try:
            for item in items:
                put((item, None, False))
                if closed.is_set():
                    return
            put((None, None, True))
        except BaseException as error:  # noqa: BLE001  # handed over and raised by the reader
            put((None, error, True))

    def taken() -> Iterator[T]:
        while True:
            item, error, end = waiting.get()
            if error is not None:
                raise error
            if end:
                return
            yield item  # type: ignore[misc]  # only the end has no item

    thread = threading.Thread(target=work, name="read ahead", daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        closed.set()
        thread.join(timeout=1.0)  # a read from a silent pipe cannot be broken off; the thread ends with the process
