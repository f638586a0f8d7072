"""Every engine against the network itself, against each other, and alone against in company."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config import Cell, ModelConfig
from rnnlab.model.native import build
from rnnlab.model.native.build import NativeUnavailable, library
from rnnlab.model.network import CharModel
from rnnlab.model.sampling import SamplingSettings, make_engine
from rnnlab.model.sampling.choice import EngineName
from rnnlab.model.sampling.engine import Engine, State
from rnnlab.model.sampling.int8 import KINDS, IntegerProduct, is_exact
from rnnlab.model.sampling.measure import bits_per_character
from rnnlab.model.sampling.native import NativeExact, NativeInt8
from rnnlab.model.sampling.weights import weights_of

if TYPE_CHECKING:
    from sampling.conftest import Trained

FLOAT: list[EngineName] = ["exact", "portable-exact", "graph-exact"]
STEADY: list[EngineName] = ["exact", "portable-exact", "int8", "portable-int8"]
CPU = torch.device("cpu")
SHAPES = [(cell, skip, embedding) for cell in ("lstm", "gru", "rnn") for skip in (False, True) for embedding in (0, 5)]


def network(cell: Cell = "lstm", *, skip: bool = False, embedding: int = 0, hidden: int = 21) -> CharModel:
    """A network whose weights are large enough that a wrong one shows."""
    model = CharModel(ModelConfig(cell=cell, layers=3, hidden=hidden, skip=skip, embedding=embedding), 30)
    generator = torch.Generator().manual_seed(7)
    for parameter in model.parameters():
        parameter.data.normal_(0, 0.25, generator=generator)
    return model.eval()


def engine_of(model: CharModel, name: EngineName, threads: int = 1) -> Engine:
    return make_engine(weights_of(model), name, device=CPU, threads=threads)


def read(engine: Engine, ids: np.ndarray[tuple[int, int], np.dtype[np.int32]]) -> State:
    return engine.read(engine.start(len(ids)), ids)


IDS = np.random.default_rng(0).integers(0, 30, (4, 19)).astype(np.int32)


@pytest.mark.parametrize("name", FLOAT)
@pytest.mark.parametrize(("cell", "skip", "embedding"), SHAPES)
def test_a_float32_engine_computes_what_the_network_computes(
    name: EngineName, cell: Cell, skip: bool, embedding: int
) -> None:
    model = network(cell, skip=skip, embedding=embedding)
    with torch.no_grad():
        expected = model(torch.from_numpy(IDS).long())[0][:, -1].numpy()
    np.testing.assert_allclose(read(engine_of(model, name), IDS).logits, expected, atol=3e-5)


@pytest.mark.parametrize(("cell", "skip", "embedding"), SHAPES)
def test_int8_computes_the_same_with_and_without_a_compiler(cell: Cell, skip: bool, embedding: int) -> None:
    model = network(cell, skip=skip, embedding=embedding)
    # A float32's last bit may round a state to the next integer, a step of 1/127: longer texts lead apart.
    native, portable = (read(engine_of(model, name), IDS[:, :3]).logits for name in ("int8", "portable-int8"))
    np.testing.assert_allclose(portable, native, atol=0.02)


@pytest.mark.parametrize("name", STEADY)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_stream_is_bit_for_bit_the_same_alone_and_in_any_company(name: EngineName, cell: Cell) -> None:
    engine = engine_of(network(cell, hidden=45), name)
    asked = SamplingSettings(seed=11)
    ready = engine.read(engine.start(1), IDS[:1])
    whole = ready.take(np.zeros(23, np.int64)).numbered(np.arange(23))
    together = engine.generate(whole, asked, 25)
    for rows in ([22], [3, 1], list(range(7))):
        state, drawn = engine.generate(whole.take(np.array(rows)), asked, 25)
        np.testing.assert_array_equal(drawn.ids, together[1].ids[rows])
        np.testing.assert_array_equal(state.logits, together[0].logits[rows])


def test_threads_change_nothing() -> None:
    model = network()
    asked = SamplingSettings(seed=2)
    texts = []
    for threads in (1, 3):
        engine = engine_of(model, "int8", threads)
        texts.append(engine.generate(engine.start(20), asked, 30)[1].ids)
    np.testing.assert_array_equal(texts[0], texts[1])


@pytest.mark.parametrize("name", [*STEADY, "graph-exact"])
def test_pieces_equal_the_whole(name: EngineName) -> None:
    engine = engine_of(network(), name)
    asked = SamplingSettings(seed=3, temperature=0.7)
    state = read(engine, IDS)
    whole = engine.generate(state, asked, 37)[1].ids
    parts = []
    for count in (1, 16, 4, 16):
        state, drawn = engine.generate(state, asked, count)
        parts.append(drawn.ids)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def test_greedy_text_of_all_float32_engines_is_identical(trained: Trained) -> None:
    prompt = trained.vocabulary.encode(b"    def __init__(self").astype(np.int32)[None, :]
    texts = []
    for name in FLOAT:
        engine = engine_of(trained.model, name)
        texts.append(engine.generate(read(engine, prompt), SamplingSettings(temperature=0), 250)[1].ids)
    np.testing.assert_array_equal(texts[0], texts[1])
    np.testing.assert_array_equal(texts[0], texts[2])


@pytest.mark.parametrize("network_of", ["trained", "trained_rnn"])
def test_int8_costs_less_than_a_thousandth_of_a_bit(network_of: str, request: pytest.FixtureRequest) -> None:
    learnt: Trained = request.getfixturevalue(network_of)
    names: list[EngineName] = ["exact", "int8", "portable-int8"]
    bits = {name: bits_per_character(engine_of(learnt.model, name), learnt.held_out) for name in names}
    shares = np.bincount(learnt.held_out) / len(learnt.held_out)
    without_context = -sum(share * np.log2(share) for share in shares if share)
    assert 1.0 < bits["exact"] < without_context - 0.5  # it has learnt what follows what
    assert abs(bits["int8"] - bits["exact"]) < 0.001
    assert abs(bits["portable-int8"] - bits["exact"]) < 0.001


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("streams", "inputs", "rows"), [(1, 2, 1), (3, 45, 130), (1, 1030, 7), (9, 2100, 33)])
def test_every_way_to_multiply_integers_is_exact(
    kind: type[IntegerProduct], streams: int, inputs: int, rows: int
) -> None:
    if not is_exact(kind):
        pytest.skip("this processor's kernel saturates, and is never used")
    random = np.random.default_rng(inputs)
    activations, matrix = (random.integers(-127, 128, (n, inputs)).astype(np.int8) for n in (streams, rows))
    out = torch.empty(streams, rows, dtype=torch.int32)
    kind(matrix).multiply(torch.from_numpy(activations), out)
    np.testing.assert_array_equal(out.numpy(), activations.astype(np.int64) @ matrix.astype(np.int64).T)


def test_bits_per_character_are_those_of_cross_entropy(trained: Trained) -> None:
    text = trained.held_out[:800]
    ids = torch.from_numpy(text.astype(np.int64)).view(4, 200)
    with torch.no_grad():
        logits, _ = trained.model(ids[:, :-1])
        nats = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
    for name in (*FLOAT, "portable-exact"):
        assert bits_per_character(engine_of(trained.model, name), text, streams=4) == pytest.approx(
            float(nats) / np.log(2), abs=1e-4
        )


def test_a_state_is_a_value_and_a_snapshot_is_a_snapshot() -> None:
    model = network()
    for name in STEADY:
        engine = engine_of(model, name)
        state = read(engine, IDS)
        first = engine.generate(state, SamplingSettings(), 20)[1].ids
        for parameter in model.parameters():
            parameter.data.mul_(-1)  # training goes on
        np.testing.assert_array_equal(engine.generate(state, SamplingSettings(), 20)[1].ids, first)


@settings(max_examples=12, deadline=None)
@given(hidden=st.integers(1, 70), vocabulary=st.integers(1, 140), layers=st.integers(1, 3), streams=st.integers(1, 9))
def test_any_size_gives_the_network_s_logits(hidden: int, vocabulary: int, layers: int, streams: int) -> None:
    model = CharModel(ModelConfig(layers=layers, hidden=hidden), vocabulary, seed=hidden).eval()
    ids = np.random.default_rng(hidden).integers(0, vocabulary, (streams, 3)).astype(np.int32)
    with torch.no_grad():
        expected = model(torch.from_numpy(ids).long())[0][:, -1].numpy()
    np.testing.assert_allclose(read(engine_of(model, "exact"), ids).logits, expected, atol=3e-5)
    np.testing.assert_allclose(
        read(engine_of(model, "int8"), ids).logits, read(engine_of(model, "portable-int8"), ids).logits, atol=0.02
    )


def test_without_native_code_the_portable_engine_takes_over(monkeypatch: pytest.MonkeyPatch, trained: Trained) -> None:
    bits = bits_per_character(engine_of(trained.model, "exact"), trained.held_out)
    library.cache_clear()
    monkeypatch.setenv("RNNLAB_NATIVE", "0")
    try:
        with pytest.raises(NativeUnavailable, match="RNNLAB_NATIVE"):
            library("sampling")
        engine = engine_of(trained.model, "auto")
        assert type(engine).__name__ == "PortableInt8"
        assert abs(bits_per_character(engine, trained.held_out) - bits) < 0.001
    finally:
        library.cache_clear()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the variants are those of x86-64")
@pytest.mark.parametrize("tuning", [("-mavx2", "-mfma"), ()])
def test_every_instruction_set_computes_the_same_int8_bits(
    tuning: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = network("gru", hidden=40)
    state = read(engine_of(model, "int8"), IDS)
    exact = read(engine_of(model, "portable-exact"), IDS)
    monkeypatch.setattr(build, "_TUNINGS", (tuning,))
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path))
    library.cache_clear()
    try:
        np.testing.assert_array_equal(read(NativeInt8(weights_of(model)), IDS).logits, state.logits)
        np.testing.assert_allclose(read(NativeExact(weights_of(model)), IDS).logits, exact.logits, atol=1e-5)
        assert [path.suffix for path in (tmp_path / "native").iterdir()] == [".so"]
    finally:
        library.cache_clear()


def test_a_damaged_library_in_the_cache_is_built_anew_and_a_failing_compiler_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path))
    library.cache_clear()
    try:
        library("sampling")
        (built,) = (tmp_path / "native").iterdir()
        copy = tmp_path / "elsewhere" / "native" / built.name
        copy.parent.mkdir(parents=True)
        copy.write_bytes(b"no library")
        monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "elsewhere"))
        library.cache_clear()
        library("sampling")
        assert copy.stat().st_size > 1000
        monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "third"))
        monkeypatch.setenv("CC", "false")
        library.cache_clear()
        with pytest.raises(NativeUnavailable, match="false could not compile"):
            library("sampling")
        assert not list((tmp_path / "third" / "native").iterdir())
    finally:
        library.cache_clear()
