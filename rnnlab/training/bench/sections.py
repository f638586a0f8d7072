"""What `rnnlab bench` measures: sections, in each some jobs, one after another."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from rnnlab.errors import ConfigError
from rnnlab.evaluation import Source
from rnnlab.training.bench.encoding import KINDS, measure_encoding
from rnnlab.training.bench.judging import measure_judging, read_texts
from rnnlab.training.bench.sampling import cases, measure_case
from rnnlab.training.bench.training import measure_against_char_rnn, measure_training
from rnnlab.training.bench.turns import Effort, Measurement

SECTIONS = ("train", "sample", "eval", "corpus")
_SIZES = {"cpu": ("lstm-2x128", "lstm-3x512"), "cuda": ("lstm-3x512", "lstm-3x704", "lstm-3x1024")}
_LOOPED = 2 * 256**2  # weights of a matrix in all layers, up to which a loop over characters is waited for


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to measure; ``turns``: how many contenders share the effort, for telling what is left."""

    section: str
    name: str
    turns: int
    run: Callable[[], list[Measurement]]


def parse_model(text: str) -> tuple[int, int]:
    """Layers and hidden units of a name such as lstm-3x512.

    Raises:
        ConfigError: for anything else; the baseline is an LSTM.
    """
    found = re.fullmatch(r"lstm-([1-9]\d?)x([1-9]\d{0,4})", text)
    if not found:
        raise ConfigError("--model", f"{text!r} is no LSTM's size", "Give layers and units, for example lstm-3x512.")
    return int(found[1]), int(found[2])


def jobs(
    sections: Sequence[str], models: Sequence[str], device: torch.device, effort: Effort, texts: Sequence[str] = ()
) -> list[Job]:
    """Everything to be measured, in order; without sections all of them, without models the usual ones.

    ``texts`` name files and folders of C to be judged in place of rnnlab's own.

    Raises:
        ConfigError: for a section or a model that is not known, and for texts that no section judges.
        RnnlabError: for texts that cannot be read.
    """
    for section in sections:
        if section not in SECTIONS:
            raise ConfigError(section, "there is no such section", f"Use some of: {', '.join(SECTIONS)}.")
    wanted = [section for section in SECTIONS if section in (sections or SECTIONS)]
    if texts and "eval" not in wanted:
        raise ConfigError("--text", "is judged, and judging is not measured", "Use: rnnlab bench eval --text FILE")
    own = read_texts(texts) if texts else []
    sizes = [parse_model(model) for model in models or _SIZES.get(device.type, _SIZES["cpu"])]
    return [job for section in wanted for job in _of(section, sizes, device, effort, own)]


def _of(
    section: str, sizes: Sequence[tuple[int, int]], device: torch.device, effort: Effort, own: Sequence[Source]
) -> Iterator[Job]:
    names = {(layers, hidden): f"lstm-{layers}x{hidden}" for layers, hidden in sizes}
    if section == "train":
        for size, name in names.items():
            yield Job(section, name, 4, functools.partial(measure_training, *size, device, effort))
            if device.type == "cpu" and size[0] * size[1] ** 2 <= _LOOPED:
                loop = functools.partial(measure_against_char_rnn, *size, effort)
                yield Job(section, f"{name} against char-rnn's loop", 4, loop)
    elif section == "sample":
        for size, name in names.items():
            for engine, streams in cases(device):
                case = functools.partial(measure_case, *size, device, effort, engine, streams)
                yield Job(section, f"{name}, {streams} streams, {engine}", 2, functools.partial(_alone, case))
    elif section == "eval":
        yield Job(section, "c-syntax", 2, lambda: [measure_judging(effort, own)])
    else:
        for kind in KINDS:
            yield Job(section, kind, 2, functools.partial(_alone, functools.partial(measure_encoding, kind, effort)))


def _alone(measure: Callable[[], Measurement]) -> list[Measurement]:
    return [measure()]
