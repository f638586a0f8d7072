"""``rnnlab bench``: the shape of what it says. How fast anything is depends on the machine, so no test asks."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnlab.errors import ConfigError
from rnnlab.training.batches import Batch
from rnnlab.training.bench.char_rnn import CharacterLoop
from rnnlab.training.bench.encoding import KINDS, measure_encoding
from rnnlab.training.bench.judging import measure_judging
from rnnlab.training.bench.sampling import cases, measure_case
from rnnlab.training.bench.sections import jobs, parse_model
from rnnlab.training.bench.training import PlainModel, measure_training
from rnnlab.training.bench.turns import Contender, Effort, Measurement, faster_threads, take_turns

CPU = torch.device("cpu")
SHORT = Effort(rounds=1, seconds=0.001)


def rnnlab(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rnnlab", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)


def check(row: dict[str, Any], unit: str = "chars") -> None:
    ours, baseline = row[f"{unit}_per_second"], row[f"baseline_{unit}_per_second"]
    assert min(ours, baseline) > 0
    assert math.isfinite(ours)
    assert row["ratio"] == ours / baseline
    assert row["device"] == "cpu"


def test_the_command_prints_json_with_a_row_for_each_optimizer_and_narrates_on_stderr() -> None:
    done = rnnlab("bench", "train", "eval", "--quick", "--model", "lstm-1x8", "--device", "cpu", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {"train", "eval", "machine"}
    rows = [(row["model"], row["optimizer"], row["baseline"]) for row in found["train"]]
    assert rows == [
        ("lstm-1x8", "adamw", "nn.LSTM"),
        ("lstm-1x8", "muon", "nn.LSTM"),
        ("lstm-1x8", "adamw", "char-rnn's loop"),
    ]
    for row in found["train"]:
        check(row)
    (row,) = found["eval"]
    check(row, "megabytes")
    assert "left" in done.stderr


def test_what_cannot_be_measured_is_refused_before_anything_is() -> None:
    done = rnnlab("bench", "trian")
    assert done.returncode == 2
    assert "trian" in done.stderr
    assert "measuring" not in done.stderr


@pytest.mark.parametrize("model", ["gru-1x8", "big", "lstm-0x512", "lstm-3x"])
def test_only_lstms_with_a_size_have_a_baseline(model: str) -> None:
    with pytest.raises(ConfigError, match=model):
        jobs([], [model], CPU, SHORT)


def test_both_optimizers_are_held_against_one_baseline() -> None:
    adamw, muon = measure_training(1, 8, CPU, SHORT, streams=2, window=4)
    assert adamw.baseline == muon.baseline
    for row in (adamw, muon):
        check(row.to_json())
        assert (row.notes["streams"], row.notes["window"]) == (2, 4)


def test_the_loop_over_characters_learns_what_the_whole_window_learns() -> None:
    torch.manual_seed(0)
    batch = Batch(torch.randint(9, (3, 5)), torch.randint(9, (3, 5)), first=True)
    looped, whole = PlainModel(2, 8, 9), PlainModel(2, 8, 9)
    whole.load_state_dict(looped.state_dict())
    CharacterLoop(looped).step(batch)
    logits, _ = whole(batch.inputs)
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), reduction="sum")
    torch.autograd.backward(loss / 3)  # the loop adds up means over three streams
    for one, other in zip(looped.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)
    assert not torch.equal(looped.output.weight, whole.output.weight)  # and a step was made


def test_every_sampling_case_gives_a_row() -> None:
    for engine, streams in cases(CPU):
        row = measure_case(1, 8, CPU, SHORT, engine, streams).to_json()
        check(row)
        assert row["streams"] == streams
        assert row["model"] == "lstm-1x8"


def test_judging_and_encoding_are_told_in_megabytes() -> None:
    check(measure_judging(SHORT).to_json(), "megabytes")
    for kind in KINDS:
        check(measure_encoding(kind, SHORT).to_json(), "megabytes")


def test_texts_of_ones_own_are_judged_in_place_of_ours(tmp_path: Path) -> None:
    texts = {"one.c": "int one(void)\n{\n\treturn 1;\n}\n", "two.h": "int two(void);\n"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "notes.txt").write_text("no C")
    done = rnnlab("bench", "eval", "--text", str(tmp_path), "--quick", "--json", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)["eval"]
    check(row, "megabytes")
    assert (row["texts"], row["bytes"]) == (2, len("".join(texts.values())))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("eval", "--text", "nowhere.c"), "no such file"),
        (("eval", "--text", "empty.c"), "nothing in it"),
        (("train", "--text", "empty.c"), "judging is not measured"),
    ],
)
def test_texts_that_cannot_be_judged_are_refused_before_anything_is_measured(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.c").touch()
    done = rnnlab("bench", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "measuring" not in done.stderr


def test_contenders_take_turns() -> None:
    order: list[str] = []
    contenders = [Contender(lambda: order.append("a")), Contender(lambda: order.append("b"))]
    seconds = take_turns(contenders, Effort(rounds=3, seconds=0.0))
    assert len(seconds) == 2
    assert "".join(order).endswith("ababab")


def test_measuring_leaves_torchs_threads_alone() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    take_turns([Contender(lambda: None, threads=2)], SHORT)
    faster_threads(lambda: None)
    assert torch.get_num_threads() == 1
    torch.set_num_threads(before)


def test_a_ratio_is_a_quotient() -> None:
    assert Measurement({}, "chars", 30.0, 12.0).ratio == 2.5


def test_jobs_come_in_the_order_of_the_sections_and_only_those_asked_for() -> None:
    found = jobs(["eval", "train"], ["lstm-2x512", "lstm-1x16"], CPU, SHORT)
    assert [job.name for job in found] == [
        "lstm-2x512",
        "lstm-1x16",
        "lstm-1x16 against char-rnn's loop",
        "c-syntax",
    ]
    assert {job.section for job in jobs([], [], CPU, SHORT)} == {"train", "sample", "eval", "corpus"}
    assert parse_model("lstm-3x512") == (3, 512)
