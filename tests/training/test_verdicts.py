"""What is said of previews while a model learns: each judge by itself, troubles once, and the best writer kept."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from training_kit import Rnnlab, events_of, start, wait_for

TINY = ("--hidden", 24, "--streams", 4, "--window", 16, "--preview-length", 50, "--preview-every", 20)
HEAD = "import time\nfrom rnnlab.evaluation import Metric, evaluator\n"
COUNTS = """
@evaluator(metrics={'chars': 'All of them.'})
def counts(source):
    return [Metric(name='chars', count=len(source.text), total=len(source.text))]
"""
SLOW = """
@evaluator()
def slow(source):
    time.sleep(8)
"""
RAISES = """
@evaluator()
def raises(source):
    raise ValueError("no")
"""
LATE = """
@evaluator(metrics={{'good': 'Only late.'}})
def late(source):
    good = (source.step or 0) >= 40
    return [Metric(name='good', count={count}, total=2, better='{better}')]
"""


def write(folder: Path, name: str, code: str) -> str:
    (folder / f"{name}.py").write_text(HEAD + code)
    return f"./{name}.py"


def test_a_slow_evaluator_holds_back_no_other_s_scores_and_what_it_owes_is_told_at_the_end(
    environment: dict[str, str], c_file: Path, tmp_path: Path
) -> None:
    plugins = ("--plugin", write(tmp_path, "slow", SLOW), "--plugin", write(tmp_path, "counts", COUNTS))
    with start(environment, tmp_path, c_file, *TINY, *plugins, "--epochs", 100000, "--name", "two") as process:
        run = tmp_path / "runs" / "two"
        wait_for(run, "score", 2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert {event["plugin"] for event in events_of(run) if event["event"] == "score"} == {"counts"}
    assert re.search(
        r"warning: slow: has not judged the previews of \d steps? yet; rnnlab eval of this run does\n", said
    )


def test_an_evaluator_that_was_set_aside_is_told_once_and_not_at_every_preview(
    rnnlab: Rnnlab, c_file: Path, tmp_path: Path
) -> None:
    plugins = ("--plugin", write(tmp_path, "raises", RAISES), "--plugin", write(tmp_path, "counts", COUNTS))
    done = rnnlab("train", c_file, *TINY, *plugins, "--steps", 80, "--name", "bad")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("set aside after 3 failures in a row") == 1
    scores = [event for event in events_of(tmp_path / "runs" / "bad") if event["event"] == "score"]
    assert [event["step"] for event in scores if event["plugin"] == "counts"] == [20, 40, 60, 80]
    assert sum("set aside" in failure for event in scores for failure in event["failures"]) == 1


@pytest.mark.parametrize(
    ("better", "count", "worst", "best"),
    [
        ("higher", "int(good)", "0.0% (0 of 2)", "50.0% (1 of 2)"),
        ("lower", "2 - good", "100.0% (2 of 2)", "50.0% (1 of 2)"),
    ],
)
def test_the_worst_score_there_is_makes_no_checkpoint_the_best_and_a_better_one_does_after_a_resumption(
    better: str, count: str, worst: str, best: str, rnnlab: Rnnlab, c_file: Path, tmp_path: Path
) -> None:
    plugin = write(tmp_path, "late", LATE.format(better=better, count=count))
    keep = ("--plugin", plugin, "--keep-best", "late.good", "--preview-count", 1)
    done = rnnlab("train", c_file, *TINY, *keep, "--steps", 20, "--name", "late")
    assert done.returncode == 0, done.stderr
    assert "best-good" not in done.stderr
    assert f"no checkpoint is kept for late.good: no preview did better than {worst}" in done.stderr
    again = rnnlab("train", "--resume", "late", "--steps", 60)
    assert again.returncode == 0, again.stderr
    assert f"step 40: writes best so far: good {best}; kept as best-good" in again.stderr
    assert again.stderr.count("writes best so far") == 1
    assert "no checkpoint is kept" not in again.stderr
    assert "--checkpoint best-good" in again.stderr
    link = tmp_path / "runs" / "late" / "checkpoints" / "best-good"
    assert link.resolve().name == "step-00000040"
