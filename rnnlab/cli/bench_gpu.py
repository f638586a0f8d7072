"""``rnnlab bench gpu``: all that is promised of a GPU, in one go within a few minutes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rnnlab.cli import console
from rnnlab.cli.at_once import leaving_at_once

if TYPE_CHECKING:
    from rnnlab.training.bench.gpu import Row

_BUDGET = 350.0  # seconds after which no further row is begun: the longest takes two minutes at most
_SECONDS, _QUICK_SECONDS = 2.0, 0.3
_UNITS = {
    "chars_per_second": "characters/s",
    "seconds": "s",
    "nats_apart": "nats apart",
    "bits_apart": "bits apart",
    "symbols_apart": "symbols apart",
    "percent": "%",
    "busy_milliseconds": "ms busy",
}


def bench_gpu(device: str, *, quick: bool, as_json: bool) -> bool:
    """Measure, and print a table or JSON; says whether every row could be measured."""
    with leaving_at_once():
        from rnnlab.model.device import pick_device
        from rnnlab.training.bench.gpu import rows
        from rnnlab.training.bench.machine import machine

    chosen = pick_device("cuda" if device == "auto" else device)
    about = machine(chosen)
    if chosen.type != "cuda":
        console.say("no GPU: tiny networks try the instrument, and these figures say nothing about speed")
    found = []
    interrupted = False
    try:
        for row in rows(chosen, _QUICK_SECONDS if quick else _SECONDS, _BUDGET, console.say):
            found.append(row)
            console.say(f"  {row.trouble or _told(row)}")
    except KeyboardInterrupt:  # what has been measured was dear
        interrupted = True
    if as_json:
        console.data(json.dumps({"gpu": [row.to_json() for row in found], "machine": about}, indent=1) + "\n")
    else:
        _show(found, about)
    if interrupted:
        raise KeyboardInterrupt
    return not any(row.trouble for row in found)


def _show(found: list[Row], about: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("what", "measured", "at least", "aim", "verdict", "how"):
        table.add_column(title, justify="right" if title in ("measured", "at least", "aim") else "left")
    for row in found:
        promised = ["", ""] if row.least is None or row.aim is None else [_figure(row.least), _figure(row.aim)]
        how = row.trouble or _how(row.details)
        table.add_row(row.what, "" if row.trouble else _told(row), *promised, row.verdict(), how)
    out = console.out()
    out.print(table)
    out.print(f"{about['device']}; torch {about['torch']}", style="dim", markup=False)


def _how(details: dict[str, Any]) -> str:
    words = [str(details["engine"])] if "engine" in details else []
    if "graph" in details:
        words.append("graph" if details["graph"] else "no graph")
    if details.get("teraflops"):
        words.append(f"{details['teraflops']:.3g} TFLOP/s")
    if "wall_milliseconds" in details:
        words.append(f"{_figure(details['wall_milliseconds'])} ms on the wall, {_figure(details['calls'])} kernels")
    return ", ".join(words)


def _told(row: Row) -> str:
    return f"{_figure(row.value)} {_UNITS[row.unit]}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
