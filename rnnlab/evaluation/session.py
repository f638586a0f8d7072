"""From what a user asks for to a report: texts, plugins, the real corpus beside them, the verdicts.

Everything that can be refused is refused before the first text is judged. Draws nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rnnlab.errors import CorpusError, EvaluatorError, RnnlabError, RunError
from rnnlab.evaluation import discovery, sources
from rnnlab.evaluation.baseline import corpus_samples, steadily
from rnnlab.evaluation.contract import Source
from rnnlab.evaluation.gates import Gate, parse_gates, parse_severity
from rnnlab.evaluation.pool import Pool, Progress
from rnnlab.evaluation.process import Limits
from rnnlab.evaluation.report import Column, Report, totals
from rnnlab.evaluation.runner import judge_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rnnlab.config import CorpusConfig
    from rnnlab.corpus import Corpus, Part
    from rnnlab.corpus.progress import Progress as CorpusProgress
    from rnnlab.runs import RunFolder

Real = Callable[[Sequence[int]], list[Source]]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be judged, by which evaluators, against what; ``inputs`` as on the command line."""

    inputs: Sequence[str]
    plugins: Sequence[str] = ()
    settings: Sequence[str] = ()
    against: Sequence[str] = ()
    seed: int = 0
    include: Sequence[str] = ()
    whole: bool = False
    limits: Limits = field(default_factory=Limits)
    jobs: int = 0
    fail_under: Sequence[str] = ()
    fail_on: str = ""
    runs_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far the work is, and what the user should know; all of it may be ignored."""

    starting: Progress | None = None
    judging: Progress | None = None
    comparing: Progress | None = None
    corpus: Callable[[CorpusProgress], None] | None = None
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Result:
    """The report, what it must reach, and the run that was judged with the scores that it has already."""

    report: Report
    gates: Sequence[Gate] = ()
    run: RunFolder | None = None
    scored: frozenset[tuple[str, int]] = frozenset()


def judge(request: Request, watch: Watch | None = None) -> Result:
    """Do it.

    Raises:
        RnnlabError: for anything asked for that cannot be had.
    """
    watch = watch or Watch()
    parse_severity(request.fail_on)
    run = find_run_input(request.inputs, request.runs_dir)
    names, settings = _evaluators(request, run)
    with Pool(discovery.find_all(names), settings, request.limits, request.jobs or cores()) as pool:
        described = pool.start(progress=watch.starting)
        gates = parse_gates(request.fail_under, described)
        patterns = list(request.include) or sorted({p for one in described.values() for p in one.files})
        texts, scored = _texts(request, run, patterns, watch)
        others = _others(request, run, patterns, watch)
        outcome = judge_all(pool, texts, watch.judging)
        failures = list(outcome.failures)
        beside = []
        for name, cut in others:
            pieces = judge_all(pool, cut(steadily([len(text.text) for text in texts])), watch.comparing)
            beside.append(Column(name, tuple(totals(tuple(pieces.judged)))))
            failures += pieces.failures
        printed = [name for name, lane in pool.lanes.items() if lane.printed]
    for name in printed:
        watch.say(f"{name} printed while it judged; that was caught and is not part of the report")
    report = Report(tuple(outcome.judged), described, tuple(failures), tuple(beside))
    return Result(report, gates, run, scored)


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def find_run_input(inputs: Sequence[str], runs_dir: Path | None) -> RunFolder | None:
    """The run that the inputs name; None where they are files, folders or standard input.

    Raises:
        RnnlabError: for a name that is nothing, and for a run among other inputs.
    """
    if "" in inputs:
        raise RnnlabError("''", "is no file, folder or run", "Name one.")
    strange = [name for name in inputs if name != "-" and _is_strange(name)]
    if not strange:
        return None
    from rnnlab import runs

    folder = runs.runs_dir(runs_dir)
    try:
        run = runs.find_run(strange[0], folder)
    except RunError as error:
        if "/" in strange[0] or "." in strange[0]:
            raise RnnlabError(strange[0], "there is no such file, folder or run", "Check the path.") from None
        raise RunError(
            error.thing, f"there is no such file or folder, and no such run in {folder}", error.next_step
        ) from None
    if len(inputs) > 1:
        raise RunError(run.name, "is a run, and runs are judged one at a time", "Name it alone.")
    return run


def _is_strange(name: str) -> bool:
    """Whether it is no file or folder of texts: a run, or nothing at all."""
    try:
        return not Path(name).exists() or (Path(name) / "run.json").is_file()
    except OSError as error:  # such as a folder that may not be entered, or a name that is too long
        raise sources.unreadable(name, error) from None


def _evaluators(request: Request, run: RunFolder | None) -> tuple[Sequence[str], Sequence[str]]:
    """The evaluators and their options: a run's own ones where none are asked for, options over its options."""
    if request.plugins:
        return request.plugins, request.settings
    if run is not None:
        from rnnlab.runs import read_manifest

        used = read_manifest(run).config.evaluation
        if used.plugins:
            return used.plugins, (*used.settings, *request.settings)
    names = ", ".join(discovery.installed()) or "none installed"
    raise EvaluatorError("", "no evaluator was named", f"Add --plugin NAME; there are: {names}.")


def _texts(
    request: Request, run: RunFolder | None, patterns: Sequence[str], watch: Watch
) -> tuple[list[Source], frozenset[tuple[str, int]]]:
    if run is not None:
        from rnnlab.evaluation.history import run_texts

        found = run_texts(run)
        if found.missing:
            watch.say(f"{found.missing} sample files of {run.name} are gone; the others are judged")
        return list(found.sources), found.scored
    texts: list[Source] = []
    paths: dict[Path, None] = {}
    for name in dict.fromkeys(request.inputs):
        if name == "-":
            texts.append(sources.read_stream(sys.stdin.buffer, whole=request.whole))
        else:
            paths.update(dict.fromkeys(sources.collect([name], patterns)))
    return texts + [sources.read(path, whole=request.whole) for path in paths], frozenset()


def _others(request: Request, run: RunFolder | None, patterns: Sequence[str], watch: Watch) -> list[tuple[str, Real]]:
    """What texts of the same lengths are cut from: a run's own held-out text first, then what was asked for."""
    from rnnlab.config import CorpusConfig

    others = []
    if run is not None:
        from rnnlab.runs import read_manifest

        manifest = read_manifest(run)
        try:
            corpus = _open(manifest.config.corpus, watch, manifest.corpus)
        except CorpusError as error:
            watch.say(f"no column of the run's own text: {error.thing}: {error.reason}")
        else:
            part = corpus.parts.validation if corpus.parts.validation.length else corpus.whole
            others.append((f"{corpus.name} ({part.name} part)", _cutter(corpus, part, request.seed)))
    for source in request.against:
        corpus = _open(CorpusConfig(sources=(source,), include=tuple(patterns) or ("*",)), watch)
        others.append((Path(source).name, _cutter(corpus, corpus.whole, request.seed)))
    return others


def _cutter(corpus: Corpus, part: Part, seed: int) -> Real:
    def cut(sizes: Sequence[int]) -> list[Source]:
        return corpus_samples(part, corpus.vocabulary, sizes, seed=seed)

    return cut


def _open(config: CorpusConfig, watch: Watch, known: dict[str, object] | None = None) -> Corpus:
    from rnnlab.corpus import open_corpus

    return open_corpus(config, progress=watch.corpus, known=known)
