"""What the dashboard's tests share: the words on the screen, and waiting for them however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

from rnnlab.tui.app import Dashboard
from rnnlab.tui.screens.ask import AskScreen

LIMIT = 120.0
"""Seconds after which something is taken never to come; far beyond what a busy machine needs."""
BEGINS = 600.0
"""The same for a training, which imports torch first: a minute of its own where six others want the two cores."""


def screen_text(app: Any) -> str:
    """What stands on the screen, one line per row."""
    assert isinstance(app, Dashboard)
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[None], condition: Callable[[], object], what: str, limit: float = LIMIT) -> None:
    """Wait until a condition holds, ``limit`` seconds at most."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"it never came: {what}\n{screen_text(pilot.app)}")
        await pilot.pause(0.05)


async def seen(pilot: Pilot[None], *words: str) -> None:
    """Wait until all of the words are on the screen."""
    for word in words:
        await until(pilot, lambda word=word: word in screen_text(pilot.app), word)  # type: ignore[misc]  # bound now


async def asked(pilot: Pilot[None]) -> None:
    """Wait for a dialog that takes keys."""
    await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen) and pilot.app.focused, "the dialog")
