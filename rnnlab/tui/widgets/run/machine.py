"""The machine: GPUs where there are any, processors, memory, and what the trainer takes of them."""

from __future__ import annotations

from rich.text import Text

from rnnlab.display import safe
from rnnlab.runs.heartbeat import LockState
from rnnlab.tui.figures import size
from rnnlab.tui.reading.machine import Gpu, Machine
from rnnlab.tui.widgets.lines import Lines


class MachinePanel(Lines):
    """Draws a :class:`Machine`."""

    _shown: tuple[Machine | None, LockState | None] | None = None

    def on_resize(self) -> None:
        """The gauges take what room there is."""
        if self._shown is not None:
            self.show(*self._shown)

    def show(self, machine: Machine | None, holder: LockState | None) -> None:
        """Draw; ``holder`` is who trains, perhaps elsewhere."""
        self._shown = (machine, holder)
        if machine is not None:
            self.rows = machine_rows(machine, holder, self.size.width)


def machine_rows(machine: Machine, holder: LockState | None, width: int) -> list[Text]:
    """Gauges, one per row."""
    rows: list[Text] = []
    bar = max(6, min(24, width - 42))
    for gpu in machine.gpus:
        rows += _gpu_rows(gpu, bar)
    rows.append(_gauge("cpu", machine.cpu, f"{machine.cores} cores, load {machine.load:.1f}", bar))
    share = 100 * machine.memory / machine.memory_total if machine.memory_total else 0.0
    rows.append(_gauge("memory", share, f"{size(machine.memory)} of {size(machine.memory_total)}", bar))
    if holder is not None and not holder.here:
        rows.append(_row("trainer", f"process {holder.pid} on {safe(holder.host, multiline=False)}, another machine"))
    elif machine.trainer is not None:
        process = machine.trainer
        rows.append(_gauge("trainer", process.cpu / machine.cores, f"{process.cpu:.0f}% of a core", bar))
        rows.append(_row("", f"{size(process.memory)} resident, {process.threads} threads, pid {process.pid}"))
    else:
        rows.append(_row("trainer", "none is running"))
    if holder is not None:
        rows.append(_row("heartbeat", f"{holder.age_s:.0f} s ago"))
    rows.append(_row("dashboard", f"{size(machine.own_memory)} resident"))
    return rows


def _gpu_rows(gpu: Gpu, bar: int) -> list[Text]:
    rows = [Text(safe(gpu.name, multiline=False), "bold", no_wrap=True)]
    if gpu.use is not None:
        warm = f"{gpu.temperature:.0f} °C" if gpu.temperature is not None else ""
        rows.append(_gauge("gpu", gpu.use, warm, bar))
    if gpu.memory is not None and gpu.memory_total:
        words = f"{size(gpu.memory)} of {size(gpu.memory_total)}"
        rows.append(_gauge("gpu memory", 100 * gpu.memory / gpu.memory_total, words, bar))
    if gpu.power is not None:
        limit = f" of {gpu.power_limit:.0f}" if gpu.power_limit else ""
        rows.append(_row("power", f"{gpu.power:.0f}{limit} W"))
    return rows


def _row(name: str, words: str) -> Text:
    return Text(no_wrap=True).append(name.ljust(11), "dim").append(words)


def _gauge(name: str, per_cent: float, words: str, bar: int) -> Text:
    full = round(bar * min(max(per_cent, 0.0), 100.0) / 100)
    row = Text(no_wrap=True).append(name.ljust(11), "dim")
    row.append("■" * full, "green" if per_cent < 80 else "yellow").append("·" * (bar - full), "bright_black")
    return row.append(f" {per_cent:3.0f}% ", "bold").append(words, "dim")
