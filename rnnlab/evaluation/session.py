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
from rnnlab.evaluation.contract import Source
from rnnlab.evaluation.gates import Gate, parse_gates, parse_severity
from rnnlab.evaluation.pool import Pool
from rnnlab.evaluation.process import Limits
from rnnlab.evaluation.report import Report, totals
from rnnlab.evaluation.runner import Progress, judge_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rnnlab.config import CorpusConfig
    from rnnlab.corpus import Corpus
    from rnnlab.corpus.progress import Progress as CorpusProgress
    from rnnlab.runs import RunFolder

Real = Callable[[Sequence[int]], list[Source]]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be judged, by which evaluators, against what; ``inputs`` as on the command line."""

    inputs: Sequence[str]
    plugins: Sequence[str] = ()
    settings: Sequence[str] = ()
    against: str = ""
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
    plugins = discovery.find_all(_plugins(request, run))
    with Pool(plugins, request.settings, request.limits, request.jobs or cores()) as pool:
        described = pool.start()
        gates = parse_gates(request.fail_under, described)
        patterns = list(request.include) or sorted({p for one in described.values() for p in one.files})
        texts, scored = _texts(request, run, patterns, watch)
        corpus_name, real = _real(request, run, patterns, watch)
        outcome = judge_all(pool, texts, watch.judging)
        failures = list(outcome.failures)
        baseline = []
        if real is not None:
            beside = judge_all(pool, real([len(text.text) for text in texts]), watch.comparing)
            baseline = totals(tuple(beside.judged))
            failures += beside.failures
        printed = [name for name, lane in pool.lanes.items() if lane.printed]
    for name in printed:
        watch.say(f"{name} printed while it judged; that was caught and is not part of the report")
    report = Report(tuple(outcome.judged), described, tuple(failures), tuple(baseline), corpus_name)
    return Result(report, gates, run, scored)


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def find_run_input(inputs: Sequence[str], runs_dir: Path | None) -> RunFolder | None:
    """The run that the inputs name; None where they are files, folders or standard input.

    Raises:
        RunError: for a name that is nothing, and for a run among other inputs.
    """
    strange = [n for n in inputs if n != "-" and (not Path(n).exists() or (Path(n) / "run.json").is_file())]
    if not strange:
        return None
    from rnnlab import runs

    folder = runs.runs_dir(runs_dir)
    try:
        run = runs.find_run(strange[0], folder)
    except RunError as error:
        if "/" in strange[0] or "." in strange[0]:
            raise RnnlabError(strange[0], "there is no such file, folder or run") from None
        raise RunError(
            error.thing, f"there is no such file or folder, and no such run in {folder}", error.next_step
        ) from None
    if len(inputs) > 1:
        raise RunError(run.name, "is a run, and runs are judged one at a time", "Name it alone.")
    return run


def _plugins(request: Request, run: RunFolder | None) -> Sequence[str]:
    if request.plugins:
        return request.plugins
    if run is not None:
        from rnnlab.runs import read_manifest

        used = read_manifest(run).config.evaluation.plugins
        if used:
            return used
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
    for name in request.inputs:
        if name == "-":
            texts.append(sources.read_stream(sys.stdin.buffer, whole=request.whole))
        else:
            paths.update(dict.fromkeys(sources.collect([name], patterns)))
    return texts + [sources.read(path, whole=request.whole) for path in paths], frozenset()


def _real(request: Request, run: RunFolder | None, patterns: Sequence[str], watch: Watch) -> tuple[str, Real | None]:
    """The name of the real corpus and what cuts texts from it; nothing where none was asked for."""
    if not request.against and run is None:
        return "", None
    from rnnlab.config import CorpusConfig

    if request.against:
        include = tuple(patterns) or ("*",)
        corpus = _open(CorpusConfig(sources=(request.against,), include=include), watch)
        part = corpus.whole
        name = Path(request.against).name
    else:
        assert run is not None
        from rnnlab.runs import read_manifest

        manifest = read_manifest(run)
        try:
            corpus = _open(manifest.config.corpus, watch, manifest.corpus)
        except CorpusError as error:
            watch.say(f"no column of real text: {error.thing}: {error.reason}")
            return "", None
        part = corpus.parts.validation if corpus.parts.validation.length else corpus.whole
        name = f"{corpus.name} ({part.name} part)"

    def cut(sizes: Sequence[int]) -> list[Source]:
        from rnnlab.evaluation.baseline import corpus_samples

        return corpus_samples(part, corpus.vocabulary, sizes, seed=request.seed)

    return name, cut


def _open(config: CorpusConfig, watch: Watch, known: dict[str, object] | None = None) -> Corpus:
    from rnnlab.corpus import open_corpus

    return open_corpus(config, progress=watch.corpus, known=known)
