"""The optimizers are torch's, and training starts without what belongs to torch.compile."""

from __future__ import annotations

import subprocess
import sys

import torch

from rnnlab.training.eager_optimizer import AdamW

_A_STEP = """
import sys, torch
from typing import get_args
from rnnlab.config import ModelConfig, Optimizer, TrainingConfig
from rnnlab.model.network import CharModel
from rnnlab.training.batches import Batch
from rnnlab.training.step import Stepper
ids = torch.zeros(2, 4, dtype=torch.int64)
for name in get_args(Optimizer):
    network = CharModel(ModelConfig(layers=2, hidden=8), 5)
    stepper = Stepper(network, TrainingConfig(optimizer=name, weight_average=0.5), torch.device("cpu"))
    stepper.step(Batch(ids, ids, True), 1e-3)
    stepper.optimizers.load_state_dict(stepper.optimizers.state_dict())
assert "torch._dynamo" not in sys.modules
"""


def test_no_update_imports_the_compiler() -> None:
    subprocess.run([sys.executable, "-c", _A_STEP], check=True, timeout=120)


def test_adamw_computes_torchs_bits_and_keeps_torchs_state() -> None:
    start, trees, results = torch.randn(5, 3), [], []
    for kind in (torch.optim.AdamW, AdamW):
        weight = torch.nn.Parameter(start.clone())
        optimizer = kind([{"params": [weight], "weight_decay": 0.1}], lr=0.01, betas=(0.9, 0.99), fused=True)
        for step in range(6):
            optimizer.zero_grad()
            weight.grad = torch.sin(start * (step + 1))
            optimizer.step()
            if step == 2:
                optimizer.load_state_dict(optimizer.state_dict())
        results.append(weight.detach())
        trees.append(optimizer.state_dict())
    assert torch.equal(results[0], results[1])
    assert trees[0]["param_groups"] == trees[1]["param_groups"]
    assert all(torch.equal(trees[0]["state"][0][name], value) for name, value in trees[1]["state"][0].items())
