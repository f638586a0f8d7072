"""Named starting points for a run, and the one to start from when none is named.

Knows devices by their type only ("cpu", "cuda", "mps") and corpora by their size.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnlab.config import CorpusConfig, EvaluationConfig, ModelConfig, RunConfig, TrainingConfig
from rnnlab.errors import ConfigError
from rnnlab.model_size import parameter_count

_SMALL_CORPUS = 4_000_000


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings by section, and one line that says what they are for."""

    purpose: str
    model: Mapping[str, Any]
    training: Mapping[str, Any] = field(default_factory=dict)


PRESETS: dict[str, Preset] = {
    "tiny": Preset(
        "learns in seconds on a CPU",
        {"layers": 1, "hidden": 128, "embedding": 32},
        {"streams": 32, "window": 64, "optimizer": "muon", "learning_rate": 8e-3, "time": 30.0},
    ),
    "small": Preset(
        "learns in minutes on a CPU",
        {"layers": 1, "hidden": 384, "embedding": 64},
        {"streams": 32, "window": 64, "optimizer": "muon", "learning_rate": 4e-3, "time": 600.0},
    ),
    "essay": Preset(
        "the model of the 2015 essay: three LSTM layers of 700",
        {"layers": 3, "hidden": 700, "embedding": 0, "initialization": "uniform", "dropout_between": 0.2},
        {
            "streams": 100,
            "window": 100,
            "optimizer": "rmsprop",
            "schedule": "paper",
            "learning_rate": 2e-3,
            "clip_norm": 5.0,
            "epochs": 50.0,
        },
    ),
    "paper": Preset(
        "the protocol of Karpathy, Johnson and Fei-Fei 2015; give --cell, --layers and --hidden",
        {"layers": 1, "hidden": 64, "embedding": 0, "initialization": "uniform", "forget_bias": 0.0},
        {
            "streams": 100,
            "window": 100,
            "optimizer": "rmsprop",
            "schedule": "paper",
            "learning_rate": 2e-3,
            "clip_norm": 5.0,
            "epochs": 50.0,
            "patience": 8,
        },
    ),
    "modern": Preset(
        "the best recipe we know at the essay's size",
        {"layers": 3, "hidden": 704, "embedding": 64},
        {"streams": 64, "window": 128, "optimizer": "muon", "learning_rate": 3e-3, "epochs": 10.0},
    ),
}


def preset_parameters(name: str, vocabulary: int = 100) -> int:
    """How many parameters a preset's network has for a vocabulary of V symbols."""
    return parameter_count(ModelConfig(**PRESETS[name].model), vocabulary)


def default_preset(device: str, corpus_chars: int) -> str:
    """The preset for someone who named none."""
    if device != "cpu" and corpus_chars > _SMALL_CORPUS:
        return "modern"
    return "small"


def dropout_for(preset: str, chars: int) -> dict[str, Any]:
    """Dropout for a train part of so many characters, which presets leave open: a small text is soon known by heart."""
    if preset not in ("tiny", "small", "modern"):
        return {}
    if chars < 3_000_000:
        return {"dropout_input": 0.1, "dropout_between": 0.3, "dropout_output": 0.3}
    if chars < 10_000_000:
        return {"dropout_between": 0.1, "dropout_output": 0.1}
    return {}


def resolve(
    preset: str,
    *,
    corpus: Mapping[str, Any],
    model: Mapping[str, Any],
    training: Mapping[str, Any],
    evaluation: Mapping[str, Any],
) -> RunConfig:
    """A preset with every given setting put over it.

    A given limit (epochs, steps or time) replaces the preset's own limit.

    Raises:
        ConfigError: for a preset that does not exist or a setting out of range.
    """
    base = PRESETS.get(preset)
    if base is None:
        raise ConfigError("preset", f"there is none called {preset!r}", f"Use one of: {', '.join(PRESETS)}.")
    settings = dict(base.training)
    if any(training.get(limit) is not None for limit in ("epochs", "steps", "time")):
        settings.pop("epochs", None)
        settings.pop("time", None)
    return RunConfig(
        corpus=dataclasses.replace(CorpusConfig(), **corpus),
        model=dataclasses.replace(ModelConfig(), **{**base.model, **model}),
        training=dataclasses.replace(TrainingConfig(), **{**settings, **training}),
        evaluation=dataclasses.replace(EvaluationConfig(), **evaluation),
        preset=preset,
    )
