"""Configurations: checked when made, the same after JSON, described where they are declared."""

from __future__ import annotations

import dataclasses
import json
import math
import typing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config import (
    CorpusConfig,
    EvaluationConfig,
    ModelConfig,
    RunConfig,
    TrainingConfig,
    field_help,
    flatten,
    from_dict,
    to_dict,
)
from rnnlab.errors import ConfigError

SECTIONS = (CorpusConfig, ModelConfig, TrainingConfig, EvaluationConfig, RunConfig)

models = st.builds(
    ModelConfig,
    cell=st.sampled_from(["lstm", "gru", "rnn"]),
    layers=st.integers(1, 9),
    hidden=st.integers(1, 4096),
    embedding=st.integers(0, 512),
    skip=st.booleans(),
    dropout_input=st.floats(0, 0.999),
    forget_bias=st.floats(-5, 5),
)
trainings = st.builds(
    TrainingConfig,
    streams=st.integers(1, 1000),
    learning_rate=st.floats(1e-9, 10),
    epochs=st.none() | st.floats(0.01, 1000),
    steps=st.none() | st.integers(1, 10**9),
    patience=st.none() | st.integers(1, 100),
    preview_prompt=st.text(),
    deterministic=st.booleans(),
)
corpora = st.builds(
    CorpusConfig,
    sources=st.lists(st.text(), max_size=3).map(tuple),
    split=st.sampled_from([(0.9, 0.05, 0.05), (0.8, 0.1, 0.1), (0.9, 0.1, 0.0), (1.0, 0.0, 0.0)]),
)
configs = st.builds(RunConfig, corpus=corpora, model=models, training=trainings, preset=st.text())


@given(configs)
@settings(max_examples=100, deadline=None)
def test_a_configuration_is_the_same_after_json(config: RunConfig) -> None:
    assert from_dict(RunConfig, json.loads(json.dumps(to_dict(config)))) == config


@given(configs)
@settings(max_examples=30, deadline=None)
def test_flat_names_are_dotted_and_the_same_from_the_object_and_from_json(config: RunConfig) -> None:
    flat = flatten(config)
    assert flat == flatten(json.loads(json.dumps(to_dict(config))))
    assert flat["model.hidden"] == config.model.hidden
    assert len(flat) == 1 + sum(len(dataclasses.fields(cls)) for cls in SECTIONS[:-1])


def test_every_field_has_a_help_text_and_stands_in_a_configuration_that_works_untouched() -> None:
    for cls in SECTIONS:
        names = {item.name for item in dataclasses.fields(cls)}
        described = names - {"corpus", "model", "training", "evaluation"}
        assert described <= set(field_help(cls)), cls
        assert all(field_help(cls)[name].strip() for name in described)
    RunConfig()


@pytest.mark.parametrize(
    ("cls", "values", "named"),
    [
        (ModelConfig, {"layers": 0}, "layers"),
        (ModelConfig, {"hidden": -1}, "hidden"),
        (ModelConfig, {"embedding": -1}, "embedding"),
        (ModelConfig, {"dropout_output": 1.0}, "dropout_output"),
        (ModelConfig, {"dropout_input": math.nan}, "dropout_input"),
        (ModelConfig, {"forget_bias": math.nan}, "forget_bias"),
        (TrainingConfig, {"streams": 0}, "streams"),
        (TrainingConfig, {"learning_rate": 0.0}, "learning_rate"),
        (TrainingConfig, {"learning_rate": math.nan}, "learning_rate"),
        (TrainingConfig, {"learning_rate": math.inf}, "learning_rate"),
        (TrainingConfig, {"clip_norm": -1.0}, "clip_norm"),
        (TrainingConfig, {"clip_norm": math.nan}, "clip_norm"),
        (TrainingConfig, {"preview_temperature": math.inf}, "preview_temperature"),
        (TrainingConfig, {"warmup": 1.0}, "warmup"),
        (TrainingConfig, {"weight_average": -0.1}, "weight_average"),
        (TrainingConfig, {"epochs": 0.0}, "epochs"),
        (TrainingConfig, {"time": math.nan}, "time"),
        (TrainingConfig, {"time": math.inf}, "time"),
        (CorpusConfig, {"split": (0.5, 0.5)}, "split"),
        (CorpusConfig, {"split": (0.0, 0.5, 0.5)}, "split"),
        (CorpusConfig, {"split": (0.9, 0.2, -0.1)}, "split"),
        (CorpusConfig, {"split": (0.9, 0.05, 0.06)}, "split"),
        (CorpusConfig, {"split": (math.nan, 0.5, 0.5)}, "split"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(cls: Any, values: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError) as caught:
        cls(**values)
    assert caught.value.thing == named


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"colour": "blue"}, "colour"),
        ({"model": {"colour": "blue"}}, "model.colour"),
        ({"model": {"hidden": "128"}}, "model.hidden"),
        ({"model": {"hidden": 1.5}}, "model.hidden"),
        ({"model": {"hidden": True}}, "model.hidden"),
        ({"model": {"hidden": None}}, "model.hidden"),
        ({"model": {"skip": 1}}, "model.skip"),
        ({"model": {"cell": "transformer"}}, "model.cell"),
        ({"model": {"cell": ["lstm"]}}, "model.cell"),
        ({"model": 7}, "model"),
        ({"corpus": {"sources": "linux.c"}}, "corpus.sources"),
        ({"corpus": {"split": [0.9, "x", 0.1]}}, "corpus.split"),
    ],
)
def test_values_of_another_shape_are_refused_by_their_dotted_name(values: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError) as caught:
        from_dict(RunConfig, values)
    assert caught.value.thing == named


def test_whole_numbers_are_taken_where_fractions_are_meant() -> None:
    config = from_dict(TrainingConfig, {"learning_rate": 1, "epochs": 3})
    assert (config.learning_rate, config.epochs) == (1.0, 3.0)
    assert isinstance(config.epochs, float)


def test_missing_settings_have_their_defaults_so_that_older_runs_stay_readable() -> None:
    assert from_dict(RunConfig, {}) == RunConfig()
    assert from_dict(RunConfig, {"model": {"hidden": 7}}).model == ModelConfig(hidden=7)


def test_configurations_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ModelConfig().hidden = 3  # type: ignore[misc]  # that is the point


def test_every_choice_that_is_declared_can_be_made() -> None:
    for cls in SECTIONS[:-1]:
        for name, hint in typing.get_type_hints(cls).items():
            if typing.get_origin(hint) is typing.Literal:
                for choice in typing.get_args(hint):
                    assert getattr(from_dict(cls, {name: choice}), name) == choice
