"""What was measured on."""

from __future__ import annotations

from typing import Any

import torch

from rnnlab.model.device import describe_device


def machine(device: torch.device) -> dict[str, Any]:
    """What was measured on, as plain JSON values."""
    cpu = torch.device("cpu")
    return {"cpu": describe_device(cpu), "device": describe_device(device), "torch": torch.__version__}
