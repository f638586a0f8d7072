"""xz files of several blocks are read by several threads, and as strictly as by one."""

from __future__ import annotations

import lzma
import struct
import zlib
from pathlib import Path

import pytest

from rnnlab.config import CorpusConfig
from rnnlab.corpus import open_corpus
from rnnlab.corpus.xz import parallel_blocks
from rnnlab.errors import CorpusError

PIECES = [b"".join(b"int v%d_%d;\n" % (part, number) for number in range(3000 + 700 * part)) for part in range(7)]
TEXT = b"".join(PIECES)


def number(value: int) -> bytes:
    return number_low(value) if value < 128 else bytes([value & 127 | 128]) + number(value >> 7)


def number_low(value: int) -> bytes:
    return bytes([value])


def with_blocks(pieces: list[bytes]) -> bytes:
    """What ``xz -T --block-size`` writes: one stream, a block for each piece, one index."""
    body, records = b"", b""
    for piece in pieces:
        alone = lzma.compress(piece)
        backward = struct.unpack("<I", alone[-8:-4])[0]
        block = alone[12 : -12 - 4 * (backward + 1)]
        check = 8  # CRC64, after the padding of the compressed data
        padding = len(block) - check - len(block[:-check].rstrip(b"\0"))
        for zeros in range(min(padding, 3) + 1):  # the index says how long it is without padding
            unpadded = len(block) - zeros
            if (b"\0\1" + number(unpadded) + number(len(piece))) in alone[-12 - 4 * (backward + 1) :]:
                records += number(unpadded) + number(len(piece))
                break
        body += block
    index = b"\0" + number(len(pieces)) + records
    index += bytes(-len(index) % 4)
    index += zlib.crc32(index).to_bytes(4, "little")
    tail = struct.pack("<I", len(index) // 4 - 1) + alone[6:8]
    return alone[:12] + body + index + zlib.crc32(tail).to_bytes(4, "little") + tail + b"YZ"


@pytest.fixture(scope="module")
def packed() -> bytes:
    packed = with_blocks(PIECES)
    assert lzma.decompress(packed) == TEXT
    return packed


def read(path: Path, cache: Path) -> bytes:
    corpus = open_corpus(CorpusConfig(sources=(str(path),)), cache_dir=cache)
    return corpus.vocabulary.decode_bytes(corpus.whole.read(0, corpus.length))


def test_a_file_of_several_blocks_gives_its_text(packed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "text.xz"
    path.write_bytes(packed)
    with path.open("rb", buffering=0) as file:
        assert [block.size for block in parallel_blocks(file)] == [len(piece) for piece in PIECES]
    assert read(path, tmp_path / "cache") == TEXT


def test_files_of_one_block_or_several_streams_or_with_padding_give_their_text_too(
    packed: bytes, tmp_path: Path
) -> None:
    for name, data, text in [
        ("one.xz", lzma.compress(TEXT), TEXT),
        ("two.xz", packed + packed, TEXT + TEXT),
        ("padded.xz", packed + bytes(8) + packed + bytes(4), TEXT + TEXT),
    ]:
        (tmp_path / name).write_bytes(data)
        assert read(tmp_path / name, tmp_path / "cache") == text


def test_a_damaged_file_of_several_blocks_is_an_error_or_loses_nothing(packed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "text.xz"
    damaged = 0
    for place in range(6, len(packed), len(packed) // 60):
        for data in (packed[:place], packed[:place] + bytes([packed[place] ^ 16]) + packed[place + 1 :]):
            path.write_bytes(data)
            try:
                assert read(path, tmp_path / "cache") == TEXT
            except CorpusError as error:
                damaged += "is damaged" in error.reason
    assert damaged > 100
