"""``rnnlab bench``: what this machine does, against the plain PyTorch that a person would write first."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnlab.cli import console
from rnnlab.cli.at_once import leaving_at_once
from rnnlab.errors import ConfigError

if TYPE_CHECKING:
    from rnnlab.training.bench.sections import Job
    from rnnlab.training.bench.turns import Effort, Measurement

EPILOG = """\b
Examples:
  rnnlab bench
  rnnlab bench train sample --model lstm-3x512
  rnnlab bench eval --text linux/kernel
  rnnlab bench --quick --json > speed.json
  rnnlab bench train --gpu
  rnnlab bench gpu --json > gpu.json
"""

Rows = dict[str, list["Measurement"]]


def bench(
    sections: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SECTION...", help="train, sample, eval, corpus; all of them. Or gpu alone.", show_default=False
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="SIZE", help="Such as lstm-3x512; may be repeated.", show_default=False),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(
            "--text",
            metavar="PATH",
            help="eval: a file or folder of C to judge in place of rnnlab's own; may be repeated.",
            show_default=False,
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer and shorter rounds: rough numbers sooner.")] = False,
    gpu: Annotated[bool, typer.Option("--gpu", help="Measure a GPU; an error where there is none.")] = False,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure training, sampling, judging and encoding on this machine.

    Every speed is measured in turns with a plain baseline (nn.LSTM in float32 with AdamW, the obvious
    sampling loop, a bare parse, a dictionary); medians are shown, and how many times as fast we are.
    gpu measures all that is promised of a GPU instead, speed and exactness, within eight minutes.
    """
    if sections and "gpu" in sections:
        _gpu(sections, [*(model or []), *(text or [])], device, quick=quick, as_json=as_json)
        return
    with leaving_at_once():
        from rnnlab.model.device import pick_device
        from rnnlab.training.bench.machine import machine
        from rnnlab.training.bench.sections import jobs
        from rnnlab.training.bench.turns import FULL, QUICK

    chosen = pick_device("cuda" if gpu and device == "auto" else device)
    effort = QUICK if quick else FULL
    planned = jobs(sections or (), model or (), chosen, effort, text or ())
    rows = _measured(planned, effort)
    about = machine(chosen)
    if as_json:
        plain: dict[str, Any] = {name: [row.to_json() for row in found] for name, found in rows.items()}
        console.data(json.dumps({**plain, "machine": about}, indent=1) + "\n")
    else:
        _show(rows, about)


def _gpu(sections: list[str], models: list[str], device: str, *, quick: bool, as_json: bool) -> None:
    if len(sections) > 1 or models:
        raise ConfigError("gpu", "stands alone: it has sizes and sections of its own", "Use: rnnlab bench gpu")
    from rnnlab.cli.bench_gpu import bench_gpu

    if not bench_gpu(device, quick=quick, as_json=as_json):
        raise typer.Exit(1)


def _measured(planned: list[Job], effort: Effort) -> Rows:
    """Every job's rows by section; tells on stderr what is measured and about how long the rest takes."""
    rows: Rows = {job.section: [] for job in planned}
    turns, done = sum(job.turns for job in planned), 0
    began = time.monotonic()
    for job in planned:
        # As planned at first, then at the pace so far: a busy machine takes longer.
        pace = (time.monotonic() - began) / done if done else effort.rounds * effort.seconds * 1.4
        console.say(f"measuring {job.section} {job.name}; about {max(1, round((turns - done) * pace))} s left")
        rows[job.section] += job.run()
        done += job.turns
    return rows


def _show(rows: Rows, about: dict[str, Any]) -> None:
    from rich.table import Table

    from rnnlab.training.bench.char_rnn import LOOP

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title, justify in (("what", "left"), ("how", "left"), ("ours", "right"), ("baseline", "right"), ("×", "right")):
        table.add_column(title, justify=justify)  # type: ignore[arg-type]  # the words are Rich's own
    for section, found in rows.items():
        for row in found:
            name, _device, *how = row.subject.values()
            unit = "characters/s" if row.unit == "chars" else "MB/s"
            notes = [f"{row.subject['streams']} streams"] if "streams" in row.subject else []
            if row.notes.get("baseline") == LOOP:
                notes.append(f"against {LOOP}")
            words = [str(word) for word in how if not isinstance(word, int)] + notes
            table.add_row(
                f"{section} {name}",
                ", ".join(words),
                f"{_figure(row.speed)} {unit}",
                _figure(row.baseline),
                f"{row.ratio:.2f}",
            )
    out = console.out()
    out.print(table)
    out.print(f"{about['device']}; torch {about['torch']}", style="dim", markup=False)


def _figure(value: float) -> str:
    """Three figures that matter."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
