"""The update as a program for the device: the same updates as the plain ones, and fit to be captured.

There need be no GPU: the program runs as it is on a CPU, and what a capture would refuse is refused here.
"""

from __future__ import annotations

import dataclasses
from typing import Any, get_args

import numpy as np
import pytest
import torch
from device_kit import Recorded, Tape

from rnnlab.config import Cell, ModelConfig, Optimizer, TrainingConfig
from rnnlab.model.cudnn_engine import CudnnEngine, Format
from rnnlab.model.network import CharModel
from rnnlab.training.batches import Batches
from rnnlab.training.device_stepper import DeviceStepper
from rnnlab.training.rmsprop import RMSProp
from rnnlab.training.scaling import LossScale
from rnnlab.training.state import Progress, capture, restore
from rnnlab.training.step import Stepper
from rnnlab.training.windows import ResidentWindows, StreamedWindows, Windows

CPU = torch.device("cpu")
V, N, T = 11, 4, 6
SMALL = TrainingConfig(streams=N, window=T, learning_rate=1e-2, report_every=5)
MODEL = ModelConfig(layers=2, hidden=16, embedding=8)


class MemoryStreams:
    """N texts in memory."""

    def __init__(self, length: int = 40, dtype: type[np.generic] = np.uint8) -> None:
        self.length = length
        self.rows = np.random.default_rng(3).integers(0, V, (N, length)).astype(dtype)

    def read(self, start: int, stop: int) -> np.ndarray:
        return self.rows[:, start:stop].copy()


def batches() -> Batches:
    return Batches(MemoryStreams(), N, T)


def plain(config: TrainingConfig, model: ModelConfig = MODEL) -> Stepper:
    return Stepper(CharModel(model, V, seed=1), config, CPU)


def program(config: TrainingConfig, model: ModelConfig = MODEL, **kwargs: Any) -> DeviceStepper:
    return DeviceStepper(CharModel(model, V, seed=1), config, CPU, batches(), **kwargs)


def train(stepper: Stepper, start: int, stop: int, rate: float = 1e-2) -> None:
    torch.manual_seed(start)
    for index in range(start, stop):
        stepper.learn(batches(), index, rate * (1 + index % 3))


def weights(stepper: Stepper) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in stepper.parameters])


@pytest.mark.parametrize("optimizer", get_args(Optimizer))
@pytest.mark.parametrize("cell", get_args(Cell))
def test_the_program_makes_the_updates_that_plain_training_makes(optimizer: Optimizer, cell: Cell) -> None:
    config = dataclasses.replace(SMALL, optimizer=optimizer, weight_average=0.9, clip_norm=0.5)
    model = dataclasses.replace(MODEL, cell=cell, dropout_between=0.2, dropout_output=0.1)
    ours, theirs = program(config, model), plain(config, model)
    for stepper in (ours, theirs):
        train(stepper, 0, 17)  # two and a half epochs
    for mine, other in zip(ours.peek(), theirs.peek(), strict=True):
        assert len(mine) == 17
        assert mine == pytest.approx(other, rel=1e-2 if optimizer == "muon" else 2e-4)
    assert ours.averaged is not None
    assert theirs.averaged is not None
    # Muon's bfloat16 makes a little more of a last bit.
    near = 1e-2 if optimizer == "muon" else 2e-4
    torch.testing.assert_close(weights(ours), weights(theirs), rtol=1e-3, atol=near)
    torch.testing.assert_close(ours.averaged.average, theirs.averaged.average, rtol=1e-3, atol=near)


def test_the_first_losses_are_the_same_to_the_last_bit() -> None:
    ours, theirs = program(SMALL), plain(SMALL)
    for stepper in (ours, theirs):
        train(stepper, 0, 2)
    assert ours.fetch() == theirs.fetch()
    assert ours.unreported == 0


