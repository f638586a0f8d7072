"""Memory does not grow with the corpus."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

BUILD = """
import resource, sys
from rnnlab.config import CorpusConfig
from rnnlab.corpus import open_corpus
corpus = open_corpus(CorpusConfig(sources=(sys.argv[1],), vocabulary="chars"))
streams = corpus.parts.train.streams(64)
for start in range(0, streams.length - 64, streams.length // 8):
    streams.read(start, start + 64)
unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
print(corpus.length, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit)
"""
TEXT = "".join(f"static int väriable_{number} = {number * number};\n" for number in range(20_000)).encode()


def megabytes_to_build(source: Path, cache: Path) -> tuple[int, int]:
    """Characters of the corpus, and the most memory that collecting, encoding and reading it ever took."""
    environment = os.environ | {"RNNLAB_CACHE": str(cache)}
    done = subprocess.run([sys.executable, "-c", BUILD, str(source)], capture_output=True, check=True, env=environment)
    characters, memory = map(int, done.stdout.split())
    return characters, memory


@pytest.mark.parametrize("kind", ["file", "folder", "archive"])
def test_a_corpus_ten_times_as_large_takes_no_more_memory(tmp_path: Path, kind: str) -> None:
    memory = {}
    for copies in (12, 120):
        source = tmp_path / f"{copies}"
        source.mkdir()
        if kind == "file":
            source /= "all.c"
            with source.open("wb") as file:
                for _ in range(copies):
                    file.write(TEXT)
        else:
            for number in range(copies):
                (source / f"{number}.c").write_bytes(b"/* %d */\n" % number + TEXT)
        if kind == "archive":
            with tarfile.open(source.with_suffix(".tar"), "w") as tar:
                tar.add(source, "top")
            source = source.with_suffix(".tar")
        characters, memory[copies] = megabytes_to_build(source, tmp_path / "cache")
        assert characters >= copies * 700_000
    assert memory[120] < memory[12] + 24
