"""Run folders for the dashboard's tests, written through the real recorder."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from rnnlab.config import CorpusConfig, EvaluationConfig, ModelConfig, RunConfig, TrainingConfig
from rnnlab.events import (
    CheckpointEvent,
    ControlEvent,
    DivergenceEvent,
    EndEvent,
    Event,
    NoteEvent,
    SampleEvent,
    Score,
    ScoreEvent,
    StartEvent,
    StepEvent,
    ValidationEvent,
    to_line,
)
from rnnlab.runs import Manifest, Recorder, RunFolder, create_run, write_manifest

C_TEXT = """
static int irq_wait_%(n)d(struct task_struct *tsk, unsigned long flags)
{
\tstruct rq *rq = task_rq(tsk);
\tint unused_%(n)d, i;

\t/* The essay's remark: looks like C, means nothing. */
\tif (unlikely(!rq->curr) && flags > 0x%(n)dUL)
\t\treturn -EINVAL;
\tfor (i = 0; i < NR_CPUS; i++)
\t\tmissing += rq->nr_running[i];
\tprintk(KERN_ERR "state %%d\\n", i);
\treturn ret_%(n)d;
}
"""
PER_STEP = 32 * 64


def config(**model: int) -> RunConfig:
    return RunConfig(
        corpus=CorpusConfig(sources=("kernel.c",)),
        model=ModelConfig(**model),  # type: ignore[arg-type]  # whole numbers only
        training=TrainingConfig(steps=20_000),
        evaluation=EvaluationConfig(plugins=("c-syntax",)),
        preset="quick",
    )


def make_run(folder: Path, name: str, events: Iterator[Event] | None = None, **model: int) -> RunFolder:
    """A run with a manifest and the events given (a usual training's, if none)."""
    run = create_run(folder, name)
    write_manifest(
        run,
        Manifest(
            config=config(**model),
            corpus={"text": "c3316ec3", "characters": 11_680_716, "files": 502},
            vocabulary={"kind": "bytes", "symbols": list(range(97))},
            versions={"rnnlab": "0.1.0", "python": "3.11", "torch": "2.13.0"},
            device="cpu",
            parameters=654_321,
            command=("rnnlab", "train", "kernel.c"),
        ),
    )
    with Recorder(run) as recorder:
        for event in events if events is not None else training():
            recorder.append(event)
    return run


def start(total: int = 20_000, **more: object) -> StartEvent:
    values: dict[str, object] = {"device": "cpu", "precision": "float32", "host": "here", "pid": 1, "vocabulary": 97}
    values |= {
        "parameters": 654_321,
        "train_chars": 10_512_644,
        "chars_per_step": PER_STEP,
        "total_steps": total,
        "time": 1_700_000_000.0,
    }
    return StartEvent(**(values | more))  # type: ignore[arg-type]  # a test's shorthand


def step_event(step: int, rng: random.Random, *, loss: float | None = None, at: float = 1_700_000_000.0) -> StepEvent:
    smooth = 1.28 + 2.1 * math.exp(-step / 900) + 1.2 * (1 + step / 60) ** -0.5
    value = smooth + rng.gauss(0, 0.03) if loss is None else loss
    spread = abs(rng.gauss(0.05, 0.02))
    return StepEvent(
        time=at + step * 0.05,
        step=step,
        chars=step * PER_STEP,
        epoch=step * PER_STEP / 10_512_644,
        loss=value,
        loss_low=value - spread,
        loss_high=value + spread,
        span=10,
        learning_rate=2e-3 * min(1.0, step / 400) * (0.5 + 0.5 * math.cos(math.pi * step / 20_000)),
        gradient_norm=0.4 + rng.random() * 0.3,
        chars_per_second=41_000 + rng.gauss(0, 600),
        seconds=step * 0.05,
    )


def validation(step: int, *, best: bool = True) -> ValidationEvent:
    loss = 1.33 + 2.1 * math.exp(-step / 900) + 1.2 * (1 + step / 60) ** -0.5
    bits = loss / math.log(2)
    return ValidationEvent(
        step=step, chars=step * PER_STEP, loss=loss, bits_per_character=bits, validated_chars=584_000, best=best
    )


def sample(step: int, index: int = 0, text: str | None = None, **more: object) -> SampleEvent:
    values: dict[str, object] = {"file": f"step-{step:08d}-{index}.txt", "index": index, "prompt": "\n"}
    values |= {"temperature": 0.8, "seed": step + index, "text": C_TEXT % {"n": step // 100 + index}}
    if text is not None:
        values["text"] = text
    return SampleEvent(step=step, **(values | more))  # type: ignore[arg-type]  # a test's shorthand


def _score(name: str, count: int, total: int, better: Literal["higher", "lower"]) -> Score:
    return Score(name=name, count=count, total=total, better=better)


def score(step: int) -> ScoreEvent:
    share = 1 - math.exp(-step / 4000)
    return ScoreEvent(
        step=step,
        plugin="c-syntax",
        samples=4,
        scores=(
            _score("brackets-matched", round(180 * (0.5 + share / 2.2)), 180, "higher"),
            _score("undefined-variables", round(60 - 35 * share), 75, "lower"),
            _score("unused-declarations", round(14 - 6 * share), 20, "lower"),
            _score("clean-functions", round(6 * share), 8, "higher"),
        ),
        corpus_scores=(
            _score("brackets-matched", 1790, 1800, "higher"),
            _score("undefined-variables", 41, 750, "lower"),
            _score("unused-declarations", 4, 200, "lower"),
            _score("clean-functions", 71, 80, "higher"),
        ),
    )


def training(
    steps: int = 9_000, *, every: int = 10, total: int = 20_000, ended: bool = False, incidents: bool = True
) -> Iterator[Event]:
    """A usual training: reports, validations, previews, scores, checkpoints, and what may befall it."""
    rng = random.Random(7)
    yield start(total)
    for step in range(every, steps + 1, every):
        spiked = incidents and step == steps // 2 // every * every
        yield step_event(step, rng, loss=9.0 if spiked else None)
        if step % 1000 == 0:
            yield validation(step)
            yield CheckpointEvent(step=step, folder=f"step-{step:08d}", names=("best", "last"))
            for index in range(2):
                yield sample(step, index)
            yield score(step)
        if incidents and step == 5200:
            yield ControlEvent(step=step, id="a1", command="learning-rate", accepted=True, detail="0.001")
        if incidents and step == 6100:
            yield ControlEvent(step=step, id="a2", command="pause", accepted=True, reason="lunch")
            yield ControlEvent(step=step, id="a3", command="resume", accepted=True)
        if incidents and step == 7300:
            yield step_event(step + 5, rng, loss=math.nan)
            yield DivergenceEvent(
                step=step + 5, reason="the loss is nan", restored_step=7000, learning_rate_factor=0.5, attempt=1
            )
            for again in range(7000 + every, 7301, every):
                yield step_event(again, rng)
            yield NoteEvent(step=step, level="warning", text="slow disk")
    if ended:
        yield EndEvent(step=steps, state="finished", reason="all steps done", chars=steps * PER_STEP, seconds=450.0)


def write_long(run: RunFolder, reports: int) -> None:
    """Replace a run's events by a very long training, quickly (the recorder writes line by line)."""
    rng = random.Random(1)
    lines = [to_line(start(total=reports))]
    some = [step_event(10 * step, rng) for step in range(1, 101)]
    template = [to_line(event).split('"step":', 1) for event in some]
    with run.events_path.open("w") as file:
        file.write(lines[0])
        for number in range(1, reports + 1):
            head, tail = template[number % 100]
            rest = tail.split(",", 1)[1]
            file.write(f'{head}"step":{number},{rest}')
