"""``rnnlab corpus build`` and ``stats`` as a user runs them: data on stdout, narration on stderr."""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rnnlab.cli.app import app

SMALL = {
    "a.c": b"int a = 1;\n" * 30,
    "b.h": b"#define B \x1b[31mred\x1b[0m 2\n" * 20,
    "copy.c": b"int a = 1;\n" * 30,
    "s/c.c": "/* ☃ */\r\n".encode() * 20,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "cache"))
    for name, data in SMALL.items():
        path = tmp_path / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "src"


def text(*, shuffle: bool = True) -> bytes:
    names = sorted(SMALL)
    if shuffle:
        random.Random(0).shuffle(names)
    return b"".join(dict.fromkeys(SMALL[name] for name in names))


def rnnlab(*arguments: object, stdin: bytes = b"", code: int = 0) -> tuple[bytes, str]:
    """stdout and stderr of the program, which must leave with ``code``."""
    result = CliRunner().invoke(app, ["corpus", *map(str, arguments)], input=stdin)
    assert result.exit_code == code, result.stderr
    return result.stdout_bytes, result.stderr


def test_build_writes_the_one_big_file_and_says_what_it_did(folder: Path, tmp_path: Path) -> None:
    out, err = rnnlab("build", "src", "-o", "all.c")
    assert (tmp_path / "all.c").read_bytes() == text()
    assert out == b""
    assert f"all.c: {len(text()):,} bytes from 3 files" in err
    assert "1 exact copies (330 bytes) dropped" in err
    assert hashlib.sha256(text()).hexdigest() in err
    assert {path.name for path in tmp_path.iterdir()} == {"src", "all.c", "cache"}


def test_build_replaces_a_file_only_with_force(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "all.c").write_bytes(b"precious")
    _, err = rnnlab("build", "src", "-o", "all.c", code=2)
    assert err == "error: all.c: it exists already\n  Choose another name, or replace it with --force.\n"
    assert (tmp_path / "all.c").read_bytes() == b"precious"
    rnnlab("build", "src", "-o", "all.c", "--force")
    assert (tmp_path / "all.c").read_bytes() == text()


def test_build_refuses_to_write_over_its_own_source(folder: Path, tmp_path: Path) -> None:
    _, err = rnnlab("build", "src", "-o", "src/a.c", "--force", code=2)
    assert "it is among the sources itself" in err
    assert (folder / "a.c").read_bytes() == SMALL["a.c"]


@pytest.mark.parametrize("output", ["missing/all.c", "src", "/dev/null"])
def test_build_refuses_places_where_no_file_can_be(folder: Path, tmp_path: Path, output: str) -> None:
    _, err = rnnlab("build", "src", "-o", output, "--force", code=2)
    assert err.startswith("error: ")


