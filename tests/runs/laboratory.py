"""Runs as a trainer writes them, for tests: the same functions, no training."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from rnnlab.config import CorpusConfig, ModelConfig, RunConfig
from rnnlab.events import Event, StartEvent, StepEvent, ValidationEvent
from rnnlab.runs import Manifest, Recorder, RunFolder, create_run, write_manifest


def a_run(folder: Path, name: str, *events: Event, config: RunConfig | None = None, **manifest: Any) -> RunFolder:
    """A run folder with a manifest and these events."""
    run = create_run(folder, name)
    values: dict[str, Any] = {
        "config": config
        or RunConfig(corpus=CorpusConfig(sources=("/data/linux.c",)), model=ModelConfig(layers=3, hidden=700)),
        "corpus": {"digest": "d"},
        "vocabulary": {"kind": "bytes", "symbols": list(range(98))},
        "parameters": 10_212_598,
    }
    write_manifest(run, Manifest(**(values | manifest)))
    record(run, *events)
    return run


def record(run: RunFolder, *events: Event) -> None:
    """Append events."""
    with Recorder(run) as recorder:
        for event in events:
            recorder.append(event)


def start(step: int = 0, **values: Any) -> StartEvent:
    """A trainer that will do 100 steps of 2,000 characters."""
    given: dict[str, Any] = {"total_steps": 100, "chars_per_step": 2000, "host": "here", "device": "cpu"}
    return StartEvent(step=step, resumed=step > 0, **(given | values))


def step(number: int, loss: float = math.log(4), **values: Any) -> StepEvent:
    """One report, of two bits per character."""
    given: dict[str, Any] = {
        "chars": number * 2000,
        "epoch": number / 50,
        "loss": loss,
        "loss_low": loss - 0.1,
        "loss_high": loss + 0.1,
        "span": 1,
        "learning_rate": 2e-3,
        "gradient_norm": 0.5,
        "chars_per_second": 1000.0,
        "seconds": number * 2.0,
    }
    return StepEvent(step=number, **(given | values))


def validation(number: int, bits: float, *, best: bool = False) -> ValidationEvent:
    """One reading of the validation part."""
    return ValidationEvent(
        step=number,
        chars=number * 2000,
        loss=bits * math.log(2),
        bits_per_character=bits,
        validated_chars=5000,
        best=best,
    )
