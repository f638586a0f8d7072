"""The cache of encoded corpora: instant the second time, never stale, never half, safe among processes."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.config import CorpusConfig
from rnnlab.corpus import Corpus, Progress, open_corpus
from rnnlab.errors import CorpusError

TEXT = b"".join(b"static int value_%d = %d;\n" % (number, number * number) for number in range(400))
OPEN = """
import sys
from rnnlab.config import CorpusConfig
from rnnlab.corpus import open_corpus
stages = set()
corpus = open_corpus(CorpusConfig(sources=tuple(sys.argv[1:])), progress=lambda moment: stages.add(moment.stage))
print(corpus.fingerprint["digest"], corpus.built, *sorted(stages))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.c").write_bytes(TEXT[number:])
    return folder


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Corpus]:
    def opened(*sources: Path | str, **options: Any) -> Corpus:
        config = CorpusConfig(sources=tuple(map(str, sources)), **options)
        return open_corpus(config, cache_dir=tmp_path / "cache")

    return opened


def cached_files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache" / "corpora").iterdir())


def text_of(corpus: Corpus) -> bytes:
    return corpus.vocabulary.decode_bytes(corpus.whole.read(0, corpus.length))


def sleep_past_the_clock_tick() -> None:
    time.sleep(0.03)


def test_the_second_opening_reads_only_the_cache(folder: Path, tmp_path: Path, opened: Callable[..., Corpus]) -> None:
    first = opened(folder)
    seen: list[Progress] = []
    config = CorpusConfig(sources=(str(folder),))
    second = open_corpus(config, cache_dir=tmp_path / "cache", progress=seen.append)
    assert (first.built, second.built) == (True, False)
    assert {moment.stage for moment in seen} == {"scanning"}
    assert text_of(second) == text_of(first)
    assert second.fingerprint == first.fingerprint
    assert second.counts.tolist() == first.counts.tolist()


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "2.c").write_bytes(TEXT + b"more"),
        lambda folder: (folder / "2.c").write_bytes(TEXT[2:].replace(b"int", b"INT")),
        lambda folder: (folder / "new.h").write_bytes(TEXT),
        lambda folder: (folder / "2.c").unlink(),
        lambda folder: (folder / "2.c").rename(folder / "9.c"),
        lambda folder: (folder / "2.c").replace(folder / "3.c"),
    ],
    ids=["longer", "same size", "added", "removed", "renamed", "replaced"],
)
def test_a_changed_file_is_noticed(
    folder: Path, opened: Callable[..., Corpus], change: Callable[[Path], object]
) -> None:
    opened(folder)
    change(folder)
    again = opened(folder)
    assert again.built
    contents = [(folder / name).read_bytes() for name in sorted(path.name for path in folder.iterdir())]
    random.Random(0).shuffle(contents)
    assert text_of(again) == b"".join(dict.fromkeys(contents))


