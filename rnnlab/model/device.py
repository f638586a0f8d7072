"""Which device a run computes on, and what it is called.

An explicit wish is never replaced silently: ``--gpu`` without a GPU is an error that says how to
get one to work. Only ``auto`` chooses.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch

from rnnlab.cores import usable_cores
from rnnlab.errors import DeviceError

_CUDA_BUILD = (
    "Install a CUDA build of PyTorch (the command for your system: pytorch.org/get-started), or leave --gpu out."
)
_NO_DRIVER = "Check that nvidia-smi shows a GPU (driver installed, CUDA_VISIBLE_DEVICES not empty), or leave --gpu out."


def pick_device(wish: str = "auto") -> torch.device:
    """The device for ``auto``, ``cpu``, ``cuda``, ``cuda:<index>`` or ``mps``.

    Raises:
        DeviceError: where it is unknown or not there, with what to do about it.
    """
    if wish == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu")
    kind, _, index = wish.partition(":")
    if kind == "cpu" and not index:
        return torch.device("cpu")
    if kind == "mps" and not index:
        if not _has_mps():
            raise DeviceError("mps", "this machine or this PyTorch has no Metal GPU", "Use --device cpu.")
        return torch.device("mps")
    if kind == "cuda" and (index.isdecimal() or wish == "cuda"):
        return _cuda(wish, int(index) if index else None)
    raise DeviceError(f"device {wish}", "it is not known", "Use auto, cpu, cuda, cuda:1 (any number) or mps.")


def _cuda(wish: str, index: int | None) -> torch.device:
    if torch.version.cuda is None and torch.version.hip is None:
        raise DeviceError(wish, f"this PyTorch ({torch.__version__}) is built without CUDA", _CUDA_BUILD)
    if not torch.cuda.is_available():
        raise DeviceError(wish, "PyTorch has CUDA, but there is no GPU that it can use", _NO_DRIVER)
    count = torch.cuda.device_count()
    if index is not None and index >= count:
        there = "there is only cuda:0" if count == 1 else f"there are only cuda:0 to cuda:{count - 1}"
        raise DeviceError(wish, there, "Choose one of those.")
    if index is None:
        return torch.device("cuda")
    torch.cuda.set_device(index)  # for what knows only of a current device, such as graphs
    return torch.device("cuda", index)


def _has_mps() -> bool:
    return torch.backends.mps.is_available()


def make_deterministic(device: torch.device) -> None:
    """On a GPU, let only algorithms run from now on that give the same bits every time; slower.

    Must be called before the process computes anything on the GPU. What has no such algorithm
    raises RuntimeError when it runs.
    """
    if device.type != "cuda":
        return
    # The one setting that PyTorch's notes name both for products and for recurrent layers.
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":16:8"
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # nothing here reads memory that nobody wrote


def describe_device(device: torch.device) -> str:
    """The device as people know it, such as "AMD EPYC 9965, 2 cores" or "NVIDIA H200, 140 GiB"."""
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        return f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB"
    if device.type == "mps":
        return f"Apple GPU ({platform.machine()})"
    count = usable_cores()
    return f"{_processor_name()}, {count} core{'s' if count != 1 else ''}"


def _processor_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine()
