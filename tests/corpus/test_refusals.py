"""What is no corpus gets one clear answer, before any long work, and never a shorter corpus."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import lzma
import os
import random
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnlab.config import CorpusConfig, VocabularyKind
from rnnlab.corpus import Progress, open_corpus
from rnnlab.errors import CorpusError

TEXT = b"".join(b"static int value_%d = %d;\n" % (number, number * number) for number in range(400))
NOT_ROOT = os.geteuid() != 0


def refusal(folder: Path, *sources: Path | str, stdin: bytes | None = None, kind: VocabularyKind = "bytes") -> str:
    """The whole message of the refusal; it must come without any work being reported."""
    seen: list[Progress] = []
    config = CorpusConfig(sources=tuple(map(str, sources)), vocabulary=kind)
    with pytest.raises(CorpusError) as caught:
        open_corpus(
            config,
            cache_dir=folder / "cache",
            progress=seen.append,
            stdin=None if stdin is None else io.BytesIO(stdin),
        )
    assert not [moment for moment in seen if moment.stage == "collecting" and moment.done_bytes > 1_000]
    assert not list((folder / "cache").glob("corpora/*"))
    message = str(caught.value)
    assert len(message.splitlines()) <= 2
    return message


def test_nothing_named(tmp_path: Path) -> None:
    assert "no file, folder or archive was given" in refusal(tmp_path)


def test_a_missing_path(tmp_path: Path) -> None:
    assert "no-such.c: there is no such file or folder" in refusal(tmp_path, tmp_path / "no-such.c")


def test_a_missing_path_beside_one_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(TEXT)
    assert "no-such.c" in refusal(tmp_path, tmp_path / "a.c", tmp_path / "no-such.c")


@pytest.mark.parametrize("text", [b"", b"int short;\n"])
def test_an_empty_or_tiny_file(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "a.c").write_bytes(text)
    message = refusal(tmp_path, tmp_path / "a.c")
    assert ("it is empty" if not text else "11 characters are too few") in message
    assert "a.c" in message


@pytest.mark.parametrize("kind", ["bytes", "chars"])
def test_one_symbol_over_and_over(tmp_path: Path, kind: VocabularyKind) -> None:
    (tmp_path / "a.txt").write_bytes(b"a" * 1000)
    assert "a single symbol" in refusal(tmp_path, tmp_path / "a.txt", kind=kind)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_utf_16_and_utf_32_with_and_without_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "wide.c").write_bytes(TEXT.decode().encode(encoding))
    message = refusal(tmp_path, tmp_path / "wide.c")
    assert f"it is {encoding[:6].upper()}" in message
    assert "iconv -f UTF-" in message


@pytest.mark.parametrize(
    ("head", "named"),
    [
        (b"\x7fELF\x02\x01\x01" + bytes(200), "a program (ELF)"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "a picture (PNG)"),
        (b"%PDF-1.7\n" + TEXT, "a PDF document"),
        (bytes(500), "binary: 100% of its bytes are control codes"),
        (random.Random(0).randbytes(100_000), "binary: 10% of its bytes are control codes"),
        (TEXT * 40 + random.Random(0).randbytes(200_000), "binary"),
    ],
)
def test_binary_files(tmp_path: Path, head: bytes, named: str) -> None:
    (tmp_path / "file.c").write_bytes(head)
    assert named in refusal(tmp_path, tmp_path / "file.c")


def test_a_zip_archive_with_what_to_do(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.c", TEXT)
    message = refusal(tmp_path, tmp_path / "a.zip")
    assert "a zip archive" in message
    assert "Unpack it" in message


def test_binary_inside_compression(tmp_path: Path) -> None:
    (tmp_path / "vmlinux.gz").write_bytes(gzip.compress(b"\x7fELF" + bytes(100_000)))
    assert "a program (ELF)" in refusal(tmp_path, tmp_path / "vmlinux.gz")


def test_a_folder_without_a_matching_file_says_what_it_holds(tmp_path: Path) -> None:
    for name in ("a.py", "b.py", "c.md"):
        (tmp_path / "d" / "e").mkdir(parents=True, exist_ok=True)
        (tmp_path / "d" / "e" / name).write_bytes(TEXT)
    message = refusal(tmp_path, tmp_path / "d")
    assert "2 named *.py, 1 named *.md" in message
    assert "--include '*.py'" in message


def test_a_folder_of_empty_files_or_links_or_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    assert "no file in it matches" in refusal(tmp_path, folder)
    (folder / "l.c").symlink_to(tmp_path)
    assert "only symbolic links" in refusal(tmp_path, folder)
    (folder / "a.c").touch()
    assert "all its matching files are empty" in refusal(tmp_path, folder)


def test_a_folder_of_binary_files_only(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    for number in range(100):
        (tmp_path / "d" / f"{number}.c").write_bytes(b"\x7fELF" + bytes(100))
    assert "a program (ELF)" in refusal(tmp_path, tmp_path / "d")
    with tarfile.open(tmp_path / "d.tar", "w") as tar:
        tar.add(tmp_path / "d", "d")
    assert "it holds no text" in refusal(tmp_path, tmp_path / "d.tar")


def test_an_archive_without_a_matching_file(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        (tmp_path / "x.py").write_bytes(TEXT)
        tar.add(tmp_path / "x.py", "x.py")
    assert "no file in it matches *.c, *.h" in refusal(tmp_path, tmp_path / "a.tar.gz")


def test_standard_input_that_is_empty_or_given_twice(tmp_path: Path) -> None:
    assert "standard input is empty" in refusal(tmp_path, "-", stdin=b"")
    assert "given twice" in refusal(tmp_path, "-", "-", stdin=TEXT)


def test_a_device(tmp_path: Path) -> None:
    assert "neither a file nor a folder" in refusal(tmp_path, "/dev/zero")


@pytest.mark.skipif(not NOT_ROOT, reason="root may read everything")
def test_files_and_folders_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "d" / "below").mkdir(parents=True)
    (tmp_path / "d" / "a.c").write_bytes(TEXT)
    (tmp_path / "d" / "a.c").chmod(0)
    assert "a.c: it may not be read" in refusal(tmp_path, tmp_path / "d")
    (tmp_path / "d" / "below").chmod(0)
    assert "below: it cannot be read (permission denied)" in refusal(tmp_path, tmp_path / "d")


def test_a_cache_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"in the way")
    (tmp_path / "a.c").write_bytes(TEXT)
    with pytest.raises(CorpusError, match="RNNLAB_CACHE"):
        open_corpus(CorpusConfig(sources=(str(tmp_path / "a.c"),)), cache_dir=tmp_path / "cache")


def test_a_split_that_leaves_an_empty_part(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(TEXT[:150])
    config = CorpusConfig(sources=(str(tmp_path / "a.c"),), split=(0.998, 0.001, 0.001))
    with pytest.raises(CorpusError, match="the validation part of 150 characters would be empty"):
        open_corpus(config, cache_dir=tmp_path / "cache")


def _tar(data: bytes) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for number in range(6):
            member = tarfile.TarInfo(f"top/{number}.c")
            member.size = len(data) + number
            tar.addfile(member, io.BytesIO(data + b"\n" * number))
    return raw.getvalue()


FORMATS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
    "joined.gz": lambda data: gzip.compress(data) + gzip.compress(data),
    "joined.xz": lambda data: lzma.compress(data) + lzma.compress(data),
    "joined.bz2": lambda data: bz2.compress(data) + bz2.compress(data),
    "joined.zst": lambda data: 2 * zstandard.ZstdCompressor(write_checksum=True).compress(data),
    "tar": _tar,
    "tar.gz": lambda data: gzip.compress(_tar(data)),
    "tar.xz": lambda data: lzma.compress(_tar(data)),
    "tar.zst": lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(_tar(data)),
}


@functools.cache
def packed_as(form: str) -> bytes:
    return FORMATS[form](TEXT * 130)  # more than one block of what is read ahead


@functools.cache
def digest_of(form: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        config = CorpusConfig(sources=("-",))
        corpus = open_corpus(config, cache_dir=Path(folder), stdin=io.BytesIO(packed_as(form)))
        return str(corpus.fingerprint["digest"])


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0.0, 1.0, exclude_max=True))
def test_an_archive_that_was_cut_short_is_an_error_or_loses_nothing(tmp_path: Path, form: str, share: float) -> None:
    packed = packed_as(form)
    cut = packed[: 40 + int((len(packed) - 40) * share)]
    try:
        corpus = open_corpus(CorpusConfig(sources=("-",)), cache_dir=tmp_path / "cache", stdin=io.BytesIO(cut))
    except CorpusError as error:
        assert error.thing == "-"  # noqa: PT017  # an error is one of two good outcomes
    else:
        assert corpus.fingerprint["digest"] == digest_of(form)


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "tar"])  # a plain tar has no checksum of contents
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0.0, 1.0, exclude_max=True), bit=st.integers(0, 7))
def test_an_archive_with_a_damaged_byte_is_an_error_or_loses_nothing(
    tmp_path: Path, form: str, place: float, bit: int
) -> None:
    packed = bytearray(packed_as(form))
    start = 6  # a damaged magic number makes it another kind of file
    packed[start + int((len(packed) - start) * place)] ^= 1 << bit
    stdin = io.BytesIO(bytes(packed))
    try:
        corpus = open_corpus(CorpusConfig(sources=("-",)), cache_dir=tmp_path / "cache", stdin=stdin)
    except CorpusError as error:
        assert error.thing == "-"  # noqa: PT017  # an error is one of two good outcomes
    else:
        assert corpus.fingerprint["digest"] == digest_of(form)


@pytest.mark.parametrize("form", ["gz", "xz", "bz2", "zst", "tar.gz"])
def test_rubbish_behind_compressed_text_is_an_error(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"a.{form}"
    path.write_bytes(FORMATS[form](TEXT) + b"rubbish that is no compressed stream")
    assert "the file is damaged" in refusal(tmp_path, path)


def test_a_damaged_archive_says_so(tmp_path: Path) -> None:
    for form, make in FORMATS.items():
        path = tmp_path / f"cut.{form}"
        path.write_bytes(make(TEXT)[: 5000 if form == "tar" else -20])
        message = refusal(tmp_path, path)
        assert f"cut.{form}: the file is damaged" in message
        assert "Fetch or make it again." in message
