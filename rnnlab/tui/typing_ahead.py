"""Keys one after the other: each goes where the one before it has led, however fast they were typed.

A key travels from widget to widget before its action runs, and a screen that it opens needs a moment until it takes
keys. What is typed meanwhile waits here. Knows Textual's queues and no screen.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from weakref import WeakSet

from textual.app import App
from textual.events import Event, Key
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widgets import Input

_ROUNDS = 2  # the key's own way up, then that of what its action sent
_LOST = 1.0  # seconds after which a key that a closing screen swallowed is waited for no longer


class TypeAhead:
    """Hands keys to ``hand_on`` in their order, each when the one before has done all that it does."""

    def __init__(self, app: App[Any], hand_on: Callable[[Event], Awaitable[None]]) -> None:
        self._app, self._hand_on = app, hand_on
        self._typed: deque[Event] = deque()
        self._settled: WeakSet[Screen[Any]] = WeakSet()
        self._since: float | None = None

    async def take(self, event: Event) -> None:
        """A key or a pasted text came."""
        self._typed += separated(self._app, event) if isinstance(event, Key) else [event]
        if self._since is not None and time.monotonic() - self._since > _LOST:
            self._since = None
        await self._next()

    async def _next(self) -> None:
        if self._since is not None or not self._typed or not self._app.screen_stack:
            return
        self._since, screen = time.monotonic(), self._app.screen
        if screen not in self._settled:
            self._settled.add(screen)
            self._climb(screen, _ROUNDS)
            return
        target = self._app.focused or screen
        await self._hand_on(self._typed.popleft())
        self._climb(target, _ROUNDS)

    def _climb(self, node: MessagePump, rounds: int) -> None:
        """Follow the key through the queues of those that it passes, up to the program's; then on with the next."""
        path: Iterator[MessagePump] = iter([pump for _ in range(rounds) for pump in _upwards(node)])

        async def step() -> None:
            for pump in path:
                if pump.call_later(step):
                    return
            # What an action left for after the drawing, as giving the keys to a panel; a line of text does not.
            app = self._app
            drawn = app.screen_stack and not isinstance(app.focused, Input)
            if not drawn or not app.screen.call_after_refresh(app.call_later, done):
                await done()

        async def done() -> None:
            self._since = None
            await self._next()

        self._app.call_next(step)


def _upwards(node: MessagePump | None) -> Iterator[MessagePump]:
    while node is not None:
        yield node
        node = node._parent


def separated(app: App[Any], key: Key) -> list[Event]:
    """Escape followed at once by a letter reaches us as that letter with alt, which nothing is bound to: two keys.

    In a line of text alt stays alt: there it moves by words in other programs, and Escape would throw the text away.
    """
    letter = key.character
    if not key.key.startswith("alt+") or not letter or isinstance(app.focused, Input):
        return [key]
    return [key] if key.key in app.screen.active_bindings else [Key("escape", "\x1b"), Key(letter, letter)]
