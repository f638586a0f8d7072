"""The process in which one evaluator runs: ``python -P -m rnnlab.evaluation.worker``.

Lines of JSON come in on standard input and go out on what was standard output when the
process began; the plugin sees an empty standard input, and what it prints is caught. A
plugin that hangs is killed from outside, and by an alarm of its own if nobody is outside any
more. Knows one evaluator; knows nothing of reports.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, BinaryIO

from rnnlab.errors import EvaluatorError
from rnnlab.evaluation import loading, protocol
from rnnlab.evaluation.contract import Evaluator, Source
from rnnlab.niceness import step_back

ORPHAN_SECONDS = 2.0  # how long past the time limit a worker lives whose parent has died


class Caught(io.TextIOBase):
    """Where a plugin's prints end: counted, the last of them kept."""

    def __init__(self) -> None:
        self.count = 0
        self.tail = ""

    def write(self, text: str) -> int:
        """Take what was printed."""
        self.count += len(text)
        self.tail = (self.tail + text)[-500:]
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
    config = json.loads(requests.readline())
    caught = Caught()
    sys.stdout = sys.stderr = caught
    _limit(config)
    evaluator = _start(config, replies)
    if evaluator is None:
        return
    for line in requests:
        request = json.loads(line)
        reply, broken = _judge(evaluator, Source(**request["source"]), float(config["timeout"]))
        reply["id"], reply["last"] = request["id"], broken
        reply["printed"], reply["tail"] = caught.count, caught.tail
        _send(replies, reply)
        if broken:
            os._exit(0)


def _send(replies: BinaryIO, message: dict[str, Any]) -> None:
    replies.write(json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n")
    replies.flush()


def _limit(config: dict[str, Any]) -> None:
    import resource

    step_back(int(config["nice"]))
    if config["memory"]:
        with contextlib.suppress(ValueError, OSError):  # macOS knows the limit but does not always take it
            resource.setrlimit(resource.RLIMIT_AS, (config["memory"], config["memory"]))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _start(config: dict[str, Any], replies: BinaryIO) -> Evaluator | None:
    try:
        found = loading.load(config["name"], config["target"], config["is_file"])
        instance = loading.make(config["name"], found, config["settings"])
        _send(replies, {"hello": loading.describe(found, instance)})
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
    try:
        evaluation, dropped = protocol.checked(evaluator.evaluate(source), source.text)
        reply = {"evaluation": protocol.evaluation_values(evaluation), "dropped": dropped}
        broken = False
    except protocol.RubbishError as error:
        reply, broken = {"error": f"broke the contract: {error}"}, False
    except BaseException as error:  # noqa: BLE001  # SystemExit, KeyboardInterrupt, MemoryError: all cost this sample only
        reply, broken = {"error": _cause(error)}, isinstance(error, MemoryError)
    signal.setitimer(signal.ITIMER_REAL, 0)
    reply["seconds"] = time.perf_counter() - started
    return reply, broken


def _cause(error: BaseException) -> str:
    """What was raised, and where in the plugin."""
    if isinstance(error, SystemExit):
        what = f"called sys.exit({error.code!r})"
    elif isinstance(error, MemoryError):
        what = "ran out of memory"
    else:
        what = f"raised {type(error).__name__}: {str(error)[:300]}".rstrip(": ")
    own = str(Path(__file__).parent)
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith((own, "<frozen"))]
    if theirs:
        what += f" ({Path(theirs[-1].filename).name}, line {theirs[-1].lineno})"
    return what


if __name__ == "__main__":
    main()
