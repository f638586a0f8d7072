"""Importing one evaluator and making it with its options: happens in the worker process only."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import inspect
import sys
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation.contract import Evaluator
from rnnlab.evaluation.discovery import suggestion

FILE_MODULE = "rnnlab_plugin_file"


def load(name: str, target: str, is_file: bool) -> Any:
    """The class, factory or function evaluator that a plugin names.

    Raises:
        EvaluatorError: when the file holds no evaluator, or not the one that was named.
        Exception: whatever its import raises; ImportError where its entry point names nothing.
    """
    if not is_file:
        module_name, _, attribute = target.partition(":")
        found: Any = importlib.import_module(module_name)
        for part in filter(None, attribute.split(".")):
            try:
                found = getattr(found, part)
            except AttributeError:
                raise ImportError(f"{module_name} has no {attribute}, which its entry point names") from None
        return _the_one(name, found, attribute) if isinstance(found, types.ModuleType) else found
    path, attribute = (target, "") if target.endswith(".py") else target.rsplit(":", 1)
    spec = importlib.util.spec_from_file_location(FILE_MODULE, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[FILE_MODULE] = module
    spec.loader.exec_module(module)
    return _the_one(name, module, attribute)


def _the_one(name: str, module: types.ModuleType, attribute: str) -> Any:
    if attribute:
        if not hasattr(module, attribute):
            evaluators = suggestion(attribute, _evaluators(module), "Its evaluators")
            raise EvaluatorError(name, f"the file has no {attribute}", evaluators)
        return getattr(module, attribute)
    found = _evaluators(module)
    if len(found) == 1:
        return next(iter(found.values()))
    if not found:
        raise EvaluatorError(name, "the file holds no evaluator", "Decorate a function with @evaluator(...).")
    raise EvaluatorError(name, f"the file holds {len(found)} evaluators", f"Name one: FILE.py:{next(iter(found))}.")


def _evaluators(module: types.ModuleType) -> dict[str, Any]:
    return {
        key: value
        for key, value in vars(module).items()
        if not key.startswith("_") and callable(getattr(value, "evaluate", None)) and _home(value) == module.__name__
    }


def _home(value: Any) -> str:
    """The module that a class or function evaluator was written in."""
    if inspect.isclass(value):
        return value.__module__
    return str(getattr(getattr(value, "function", type(value)), "__module__", ""))


def make(name: str, found: Any, settings: Mapping[str, str]) -> Evaluator:
    """The evaluator, made with its options.

    Raises:
        EvaluatorError: for an option that it does not have, and a value that it cannot take.
        Exception: whatever its making raises; TypeError where nothing is made that evaluates.
    """
    options = getattr(found, "Options", None)
    known = {item.name for item in dataclasses.fields(options)} if dataclasses.is_dataclass(options) else set()
    for key in settings:
        if key not in known:
            raise EvaluatorError(f"{name}.{key}", "there is no such option", suggestion(key, known, "Its options"))
    if known:
        hints = typing.get_type_hints(options)
        values = {key: _value(f"{name}.{key}", hints[key], text) for key, text in settings.items()}
        try:
            made = options(**values)  # type: ignore[misc]  # checked above: a dataclass
            instance = found(made) if callable(found) else found
        except (TypeError, ValueError) as error:
            if not settings:
                raise  # nobody chose these options
            raise EvaluatorError(name, f"its options are refused: {error}") from None
    else:
        instance = found() if callable(found) else found
    if not callable(getattr(instance, "evaluate", None)):
        raise TypeError(f"{type(instance).__name__} has no evaluate(source)")
    return typing.cast(Evaluator, instance)


def _value(where: str, hint: Any, text: str) -> Any:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return None if text == "" else _value(where, next(part for part in inner if part is not type(None)), text)
    if origin in (tuple, list, frozenset, set):
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return origin(_value(where, inner[0] if inner else str, part) for part in parts)
    if origin is Literal:
        choices = {str(choice): choice for choice in inner}
        if text not in choices:
            raise EvaluatorError(where, f"{text!r} is not known", suggestion(text, choices, "Choose from"))
        return choices[text]
    if hint is bool:
        if text.lower() not in ("true", "false", "yes", "no", "on", "off", "1", "0"):
            raise EvaluatorError(where, f"{text!r} is not yes or no", f"Write for example -S {where}=yes.")
        return text.lower() in ("true", "yes", "on", "1")
    if hint in (int, float):
        try:
            return hint(text)
        except ValueError:
            raise EvaluatorError(
                where, f"{text!r} is not a number of type {hint.__name__}", f"Write for example -S {where}=10."
            ) from None
    if hint not in (str, Path, Any):
        kind = inspect.formatannotation(hint)
        raise EvaluatorError(
            where, f"a {kind} cannot be given here", "Its author may use str, int, float, bool, tuple."
        )
    return Path(text) if hint is Path else text


def describe(found: Any, instance: Evaluator) -> dict[str, Any]:
    """Rules, metrics, options and files of an evaluator, as JSON values.

    Raises:
        Exception: where they are not the plain mappings of the contract.
    """
    described: dict[str, Any] = {}
    for what in ("rules", "metrics"):
        mapping = getattr(instance, what, {})
        plain = isinstance(mapping, Mapping) and all(isinstance(part, str) for pair in mapping.items() for part in pair)
        if not plain:
            raise TypeError(f'its {what} are no mapping of names to descriptions, such as {{"my-name": "What it is."}}')
        described[what] = dict(mapping)
    files = getattr(instance, "files", ())
    described["files"] = [str(pattern) for pattern in ((files,) if isinstance(files, str) else files)]
    document = inspect.getdoc(getattr(instance, "function", None) or type(instance)) or ""
    described["summary"] = document.split("\n\n")[0].replace("\n", " ")
    described["options"] = _options(getattr(found, "Options", None))
    return described


def _options(options: Any) -> list[dict[str, str]]:
    if not dataclasses.is_dataclass(options):
        return []
    rows = []
    for item in dataclasses.fields(options):
        default: Any = item.default
        if item.default_factory is not dataclasses.MISSING:
            default = item.default_factory()
        missing = default is dataclasses.MISSING
        shown = ",".join(map(str, default)) if isinstance(default, (tuple, list, set, frozenset)) else str(default)
        kind = item.type if isinstance(item.type, str) else inspect.formatannotation(item.type)
        help_text = str(item.metadata.get("help", "")) or field_help(options).get(item.name, "")
        rows.append({"name": item.name, "type": kind, "default": "" if missing else shown, "help": help_text})
    return rows


def field_help(options: Any) -> dict[str, str]:
    """The docstring under each field; nothing where the source is not to be had."""
    from rnnlab.config import field_help as read

    try:
        return read(options)
    except (OSError, TypeError, SyntaxError, AssertionError):
        return {}
