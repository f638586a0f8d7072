"""A checkpoint comes back bit for bit, or says which of its files is damaged."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.config import ModelConfig, RunConfig
from rnnlab.errors import CheckpointError
from rnnlab.model.checkpoint import load_checkpoint, save_checkpoint
from rnnlab.model.checkpoint_folder import clean_up, list_checkpoints, names, newest_intact, point, prune
from rnnlab.model.network import CharModel
from rnnlab.model.tensor_tree import put_together, take_apart

V = 7
CONFIG = RunConfig(model=ModelConfig(layers=2, hidden=6))


class Letters:
    def to_json(self) -> dict[str, Any]:
        return {"kind": "bytes", "symbols": list(range(V))}


def a_trained_model() -> tuple[CharModel, torch.optim.AdamW]:
    model = CharModel(CONFIG.model, V)
    optimizer = torch.optim.AdamW(model.parameters())
    ids = torch.randint(V, (2, 9), generator=torch.Generator().manual_seed(0))
    for _ in range(3):
        model.loss(ids[:, :-1], ids[:, 1:])[0].backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
    return model, optimizer


def save(folder: Path, step: int = 12) -> Path:
    model, optimizer = a_trained_model()
    trainer = {"random": torch.random.get_rng_state(), "best": math.inf, "place": (3, None)}
    return save_checkpoint(
        folder, step, model, optimizer.state_dict(), trainer, CONFIG, Letters(), metrics={"validation_loss": 1.5}
    )


def same(one: Any, other: Any) -> bool:
    """Equal in type, in structure and in every bit."""
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return bool(
            one.dtype == other.dtype and one.shape == other.shape and one.numpy().tobytes() == other.numpy().tobytes()
        )
    if isinstance(one, np.ndarray):
        return bool(one.dtype == other.dtype and bytes(one) == bytes(other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other or (one != one and other != other))


def test_everything_comes_back_bit_for_bit(tmp_path: Path) -> None:
    model, optimizer = a_trained_model()
    trainer = {"random": torch.random.get_rng_state(), "lost": math.nan, "place": (3, None), "numbers": np.arange(4)}
    path = save_checkpoint(
        tmp_path, 12, model, optimizer.state_dict(), trainer, CONFIG, Letters(), metrics={"validation_loss": 1.5}
    )
    back = load_checkpoint(path, training=True)
    assert (path.name, back.step, back.config, back.metrics) == ("step-00000012", 12, CONFIG, {"validation_loss": 1.5})
    assert back.vocabulary_json == Letters().to_json()
    assert same(dict(model.state_dict()), {name: back.weights[name] for name in model.state_dict()})
    assert same(optimizer.state_dict(), back.optimizer)
    assert same(trainer, back.trainer)
    torch.optim.AdamW(model.parameters()).load_state_dict(back.optimizer)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.integers() | st.sampled_from(["tensor", "tuple", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(values)
def test_any_tree_of_plain_values_survives_json(tree: Any) -> None:
    tensors: dict[str, torch.Tensor] = {}
    told = json.loads(json.dumps(take_apart(tree, "tree", tensors), allow_nan=False))
    assert same(put_together(told, tensors), tree)


def test_what_cannot_be_kept_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="tree/odd: a checkpoint cannot hold a set"):
        take_apart({"odd": {1, 2}}, "tree", {})


def test_tensors_that_share_memory_are_kept_each_for_itself(tmp_path: Path) -> None:
    shared = torch.arange(6.0)
    path = save_checkpoint(
        tmp_path, 1, a_trained_model()[0], [shared, shared, shared.view(2, 3).t()], None, CONFIG, Letters()
    )
    one, other, turned = load_checkpoint(path, training=True).optimizer
    assert torch.equal(one, shared)
    assert torch.equal(other, shared)
    assert torch.equal(turned, shared.view(2, 3).t())


def test_a_copied_folder_samples_without_the_optimizers_file(tmp_path: Path) -> None:
    model, _ = a_trained_model()
    copied = tmp_path / "elsewhere"
    shutil.copytree(save(tmp_path / "checkpoints"), copied)
    (copied / "optimizer.safetensors").unlink()
    ids = torch.tensor([[1, 2, 3]])
    rebuilt = load_checkpoint(copied).build_model()
    assert torch.equal(rebuilt(ids)[0], model.eval()(ids)[0])
    with pytest.raises(CheckpointError, match=r"optimizer\.safetensors: it is missing"):
        load_checkpoint(copied, training=True)


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.safetensors", "state.json"])
@pytest.mark.parametrize("how", ["flipped", "cut", "longer", "missing", "empty"])
def test_damage_is_noticed_and_the_file_named(tmp_path: Path, name: str, how: str) -> None:
    file = save(tmp_path) / name
    data = bytearray(file.read_bytes())
    if how == "flipped":
        data[len(data) // 2] ^= 1
    changed = {"flipped": data, "cut": data[:-9], "longer": data + b"!", "empty": bytearray()}
    if how == "missing":
        file.unlink()
    else:
        file.write_bytes(changed[how])
    with pytest.raises(CheckpointError, match=str(file)):
        load_checkpoint(file.parent, training=True)


def test_every_single_flipped_bit_of_the_state_file_is_noticed_or_harmless(tmp_path: Path) -> None:
    file = save(tmp_path) / "state.json"
    data = file.read_bytes()
    expected = json.loads(data)
    for place in range(0, len(data), 23):
        damaged = bytearray(data)
        damaged[place] ^= 1 << (place % 8)
        file.write_bytes(damaged)
        try:
            load_checkpoint(file.parent)
        except CheckpointError:
            continue
        assert json.loads(damaged) == expected  # only the layout changed


def test_a_checkpoint_of_a_newer_format_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr("rnnlab.model.checkpoint.SCHEMA", 2)
        path = save(tmp_path)
    with pytest.raises(CheckpointError, match="format is number 2, this rnnlab reads 1"):
        load_checkpoint(path)


def test_the_newest_intact_checkpoint_is_found_and_the_damaged_named(tmp_path: Path) -> None:
    for step in (10, 20, 30):
        save(tmp_path, step)
    (tmp_path / "step-00000030" / "model.safetensors").write_bytes(b"")
    (tmp_path / "step-00000040").mkdir()
    found = newest_intact(tmp_path, training=True)
    assert found.checkpoint.step == 20
    assert [error.thing.rsplit("/", 2)[1] for error in found.damaged] == ["step-00000040", "step-00000030"]


def test_no_checkpoint_at_all_and_only_damaged_ones_are_errors(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there is no checkpoint yet"):
        newest_intact(tmp_path / "nowhere")
    (save(tmp_path) / "state.json").unlink()
    with pytest.raises(CheckpointError, match=r"state\.json: it is missing"):
        newest_intact(tmp_path)


def test_names_are_relative_links_that_move_with_the_folder(tmp_path: Path) -> None:
    point(save(tmp_path / "a", 1), "best", "last")
    point(save(tmp_path / "a", 2), "last")
    (tmp_path / "a").rename(tmp_path / "b")
    assert names(tmp_path / "b") == {"best": "step-00000001", "last": "step-00000002"}
    assert load_checkpoint(tmp_path / "b" / "last").step == 2


def test_old_checkpoints_go_but_never_one_with_a_name(tmp_path: Path) -> None:
    for step in range(1, 7):
        path = save(tmp_path, step)
        point(path, "last", *(["best"] if step == 2 else []), *(["best-brackets"] if step == 3 else []))
    assert [path.name[-1] for path in prune(tmp_path, 2)] == ["1", "4"]
    assert [path.name[-1] for path in list_checkpoints(tmp_path)] == ["2", "3", "5", "6"]


def test_saving_the_same_step_again_replaces_it(tmp_path: Path) -> None:
    save(tmp_path)
    model, _ = a_trained_model()
    save_checkpoint(tmp_path, 12, model, None, "second", CONFIG, Letters())
    assert load_checkpoint(tmp_path / "step-00000012", training=True).trainer == "second"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("a file is in the way")
    with pytest.raises(CheckpointError, match="cannot be written"):
        save(tmp_path / "checkpoints")


SAVE_UNTIL_KILLED = """
import os, pathlib, random, signal, sys, time, torch
from rnnlab.config import ModelConfig, RunConfig
from rnnlab.model.checkpoint import save_checkpoint
from rnnlab.model.checkpoint_folder import point, prune
from rnnlab.model.network import CharModel
torch.set_num_threads(1)  # so that a fork is whole
config = RunConfig(model=ModelConfig(layers=2, hidden=6))
model = CharModel(config.model, 7)
class Letters:
    def to_json(self):
        return {"kind": "bytes", "symbols": list(range(7))}
folder, end = pathlib.Path(sys.argv[1]), time.monotonic() + 120
def kills_that_hit():
    return len([path for path in folder.iterdir() if path.name.endswith(".tmp")])
while kills_that_hit() < 2:
    assert time.monotonic() < end, "no kill hit a save"
    if child := os.fork():
        time.sleep(0.03 + random.random() / 20)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        continue
    for step in range(100000):
        path = save_checkpoint(folder, step % 5, model, torch.zeros(5000), None, config, Letters())
        point(path, "last")
        prune(folder, 2)
"""


def test_killing_a_process_while_it_saves_never_leaves_a_damaged_checkpoint(tmp_path: Path) -> None:
    point(save(tmp_path, 100), "last")
    command = [sys.executable, "-c", SAVE_UNTIL_KILLED, str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    for path in list_checkpoints(tmp_path):
        load_checkpoint(path, training=True)
    clean_up(tmp_path)
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
    load_checkpoint(tmp_path / "last", training=True)