def test_build_that_fails_leaves_no_file_behind(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.xz").write_bytes(lzma.compress(text() * 999)[:-50])
    _, err = rnnlab("build", "src", "cut.xz", "-o", "all.c", code=2)
    assert "cut.xz: the file is damaged" in err
    assert {path.name for path in tmp_path.iterdir()} == {"src", "cut.xz", "cache"}


def test_build_to_stdout_writes_the_text_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    out, err = rnnlab("build", "src", "-o", "-", "--no-shuffle")
    assert out == text(shuffle=False)
    assert "stdout: " in err


@pytest.mark.parametrize("suffix", ["xz", "gz", "zst", "bz2"])
def test_what_build_compressed_is_a_corpus_again(folder: Path, tmp_path: Path, suffix: str) -> None:
    rnnlab("build", "src", "-o", f"all.c.{suffix}", "--quiet")
    assert (tmp_path / f"all.c.{suffix}").stat().st_size < len(text())
    out, err = rnnlab("build", "-", "-o", "-", "-q", stdin=(tmp_path / f"all.c.{suffix}").read_bytes())
    assert out == text()
    assert err == ""


def test_build_tells_its_figures_as_json(folder: Path, tmp_path: Path) -> None:
    out, _ = rnnlab("build", "src", "-o", "all.c", "--json", "--no-deduplicate")
    figures = json.loads(out)
    assert figures["files"] == 4
    assert figures["duplicates"] == 0
    assert figures["bytes"] == len(text()) + len(SMALL["a.c"])
    assert figures["sha256"] == hashlib.sha256((tmp_path / "all.c").read_bytes()).hexdigest()


def test_a_corpus_can_come_through_a_named_pipe(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["/bin/sh", "-c", "cat src/a.c src/b.h > pipe"], cwd=tmp_path):
        out, _ = rnnlab("build", "pipe", "-o", "-")
    assert out == SMALL["a.c"] + SMALL["b.h"]


def test_stats_shows_the_corpus_and_nothing_that_a_terminal_obeys(folder: Path, tmp_path: Path) -> None:
    out, _ = rnnlab("stats", "src", "--rare", "50")
    shown = out.decode()
    lines = {line[:16].strip(): line[16:] for line in shown.splitlines()}
    assert lines["size"].startswith(f"{len(text()):,} bytes")
    assert lines["files"] == "3"
    assert lines["lines"].startswith(f"{text().count(10):,},")
    assert lines["vocabulary"] == f"{len(set(text()))} bytes"
    assert "␛ × 40" in lines["rarest symbols"]
    assert "0xE2 × 20" in lines["rarest symbols"]
    assert "xz -6, the whole text" in lines["compressed"]
    assert "\x1b" not in shown


def test_stats_as_json_counts_every_symbol(folder: Path, tmp_path: Path) -> None:
    out, _ = rnnlab("stats", "src", "--vocab", "chars", "--json")
    figures = json.loads(out)
    characters = text().decode()
    assert figures["characters"] == len(characters)
    assert {chr(one["code"]): one["count"] for one in figures["symbols"]} == {
        symbol: characters.count(symbol) for symbol in set(characters)
    }
    assert figures["duplicate_share"] == pytest.approx(330 / (len(text()) + 330))
    packed = len(lzma.compress(text(), preset=6))
    assert figures["compressed"]["bits_per_character"] == pytest.approx(8 * packed / len(characters))


def test_stats_compresses_a_sample_of_a_longer_text_and_says_so(folder: Path, tmp_path: Path) -> None:
    source = random.Random(0)
    (tmp_path / "long.txt").write_bytes("".join(source.choices("abcdefgh", k=1_200_000)).encode())
    out, _ = rnnlab("stats", "long.txt", "--sample", "1")
    assert "a sample of 1,000,000 characters" in out.decode()
    assert "entropy         3.000 bits" in out.decode()


@pytest.mark.parametrize("command", [("build", "-o", "x.c"), ("stats",)])
def test_bad_input_is_one_clear_answer(folder: Path, command: tuple[str, ...]) -> None:
    _, err = rnnlab(*command, "missing.c", code=2)
    assert err == "error: missing.c: there is no such file or folder\n  Check the path.\n"


def test_stats_leaves_the_corpus_ready_for_training(folder: Path, tmp_path: Path) -> None:
    rnnlab("stats", "src")
    assert len(list((tmp_path / "cache" / "corpora").glob("*.corpus"))) == 1
    rnnlab("stats", "src")
    assert len(list((tmp_path / "cache" / "corpora").glob("*.corpus"))) == 1


def test_the_real_program_keeps_data_and_narration_apart_and_leaves_no_traceback(folder: Path, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "rnnlab", "corpus", "build", "src", "-o", "-"], capture_output=True)
    assert done.returncode == 0
    assert done.stdout == text()
    assert done.stderr.startswith(b"stdout: ")
    done = subprocess.run([sys.executable, "-m", "rnnlab", "corpus", "stats", "src/s/c.c", "-x"], capture_output=True)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_an_interrupted_build_leaves_neither_output_nor_part(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "large.c").write_bytes(SMALL["a.c"] * 200_000)
    command = [sys.executable, "-m", "rnnlab", "corpus", "build", "large.c", "-o", "out.c.xz"]  # xz takes its time
    with subprocess.Popen(command, stderr=subprocess.PIPE) as running:
        while running.poll() is None and not list(tmp_path.glob(".out.c.xz.*.part")):
            time.sleep(0.005)
        time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, narration = running.communicate(timeout=300)
    assert running.returncode == 130
    assert b"Traceback" not in narration
    assert not list(tmp_path.glob("*out.c*"))


SHOW = """
import time
from rnnlab.cli.collecting import Collecting
from rnnlab.corpus import Progress
with Collecting() as collecting:
    collecting(Progress("unpacking", 1))
    time.sleep(1.1)
    for stage, total in [("unpacking", None), ("collecting", 4_000_000), ("compressing", 9_000_000)]:
        for number in range(3):
            collecting(Progress(stage, 1_000_000 * number, total, 7 * number))
            time.sleep(0.25)
"""


@pytest.mark.parametrize("terminal", [True, False])
def test_the_progress_is_a_bar_on_a_terminal_and_plain_lines_elsewhere(terminal: bool) -> None:
    main, other = os.openpty()
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        stderr=other if terminal else subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
        check=True,
        timeout=300,
    )
    os.close(other)
    shown = b""
    while terminal and (block := _read(main)):
        shown += block
    os.close(main)
    assert done.stdout == b""
    if terminal:
        for part in (b"unpacking", b"collecting", b"compressing", b"7 files", b"2.0/4.0 MB"):
            assert part in shown
    else:
        assert done.stderr == b"unpacking: 0 MB\n"


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other end is closed
        return b""
