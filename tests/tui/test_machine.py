"""What is read of the machine. No GPU is at hand where tests run: its library is stood in for, only here."""

from __future__ import annotations

import sys
import types

import pytest

from rnnlab.tui.reading.machine import Machine, MachineFollower
from rnnlab.tui.widgets.run.machine import machine_rows


def look() -> Machine:
    seen: list[Machine] = []
    MachineFollower(seen.append).once()
    return seen[0]


def rows(machine: Machine) -> str:
    return "\n".join(row.plain for row in machine_rows(machine, None, 70))


def test_a_machine_without_a_gpu_has_no_gauge_for_one_and_says_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)  # as where it is not installed
    machine = look()
    assert machine.gpus == ()
    assert machine.memory_total > machine.memory > 0
    assert "gpu" not in rows(machine)
    assert "memory" in rows(machine)
    assert capfd.readouterr() == ("", "")


def test_what_a_card_does_not_tell_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class NVMLError(Exception):
        pass

    def refuse(_card: int) -> None:
        raise NVMLError("not supported")

    nvml = types.SimpleNamespace(
        NVMLError=NVMLError,
        NVML_TEMPERATURE_GPU=0,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 2,
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetName=lambda card: b"NVIDIA H200" if card == 0 else "NVIDIA \x1b[31mT4",
        nvmlDeviceGetUtilizationRates=lambda _card: types.SimpleNamespace(gpu=87, memory=20),
        nvmlDeviceGetMemoryInfo=lambda _card: types.SimpleNamespace(used=30 << 30, total=140 << 30),
        nvmlDeviceGetTemperature=lambda _card, _sensor: 61,
        nvmlDeviceGetPowerUsage=lambda card: 512_300 if card == 0 else refuse(card),
        nvmlDeviceGetEnforcedPowerLimit=lambda card: 700_000 if card == 0 else refuse(card),
    )
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    machine = look()
    first, second = machine.gpus
    assert (first.name, first.use, first.temperature, first.power, first.power_limit) == (
        "NVIDIA H200",
        87,
        61,
        512.3,
        700,
    )
    assert second.power is None
    words = rows(machine)
    assert words.count("W\n") == 1
    assert "512 of 700 W" in words
    assert "61 °C" in words
    assert "\x1b" not in words
