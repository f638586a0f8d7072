"""What a person set, and what the dashboard remembers from last time. Knows files, no widget.

``tui.toml`` in the user's configuration folder is written by hand and only read::

    theme = "nord"
    bell = true                 # the terminal's bell with every alert
    alerts = ["finished", "diverged", "stalled", "failed", "best"]
    [keys]
    "lab.new" = "f2"            # names as in the help (?), several keys with commas

``tui.json`` in the user's state folder is written by the dashboard: the theme and the order that
were chosen last. A file that cannot be read costs its contents, never the dashboard.
"""

from __future__ import annotations

import contextlib
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from rnnlab.runs.durable import atomic_write

ALERTS = ("finished", "failed", "diverged", "stalled", "best")


@dataclass(frozen=True, slots=True)
class Preferences:
    """What ``tui.toml`` says; ``problem`` is one line about what is wrong with it, if anything."""

    theme: str = ""
    bell: bool = False
    alerts: tuple[str, ...] = ALERTS
    keys: dict[str, str] = field(default_factory=dict)
    problem: str = ""


def preferences_path() -> Path:
    """Where a person's settings are looked for."""
    return Path(platformdirs.user_config_dir("rnnlab")) / "tui.toml"


def read_preferences(path: Path | None = None) -> Preferences:
    """The settings; the usual ones where there are none."""
    path = path or preferences_path()
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValueError) as error:  # not UTF-8, or not TOML
        return Preferences(problem=f"{path}: {error}; the usual settings are used")
    keys, alerts = values.get("keys", {}), values.get("alerts", list(ALERTS))
    wrong = sorted(set(values) - {"theme", "bell", "alerts", "keys"})
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        wrong.append("keys")
        keys = {}
    if not isinstance(alerts, list) or not set(map(str, alerts)) <= set(ALERTS):
        wrong.append("alerts")
        alerts = list(ALERTS)
    problem = f"{path}: not understood: {', '.join(wrong)}" if wrong else ""
    theme, bell = str(values.get("theme", "")), values.get("bell") is True
    return Preferences(theme, bell, tuple(alerts), dict(keys), problem)


class Memory:
    """Small values that outlive the dashboard; written when it leaves, and only if they changed."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or Path(platformdirs.user_state_dir("rnnlab")) / "tui.json"
        self._before = self._values = self._read()

    def _read(self) -> dict[str, Any]:
        try:
            values = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return values if isinstance(values, dict) else {}

    def get(self, name: str, usual: Any) -> Any:
        """The value, if it is of the usual one's type."""
        value = self._values.get(name, usual)
        return value if isinstance(value, type(usual)) else usual

    def put(self, name: str, value: Any) -> None:
        """Remember."""
        self._values = self._values | {name: value}

    def save(self) -> None:
        """Write what changed; a folder that cannot be written is no reason to complain at the end."""
        if self._values != self._before:
            with contextlib.suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                atomic_write(self.path, json.dumps(self._values, indent=1) + "\n")
            self._before = self._values
