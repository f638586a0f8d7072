"""How fast c-syntax judges C, against parsing the same text and doing nothing with the tree.

The text is C that comes with rnnlab. The evaluator is called in this process: what a worker
process costs is paid once for a run, not for each text.
"""

from __future__ import annotations

import importlib.resources

import tree_sitter_c
from tree_sitter import Language, Parser

from rnnlab.evaluation import Source
from rnnlab.evaluation.discovery import find
from rnnlab.evaluation.loading import load, make
from rnnlab.training.bench.turns import Contender, Effort, Measurement, take_turns

_EVALUATOR = "c-syntax"


def c_texts() -> list[str]:
    """The C sources that rnnlab compiles."""
    folder = importlib.resources.files("rnnlab.model.native")
    return [file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith((".c", ".h"))]


def measure_judging(effort: Effort) -> Measurement:
    """c-syntax over all texts, one after another, against tree-sitter's parser alone.

    Raises:
        EvaluatorError: where c-syntax is not installed.
    """
    plugin = find(_EVALUATOR)
    evaluator = make(plugin.name, load(plugin.name, plugin.target, plugin.is_file), {})
    texts = c_texts()
    sources = [Source(text=text, start_cut=False, end_cut=False) for text in texts]
    raw = [text.encode() for text in texts]
    parser = Parser(Language(tree_sitter_c.language()))
    contenders = [
        Contender(lambda: [evaluator.evaluate(source) for source in sources]),
        Contender(lambda: [parser.parse(text) for text in raw]),
    ]
    ours, bare = take_turns(contenders, effort)
    megabytes = sum(map(len, raw)) / 1e6
    subject = {"evaluator": _EVALUATOR, "device": "cpu"}
    return Measurement(subject, "megabytes", megabytes / ours, megabytes / bare, {"threads": 1})
