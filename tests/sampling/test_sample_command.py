"""``rnnlab sample`` as people type it."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from rnnlab.cli.app import app
from rnnlab.config import CorpusConfig, ModelConfig, RunConfig
from rnnlab.corpus.vocabulary import Vocabulary
from rnnlab.model.checkpoint import save_checkpoint
from rnnlab.model.checkpoint_folder import point
from rnnlab.model.network import CharModel

if TYPE_CHECKING:
    from sampling.conftest import Trained


@pytest.fixture(scope="module")
def runs(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs: `py` with two checkpoints, `wide` whose vocabulary has every byte, `new` with none."""
    folder = tmp_path_factory.mktemp("runs")
    for name in ("py", "wide", "new"):
        (folder / name).mkdir()
        (folder / name / "run.json").write_text("{}")
    config = RunConfig(corpus=CorpusConfig(sources=("lib.py",)), model=trained.model.config)
    first = save_checkpoint(folder / "py/checkpoints", 100, trained.model, {}, {}, config, trained.vocabulary)
    untrained = CharModel(trained.model.config, trained.vocabulary.size, seed=5)
    second = save_checkpoint(folder / "py/checkpoints", 200, untrained, {}, {}, config, trained.vocabulary)
    point(first, "best")
    point(second, "last")
    wide = RunConfig(model=ModelConfig(layers=1, hidden=8))
    save_checkpoint(
        folder / "wide/checkpoints", 7, CharModel(wide.model, 256), {}, {}, wide, Vocabulary("bytes", range(256))
    )
    return folder


def run(runs: Path, *words: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["sample", *words, "--runs-dir", str(runs)], input=stdin)


def test_it_writes_so_many_symbols_and_the_same_ones_for_the_same_seed(runs: Path) -> None:
    first = run(runs, "py", "--length", "300", "--seed", "4")
    assert first.exit_code == 0, first.stderr
    assert len(first.stdout_bytes) == 300
    assert run(runs, "py", "--length", "300", "--seed", "4").stdout_bytes == first.stdout_bytes
    assert run(runs, str(runs / "py"), "--length", "300", "--seed", "4").stdout_bytes == first.stdout_bytes
    other = run(runs, "py", "--length", "300")
    assert other.stdout_bytes != first.stdout_bytes
    told = other.stderr.split("seed ")[1].split()[0]
    assert run(runs, "py", "--length", "300", "--seed", told).stdout_bytes == other.stdout_bytes


def test_best_is_taken_unless_another_checkpoint_is_named(runs: Path) -> None:
    def text(*words: str) -> bytes:
        result = run(runs, *words, "--seed", "1", "-l", "80")
        assert result.exit_code == 0, result.stderr
        return result.stdout_bytes

    best, last = text("py"), text("py", "--checkpoint", "last")
    assert best != last
    assert text("py", "--checkpoint", "step-100") == text(str(runs / "py/checkpoints/step-00000100")) == best
    assert text("py", "--checkpoint", "step-00000200") == last


def test_many_samples_go_into_files_and_each_is_the_one_of_its_number(runs: Path, tmp_path: Path) -> None:
    result = run(runs, "py", "-n", "12", "--out", f"{tmp_path}/new/", "--seed", "4", "-l", "90")
    assert result.exit_code == 0, result.stderr
    files = sorted((tmp_path / "new").iterdir())
    assert [file.name for file in files] == [f"sample-{number:03}.py" for number in range(1, 13)]
    alone = run(runs, "py", "--seed", "4", "-l", "90").stdout_bytes
    assert files[0].read_bytes() == alone
    one = tmp_path / "all.txt"
    assert run(runs, "py", "-n", "12", "--out", str(one), "--seed", "4", "-l", "90").exit_code == 0
    parts = [file.read_bytes() for file in files]
    expected = b"\f\n".join(part if part.endswith(b"\n") else part + b"\n" for part in parts[:-1]) + b"\f\n" + parts[-1]
    assert one.read_bytes() == expected
    assert run(runs, "py", "-n", "12", "--seed", "4", "-l", "90").stdout_bytes == expected
    assert "12 texts, 1,080 symbols" in result.stderr


