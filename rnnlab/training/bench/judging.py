"""How fast c-syntax judges C, against parsing the same text and doing nothing with the tree.

The text is C that comes with rnnlab, or the reader's own. The evaluator is called in this process: what
a worker process costs is paid once for a run, not for each text.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Sequence

import tree_sitter_c
from tree_sitter import Language, Parser

from rnnlab.errors import RnnlabError
from rnnlab.evaluation import Source
from rnnlab.evaluation.discovery import find
from rnnlab.evaluation.loading import load, make
from rnnlab.evaluation.sources import collect, read
from rnnlab.training.bench.turns import Contender, Effort, Measurement, take_turns

_EVALUATOR = "c-syntax"


def c_texts() -> dict[str, str]:
    """The C sources that rnnlab compiles, by their names."""
    folder = importlib.resources.files("rnnlab.model.native")
    return {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith((".c", ".h"))}


def read_texts(names: Sequence[str]) -> list[Source]:
    """The texts of the files that are named, and of those of C in the folders, as ``rnnlab eval`` takes them.

    Raises:
        RnnlabError: for a name that stands for none, and a file that cannot be read or holds no text.
    """
    sources = [read(path) for path in collect(names, ("*.c", "*.h"))]
    if not any(source.text for source in sources):
        raise RnnlabError(" ".join(names), "there is nothing in it to judge", "Name a file that holds C.")
    return sources


def measure_judging(effort: Effort, own: Sequence[Source] = ()) -> Measurement:
    """c-syntax over all texts, ``own`` or those that come with rnnlab, one after another, against a bare parse.

    Raises:
        EvaluatorError: where c-syntax is not installed.
    """
    plugin = find(_EVALUATOR)
    evaluator = make(plugin.name, load(plugin.name, plugin.target, plugin.is_file), {})
    sources = own or [Source(text=text, name=name, start_cut=False, end_cut=False) for name, text in c_texts().items()]
    raw = [source.text.encode("utf-8", "replace") for source in sources]
    parser = Parser(Language(tree_sitter_c.language()))
    contenders = [
        Contender(lambda: [evaluator.evaluate(source) for source in sources]),
        Contender(lambda: [parser.parse(text) for text in raw]),
    ]
    ours, bare = take_turns(contenders, effort)
    megabytes = sum(map(len, raw)) / 1e6
    subject = {"evaluator": _EVALUATOR, "device": "cpu"} | ({"text": "your own"} if own else {})
    notes = {"threads": 1, "texts": len(sources), "bytes": sum(map(len, raw))}
    return Measurement(subject, "megabytes", megabytes / ours, megabytes / bare, notes)
