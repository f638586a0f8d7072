"""What the machine does: processors, memory, GPUs, and the trainer's own share. Looked at from a thread.

Only this machine can be measured: of a trainer on another host nothing is known but its heartbeat.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil  # type: ignore[import-untyped]  # has no stubs

from rnnlab.tui.reading.follower import Follower

INTERVAL = 2.0


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU; None where its driver does not tell. Memory in bytes, power in watts."""

    name: str
    use: float | None
    memory: int | None
    memory_total: int | None
    temperature: float | None
    power: float | None
    power_limit: float | None


@dataclass(frozen=True, slots=True)
class Process:
    """A process on this machine: share of one core in per cent, resident bytes."""

    pid: int
    cpu: float
    memory: int
    threads: int


@dataclass(frozen=True, slots=True)
class Machine:
    """One look. ``cpu`` in per cent of all cores, memory in bytes."""

    cpu: float
    cores: int
    load: float
    memory: int
    memory_total: int
    gpus: tuple[Gpu, ...] = ()
    trainer: Process | None = None
    own_memory: int = 0


class MachineFollower(Follower):
    """Looks at the machine every two seconds; ``trainer`` is the process id to look at as well."""

    def __init__(self, deliver: Callable[[Machine], None]) -> None:
        super().__init__("watch the machine")
        self.trainer: int | None = None
        self._deliver = deliver
        self._process: psutil.Process | None = None
        self._own = psutil.Process()
        self._gpus: list[Any] | None = None
        psutil.cpu_percent()

    def once(self) -> float:
        """One look."""
        memory = psutil.virtual_memory()
        self._deliver(
            Machine(
                cpu=psutil.cpu_percent(),
                cores=os.cpu_count() or 1,
                load=psutil.getloadavg()[0],
                memory=memory.total - memory.available,
                memory_total=memory.total,
                gpus=self._look_at_gpus(),
                trainer=self._look_at_trainer(),
                own_memory=self._own.memory_info().rss,
            )
        )
        return INTERVAL

    def _look_at_trainer(self) -> Process | None:
        if self.trainer is None:
            return None
        try:
            if self._process is None or self._process.pid != self.trainer:
                self._process = psutil.Process(self.trainer)
            with self._process.oneshot():
                memory, threads = self._process.memory_info().rss, self._process.num_threads()
                return Process(self.trainer, self._process.cpu_percent(), memory, threads)
        except psutil.Error:
            self._process = None
            return None

    def _look_at_gpus(self) -> tuple[Gpu, ...]:
        if self._gpus is None:
            self._gpus = _handles()
        return tuple(_gpu(handle) for handle in self._gpus)


def _handles() -> list[Any]:
    """NVIDIA's handles; none where there is no driver."""
    try:
        import pynvml  # type: ignore[import-untyped]  # has no stubs

        pynvml.nvmlInit()
        return [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
    except Exception:  # noqa: BLE001  # pynvml's errors are made at run time; without a driver there are simply none
        return []


def _gpu(handle: Any) -> Gpu:
    import pynvml

    def told(function: Callable[..., Any], *more: Any) -> Any:
        with contextlib.suppress(pynvml.NVMLError):  # not every card tells everything
            return function(handle, *more)
        return None

    name = told(pynvml.nvmlDeviceGetName) or "GPU"
    rates, memory = told(pynvml.nvmlDeviceGetUtilizationRates), told(pynvml.nvmlDeviceGetMemoryInfo)
    power, limit = told(pynvml.nvmlDeviceGetPowerUsage), told(pynvml.nvmlDeviceGetEnforcedPowerLimit)
    return Gpu(
        name=name if isinstance(name, str) else name.decode("ascii", "replace"),
        use=float(rates.gpu) if rates else None,
        memory=int(memory.used) if memory else None,
        memory_total=int(memory.total) if memory else None,
        temperature=told(pynvml.nvmlDeviceGetTemperature, pynvml.NVML_TEMPERATURE_GPU),
        power=power / 1000 if power is not None else None,
        power_limit=limit / 1000 if limit is not None else None,
    )
