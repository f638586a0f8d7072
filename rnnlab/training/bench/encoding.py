"""How fast text becomes ids, on one core, against looking every symbol up in a dictionary."""

from __future__ import annotations

from typing import Literal

import numpy as np

from rnnlab.corpus import Vocabulary
from rnnlab.training.bench.judging import c_texts
from rnnlab.training.bench.turns import Contender, Effort, Measurement, take_turns

_BYTES = 1_000_000
KINDS: tuple[Literal["bytes", "chars"], ...] = ("bytes", "chars")


def measure_encoding(kind: Literal["bytes", "chars"], effort: Effort) -> Measurement:
    """Encode some megabytes of C."""
    text = "".join(c_texts().values())
    text *= -(-_BYTES // len(text))
    raw = text.encode()
    given: bytes | str = raw if kind == "bytes" else text
    vocabulary = Vocabulary(kind, {int(code) if isinstance(code, int) else ord(code) for code in given})
    numbers = {symbol if kind == "bytes" else chr(symbol): place for place, symbol in enumerate(vocabulary.symbols)}
    contenders = [
        Contender(lambda: vocabulary.encode(given)),
        Contender(lambda: np.array([numbers[symbol] for symbol in given], dtype=np.uint8)),
    ]
    ours, plain = take_turns(contenders, effort)
    megabytes = len(raw) / 1e6
    return Measurement(
        {"vocabulary": kind, "device": "cpu"}, "megabytes", megabytes / ours, megabytes / plain, {"threads": 1}
    )
