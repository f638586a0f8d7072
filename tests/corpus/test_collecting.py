"""From files, folders, archives and pipes to one text: every byte, in a known order, once."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from rnnlab.config import CorpusConfig
from rnnlab.corpus import Corpus, open_corpus

WHOLE = (1.0, 0.0, 0.0)
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}
FILES = {
    "a.c": b"int a;\r\nint \0b;\n",
    "b/z.h": b"#define Z 1\n" * 9,
    "b/y.c": 'char *snowman = "☃";\n'.encode() * 3,
    "b-2.c": b"broken \xff\xc3( utf-8\n",
    "c/d/e.c": b"int e(void) { return 0; }\n" * 50,
    "c/copy.c": b"int a;\r\nint \0b;\n",
    "c/readme.txt": b"not taken\n",
    "c/empty.h": b"",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "tree"


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Corpus]:
    def opened(*sources: object, stdin: bytes | None = None, **options: Any) -> Corpus:
        config = CorpusConfig(sources=tuple(map(str, sources)), split=WHOLE, **options)
        return open_corpus(config, cache_dir=tmp_path / "cache", stdin=None if stdin is None else io.BytesIO(stdin))

    return opened


def text_of(corpus: Corpus) -> bytes:
    return corpus.vocabulary.decode_bytes(corpus.whole.read(0, corpus.length))


def expected(*, shuffle: bool = True, seed: int = 0, deduplicate: bool = True) -> bytes:
    """The naive collecting that the real one must equal."""
    names = sorted(name for name in FILES if name.endswith((".c", ".h")) and FILES[name])
    if shuffle:
        random.Random(seed).shuffle(names)
    contents = [FILES[name] for name in names]
    return b"".join(dict.fromkeys(contents) if deduplicate else contents)


def packed(tree: Path, suffix: str, prefix: str = "tree-1.0/") -> Path:
    path = tree.with_name("tree.tar" + suffix)
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name in sorted(FILES, reverse=True):  # an archive's own order does not matter
            tar.add(tree / name, prefix + name)
    path.write_bytes(COMPRESS[suffix](raw.getvalue()))
    return path


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("deduplicate", [True, False])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_folder_gives_its_files_in_seeded_order_without_copies(
    tree: Path, opened: Callable[..., Corpus], shuffle: bool, deduplicate: bool, seed: int
) -> None:
    corpus = opened(tree, shuffle=shuffle, deduplicate=deduplicate, shuffle_seed=seed)
    assert text_of(corpus) == expected(shuffle=shuffle, seed=seed, deduplicate=deduplicate)
    assert corpus.fingerprint["files"] == (5 if deduplicate else 6)
    assert corpus.fingerprint["duplicates"] == (1 if deduplicate else 0)
    assert corpus.fingerprint["duplicate_bytes"] == (len(FILES["a.c"]) if deduplicate else 0)


@pytest.mark.parametrize("kind", ["bytes", "chars"])
@pytest.mark.parametrize("suffix", COMPRESS)
def test_an_archive_gives_the_same_text_as_the_folder_in_it(
    tree: Path, opened: Callable[..., Corpus], suffix: str, kind: str
) -> None:
    corpus = opened(packed(tree, suffix), vocabulary=kind)
    assert text_of(corpus) == expected()
    assert corpus.fingerprint["digest"] == opened(tree).fingerprint["digest"]


@pytest.mark.parametrize("suffix", COMPRESS)
def test_an_archive_is_known_by_its_bytes_not_by_its_name(
    tree: Path, opened: Callable[..., Corpus], suffix: str
) -> None:
    path = packed(tree, suffix)
    assert text_of(opened(path.rename(path.with_name("download")))) == expected()


@pytest.mark.parametrize("suffix", COMPRESS)
def test_an_archive_can_come_through_a_pipe(tree: Path, opened: Callable[..., Corpus], suffix: str) -> None:
    assert text_of(opened("-", stdin=packed(tree, suffix).read_bytes())) == expected()


@pytest.mark.parametrize("suffix", COMPRESS)
def test_one_compressed_file_is_its_text_whatever_its_name(
    tmp_path: Path, opened: Callable[..., Corpus], suffix: str
) -> None:
    text = b"Some prose, not C.\r\n" * 5_000
    path = tmp_path / f"book.txt{suffix}"
    path.write_bytes(COMPRESS[suffix](text))
    assert text_of(opened(path)) == text
    assert text_of(opened("-", stdin=path.read_bytes())) == text


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".bz2", ".zst"])
def test_compressed_files_that_were_joined_give_all_their_text(
    tmp_path: Path, opened: Callable[..., Corpus], suffix: str
) -> None:
    path = tmp_path / f"joined{suffix}"
    path.write_bytes(COMPRESS[suffix](b"first half\n" * 100) + COMPRESS[suffix](b"second half\n" * 100))
    assert text_of(opened(path)) == b"first half\n" * 100 + b"second half\n" * 100


def test_long_names_and_members_that_are_no_files_do_no_harm(tmp_path: Path, opened: Callable[..., Corpus]) -> None:
    text = b"int long_name;\n" * 20
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        path = tmp_path / f"{form}.tar.gz"
        with tarfile.open(path, "w:gz", format=form) as tar:
            for name, kind in [("d", tarfile.DIRTYPE), ("l.c", tarfile.SYMTYPE), ("f.c", tarfile.FIFOTYPE)]:
                member = tarfile.TarInfo(name)
                member.type, member.linkname = kind, "elsewhere.c"
                tar.addfile(member)
            member = tarfile.TarInfo("x/" * 120 + "né.c")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
        assert text_of(opened(path)) == text


def test_several_sources_are_shuffled_together(tree: Path, tmp_path: Path, opened: Callable[..., Corpus]) -> None:
    other = tmp_path / "other.txt"
    other.write_bytes(b"a file that was named is taken whatever its name\n")
    names = sorted(name for name in FILES if name.endswith((".c", ".h")) and FILES[name])
    contents = [*(FILES[name] for name in names), other.read_bytes()]
    random.Random(0).shuffle(contents)
    assert text_of(opened(tree, other)) == b"".join(dict.fromkeys(contents))


@pytest.mark.parametrize(
    ("include", "exclude", "left"),
    [
        (("*.txt",), (), ["c/readme.txt"]),
        (("*.[ch]",), ("b*",), ["a.c", "c/copy.c", "c/d/e.c"]),
        (("*.c",), ("c",), ["a.c", "b-2.c", "b/y.c"]),
        (("*.c",), ("c/d", "a.*"), ["b-2.c", "b/y.c", "c/copy.c"]),
        (("b/*", "e.c"), (), ["b/y.c", "b/z.h", "c/d/e.c"]),
        (("?.c",), ("d/e.c",), ["a.c", "b/y.c"]),
    ],
)
def test_patterns_choose_names_folders_and_paths_alike_in_folders_and_archives(
    tree: Path,
    tmp_path: Path,
    opened: Callable[..., Corpus],
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    left: list[str],
) -> None:
    more = tmp_path / "more"  # so that there is enough text to be a corpus
    more.write_bytes(b"a file that was named is not chosen by patterns\n" * 3)
    wanted = b"".join(FILES[name] for name in left) + more.read_bytes()
    options = {"include": include, "exclude": exclude, "shuffle": False, "deduplicate": False}
    assert text_of(opened(tree, more, **options)) == wanted
    assert text_of(opened(packed(tree, ".gz"), more, **options)) == wanted


def test_large_files_are_streamed_and_their_copies_dropped_all_the_same(
    tmp_path: Path, opened: Callable[..., Corpus]
) -> None:
    one, other = (b"int large_%d;\n" % number * 350_000 for number in (1, 2))
    folder = tmp_path / "large"
    folder.mkdir()
    for name, data in [("1.c", one), ("2.c", other), ("3.c", one), ("4.c", b"small\n")]:
        (folder / name).write_bytes(data)
    for source in (folder, _tarred(folder)):
        corpus = opened(source, shuffle=False)
        assert text_of(corpus) == one + other + b"small\n"
        assert corpus.fingerprint["duplicates"] == 1


def _tarred(folder: Path) -> Path:
    path = folder.with_suffix(".tar")
    with tarfile.open(path, "w") as tar:
        tar.add(folder, "top")
    return path


def test_binary_files_among_text_are_left_out_and_counted(tree: Path, opened: Callable[..., Corpus]) -> None:
    (tree / "firmware.h").write_bytes(b"\x7fELF" + bytes(5000))
    (tree / "wide.c").write_bytes("int wide;\n".encode("utf-16"))
    corpus = opened(tree)
    assert sorted(corpus.fingerprint["binary_names"]) == ["firmware.h", "wide.c"]
    assert corpus.fingerprint["binary_files"] == 2
    assert set(text_of(corpus).split(b"\n")) == set(expected().split(b"\n"))
    assert opened(_tarred(tree)).fingerprint["binary_files"] == 2


def test_symbolic_links_in_folders_are_counted_and_not_followed(tree: Path, opened: Callable[..., Corpus]) -> None:
    (tree / "loop").symlink_to(tree)
    (tree / "link.c").symlink_to(tree / "a.c")
    corpus = opened(tree, deduplicate=False)
    assert text_of(corpus) == expected(deduplicate=False)
    assert corpus.fingerprint["links"] == 2


def test_a_link_that_was_named_is_followed(tree: Path, tmp_path: Path, opened: Callable[..., Corpus]) -> None:
    (tmp_path / "corpus").symlink_to(tree)
    assert text_of(opened(tmp_path / "corpus")) == expected()


def test_files_with_names_that_are_no_utf8_are_taken(tmp_path: Path, opened: Callable[..., Corpus]) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    try:
        (folder / "caf\udce9.c").write_bytes(b"int latin;\n" * 20)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert text_of(opened(folder)) == b"int latin;\n" * 20
    assert text_of(opened(_tarred(folder))) == b"int latin;\n" * 20
