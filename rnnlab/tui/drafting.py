"""A run that is being set up: what was typed, what it resolves to, and what it will cost. Knows no widget.

A setting that was left empty is the preset's; only what was typed goes on the command line.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from rnnlab.config import CorpusConfig, EvaluationConfig, ModelConfig, RunConfig, TrainingConfig, field_help
from rnnlab.errors import ConfigError, RnnlabError
from rnnlab.model_size import operations_per_char, parameter_count, training_memory
from rnnlab.presets import dropout_for, resolve
from rnnlab.runs.summary import RunSummary

SECTIONS: dict[str, type] = {
    "corpus": CorpusConfig,
    "model": ModelConfig,
    "training": TrainingConfig,
    "evaluation": EvaluationConfig,
}
_FIRST = {
    "model": ("cell", "layers", "hidden", "embedding"),
    "training": ("time", "epochs", "steps", "learning_rate", "streams", "window", "optimizer", "schedule", "seed"),
    "corpus": ("include", "vocabulary", "split"),
    "evaluation": ("plugins",),
}
_LEFT_OUT = {("corpus", "sources"), ("training", "device")}  # the form has fields of their own for these
_FLAGS = {"vocabulary": "--vocab", "plugins": "--plugin", "settings": "-S"}
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
USUAL_VOCABULARY = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a run: where it lives, what it is for, what it may be."""

    section: str
    name: str
    text: str
    hint: Any

    @property
    def key(self) -> str:
        """A name that no other setting has, good as a widget's id."""
        return f"{self.section}-{self.name}"

    @property
    def label(self) -> str:
        """As it is read."""
        return self.name.replace("_", " ")

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that it may be, where only some are known."""
        kind = _plain(self.hint)
        if kind is bool:
            return ("yes", "no")
        return typing.get_args(kind) if typing.get_origin(kind) is Literal else ()

    def shown(self, value: Any) -> str:
        """A value as it would be typed."""
        if value is None or value == ():
            return "–"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if self.name == "split":
            return "/".join(f"{100 * share:g}" for share in value)
        if self.name == "time":
            return _spelled(value)
        return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)

    def parse(self, text: str) -> Any:
        """The value that was typed.

        Raises:
            ConfigError: where it is none.
        """
        kind = _plain(self.hint)
        if self.name == "split":
            from rnnlab.corpus.split import parse_split

            return parse_split(text)
        if self.name == "time":
            return _seconds(text)
        if typing.get_origin(kind) is tuple:
            return tuple(_split(text))
        if self.choices and text not in self.choices:
            raise ConfigError(self.label, f"{text!r} is not known", f"Use one of: {', '.join(self.choices)}.")
        if kind is bool:
            return text == "yes"
        try:
            return kind(text) if kind in (int, float) else text
        except ValueError:
            raise ConfigError(self.label, f"{text!r} is no {'whole ' * (kind is int)}number") from None

    def arguments(self, text: str) -> list[str]:
        """The command line's options for what was typed."""
        flag = _FLAGS.get(self.name, "--" + self.name.replace("_", "-"))
        kind = _plain(self.hint)
        if kind is bool:
            return [flag if text == "yes" else f"--no-{flag[2:]}"]
        if typing.get_origin(kind) is tuple and self.name != "split":
            return [word for part in _split(text) for word in (flag, part)]
        return [flag, text]


@cache
def settings(section: str) -> tuple[Setting, ...]:
    """The settings of a section, those that matter most first."""
    cls = SECTIONS[section]
    hints, texts = typing.get_type_hints(cls), field_help(cls)
    names = [item.name for item in dataclasses.fields(cls) if (section, item.name) not in _LEFT_OUT]
    first = _FIRST.get(section, ())
    ordered = [*first, *(name for name in names if name not in first)]
    return tuple(Setting(section, name, texts.get(name, ""), hints[name]) for name in ordered)


def _plain(hint: Any) -> Any:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next(part for part in typing.get_args(hint) if part is not type(None))
    return hint


