"""A sampler in a process of its own, spoken to in JSON lines: ``python -m rnnlab.inspection.stream RUN_OR_CHECKPOINT``.

The dashboard must not wait for torch, and a network that writes must not slow its keys. On stdin
come requests, one per line; a new one ends the one before::

    {"id": 1, "prompt": "static int ", "temperature": 0.8, "top_k": 0, "top_p": 1.0, "seed": 7, "length": 2000}
    {"id": 2, "stop": true}

On stdout go answers, each with the request's ``id``: first ``ready`` once, then pieces and an end::

    {"ready": true, "checkpoint": "step-00001000", "step": 1000, "symbols": 97}
    {"id": 1, "text": ["i", "f"], "bits": [2.1, 0.3], "likeliest": [[["i", 0.23], ["s", 0.2]], ...], "raw": "aWY="}
    {"id": 1, "end": true, "per_second": 5120.0}
    {"id": 1, "problem": "character 3 of the prompt: ..."}

A character that is several symbols (UTF-8 read as bytes) comes whole, with the sum of its symbols'
surprise. ``raw`` is the exact bytes in base64. Text is not made safe here: whoever shows it does that.
"""

from __future__ import annotations

import base64
import codecs
import json
import math
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from rnnlab.corpus.vocabulary import Vocabulary
from rnnlab.errors import RnnlabError
from rnnlab.model.checkpoint import load_checkpoint
from rnnlab.model.sampling import Piece, Sampler, SamplingSettings
from rnnlab.model.sampling.source import find_checkpoint

_SOON = 0.05  # seconds of writing that go into one line: few enough to look live, enough to be cheap
_SETTINGS = ("temperature", "top_k", "top_p", "min_p", "seed", "length")


class Characters:
    """Symbols to characters, each with its surprise and what else was likely at its place."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._bits = 0.0
        self._likeliest: list[list[Any]] = []
        self._labels = [vocabulary.label(symbol) for symbol in range(vocabulary.size)]

    def take(self, piece: Piece) -> dict[str, Any]:
        """The characters that a piece completes."""
        assert piece.probability is not None
        assert piece.likeliest is not None
        assert piece.likeliest_probability is not None
        found: dict[str, list[Any]] = {"text": [], "bits": [], "likeliest": []}
        for place, symbol in enumerate(piece.ids.tolist()):
            self._bits -= math.log2(max(float(piece.probability[place]), 1e-12))
            if not self._likeliest:
                pairs = zip(piece.likeliest[place].tolist(), piece.likeliest_probability[place].tolist(), strict=True)
                self._likeliest = [[self._labels[other], round(share, 5)] for other, share in pairs if other >= 0]
            for sign in self._decoder.decode(self._vocabulary.decode_bytes(np.array([symbol]))):
                found["text"].append(sign)
                found["bits"].append(round(self._bits, 3))
                found["likeliest"].append(self._likeliest)
                self._bits, self._likeliest = 0.0, []
        return found | {"raw": base64.b64encode(self._vocabulary.decode_bytes(piece.ids)).decode("ascii")}


def main(source: str, which: str = "") -> None:
    """Answer requests until stdin ends."""
    answers = _own_stdout()
    os.nice(5)
    try:
        path = find_checkpoint(source, Path(source).parent, which)
        checkpoint = load_checkpoint(path)
        sampler = Sampler.of(checkpoint)
    except RnnlabError as error:
        _say(answers, {"problem": str(error), "fatal": True})
        return
    _say(answers, {"ready": True, "checkpoint": path.resolve().name, "symbols": sampler.vocabulary.size})
    requests: queue.Queue[dict[str, Any] | None] = queue.Queue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    while (request := requests.get()) is not None:
        if not request.get("stop"):
            _answer(sampler, request, requests, answers)


def _own_stdout() -> TextIO:
    """The protocol's own way out; whatever a library prints goes to stderr."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return out


def _listen(requests: queue.Queue[dict[str, Any] | None]) -> None:
    for line in sys.stdin:
        try:
            request = json.loads(line)
        except ValueError:
            continue
        if isinstance(request, dict):
            requests.put(request)
    requests.put(None)


def _say(answers: TextIO, values: dict[str, Any]) -> None:
    try:
        answers.write(json.dumps(values) + "\n")
        answers.flush()
    except BrokenPipeError:  # nobody listens any more
        os._exit(0)


def _answer(
    sampler: Sampler, request: dict[str, Any], requests: queue.Queue[dict[str, Any] | None], answers: TextIO
) -> None:
    number, began, made = request.get("id"), time.monotonic(), 0
    try:
        settings = SamplingSettings(**{name: request[name] for name in _SETTINGS if name in request})
        prompt = sampler.vocabulary.encode(str(request.get("prompt", "")))
        pieces = sampler.stream(prompt, settings, inspection=True)
        for answer in _batched(pieces, Characters(sampler.vocabulary)):
            _say(answers, {"id": number} | answer)
            made += len(answer["text"])
            if not requests.empty():
                break
    except RnnlabError as error:
        _say(answers, {"id": number, "problem": str(error)})
        return
    except (TypeError, ValueError) as error:  # a value of another type than the settings have
        _say(answers, {"id": number, "problem": f"request: {error}"})
        return
    seconds = max(time.monotonic() - began, 1e-9)
    _say(answers, {"id": number, "end": True, "per_second": round(made / seconds, 1)})


def _batched(pieces: Iterator[Piece], characters: Characters) -> Iterator[dict[str, Any]]:
    """What was written in a twentieth of a second at a time."""
    held: dict[str, Any] = {}
    since = time.monotonic()
    for piece in pieces:
        found = characters.take(piece)
        if held:
            raw = base64.b64decode(held["raw"]) + base64.b64decode(found["raw"])
            held = {name: held[name] + found[name] for name in ("text", "bits", "likeliest")}
            held["raw"] = base64.b64encode(raw).decode("ascii")
        else:
            held = found
        if time.monotonic() - since > _SOON:
            yield held
            held, since = {}, time.monotonic()
    if held:
        yield held


if __name__ == "__main__":
    main(*sys.argv[1:3])