@pytest.mark.parametrize("optimizer", get_args(Optimizer))
@pytest.mark.parametrize("scaled", [False, True])
def test_a_program_that_is_stopped_and_restored_goes_on_bit_for_bit(optimizer: Optimizer, scaled: bool) -> None:
    config = dataclasses.replace(SMALL, optimizer=optimizer, weight_average=0.9)
    whole = program(config, scaled=scaled)
    train(whole, 0, 9)
    progress = Progress(step=9, losses=whole.peek()[0], norms=whole.peek()[1])
    with whole.kept_weights():
        kept = {name: tensor.clone() for name, tensor in whole.network.state_dict().items()}
        tree = copied(capture(whole, progress))
        optimizers = copied(whole.optimizers.state_dict())
    train(whole, 9, 16)
    resumed = program(config, scaled=scaled)
    resumed.network.load_state_dict(kept)
    restore(resumed, optimizers, tree)
    train(resumed, 9, 16)
    assert resumed.peek() == whole.peek()
    assert torch.equal(weights(resumed), weights(whole))


def test_a_checkpoint_of_either_kind_of_training_serves_the_other() -> None:
    for first, second in ((plain, program), (program, plain)):
        began = first(SMALL)
        train(began, 0, 8)
        went_on = second(SMALL)
        went_on.network.load_state_dict(began.network.state_dict())
        restore(went_on, copied(began.optimizers.state_dict()), copied(capture(began, Progress())))
        train(began, 8, 12)
        train(went_on, 8, 12)
        assert went_on.peek()[0] == pytest.approx(began.peek()[0][8:], rel=1e-4)


