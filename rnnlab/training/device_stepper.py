"""Updates on a GPU: the whole update as one program, captured as a graph where that works.

The host says what the next update is about and goes on; losses stay on the device until somebody
fetches them. What is computed is what `Stepper` computes. Without a GPU the same program runs as
it is, which is how it is tested. Not yet measured on a card.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from rnnlab.config import TrainingConfig
from rnnlab.model.cuda_graph import Replayed
from rnnlab.model.layer import State
from rnnlab.model.network import CharModel
from rnnlab.training.batches import Batches
from rnnlab.training.optimizers import Optimizers
from rnnlab.training.program import UpdateProgram
from rnnlab.training.scaling import LossScale
from rnnlab.training.step import Stepper
from rnnlab.training.windows import Windows, windows_on


class DeviceStepper(Stepper):
    """A `Stepper` whose updates are work for the device alone.

    Args:
        network: trained in place, with the engine that it keeps.
        config: as for `Stepper`.
        device: where the network lies.
        batches: the train part; `learn` takes no other.
        scaled: scale the losses, for engines whose products are float16.
        windows: how the text gets to the device; chosen by its size where nothing is said.
        capturing: replay updates as a graph where that works.
    """

    def __init__(
        self,
        network: CharModel,
        config: TrainingConfig,
        device: torch.device,
        batches: Batches,
        *,
        scaled: bool = False,
        windows: Windows | None = None,
        capturing: bool = True,
    ) -> None:
        super().__init__(network, config, device)
        self._scale = LossScale(device) if scaled else None
        if self._scale is not None:
            self.optimizers.skip_where(self._scale.found)
        self._program = UpdateProgram(
            network,
            self.optimizers,
            self.averaged,
            windows or windows_on(device, batches),
            streams=batches.count,
            clip_norm=config.clip_norm,
            slots=config.report_every,
            scale=self._scale,
        )
        self._update = Replayed(self._program.run, device, capturing=capturing)
        self._carried = False
        self._fetched: list[tuple[float, float]] = []  # fetched, or from a checkpoint, and not yet reported
        self._pending = 0  # on the device, in the first slots
        self._trouble_told = False

    def _make_optimizers(self, config: TrainingConfig) -> Optimizers:
        return Optimizers(self.network, config, self.device, held=True)

    def learn(self, batches: Batches, index: int, learning_rate: float) -> None:
        """See `Stepper`; nothing here waits for the device, unless a report is long overdue."""
        if self._pending == len(self._program.told):
            self._bring()
        begins = batches.first(index) or not self._carried
        self._program.aim(index, learning_rate, begins=begins, slot=self._pending)
        self._update()
        self._carried = True
        self._pending += 1

    def close(self) -> None:
        """See `Stepper`."""
        self._program.windows.close()

    def _bring(self) -> None:
        """Fetch what the device has to tell; waits for it."""
        if self._pending:
            pairs: list[list[float]] = self._program.told[: self._pending].tolist()
            self._fetched += [(loss, norm) for loss, norm in pairs]
            self._pending = 0

    @property
    def captured(self) -> bool:
        """Whether updates are replayed as a graph by now."""
        return self._update.captured

    def troubles(self) -> list[str]:
        """See `Stepper`."""
        if not self._update.trouble or self._trouble_told:
            return []
        self._trouble_told = True
        return [f"no CUDA graph, updates are slower: {self._update.trouble}"]

    def gather(self) -> dict[str, Any]:
        """See `Stepper`; the factor of the losses comes along."""
        tree = {**super().gather(), "hidden": self._program.state if self._carried else None}
        if self._scale is not None:
            tree["scale"] = self._scale.gather()
        return tree

    def set_hidden(self, hidden: State | None) -> None:
        """See `Stepper`; called whenever a checkpoint is restored, after which the graph must be captured anew."""
        self._carried = hidden is not None
        for held_layer, layer in zip(self._program.state, hidden or (), strict=hidden is not None):
            for held, part in zip(held_layer, layer, strict=True):
                held.copy_(part)
        self._update.forget()

    def set_scale(self, scale: Mapping[str, float] | None) -> None:
        """See `Stepper`."""
        if self._scale is not None and scale is not None:
            self._scale.set(scale)

    @property
    def unreported(self) -> int:
        """See `Stepper`."""
        return len(self._fetched) + self._pending

    def peek(self) -> tuple[list[float], list[float]]:
        """See `Stepper`."""
        self._bring()
        return [loss for loss, _ in self._fetched], [norm for _, norm in self._fetched]

    def restore_unreported(self, losses: list[float], norms: list[float]) -> None:
        """See `Stepper`."""
        self._fetched, self._pending = list(zip(losses, norms, strict=True)), 0