def test_a_change_that_hides_behind_the_old_size_and_time_is_noticed(
    folder: Path, opened: Callable[..., Corpus]
) -> None:
    opened(folder)
    sleep_past_the_clock_tick()
    path = folder / "2.c"
    status = path.stat()
    path.write_bytes(TEXT[2:].replace(b"int", b"INT"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert opened(folder).built


def test_settings_that_change_the_text_change_the_cache_and_the_split_does_not(
    folder: Path, opened: Callable[..., Corpus]
) -> None:
    opened(folder)
    assert not opened(folder, split=(0.5, 0.5, 0.0)).built
    for options in (
        {"vocabulary": "chars"},
        {"shuffle": False},
        {"shuffle_seed": 1},
        {"deduplicate": False},
        {"exclude": ("2.c",)},
        {"include": ("*.c",)},
    ):
        assert opened(folder, **options).built
        assert not opened(folder, **options).built


def test_a_cached_corpus_that_was_cut_at_any_place_is_rebuilt(
    folder: Path, tmp_path: Path, opened: Callable[..., Corpus]
) -> None:
    text = text_of(opened(folder))
    (path,) = cached_files(tmp_path)
    whole = path.read_bytes()
    for length in [0, 1, 63, 64, 1000, len(text), len(whole) - 57, len(whole) - 56, len(whole) - 1]:
        path.write_bytes(whole[:length])
        again = opened(folder)
        assert again.built
        assert text_of(again) == text
        assert not opened(folder).built


@pytest.mark.parametrize("touched", [True, False])
def test_a_cached_corpus_with_a_changed_byte_is_rebuilt(
    folder: Path, tmp_path: Path, opened: Callable[..., Corpus], touched: bool
) -> None:
    text = text_of(opened(folder))
    (path,) = cached_files(tmp_path)
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    whole = path.read_bytes()
    for place in [0, 500, len(text) - 1, len(text) + 3, len(whole) - 60, len(whole) - 40, len(whole) - 1]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        if not touched:
            os.utime(path, ns=times)
        again = opened(folder)
        assert again.built
        assert text_of(again) == text


def test_a_large_cached_corpus_that_was_written_to_is_read_whole_and_rebuilt(
    tmp_path: Path, opened: Callable[..., Corpus]
) -> None:
    (tmp_path / "large.c").write_bytes(TEXT * (66_000_000 // len(TEXT)))
    opened(tmp_path / "large.c")
    (path,) = cached_files(tmp_path)
    os.utime(path)  # another time, the same bytes: looked at once, and trusted again
    assert not opened(tmp_path / "large.c").built
    assert not opened(tmp_path / "large.c").built
    with path.open("r+b") as file:
        file.seek(33_333_333)
        file.write(b"#")
    assert opened(tmp_path / "large.c").built


def test_what_came_through_a_pipe_is_found_again_by_its_fingerprint(tmp_path: Path) -> None:
    config = CorpusConfig(sources=("-",))
    first = open_corpus(config, cache_dir=tmp_path / "cache", stdin=io.BytesIO(TEXT))
    again = open_corpus(config, cache_dir=tmp_path / "cache", stdin=io.BytesIO(b""), known=first.fingerprint)
    assert not again.built
    assert text_of(again) == TEXT
    assert len(cached_files(tmp_path)) == 1
    with pytest.raises(CorpusError, match="standard input is empty"):
        open_corpus(config, cache_dir=tmp_path / "elsewhere", stdin=io.BytesIO(b""), known=first.fingerprint)


def test_the_cache_lies_where_the_environment_says(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "there"))
    open_corpus(CorpusConfig(sources=(str(folder),)))
    assert list((tmp_path / "there" / "corpora").glob("*.corpus"))


def test_corpora_that_nobody_opened_for_a_month_are_removed_when_another_is_built(
    folder: Path, tmp_path: Path, opened: Callable[..., Corpus]
) -> None:
    opened(folder)
    opened(folder, shuffle_seed=1)
    old, used = cached_files(tmp_path)
    for path, days in [(old, 31), (used, 29)]:
        os.utime(path, ns=(time.time_ns() - days * 86_400 * 10**9, path.stat().st_mtime_ns))
    opened(folder, shuffle_seed=2)
    assert old not in cached_files(tmp_path)
    assert used in cached_files(tmp_path)


def process(cache: Path, *sources: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OPEN, *map(str, sources)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"RNNLAB_CACHE": str(cache)},
    )


@pytest.fixture
def slow_source(tmp_path: Path) -> Path:
    """Enough text that collecting it takes a noticeable while."""
    folder = tmp_path / "slow"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.c").write_bytes(b"/* %d */\n" % number + TEXT * 60)
    return folder


def test_processes_that_build_the_same_corpus_at_once_all_get_it_and_one_builds_it(
    slow_source: Path, tmp_path: Path
) -> None:
    running = [process(tmp_path / "cache", slow_source) for _ in range(3)]
    results = [one.communicate(timeout=300) for one in running]
    assert [one.returncode for one in running] == [0, 0, 0], results
    outputs = [out.split() for out, _ in results]
    assert len({out[0] for out in outputs}) == 1
    assert sorted(out[1] for out in outputs) == ["False", "False", "True"]
    assert [path.suffix for path in cached_files(tmp_path)] == [".corpus"]


def test_a_build_that_was_killed_leaves_nothing_that_counts(slow_source: Path, tmp_path: Path) -> None:
    whole = open_corpus(CorpusConfig(sources=(str(slow_source),)), cache_dir=tmp_path / "other")
    caught = 0
    cache = tmp_path / "cache"
    for number in range(3):
        running = process(cache, slow_source)
        while running.poll() is None and not list(cache.glob("corpora/*")):
            time.sleep(0.002)
        time.sleep(0.01 * number)
        running.send_signal(signal.SIGKILL)
        running.communicate(timeout=300)
        caught += bool(list(cache.glob("corpora/*.building")))
        corpus = open_corpus(CorpusConfig(sources=(str(slow_source),)), cache_dir=cache)
        assert corpus.fingerprint == whole.fingerprint
        assert text_of(corpus) == text_of(whole)
        (left,) = cached_files(tmp_path)
        left.unlink()
    assert caught, "no process was killed while it was building"


def test_a_full_disk_is_a_clear_error_and_leaves_nothing(slow_source: Path, tmp_path: Path) -> None:
    limit = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"  # writes fail from 1 MB on
    )
    done = subprocess.run(
        [sys.executable, "-c", limit + OPEN, str(slow_source)],
        capture_output=True,
        text=True,
        env=os.environ | {"RNNLAB_CACHE": str(tmp_path / "cache")},
    )
    assert "CorpusError" in done.stderr
    assert "the corpus cannot be cached here (file too large)" in done.stderr
    assert "RNNLAB_CACHE" in done.stderr
    assert not cached_files(tmp_path)


def test_an_interrupted_build_cleans_up_behind_itself(slow_source: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for _ in range(5):  # where it was done before the signal came, again
        running = process(cache, slow_source)
        while running.poll() is None and not list(cache.glob("corpora/*.building")):
            time.sleep(0.001)
        running.send_signal(signal.SIGINT)
        _, narration = running.communicate(timeout=300)
        if running.returncode != 0:
            break
        cached_files(tmp_path)[0].unlink()
    assert "KeyboardInterrupt" in narration
    assert not list(cache.glob("corpora/*.corpus"))
    assert open_corpus(CorpusConfig(sources=(str(slow_source),)), cache_dir=cache).built
    assert [path.suffix for path in cached_files(tmp_path)] == [".corpus"]
