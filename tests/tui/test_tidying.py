"""Rubbish is collected while nobody waits for an answer, and only when there may be some."""

from __future__ import annotations

import gc
import weakref

from rnnlab.tui.tidying import QUIET, Tidier


class Screen:
    """One that holds itself, as screens and their widgets do."""

    def __init__(self) -> None:
        self.child = self


def test_what_a_screen_left_behind_goes_though_it_was_set_aside() -> None:
    now = [0.0]
    tidier = Tidier(lambda: now[0])
    screen = Screen()
    there = weakref.ref(screen)
    try:
        assert not tidier.look(["lab", "run"])  # it has just begun
        now[0] = QUIET + 1
        assert tidier.look(["lab", "run"])
        assert gc.get_freeze_count() > 0
        assert not tidier.look(["lab", "run"])
        del screen
        tidier.pressed()
        assert not tidier.look(["lab"])
        assert there() is not None
        now[0] += QUIET + 1
        assert tidier.look(["lab"])
        assert there() is None
    finally:
        tidier.leave()
    assert gc.get_freeze_count() == 0
