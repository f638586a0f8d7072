"""What a run is made of, as frozen dataclasses that go to JSON and come back the same.

The docstring under each field is also its help text on the command line and in the
dashboard, so it is written once. Checks that need no corpus and no device happen here,
when the object is made; what needs them happens where they are known.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import math
import textwrap
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from rnnlab.errors import ConfigError

Cell = Literal["lstm", "gru", "rnn"]
VocabularyKind = Literal["bytes", "chars"]
Optimizer = Literal["adamw", "muon", "rmsprop"]
Schedule = Literal["cosine", "paper", "constant"]
Precision = Literal["auto", "float32", "tf32", "bfloat16", "float16"]
Initialization = Literal["scaled", "uniform"]


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """Which text is learnt from, and in which order."""

    sources: tuple[str, ...] = ()
    """Files, folders, archives or - for standard input."""
    include: tuple[str, ...] = ("*.c", "*.h")
    """Names taken from folders and archives."""
    exclude: tuple[str, ...] = ()
    """Names or relative paths left out."""
    vocabulary: VocabularyKind = "bytes"
    """bytes: every byte value that occurs; chars: every Unicode code point that occurs."""
    shuffle: bool = True
    """Put the files in a seeded random order, so that every part holds every kind of file."""
    deduplicate: bool = True
    """Drop files that are exact copies of an earlier one."""
    shuffle_seed: int = 0
    """Seed of the order of the files."""
    split: tuple[float, float, float] = (0.90, 0.05, 0.05)
    """Shares of the train, validation and test parts; they add up to 1 and lie one after the other."""

    def __post_init__(self) -> None:
        if len(self.split) != 3 or any(share < 0 for share in self.split) or self.split[0] == 0:
            raise ConfigError("split", f"{self.split} is not three shares with a train part", "Use for example 90/5/5.")
        if not math.isclose(sum(self.split), 1.0, abs_tol=1e-6):
            raise ConfigError("split", f"the shares add up to {sum(self.split):g}, not 1", "Use for example 90/5/5.")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The shape of the network."""

    cell: Cell = "lstm"
    """Recurrent cell: lstm, gru, or rnn (tanh)."""
    layers: int = 2
    """Recurrent layers, L."""
    hidden: int = 128
    """Units in each layer, H."""
    embedding: int = 0
    """Width of the input embedding, D; 0 feeds the symbol one-hot, as char-rnn did."""
    skip: bool = False
    """Let the input reach every layer, and every layer the output (Graves 2013)."""
    dropout_input: float = 0.0
    """Share of an embedding's components (the same ones through a window) or one-hot symbols dropped while training."""
    dropout_between: float = 0.0
    """Share of the components dropped between layers while training; the same ones through a window."""
    dropout_output: float = 0.0
    """Share of the components dropped before the output layer while training; the same ones through a window."""
    forget_bias: float = 1.0
    """What the forget gate's bias starts at (LSTM only)."""
    initialization: Initialization = "scaled"
    """scaled: orthogonal recurrent and 1/sqrt(fan-in) input weights; uniform: all weights in ±0.08, as in 2015."""

    def __post_init__(self) -> None:
        _at_least(self, 1, "layers", "hidden")
        _at_least(self, 0, "embedding")
        if not math.isfinite(self.forget_bias):
            raise ConfigError("forget_bias", f"{self.forget_bias} is not finite", "Use 1.")
        for name in ("dropout_input", "dropout_between", "dropout_output"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ConfigError(name, f"{getattr(self, name)} is not in [0, 1)", "Use a share such as 0.1.")


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How the network learns, for how long, and what is kept and shown on the way."""

    streams: int = 32
    """Parallel contiguous texts, N; 0 times how many pay at the start, as a GPU does where nothing is said."""
    window: int = 64
    """Characters between two updates, T: how far the gradient reaches back."""
    optimizer: Optimizer = "adamw"
    """adamw; muon (the layers' matrices by muon, the rest by adamw); or rmsprop, as in 2015."""
    learning_rate: float = 2e-3
    """Peak learning rate."""
    matrix_learning_rate: float = 0.02
    """Peak learning rate of the matrices that muon trains."""
    weight_decay: float = 0.0
    """Decoupled weight decay of the matrices (adamw only)."""
    schedule: Schedule = "cosine"
    """cosine: warm up, then fall to final_learning_rate; paper: x 0.95 per epoch after the tenth; constant."""
    warmup: float = 0.02
    """Share of the run over which the learning rate rises from zero (cosine and constant)."""
    final_learning_rate: float = 0.0
    """Where the cosine ends, as a share of the peak."""
    clip_norm: float = 1.0
    """Largest norm of the whole gradient; 0 turns clipping off."""
    precision: Precision = "auto"
    """Number format of the matrix products; auto takes the fastest that the device does well."""
    weight_average: float = 0.0
    """Decay per step of an averaged copy of the weights, which is then what is validated and kept; 0 turns it off."""
    epochs: float | None = None
    """Stop after so many passes over the train part."""
    steps: int | None = None
    """Stop after so many updates."""
    time: float | None = None
    """Stop after so many seconds of training (on the command line: 90s, 30m, 2h)."""
    patience: int | None = None
    """Stop after so many validations in a row without a new best."""
    report_every: int = 10
    """Steps between two reports of the training loss; 50 on a GPU where nothing is said."""
    validate_every: int = 0
    """Steps between validations; 0: about twenty in a run."""
    validation_chars: int = 2_000_000
    """At most so many characters of the validation part are read each time; 0: all of it."""
    checkpoint_every: int = 0
    """Steps between checkpoints; 0: about twenty in a run, and one at each new best."""
    keep_checkpoints: int = 3
    """Checkpoints kept besides the best one."""
    preview_every: int = 0
    """Steps between sample previews; 0: about twenty in a run, while these and judging take under 2 % of the time."""
    preview_count: int = 8
    """Samples drawn at each preview."""
    preview_length: int = 500
    """Characters of each preview."""
    preview_prompt: str = ""
    """What each preview starts from; by default "static int " for C, else a line break or the commonest symbol."""
    preview_temperature: float = 0.8
    """Temperature of the previews."""
    seed: int = 0
    """Seed of the weights, the dropout and the previews."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps."""
    deterministic: bool = False
    """On a GPU: use only algorithms that give the same bits every time (slower)."""

    def __post_init__(self) -> None:
        _at_least(self, 1, "streams", "window", "report_every", "keep_checkpoints", "preview_length")
        _at_least(self, 0, "validate_every", "validation_chars", "checkpoint_every", "preview_every", "preview_count")
        _at_least(self, 0, "weight_decay", "final_learning_rate", "clip_norm", "preview_temperature")
        for name in ("learning_rate", "matrix_learning_rate"):
            if not (getattr(self, name) > 0 and math.isfinite(getattr(self, name))):
                raise ConfigError(name, f"{getattr(self, name)} is not a positive number", "Try 0.002.")
        for name in ("warmup", "weight_average"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ConfigError(name, f"{getattr(self, name)} is not in [0, 1)")
        for name in ("epochs", "steps", "time", "patience"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise ConfigError(name, f"{value} is not above zero", "Leave it out for no such limit.")


@dataclass(frozen=True, slots=True)
class EvaluationConfig:
    """Which evaluators judge the previews while the model learns."""

    plugins: tuple[str, ...] = ()
    """Evaluators that judge every preview; none for no one. For C it is c-syntax where nothing is said."""
    settings: tuple[str, ...] = ()
    """Options of evaluators, as PLUGIN.OPTION=VALUE."""
    keep_best: str = ""
    """A score, as PLUGIN.METRIC, whose best checkpoint is kept as well."""


@dataclass(frozen=True, slots=True)
class RunConfig:
    """Everything that decides what a run computes."""

    corpus: CorpusConfig = field(default_factory=CorpusConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    preset: str = ""
    """The preset that the settings started from."""


def _at_least(config: Any, least: int, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if not (value >= least and math.isfinite(value)):
            raise ConfigError(name, f"{value} is less than {least}", f"Use {least} or more.")


C = TypeVar("C")


def to_dict(config: Any) -> dict[str, Any]:
    """The dataclass as plain JSON values (tuples become lists)."""
    result: dict[str, Any] = {}
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        if dataclasses.is_dataclass(value):
            value = to_dict(value)
        elif isinstance(value, tuple):
            value = list(value)
        result[item.name] = value
    return result


@functools.cache  # a list of runs asks for the same few again and again
def _hints(cls: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def from_dict(cls: type[C], values: Mapping[str, Any], *, where: str = "") -> C:
    """The dataclass from JSON values: the inverse of :func:`to_dict`.

    Raises:
        ConfigError: for a field that does not exist or a value of the wrong type.
    """
    hints = _hints(typing.cast(type, cls))
    unknown = sorted(set(values) - {item.name for item in dataclasses.fields(cls)})  # type: ignore[arg-type]  # C is a dataclass
    if unknown:
        known = ", ".join(item.name for item in dataclasses.fields(cls))  # type: ignore[arg-type]  # as above
        raise ConfigError(where + unknown[0], "there is no such setting", f"Known here: {known}.")
    return cls(**{name: _value(hints[name], value, where + name) for name, value in values.items()})


def _value(hint: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return from_dict(typing.cast(type, hint), value, where=f"{where}.")
    if origin is tuple:
        inner = typing.get_args(hint)[0]
        if not isinstance(value, (list, tuple)):
            raise ConfigError(where, f"{value!r} is not a list")
        return tuple(_value(inner, part, where) for part in value)
    if origin is Literal:
        if value not in typing.get_args(hint):
            raise ConfigError(where, f"{value!r} is not known", f"Use one of: {', '.join(typing.get_args(hint))}.")
        return value
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    return _scalar(hint, value, where)


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise ConfigError(where, f"{value!r} is not of type {hint.__name__}")
    return value


def flatten(config: Any, prefix: str = "") -> dict[str, Any]:
    """Every setting under its dotted name, for tables and for differences between two runs."""
    flat: dict[str, Any] = {}
    for name, value in (config if isinstance(config, dict) else to_dict(config)).items():
        if isinstance(value, dict):
            flat.update(flatten(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = value
    return flat


@functools.cache
def field_help(cls: type) -> dict[str, str]:
    """The docstring under each field of a config class, by the field's name."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    texts: dict[str, str] = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(before, ast.AnnAssign)
            and isinstance(before.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            texts[before.target.id] = str(after.value.value)
    return texts
