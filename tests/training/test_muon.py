"""What Muon makes of a gradient, against the singular value decomposition that it stands for."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rnnlab.training.muon import ROUNDS, Muon, orthogonalized


def with_singular_values(rows: int, columns: int, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """A matrix with these singular values, and the semi-orthogonal matrix of the same directions."""
    random = torch.Generator().manual_seed(rows + columns)
    left, _ = torch.linalg.qr(torch.randn(rows, len(values), generator=random))
    right, _ = torch.linalg.qr(torch.randn(columns, len(values), generator=random))
    return left @ torch.diag(values) @ right.mT, left @ right.mT


@pytest.mark.parametrize(("rows", "columns"), [(256, 64), (64, 64), (64, 200), (33, 7), (1, 5)])
@pytest.mark.parametrize("size", [1.0, 1e-7, 1e5])
def test_every_direction_comes_out_with_the_same_size(rows: int, columns: int, size: float) -> None:
    matrix, wanted = with_singular_values(rows, columns, torch.logspace(0, math.log10(0.05), min(rows, columns)))
    result = orthogonalized(size * matrix[None])[0].float()
    assert float((result - wanted).norm() / wanted.norm()) < 0.05


def test_what_is_smaller_than_the_rounding_is_not_blown_up() -> None:
    matrix, _ = with_singular_values(256, 64, torch.logspace(0, -8, 64))
    values = torch.linalg.svdvals(orthogonalized(matrix[None])[0].float())
    assert float(values.max()) < 1.05


def test_nothing_stays_nothing() -> None:
    assert not orthogonalized(torch.zeros(2, 8, 4)).any()


def test_matrices_side_by_side_do_not_touch_each_other() -> None:
    matrices = (
        torch.randn(3, 48, 16, generator=torch.Generator().manual_seed(0))
        * torch.tensor([1.0, 1e-6, 1e3])[:, None, None]
    )
    together = orthogonalized(matrices).float()
    for matrix, result in zip(matrices, together, strict=True):
        torch.testing.assert_close(orthogonalized(matrix[None])[0].float(), result, atol=0.02, rtol=0)


def test_the_polynomials_take_every_value_to_one() -> None:
    values = np.geomspace(0.01, 1, 2000)
    for a, b, c in (polynomial for polynomials in ROUNDS for polynomial in polynomials):
        values = a * values + b * values**3 + c * values**5
    assert np.abs(values - 1).max() < 0.013


def test_a_step_is_as_long_as_the_rate_whatever_the_gradient_s_size() -> None:
    steps = []
    for size in (1e-6, 1.0):
        tall, square = (torch.nn.Parameter(torch.zeros(rows, 32)) for rows in (128, 32))
        for parameter in (tall, square):
            parameter.grad = size * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1))
        Muon([tall, square], lr=0.02).step()
        steps.append((tall.detach(), square.detach()))
        # Root mean squares of components are alike in both, as if each gate's square were orthogonal.
        for parameter in (tall, square):
            assert float(parameter.detach().square().mean().sqrt()) == pytest.approx(0.02 / math.sqrt(32), rel=0.1)
    for small, large in zip(*steps, strict=True):
        torch.testing.assert_close(small, large, atol=1e-3, rtol=0)
