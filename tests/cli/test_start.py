"""From the first moment on: what happens before a command has begun."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rnnlab.cli.app import app

INTERRUPTED = """
import importlib.abc, os, signal, sys
where, sys.argv = sys.argv[1], ["rnnlab", *sys.argv[2:]]
class CtrlC(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == where:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell has it ignored
sys.meta_path.insert(0, CtrlC())
from rnnlab.cli import main
main()
"""


@pytest.mark.parametrize("module", ["rnnlab.cli.app", "typer", "rnnlab.cli.runs", "rnnlab.runs.summary"])
def test_ctrl_c_while_a_module_is_imported_leaves_with_130_and_no_word(module: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED, module, "runs"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize(
    ("module", "words", "said"),
    [
        # torch's C++ asks for numpy, and takes an exception for its lack.
        ("numpy._typing", ("train", "a.txt"), "interrupted before training began\n"),
        ("rnnlab.runs.summary", ("train", "a.txt"), "interrupted before training began\n"),
        ("numpy._typing", ("bench", "--quick"), ""),
        ("numpy._typing", ("sample", "a-run"), ""),
        ("rnnlab.training.planning", ("train", "a.txt"), "interrupted before training began\n"),
    ],
)
def test_ctrl_c_is_answered_where_an_exception_would_be_lost(
    module: str, words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("some words to learn from\n" * 100)
    command = [sys.executable, "-c", INTERRUPTED, module, *words]
    own = {**os.environ, "RNNLAB_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path, env=own)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", said)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("words", [(), ("corpus",), ("plugins",), ("runs",)])
def test_the_help_of_a_group_of_commands_has_an_example(words: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*words, "--help"])
    assert " ".join(["rnnlab", *words]) in shown.stdout.split("Example", 1)[1]


HANGING = """
import time
from rnnlab.evaluation import evaluator

@evaluator()
def hanging(source):
    open("begun", "w").close()
    time.sleep(600)
"""
LISTENING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell has it ignored
from rnnlab.cli import main
main()
"""


@pytest.mark.parametrize("words", [("eval", "a.txt", "-p", "hanging.py"), ("plugins", "check", "hanging.py")])
def test_ctrl_c_while_a_text_is_judged_says_so_in_a_line(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "hanging.py").write_text(HANGING)
    command = [sys.executable, "-c", LISTENING, *words, "--timeout", "300"]
    with subprocess.Popen(command, text=True, stderr=subprocess.PIPE, cwd=tmp_path) as program:
        while not (tmp_path / "begun").exists() and program.poll() is None:
            time.sleep(0.01)
        program.send_signal(signal.SIGINT)
        _, said = program.communicate(timeout=300)
    assert (program.returncode, said) == (130, "interrupted\n")


def test_help_says_how_one_of_several_evaluators_is_named_and_what_bounds_its_loading() -> None:
    for words in (("eval",), ("plugins", "check"), ("plugins", "dev")):
        shown = " ".join(CliRunner().invoke(app, [*words, "--help"], terminal_width=200).stdout.split())
        assert "FILE.py[:NAME]" in shown
        assert re.search(r"to load,? (it|a plugin) has 30\.", shown)