def test_a_prompt_is_continued_from_the_command_line_a_file_or_standard_input(runs: Path, tmp_path: Path) -> None:
    file = tmp_path / "prompt"
    file.write_bytes(b"def __init__(self")
    common = ("--seed", "3", "-l", "40", "-t", "0.5")
    text = run(runs, "py", "--prompt", "def __init__(self", *common).stdout_bytes
    assert text.startswith(b"def __init__(self")
    assert len(text) == 17 + 40
    assert run(runs, "py", "--prompt-file", str(file), *common).stdout_bytes == text
    assert run(runs, "py", "--prompt", "-", *common, stdin=file.read_bytes()).stdout_bytes == text
    assert run(runs, "py", "--prompt-file", "-", *common, stdin=file.read_bytes()).stdout_bytes == text
    assert run(runs, "py", "--prompt", "def __init__(self", "--no-echo", *common).stdout_bytes == text[17:]


def test_stop_ends_a_text(runs: Path) -> None:
    text = run(runs, "py", "--stop", "\n", "--seed", "3", "-l", "inf").stdout_bytes
    assert text.count(b"\n") == 1
    assert text.endswith(b"\n")


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("py", "--prompt", "caf\u00e9"), ["'\u00e9': byte 0xC3 does not occur", "prompt"]),
        (("py", "--stop", "\x01"), ["stop text", "0001"]),
        (("pi",), ["pi: there is no such run", "py"]),
        (("new",), ["no checkpoint yet"]),
        (("py", "--checkpoint", "step-3"), ["no checkpoint step-3", "step-00000100"]),
        (("py", "--length", "many"), ["--length", "not a number"]),
        (("py", "--length", "0", "-n", "3"), ["--length", "one at a time"]),
        (("py", "--temperature", "-1"), ["temperature"]),
        (("py", "--top-p", "0"), ["top_p"]),
        (("py", "--engine", "fast"), ["'fast' is not known"]),
        (("py", "--exact", "--engine", "int8"), ["--exact"]),
        (("py", "--prompt-file", "/nonexistent/x"), ["/nonexistent/x: no such file"]),
    ],
)
def test_bad_input_gets_two_lines_at_most_and_no_text(runs: Path, words: tuple[str, ...], lines: list[str]) -> None:
    result = run(runs, *words)
    assert result.exit_code == 2
    assert result.stdout_bytes == b""
    assert len(result.stderr.splitlines()) <= 2
    for line in lines:
        assert line in result.stderr


def command(runs: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "rnnlab", "sample", *words, "--runs-dir", str(runs)]


