"""A run's previews, judged by step with the run's own evaluators; missing scores are filled in."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.evaluation.history import run_texts
from rnnlab.evaluation.session import Request, judge
from rnnlab.events import SampleEvent, ScoreEvent
from rnnlab.runs import EventReader, Recorder, RunFolder, RunLock, effective, read_manifest, write_manifest

Program = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, str], Path]


def test_a_run_is_judged_step_by_step_with_its_own_evaluators_and_missing_scores_are_filled_in_once(
    rnnlab: Program, run: RunFolder
) -> None:
    done = rnnlab("eval", "one")
    assert done.returncode == 0, done.stderr
    table = [line.split() for line in done.stdout.split("\n")]
    assert ["10", "2", "0.0000", "0.0000"] in table
    assert ["20", "2", "0.3333", "0.0000"] in table
    assert ["30", "2", "1.0000", "0.0000"] in table
    assert not any(row[:1] == ["40"] for row in table)
    assert any(row[:2] == ["corpus", "(validation"] for row in table)
    assert "missing scores" in done.stderr
    scores = [event for event in effective(EventReader(run.events_path).read()) if isinstance(event, ScoreEvent)]
    assert [(score.step, score.samples, score.scores[0].count, score.scores[0].total) for score in scores] == [
        (10, 2, 0, 6),
        (20, 2, 2, 6),
        (30, 2, 6, 6),
    ]
    assert scores[0].corpus_scores[0].total > 0
    before = run.events_path.read_bytes()
    again = rnnlab("eval", "one")
    assert "missing scores" not in again.stderr
    assert run.events_path.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--fail-under", "vowels=1", "--fail-on", "info"], 0, ""),  # step 10 has none, step 20 a third
        (["--fail-under", "xs=0", "--fail-on", "error"], 0, ""),
        (["--fail-under", "vowels=0.9"], 1, "at step 1,050: vowels.vowels: 0.8000 (4 of 5) is under 0.9"),
        (["--fail-on", "error"], 1, "at step 1,050: findings of severity error: 1"),
        (
            ["--fail-on", "info", "--fail-under", "vowels.vowels=1"],
            1,
            "at step 1,050: vowels.vowels: 0.8000 (4 of 5) is under 1; findings of severity info or worse: 1",
        ),
    ],
)
def test_what_is_demanded_of_a_run_is_demanded_of_its_newest_step(
    rnnlab: Program, run: RunFolder, options: list[str], code: int, said: str
) -> None:
    if code:
        with Recorder(run) as recorder:
            (run.samples / "step-1050-0.txt").write_text("aeiob!")
            sample = {"prompt": "\n", "temperature": 0.8, "seed": 0, "text": "aeiob!"}
            recorder.append(SampleEvent(step=1050, file="step-1050-0.txt", index=0, **sample))  # type: ignore[arg-type]  # by name
    done = rnnlab("eval", "one", "--no-record", "-f", "concise", *options)
    assert (done.returncode, done.stderr) == (code, f"error: {said}\n" if said else "")


def test_a_preview_is_judged_with_its_prompt_as_beside_the_training(run: RunFolder) -> None:
    with Recorder(run) as recorder:
        for file, prompt in (("step-10-0.txt", "ae"), ("step-10-1.txt", "\n")):
            recorder.append(
                SampleEvent(step=50, file=file, index=0, prompt=prompt, temperature=0.8, seed=0, text="bcd")
            )
    judged = [source for source in run_texts(run).sources if source.step == 50]
    assert [(source.prompt, source.text) for source in judged] == [("ae", "aebcd"), ("", "bcd")]


def test_a_run_that_is_being_trained_is_judged_and_not_written_to(rnnlab: Program, run: RunFolder) -> None:
    before = run.events_path.read_bytes()
    with RunLock(run):
        done = rnnlab("eval", "one")
    assert done.returncode == 0
    assert "were not written into the run" in done.stderr
    assert run.events_path.read_bytes() == before


def test_the_options_of_a_run_s_evaluators_hold_for_its_previews_too(plugin: Write, run: RunFolder) -> None:
    letters = plugin(
        "letters",
        """
        from dataclasses import dataclass

        class Letters:
            rules = {}
            metrics = {"of-them": "These letters of characters."}

            @dataclass(frozen=True)
            class Options:
                which: str = "a"

            def __init__(self, options):
                self.which = options.which

            def evaluate(self, source):
                count = sum(source.text.count(letter) for letter in self.which)
                return Evaluation(metrics=(Metric(name="of-them", count=count, total=len(source.text)),))
        """,
    )
    manifest = read_manifest(run)
    evaluation = dataclasses.replace(
        manifest.config.evaluation, plugins=(str(letters),), settings=("letters.which=bcd",)
    )
    config = dataclasses.replace(manifest.config, evaluation=evaluation)
    write_manifest(run, dataclasses.replace(manifest, config=config))
    counts = {
        asked: judge(Request([run.name], plugins, asked, runs_dir=run.path.parent)).report.totals[0].count
        for plugins, asked in (((), ()), ((), ("letters.which=b",)), ((str(letters),), ("letters.which=a",)))
    }
    assert counts == {(): 10, ("letters.which=b",): 4, ("letters.which=a",): 4}


def test_what_could_not_be_judged_of_the_real_text_has_its_column_s_name_and_is_counted_apart(
    rnnlab: Program, plugin: Write, run: RunFolder
) -> None:
    raises = plugin("raises", "@evaluator()\ndef raises(source): raise ValueError('no')")
    done = rnnlab("eval", run.name, "-p", raises, "--no-record")
    assert done.returncode == 1
    assert "corpus-0" not in done.stdout
    (real,) = [line for line in done.stdout.split("\n") if "real text" in line]
    pieces = re.search(r"could not judge: raises on corpus \(validation part\), (\d+) pieces of real text: ", real)
    assert pieces, real
    assert f"error: 6 verdicts are missing, and {pieces[1]} on the real text beside\n" in done.stderr
    values = json.loads(rnnlab("eval", run.name, "-p", raises, "--no-record", "-f", "json").stdout)
    assert sum(failure["count"] for failure in values["failures"] if not failure["real"]) == 6
    assert {f["source"] for f in values["failures"] if f["real"]} == {"corpus (validation part)"}
