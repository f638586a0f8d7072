"""Texts as they come out of the sampler, and where they end."""

from __future__ import annotations

import copy
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.corpus.vocabulary import Vocabulary
from rnnlab.errors import FailedError, VocabularyError
from rnnlab.model.sampling import EngineName, Sampler, SamplingSettings
from rnnlab.model.sampling.endings import Ending
from rnnlab.model.sampling.functions import FunctionEnd

if TYPE_CHECKING:
    from sampling.conftest import Trained


def texts(sampler: Sampler, settings: SamplingSettings, n: int = 1, prompt: bytes = b"def ") -> list[bytes]:
    ids = sampler.vocabulary.encode(prompt)
    return [sampler.vocabulary.decode_bytes(text) for text in sampler.sample(ids, settings, n)]


@pytest.mark.parametrize("engine", ["int8", "exact", "portable-exact"])
def test_the_same_seed_gives_the_same_text_for_any_number_of_samples(trained: Trained, engine: EngineName) -> None:
    sampler = Sampler.of(trained.model, trained.vocabulary, engine=engine)
    asked = SamplingSettings(seed=8, length=70)
    many = texts(sampler, asked, 70)  # more than one batch
    assert texts(sampler, asked, 3) == many[:3]
    assert texts(Sampler.of(trained.model, trained.vocabulary, engine=engine), asked) == many[:1]
    assert len(set(many)) == 70
    assert {len(text) for text in many} == {70}
    fifth = [piece.ids for piece in sampler.stream(trained.vocabulary.encode(b"def "), asked, 1, first=4)]
    assert trained.vocabulary.decode_bytes(np.concatenate(fifth)) == many[4]


def test_text_looks_like_what_was_learnt(trained: Trained) -> None:
    sampler = Sampler.of(trained.model, trained.vocabulary)
    (text,) = sampler.sample(trained.vocabulary.encode(b"def "), SamplingSettings(length=2000, seed=1))
    noise = np.random.default_rng(0).integers(0, trained.vocabulary.size, 2000)
    real, drawn, random = (float(sampler.surprise(ids).mean()) for ids in (trained.held_out[:2000], text, noise))
    assert drawn < real + 0.5
    assert random > real + 2


def test_streams_that_ended_leave_the_others_alone(trained: Trained) -> None:
    sampler = Sampler.of(trained.model, trained.vocabulary)
    whole = texts(sampler, SamplingSettings(seed=1, length=300), 12)
    stopped = texts(sampler, SamplingSettings(seed=1, length=300, stop="\n"), 12)
    assert len({len(text) for text in stopped}) > 3
    for short, long in zip(stopped, whole, strict=True):
        end = long.find(b"\n")
        assert short == (long if end < 0 else long[: end + 1])


def test_pieces_come_while_the_text_is_made_and_carry_their_probabilities(trained: Trained) -> None:
    sampler = Sampler.of(trained.model, trained.vocabulary)
    endless = sampler.stream(trained.vocabulary.encode(b"x"), SamplingSettings(length=0), inspection=True)
    for _, piece in zip(range(5), endless, strict=False):
        assert not piece.finished
        assert piece.probability is not None
        assert piece.likeliest is not None
        assert piece.likeliest_probability is not None
        assert piece.likeliest.shape == (len(piece.ids), 5)
        assert (np.diff(piece.likeliest_probability, axis=1) <= 0).all()
        drawn_is_first = piece.likeliest[:, 0] == piece.ids
        np.testing.assert_array_equal(piece.probability[drawn_is_first], piece.likeliest_probability[drawn_is_first, 0])


def test_surprise_is_that_of_the_inspection(trained: Trained) -> None:
    sampler = Sampler.of(trained.model, trained.vocabulary, engine="exact")
    piece = next(iter(sampler.stream([], SamplingSettings(length=8), inspection=True)))
    assert piece.probability is not None
    np.testing.assert_allclose(sampler.surprise(piece.ids), -np.log(piece.probability), atol=1e-5)


