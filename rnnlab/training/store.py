"""A run's checkpoints as the trainer uses them: save, name, go back, take the best.

Knows the names that point at checkpoints (``best``, ``last``, ``best-<metric>``); how a
checkpoint lies on disk is `rnnlab.model.checkpoint`'s business.
"""

from __future__ import annotations

from pathlib import Path

from rnnlab.config import RunConfig
from rnnlab.corpus import Vocabulary
from rnnlab.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from rnnlab.model.checkpoint_folder import clean_up, discard, list_checkpoints, names, newest_intact, point, prune
from rnnlab.model.network import CharModel
from rnnlab.training.state import Progress, capture, restore
from rnnlab.training.step import Stepper

#: A judge who is so far behind may never come to an end.
_MOST_AWAITED = 8


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
        self._sound = 0
        self._doubtful: list[int] = []
        #: The checkpoints whose previews are being judged: one of them may be the best.
        self._awaited: list[int] = []
        clean_up(folder)

    def has_any(self) -> bool:
        """Whether there is something to go back to."""
        return bool(list_checkpoints(self._folder))

    def folder(self, step: int) -> str:
        """The name of a step's checkpoint."""
        return f"step-{step:08d}"

    def save(self, stepper: Stepper, progress: Progress, links: tuple[str, ...]) -> str:
        """Write a checkpoint, let the links point at it, and remove what is too old; gives its name.

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
        point(path, *links)
        if progress.step > self._sound:
            self._doubtful.append(progress.step)
        self._prune()
        return path.name

    def _prune(self) -> None:
        spare = [self.folder(step) for step in (self._sound, *self._awaited)]
        prune(self._folder, self._config.training.keep_checkpoints, spare=spare)

    def await_verdict(self, step: int) -> None:
        """Keep the checkpoint of ``step`` until its previews are judged; of very many the newest."""
        self._awaited = [*self._awaited, step][-_MOST_AWAITED:]

    def take_verdict(self, step: int) -> None:
        """The previews of ``step`` and of all steps before are judged: their checkpoints may go again."""
        self._awaited = [awaited for awaited in self._awaited if awaited > step]
        self._prune()

    def vouch(self, step: int) -> None:
        """The weights after ``step`` updates were seen to predict well: the checkpoints up to there are sound."""
        self._sound = max((self._sound, *(saved for saved in self._doubtful if saved <= step)))
        self._doubtful = [saved for saved in self._doubtful if saved > step]

    def go_back(self, stepper: Stepper) -> Progress:
        """Go back to the newest sound checkpoint, and remove what came after it.

        Raises:
            CheckpointError: if none is intact.
        """
        sound = self._folder / self.folder(self._sound)
        saved = list_checkpoints(self._folder)
        if sound in saved:
            point(sound, "last")
            later = {path.name for path in saved[saved.index(sound) + 1 :]}
            for name, target in names(self._folder).items():
                if target in later:
                    (self._folder / name).unlink()
            for path in later:
                discard(self._folder / path)
        self._doubtful = []
        return self.load_last(stepper)[0]

    def name(self, step: int, links: tuple[str, ...]) -> bool:
        """Let links point at an existing checkpoint; says whether there is one of that step."""
        path = self._folder / self.folder(step)
        if not path.is_dir():
            return False
        if links:
            point(path, *links)
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
        self._sound = progress.step
        return progress, [f"{error.thing}: {error.reason}" for error in found.damaged]

    def load_best_weights(self, network: CharModel) -> str:
        """Give the network the best checkpoint's weights (the last one's, where none was validated)."""
        path = self._folder / "best"
        checkpoint = load_checkpoint(path if path.exists() else self._folder / "last")
        network.load_state_dict(checkpoint.weights)
        return checkpoint.path.name
