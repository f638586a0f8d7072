"""Events as TensorBoard scalars and texts: an optional sink, which needs the extra ``tensorboard``."""

from __future__ import annotations

from pathlib import Path

from rnnlab.errors import ConfigError
from rnnlab.events import Event, SampleEvent, ScoreEvent, StepEvent, ValidationEvent


class TensorBoardSink:
    """Writes beside the run's own files; TensorBoard reads the folder while it grows.

    Raises:
        ConfigError: if TensorBoard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise ConfigError(
                "--tensorboard", "TensorBoard is not installed", "Install it with: pip install 'rnnlab[tensorboard]'"
            ) from None
        self._writer = SummaryWriter(str(folder))

    def handle(self, event: Event) -> None:
        """Write the event's numbers under ``train/``, ``validation/`` and the evaluators' names."""
        match event:
            case StepEvent():
                for name in ("loss", "learning_rate", "gradient_norm", "chars_per_second"):
                    self._scalar(f"train/{name}", getattr(event, name), event)
            case ValidationEvent():
                self._scalar("validation/loss", event.loss, event)
                self._scalar("validation/bits_per_character", event.bits_per_character, event)
            case ScoreEvent():
                for score in event.scores:
                    if score.total:
                        self._scalar(f"{event.plugin}/{score.name}", score.count / score.total, event)
            case SampleEvent():
                fenced = "    " + event.text.replace("\n", "\n    ")
                self._writer.add_text(f"sample/{event.index}", fenced, event.step, event.time)
            case _:
                pass

    def close(self) -> None:
        """Write what is still held back."""
        self._writer.close()

    def _scalar(self, name: str, value: float, event: Event) -> None:
        self._writer.add_scalar(name, value, event.step, event.time)
