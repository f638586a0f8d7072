"""Reading an open corpus in place: whole, by parts, by streams; by character whatever the symbols' width."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config import CorpusConfig
from rnnlab.corpus import Corpus, open_corpus
from rnnlab.corpus.encode import Meter, character_blocks, count_characters, encode_characters
from rnnlab.corpus.vocabulary import Vocabulary
from rnnlab.errors import CorpusError

PIECES = [
    b"int main(void)\n",
    "größer".encode(),
    "☃ 日本".encode(),
    b"\xff\xfe",
    b"\xe2\x98",
    b"\0",
    b"\r\n",
    "🦊".encode(),
]
SOME_TEXT = b"".join(random.Random(0).choices(PIECES, k=2000))


def open_text(folder: Path, data: bytes, kind: str, split: tuple[float, float, float] = (0.8, 0.1, 0.1)) -> Corpus:
    (folder / "text").write_bytes(data)
    config = CorpusConfig(sources=(str(folder / "text"),), vocabulary=kind, split=split)  # type: ignore[arg-type]  # a str
    return open_corpus(config, cache_dir=folder / "cache")


@pytest.mark.parametrize("kind", ["bytes", "chars"])
def test_the_parts_one_after_the_other_are_the_text(tmp_path: Path, kind: str) -> None:
    corpus = open_text(tmp_path, SOME_TEXT, kind)
    naive = SOME_TEXT if kind == "bytes" else SOME_TEXT.decode("utf-8", "surrogateescape")
    assert corpus.length == len(naive)
    assert corpus.vocabulary.size == len(set(naive))
    parts = (corpus.parts.train, corpus.parts.validation, corpus.parts.test)
    assert [part.length for part in parts] == [
        len(naive) * 8 // 10,
        len(naive) * 9 // 10 - len(naive) * 8 // 10,
        len(naive) - len(naive) * 9 // 10,
    ]
    ids = np.concatenate([part.read(0, part.length) for part in parts])
    assert corpus.vocabulary.decode_bytes(ids) == SOME_TEXT
    assert np.array_equal(ids, corpus.vocabulary.encode(SOME_TEXT))
    assert np.array_equal(np.bincount(ids), corpus.counts)


@pytest.mark.parametrize("kind", ["bytes", "chars"])
def test_any_stretch_of_a_part_is_that_stretch_of_the_text(tmp_path: Path, kind: str) -> None:
    corpus = open_text(tmp_path, SOME_TEXT, kind)
    whole = corpus.vocabulary.encode(SOME_TEXT)
    part = corpus.parts.validation
    first = corpus.parts.train.length
    for seed in range(200):
        start, stop = sorted(random.Random(seed).choices(range(part.length + 1), k=2))
        assert np.array_equal(part.read(start, stop), whole[first + start : first + stop])
    for start, stop in [(-1, 2), (0, part.length + 1), (5, 4)]:
        with pytest.raises(IndexError):
            part.read(start, stop)


@pytest.mark.parametrize("kind", ["bytes", "chars"])
@pytest.mark.parametrize("count", [1, 3, 32])
def test_streams_are_equal_contiguous_shares_at_any_window(tmp_path: Path, kind: str, count: int) -> None:
    corpus = open_text(tmp_path, SOME_TEXT * 30, kind)
    part = corpus.parts.train
    streams = part.streams(count)
    length = part.length // count
    naive = part.read(0, length * count).reshape(count, length)
    assert (streams.count, streams.length) == (count, length)
    start = 0
    while start < length:  # on and on, each window with the first character of the next, as training reads
        stop = min(start + 65, length)
        window = streams.read(start, stop)
        assert np.array_equal(window, naive[:, start:stop])
        window[:] = 0  # the caller's own
        start += 64
    for seed in range(50):  # and back and forth, as resuming and validation do
        first, last = sorted(random.Random(seed).choices(range(length + 1), k=2))
        assert np.array_equal(streams.read(first, last), naive[:, first:last])


def test_more_streams_than_characters_are_refused(tmp_path: Path) -> None:
    part = open_text(tmp_path, SOME_TEXT, "bytes").parts.test
    with pytest.raises(CorpusError, match="make no"):
        part.streams(part.length + 1)


@pytest.mark.parametrize("kind", ["bytes", "chars"])
def test_a_cached_file_that_shrinks_while_in_use_is_an_error_not_a_crash(tmp_path: Path, kind: str) -> None:
    corpus = open_text(tmp_path, SOME_TEXT, kind)
    (path,) = (tmp_path / "cache" / "corpora").glob("*.corpus")
    os.truncate(path, 1000)
    with pytest.raises(CorpusError, match="cut short while in use"):
        corpus.parts.train.read(0, corpus.parts.train.length)


def test_reading_goes_on_when_the_cache_is_deleted_meanwhile(tmp_path: Path) -> None:
    corpus = open_text(tmp_path, SOME_TEXT, "bytes")
    for path in (tmp_path / "cache" / "corpora").iterdir():
        path.unlink()
    assert corpus.vocabulary.decode_bytes(corpus.whole.read(0, corpus.length)) == SOME_TEXT


@settings(max_examples=100, deadline=None)
@given(
    pieces=st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6)), max_size=12),
    block=st.integers(1, 9),
)
def test_characters_are_never_split_at_the_edges_of_blocks(pieces: list[bytes], block: int) -> None:
    data = b"".join(pieces)
    naive = data.decode("utf-8", "surrogateescape")
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        assert "".join(character_blocks(file.fileno(), len(data), block)) == naive
        meter, seen = Meter(), [0]
        for start in range(0, len(data), block):
            meter.update(data[start : start + block])
        assert meter.counts.tolist() == [data.count(bytes([value])) for value in range(256)]
        counts = count_characters(file.fileno(), meter, seen.append, block)
        assert {chr(code): int(counts[code]) for code in counts.nonzero()[0]} == {
            symbol: naive.count(symbol) for symbol in set(naive)
        }
        if data:
            assert seen[-1] == len(data)
            vocabulary = Vocabulary("chars", counts.nonzero()[0].tolist())
            encoded = b"".join(ids for _, ids in encode_characters(file.fileno(), len(data), vocabulary, block))
            assert vocabulary.decode_bytes(np.frombuffer(encoded, vocabulary.dtype)) == data


def test_a_corpus_is_called_after_its_file_without_what_says_how_it_is_packed() -> None:
    from rnnlab.corpus.opening import name_of

    for source, name in {
        "linux-6.1-kernel.c.xz": "linux-6.1-kernel",
        "linux-6.1.tar.gz": "linux-6.1",
        "linux-source-6.1": "linux-source-6.1",
        "shakespeare.txt": "shakespeare",
        "v1.2.7z": "v1.2",
        ".hidden": "hidden",
        "-": "stdin",
    }.items():
        assert name_of((source,)) == name
