"""From what a user asks for to a report: texts, plugins, the real corpus beside them, the verdicts.

Everything that can be refused is refused before the first text is judged. Draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rnnlab.cores import usable_cores
from rnnlab.errors import EvaluatorError, RnnlabError, RunError
from rnnlab.evaluation import beside, discovery, sources
from rnnlab.evaluation.beside import Other
from rnnlab.evaluation.gates import Gate, parse_gates, parse_severity
from rnnlab.evaluation.gathering import Gathering, Texts
from rnnlab.evaluation.headings import told_apart
from rnnlab.evaluation.pool import Pool, Progress
from rnnlab.evaluation.process import Limits
from rnnlab.evaluation.report import Column, Report, totals
from rnnlab.evaluation.runner import Outcome, judge_all
from rnnlab.evaluation.takers import Takers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rnnlab.corpus.progress import Progress as CorpusProgress
    from rnnlab.runs import RunFolder


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
    """The report, what it must reach, the run that was judged with the scores that it has already, and what of
    folders could not be read."""

    report: Report
    gates: Sequence[Gate] = ()
    run: RunFolder | None = None
    scored: frozenset[tuple[str, int]] = frozenset()
    unread: frozenset[str] = frozenset()


def judge(request: Request, watch: Watch | None = None) -> Result:
    """Do it.

    Raises:
        RnnlabError: for anything asked for that cannot be had.
    """
    watch = watch or Watch()
    parse_severity(request.fail_on)
    run = find_run_input(request.inputs, request.runs_dir, request.include)
    names, settings = _evaluators(request, run)
    with Pool(discovery.find_all(names), settings, request.limits, request.jobs or usable_cores()) as pool:
        described = pool.start(progress=watch.starting)
        gates = parse_gates(request.fail_under, described)
        takers = Takers(list(pool.lanes), described, request.include)
        gathering = Gathering(takers, watch.say, whole=request.whole)
        if run is not None:
            texts, scored = _run_texts(run, takers, watch)
        else:
            texts, scored = gathering.texts(request.inputs), frozenset()
        others = _others(request, run, takers, texts, watch)
        outcome = _judged(pool, texts, watch.judging)
        failures = list(outcome.failures)
        columns = []
        for other in others:
            pieces = _judged(pool, other.pieces(texts), watch.comparing)
            columns.append(Column(other.name, tuple(totals(tuple(pieces.judged)))))
            failures += [replace(failure, source=other.name, real=True) for failure in pieces.failures]
        printed = [name for name, lane in pool.lanes.items() if lane.printed]
    for name in printed:
        watch.say(f"{name} printed while it judged; that was caught and is not part of the report")
    for unread in gathering.unread:
        outcome.judged.append(unread.judged())
        failures += unread.failures()
    report = Report(tuple(outcome.judged), described, tuple(failures), tuple(columns))
    return Result(report, gates, run, scored, frozenset(unread.name for unread in gathering.unread))


def _judged(pool: Pool, texts: Texts, progress: Progress | None) -> Outcome:
    return judge_all(pool, [text for text, _ in texts], progress, [takers for _, takers in texts])


def find_run_input(inputs: Sequence[str], runs_dir: Path | None, include: Sequence[str]) -> RunFolder | None:
    """The run that the inputs name; None where they are files, folders or standard input.

    Raises:
        RnnlabError: for a name that is nothing, for a run among other inputs, and for a folder of runs of which
            nobody says, by ``include``, which files to take.
    """
    if "" in inputs:
        raise RnnlabError("''", "is no file, folder or run", "Name one.")
    strange = [name for name in inputs if name != "-" and _is_strange(name)]
    if not strange:
        _refuse_folders_of_runs([name for name in inputs if not include and Path(name).is_dir()])
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


def _refuse_folders_of_runs(names: Sequence[str]) -> None:
    for name in names:
        from rnnlab.runs import list_runs  # slow to import, and most inputs are files

        if found := list_runs(Path(name)):
            raise RunError(name, "is a folder of runs", f"Name one of them, such as {found[0].path}.")


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


def _run_texts(run: RunFolder, takers: Takers, watch: Watch) -> tuple[Texts, frozenset[tuple[str, int]]]:
    from rnnlab.evaluation.history import run_texts

    found = run_texts(run)
    if found.missing:
        watch.say(f"{found.missing} sample files of {run.name} are gone; the others are judged")
    return [(source, takers.everyone) for source in found.sources], found.scored


def _others(request: Request, run: RunFolder | None, takers: Takers, texts: Texts, watch: Watch) -> list[Other]:
    """What texts of the same lengths are cut from: a run's own held-out text first, then what was asked for."""
    others = [] if run is None else beside.of_run(run, takers.everyone, request.seed, watch.corpus, watch.say)
    groups = [group for group in takers.groups if any(group[1] & who for _, who in texts)]
    for source, heading in told_apart(request.against).items():
        others.append(replace(beside.of_source(source, groups, request.seed, watch.corpus), name=heading))
    return others