def test_ctrl_c_ends_with_130_and_keeps_what_was_written(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "endless.txt"
    process = subprocess.Popen(
        command(runs, "py", "-l", "inf", "--out", str(out), "--seed", "1"), stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while not (out.exists() and out.stat().st_size > 2000):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=300)
    assert process.returncode == 130, told
    assert "interrupted after" in told
    written = out.read_bytes()
    assert written == run(runs, "py", "--seed", "1", "-l", str(len(written))).stdout_bytes


def test_a_closed_pipe_is_no_error(runs: Path) -> None:
    with subprocess.Popen(command(runs, "py", "-l", "inf"), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert len(process.stdout.read(100)) == 100
        process.stdout.close()
        assert process.stderr is not None
        told = process.stderr.read().decode()
        assert process.wait(timeout=300) in (0, 141)
    assert "Traceback" not in told
    assert "rror" not in told


def test_a_terminal_gets_no_control_characters(runs: Path) -> None:
    shown, code = on_a_terminal(command(runs, "wide", "-l", "3000", "--seed", "1"))
    assert code == 0
    exact = run(runs, "wide", "-l", "3000", "--seed", "1").stdout_bytes
    assert len(exact) >= 3000
    assert b"\x1b" in exact
    text = shown.decode("utf-8")
    assert not set(text) - {"\r", "\n", "\t"} & {chr(code) for code in (*range(32), *range(0x7F, 0xA0))}


def test_several_texts_are_parted_by_a_form_feed_that_a_terminal_shows(runs: Path) -> None:
    words = ("py", "-n", "3", "--seed", "4", "-l", "90", "--no-echo")
    exact = run(runs, *words).stdout_bytes
    assert exact.count(b"\n\f\n") == 2
    assert run(runs, "py", "--seed", "4", "-l", "90").stdout_bytes == exact.split(b"\n\f\n")[0]
    assert "form feed" in CliRunner().invoke(app, ["sample", "--help"]).stdout
    shown, code = on_a_terminal(command(runs, *words))
    assert code == 0
    assert shown.decode().replace("\r\n", "\n").rstrip("\n") == exact.decode().replace("\f", "\u240c").rstrip("\n")


def test_what_an_earlier_sample_wrote_is_replaced_only_by_force_and_never_mixed(runs: Path, tmp_path: Path) -> None:
    folder, file = tmp_path / "many", tmp_path / "one.txt"
    common = ("-l", "20", "--seed", "1", "--out")
    for out, count in ((f"{folder}/", "5"), (str(file), "1")):
        assert run(runs, "py", "-n", count, *common, out).exit_code == 0
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        refused = run(runs, "py", "-n", "2", "--seed", "2", "-l", "20", "--out", out)
        assert refused.exit_code == 2
        assert "already" in refused.stderr
        assert "--force" in refused.stderr
        assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    (folder / "notes.md").write_text("mine")
    assert run(runs, "py", "-n", "2", *common, str(folder), "--force").exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["notes.md", "sample-001.py", "sample-002.py"]
    assert run(runs, "py", *common, str(file), "--force").exit_code == 0
    mistyped = run(runs, "py", "--temperature", "-1", "-n", "2", *common, str(folder), "--force")
    assert mistyped.exit_code == 2
    assert len(list(folder.iterdir())) == 3, "a refused command removes nothing"
    assert run(runs, "py", *common, f"{file}/").exit_code == 2
    assert run(runs, "py", *common, "/dev/null").exit_code == 0


def test_a_text_that_its_length_cut_off_before_its_function_was_whole_is_told(runs: Path) -> None:
    told = run(runs, "py", "--whole-functions", "-l", "5", "-n", "3").stderr
    assert "3 of 3 texts ended by --length 5, before a function was whole" in told
    assert "the text ended by --length 1, before the stop text" in run(runs, "py", "--stop", "\n\n", "-l", "1").stderr
    assert "--length" not in run(runs, "py", "--stop", "\n", "-l", "inf").stderr
    assert "--length" not in run(runs, "py", "-l", "5").stderr


def test_a_full_disk_is_one_error(runs: Path) -> None:
    result = run(runs, "py", "-n", "3", "-l", "90", "--out", "/dev/full", "--seed", "1")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "error: /dev/full: it cannot be written (no space left on device)",
        "  Choose a place that has room and may be written to.",
    ]


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
from rnnlab.cli.writing import Destination, WriteError
try:
    with Destination(sys.argv[1], 3, ".c") as writer:
        for number in (0, 1, 0, 2, 0, 1):
            writer.write(number, b"x" * 1500, False)
except WriteError as error:
    print(error)
"""


@pytest.mark.parametrize(("out", "others"), [("one.txt", ""), ("many/", ", and 2 other texts as far as they were")])
def test_where_the_room_ends_the_error_says_what_stays(tmp_path: Path, out: str, others: str) -> None:
    command = [sys.executable, "-c", LIMITED, out]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, timeout=300)
    written = min(path for path in tmp_path.rglob("*") if path.is_file())
    assert done.stdout.splitlines() == [
        f"{written.relative_to(tmp_path)}: it cannot be written (file too large)",
        f"Its first 4,096 bytes stay{others}. Choose a place that has room and may be written to.",
    ]
    assert written.read_bytes() == b"x" * 4096


def on_a_terminal(words: list[str]) -> tuple[bytes, int]:
    """What a terminal gets to see, and the exit code."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(words, stdout=follower, stderr=subprocess.DEVNULL)
    os.close(follower)
    shown = b""
    while select.select([leader], [], [], 120)[0]:
        try:
            part = os.read(leader, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(leader)
    return shown, process.wait(timeout=300)