def copied(tree: Any) -> Any:
    """A deep copy, as a file would hold it."""
    if isinstance(tree, torch.Tensor):
        return tree.detach().clone()
    if isinstance(tree, dict):
        return {key: copied(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(copied(value) for value in tree)
    return tree


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
@pytest.mark.parametrize("kind", [ResidentWindows, StreamedWindows])
def test_windows_on_the_device_are_the_batches(kind: type[Windows], dtype: type[np.generic]) -> None:
    source = Batches(MemoryStreams(length=45, dtype=dtype), N, T)
    windows = kind(source, CPU)  # type: ignore[call-arg]  # both take these
    for index in (0, 1, 5, 6, 7, 13, 40, 3):
        windows.aim(index)
        batch = source.at(index)
        assert torch.equal(windows.ids()[:, :-1], batch.inputs)
        assert torch.equal(windows.ids()[:, 1:], batch.targets)


@pytest.mark.parametrize("optimizer", get_args(Optimizer))
@pytest.mark.parametrize("cell", get_args(Cell))
@pytest.mark.parametrize("scaled", [False, True])
def test_an_update_never_waits_for_the_device_and_always_does_the_same_work(
    optimizer: Optimizer, cell: Cell, scaled: bool
) -> None:
    model = ModelConfig(cell=cell, layers=2, hidden=16, dropout_between=0.2, dropout_input=0.1, skip=True)
    config = dataclasses.replace(SMALL, optimizer=optimizer, weight_average=0.5)
    stepper = program(config, model, scaled=scaled)
    stepper.network.engine = CudnnEngine("float16" if scaled else "float32", "split")
    train(stepper, 0, 2)  # the optimizers make their state in the first one
    runs = []
    for index in (2, 6, 7):  # the streams begin anew at 6
        stepper._program.aim(index, 1e-3, begins=index == 6, slot=0)
        with Recorded() as recorded:
            stepper._program.run()
        runs.append(recorded.seen)
    assert len(runs[0]) > 20
    assert runs[0] == runs[1] == runs[2]


@pytest.mark.parametrize("optimizer", get_args(Optimizer))
@pytest.mark.parametrize("form", ["float32", "float16"])
def test_an_update_that_is_recorded_once_and_replayed_computes_what_fresh_ones_compute(
    optimizer: Optimizer, form: Format
) -> None:
    config = dataclasses.replace(SMALL, optimizer=optimizer, weight_average=0.5, report_every=50)
    model = dataclasses.replace(MODEL, dropout_between=0.2)
    fresh, replayed = (program(config, model, scaled=form == "float16") for _ in range(2))
    for stepper in (fresh, replayed):
        stepper.network.engine = CudnnEngine(form, "split")
    train(fresh, 0, 15)
    tape = Tape()
    torch.manual_seed(0)
    for index in range(15):  # two and a half epochs, at changing rates
        begins = batches().first(index)
        replayed._program.aim(index, 1e-2 * (1 + index % 3), begins=begins, slot=index)
        if index < 2:
            replayed._program.run()
        elif index == 2:
            with tape:
                replayed._program.run()
        else:
            tape.replay()
    replayed._pending = 15
    assert replayed.peek() == fresh.peek()
    assert torch.equal(weights(replayed), weights(fresh))
    assert replayed.averaged is not None
    assert fresh.averaged is not None
    assert all(map(torch.equal, replayed.averaged.average, fresh.averaged.average))


def test_what_an_update_uses_stays_where_it_is() -> None:
    config = dataclasses.replace(SMALL, optimizer="muon", weight_average=0.5)
    stepper = program(config, scaled=True)
    train(stepper, 0, 2)

    def places() -> list[int]:
        tensors = [*stepper.parameters, *(part for layer in stepper._program.state for part in layer)]
        for part in stepper.optimizers._parts.values():
            tensors += [value for state in part.state.values() for value in state.values()]
            tensors += [group["lr"] for group in part.param_groups]
        return [tensor.data_ptr() for tensor in tensors]

    before = places()
    train(stepper, 2, 9)
    with stepper.kept_weights():
        pass
    assert places() == before


def test_an_overflow_changes_no_weight_and_halves_the_factor() -> None:
    stepper = program(dataclasses.replace(SMALL, weight_decay=0.1), scaled=True)
    train(stepper, 0, 3)
    assert stepper._scale is not None
    before, factor = weights(stepper).clone(), float(stepper._scale.factor)
    stepper._scale.factor.fill_(torch.inf)
    stepper.learn(batches(), 3, 1e-2)
    assert torch.equal(weights(stepper), before)
    losses, norms = stepper.fetch()
    assert np.isfinite(losses).all()
    assert norms[-1] == 0.0
    stepper._scale.factor.fill_(factor)
    stepper.learn(batches(), 4, 1e-2)
    assert not torch.equal(weights(stepper), before)


def test_the_factor_adapts_to_what_the_gradients_bear() -> None:
    scale = LossScale(CPU)
    start = float(scale.factor)
    assert float(scale.undo([torch.tensor([1.0, torch.inf]), torch.ones(2)])) == 0.0
    assert float(scale.factor) == start / 2
    for _ in range(2000):
        gradient = torch.full((3,), float(scale.factor))
        assert float(scale.undo([gradient])) == 1.0
        assert gradient.tolist() == [1.0] * 3
    assert float(scale.factor) == start


def test_a_lost_weight_is_told_and_not_hidden() -> None:
    stepper = program(SMALL)
    train(stepper, 0, 1)
    with torch.no_grad():
        stepper.network.output_bias.fill_(torch.nan)
    train(stepper, 1, 2)
    losses, norms = stepper.fetch()
    assert np.isnan(losses[-1])
    assert np.isnan(norms[-1])


def test_rmsprop_is_torchs_with_either_kind_of_rate() -> None:
    start = torch.randn(5, 3)
    results = []
    for make in (
        lambda w: torch.optim.RMSprop([w], lr=0.01, alpha=0.95, eps=1e-8),
        lambda w: RMSProp([w], lr=0.01),
        lambda w: RMSProp([w], lr=torch.tensor(0.01)),
    ):
        weight = torch.nn.Parameter(start.clone())
        optimizer = make(weight)
        for step in range(4):
            weight.grad = torch.sin(start * (step + 1))
            optimizer.step()
        results.append(weight.detach())
    assert torch.equal(results[0], results[1])
    torch.testing.assert_close(results[2], results[0])
