"""A terminal with all its colours, whatever the one that runs the tests can do."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.tui import base


@pytest.fixture(autouse=True)
def colourful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(autouse=True)
def no_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The tests neither read nor change what the user's own dashboard remembers."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".state"))


@pytest.fixture(autouse=True)
def patient_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notice stays until a busy machine has looked at it."""
    for kind in base.STAYS:
        monkeypatch.setitem(base.STAYS, kind, 120.0)
