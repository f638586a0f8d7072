"""The network computes what the papers write, learns along true gradients, and carries its state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config import ModelConfig
from rnnlab.model.kernel_layer import KernelEngine
from rnnlab.model.layer import LayerEngine, State
from rnnlab.model.network import CharModel, detached
from rnnlab.model.reference_layer import ReferenceEngine
from rnnlab.model_size import parameter_count

V = 11
ENGINES: list[LayerEngine] = [ReferenceEngine(), KernelEngine()]
Array = npt.NDArray[np.float64]

configs = st.builds(
    ModelConfig,
    cell=st.sampled_from(["lstm", "gru", "rnn"]),
    layers=st.integers(1, 3),
    hidden=st.integers(1, 6),
    embedding=st.sampled_from([0, 3]),
    skip=st.booleans(),
    initialization=st.sampled_from(["scaled", "uniform"]),
)


def a_model(config: ModelConfig, *, dtype: torch.dtype = torch.float64, engine: LayerEngine | None = None) -> CharModel:
    model = CharModel(config, V, seed=1, engine=engine).to(dtype)
    with torch.no_grad():  # no bias may hide behind its zero
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.rand(parameter.shape, generator=torch.Generator().manual_seed(2)) - 0.1)
    return model


def some_ids(streams: int = 3, length: int = 7) -> torch.Tensor:
    return torch.randint(V, (streams, length), generator=torch.Generator().manual_seed(3))


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def lstm_step(gates: Array, recurrent: Array, state: list[Array], _: Array) -> list[Array]:
    i, f, g, o = np.split(gates + recurrent, 4)
    c = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
    return [sigmoid(o) * np.tanh(c), c]


def gru_step(gates: Array, recurrent: Array, state: list[Array], new_bias: Array) -> list[Array]:
    (rx, zx, nx), (rh, zh, nh) = np.split(gates, 3), np.split(recurrent, 3)
    z = sigmoid(zx + zh)
    return [(1 - z) * np.tanh(nx + sigmoid(rx + rh) * (nh + new_bias)) + z * state[0]]


def rnn_step(gates: Array, recurrent: Array, state: list[Array], _: Array) -> list[Array]:
    return [np.tanh(gates + recurrent)]


STEPS: dict[str, Callable[..., list[Array]]] = {"lstm": lstm_step, "gru": gru_step, "rnn": rnn_step}


def naive_logits(model: CharModel, ids: npt.NDArray[Any]) -> Array:
    """One stream, one symbol at a time, in NumPy, from the documented names alone. ids (T,) -> (T, V)."""
    config = model.config
    w = {name: value.detach().numpy() for name, value in model.state_dict().items()}
    states = [[np.zeros(config.hidden)] * (2 if config.cell == "lstm" else 1) for _ in range(config.layers)]
    rows = []
    for symbol in ids:
        below: Array = np.zeros(0)
        outputs = []
        for k in range(config.layers):
            embedded = w["embedding"][symbol] if config.embedding and (k == 0 or config.skip) else np.zeros(0)
            x = np.concatenate([below, embedded])
            gates = w[f"layers.{k}.bias"].copy()
            if x.size:
                gates += w[f"layers.{k}.input_weight"] @ x
            if not config.embedding and (k == 0 or config.skip):
                gates += w[f"layers.{k}.symbol_weight"] @ np.eye(V)[symbol]
            recurrent = w[f"layers.{k}.recurrent_weight"] @ states[k][0]
            states[k] = STEPS[config.cell](gates, recurrent, states[k], w.get(f"layers.{k}.new_bias", below))
            below = states[k][0]
            outputs.append(below)
        rows.append(w["output_weight"] @ np.concatenate(outputs if config.skip else outputs[-1:]) + w["output_bias"])
    return np.stack(rows)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@settings(max_examples=40, deadline=None)
@given(config=configs)
def test_logits_are_those_of_a_naive_loop(engine: LayerEngine, config: ModelConfig) -> None:
    model = a_model(config, engine=engine)
    ids = some_ids()
    logits, _ = model(ids)
    naive = np.stack([naive_logits(model, stream) for stream in ids.numpy()])
    np.testing.assert_allclose(logits.detach().numpy(), naive, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@settings(max_examples=15, deadline=None)
@given(config=configs)
def test_gradients_are_those_of_finite_differences(engine: LayerEngine, config: ModelConfig) -> None:
    model = a_model(config, engine=engine)
    ids, targets = some_ids(2, 4), some_ids(2, 4).flip(1)
    parameters = dict(model.named_parameters())

    def loss(*_: torch.Tensor) -> torch.Tensor:
        logits, _state = model(ids)
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())

    gradients = torch.autograd.grad(loss(), list(parameters.values()))
    random = torch.Generator().manual_seed(5)
    for (name, parameter), gradient in zip(parameters.items(), gradients, strict=True):
        direction = torch.randn(parameter.shape, generator=random, dtype=torch.float64)
        with torch.no_grad():
            parameter.add_(direction, alpha=1e-5)
            above = loss()
            parameter.sub_(direction, alpha=2e-5)
            below = loss()
            parameter.add_(direction, alpha=1e-5)
        expected = float((above - below) / 2e-5)
        assert float((gradient * direction).sum()) == pytest.approx(expected, rel=1e-5, abs=1e-8), name


@settings(max_examples=30, deadline=None)
@given(config=configs, cut=st.integers(1, 6))
def test_pieces_with_carried_state_equal_the_whole(config: ModelConfig, cut: int) -> None:
    model = a_model(config)
    ids = some_ids()
    whole, last = model(ids)
    first, state = model(ids[:, :cut])
    second, end = model(ids[:, cut:], detached(state))
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close(end, last)


def test_a_state_that_was_passed_in_is_left_as_it_was() -> None:
    model = a_model(ModelConfig(layers=2, hidden=5))
    _, state = model(some_ids())
    before: State = tuple(tuple(part.clone() for part in layer) for layer in state)
    model(some_ids(), state)
    torch.testing.assert_close(state, before, rtol=0, atol=0)


@settings(max_examples=60, deadline=None)
@given(config=configs)
def test_the_count_known_without_torch_is_that_of_the_network(config: ModelConfig) -> None:
    model = CharModel(config, V)
    assert parameter_count(config, V) == sum(parameter.numel() for parameter in model.parameters())


def test_the_essays_network_has_about_ten_point_two_million_weights() -> None:
    assert parameter_count(ModelConfig(layers=3, hidden=700), 98) == pytest.approx(10.2e6, rel=0.01)


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("embedding", [0, 4])
def test_the_loss_is_cross_entropy_in_nats_per_character(embedding: int, skip: bool) -> None:
    model = a_model(ModelConfig(layers=2, hidden=5, embedding=embedding, skip=skip))
    ids, targets = some_ids(), some_ids().flip(0)
    logits, _ = model(ids)
    loss, _ = model.loss(ids, targets)
    expected = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())
    torch.testing.assert_close(loss, expected)


def test_the_forget_gates_bias_is_what_was_asked_for_and_all_others_zero() -> None:
    for layer in CharModel(ModelConfig(layers=2, hidden=5, forget_bias=1.5), V).recurrent_layers():
        assert layer.bias.tolist() == [0.0] * 5 + [1.5] * 5 + [0.0] * 10


def test_scaled_recurrent_weights_are_orthogonal_gate_by_gate() -> None:
    layer = CharModel(ModelConfig(layers=1, hidden=6), V).recurrent_layers()[0]
    for gate in layer.recurrent_weight.detach().split(6):  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.testing.assert_close(gate @ gate.T, torch.eye(6))


def test_uniform_weights_fill_the_range_of_2015() -> None:
    model = CharModel(ModelConfig(layers=2, hidden=64, initialization="uniform"), V)
    for name, parameter in model.named_parameters():
        if "weight" in name:
            assert 0.075 < float(parameter.detach().abs().max()) <= 0.08, name


def test_the_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    one, same, other = (CharModel(ModelConfig(), V, seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["output_weight"], other["output_weight"])


@pytest.mark.parametrize("where", ["dropout_input", "dropout_between", "dropout_output"])
@pytest.mark.parametrize("embedding", [0, 4])
def test_dropout_repeats_with_the_generators_state_and_rests_in_evaluation(where: str, embedding: int) -> None:
    config = ModelConfig(layers=2, hidden=8, embedding=embedding, **{where: 0.5})  # type: ignore[arg-type]  # one of the shares
    model = CharModel(config, V)
    ids = some_ids()
    state = torch.random.get_rng_state()
    first, _ = model(ids)
    another, _ = model(ids)
    torch.random.set_rng_state(state)
    again, _ = model(ids)
    assert torch.equal(first, again)
    assert not torch.equal(first, another)
    model.eval()
    assert torch.equal(model(ids)[0], model(ids)[0])


def test_dropout_draws_one_mask_for_each_stream_and_window() -> None:
    model = CharModel(ModelConfig(layers=1, hidden=32, dropout_output=0.5), V)
    features, _ = model.features(some_ids().t(), None)  # (T, N, H)
    dropped = features == 0
    assert dropped.any()
    assert not dropped.all()
    assert torch.equal(dropped, dropped[:1].expand_as(dropped)), "the same components at every step"
    assert not torch.equal(dropped[:, 0], dropped[:, 1]), "others in another stream"
    assert not torch.equal(dropped, model.features(some_ids().t(), None)[0] == 0), "others in another window"


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_dropping_the_one_hot_input_keeps_its_mean(engine: LayerEngine) -> None:
    config = ModelConfig(cell="rnn", layers=1, hidden=4, dropout_input=0.25)
    model = CharModel(config, V, engine=engine)
    with torch.no_grad():
        model.recurrent_layers()[0].recurrent_weight.zero_()
        model.recurrent_layers()[0].symbol_weight.mul_(1e-3)  # type: ignore[union-attr]  # the input is one-hot
    ids = torch.zeros(4, 5000, dtype=torch.int64)
    torch.manual_seed(0)
    mean = model.features(ids.t(), None)[0].mean((0, 1))
    model.eval()
    torch.testing.assert_close(mean, model.features(ids.t(), None)[0].mean((0, 1)), rtol=0.03, atol=0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_other_number_formats_work_and_agree_within_their_precision(
    engine: LayerEngine, cell: str, dtype: torch.dtype
) -> None:
    config = ModelConfig(cell=cell, layers=2, hidden=8)  # type: ignore[arg-type]  # one of the cells
    exact, _ = a_model(config)(some_ids())
    rough, _ = a_model(config, dtype=dtype, engine=engine)(some_ids())
    assert rough.dtype == dtype
    torch.testing.assert_close(rough.double(), exact, rtol=0, atol=0.05 if dtype == torch.bfloat16 else 1e-5)
