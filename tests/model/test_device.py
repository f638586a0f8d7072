"""A device that was asked for is taken or refused, never replaced."""

from __future__ import annotations

import pytest
import torch

from rnnlab.cores import usable_cores
from rnnlab.errors import DeviceError
from rnnlab.model.device import describe_device, pick_device


def test_the_cpu_is_always_there_and_has_a_name() -> None:
    assert pick_device("cpu") == torch.device("cpu")
    assert describe_device(torch.device("cpu")).endswith(f"{usable_cores()} core" + "s" * (usable_cores() != 1))


def test_auto_takes_what_there_is() -> None:
    assert pick_device("auto").type in ("cuda", "mps", "cpu")
    assert pick_device() == pick_device("auto")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
@pytest.mark.parametrize("wish", ["cuda", "cuda:1"])
def test_a_gpu_that_is_not_there_is_one_clear_error(wish: str) -> None:
    with pytest.raises(DeviceError) as caught:
        pick_device(wish)
    text = str(caught.value)
    assert text.startswith(f"{wish}: ")
    assert "CUDA" in text
    assert "leave --gpu out" in text
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize("wish", ["gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "", "tpu"])
def test_an_unknown_device_is_an_error_that_lists_the_known(wish: str) -> None:
    with pytest.raises(DeviceError, match="Use auto, cpu, cuda"):
        pick_device(wish)