def _seconds(text: str) -> float:
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhd]?)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise ConfigError("time", f"{text!r} is not a duration", "Use for example 90s, 30m or 1h30m.")
    return sum(float(number) * _UNITS[unit or "s"] for number, unit in parts)


def _spelled(seconds: float) -> str:
    """Seconds as they would be typed: 90s, 10m, 1h30m."""
    if seconds < 100 or seconds % 60:
        return f"{seconds:g}s"
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours}h" * (hours > 0) + f"{minutes}m" * (minutes > 0)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ConfigError(text, str(error).lower(), "Close the quote.") from None


@dataclass(frozen=True, slots=True)
class Draft:
    """The form as it was filled in; ``typed`` by the settings' keys, without the empty ones."""

    corpus: str = ""
    preset: str = "small"
    device: str = "auto"
    name: str = ""
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> list[str]:
        """The corpus's files and folders, as the command line would get them."""
        return [os.path.expanduser(part) for part in _split(self.corpus)]  # noqa: PTH111  # a text stays a text

    def given(self) -> dict[str, dict[str, Any]]:
        """The typed settings, by section.

        Raises:
            ConfigError: for the first that is wrong.
        """
        result: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
        for section in SECTIONS:
            for setting in settings(section):
                if setting.key in self.typed:
                    result[section][setting.name] = setting.parse(self.typed[setting.key])
        return result

    def resolve(self, chars: int = 0) -> RunConfig:
        """The configuration that this stands for.

        Args:
            chars: of the train part, once they are known; presets leave to them how much is dropped out.

        Raises:
            ConfigError: for a setting that is wrong.
        """
        given = self.given()
        given["corpus"]["sources"] = tuple(self.sources)
        if chars:
            given["model"] = {**dropout_for(self.preset, chars), **given["model"]}
        return resolve(self.preset, **given)

    def arguments(self) -> list[str]:
        """What stands behind ``rnnlab train``."""
        words = [*(source if not source.startswith("-") else f"./{source}" for source in self.sources)]
        words += ["--preset", self.preset]
        words += ["--device", self.device] if self.device != "auto" else []
        for section in SECTIONS:
            for setting in settings(section):
                if setting.key in self.typed:
                    words += setting.arguments(self.typed[setting.key])
        return words


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run will need. ``seconds`` is None where nothing here tells how fast it will be; ``like`` is what told."""

    parameters: int
    memory: int
    operations: int
    chars: float | None
    seconds: float | None
    like: str = ""


def cost(config: RunConfig, vocabulary: int, chars: int | None, known: Sequence[RunSummary]) -> Cost:
    """Parameters, bytes and time of a run.

    Args:
        config: the resolved configuration.
        vocabulary: V.
        chars: characters of the train part, if they are known.
        known: runs of this lab; the newest that tells its speed is what the time is judged by.
    """
    training, operations = config.training, operations_per_char(config.model, vocabulary)
    ends = [float(training.steps * training.streams * training.window)] if training.steps is not None else []
    ends += [training.epochs * chars] if training.epochs is not None and chars else []
    total = min(ends, default=None)
    seconds, like = training.time, ""
    for one in known:
        if total and one.chars_per_second and (other := _operations(one)):
            needed = total / (one.chars_per_second * other / operations)
            if seconds is None or needed < seconds:  # whichever limit comes first
                seconds, like = needed, one.name
            break
    parameters = parameter_count(config.model, vocabulary)
    return Cost(parameters, training_memory(config.model, training, vocabulary), operations, total, seconds, like)


def _operations(summary: RunSummary) -> int | None:
    try:
        values = {key[6:]: value for key, value in summary.settings.items() if key.startswith("model.")}
        return operations_per_char(ModelConfig(**values), USUAL_VOCABULARY)
    except (TypeError, RnnlabError):  # written by another version
        return None


def hint_name(draft: Draft, config: RunConfig) -> str:
    """What a run is called whose name was left empty."""
    from rnnlab.corpus.opening import name_of  # with numpy

    first = name_of(tuple(draft.sources)) if draft.sources else "run"
    return f"{first}-{config.model.cell}-{config.model.layers}x{config.model.hidden}"
