"""Which of cuDNN's ways are worth timing, and that timing leaves everything as it was; on a CPU, for want of a card."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from rnnlab.config import ModelConfig, Precision
from rnnlab.errors import ConfigError
from rnnlab.model.cudnn_engine import FORMATS, LAYOUTS, CudnnEngine
from rnnlab.model.engine_choice import EngineChoice, check_precision, make_engine
from rnnlab.model.gpu_choice import candidates, time_engines
from rnnlab.model.network import CharModel

V = 7
PLAIN = ModelConfig(layers=2, hidden=8)


def names(config: ModelConfig, streams: int = 8, precision: Precision = "float16", *, scaled: bool = True) -> list[str]:
    found = candidates(CharModel(config, V), streams, precision, scaled=scaled)
    return [engine.name.removeprefix("cudnn-") for engine in found]


def test_persistent_kernels_are_tried_only_where_cudnn_has_them() -> None:
    assert names(PLAIN) == ["float16-persistent", "float16-split", "float16-stacked"]
    assert "float16-persistent" in names(PLAIN, streams=128)
    assert "float16-persistent" not in names(PLAIN, streams=129)
    assert "float16-persistent" not in names(dataclasses.replace(PLAIN, hidden=1025, layers=1))
    assert names(PLAIN, precision="tf32") == ["tf32-split", "tf32-stacked"]


@pytest.mark.parametrize("change", [{"layers": 1}, {"skip": True}, {"dropout_between": 0.1}])
def test_layers_are_stacked_only_where_nothing_lies_between_them(change: dict[str, float]) -> None:
    assert names(dataclasses.replace(PLAIN, **change), precision="float32") == ["float32-split"]  # type: ignore[arg-type]  # numbers for numbers


def test_without_scaled_losses_float16_is_left_out() -> None:
    assert names(PLAIN, scaled=False) == []
    assert {name.partition("-")[0] for name in names(PLAIN, precision="auto", scaled=False)} == {"float32", "tf32"}


def test_timing_gives_every_engine_a_speed_and_leaves_model_and_random_state_alone() -> None:
    model = CharModel(dataclasses.replace(PLAIN, dropout_output=0.2), V)
    engine, random = model.engine, torch.get_rng_state()
    before = [parameter.detach().clone() for parameter in model.parameters()]
    engines = [CudnnEngine("float32", "split"), CudnnEngine("float16", "stacked")]
    rates, notes = time_engines(model, engines, 3, 5)
    assert set(rates) == {each.name for each in engines}
    assert min(rates.values()) > 0
    assert not notes
    assert model.engine is engine
    assert torch.equal(torch.get_rng_state(), random)
    assert all(map(torch.equal, before, model.parameters()))
    assert all(parameter.grad is None for parameter in model.parameters())


def test_an_engine_that_was_recorded_comes_back_with_its_format() -> None:
    for form in FORMATS:
        for layout in LAYOUTS:
            name = CudnnEngine(form, layout).name
            assert make_engine(name) == CudnnEngine(form, layout)
            assert EngineChoice(name, 1).precision == form


def test_a_device_refuses_formats_that_it_does_not_compute_in() -> None:
    check_precision("cuda", "float16")
    check_precision("cpu", "bfloat16")
    for device, precision in (("cpu", "float16"), ("cpu", "tf32"), ("mps", "bfloat16")):
        with pytest.raises(ConfigError, match=precision):
            check_precision(device, precision)  # type: ignore[arg-type]  # mypy widens the tuple's words
