"""How many streams a run learns from at once, where nobody said: as many as still pay, found by timing.

More streams keep a GPU busier and make fewer updates of the same text. So their number is doubled,
from the preset's on, while each doubling makes training clearly faster, and no further than leaves
the run enough updates to learn in. Learning rates that nobody gave grow with the square root of the
streams, as suits optimizers that divide by the gradient's size (Malladi et al. 2022, "On the SDEs
and scaling rules for adaptive gradient algorithms"). Measured on kernel C with an LSTM of 256 units and
Muon, 8 million characters: 32 streams come to 1.340 nats, 128 to 1.396 with the same rates and to 1.37
with twice the rates.

Knows configurations and numbers; how long an update takes it is told.

N streams, T characters in a window.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnlab.config import RunConfig
from rnnlab.errors import ConfigError

_PROTOCOLS = ("paper",)  # presets that repeat what somebody else did
_CLEARLY = 1.1  # times as fast, for twice the streams
_MOST = 16  # times the preset's: further from it nobody knows the right rates
_UPDATES = 2000  # that a run makes at least
_WINDOWS = 100  # that every stream has at least
_RATES = ("learning_rate", "matrix_learning_rate")


def left_to_timing(given: Mapping[str, Any], preset: str | None, device: str) -> frozenset[str]:
    """Which training settings are chosen when the run begins: none, or the streams and the rates not given.

    Args:
        given: training settings that somebody gave; 0 streams asks for timing.
        preset: as it was named.
        device: its type.

    Raises:
        ConfigError: where a device is asked for that is not timed.
    """
    asked = given.get("streams") == 0
    if asked and device not in ("cpu", "cuda"):
        raise ConfigError("streams", f"0 is for a CPU and for CUDA: {device} is not timed", "Give a number.")
    if not asked and ("streams" in given or device != "cuda" or preset in _PROTOCOLS):
        return frozenset()
    return frozenset({"streams", *(name for name in _RATES if name not in given)})


@dataclass(frozen=True, slots=True)
class StreamChoice:
    """How many streams, from how many on, and why no more."""

    streams: int
    usual: int
    """The preset's, or what of it suits the corpus."""
    end: str
    """Why there are no more."""
    chars_per_second: dict[str, float] = field(default_factory=dict)
    """What was measured, by number of streams."""

    @property
    def rate_factor(self) -> float:
        """What learning rates are multiplied by."""
        return math.sqrt(self.streams / self.usual)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, for a run's ``resolved``."""
        return {**dataclasses.asdict(self), "rate_factor": self.rate_factor}

    def told(self, config: RunConfig) -> str:
        """A line for the run's events, whose configuration is the resolved one."""
        text = f"{self.streams} streams, chosen by timing: {self.end}"
        if self.streams > self.usual:
            text += f"; the preset has {self.usual}, the learning rate is now {config.training.learning_rate:.3g}"
        return text


class Room:
    """How many streams leave a run enough to learn in.

    Args:
        config: of the run.
        chars: of the train part.
    """

    def __init__(self, config: RunConfig, chars: int) -> None:
        self._config, self._chars = config.training, chars

    def trouble(self, streams: int, speed: float) -> str:
        """Why so many, at so many characters a second, would be too many; or an empty string."""
        training = self._config
        if training.steps is not None:
            return "a run of so many updates keeps its streams"
        if self._chars // streams < _WINDOWS * training.window:
            return f"the text gives more streams less than {_WINDOWS} windows each"
        limits = [math.inf]
        if training.epochs is not None:
            limits.append(training.epochs * self._chars / (streams * training.window))
        if training.time is not None:
            limits.append(training.time * speed / (streams * training.window))
        return "" if min(limits) >= _UPDATES else f"more leave the run less than {_UPDATES:,} updates"


def choose_streams(usual: int, room: Room, measure: Callable[[int], tuple[float, str]]) -> StreamChoice:
    """Double the streams while that pays.

    Args:
        usual: where to begin; taken whatever comes out.
        room: what else limits them.
        measure: gives characters per second with N streams, or 0 and why they do not go.
    """
    speed, trouble = measure(usual)
    chosen, measured = usual, {str(usual): speed}
    while not trouble:
        if 2 * chosen > _MOST * usual:
            trouble = f"more than {_MOST} times the preset's are not tried"
        else:
            trouble = room.trouble(2 * chosen, 2 * speed)  # no faster than that
        if trouble:
            break
        faster, trouble = measure(2 * chosen)
        trouble = trouble or room.trouble(2 * chosen, faster)
        if trouble:
            break
        measured[str(2 * chosen)] = faster
        if faster < _CLEARLY * speed:
            trouble = f"{2 * chosen} are only {faster / speed:.2f} times as fast"
            break
        chosen, speed = 2 * chosen, faster
    return StreamChoice(chosen, usual, trouble, measured)


def with_streams(config: RunConfig, choice: StreamChoice, open_settings: frozenset[str]) -> RunConfig:
    """The configuration with the chosen streams, and with rates that suit them where ``open_settings`` names them."""
    rates = {name: getattr(config.training, name) * choice.rate_factor for name in _RATES if name in open_settings}
    return dataclasses.replace(config, training=dataclasses.replace(config.training, streams=choice.streams, **rates))
