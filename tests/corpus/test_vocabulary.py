"""Symbols to numbers and back, exactly, for any bytes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.corpus import Vocabulary
from rnnlab.errors import VocabularyError

ANY_BYTES = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")[1:-1]),
)


def vocabulary_of(kind: str, data: bytes) -> Vocabulary:
    if kind == "bytes":
        return Vocabulary("bytes", set(data))
    return Vocabulary("chars", set(map(ord, data.decode("utf-8", "surrogateescape"))))


@pytest.mark.parametrize("kind", ["bytes", "chars"])
@settings(deadline=None)
@given(data=ANY_BYTES.filter(bool))
def test_decoding_what_was_encoded_gives_the_same_bytes(kind: str, data: bytes) -> None:
    vocabulary = vocabulary_of(kind, data)
    ids = vocabulary.encode(data)
    assert vocabulary.decode_bytes(ids) == data
    assert int(ids.max()) < vocabulary.size
    assert ids.flags.writeable


@settings(deadline=None)
@given(text=st.text(min_size=1).filter(lambda text: not any("\ud800" <= part <= "\udfff" for part in text)))
def test_ids_of_chars_follow_the_order_of_the_code_points(text: str) -> None:
    naive = {symbol: number for number, symbol in enumerate(sorted(set(text)))}
    vocabulary = vocabulary_of("chars", text.encode())
    assert vocabulary.encode(text).tolist() == [naive[symbol] for symbol in text]
    assert vocabulary.decode(vocabulary.encode(text)) == text


@pytest.mark.parametrize(
    ("count", "dtype"), [(256, np.uint8), (257, np.uint16), (65536, np.uint16), (65537, np.uint32)]
)
def test_ids_are_as_wide_as_the_vocabulary_needs(count: int, dtype: type) -> None:
    vocabulary = Vocabulary("chars", range(0x10000, 0x10000 + count))
    text = chr(0x10000) + chr(0x10000 + count - 1)
    assert vocabulary.encode(text).dtype == dtype
    assert vocabulary.encode(text).tolist() == [0, count - 1]


def test_all_256_bytes_can_be_symbols() -> None:
    vocabulary = Vocabulary("bytes", range(256))
    assert vocabulary.encode(bytes(range(256))).tolist() == list(range(256))


@pytest.mark.parametrize(
    ("kind", "text", "named"),
    [("bytes", "abX", "'X'"), ("bytes", b"ab\xff", "0xFF"), ("chars", "abλ", "'λ'"), ("chars", "ab\x1b", "'␛'")],
)
def test_an_unseen_symbol_is_named_with_its_place(kind: str, text: bytes | str, named: str) -> None:
    with pytest.raises(VocabularyError) as caught:
        vocabulary_of(kind, b"abc").encode(text)
    assert caught.value.thing == "character 3 of the text"
    assert named in caught.value.reason


@pytest.mark.parametrize("kind", ["bytes", "chars"])
def test_a_vocabulary_survives_json(kind: str) -> None:
    vocabulary = vocabulary_of(kind, "a\0λ\r\n".encode() + b"\xff")
    assert Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json()))) == vocabulary


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"kind": "words", "symbols": [1, 2]},
        {"kind": "bytes", "symbols": []},
        {"kind": "bytes", "symbols": [1, 256]},
        {"kind": "bytes", "symbols": [1, 1]},
        {"kind": "bytes", "symbols": "ab"},
        {"kind": "chars", "symbols": [-1, 2]},
        {"kind": "chars", "symbols": [0x110000]},
    ],
)
def test_a_damaged_stored_vocabulary_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(VocabularyError):
        Vocabulary.from_json(values)


def test_labels_are_visible_and_safe() -> None:
    vocabulary = Vocabulary("chars", [0, 10, 27, 32, 97, 0x202E, 0xDCFF])
    assert [vocabulary.label(number) for number in range(vocabulary.size)] == [
        "␀",
        "␊",
        "␛",
        "␠",
        "a",
        "U+202E",
        "0xFF",
    ]
    assert Vocabulary("bytes", [9, 0xC3]).label(1) == "0xC3"
