"""Command-line options made from the configuration's fields, so that each is described once.

Knows the config dataclasses and Typer; knows nothing of what a setting does.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal

import typer

from rnnlab.config import CorpusConfig, EvaluationConfig, ModelConfig, TrainingConfig, field_help

SECTIONS: dict[str, type] = {
    "corpus": CorpusConfig,
    "model": ModelConfig,
    "training": TrainingConfig,
    "evaluation": EvaluationConfig,
}
PANELS = {"corpus": "Corpus", "model": "Model", "training": "Training", "evaluation": "Scores"}

_NAMES = {"vocabulary": "--vocab", "plugins": "--plugin", "settings": "-S", "shuffle_seed": "--shuffle-seed"}
_SHORT = {"learning_rate": "--lr"}  # what many type first
_LEFT_OUT = {("corpus", "sources"), ("training", "device")}
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(text: str) -> float:
    """Seconds in ``90``, ``90s``, ``30m``, ``1h30m`` or ``2d``.

    Raises:
        typer.BadParameter: for anything else.
    """
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhd])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise typer.BadParameter(f"{text!r} is not a duration; use for example 90s, 30m or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def whole_number(text: str) -> int:
    """``120``, ``2_000_000`` or ``2e6``.

    Raises:
        typer.BadParameter: for anything else.
    """
    value = number(text)
    if not value.is_integer():
        raise typer.BadParameter(f"{text!r} is not a whole number")
    return int(text) if re.fullmatch(r"[-+\d_]+", text) else int(value)


def number(text: str) -> float:
    """``0.002`` or ``2e-3``.

    Raises:
        typer.BadParameter: for anything else.
    """
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a number") from None


def _split(text: str) -> tuple[float, ...]:
    from rnnlab.corpus.split import parse_split

    return parse_split(text)


_PARSERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "time": (parse_duration, "DURATION"),
    "split": (_split, "A/B/C"),
}
_NUMBERS: dict[Any, Callable[[str], float]] = {int: whole_number, float: number}


def option_name(setting: str) -> str:
    """What a setting is called on the command line; anything else stays as it is."""
    known = any(setting == item.name for cls in SECTIONS.values() for item in dataclasses.fields(cls))
    return _NAMES.get(setting, "--" + setting.replace("_", "-")) if known else setting


def config_parameters() -> list[inspect.Parameter]:
    """A keyword parameter for every setting, named ``section__field``, None where it was not given."""
    return [
        _parameter(section, item, typing.get_type_hints(cls)[item.name], field_help(cls)[item.name])
        for section, cls in SECTIONS.items()
        for item in dataclasses.fields(cls)
        if (section, item.name) not in _LEFT_OUT
    ]


def _parameter(section: str, item: dataclasses.Field[Any], hint: Any, text: str) -> inspect.Parameter:
    name = _NAMES.get(item.name, "--" + item.name.replace("_", "-"))
    extra: dict[str, Any] = {"help": text, "rich_help_panel": PANELS[section], "show_default": False}
    if item.name in _PARSERS:
        parser, metavar = _PARSERS[item.name]
        extra |= {"parser": parser, "metavar": metavar}
        kind: Any = str
    else:
        kind = _plain(hint)
    if kind in _NUMBERS:
        extra |= {"parser": _NUMBERS[kind], "metavar": "NUMBER"}
        kind = str
    if kind is bool:
        name = f"{name}/--no-{item.name.replace('_', '-')}"
    names = [name, *filter(None, [_SHORT.get(item.name)])]
    annotation = Annotated[kind | None, typer.Option(*names, **extra)]
    return inspect.Parameter(
        f"{section}__{item.name}", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
    )


def _plain(hint: Any) -> Any:
    """The type that an option has: a list for a tuple, the inner type of an optional one."""
    origin = typing.get_origin(hint)
    if origin is tuple:
        return list[typing.get_args(hint)[0]]  # type: ignore[misc]  # a type that is known only here
    if origin in (typing.Union, types.UnionType):
        return next(part for part in typing.get_args(hint) if part is not type(None))
    return hint


def with_config_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command with ``**settings`` an option for every setting of a run."""
    signature = inspect.signature(function, eval_str=True)
    own = [part for part in signature.parameters.values() if part.kind is not inspect.Parameter.VAR_KEYWORD]
    parameters = [part.replace(kind=inspect.Parameter.KEYWORD_ONLY) for part in own] + config_parameters()

    def command(**given: Any) -> None:
        function(**given)

    command.__doc__ = function.__doc__
    command.__name__ = function.__name__
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # inspect reads it
    command.__annotations__ = {part.name: part.annotation for part in parameters}
    return command


def given_settings(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings that were given, by section; lists become tuples."""
    result: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for key, value in settings.items():
        if value is None or (isinstance(value, (list, tuple)) and not value):
            continue
        section, name = key.split("__", 1)
        result[section][name] = tuple(value) if isinstance(value, list) else value
    return result


def literal_values(hint: Any) -> Iterable[str]:
    """The words that a Literal allows."""
    return typing.get_args(hint) if typing.get_origin(hint) is Literal else ()
