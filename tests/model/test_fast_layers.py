"""The fast engines compute what the reference computes, as closely as bfloat16 allows, every time the same."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config import Cell, ModelConfig
from rnnlab.errors import ConfigError
from rnnlab.model.cudnn_engine import CudnnEngine
from rnnlab.model.engine_choice import EngineChoice, choose_layer_engine, make_engine
from rnnlab.model.layer import LayerEngine, LayerInput, State, mean_loss
from rnnlab.model.native.build import NativeUnavailable, library
from rnnlab.model.native_engine import NativeEngine
from rnnlab.model.network import CharModel, detached
from rnnlab.model.portable_layer import PortableEngine
from rnnlab.model.reference_layer import ReferenceEngine

V = 13


def native_engines() -> list[LayerEngine]:
    try:
        return [NativeEngine()]
    except NativeUnavailable:  # this machine has no compiler or no AVX-512 BF16
        return []


FAST: list[LayerEngine] = [
    *native_engines(),
    PortableEngine(),
    CudnnEngine("float32", "split"),
    CudnnEngine("float16", "persistent"),
    CudnnEngine("float16", "stacked"),
    CudnnEngine("bfloat16", "split"),
]
each_engine = pytest.mark.parametrize("engine", FAST, ids=lambda engine: engine.name)

configs = st.builds(
    ModelConfig,
    cell=st.sampled_from(get_args(Cell)),
    layers=st.integers(1, 3),
    hidden=st.sampled_from([5, 31, 32, 33, 64, 70]),
    embedding=st.sampled_from([0, 0, 3, 40]),
    skip=st.booleans(),
    dropout_input=st.sampled_from([0.0, 0.3]),
)


@pytest.fixture(autouse=True)
def _threads_are_put_back() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def ids_of(streams: int, length: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(V, (streams, length), generator=torch.Generator().manual_seed(seed))


def a_state(model: CharModel, streams: int) -> State:
    random = torch.Generator().manual_seed(9)
    return tuple(
        tuple(torch.randn(part.shape, generator=random).mul(0.3).requires_grad_() for part in layer)
        for layer in model.initial_state(streams)
    )


def computed(model: CharModel, engine: LayerEngine, streams: int, length: int) -> dict[str, torch.Tensor]:
    """Logits, final state and the gradients of everything."""
    model.engine = engine
    state = a_state(model, streams)
    torch.manual_seed(0)
    logits, last = model(ids_of(streams, length), state)
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids_of(streams, length, 1).flatten())
    final = torch.stack([part for layer in last for part in layer])
    sources = dict(model.named_parameters()) | {f"state {k}": p for k, layer in enumerate(state) for p in layer}
    gradients = torch.autograd.grad(loss + 0.1 * final.square().mean(), list(sources.values()))
    return {"logits": logits, "final": final, **dict(zip(sources, gradients, strict=True))}


@each_engine
@settings(max_examples=30, deadline=None)
@given(config=configs, streams=st.sampled_from([1, 2, 7, 13, 25]), length=st.integers(1, 9))
def test_outputs_states_and_gradients_are_the_references_within_bfloat16(
    engine: LayerEngine, config: ModelConfig, streams: int, length: int
) -> None:
    model = CharModel(config, V, seed=1)
    exact = computed(model, ReferenceEngine(), streams, length)
    fast = computed(model, engine, streams, length)
    for name, value in exact.items():
        assert fast[name].shape == value.shape
        error = float(((fast[name] - value).norm() / value.norm().clamp_min(1e-12)).detach())
        # One network in some seven hundred is off by 0.04, where what is summed nearly cancels.
        assert error < 0.05, f"{name}: relative error {error:.4f}"


@each_engine
@pytest.mark.parametrize("cell", get_args(Cell))
def test_the_same_window_gives_the_same_bits_whatever_was_computed_before(engine: LayerEngine, cell: Cell) -> None:
    model = CharModel(ModelConfig(cell=cell, layers=2, hidden=40), V)
    first = computed(model, engine, 9, 6)
    computed(CharModel(ModelConfig(cell=cell, layers=2, hidden=40), V, seed=4), engine, 9, 6)
    with torch.no_grad():
        model(ids_of(9, 6, seed=8))
    for name, value in computed(model, engine, 9, 6).items():
        assert torch.equal(value, first[name]), name


@pytest.mark.skipif(not native_engines(), reason="no native engine on this machine")
@pytest.mark.parametrize("cell", get_args(Cell))
def test_native_bits_do_not_depend_on_the_number_of_threads(cell: Cell) -> None:
    layer = CharModel(ModelConfig(cell=cell, layers=2, hidden=40, skip=True), V).recurrent_layers()[1]
    dense = torch.randn(5, 29, 40, requires_grad=True)
    weights = torch.randn(5, 29, 40)
    results = []
    for threads in (1, 2, 3, 29):
        torch.set_num_threads(threads)
        inputs = LayerInput(dense, ids_of(29, 5).t(), None)
        output, _ = FAST[0].run(layer, inputs, layer.initial_state(29))
        results.append([output, *torch.autograd.grad((output * weights).sum(), [dense, *layer.parameters()])])
    for other in results[1:]:
        assert all(map(torch.equal, results[0], other))


@each_engine
@pytest.mark.parametrize("cell", get_args(Cell))
def test_pieces_with_carried_state_equal_the_whole(engine: LayerEngine, cell: Cell) -> None:
    model = CharModel(ModelConfig(cell=cell, layers=2, hidden=40), V, engine=engine)
    ids = ids_of(6, 9)
    whole, last = model.features(ids.t(), None)
    first, state = model.features(ids[:, :4].t(), None)
    second, end = model.features(ids[:, 4:].t(), detached(state))
    torch.testing.assert_close(torch.cat([first, second]), whole, rtol=0, atol=1e-6)
    torch.testing.assert_close(end, last, rtol=0, atol=1e-6)


@each_engine
@pytest.mark.parametrize("cell", get_args(Cell))
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_lost_weight_is_never_hidden(engine: LayerEngine, cell: Cell, bad: float) -> None:
    for name in dict(CharModel(ModelConfig(cell=cell, layers=2, hidden=8), V).named_parameters()):
        model = CharModel(ModelConfig(cell=cell, layers=2, hidden=8), V)
        with torch.no_grad():
            model.get_parameter(name).fill_(bad)
        losses = []
        for each in (engine, ReferenceEngine()):
            model.engine = each
            losses.append(model.loss(ids_of(2, 5), ids_of(2, 5, 1))[0].detach())
        assert math.isfinite(losses[1]) or not math.isfinite(losses[0]), name
        assert math.isinf(bad) or math.isnan(losses[0]), name


@pytest.mark.skipif(not native_engines(), reason="no native engine on this machine")
def test_differentiating_a_window_twice_is_refused_in_words() -> None:
    model = CharModel(ModelConfig(layers=1, hidden=8), V, engine=FAST[0])
    loss, _ = model.loss(ids_of(2, 3), ids_of(2, 3))
    torch.autograd.grad(loss, list(model.parameters()), retain_graph=True)
    with pytest.raises(RuntimeError, match="differentiated twice"):
        torch.autograd.grad(loss, list(model.parameters()))


@each_engine
def test_a_small_network_learns_as_well_as_with_the_reference(engine: LayerEngine) -> None:
    text = torch.arange(400).remainder(7).mul(5).remainder(V).view(4, 100)
    losses = []
    for each in (engine, ReferenceEngine()):
        model = CharModel(ModelConfig(layers=1, hidden=16), V, engine=each)
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
        for start in range(0, 90, 6):
            loss, _ = model.loss(text[:, start : start + 6], text[:, start + 1 : start + 7])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[0] == pytest.approx(losses[1], abs=0.02)


def test_the_choice_is_among_what_was_timed_and_leaves_the_model_alone() -> None:
    model = CharModel(ModelConfig(layers=2, hidden=16, dropout_between=0.1), V)
    before = model.engine, torch.get_num_threads(), torch.random.get_rng_state()
    choice = choose_layer_engine(model, 4, 8)
    assert (model.engine, torch.get_num_threads()) == before[:2]
    assert torch.equal(torch.random.get_rng_state(), before[2])
    assert all(parameter.grad is None for parameter in model.parameters())
    assert f"{choice.engine}/{choice.threads}" in choice.chars_per_second
    assert any(name.startswith("kernel/") for name in choice.chars_per_second)
    assert EngineChoice.from_json(choice.to_json()) == choice
    choice.apply(model)
    assert (model.engine.name, torch.get_num_threads()) == (choice.engine, choice.threads)


def test_float32_is_computed_by_torchs_own_kernels() -> None:
    model = CharModel(ModelConfig(layers=1, hidden=16), V)
    assert choose_layer_engine(model, 4, 8, precision="float32", threads=1) == EngineChoice("kernel", 1)


def test_without_native_code_the_portable_engine_is_tried_and_the_reason_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_NATIVE", "0")
    library.cache_clear()
    try:
        choice = choose_layer_engine(CharModel(ModelConfig(layers=1, hidden=16), V), 4, 8, threads=1)
        assert set(choice.chars_per_second) == {"kernel/1", "portable/1"}
        assert "RNNLAB_NATIVE=0" in choice.notes[0]
        with pytest.raises(ConfigError, match="native does not run here"):
            make_engine("native")
    finally:
        library.cache_clear()


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="Use one of: kernel, native, portable, reference"):
        make_engine("magic")


@each_engine
@pytest.mark.parametrize("size", [2, 32, 98, 300])
@pytest.mark.parametrize("factor", [1.0, -2.5])
def test_the_loss_and_its_gradients_are_those_of_cross_entropy(engine: LayerEngine, size: int, factor: float) -> None:
    random = torch.Generator().manual_seed(0)
    features = torch.randn(7, 9, 37, generator=random).tanh().requires_grad_()
    weight, bias = torch.randn(size, 37, generator=random), torch.randn(size, generator=random)
    sources = [features, weight.requires_grad_(), bias.requires_grad_()]
    targets = torch.randint(size, (7, 9), generator=random)
    exact, fast = mean_loss(features, weight, bias, targets), engine.loss(features, weight, bias, targets)
    assert float(fast.detach()) == pytest.approx(float(exact.detach()), abs=0.01)
    wanted, gradients = (torch.autograd.grad(loss * factor, sources) for loss in (exact, fast))
    for want, gradient in zip(wanted, gradients, strict=True):
        assert gradient.shape == want.shape
        assert float((gradient - want).norm() / want.norm()) < 0.02
    with torch.no_grad():
        assert torch.equal(engine.loss(features, weight, bias, targets), fast)


# On a GPU nobody asks the device what it saw; there the corpus vouches for its ids.
@pytest.mark.parametrize(
    "engine", [each for each in FAST if not isinstance(each, CudnnEngine)], ids=lambda each: each.name
)
@pytest.mark.parametrize("symbol", [-1, V])
def test_symbols_outside_the_vocabulary_are_refused(engine: LayerEngine, symbol: int) -> None:
    model = CharModel(ModelConfig(layers=1, hidden=8), V, engine=engine)
    good, bad = ids_of(2, 3), ids_of(2, 3)
    bad[1, 1] = symbol
    for ids, targets in ((bad, good), (good, bad)):
        with pytest.raises(IndexError):
            model.loss(ids, targets)
