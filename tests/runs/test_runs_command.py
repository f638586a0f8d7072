"""``rnnlab runs`` as a person and as a script use it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from runs.laboratory import a_run, record, start, step, validation
from typer.testing import CliRunner, Result

from rnnlab.cli.app import app
from rnnlab.config import CorpusConfig, ModelConfig, RunConfig
from rnnlab.events import (
    DivergenceEvent,
    EndEvent,
    NoteEvent,
    SampleEvent,
    Score,
    ScoreEvent,
    StepEvent,
)
from rnnlab.runs import Inbox, Recorder, RunFolder, RunLock, SampleNow, SetLearningRate, acknowledge
from rnnlab.runs.series import FIELDS

Runs = Callable[..., Result]
HOSTILE = "int \x1b]0;title\x07\x1b[31m[/b][red]\u202e\x9b2J\x00main\tx\n}"


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    return tmp_path / "lab"


@pytest.fixture
def runs(lab: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    monkeypatch.setenv("RNNLAB_RUNS", str(lab))

    def invoke(*arguments: str, given: str | None = None) -> Result:
        return CliRunner().invoke(app, ["runs", *arguments], input=given)

    return invoke


def sample(number: int, text: str) -> SampleEvent:
    return SampleEvent(step=number, file="s.txt", index=0, prompt="", temperature=0.8, seed=1, text=text)


def learned(lab: Path, name: str = "one", *, hidden: int = 128, bits: float = 2.0) -> RunFolder:
    config = RunConfig(corpus=CorpusConfig(sources=("linux.c",)), model=ModelConfig(hidden=hidden))
    score = Score(name="brackets", count=19, total=20, better="higher")
    return a_run(
        lab,
        name,
        start(),
        *(step(number, math.log(2) * (bits + 2 / number)) for number in range(1, 101)),
        validation(50, bits + 0.1),
        validation(100, bits, best=True),
        ScoreEvent(step=100, plugin="c-syntax", samples=4, scores=(score,), corpus_scores=(score,)),
        sample(100, HOSTILE),
        NoteEvent(step=100, text="a \x1b[2J note"),
        EndEvent(step=100, state="finished", reason="100 steps are done"),
        config=config,
    )


def test_a_lab_without_runs_says_how_to_start_one(runs: Runs) -> None:
    result = runs()
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "rnnlab train CORPUS" in result.stderr
    assert json.loads(runs("--json").stdout) == []


def test_the_list_is_plain_complete_and_newest_first_where_it_is_no_terminal(runs: Runs, lab: Path) -> None:
    for age, name in enumerate(("new", "old")):
        run = learned(lab, name)
        os.utime(run.manifest_path, (time.time() - age, time.time() - age))
    result = runs()
    header, first, second = result.stdout.splitlines()
    assert header.split()[:3] == ["run", "state", "corpus"]
    assert first.startswith("new  finished  linux.c  lstm 2×128  10.2 M  100/100 100 %")
    assert second.startswith("old")
    assert "2.000  2.000" in first
    assert "\x1b" not in result.stdout
    assert [line.split()[0] for line in runs("list").stdout.splitlines()] == ["run", "new", "old"]


def test_a_folder_with_a_hostile_name_is_listed_harmlessly(runs: Runs, lab: Path) -> None:
    learned(lab).path.rename(lab / "x\x1b[31m\n[b]")
    assert runs().stdout.splitlines()[1].startswith("x␛[31m␊[b]  finished")
    assert json.loads(runs("--json").stdout)[0]["name"] == "x\x1b[31m\n[b]"


def test_the_list_as_json_has_every_value_and_is_strict(runs: Runs, lab: Path) -> None:
    run = learned(lab)
    record(run, start(100), step(101, math.nan))
    (one,) = json.loads(runs("--json").stdout, parse_constant=pytest.fail)
    assert (one["name"], one["state"], one["best_bits"], one["step"]) == ("one", "stale", 2.0, 101)
    assert one["scores"]["c-syntax.brackets"] == {"count": 19, "total": 20, "better": "higher"}
    assert one["settings"]["model.hidden"] == 128
    assert one["trainer"] is None


def test_a_run_is_shown_with_settings_results_checkpoints_and_its_sample_made_safe(runs: Runs, lab: Path) -> None:
    run = learned(lab, hidden=77)
    for number in (50, 100):
        (run.checkpoints / f"step-{number:08}").mkdir()
    (run.checkpoints / "best").symlink_to("step-00000050")
    (run.checkpoints / "last").symlink_to("step-00000100")
    text = runs("show", "one").stdout
    assert "finished: 100 steps are done" in text
    assert "model.hidden    77" in text
    assert "training.window" not in text
    assert "training.window" in runs("show", "one", "--all").stdout
    assert "best 2.0000 at step 100" in text
    assert "95.0 % (19 of 20); the corpus: 95.0 %" in text
    assert "step-00000050  best\n" in text
    assert "[/b][red]" in text  # markup is text
    assert not set(text) & {"\x1b", "\x07", "\x9b", "\x00", "\u202e"}
    page = json.loads(runs("show", "one", "--json").stdout)
    assert page["sample"]["text"] == HOSTILE
    assert page["checkpoint_links"] == {"best": "step-00000050", "last": "step-00000100"}


def test_a_run_may_be_named_by_its_folder(runs: Runs, lab: Path, tmp_path: Path) -> None:
    learned(lab)
    assert "finished" in runs("show", str(lab / "one")).stdout
    elsewhere = learned(tmp_path / "elsewhere", "two")
    assert "finished" in runs("show", "two", "--runs-dir", str(elsewhere.path.parent)).stdout
    assert "finished" in runs("--runs-dir", str(elsewhere.path.parent), "show", "two").stdout


@pytest.mark.parametrize("name", ["on", "../lab", "", ".", "..", "/", "one/../../x", "\x1b[31m"])
def test_a_run_that_is_not_there_is_named_with_what_there_is(runs: Runs, lab: Path, name: str) -> None:
    learned(lab)
    result = runs("show", name)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.splitlines()) <= 2
    assert "\x1b" not in result.stderr
    if name == "on":
        assert "There are for example: one" in result.stderr


def test_comparing_shows_what_differs_the_best_and_the_curves(runs: Runs, lab: Path) -> None:
    learned(lab, "small", hidden=64, bits=2.5)
    learned(lab, "large", hidden=512, bits=1.75)
    text = runs("compare", "small", "large").stdout
    assert "model.hidden  64     512" in text
    assert "model.layers" not in text
    assert any(line.split() == ["best", "validation,", "bits", "2.5000", "1.7500", "*"] for line in text.splitlines())
    assert "● small   ○ large" in text
    assert text.count("●") > 10
    assert text.count("○") > 10
    values = json.loads(runs("compare", "small", "large", "--json").stdout)
    assert values["differences"] == {"model.hidden": {"small": 64, "large": 512}}
    assert values["curves"]["large"][-1]["step"] == 100
    assert runs("compare", "small").exit_code == 2


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_export_writes_what_counts_with_all_digits(runs: Runs, lab: Path, tmp_path: Path) -> None:
    run = a_run(
        lab,
        "one",
        start(),
        step(1, 1 / 3),
        step(2, math.inf),
        validation(2, 2.0),
        start(1),
        step(2, 0.1),
        step(3),
        DivergenceEvent(step=3, reason="nan", restored_step=2, learning_rate_factor=0.5, attempt=1),
        step(3, 0.2),
    )
    table = rows(runs("export", "one", "--csv", "-").stdout)
    assert [(row["event"], row["step"], float(row["loss"])) for row in table] == [
        ("step", "1", 1 / 3),
        ("step", "2", 0.1),
        ("step", "3", 0.2),
    ]
    assert set(FIELDS) <= set(table[0])
    target = tmp_path / "out.csv"
    target.write_text("mine")
    assert runs("export", "one", "--csv", str(target)).exit_code == 2
    assert target.read_text() == "mine"
    result = runs("export", "one", "--csv", str(target), "--kind", "divergence", "--kind", "start", "--force")
    assert "wrote 3 rows" in result.stderr
    assert [row["event"] for row in rows(target.read_text())] == ["start", "start", "divergence"]
    assert [row["step"] for row in rows(target.read_text())] == ["0", "1", "3"]
    record(run, sample(3, 'a "quoted"\ntext,'))
    assert rows(runs("export", "one", "--csv", "-", "--kind", "sample").stdout)[0]["text"] == 'a "quoted"\ntext,'


def test_export_gives_one_row_per_score_and_refuses_an_unknown_kind(runs: Runs, lab: Path, tmp_path: Path) -> None:
    learned(lab)
    table = rows(runs("export", "one", "--csv", "-", "--kind", "score").stdout)
    assert [(row["text"], row["name"], row["count"], row["total"]) for row in table] == [
        ("model", "brackets", "19", "20"),
        ("corpus", "brackets", "19", "20"),
    ]
    result = runs("export", "one", "--csv", str(tmp_path / "never"), "--kind", "colour")
    assert result.exit_code == 2
    assert "no kind of event" in result.stderr
    assert not (tmp_path / "never").exists()


def test_removing_asks_and_a_training_run_is_refused(runs: Runs, lab: Path) -> None:
    run = learned(lab)
    other = learned(lab, "two")
    refused = runs("rm", "one")  # nobody to ask: standard input is no terminal
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    with RunLock(other):
        refused = runs("rm", "one", "two", "--yes")
        assert refused.exit_code == 2
        assert "is being trained by" in refused.stderr
    assert run.exists
    assert runs("rm", "one", "two", "--yes").exit_code == 0
    assert list(lab.iterdir()) == []


def test_removing_in_a_terminal_asks_and_no_means_no(lab: Path) -> None:
    import pty

    run = learned(lab)
    for answer, left in ((b"n\n", True), (b"y\n", False)):
        master, slave = pty.openpty()
        with subprocess.Popen(
            [sys.executable, "-m", "rnnlab", "runs", "rm", "one", "--runs-dir", str(lab)],
            stdin=slave, stdout=slave, stderr=slave,
        ) as process:  # fmt: skip
            os.close(slave)
            os.write(master, answer)
            process.wait(timeout=300)
        os.close(master)
        assert run.exists is left
        assert process.returncode == (1 if left else 0)


def test_renaming_keeps_the_run_and_refuses_what_cannot_be(runs: Runs, lab: Path) -> None:
    learned(lab)
    learned(lab, "two")
    for name in ("two", "../x", "a/b", "", ".hidden", "-x", "a" * 121, "new\nline"):
        assert runs("rename", "one", "--", name).exit_code == 2, name
    with RunLock(RunFolder(lab / "one")):
        assert "is being trained by" in runs("rename", "one", "three").stderr
    assert runs("rename", "one", "three").exit_code == 0
    assert "finished" in runs("show", "three").stdout
    assert runs("show", "one").exit_code == 2


def answering(run: RunFolder, *, accepted: bool = True) -> threading.Thread:
    """A trainer that takes one command and answers it."""

    def work() -> None:
        inbox = Inbox(run, interval=0.0)
        with Recorder(run) as recorder:
            until = time.monotonic() + 120
            while not (commands := inbox.take()) and time.monotonic() < until:
                time.sleep(0.01)
            for command in commands:
                detail = f"now {command.value:g}" if isinstance(command, SetLearningRate) else "no such symbol"
                recorder.append(acknowledge(command, accepted=accepted, detail=detail, step=100))
                if isinstance(command, SampleNow) and accepted:
                    recorder.append(sample(99, "an old preview"))
                    recorder.append(
                        SampleEvent(
                            step=100, file="f", index=0, prompt=command.prompt, temperature=0.5, seed=0,
                            text=HOSTILE, requested=True,
                        )
                    )  # fmt: skip

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_steering_waits_for_the_answer_and_shows_it(runs: Runs, lab: Path) -> None:
    run = learned(lab)
    with RunLock(run):
        trainer = answering(run)
        result = runs("control", "one", "learning-rate", "0.0005", "--reason", "a plateau")
        trainer.join()
        assert result.exit_code == 0
        assert "learning-rate accepted at step 100: now 0.0005" in result.stderr
        trainer = answering(run)
        result = runs("control", "one", "pause", "--json")
        trainer.join()
        assert json.loads(result.stdout)["command"] == "pause"
        trainer = answering(run)
        result = runs("control", "one", "sample", "--prompt", "int ")
        trainer.join()
        assert result.stdout.startswith("int ␛]0;title")
        assert "\x1b" not in result.stdout


def test_a_refusal_by_the_trainer_is_exit_code_1_and_wrong_usage_2(runs: Runs, lab: Path) -> None:
    run = learned(lab)
    assert runs("control", "one", "learning-rate").exit_code == 2
    assert runs("control", "one", "learning-rate", "0").exit_code == 2
    assert runs("control", "one", "pause", "3").exit_code == 2
    assert runs("control", "one", "explode").exit_code == 2
    nobody = runs("control", "one", "stop")
    assert nobody.exit_code == 2
    assert "rnnlab train --resume one" in nobody.stderr
    with RunLock(run):
        trainer = answering(run, accepted=False)
        result = runs("control", "one", "sample", "--prompt", "ß")
        trainer.join()
        assert result.exit_code == 1
        assert "no such symbol" in result.stderr
        silent = runs("control", "one", "pause", "--timeout", "0.2")
        assert silent.exit_code == 2
        assert "has not answered" in silent.stderr


def test_the_shell_completes_names_of_runs(lab: Path) -> None:
    learned(lab, "linux-1")
    learned(lab, "linux-2")
    learned(lab, "war")
    learned(lab, "odd").path.rename(lab / "lin\x1b[31m")
    environment = os.environ | {
        "RNNLAB_RUNS": str(lab),
        "_RNNLAB_COMPLETE": "complete_bash",
        "COMP_WORDS": "rnnlab runs show lin",
        "COMP_CWORD": "3",
    }
    done = subprocess.run(
        [sys.executable, "-m", "rnnlab"], env=environment, capture_output=True, text=True, check=False
    )
    assert sorted(done.stdout.split()) == ["linux-1", "linux-2"]


def test_every_command_says_how_it_is_used_with_an_example(runs: Runs) -> None:
    for command in ("list", "show", "compare", "export", "rm", "rename", "control"):
        text = runs(command, "--help").stdout
        assert f"rnnlab runs {command}" in text.split("Example", 1)[1]


def test_a_step_event_is_exported_with_the_columns_that_charts_use() -> None:
    assert {name for name in StepEvent.__dataclass_fields__ if name != "kind"} == set(FIELDS)


@pytest.mark.parametrize("width", [50, 80])
@pytest.mark.parametrize(
    "words", [(), ("compare", "a-run-with-a-long-name-indeed-1", "a-run-with-a-long-name-indeed-2")]
)
def test_on_a_terminal_no_line_is_wider_than_it_and_every_run_is_told_apart(
    lab: Path, width: int, words: tuple[str, ...]
) -> None:
    names = [f"a-run-with-a-long-name-indeed-{number}" for number in (1, 2)]
    for number, name in enumerate(names):
        learned(lab, name, hidden=64 << number)
    leader, follower = os.openpty()
    command = [sys.executable, "-m", "rnnlab", "runs", *words, "--runs-dir", str(lab)]
    environment = os.environ | {"COLUMNS": str(width), "TERM": "xterm", "NO_COLOR": "1"}
    with subprocess.Popen(command, stdout=follower, stderr=subprocess.PIPE, env=environment):
        os.close(follower)
        shown = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while block := os.read(leader, 65536):
                shown += block
    os.close(leader)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).splitlines()
    if words:
        lines = lines[: lines.index("training loss, bits per character")]
    else:
        assert len(lines) == 3, "one line for the heading and one for each run"
    assert max(map(len, lines)) <= width
    for ending in ("-1", "-2"):
        assert any(ending in line and "a-" in line for line in lines)
