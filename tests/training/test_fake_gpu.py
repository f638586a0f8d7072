"""An update on a pretended GPU: every shape, format and device agrees, and nothing waits for the host.

Runs wherever torch is built with CUDA; it needs no card. Gradients are pretended too, since torch
does not differentiate on a card that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import torch
from device_kit import OnTheCard
from torch._subclasses.fake_tensor import FakeTensorMode

from rnnlab.config import Cell, ModelConfig, Optimizer, TrainingConfig
from rnnlab.model.cudnn_engine import CudnnEngine, Format, Layout
from rnnlab.model.network import CharModel
from rnnlab.model.sampling import SamplingSettings, graph
from rnnlab.model.sampling.graph import GraphEngine
from rnnlab.model.sampling.weights import weights_of
from rnnlab.training.batches import Batches
from rnnlab.training.optimizers import AveragedWeights, Optimizers
from rnnlab.training.program import UpdateProgram
from rnnlab.training.scaling import LossScale
from rnnlab.training.windows import ResidentWindows

pytestmark = pytest.mark.skipif(torch.version.cuda is None, reason="this torch is built without CUDA")

V, N, T = 11, 4, 5
CARD = torch.device("cuda")


class Streams:
    """N texts in memory."""

    length = 21

    def read(self, start: int, stop: int) -> np.ndarray:
        return np.zeros((N, stop - start), np.uint8)


@pytest.fixture(autouse=True)
def _pretended(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def gradients(_loss: torch.Tensor, weights: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
        return tuple(torch.zeros_like(weight) for weight in weights)

    monkeypatch.setattr(torch.autograd, "grad", gradients)
    monkeypatch.setattr(torch.backends.cudnn, "enabled", False)  # its own kernels ask the card
    with torch.no_grad():
        yield


# No gru: torch has no pretended kernel for it.
CASES: list[tuple[Format, Layout, Cell, Optimizer]] = [
    ("float32", "split", "lstm", "adamw"),
    ("tf32", "stacked", "rnn", "rmsprop"),
    ("float16", "persistent", "lstm", "muon"),
    ("float16", "stacked", "lstm", "rmsprop"),
    ("float16", "split", "rnn", "muon"),
    ("float16", "persistent", "rnn", "adamw"),
]


@pytest.mark.parametrize(("form", "layout", "cell", "optimizer"), CASES)
def test_an_update_is_work_for_the_card_alone(form: Format, layout: Layout, cell: Cell, optimizer: Optimizer) -> None:
    plain = layout == "stacked"
    model = ModelConfig(
        cell=cell,
        layers=2,
        hidden=20,
        embedding=6 if plain else 0,
        skip=not plain,
        dropout_between=0.0 if plain else 0.2,
        dropout_input=0.1,
        dropout_output=0.1,
    )
    config = TrainingConfig(streams=N, window=T, optimizer=optimizer, weight_average=0.5)
    with FakeTensorMode(allow_non_fake_inputs=True):
        network = CharModel(model, V)
        for module in network.modules():
            for name, weight in list(module.named_parameters(recurse=False)):
                setattr(module, name, torch.nn.Parameter(weight.detach().to(CARD)))
        network.engine = CudnnEngine(form, layout)
        optimizers = Optimizers(network, config, CARD, held=True)
        scale = LossScale(CARD) if form == "float16" else None
        if scale is not None:
            optimizers.skip_where(scale.found)
        averaged = AveragedWeights(network.parameters(), 0.5)
        windows = ResidentWindows(Batches(Streams(), N, T), CARD)
        update = UpdateProgram(network, optimizers, averaged, windows, streams=N, clip_norm=1.0, slots=3, scale=scale)
        with OnTheCard() as card:
            for index in range(2):
                update.aim(index, 1e-3, begins=index == 0, slot=index)
                update.run()
        assert card.seen > 100
        assert {part.dtype for layer in update.state for part in layer} == {torch.float32}


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("asked", [SamplingSettings(), SamplingSettings(top_k=3, top_p=0.9, min_p=0.1)])
def test_drawing_is_work_for_the_card_alone(
    exact: bool, skip: bool, asked: SamplingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "Replayed", lambda work, _device: work)  # a stream needs the card itself
    weights = weights_of(CharModel(ModelConfig(layers=2, hidden=8, skip=skip), V))
    with FakeTensorMode(allow_non_fake_inputs=True):
        engine = GraphEngine(weights, device=CARD, exact=exact)
        _, work = engine._work(3, 2, asked, True)
        with OnTheCard() as card:
            work()
    assert card.seen > 20
