"""A run's checkpoints as the trainer uses them: save, name, go back, take the best.

Knows the names that point at checkpoints (``best``, ``last``, ``best-<metric>``); how a
checkpoint lies on disk is `rnnlab.model.checkpoint`'s business.
"""

from __future__ import annotations

from pathlib import Path

from rnnlab.config import RunConfig
from rnnlab.corpus import Vocabulary
from rnnlab.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from rnnlab.model.checkpoint_folder import clean_up, list_checkpoints, newest_intact, point, prune
from rnnlab.model.network import CharModel
from rnnlab.training.state import Progress, capture, restore
from rnnlab.training.step import Stepper


class Store:
    """The checkpoints of one run; its owner holds the run's lock.

    Args:
        folder: the run's ``checkpoints`` folder.
        config: kept in every checkpoint, which is self-contained.
        vocabulary: likewise.
    """

    def __init__(self, folder: Path, config: RunConfig, vocabulary: Vocabulary) -> None:
        self._folder = folder
        self._config = config
        self._vocabulary = vocabulary
        clean_up(folder)

    def has_any(self) -> bool:
        """Whether there is something to go back to."""
        return bool(list_checkpoints(self._folder))

    def folder(self, step: int) -> str:
        """The name of a step's checkpoint."""
        return f"step-{step:08d}"

    def save(self, stepper: Stepper, progress: Progress, names: tuple[str, ...]) -> str:
        """Write a checkpoint, let the names point at it, and remove what is too old; gives its name.

        The network must hold the weights that are to be kept.
        """
        path = save_checkpoint(
            self._folder,
            progress.step,
            stepper.network,
            stepper.optimizers.state_dict(),
            capture(stepper, progress),
            self._config,
            self._vocabulary,
            metrics={"best_loss": progress.best_loss, "best_step": progress.best_step},
        )
        point(path, *names)
        prune(self._folder, self._config.training.keep_checkpoints)
        return path.name

    def name(self, step: int, names: tuple[str, ...]) -> bool:
        """Let names point at an existing checkpoint; says whether there is one of that step."""
        path = self._folder / self.folder(step)
        if not path.is_dir():
            return False
        if names:
            point(path, *names)
        return True

    def load_last(self, stepper: Stepper) -> tuple[Progress, list[str]]:
        """Go back to the newest intact checkpoint; gives its numbers, and what was wrong with newer ones.

        Raises:
            CheckpointError: if none is intact.
        """
        found = newest_intact(self._folder, training=True)
        checkpoint: Checkpoint = found.checkpoint
        stepper.share(checkpoint.weights, checkpoint.optimizer, checkpoint.trainer)
        stepper.network.load_state_dict(checkpoint.weights)
        progress = restore(stepper, checkpoint.optimizer, checkpoint.trainer)
        return progress, [f"{error.thing}: {error.reason}" for error in found.damaged]

    def load_best_weights(self, network: CharModel) -> str:
        """Give the network the best checkpoint's weights (the last one's, where none was validated)."""
        path = self._folder / "best"
        checkpoint = load_checkpoint(path if path.exists() else self._folder / "last")
        network.load_state_dict(checkpoint.weights)
        return checkpoint.path.name