def test_one_sampler_serves_many_threads(trained: Trained) -> None:
    sampler = Sampler.of(trained.model, trained.vocabulary)
    asked = SamplingSettings(seed=3, length=500)
    expected, found = texts(sampler, asked, 4), []
    threads = [threading.Thread(target=lambda: found.append(texts(sampler, asked, 4))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 6


def test_weights_that_are_no_numbers_are_named(trained: Trained) -> None:
    diverged = copy.deepcopy(trained.model)
    diverged.recurrent_layers()[1].bias.data.fill_(float("nan"))
    with pytest.raises(FailedError, match="not numbers"):
        Sampler.of(diverged, trained.vocabulary)


def test_a_stop_text_that_can_never_come_is_refused_at_once(trained: Trained) -> None:
    with pytest.raises(VocabularyError):
        Sampler.of(trained.model, trained.vocabulary).stream([], SamplingSettings(stop="\x01"))


BYTES = Vocabulary("bytes", range(256))


def ended(text: bytes, settings: SamplingSettings, sizes: list[int], prompt: bytes = b"") -> bytes:
    """What is kept of ``text`` when it comes in pieces of these sizes."""
    ending = Ending(settings, BYTES, BYTES.encode(prompt))
    at = 0
    for size in [*sizes, *[1] * len(text)]:
        piece = text[at : at + size]
        if not piece:
            break
        cut = ending.cut(BYTES.encode(piece))
        if cut is not None:
            return text[: at + cut]
        at += len(piece)
    return b"(no end)"


SIZES = st.lists(st.integers(1, 9), max_size=8)


@given(sizes=SIZES)
def test_a_stop_text_ends_the_text_wherever_pieces_begin(sizes: list[int]) -> None:
    assert ended(b"abcaabcaabX and on", SamplingSettings(length=0, stop="aabX"), sizes) == b"abcaabcaabX"


@given(sizes=SIZES)
def test_a_utf8_sequence_is_not_cut_by_the_length(sizes: list[int]) -> None:
    text = "aé€😀z".encode()
    for length, expected in ((1, 1), (2, 3), (3, 3), (4, 6), (5, 6), (6, 6), (7, 10), (9, 10), (10, 10), (11, 11)):
        assert ended(text, SamplingSettings(length=length), sizes) == text[:expected]
    assert ended(b"a\xe2bcdefgh", SamplingSettings(length=2), sizes) == b"a\xe2"  # what never was a sequence
    assert ended(b"\x80\x80\x80\x80\x80", SamplingSettings(length=2), sizes) == b"\x80\x80"


@pytest.mark.parametrize(
    ("prompt", "text", "kept"),
    [
        ("", "int f(void)\n{\n\tif (x) {\n\t}\n}\nint g", "int f(void)\n{\n\tif (x) {\n\t}\n}"),
        ("int f(void) {", " x = 1; }\nrest", " x = 1; }"),
        ("", 'int f(){ puts("}"); } x', 'int f(){ puts("}"); }'),
        ("", 'f(){ puts("\\\\"); } x', 'f(){ puts("\\\\"); }'),
        ("", 'f(){ puts("\\"}"); } x', 'f(){ puts("\\"}"); }'),
        ("", "f(){ c = '}'; d = '\\''; } x", "f(){ c = '}'; d = '\\''; }"),
        ("", "f(){ /* } */ // }\n } x", "f(){ /* } */ // }\n }"),
        ("", "f() /* { */ { a /**/ } x", "f() /* { */ { a /**/ }"),
        ("", "struct s { int x; };\nint f() { } y", "struct s { int x; };\nint f() { }"),
        ("", "int a[] = { 1, 2 };\nint f() { } y", "int a[] = { 1, 2 };\nint f() { }"),
        ("", "#define X(a) {\nf() { } y", "#define X(a) {\nf() { }"),
        ("", "#error don't {\nf() { } y", "#error don't {\nf() { }"),
        ("", "#define X(a) \\\n {\nf() { } y", "#define X(a) \\\n {\nf() { }"),
        ("", "}}} f() { } y", "}}} f() { }"),
        ("int f() { } /* ", "} */ g() { } y", "} */ g() { }"),
        ("", "x = 'unclosed {\nf() { } y", "x = 'unclosed {\nf() { }"),
        ("{", " } x", " }"),
    ],
)
def test_a_function_ends_where_its_brace_closes(prompt: str, text: str, kept: str) -> None:
    for sizes in ([], [1000], [3, 5, 2, 7]):
        found = ended(text.encode(), SamplingSettings(length=0, whole_functions=True), sizes, prompt.encode())
        assert found.decode() == kept


@given(st.text(alphabet="{}()\"'\\/*#\n af", max_size=60), SIZES)
def test_where_a_function_ends_does_not_depend_on_the_pieces(text: str, sizes: list[int]) -> None:
    whole, pieces, at, found = FunctionEnd(), FunctionEnd(), 0, None
    for size in [*sizes, len(text)]:
        found = pieces.feed(text[at : at + size])
        if found is not None:
            found += at
            break
        at += size
    assert found == whole.feed(text)


def test_the_graph_engine_runs_uncaptured_on_a_cpu_and_draws_what_the_others_draw(trained: Trained) -> None:
    graph = Sampler.of(trained.model, trained.vocabulary, engine="graph-exact")
    exact = Sampler.of(trained.model, trained.vocabulary, engine="exact")
    for asked in (
        SamplingSettings(seed=5, length=150, stop="\n"),
        SamplingSettings(seed=5, length=40, temperature=0.6, top_k=9, top_p=0.9, min_p=0.02),
    ):
        assert texts(graph, asked, 7) == texts(exact, asked, 7)
    ours, theirs = (
        next(iter(sampler.stream([], SamplingSettings(length=16), inspection=True))) for sampler in (graph, exact)
    )
    np.testing.assert_array_equal(ours.ids[:16], theirs.ids[:16])
    assert ours.probability is not None
    assert theirs.probability is not None
    assert ours.likeliest_probability is not None
    assert theirs.likeliest_probability is not None
    np.testing.assert_allclose(ours.probability[:16], theirs.probability[:16], atol=1e-5)
    np.testing.assert_allclose(ours.likeliest_probability[:16], theirs.likeliest_probability[:16], atol=1e-5)
