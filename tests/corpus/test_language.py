"""A corpus's language is told by names."""

from __future__ import annotations

import pytest

from rnnlab.corpus.language import language_of

C = ("*.c", "*.h")


@pytest.mark.parametrize(
    ("sources", "include", "language"),
    [
        (["kernel.c"], C, "c"),
        (["linux.c.xz", "list.h"], C, "c"),
        (["linux/"], C, "c"),
        (["linux-6.1"], C, "c"),
        (["linux-6.1.tar.xz"], C, "c"),
        (["linux-6.1.tar.xz"], ("*.py",), "python"),
        (["war-and-peace.txt"], C, ""),
        (["war-and-peace.txt.gz"], C, ""),
        (["kernel.c", "book.txt"], C, ""),
        (["-"], C, ""),
        (["tool.py"], C, "python"),
    ],
)
def test_a_corpus_is_in_the_language_of_its_files(sources: list[str], include: tuple[str, ...], language: str) -> None:
    assert language_of(sources, include) == language
