"""The process in which one evaluator runs: ``python -P -m rnnlab.evaluation.worker``.

Lines of JSON come in on standard input and go out on what was standard output when the
process began; the plugin sees an empty standard input, and what it prints is caught. A
plugin that hangs is killed from outside, and by an alarm of its own if nobody is outside any
more. Knows one evaluator; knows nothing of reports.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation import keeper, loading, protocol
from rnnlab.evaluation.blame import END, raised_at
from rnnlab.evaluation.contract import Evaluator, Source
from rnnlab.niceness import step_back

PLACE_SHARE = 0.9  # of the time limit, after which it is noted where a plugin is
LEAST_MEMORY = 8 << 20  # bytes over what the process has at its start, below which Python fails in strange ways
ORPHAN_SECONDS = 2.0  # how long past the time limit a worker lives whose parent has died


class Caught(io.TextIOBase):
    """Where a plugin's prints end: counted."""

    def __init__(self) -> None:
        self.count = 0

    def write(self, text: str) -> int:
        """Take what was printed."""
        self.count += len(text)
        return len(text)

    def writable(self) -> bool:
        """It is."""
        return True


def main() -> None:
    """Serve until standard input ends."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    _keep_from_copies(requests.fileno(), replies.fileno())
    config = json.loads(requests.readline())
    faulthandler.enable(2)
    caught = Caught()
    sys.stdout = sys.stderr = caught
    sys.excepthook = _tell_the_end
    evaluator = _start(config, replies)
    if evaluator is None:
        return
    for line in requests:
        request = json.loads(line)
        reply, broken = _judge(evaluator, Source(**request["source"]), float(config["timeout"]))
        reply["id"], reply["last"] = request["id"], broken
        reply["printed"] = caught.count
        _send(replies, reply)
        if broken:
            os._exit(0)


def _tell_the_end(_: type[BaseException], error: BaseException, __: object) -> None:
    """This process itself cannot go on, such as for what a plugin did to Python or for want of memory."""
    os.write(2, f"{END}{_cause(error)}\n".encode("utf-8", "replace"))


def _send(replies: BinaryIO, message: dict[str, Any]) -> None:
    replies.write(json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n")
    replies.flush()


def _keep_from_copies(*pipes: int) -> None:
    """A copy of this process that a plugin forks neither hears requests nor answers them, nor keeps the pipes open."""
    nothing = os.open(os.devnull, os.O_RDWR)

    def let_go() -> None:
        for pipe in pipes:
            os.dup2(nothing, pipe, inheritable=False)

    os.register_at_fork(after_in_child=let_go)


def _limit(config: dict[str, Any]) -> None:
    import resource

    step_back(int(config["nice"]))
    taken = _address_space() + LEAST_MEMORY
    if 0 < config["memory"] < taken:
        reason = f"{config['memory'] >> 20} MB of memory are too few: Python alone takes {taken >> 20}"
        raise EvaluatorError(config["name"], reason, "Allow more, such as --memory 1000.")
    if config["memory"]:
        with contextlib.suppress(ValueError, OSError):  # macOS knows the limit but does not always take it
            resource.setrlimit(resource.RLIMIT_AS, (config["memory"], config["memory"]))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _address_space() -> int:
    """Bytes that this process has by now; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _start(config: dict[str, Any], replies: BinaryIO) -> Evaluator | None:
    try:
        _limit(config)
        found = loading.load(config["name"], config["target"], config["is_file"])
        instance = loading.make(config["name"], found, config["settings"])
        _send(replies, {"hello": loading.describe(found, instance), "pid": os.getpid()})
        return instance
    except EvaluatorError as error:
        _send(replies, {"refused": [error.thing, error.reason, error.next_step]})
    except BaseException as error:  # noqa: BLE001  # whatever an import does, it costs this plugin only
        _send(replies, {"broken": _cause(error)})
    return None


def _judge(evaluator: Evaluator, source: Source, timeout: float) -> tuple[dict[str, Any], bool]:
    """The reply, and whether the process should not be used again."""
    started = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, timeout + ORPHAN_SECONDS)
    faulthandler.dump_traceback_later(timeout * PLACE_SHARE, file=2)
    try:
        evaluation, dropped = protocol.checked(evaluator.evaluate(source), source.text)
        reply = {"evaluation": protocol.evaluation_values(evaluation), "dropped": dropped}
        broken = False
    except protocol.RubbishError as error:
        reply, broken = {"error": f"broke the contract: {error}"}, False
    except BaseException as error:  # noqa: BLE001  # SystemExit, KeyboardInterrupt, MemoryError: all cost this sample only
        reply, broken = {"error": _cause(error)}, isinstance(error, MemoryError)
    faulthandler.cancel_dump_traceback_later()
    signal.setitimer(signal.ITIMER_REAL, 0)
    reply["seconds"] = time.perf_counter() - started
    return reply, broken


def _message(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())
    except BaseException as worse:  # noqa: BLE001  # an exception is a plugin's code as well
        return f"a message that raises {type(worse).__name__}"


def _cause(error: BaseException) -> str:
    """What was raised, and where in the plugin."""
    if isinstance(error, SystemExit):
        what = f"called sys.exit({error.code!r})"
    elif isinstance(error, MemoryError):
        what = "ran out of memory"
    else:
        what = f"raised {type(error).__name__}: {_message(error)[:300]}".rstrip(": ")
    return what + raised_at(error)


if __name__ == "__main__":
    keeper.keep()
    main()
