"""The run folder: names, claims, the manifest, and files that are whole or not there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runs.laboratory import a_run, start

from rnnlab.config import CorpusConfig, ModelConfig, RunConfig
from rnnlab.errors import RunError
from rnnlab.runs import (
    Manifest,
    RunFolder,
    RunLock,
    atomic_write,
    create_run,
    find_run,
    list_runs,
    read_manifest,
    runs_dir,
    write_manifest,
)
from rnnlab.runs.layout import check_name, remove_run, rename_run, slug


def test_the_folder_of_runs_is_the_given_one_or_the_variables_or_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RNNLAB_RUNS", raising=False)
    assert runs_dir() == Path("runs")
    monkeypatch.setenv("RNNLAB_RUNS", "/scratch/runs")
    assert runs_dir() == Path("/scratch/runs")
    assert runs_dir(Path("here")) == Path("here")


@pytest.mark.parametrize("name", ["linux", "a", "7", "Größe", "lstm_3x700.v2+b=1@x-y", "日本", "a" * 120])
def test_names_that_a_run_may_have(tmp_path: Path, name: str) -> None:
    assert create_run(tmp_path, name).path == tmp_path / name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "-x", "a/b", "../a", "a\\b", "a b", "a\n", "a\x00b", "a\x1b[m", "a" * 121, "ä" * 61],
)
def test_names_that_it_may_not_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError, match="cannot be the name"):
        create_run(tmp_path / "runs", name)
    assert list(tmp_path.rglob("*")) in ([], [tmp_path / "runs"])


@given(st.text())
def test_any_text_gives_a_name_that_a_run_may_have(text: str) -> None:
    assert check_name(slug(text)) == slug(text)


def test_a_given_name_that_is_taken_is_refused_with_the_ways_out(tmp_path: Path) -> None:
    a_run(tmp_path, "linux")
    with pytest.raises(RunError, match="there is already such a run") as caught:
        create_run(tmp_path, "linux")
    assert "--resume linux" in caught.value.next_step
    (tmp_path / "folder").mkdir()
    with pytest.raises(RunError, match="is no run"):
        create_run(tmp_path, "folder")


def test_a_name_made_from_the_hint_is_numbered(tmp_path: Path) -> None:
    names = [create_run(tmp_path, None, hint="linux 6.1.tar/lstm-3×700").name for _ in range(3)]
    assert names == ["linux-6.1.tar-lstm-3-700", "linux-6.1.tar-lstm-3-700-2", "linux-6.1.tar-lstm-3-700-3"]


def test_many_that_start_at_once_get_a_run_each(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: create_run(tmp_path / "runs", None, hint="x"), range(30)))
    assert len({run.path for run in runs}) == 30


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="file"):
        create_run(tmp_path / "file" / "runs", "one")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told_with_what_to_do(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="permission denied") as caught:
        create_run(tmp_path, "one")
    assert "--runs-dir" in caught.value.next_step


def test_a_run_is_found_by_name_then_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = a_run(tmp_path / "runs", "one")
    outside = a_run(tmp_path / "other", "two")
    assert find_run("one", tmp_path / "runs") == inside
    assert find_run(outside.path, tmp_path / "runs").path == outside.path
    monkeypatch.chdir(outside.path)
    assert find_run(".", tmp_path / "runs").name == "two"
    with pytest.raises(RunError, match="no run"):
        find_run(tmp_path, tmp_path / "runs")
    with pytest.raises(RunError, match="no such run") as caught:
        find_run("on", tmp_path / "runs")
    assert "one" in caught.value.next_step


def test_the_manifest_comes_back_the_same(tmp_path: Path) -> None:
    run = create_run(tmp_path, "one")
    manifest = Manifest(
        config=RunConfig(corpus=CorpusConfig(sources=("a.c", "b")), model=ModelConfig(cell="gru"), preset="tiny"),
        corpus={"digest": "d", "size": 7, "split": [1, 2, 3]},
        vocabulary={"kind": "chars", "symbols": "aé日\u2028"},
        versions={"torch": "2.13"},
        device="cuda",
        command=("rnnlab", "train", "a.c"),
        parameters=5,
        resolved={"engine": "native", "threads": 2},
    )
    assert not run.exists
    write_manifest(run, manifest)
    assert run.exists
    assert read_manifest(run) == manifest


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not JSON"),
        ("[]", "no schema"),
        ('{"schema": 99}', "newer rnnlab"),
        ('{"schema": 1}', "damaged"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_damaged_manifest_is_a_clear_error(tmp_path: Path, content: str, reason: str) -> None:
    run = create_run(tmp_path, "one")
    run.manifest_path.write_text(content)
    with pytest.raises(RunError, match=reason):
        read_manifest(run)


def test_a_manifest_with_a_setting_that_this_version_does_not_know_names_it(tmp_path: Path) -> None:
    run = a_run(tmp_path, "one")
    values = json.loads(run.manifest_path.read_text())
    values["config"]["model"]["colour"] = "blue"
    run.manifest_path.write_text(json.dumps(values))
    with pytest.raises(RunError, match=r"model\.colour"):
        read_manifest(run)


def test_renaming_and_removing(tmp_path: Path) -> None:
    run = a_run(tmp_path, "one", start())
    (run.checkpoints / "step-1").mkdir()
    (run.checkpoints / "best").symlink_to("step-1")
    with RunLock(run):
        renamed = rename_run(run, "two")
    assert [one.name for one in list_runs(tmp_path)] == ["two"]
    with pytest.raises(RunError, match="already"):
        rename_run(renamed, "two")
    link = tmp_path / "link"
    link.symlink_to(renamed.path)
    with pytest.raises(RunError, match="is a link"):
        remove_run(RunFolder(link))
    link.unlink()
    remove_run(renamed)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_whole_and_nothing_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic_write(path, "old")
    atomic_write(path, b"new\xff")
    assert path.read_bytes() == b"new\xff"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    script = """
import resource, sys
from pathlib import Path
from rnnlab.errors import RunError
from rnnlab.runs import atomic_write
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    atomic_write(Path(sys.argv[1]), b"x" * 1_000_000)
except RunError as error:
    print(error)
"""
    path = tmp_path / "file"
    path.write_text("old")
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert f"{path}: file too large" in done.stdout
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("after", [0.02, 0.1, 0.2])
def test_a_writer_that_is_killed_leaves_a_whole_file(tmp_path: Path, after: float) -> None:
    script = """
import sys
from pathlib import Path
from rnnlab.runs import atomic_write
number = 0
while True:
    atomic_write(Path(sys.argv[1]), f"{number % 10}" * 300_000)
    if number == 0:
        print("started", flush=True)
    number += 1
"""
    path = tmp_path / "file"
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        until = time.monotonic() + after
        while time.monotonic() < until:
            content = path.read_text()
            assert len(content) == 300_000
            assert len(set(content)) == 1
        os.kill(process.pid, signal.SIGKILL)
    content = path.read_text()
    assert len(content) == 300_000
    assert len(set(content)) == 1
