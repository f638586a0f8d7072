"""The program as a user runs it, and plugins as people write them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.config import CorpusConfig, EvaluationConfig, RunConfig
from rnnlab.corpus import open_corpus
from rnnlab.events import SampleEvent, StartEvent
from rnnlab.runs import Manifest, Recorder, RunFolder, create_run, write_manifest

Program = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, str], Path]

VOWELS = """
@evaluator(
    rules={"shout": "An exclamation mark.", "x": "The letter x."},
    metrics={"vowels": "Vowels of letters.", "xs": "Letters x of letters."},
    files=("*.txt",),
)
def vowels(source):
    letters = [char for char in source.text if char.isalpha()]
    yield Metric(name="vowels", count=sum(char in "aeiou" for char in letters), total=len(letters))
    yield Metric(name="xs", count=letters.count("x"), total=len(letters), better="lower")
    for number, line in enumerate(source.text.split("\\n"), 1):
        yield Part(name=line or "empty", line=number, end_line=number)
        for column, char in enumerate(line, 1):
            if char in "!x":
                yield Finding(rule="shout" if char == "!" else "x", message=f"found {line}", symbol=char,
                              severity="error" if char == "!" else "info",
                              line=number, column=column, end_line=number, end_column=column + 1)
"""

LINES = """
from rnnlab.evaluation import Metric, evaluator

@evaluator(metrics={"full-lines": "Lines with something in them, of lines."}, files=("*.txt",))
def lines(source):
    each = source.text.split("\\n")
    return [Metric(name="full-lines", count=sum(map(bool, each)), total=len(each))]
"""


@pytest.fixture
def rnnlab(tmp_path: Path) -> Program:
    """``rnnlab(...)`` in a folder of its own; gives exit code, stdout and stderr."""

    def run(*arguments: object, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rnnlab", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=cwd or tmp_path,
            env={**os.environ, "RNNLAB_CACHE": str(tmp_path / "cache"), "RNNLAB_RUNS": str(tmp_path / "runs")},
            timeout=600,
            check=False,
        )

    return run


@pytest.fixture
def plugin(tmp_path: Path) -> Callable[[str, str], Path]:
    """``plugin(name, code)``: writes an evaluator file."""

    def write(name: str, code: str) -> Path:
        path = tmp_path / f"{name}.py"
        path.write_text("from rnnlab.evaluation import *\n" + textwrap.dedent(code))
        return path

    return write


@pytest.fixture
def vowels(plugin: Write) -> Path:
    return plugin("vowels", VOWELS)


@pytest.fixture
def run(tmp_path: Path, vowels: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run with two previews at each of three steps, a resumption, and no scores."""
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "cache"))
    corpus_file = tmp_path / "corpus.txt"
    corpus_file.write_text("some real text with vowels\n" * 200)
    corpus = open_corpus(CorpusConfig(sources=(str(corpus_file),), include=("*.txt",)))
    run = create_run(tmp_path / "runs", "one")
    config = RunConfig(
        corpus=CorpusConfig(sources=(str(corpus_file),), include=("*.txt",)),
        evaluation=EvaluationConfig(plugins=(str(vowels),)),
    )
    write_manifest(run, Manifest(config=config, corpus=corpus.fingerprint, vocabulary=corpus.vocabulary.to_json()))
    with Recorder(run) as recorder:
        recorder.append(StartEvent())
        for step, text in ((10, "bcd"), (20, "abc"), (30, "aei"), (40, "superseded!")):
            for index in range(2):
                name = f"step-{step}-{index}.txt"
                (run.samples / name).write_text(text)
                sample = {"prompt": "\n", "temperature": 0.8, "seed": 0, "text": text}
                recorder.append(SampleEvent(step=step, file=name, index=index, **sample))  # type: ignore[arg-type]  # by name
        recorder.append(StartEvent(step=30, resumed=True))
    return run


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "lines.py"
    path.write_text(LINES)
    return path
